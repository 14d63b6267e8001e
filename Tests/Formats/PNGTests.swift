// PNG: files from another encoder, exact pixels, and damage of every kind.

import Formats
import Testing

@Suite struct PNGTests {
    /// Files written by Python's zlib and struct: 3 × 2 grey, 2 × 1 RGB, 2 × 1 with a palette.
    static let grey: [UInt8] = [
        137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 0, 3, 0, 0, 0, 2, 8, 0,
        0, 0, 0, 184, 31, 57, 198, 0, 0, 0, 16, 73, 68, 65, 84, 120, 156, 99, 96, 104, 248, 207,
        192, 200, 196, 12, 0, 8, 13, 1, 134, 13, 73, 241, 186, 0, 0, 0, 0, 73, 69, 78, 68, 174, 66,
        96, 130,
    ]
    static let rgb: [UInt8] = [
        137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 0, 2, 0, 0, 0, 1, 8, 2,
        0, 0, 0, 123, 64, 232, 221, 0, 0, 0, 15, 73, 68, 65, 84, 120, 156, 99, 248, 207, 192, 192,
        200, 196, 12, 0, 6, 11, 1, 6, 4, 11, 153, 45, 0, 0, 0, 0, 73, 69, 78, 68, 174, 66, 96, 130,
    ]
    static let palette: [UInt8] = [
        137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 0, 2, 0, 0, 0, 1, 8, 3,
        0, 0, 0, 195, 252, 143, 184, 0, 0, 0, 6, 80, 76, 84, 69, 9, 8, 7, 200, 100, 50, 121, 53,
        163, 164, 0, 0, 0, 11, 73, 68, 65, 84, 120, 156, 99, 96, 100, 0, 0, 0, 5, 0, 2, 209, 102,
        51, 120, 0, 0, 0, 0, 73, 69, 78, 68, 174, 66, 96, 130,
    ]

    @Test func decodesFilesOfAnotherEncoder() throws {
        #expect(
            try PNG(decoding: Self.grey, named: "x")
                == PNG(width: 3, height: 2, channels: .grey, pixels: [0, 128, 255, 1, 2, 3]))
        #expect(
            try PNG(decoding: Self.rgb, named: "x")
                == PNG(width: 2, height: 1, channels: .rgb, pixels: [255, 0, 0, 1, 2, 3]))
        #expect(
            try PNG(decoding: Self.palette, named: "x")
                == PNG(width: 2, height: 1, channels: .rgb, pixels: [200, 100, 50, 9, 8, 7]))
    }

    @Test(arguments: [PNG.Channels.grey, .rgb], [(1, 1), (28, 28), (301, 7), (5, 1000)])
    func roundTrips(channels: PNG.Channels, size: (Int, Int)) throws {
        let (width, height) = size
        // Noise does not compress: this also tests the room that is set aside for the file.
        var state: UInt32 = 1
        let pixels = (0..<(width * height * channels.rawValue)).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(truncatingIfNeeded: state >> 24)
        }
        let picture = PNG(width: width, height: height, channels: channels, pixels: pixels)
        let file = try picture.encoded(named: "x")
        #expect(try PNG(decoding: file, named: "x") == picture)
        #expect(file.count < pixels.count + height + 300)
        #expect(try picture.encoded(named: "x") == file)
    }

    @Test func refusesWhatHasNoPixels() {
        let empty = PNG(width: 0, height: 4, channels: .grey, pixels: [])
        #expect {
            try empty.encoded(named: "x.png")
        } throws: {
            "\($0)" == "x.png: the picture cannot be encoded as PNG (it has no pixels)"
        }
    }

    @Test func refusesForeignFiles() {
        #expect(throws: FormatFault.png(file: "x", .notPNG)) {
            try PNG(decoding: [0xFF, 0xD8, 0xFF], named: "x")
        }
        // 2³¹ − 1 pixels a side: refused before memory is asked for.
        var huge = Self.grey
        huge.replaceSubrange(16..<24, with: [0x7F, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF])
        #expect(throws: FormatFault.self) { try PNG(decoding: huge, named: "x") }
    }

    @Test func detectsTruncationAtEveryByte() {
        for file in [Self.grey, Self.rgb, Self.palette] {
            // The pixels are complete before IEND, the last 12 bytes, which libpng does not insist on.
            for length in 0..<(file.count - 16) {
                #expect(throws: FormatFault.self, "\(length)") {
                    try PNG(decoding: Array(file[..<length]), named: "x")
                }
            }
        }
    }

    /// Changed pixels are always noticed: each chunk has a checksum.
    @Test func survivesDamage() throws {
        for file in [Self.grey, Self.rgb, Self.palette] {
            let intact = try PNG(decoding: file, named: "x")
            for place in file.indices {
                for bit in 0..<8 {
                    var damaged = file
                    damaged[place] ^= 1 << bit
                    let result = try? PNG(decoding: damaged, named: "x")
                    #expect(result == nil || result == intact, "byte \(place), bit \(bit)")
                }
            }
        }
    }
}
