// A PyTorch checkpoint of the older format, written by hand: enough of a pickle for a state dict, or
// for something that is none.

/// A checkpoint in the making.
struct Checkpoint {
    private var pickle: [UInt8] = [0x80, 2, UInt8(ascii: "}")]
    private var data: [UInt8] = []
    private var keys: [String] = []

    private mutating func op(_ code: Character, _ rest: [UInt8] = []) {
        pickle += [code.asciiValue ?? 0] + rest
    }

    private static func little<N: FixedWidthInteger>(_ value: N) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian, Array.init)
    }

    private static func text(_ words: String) -> [UInt8] {
        [UInt8(ascii: "X")] + little(UInt32(words.utf8.count)) + words.utf8
    }

    private static func integer(_ value: Int) -> [UInt8] {
        [UInt8(ascii: "J")] + little(Int32(value))
    }

    private mutating func global(_ module: String, _ name: String) {
        op("c", Array("\(module)\n\(name)\n".utf8))
    }

    /// Adds a tensor of floats.
    mutating func add(_ name: String, shape: [Int], _ values: [Float]) {
        let key = "\(keys.count)"
        keys.append(key)
        pickle += Self.text(name)
        global("torch._utils", "_rebuild_tensor_v2")
        op("(")
        op("(")
        pickle += Self.text("storage")
        global("torch", "FloatStorage")
        pickle += Self.text(key) + Self.text("cpu") + Self.integer(values.count)
        op("N")
        op("t")
        op("Q")
        pickle += Self.integer(0)
        let strides = shape.indices.map { shape[($0 + 1)...].reduce(1, *) }
        for numbers in [shape, strides] {
            op("(")
            for number in numbers { pickle += Self.integer(number) }
            op("t")
        }
        pickle.append(0x89)
        op("}")
        op("t")
        op("R")
        op("s")
        data += Self.little(Int64(values.count)) + values.withUnsafeBytes(Array.init)
    }

    /// Adds a value that only running a function would give.
    mutating func addCall(_ name: String, of module: String, _ function: String) {
        pickle += Self.text(name)
        global(module, function)
        pickle += Self.text("touch harm")
        pickle.append(0x85)
        op("R")
        op("s")
    }

    /// The file.
    var bytes: [UInt8] {
        let magic: [UInt8] = [128, 2, 138, 10, 108, 252, 156, 70, 249, 32, 106, 168, 80, 25, 46]
        let list: [UInt8] = [0x80, 2, UInt8(ascii: "]"), UInt8(ascii: "(")]
        return magic + [128, 2, 77, 233, 3, 46] + [128, 2, 125, 46] + pickle + [UInt8(ascii: ".")]
            + list + keys.flatMap(Self.text) + [UInt8(ascii: "e"), UInt8(ascii: ".")] + data
    }
}
