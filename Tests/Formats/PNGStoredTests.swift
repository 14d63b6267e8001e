// Stored PNG files: the same pixels, and no compression in them.

import Formats
import Testing

@Suite struct PNGStoredTests {
    @Test(arguments: [(1, 1), (3, 2), (301, 97), (1, 20_000)])
    func pixelsComeBack(width: Int, height: Int) throws {
        for channels in [PNG.Channels.grey, .rgb] {
            let pixels = (0..<width * height * channels.rawValue).map {
                UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 11)
            }
            let picture = PNG(width: width, height: height, channels: channels, pixels: pixels)
            let file = try picture.stored(named: "x")
            #expect(try PNG(decoding: file, named: "x") == picture)
            #expect(file.count > pixels.count)
        }
    }

    /// The file of one black pixel, byte for byte: the stored block and both checksums.
    @Test func bytesAreThoseOfStoredBlocks() throws {
        let file = try PNG(width: 1, height: 1, channels: .grey, pixels: [0]).stored(named: "x")
        #expect(
            file == [
                137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 0, 1, 0, 0, 0,
                1, 8, 0, 0, 0, 0, 58, 126, 155, 85, 0, 0, 0, 13, 73, 68, 65, 84, 8, 29, 1, 2, 0,
                253, 255, 0, 0, 0, 2, 0, 1, 205, 227, 209, 43, 0, 0, 0, 0, 73, 69, 78, 68, 174, 66,
                96, 130,
            ])
    }

    @Test func whatCannotBeWrittenIsSaid() {
        #expect(throws: FormatFault.png(file: "x", .encoder("it has no pixels"))) {
            try PNG(width: 0, height: 0, channels: .grey, pixels: []).stored(named: "x")
        }
        let wide = PNG.sizeLimit + 1
        #expect(throws: FormatFault.png(file: "x", .tooLarge(width: wide, height: 1))) {
            try PNG(
                width: wide, height: 1, channels: .grey, pixels: Array(repeating: 0, count: wide)
            )
            .stored(named: "x")
        }
    }
}
