// Lists of whole numbers in a layer that is written down.

extension LayerForm {
    /// The most numbers of a list.
    static let mostNumbers = 1 << 20

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
        guard case .list(let list) = found, !list.isEmpty, list.count <= Self.mostNumbers else {
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

    /// The product of sizes from 1 on.
    ///
    /// - Throws: `NetworkFault.wrongForm` where it is beyond what a layer may have as weights.
    func product(_ sizes: [Int], _ key: String) throws(NetworkFault) -> Int {
        var count = 1
        for size in sizes {
            let (product, overflows) = count.multipliedReportingOverflow(by: size)
            guard !overflows, product <= Self.mostWeights else {
                throw fault("\(key): more than \(Self.mostWeights) numbers, \(sizes)")
            }
            count = product
        }
        return count
    }
}
