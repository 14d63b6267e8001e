// PyTorch checkpoints written by hand, in both formats: enough of a pickle for the dictionaries that people
// save, or for something that is none.

/// A checkpoint in the making: a tree of dictionaries.
struct Checkpoint {
    /// The class of a storage, and its elements' bytes.
    enum Elements: Sendable {
        case floats([Float])
        case halves([UInt16])
        case bfloat16([UInt16])
        case doubles([Double])
        case longs([Int64])

        fileprivate var storage: (type: String, count: Int, bytes: [UInt8]) {
            func bytes<N>(_ values: [N]) -> [UInt8] { values.withUnsafeBytes(Array.init) }
            return switch self {
            case .floats(let values): ("FloatStorage", values.count, bytes(values))
            case .halves(let values): ("HalfStorage", values.count, bytes(values))
            case .bfloat16(let values): ("BFloat16Storage", values.count, bytes(values))
            case .doubles(let values): ("DoubleStorage", values.count, bytes(values))
            case .longs(let values): ("LongStorage", values.count, bytes(values))
            }
        }
    }

    /// A value of a dictionary.
    enum Value: Sendable {
        case tensor(shape: [Int], Elements)
        case dictionary([(String, Value)])
        case number(Int)
        case text(String)
        /// What only running a function of a module would give.
        case call(String, String)
    }

    /// The outermost dictionary.
    var entries: [(String, Value)] = []

    /// Adds a tensor of floats.
    mutating func add(_ name: String, shape: [Int], _ values: [Float]) {
        entries.append((name, .tensor(shape: shape, .floats(values))))
    }

    /// Adds a value that only running a function would give.
    mutating func addCall(_ name: String, of module: String, _ function: String) {
        entries.append((name, .call(module, function)))
    }

    /// The file in the older format.
    var bytes: [UInt8] {
        let content = Pickle(entries)
        let magic: [UInt8] = [128, 2, 138, 10, 108, 252, 156, 70, 249, 32, 106, 168, 80, 25, 46]
        let list: [UInt8] = [0x80, 2, UInt8(ascii: "]"), UInt8(ascii: "(")]
        let keys = content.storages.indices.flatMap { Pickle.text("\($0)") }
        return magic + [128, 2, 77, 233, 3, 46] + [128, 2, 125, 46] + content.bytes + list + keys
            + [UInt8(ascii: "e"), UInt8(ascii: ".")]
            + content.storages.flatMap { Pickle.little(Int64($0.count)) + $0.bytes }
    }

    /// The file as a zip archive.
    /// - Parameters:
    ///   - others: further parts, by name.
    ///   - hasChecksums: whether they are those of the bytes; otherwise they are wrong.
    /// - Returns: the bytes of the file.
    func archive(others: [(String, [UInt8])] = [], hasChecksums: Bool = true) -> [UInt8] {
        let content = Pickle(entries, hasViews: false)
        var parts: [(name: String, bytes: [UInt8])] = [("w/data.pkl", content.bytes)]
        parts += content.storages.enumerated().map { ("w/data/\($0)", $1.bytes) }
        parts += others.map { ("w/" + $0, $1) }
        var (file, directory): ([UInt8], [UInt8]) = ([], [])
        for (name, bytes) in parts {
            let place = UInt32(file.count)
            let sum = Self.crc(bytes) ^ (hasChecksums ? 0 : 1)
            let size = Pickle.little(UInt32(bytes.count))
            let middle =
                [20, 0, 0, 0, 0, 0, 0, 0, 0, 0] + Pickle.little(sum) + size + size
                + Pickle.little(UInt16(name.utf8.count)) + [0, 0]
            file += [0x50, 0x4B, 3, 4] + middle + name.utf8 + bytes
            directory += [0x50, 0x4B, 1, 2, 20, 0] + middle + [UInt8](repeating: 0, count: 10)
            directory += Pickle.little(place) + name.utf8
        }
        let count = Pickle.little(UInt16(parts.count))
        return file + directory + [0x50, 0x4B, 5, 6, 0, 0, 0, 0] + count + count
            + Pickle.little(UInt32(directory.count)) + Pickle.little(UInt32(file.count)) + [0, 0]
    }

    private static func crc(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { crc, byte in
            (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in
                crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1
            }
        }
    }
}

/// The pickle of a tree, and the storages that it speaks of.
private struct Pickle {
    private(set) var bytes: [UInt8] = [0x80, 2]
    private(set) var storages: [(count: Int, bytes: [UInt8])] = []
    private let hasViews: Bool

    init(_ entries: [(String, Checkpoint.Value)], hasViews: Bool = true) {
        self.hasViews = hasViews
        add(.dictionary(entries))
        op(".")
    }

    static func little<N: FixedWidthInteger>(_ value: N) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian, Array.init)
    }

    static func text(_ words: String) -> [UInt8] {
        [UInt8(ascii: "X")] + little(UInt32(words.utf8.count)) + words.utf8
    }

    private static func integer(_ value: Int) -> [UInt8] {
        [UInt8(ascii: "J")] + little(Int32(value))
    }

    private mutating func op(_ code: Character) { bytes.append(code.asciiValue ?? 0) }

    private mutating func global(_ module: String, _ name: String) {
        bytes += Array("c\(module)\n\(name)\n".utf8)
    }

    private mutating func add(_ value: Checkpoint.Value) {
        switch value {
        case .dictionary(let entries):
            op("}")
            for (name, value) in entries {
                bytes += Self.text(name)
                add(value)
                op("s")
            }
        case .number(let value): bytes += Self.integer(value)
        case .text(let words): bytes += Self.text(words)
        case .call(let module, let function):
            global(module, function)
            bytes += Self.text("touch harm")
            bytes.append(0x85)
            op("R")
        case .tensor(let shape, let elements): add(shape, elements)
        }
    }

    private mutating func add(_ shape: [Int], _ elements: Checkpoint.Elements) {
        let storage = elements.storage
        global("torch._utils", "_rebuild_tensor_v2")
        op("(")
        op("(")
        bytes += Self.text("storage")
        global("torch", storage.type)
        bytes += Self.text("\(storages.count)") + Self.text("cpu") + Self.integer(storage.count)
        if hasViews { op("N") }
        op("t")
        op("Q")
        bytes += Self.integer(0)
        let strides = shape.indices.map { shape[($0 + 1)...].reduce(1, *) }
        for numbers in [shape, strides] {
            op("(")
            for number in numbers { bytes += Self.integer(number) }
            op("t")
        }
        bytes.append(0x89)
        op("}")
        op("t")
        op("R")
        storages.append((storage.count, storage.bytes))
    }
}
