// PNG files with odd chunks around sound pixels: read, as every viewer does; what is said there and not
// followed is told; the orientation is.

import Formats
import Testing

@Suite struct PNGChunkTests {
    private static let colour = PNG(
        width: 5, height: 3, channels: .rgb, pixels: (0..<45).map { UInt8($0 * 5) })
    private static let grey = PNG(
        width: 5, height: 3, channels: .grey, pixels: (0..<15).map { UInt8($0 * 16) })

    private static func chunk(_ name: String, _ content: [UInt8], crc: UInt32? = nil) -> [UInt8] {
        func big(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.bigEndian, Array.init) }
        let named = Array(name.utf8) + content
        return big(UInt32(content.count)) + named + big(crc ?? Archive.crc(named))
    }

    /// A picture's file with chunks after its header, or before its end.
    private static func file(
        _ picture: PNG, after: [UInt8] = [], atEnd: [UInt8] = []
    ) throws -> [UInt8] {
        let file = try picture.stored(named: "x")
        return file[..<33] + after + file[33..<(file.count - 12)] + atEnd + file.suffix(12)
    }

    /// The same file, its compressed pixels changed and its checksums made right again.
    private static func file(changing change: (inout [UInt8]) -> Void) throws -> [UInt8] {
        let file = try colour.stored(named: "x")
        let size = file[33..<37].reduce(0) { $0 << 8 | Int($1) }
        var pixels = Array(file[41..<(41 + size)])
        change(&pixels)
        return file[..<33] + chunk("IDAT", pixels) + file.suffix(12)
    }

    private static func odd() throws -> [(String, PNG, [UInt8])] {
        [
            ("a palette in grey", grey, try file(grey, after: chunk("PLTE", [1, 2, 3]))),
            ("transparency too long", grey, try file(grey, after: chunk("tRNS", [0, 1, 2, 3]))),
            ("transparency too short", colour, try file(colour, after: chunk("tRNS", [0, 1]))),
            ("text damaged", colour, try file(colour, atEnd: chunk("tEXt", [65, 0, 66], crc: 5))),
            ("gamma of zero", colour, try file(colour, after: chunk("gAMA", [0, 0, 0, 0]))),
            ("bytes after the pixels", colour, try file { $0 += [0] }),
            ("more after the pixels", colour, try file { $0 += [1, 2, 3, 4, 5] }),
            (
                "two times of change", colour,
                try file(
                    colour, after: chunk("tIME", [7, 0xE0, 1, 1, 0, 0, 0]),
                    atEnd: chunk("tIME", [7, 0xE0, 1, 1, 0, 0, 0]))
            ),
        ]
    }

    /// libpng warns of each of these, and every pixel is right.
    @Test func warningsAreNoFaults() throws {
        for (name, picture, bytes) in try Self.odd() {
            #expect(try PNG(decoding: bytes, named: "x") == picture, "\(name)")
        }
        // Pixels that are missing or wrong are faults as before.
        for change in [{ $0.removeLast(20) }, { $0[0] = 0 }, { $0[8] = 9 }]
            as [(inout [UInt8]) -> Void]
        {
            let bytes = try Self.file(changing: change)
            #expect(throws: FormatFault.self) { try PNG(decoding: bytes, named: "x") }
        }
    }

    /// Nine megabytes of text, more than libpng keeps of a chunk.
    @Test func textsAreSkippedWhateverTheirLength() throws {
        let text = Array("key\0".utf8) + [UInt8](repeating: 65, count: 9_000_000)
        for name in ["tEXt", "iTXt", "zTXt", "abCd"] {
            // The checksum is off too: nobody looks at what is skipped.
            let bytes = try Self.file(Self.colour, after: Self.chunk(name, text, crc: 1))
            #expect(try PNG(decoding: bytes, named: "x") == Self.colour)
        }
    }

    private static func exif(_ type: UInt8, _ value: [UInt8]) -> [UInt8] {
        Array("II".utf8) + [42, 0, 8, 0, 0, 0, 1, 0] + [0x12, 1, type, 0, 1, 0, 0, 0] + value
            + [0, 0, 0, 0]
    }

    @Test func theOrientationIsFollowed() throws {
        let upright = try Picture(decoding: Self.file(Self.colour), named: "x")
        for (type, value) in [(UInt8(3), [UInt8(6), 0, 9, 9]), (4, [6, 0, 0, 0])] {
            let turned = Self.chunk("eXIf", Self.exif(type, value))
            for bytes in [
                try Self.file(Self.colour, after: turned),
                try Self.file(Self.colour, atEnd: turned),
            ] {
                let picture = try Picture(decoding: bytes, named: "x")
                #expect((picture.width, picture.height) == (3, 5))
                // The first row is the first column, from the bottom up.
                let first = [2, 1, 0].flatMap { row in
                    upright.pixels[(15 * row)..<(15 * row + 3)]
                }
                #expect(Array(picture.pixels.prefix(9)) == first)
            }
        }
        // Damaged, or with a value that is none: as it is.
        for chunk in [
            Self.chunk("eXIf", Self.exif(3, [6, 0, 0, 0]), crc: 1),
            Self.chunk("eXIf", Self.exif(4, [6, 0, 0, 1])),
            Self.chunk("eXIf", Self.exif(3, [9, 0, 0, 0])), Self.chunk("eXIf", [73, 73]),
        ] {
            let bytes = try Self.file(Self.colour, after: chunk)
            #expect(try Picture(decoding: bytes, named: "x") == upright)
        }
    }

    @Test func whatIsNotFollowedIsTold() throws {
        func remarks(_ bytes: [UInt8]) -> [PictureRemark] {
            bytes.withUnsafeBytes { PictureRemark.of($0) }
        }
        #expect(remarks(try Self.file(Self.colour)).isEmpty)
        let gamma = Self.chunk("gAMA", [0, 1, 0x86, 0xA0])
        let all =
            Self.chunk("iCCP", [65, 0, 0]) + gamma + Self.chunk("acTL", [0, 0, 0, 1, 0, 0, 0, 0])
        #expect(
            remarks(try Self.file(Self.colour, after: all)) == [.profile, .gamma, .animation])
        // A gamma that is sRGB's, or that a file of sRGB only repeats roughly.
        let srgb = Self.chunk("sRGB", [0])
        #expect(remarks(try Self.file(Self.colour, after: gamma + srgb)).isEmpty)
        #expect(
            remarks(try Self.file(Self.colour, after: Self.chunk("gAMA", [0, 0, 0xB1, 0x8F])))
                .isEmpty)
        #expect(
            remarks(try Self.file(Self.grey, after: Self.chunk("tRNS", [0, 1]))) == [.alpha])
        for fixture in PictureFixture.pngs {
            let found = remarks(fixture.file)
            #expect(found.contains(.depth) == (fixture.file[24] == 16), "\(fixture.name)")
            if fixture.file[25] & 4 != 0 { #expect(found.contains(.alpha), "\(fixture.name)") }
        }
        var jpeg = try #require(PictureFixture.jpegs.first { $0.name == "baseline" }).file
        #expect(remarks(jpeg).isEmpty)
        jpeg.insert(contentsOf: [0xFF, 0xE2, 0, 16] + Array("ICC_PROFILE\0".utf8) + [1, 1], at: 2)
        #expect(remarks(jpeg) == [.profile])
        #expect(remarks([]).isEmpty && remarks([137, 80, 78, 71]).isEmpty)
    }
}
