// Picture files of every kind: the pixels that Pillow reads, what is refused, damage.

import Formats
import Testing

@Suite struct PictureTests {
    static func message(_ bytes: [UInt8]) -> String {
        do {
            _ = try Picture(decoding: bytes, named: "cat.jpg")
            return "accepted"
        } catch { return "\(error)" }
    }

    private static func fixture(_ name: String) throws -> [UInt8] {
        try #require(PictureFixture.jpegs.first { $0.name == name }).file
    }

    @Test(arguments: PictureFixture.jpegs.filter { $0.name != "cmyk" } + PictureFixture.pngs)
    func readsThePixelsThatPillowReads(fixture: PictureFixture) throws {
        let picture = try Picture(decoding: fixture.file, named: "x")
        #expect((picture.width, picture.height) == (fixture.width, fixture.height))
        #expect(PictureFixture.hash(picture.pixels) == fixture.hash)
    }

    /// Grey files stay known as such, turned and resized.
    @Test func knowsWhichFilesAreGrey() throws {
        for (name, isGrey) in [("grey", true), ("baseline", false)] {
            let picture = try Picture(decoding: Self.fixture(name), named: "x")
            #expect(picture.isGrey == isGrey)
            #expect(try picture.prepared(side: 9, crop: 8, named: "x").isGrey == isGrey)
            #expect(try picture.covering(width: 9, height: 8, named: "x").isGrey == isGrey)
        }
        for (name, channels) in [("grey", .grey), ("colour", .rgb)] as [(String, PNG.Channels)] {
            let pixels = [UInt8](repeating: 5, count: 4 * channels.rawValue)
            let file = try PNG(width: 2, height: 2, channels: channels, pixels: pixels)
                .stored(named: name)
            #expect(try Picture(decoding: file, named: name).isGrey == (channels == .grey))
        }
    }

    /// EXIF in both byte orders against Pillow's exif_transpose.
    @Test func turnsPicturesAsTheirEXIFSays() throws {
        let hashes: [UInt64] = [
            0x2332_2c51_8b83_7e57, 0x932f_4954_a915_a8df, 0xe9a0_038f_1b2c_341f,
            0x2d53_6b39_41b9_03f7, 0x3523_5f3c_a07d_31a1, 0xfeda_9351_9a71_2d19,
            0xdebd_98d4_c9d5_d48d, 0xec42_c3d6_ed3d_1745,
        ]
        let base = try Self.fixture("baseline")
        for (index, hash) in hashes.enumerated() {
            let value = UInt8(index + 1)
            let little: [UInt8] =
                Array("II".utf8) + [42, 0, 8, 0, 0, 0, 2, 0] + [
                    0x0F, 1, 2, 0, 1, 0, 0, 0, 65, 0, 0, 0,
                ]
                + [0x12, 1, 3, 0, 1, 0, 0, 0, value, 0, 0, 0, 0, 0, 0, 0]
            let big: [UInt8] =
                Array("MM".utf8) + [0, 42, 0, 0, 0, 8, 0, 1] + [
                    1, 0x12, 0, 3, 0, 0, 0, 1, 0, value,
                ]
                + [0, 0, 0, 0, 0, 0]
            for tiff in [little, big] {
                let content = Array("Exif".utf8) + [0, 0] + tiff
                let segment = [0xFF, 0xE1, 0, UInt8(content.count + 2)] + content
                let file = Array(base[..<2]) + segment + base[2...]
                let picture = try Picture(decoding: file, named: "x")
                #expect(PictureFixture.hash(picture.pixels) == hash, "orientation \(value)")
                #expect(picture.width == (value < 5 ? 37 : 22))
                // Cut or changed EXIF never traps, and never spoils the picture.
                for place in 4..<segment.count {
                    var damaged = file
                    damaged[2 + place] = damaged[2 + place] &+ 129
                    #expect(try Picture(decoding: damaged, named: "x").pixels.count == 37 * 22 * 3)
                }
            }
        }
    }

    @Test func whatIsNoPictureIsSaid() {
        #expect(
            Self.message(Array("words that are none".utf8))
                == "cat.jpg: it is neither a JPEG nor a PNG file, whatever its name says; it starts "
                + "with the text \"words that are n\"")
        #expect(Self.message([]).hasSuffix("whatever its name says; it is empty"))
        #expect(
            Self.message([1, 2, 3, 4, 5]).hasSuffix("it starts with the bytes 1 2 3 4"))
        #expect(
            Self.message(Array("<!DOCTYPE html><html>".utf8))
                == "cat.jpg: it is a web page (HTML), whatever its name says, expected a JPEG or PNG "
                + "file")
        #expect(
            Self.message(Array("RIFF".utf8) + [4, 0, 0, 0] + Array("WEBPVP8 ".utf8))
                == "cat.jpg: it is a WebP picture, whatever its name says, expected a JPEG or PNG "
                + "file; convert it, for instance by `magick in out.png`")
        for (start, words) in [
            (Array("GIF89a".utf8), "a GIF picture"),
            ([0, 0, 0, 24] + Array("ftypheic".utf8), "a HEIC picture"),
            ([0, 0, 0, 24] + Array("ftypavif".utf8), "an AVIF picture"),
            ([0x49, 0x49, 42, 0], "a TIFF picture"),
        ] { #expect(Self.message(start).contains("it is \(words), whatever its name says")) }
        #expect(throws: FormatFault.jpeg(file: "x", .notJPEG)) {
            try JPEG.decode([1, 2, 3], named: "x")
        }
    }

    @Test func coloursThatAreNotReadAreNamed() throws {
        #expect(
            Self.message(try Self.fixture("cmyk")).hasPrefix(
                "cat.jpg: its colours are CMYK, expected grey or RGB; save it as RGB"))
    }

    @Test func truncationAtEveryByteIsAFault() throws {
        for name in ["baseline", "progressive", "grey", "full"] {
            let file = try Self.fixture(name)
            for length in file.indices {
                #expect(throws: FormatFault.self, "\(name), \(length) bytes") {
                    try Picture(decoding: Array(file[..<length]), named: "x")
                }
            }
            let half = Self.message(Array(file[..<(file.count - 40)]))
            #expect(half.contains("it is a damaged JPEG file ("), "\(half)")
        }
        for fixture in PictureFixture.pngs {
            for length in fixture.file.indices {
                #expect(throws: FormatFault.self, "\(fixture.name), \(length) bytes") {
                    try Picture(decoding: Array(fixture.file[..<length]), named: "x")
                }
            }
        }
    }

    @Test func damageNeverTraps() throws {
        var random = Steps(state: 3)
        for fixture in PictureFixture.jpegs + PictureFixture.pngs {
            for _ in 0..<150 {
                var damaged = fixture.file
                for _ in 0...random.below(2) {
                    damaged[random.below(damaged.count)] = UInt8(random.below(256))
                }
                if let picture = try? Picture(decoding: damaged, named: "x") {
                    #expect(picture.pixels.count == 3 * picture.width * picture.height)
                }
            }
        }
    }

    /// Sizes that a header only claims are refused before memory is set aside for them.
    @Test func claimedSizesAreBounded() throws {
        var jpeg = try Self.fixture("baseline")
        let frame = try #require(jpeg.indices.first { jpeg[$0...].starts(with: [0xFF, 0xC0]) })
        func claim(_ height: Int, _ width: Int) -> String {
            jpeg.replaceSubrange(
                (frame + 5)..<(frame + 9),
                with: [height >> 8, height & 255, width >> 8, width & 255].map(UInt8.init))
            return Self.message(jpeg)
        }
        #expect(claim(65_500, 65_500).contains("65500 × 65500 pixels, more than the 64000000"))
        #expect(claim(65_535, 1).contains("Maximum supported image dimension is 65500 pixels"))
        #expect(claim(8000, 7999).contains("its header claims 7999 × 8000 pixels, more than"))
        #expect(claim(0, 7).contains("damaged"))

        var png = try #require(PictureFixture.pngs.first { $0.name == "interlaced" }).file
        func claimPNG(_ side: UInt32) -> String {
            let bytes = withUnsafeBytes(of: side.bigEndian, Array.init)
            png.replaceSubrange(16..<24, with: bytes + bytes)
            return Self.message(png)
        }
        #expect(claimPNG(50_000).contains("50000 × 50000 pixels, more than can be handled"))
        #expect(claimPNG(8001).contains("8001 × 8001 pixels, more than can be handled"))
        #expect(claimPNG(7999).contains("its header claims 7999 × 7999 pixels, more than"))
        #expect(claimPNG(0).contains("it has no pixels"))
    }

    /// One scan for each colour is sound; the same scan over and over is a bomb.
    @Test func scansAreBounded() throws {
        let grey = try Self.fixture("grey")
        let frame = try #require(grey.indices.first { grey[$0...].starts(with: [0xFF, 0xC0]) })
        let scan = try #require(grey.indices.first { grey[$0...].starts(with: [0xFF, 0xDA]) })
        // A frame of three colours instead of one; each scan is that of the grey picture.
        var frames = Array(grey[frame..<(frame + 9)])
        frames += [3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]
        frames[3] = 17
        let (head, tables) = (grey[..<frame], grey[(frame + 13)..<scan])
        func file(repeating count: Int) -> [UInt8] {
            var file = Array(head) + frames
            file += tables
            for index in 0..<count {
                var again = Array(grey[scan..<(grey.count - 2)])
                again[5] = UInt8(min(index, 2) + 1)
                file += again
            }
            return file + [0xFF, 0xD9]
        }
        #expect(Self.message(file(repeating: 3)) == "accepted")
        #expect(Self.message(file(repeating: 400)).contains("more than 100 scans"))
    }
}
