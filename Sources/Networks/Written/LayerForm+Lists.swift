// Lists of whole numbers in a layer that is written down.

extension LayerForm {
    /// Takes a list of whole numbers; nil where there is none.
    mutating func takeList(
        _ key: String, in range: ClosedRange<Int>
    ) throws(NetworkFault) -> [Int]? {
        guard let found = settings.removeValue(forKey: key) else { return nil }
        return try list(found, key, range)
    }

    /// Takes the value at the word as a list of whole numbers.
    mutating func takeValueList(
        _ expected: String, in range: ClosedRange<Int>
    ) throws(NetworkFault) -> [Int] {
        let found = try takeValue(expected)
        return try list(found, word, range)
    }

    private func list(
        _ found: LayerValue, _ key: String, _ range: ClosedRange<Int>
    ) throws(NetworkFault) -> [Int] {
        guard case .list(let list) = found, !list.isEmpty, list.count <= Self.largest else {
            throw fault("\(key): expected a list of whole numbers, found \(found)")
        }
        return try list.map { (item) throws(NetworkFault) in try whole(item, key, range) }
    }

    /// Writes a list of whole numbers, if there is one.
    mutating func writeList(_ key: String, _ list: [Int]?) {
        if let list { settings[key] = Self.list(list) }
    }

    /// Whole numbers.
    static func list(_ numbers: [Int]) -> LayerValue { .list(numbers.map { .integer($0) }) }

    /// The product of sizes from 1 on; nil where it is larger than `most`.
    static func product(_ sizes: [Int], atMost most: Int) -> Int? {
        var count = 1
        for size in sizes {
            let (product, overflows) = count.multipliedReportingOverflow(by: size)
            guard !overflows, product <= most else { return nil }
            count = product
        }
        return count
    }

    /// The product of sizes from 1 on.
    ///
    /// - Throws: `NetworkFault.wrongForm` where it is beyond what a layer may have as weights.
    @discardableResult
    func product(_ sizes: [Int], _ key: String) throws(NetworkFault) -> Int {
        guard let count = Self.product(sizes, atMost: Self.mostWeights) else {
            throw fault("\(key): more than \(Self.mostWeights) numbers, \(sizes)")
        }
        return count
    }
}
