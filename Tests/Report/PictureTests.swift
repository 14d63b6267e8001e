// The encoder of our own, judged by libpng.

import Formats
import Testing

@testable import Report

@Suite struct PictureTests {
    /// Repeatable noise, for pixels without pattern.
    private static func noise(_ count: Int, seed: UInt32) -> [UInt8] {
        var state = seed
        return (0..<count).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(state >> 24)
        }
    }

    private static func bytes(_ bitmap: Bitmap) -> [UInt8] {
        bitmap.pixels.flatMap { [$0.red, $0.green, $0.blue] }
    }

    private func check(_ bitmap: Bitmap) throws {
        let read = try PNG(decoding: EmbeddedPNG.encode(bitmap), named: "test")
        #expect(read.width == bitmap.width && read.height == bitmap.height)
        #expect(read.channels == .rgb)
        #expect(read.pixels == Self.bytes(bitmap))
    }

    @Test(arguments: [(1, 1), (3, 5), (28, 28), (257, 3), (300, 40)])
    func palettesDecodeToTheSamePixels(width: Int, height: Int) throws {
        for kind in 0..<3 {
            var bitmap = Bitmap(width: width, height: height, filledWith: Colour(9, 8, 7))
            let noise = Self.noise(width * height, seed: UInt32(kind))
            for index in noise.indices {
                let level = kind == 0 ? 0 : kind == 1 ? UInt8(index / 7 % 256) : noise[index]
                bitmap[index % width, index / width] = Colour(level, 255 - level, level / 2)
            }
            try check(bitmap)
        }
    }

    @Test func manyColoursDecodeToTheSamePixels() throws {
        var bitmap = Bitmap(width: 90, height: 70, filledWith: Colour(0, 0, 0))
        let noise = Self.noise(90 * 70 * 3, seed: 5)
        for index in 0..<90 * 70 {
            bitmap[index % 90, index / 90] = Colour(
                noise[3 * index], noise[3 * index + 1], noise[3 * index + 2])
        }
        try check(bitmap)
    }

    /// Long runs and far repeats reach the ends of deflate's length and distance tables.
    @Test func longMatchesDecodeToTheSamePixels() throws {
        let noise = Self.noise(200, seed: 3)
        var bitmap = Bitmap(width: 400, height: 200, filledWith: Colour(1, 1, 1))
        for row in [0, 1, 79, 81, 199] {
            for x in 0..<200 { bitmap[x, row] = Colour(noise[x], noise[x], noise[x]) }
        }
        for length in 1..<200 { bitmap[200 + length % 200, length] = Colour(2, 2, 2) }
        try check(bitmap)
    }

    @Test func clearPixelsAreKept() throws {
        var bitmap = Bitmap(width: 2, height: 1)
        bitmap[1, 0] = Colour(255, 0, 0)
        let read = try PNG(decoding: EmbeddedPNG.encode(bitmap), named: "test")
        #expect(read.pixels == [0, 0, 0, 255, 0, 0])  // clear pixels are laid on black
    }

    /// The bytes themselves, so that a change of the encoder is seen: a two-pixel file.
    @Test func bytesAreFixed() {
        var bitmap = Bitmap(width: 2, height: 1, filledWith: Colour(0, 0, 0))
        bitmap[1, 0] = Colour(255, 255, 255)
        #expect(
            EmbeddedPNG.dataURI(bitmap)
                == "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAMAAADD/I+4AAAABlBMVEUAAAD///+l2Z/d"
                + "AAAAC0lEQVR4AWNgYAQAAAQAAosvPBMAAAAASUVORK5CYII=")
    }

    @Test func checksumsAreThoseOfTheStandards() {
        #expect(Checksums.crc32(Array("123456789".utf8)) == 0xCBF4_3926)
        #expect(Checksums.adler32(Array("Wikipedia".utf8)) == 0x11E6_0398)
        #expect(
            ["", "f", "fo", "foo"].map { Base64.encode(Array($0.utf8)) } == [
                "", "Zg==", "Zm8=", "Zm9v",
            ])
    }

    @Test func coloursSayWhatValuesAre() {
        #expect(ColourMap.grey.colour(of: 0.5) == Colour(128, 128, 128))
        #expect(ColourMap.grey.colour(of: 7) == Colour(255, 255, 255))
        #expect(ColourMap.signed.colour(of: 1) == ColourMap.brighter)
        #expect(ColourMap.signed.colour(of: -3) == ColourMap.darker)
        #expect(ColourMap.signed.colour(of: 0) == .clear)
        #expect(ColourMap.signed.colour(of: .nan) == .clear)
        #expect(ColourMap.signed.colour(of: 0.25).alpha == 64)
        #expect(Colour(200, 100, 0, alpha: 128).over(Colour(0, 0, 0)) == Colour(100, 50, 0))
    }

    @Test func everyByteSurvivesAsGrey() {
        for level in 0...255 {
            #expect(ColourMap.grey.colour(of: Float(level) / 255).red == UInt8(level))
        }
    }

    @Test func gridsHaveGapsOnWhite() throws {
        let black = Bitmap(width: 2, height: 2, filledWith: Colour(0, 0, 0))
        let grid = try #require(Page.grid([[black, black], [black]], scale: 3))
        #expect(grid.width == 2 * 10 + 4 && grid.height == 2 * 10 + 4)
        #expect(grid[3, 3] == Colour(255, 255, 255) && grid[4, 4] == Colour(0, 0, 0))
        #expect(grid[14, 14] == Colour(255, 255, 255))
        #expect(Page.grid([], scale: 1) == nil)
    }
}
