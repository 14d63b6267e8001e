// Looks through the bytes of a model before they are decoded, and sets nothing aside: are fields and
// lengths within the file, and how many messages are there? Two bytes can stand for an empty message
// that takes some hundred in memory, so that a file of a gigabyte could take a hundred; here it is
// refused first.

/// A walk over the wire format of Protocol Buffers.
struct WireScan {
    /// The most nodes of a graph.
    static let nodeLimit = 100_000
    /// The most messages, texts and single numbers (those of packed lists not counted).
    static let recordLimit = 4_000_000

    private(set) var nodes = 0
    private(set) var records = 0
    private let bytes: UnsafeRawBufferPointer

    /// A message of our onnx.proto: the fields of it that are messages again.
    private struct Message: Sendable {
        var fields: [UInt64: String] = [:]
        var isNode = false
    }

    private static let messages: [String: Message] = [
        "model": Message(fields: [7: "graph", 8: "leaf"]),
        "graph": Message(
            fields: [1: "node", 5: "tensor", 11: "value", 12: "value", 15: "leaf"]),
        "node": Message(fields: [5: "attribute"], isNode: true),
        "attribute": Message(fields: [5: "tensor"]),
        "tensor": Message(fields: [13: "leaf"]),
        "value": Message(fields: [2: "type"]),
        "type": Message(fields: [1: "tensorType"]),
        "tensorType": Message(fields: [2: "shape"]),
        "shape": Message(fields: [1: "leaf"]),
        "leaf": Message(),
    ]

    /// Walks over all of it.
    ///
    /// - Throws: `ONNXProblem.malformed` or `.limit`.
    init(_ bytes: UnsafeRawBufferPointer) throws(ONNXProblem) {
        self.bytes = bytes
        try walk("model", 0..<bytes.count)
    }

    private mutating func walk(_ name: String, _ range: Range<Int>) throws(ONNXProblem) {
        guard let message = Self.messages[name] else { return }
        if message.isNode {
            nodes += 1
            try Self.check("nodes of the graph", nodes, Self.nodeLimit)
        }
        var place = range.lowerBound
        while place < range.upperBound {
            records += 1
            try Self.check("fields of the file", records, Self.recordLimit)
            let start = place
            let key = try varint(&place, range.upperBound)
            let size: Int
            switch key & 7 {
            case 0:
                _ = try varint(&place, range.upperBound)
                size = 0
            case 1: size = 8
            case 5: size = 4
            case 2:
                let length = try varint(&place, range.upperBound)
                guard length <= UInt64(range.upperBound - place) else {
                    throw .malformed("the field at byte \(start) is longer than what holds it")
                }
                size = Int(length)
            default: throw .malformed("the field at byte \(start) is of no known kind")
            }
            guard key >> 3 > 0, size <= range.upperBound - place else {
                throw .malformed("the file ends in the field at byte \(start)")
            }
            if key & 7 == 2, let inner = message.fields[key >> 3] {
                try walk(inner, place..<(place + size))
            }
            place += size
        }
    }

    private static func check(_ what: String, _ found: Int, _ limit: Int) throws(ONNXProblem) {
        guard found <= limit else { throw .limit(what: what, limit: limit, found: found) }
    }

    /// A number of seven bits a byte, the lowest first.
    private func varint(_ place: inout Int, _ end: Int) throws(ONNXProblem) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard place < end else {
                throw .malformed("the file ends in a number at byte \(place)")
            }
            let byte = bytes[place]
            place += 1
            value |= UInt64(byte & 127) << shift
            if byte < 128 { return value }
        }
        throw .malformed("the number before byte \(place) has more than ten bytes")
    }
}
