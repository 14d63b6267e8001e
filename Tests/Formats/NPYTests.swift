// NumPy arrays: what numpy.save writes (the bytes below are its own), and one clear message for each
// kind of wrong file.

import Formats
import Testing

@Suite struct NPYTests {
    /// A file of version 1.0 with this header and these elements, padded as NumPy pads it.
    static func file(_ header: String, _ elements: [UInt8], version: UInt8 = 1) -> [UInt8] {
        let width = version == 1 ? 2 : 4
        var text = Array(header.utf8)
        while (8 + width + text.count + 1) % 64 != 0 { text.append(32) }
        text.append(10)
        let length = (0..<width).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
        return [147, 78, 85, 77, 80, 89, version, 0] + length + text + elements
    }

    static func header(_ type: String, _ shape: String, fortran: String = "False") -> String {
        "{'descr': '\(type)', 'fortran_order': \(fortran), 'shape': \(shape), }"
    }

    @Test(arguments: [1, 2, 3] as [UInt8]) func readsEveryVersion(version: UInt8) throws {
        let bytes = Self.file(Self.header("|u1", "(2, 3)"), [1, 2, 3, 4, 5, 6], version: version)
        let array = try NPY(bytes, named: "a.npy")
        #expect(array.shape == [2, 3] && array.type == .u8)
        #expect(array.withElements { Array($0) } == [1, 2, 3, 4, 5, 6])
        #expect(try array.integers() == [1, 2, 3, 4, 5, 6])
        #expect(array.floats() == [1, 2, 3, 4, 5, 6])
    }

    @Test func readsNumbersOfEveryType() throws {
        func floats(_ type: String, _ bytes: [UInt8]) throws -> [Float] {
            try NPY(Self.file(Self.header(type, "(1,)"), bytes), named: "a").floats()
        }
        #expect(try floats("<f4", [0, 0, 192, 63]) == [1.5])
        #expect(try floats("<f8", [0, 0, 0, 0, 0, 0, 248, 63]) == [1.5])
        #expect(try floats("<f2", [0, 62]) == [1.5])
        #expect(try floats("|b1", [1]) == [1])
        #expect(try floats("|i1", [255]) == [-1])
        #expect(try floats("<i2", [254, 255]) == [-2])
        #expect(try floats("<i4", [253, 255, 255, 255]) == [-3])
        #expect(try floats("<i8", [252] + [UInt8](repeating: 255, count: 7)) == [-4])
        #expect(try floats("<u2", [255, 255]) == [65535])
        #expect(try floats("<u8", [UInt8](repeating: 255, count: 8)) == [0x1p63])
        // One byte has no order.
        #expect(try floats(">u1", [7]) == [7])
    }

    @Test func readsSomeOfTheNumbers() throws {
        let floats = try NPY(
            Self.file(Self.header("<f4", "(3,)"), [0, 0, 0, 64, 0, 0, 192, 63, 0, 0, 128, 63]),
            named: "a")
        #expect(floats.floats(1..<3) == [1.5, 1] && floats.floats(0..<1) == [2])
        let whole = try NPY(
            Self.file(Self.header("<i2", "(3,)"), [1, 0, 254, 255, 3, 0]), named: "a")
        #expect(whole.floats(1..<2) == [-2] && whole.floats(2..<2).isEmpty)
    }

    /// numpy.asfortranarray(numpy.arange(12).reshape(2, 3, 2)) lies as 0 6 2 8 4 10 1 7 3 9 5 11.
    @Test func bringsFortransOrderIntoCs() throws {
        let header = Self.header("|u1", "(2, 3, 2)", fortran: "True")
        let array = try NPY(
            Self.file(header, [0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11]), named: "a")
        #expect(try array.integers() == Array(0..<12))
    }

    @Test func aSingleNumberAndNoneAtAll() throws {
        #expect(try NPY(Self.file(Self.header("|u1", "()"), [5]), named: "a").integers() == [5])
        let none = try NPY(
            Self.file(Self.header("<f4", "(0, 3)", fortran: "True"), []), named: "a")
        #expect(none.floats().isEmpty && none.shape == [0, 3])
    }

    @Test func wholeFloatsAreLabels() throws {
        let two = Self.file(Self.header("<f4", "(1,)"), [0, 0, 0, 64])
        #expect(try NPY(two, named: "a").integers() == [2])
        #expect(throws: FormatFault.npy(file: "a", .number(1.5, at: 0))) {
            try NPY(Self.file(Self.header("<f4", "(1,)"), [0, 0, 192, 63]), named: "a").integers()
        }
    }

    @Test(
        arguments: [
            (
                [80, 75, 3, 4, 0, 0],
                "it starts with the bytes 80 75 3 4 0 0, expected 147 and NUMPY"
            ),
            ([147, 78, 85, 77, 80, 89, 1], "it ends after 7 bytes, inside its header"),
            (
                [147, 78, 85, 77, 80, 89, 9, 0, 0, 0, 0, 0],
                "it is of version 9.0 of the format, and 1.0 to 3.0 are known"
            ),
            (
                [147, 78, 85, 77, 80, 89, 2, 0, 255, 255, 255, 255],
                "its header claims 4294967295 bytes, more than 10000"
            ),
            (
                file(header(">f4", "(1,)"), [0, 0, 0, 0]),
                "its elements are '>f4', the most significant byte first; save it as "
                    + "array.astype('<f4')"
            ),
            (
                file(header("|O", "(1,)"), [0]),
                "it holds Python objects, which only a program can read; save numbers: "
                    + "numpy.save(file, array.astype('float32'))"
            ),
            (
                file(header("<c8", "(1,)"), [0]),
                "its elements are '<c8', expected u1, u2, u4, u8, i1, i2, i4, i8, f2, f4, f8 or b1"
            ),
            (
                file("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,), }", [0]),
                "byte 10 of its header: expected one type for all elements, such as '<f4'"
            ),
            (
                file("{'descr': '|u1', 'shape': (1,), }", [0]),
                "its header has no 'fortran_order'"
            ),
            (
                file(header("|u1", "(__import__('os'),)"), [0]),
                "byte 51 of its header: expected a length of at most 9223372036854775807"
            ),
            (
                file(header("|u1", "(4294967296, 4294967296)"), []),
                "its shape [4294967296, 4294967296] has too many elements"
            ),
            (
                file(header("|u1", "(3,)"), [1, 2]),
                "its shape takes 3 bytes and 2 follow the header; the file is cut short"
            ),
            (
                file(header("|u1", "(1,)"), [1, 2]),
                "its shape takes 1 bytes and 2 follow the header; it has extra bytes at the end"
            ),
        ] as [([UInt8], String)])
    func refuses(bytes: [UInt8], expected: String) {
        #expect {
            try NPY(bytes, named: "x")
        } throws: {
            "\($0)" == "x: " + expected
        }
    }

    /// Damage is refused or changes what is read; it never traps.
    @Test func survivesDamage() {
        let whole = Self.file(
            Self.header("<i2", "(2, 2)", fortran: "True"), [1, 0, 2, 0, 3, 0, 4, 0])
        for length in whole.indices {
            #expect(throws: FormatFault.self) { try NPY(Array(whole[..<length]), named: "x") }
        }
        for place in 0..<whole.count {
            for bit in 0..<8 {
                var damaged = whole
                damaged[place] ^= 1 << bit
                if let array = try? NPY(damaged, named: "x") { _ = try? array.integers() }
            }
        }
    }
}
