// Safetensors: bytes as the reference implementation writes them, our own layout, and damage.

import Formats
import Testing

@Suite struct SafeTensorsTests {
    static func file(_ header: String, data: [UInt8]) -> MappedFile {
        let text = Array(header.utf8)
        let length = (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
        return MappedFile(copying: length + text + data, named: "m.safetensors")
    }

    static let small = """
        {"__metadata__":{"schema":"mirage.test","version":"1"},\
        "b":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},\
        "a":{"dtype":"U8","shape":[3],"data_offsets":[8,11]},\
        "s":{"dtype":"I64","shape":[],"data_offsets":[11,19]},\
        "e":{"dtype":"F64","shape":[0,5],"data_offsets":[19,19]}}
        """
    static let data: [UInt8] =
        [0, 0, 128, 63, 0, 0, 0, 192] + [7, 8, 9] + [254, 255, 255, 255, 255, 255, 255, 255]

    @Test func readsTensors() throws {
        let tensors = try SafeTensors(Self.file(Self.small, data: Self.data))
        #expect(tensors.entries.map(\.name) == ["a", "b", "e", "s"])
        #expect(tensors.metadata == ["schema": "mirage.test", "version": "1"])
        try tensors.requireSchema("mirage.test")
        #expect(try tensors.floats("b", shape: [nil, 1]) == [1, -2])
        #expect(try tensors.uint8s("a") == [7, 8, 9])
        #expect(try tensors.int64s("s", shape: []) == [-2])
        #expect(try tensors.entry("e", .f64).count == 0)
        #expect(tensors["b"].map { Array(tensors.bytes(of: $0)) } == Array(Self.data[..<8]))
    }

    /// A file of the reference implementation, padded header and all.
    @Test func readsTheReferenceImplementation() throws {
        let header =
            #"{"__metadata__":{"k":"v"},"c":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[8,32]},"b":{"dtype":"U8","shape":[3],"data_offsets":[32,35]}}"#
        let data: [UInt8] =
            [5, 0, 0, 0, 0, 0, 0, 0] + (0..<6).flatMap { _ in [0, 0, 128, 63] as [UInt8] } + [
                0, 1, 2,
            ]
        let tensors = try SafeTensors(Self.file(header + "    ", data: data))
        #expect(try tensors.floats("a", shape: [2, 3]) == [1, 1, 1, 1, 1, 1])
        #expect(try tensors.uint8s("b") == [0, 1, 2])
        #expect(try tensors.int64s("c", shape: []) == [5])
        #expect(tensors.metadata == ["k": "v"])
        // Our writer lays the same tensors out in the same order.
        let writer = SafeTensorsWriter(
            metadata: [:], tensors: [("b", .u8, [3]), ("a", .f32, [2, 3]), ("c", .i64, [])])
        #expect(writer.order.map(\.name) == ["c", "a", "b"])
    }

    @Test func namesWhatIsMissing() throws {
        let tensors = try SafeTensors(Self.file(Self.small, data: Self.data))
        let start = "m.safetensors is not the safetensors file expected: "
        let cases: [(String, () throws -> Void)] = [
            ("it has no tensor \"x\"; it has a, b, e, s", { _ = try tensors.entry("x", .f32) }),
            ("tensor \"a\" is of type U8, expected F32", { _ = try tensors.floats("a") }),
            (
                "tensor \"b\" has shape [2, 1], expected [any, 2]",
                { _ = try tensors.floats("b", shape: [nil, 2]) }
            ),
            ("its metadata has no \"classes\"", { _ = try tensors.text("classes") }),
            (
                "its metadata says schema \"mirage.test\", expected \"mirage.model\"",
                { try tensors.requireSchema("mirage.model") }
            ),
        ]
        for (expected, body) in cases {
            #expect(throws: (any Error).self) { try body() }
            do { try body() } catch { #expect("\(error)" == start + expected) }
        }
    }

    @Test(arguments: [
        ("{}", 1, "its tensors take 0 bytes and 1 are there"),
        (
            #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}"#, 3,
            "its tensors take 4 bytes and 3 are there; the file is cut short"
        ),
        (
            #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}"#,
            3, "tensor \"b\" starts at byte 1 of the data, and the one before ends at 2"
        ),
        (
            #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}"#, 3,
            "tensor \"a\" starts at byte 2 of the data, and the one before ends at 0"
        ),
        (
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,3]}}"#, 3,
            "tensor \"a\": its shape takes 4 bytes, its offsets span 3"
        ),
        (
            #"{"a":{"dtype":"F7","shape":[1],"data_offsets":[0,2]}}"#, 3,
            "its tensors take 2 bytes and 3 are there"
        ),
        (
            #"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}"#, 0,
            "tensor \"a\": the shape [4611686018427387904, 4] has too many elements"
        ),
        (
            #"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, 4,
            "tensor \"a\": expected dtype (a string), shape (sizes) and data_offsets (first, end), all from 0 up"
        ),
        (
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, 4,
            "tensor \"a\": expected dtype (a string), shape (sizes) and data_offsets (first, end), all from 0 up"
        ),
        ("[]", 0, "its header is malformed: it is a list, expected an object"),
        (
            #"{"__metadata__":{"a":1}}"#, 0,
            "its header is malformed: the metadata holds a value that is not a string"
        ),
        (
            #"{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":2}"#, 0,
            "its header is malformed: m.safetensors:1:54: the key \"a\" is given twice in one object; keep one"
        ),
        (
            #"{"a":{"dtype":"U8","dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#, 0,
            "its header is malformed: m.safetensors:1:20: the key \"dtype\" is given twice in one object; keep one"
        ),
        (
            #"{"a":{"dtype":"U8","shape":[0],"\u0073hape":[0],"data_offsets":[0,0]}}"#, 0,
            "its header is malformed: m.safetensors:1:32: the key \"shape\" is given twice in one object; keep one"
        ),
        (
            #"{"\u00e9":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"e\u0301":{}}"#, 0,
            "its header is malformed: m.safetensors:1:59: the key \"e\u{301}\" is given twice in one object; keep one"
        ),
        (
            #"{"a\u0000":{}}"#, 0,
            "its header is malformed: m.safetensors:1:2: a key may not contain \\u0000"
        ),
        (
            #"{"\ud800":{}}"#, 0,
            "its header is malformed: m.safetensors:1:2: this \\u escape is half of a surrogate pair, and the other half is missing"
        ),
        (
            #"{"__metadata__":{"k":"v","k":"w"}}"#, 0,
            "its header is malformed: m.safetensors:1:26: the key \"k\" is given twice in one object; keep one"
        ),
        (
            "{} x", 0,
            "its header is malformed: m.safetensors:1:4: unexpected \"x\" after the end of the value"
        ),
        ("{,}", 0, "its header is malformed: m.safetensors:1:2: unexpected \",\""),
        (
            "", 0,
            "its header is malformed: m.safetensors:1:1: there is no JSON here; the text is empty"
        ),
        (
            "{", 0,
            "its header is malformed: m.safetensors:1:2: the text ends before the value is complete"
        ),
        (
            #"{"a":{"dtype":"U8","shape":[01],"data_offsets":[0,1]}}"#, 1,
            "tensor \"a\": expected dtype (a string), shape (sizes) and data_offsets (first, end), all from 0 up"
        ),
        (
            #"{"a":{"dtype":"U8","shape":[1e0],"data_offsets":[0,1]}}"#, 1,
            "tensor \"a\": expected dtype (a string), shape (sizes) and data_offsets (first, end), all from 0 up"
        ),
        (
            #"{"a":{"dtype":"U8","shape":[99999999999999999999],"data_offsets":[0,1]}}"#, 1,
            "tensor \"a\": expected dtype (a string), shape (sizes) and data_offsets (first, end), all from 0 up"
        ),
        (
            #"{"a":{"dtype":"U8","shape":[[[1]]],"data_offsets":[0,1]}}"#, 1,
            "tensor \"a\": expected dtype (a string), shape (sizes) and data_offsets (first, end), all from 0 up"
        ),
    ])
    func refuses(header: String, size: Int, expected: String) {
        #expect {
            try SafeTensors(Self.file(header, data: [UInt8](repeating: 0, count: size)))
        } throws: {
            "\($0)" == "m.safetensors is not the safetensors file expected: " + expected
        }
    }

    /// A type that we do not know is no fault of the file, as long as nobody asks for the tensor.
    @Test func tensorsOfOtherTypesMayLieBeside() throws {
        let header = """
            {"a":{"dtype":"F32","shape":[1],"data_offsets":[3,7]},\
            "b":{"dtype":"F8_E5M2","shape":[3],"data_offsets":[0,3]},\
            "c":{"dtype":"F4","shape":[2],"data_offsets":[7,8]}}
            """
        let tensors = try SafeTensors(
            Self.file(header, data: [0, 0, 0, 0, 0, 128, 63, 0]))
        #expect(try tensors.floats("a") == [1])
        #expect(tensors.foreign.map(\.name) == ["b", "c"] && tensors.foreign[0].type == "F8_E5M2")
        #expect {
            try tensors.entry("b", .f32)
        } throws: {
            "\($0)".hasSuffix("tensor \"b\" has the unknown type F8_E5M2")
        }
    }

    /// Told from its structure, not from two bytes: these lengths look like a zip archive, a pickle, gzip.
    @Test func aHeadersLengthMayLookLikeAnotherFormat() throws {
        for length in [0x4B50, 0x0280, 0x8B1F, 0xD8FF] {
            let text = Self.small + String(repeating: " ", count: length - Self.small.utf8.count)
            let file = Self.file(text, data: Self.data)
            #expect(SafeTensors.matches(file))
            #expect(try SafeTensors(file).floats("b") == [1, -2])
        }
        for bytes in [TorchFixtures.smallZip, TorchFixtures.smallLegacy, Array("{\"a\": 1}".utf8)] {
            #expect(!SafeTensors.matches(MappedFile(copying: bytes, named: "x")))
        }
        // One that was cut short still is one.
        let whole = Self.file(Self.small, data: [])
        let short = withExtendedLifetime(whole) { Array(whole.bytes.prefix(50)) }
        #expect(SafeTensors.matches(MappedFile(copying: short, named: "x")))
    }

    @Test func floatsOfEveryTypeAreWidened() {
        func widened(_ type: DType, _ bytes: [UInt8]) -> [UInt32] {
            var result = [Float](repeating: 7, count: bytes.count / type.size)
            bytes.withUnsafeBytes { source in
                result.withUnsafeMutableBufferPointer { type.widen(source, into: $0) }
            }
            return result.map(\.bitPattern)
        }
        #expect(
            widened(.f16, [0, 0x3C, 0, 0xC0, 1, 0, 0xFF, 0x7B, 0, 0x7C, 0, 0x80])
                == [0x3F80_0000, 0xC000_0000, 0x3380_0000, 0x477F_E000, 0x7F80_0000, 0x8000_0000])
        #expect(widened(.bf16, [0x80, 0x3F, 0x49, 0xC0]) == [0x3F80_0000, 0xC049_0000])
        // A third, half a unit of the last place above 1 (to even), and beyond the largest float.
        #expect(
            widened(
                .f64,
                [1 / 3, 1 + 0x1p-24, 1 + 0x1.8p-23, 1e39].flatMap { (value: Double) in
                    withUnsafeBytes(of: value.bitPattern.littleEndian, Array.init)
                }) == [0x3EAA_AAAB, 0x3F80_0000, 0x3F80_0002, 0x7F80_0000])
        #expect(widened(.f32, [1, 2, 3, 4]) == [0x0403_0201])
        #expect(DType.allCases.filter(\.isFloat) == [.f64, .f32, .f16, .bf16])
    }

    @Test func refusesHugeHeaders() {
        for length: UInt64 in [1, 1 << 40, .max] {
            let bytes = (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
            #expect(throws: FormatFault.safeTensors(file: "x", .headerSize(length, available: 0))) {
                try SafeTensors(MappedFile(copying: bytes, named: "x"))
            }
        }
    }

    /// The writer's bytes, spelled out: wide elements first, data on a multiple of 64.
    @Test func writesAlignedFiles() throws {
        let bytes = SafeTensorsWriter.file(
            metadata: ["version": "1", "schema": "t"],
            tensors: [("a", .u8, [3]), ("z", .f32, [1]), ("b", .f32, []), ("i", .i64, [1])],
            data: [
                "a": [1, 2, 3], "z": [4, 0, 0, 0], "b": [5, 0, 0, 0],
                "i": [6, 0, 0, 0, 0, 0, 0, 0],
            ])
        let header = """
            {"__metadata__":{"schema":"t","version":"1"},\
            "a":{"data_offsets":[16,19],"dtype":"U8","shape":[3]},\
            "b":{"data_offsets":[8,12],"dtype":"F32","shape":[]},\
            "i":{"data_offsets":[0,8],"dtype":"I64","shape":[1]},\
            "z":{"data_offsets":[12,16],"dtype":"F32","shape":[1]}}
            """
        let end = bytes.count - 19
        #expect(end % 64 == 0 && end - header.utf8.count - 8 < 64)
        #expect(Int(bytes[0]) + Int(bytes[1]) << 8 == end - 8)
        let text = String(decoding: bytes[8..<end], as: UTF8.self)
        #expect(text.hasPrefix(header) && text.dropFirst(header.count).allSatisfy { $0 == " " })
        #expect(
            Array(bytes[end...]) == [6, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 4, 0, 0, 0, 1, 2, 3])
        let tensors = try SafeTensors(MappedFile(copying: bytes, named: "x"))
        #expect(try tensors.int64s("i") == [6])
        #expect(try tensors.uint8s("a") == [1, 2, 3])
        #expect(tensors["z"]?.bytes == (end + 12)..<(end + 16))
    }

    @Test func streamsInOrder() throws {
        let writer = SafeTensorsWriter(
            metadata: [:], tensors: [("b", .u8, [2]), ("a", .u8, [1])])
        let file = Collector()
        try writer.write(to: { file.bytes += $0 }) { entry, sink in
            try (entry.name == "a" ? [1] : [2, 3] as [UInt8]).withUnsafeBytes(sink)
        }
        #expect(file.bytes == writer.header + [1, 2, 3])
    }

    /// No truncation and no changed byte of the header may trap; truncations are always refused.
    @Test func survivesDamage() {
        let intact = Array(Self.file(Self.small, data: Self.data).bytes)
        for length in intact.indices {
            #expect(throws: FormatFault.self) {
                try SafeTensors(MappedFile(copying: Array(intact[..<length]), named: "x"))
            }
        }
        for place in 0..<(intact.count - Self.data.count) {
            for value in [0, 0x20, 0x22, 0x2D, 0x30, 0x39, 0x5D, 0x7D, 0xFF, intact[place] ^ 1]
                as [UInt8]
            {
                var damaged = intact
                damaged[place] = value
                let tensors = try? SafeTensors(MappedFile(copying: damaged, named: "x"))
                for entry in tensors?.entries ?? [] { _ = tensors?.bytes(of: entry).last }
            }
        }
    }
}

/// Takes what a stream writes.
private final class Collector {
    var bytes: [UInt8] = []
}
