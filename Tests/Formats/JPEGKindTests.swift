// JPEG files of the rarer kinds: those that end early, those that are not read and say so, and what memory
// they may take.

import Formats
import Foundation
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite struct JPEGKindTests {
    private static func fixture(_ name: String) throws -> [UInt8] {
        try #require(PictureFixture.jpegs.first { $0.name == name }).file
    }

    /// Pillow's progressive JPEG of a grey slope, 24 × 16, cut after its first scan: each block of 8 × 8
    /// has its mean and nothing else.
    private static let firstScan: [UInt8] = [
        255, 216, 255, 219, 0, 67, 0, 8, 6, 6, 7, 6, 5, 8, 7, 7, 7, 9, 9, 8, 10, 12, 20, 13, 12, 11,
        11, 12, 25, 18, 19, 15, 20, 29, 26, 31, 30, 29, 26, 28, 28, 32, 36, 46, 39, 32, 34, 44, 35,
        28, 28, 40, 55, 41, 44, 48, 49, 52, 52, 52, 31, 39, 57, 61, 56, 50, 60, 46, 51, 52, 50, 255,
        194, 0, 11, 8, 0, 16, 0, 24, 1, 1, 17, 0, 255, 196, 0, 20, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 6, 255, 218, 0, 8, 1, 1, 0, 0, 0, 1, 40, 145, 32, 52, 137, 63, 255, 217,
    ]

    /// libjpeg can smooth over the blocks of such a file, and each version does it in its own way: the
    /// pixels are those that are coded, without.
    @Test func blocksOfAFirstScanAreNotSmoothed() throws {
        let picture = try Picture(decoding: Self.firstScan, named: "x")
        #expect((picture.width, picture.height) == (24, 16))
        let values: [UInt8] = [42, 114, 186, 66, 138, 210]
        for y in 0..<16 {
            for x in 0..<24 {
                let place = 3 * (24 * y + x)
                let value = values[3 * (y / 8) + x / 8]
                #expect(
                    picture.pixels[place..<(place + 3)].allSatisfy { $0 == value }, "\(x), \(y)")
            }
        }
    }

    /// Told from the frame header, before any decoder sees it, and the same for every version of it.
    @Test(
        arguments: [
            (0xC0, 12, "of 12 bits a colour, expected 8"), (0xC1, 12, "of 12 bits a colour"),
            (0xC2, 12, "of 12 bits a colour"), (0xC3, 8, "coded without loss"),
            (0xC5, 8, "coded in a hierarchy of sizes"), (0xC7, 8, "coded in a hierarchy of sizes"),
            (0xC9, 8, "coded arithmetically"), (0xCA, 8, "coded arithmetically"),
            (0xCB, 8, "coded without loss"), (0xC0, 16, "of 16 bits a colour"),
        ] as [(UInt8, UInt8, String)])
    func kindsThatAreNotReadAreSaidToBeSo(marker: UInt8, bits: UInt8, words: String) throws {
        var file = try Self.fixture("baseline")
        let frame = try #require(file.indices.first { file[$0...].starts(with: [0xFF, 0xC0]) })
        (file[frame + 1], file[frame + 4]) = (marker, bits)
        let message = PictureTests.message(file)
        #expect(message.hasPrefix("cat.jpg: it is a JPEG file \(words)"), "\(message)")
        #expect(message.contains("such files are not supported; save it as a usual JPEG"))
    }

    @Test func theOrientationMayBeALongNumber() throws {
        let base = try Self.fixture("baseline")
        func turned(_ type: UInt8, _ value: [UInt8]) throws -> Picture {
            let tiff: [UInt8] =
                Array("MM".utf8) + [0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, type, 0, 0, 0, 1] + value
                + [0, 0, 0, 0]
            let content = Array("Exif".utf8) + [0, 0] + tiff
            let segment = [0xFF, 0xE1, 0, UInt8(content.count + 2)] + content
            return try Picture(decoding: base[..<2] + segment + base[2...], named: "x")
        }
        let expected = try turned(3, [0, 6, 0, 0])
        #expect(expected.width == 22)
        #expect(try turned(4, [0, 0, 0, 6]) == expected)
        #expect(try turned(1, [6, 0, 0, 0]) == expected)
        #expect(try turned(4, [0, 1, 0, 6]).width == 37)
        #expect(try turned(7, [0, 0, 0, 6]).width == 37)
    }

    /// A picture that lies on its side is prepared without being turned first: the pixels are the same.
    @Test func preparingATurnedPictureGivesThePixelsOfTheTurnedOne() throws {
        let base = try Self.fixture("baseline")
        for orientation in UInt8(1)...8 {
            let tiff: [UInt8] =
                Array("II".utf8) + [42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0]
                + [orientation, 0, 0, 0, 0, 0, 0, 0]
            let content = Array("Exif".utf8) + [0, 0] + tiff
            let file =
                base[..<2] + [0xFF, 0xE1, 0, UInt8(content.count + 2)] + content + base[2...]
            for (side, crop) in [(8, 8), (22, 20), (30, 25), (37, 37)] {
                let expected = try Picture(decoding: Array(file), named: "x")
                    .prepared(side: side, crop: crop, named: "x")
                let found = try Array(file).withUnsafeBytes {
                    try Picture.prepared(decoding: $0, side: side, crop: crop, named: "x")
                }
                #expect(found == expected, "orientation \(orientation), side \(side)")
            }
        }
    }

    /// A header of 52 megapixels in three scans: their coefficients would take 150 MiB beside the pixels.
    @Test func memoryForScansIsBounded() throws {
        let grey = try Self.fixture("grey")
        let frame = try #require(grey.indices.first { grey[$0...].starts(with: [0xFF, 0xC0]) })
        func file(_ height: UInt16, _ width: UInt16) -> [UInt8] {
            var header = Array(grey[frame..<(frame + 9)])
            header[3] = 17
            header.replaceSubrange(
                5..<9, with: [height, width].flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] })
            header += [3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]
            // Comments make the file long enough to be believed.
            let comment = [0xFF, 0xFE, 0xFF, 0xFF] + [UInt8](repeating: 32, count: 65_533)
            let comments = [comment, comment, comment].flatMap { $0 }
            return grey[..<2] + comments + grey[2..<frame] + header + grey[(frame + 13)...]
        }
        #expect(
            PictureTests.message(file(7000, 7500)).contains(
                "a progressive picture of 7500 × 7000 pixels takes more than the 280 MiB"))
        // A small one only lacks the other scans.
        #expect(!PictureTests.message(file(24, 24)).contains("MiB"))
    }

    @Test func aFileThatIsTooLongIsNotDecoded() throws {
        let folder = FileManager.default.temporaryDirectory.path
        let path = "\(folder)/mirage-sparse-\(getpid()).jpg"
        defer { unlink(path) }
        let file = fopen(path, "w")
        fwrite(try Self.fixture("baseline"), 1, 600, file)
        fclose(file)
        truncate(path, 900 << 20)
        let mapped = try MappedFile(path)
        #expect {
            try Picture.prepared(decoding: mapped.bytes, side: 8, crop: 8, named: "x.jpg")
        } throws: {
            "\($0)"
                == "x.jpg: it has 943718400 bytes, more than the 268435456 that are read of a picture"
        }
        #expect(throws: FormatFault.system(file: path, action: "read", code: EFBIG)) {
            try Picture(contentsOf: path)
        }
    }
}
