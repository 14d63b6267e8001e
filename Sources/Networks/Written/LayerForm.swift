// A layer as it is written down, in a config or in a model's metadata: {"conv": 16, "kernel": 3}.

import Tensors

/// What stands at a key of a layer that is written down.
public enum LayerValue: Equatable, Sendable {
    /// A whole number.
    case integer(Int)
    /// A number with a fraction.
    case number(Double)
    /// True or false.
    case flag(Bool)
    /// A text.
    case text(String)
    /// Several of these.
    case list([LayerValue])
}

/// A layer that is written down: the word that says what it is, the value that stands at the word, and
/// its other settings by key. `Layer.init(reading:on:)` reads it, `Layer.write(to:)` makes it.
///
/// What the layers before it decide, such as the channels that a convolution reads, is not written;
/// nor is a setting that has its default.
public struct LayerForm: Equatable, Sendable {
    /// What it is: "conv".
    public let word: String
    /// What it is called: "conv1".
    public let name: String
    /// What stands at the word; nil where that says all.
    public var value: LayerValue?
    /// The other settings.
    public var settings: [String: LayerValue]

    /// A layer that is written down.
    public init(
        _ word: String, name: String, value: LayerValue? = nil,
        settings: [String: LayerValue] = [:]
    ) {
        (self.word, self.name, self.value, self.settings) = (word, name, value, settings)
    }

    /// The most that a count, a size or the length of a list may be.
    static let largest = Architecture.mostFeatures
    /// The most numbers that a layer may have as weights.
    static let mostWeights = 1 << 31

    /// What is wrong with it.
    func fault(_ what: String) -> NetworkFault { .wrongForm(layer: name, word: word, what: what) }
}

// MARK: Writing

extension LayerForm {
    /// Writes a whole number that is not the default.
    mutating func write(_ key: String, _ number: Int, default usual: Int? = nil) {
        if number != usual { settings[key] = .integer(number) }
    }

    /// Writes a number that is not the default, in as few digits as give the same float.
    mutating func write(_ key: String, _ number: Float, default usual: Float? = nil) {
        if number != usual { settings[key] = .number(Self.shortest(number)) }
    }

    /// Writes a flag that is not the default.
    mutating func write(_ key: String, _ flag: Bool, default usual: Bool) {
        if flag != usual { settings[key] = .flag(flag) }
    }

    /// Writes rows and columns that are not the default, as one number where they are equal.
    mutating func write(_ key: String, _ sizes: [Int], default usual: [Int]? = nil) {
        if sizes != usual { settings[key] = Self.sizes(sizes) }
    }

    /// Writes padding: one number, rows and columns, or top, left, bottom and right.
    mutating func write(_ key: String, _ padding: Padding) {
        guard padding != Padding() else { return }
        settings[key] =
            padding == Padding(padding.top, padding.left)
            ? Self.sizes([padding.top, padding.left])
            : .list(
                [padding.top, padding.left, padding.bottom, padding.right].map { .integer($0) })
    }

    /// Rows and columns.
    static func sizes(_ sizes: [Int]) -> LayerValue {
        sizes.allSatisfy { $0 == sizes.first } && !sizes.isEmpty
            ? .integer(sizes[0]) : .list(sizes.map { .integer($0) })
    }

    private static func shortest(_ number: Float) -> Double {
        let short = Double(number.description) ?? Double(number)
        return Float(short) == number ? short : Double(number)
    }
}

// MARK: Reading

extension LayerForm {
    /// Takes the value at the word, which must then be there.
    mutating func takeValue(_ expected: String) throws(NetworkFault) -> LayerValue {
        guard let found = value else {
            throw fault("expected {\"\(word)\": \(expected)}, found the word alone")
        }
        value = nil
        return found
    }

    /// Takes the value at the word as a count of 1 or more.
    mutating func takeCount(_ of: String) throws(NetworkFault) -> Int {
        try whole(takeValue(of), word, 1...Self.largest)
    }

    /// Takes the value at the word as the name of an earlier layer.
    mutating func takeSource() throws(NetworkFault) -> String {
        guard case .text(let source) = try takeValue("the name of an earlier layer") else {
            throw fault("expected the name of an earlier layer at \(word)")
        }
        return source
    }

    /// Takes a whole number.
    mutating func take(
        _ key: String, in range: ClosedRange<Int>, default usual: Int
    ) throws(NetworkFault) -> Int {
        guard let found = settings.removeValue(forKey: key) else { return usual }
        return try whole(found, key, range)
    }

    /// Takes a finite number.
    mutating func take(_ key: String, default usual: Float) throws(NetworkFault) -> Float {
        guard let found = settings.removeValue(forKey: key) else { return usual }
        let number = Float(try number(found, key))
        guard number.isFinite else { throw fault("\(key): the number is too large for a float") }
        return number
    }

    /// Takes a flag.
    mutating func take(_ key: String, default usual: Bool) throws(NetworkFault) -> Bool {
        guard let found = settings.removeValue(forKey: key) else { return usual }
        guard case .flag(let flag) = found else {
            throw fault("\(key): expected true or false, found \(found)")
        }
        return flag
    }

    /// Takes rows and columns: one number for both, or a list of two.
    mutating func takeSizes(
        _ key: String, default usual: [Int]? = nil
    ) throws(NetworkFault) -> [Int] {
        guard let found = settings.removeValue(forKey: key) else {
            guard let usual else { throw fault("\(key) is missing") }
            return usual
        }
        return try sizes(found, key)
    }

    /// Rows and columns in a value.
    func sizes(_ found: LayerValue, _ key: String) throws(NetworkFault) -> [Int] {
        guard case .list(let list) = found else {
            let size = try whole(found, key, 1...Self.largest)
            return [size, size]
        }
        guard list.count == 2 else {
            throw fault("\(key): expected one number or [rows, columns], found \(found)")
        }
        return try list.map { (item) throws(NetworkFault) in
            try whole(item, key, 1...Self.largest)
        }
    }

    /// Takes padding: one number, [rows, columns] or [top, left, bottom, right]; or, where `same` gives
    /// it, the word "same".
    mutating func takePadding(
        _ key: String = "padding", in range: ClosedRange<Int> = 0...largest,
        same: (() -> Padding)? = nil
    ) throws(NetworkFault) -> Padding {
        guard let found = settings.removeValue(forKey: key) else { return Padding() }
        if found == .text("same"), let same { return same() }
        let sides: [Int]
        if case .list(let list) = found {
            sides = try list.map { (item) throws(NetworkFault) in try whole(item, key, range) }
        } else {
            sides = [try whole(found, key, range)]
        }
        switch sides.count {
        case 1: return Padding(sides[0], sides[0])
        case 2: return Padding(sides[0], sides[1])
        case 4: return Padding(top: sides[0], left: sides[1], bottom: sides[2], right: sides[3])
        default:
            throw fault(
                "\(key): expected one number, [rows, columns] or [top, left, bottom, right], found "
                    + "\(found)")
        }
    }

    /// A list of numbers that must be there.
    mutating func takeNumbers(_ key: String) throws(NetworkFault) -> [Double] {
        guard let found = settings.removeValue(forKey: key) else {
            throw fault("\(key) is missing")
        }
        guard case .list(let list) = found else {
            throw fault("\(key): expected a list of numbers, found \(found)")
        }
        return try list.map { (item) throws(NetworkFault) in try number(item, key) }
    }

    /// Refuses what nobody has taken.
    func finish(known: LayerForm) throws(NetworkFault) {
        if let value { throw fault("expected the word alone, found \(value) at it") }
        guard let key = settings.keys.min() else { return }
        let words = known.settings.keys.filter { settings[$0] == nil }.sorted()
        throw fault(
            "\(key) is no setting of it"
                + (words.isEmpty ? "" : " (it took \(words.joined(separator: ", ")))"))
    }

    func whole(
        _ found: LayerValue, _ key: String, _ range: ClosedRange<Int>
    ) throws(NetworkFault) -> Int {
        guard case .integer(let number) = found, range.contains(number) else {
            throw fault(
                "\(key): expected a whole number \(range.lowerBound)…\(range.upperBound), found "
                    + "\(found)")
        }
        return number
    }

    private func number(_ found: LayerValue, _ key: String) throws(NetworkFault) -> Double {
        switch found {
        case .integer(let number): return Double(number)
        case .number(let number) where number.isFinite: return number
        default: throw fault("\(key): expected a number, found \(found)")
        }
    }
}

extension LayerValue: CustomStringConvertible {
    /// As JSON has it.
    public var description: String {
        switch self {
        case .integer(let number): "\(number)"
        case .number(let number): "\(number)"
        case .flag(let flag): "\(flag)"
        case .text(let text): "“\(text.prefix(40))”"
        case .list(let list): "[\(list.prefix(8).map(\.description).joined(separator: ", "))]"
        }
    }
}
