// Resizing and cropping against values from Pillow 13.

import Formats
import Testing

@Suite struct PictureResizingTests {
    /// The same noise as the script that asked Pillow: a 32-bit congruential generator's upper byte.
    static func noise(_ width: Int, _ height: Int, seed: UInt32) -> Picture {
        var state = seed
        return Picture(
            width: width, height: height,
            pixels: (0..<(3 * width * height)).map { _ in
                state = state &* 1_664_525 &+ 1_013_904_223
                return UInt8(truncatingIfNeeded: state >> 24)
            })
    }

    @Test(
        arguments: [
            (64, 64, 32, 32, 0x573_7eae_9d64_156c), (100, 75, 31, 23, 0xd49d_effb_b574_3e60),
            (101, 53, 37, 53, 0xa62c_2e56_e7d6_7535), (53, 101, 53, 37, 0xb16d_434a_cc2b_a477),
            (40, 30, 97, 71, 0xb8bb_7778_6d6c_d9be), (7, 5, 50, 200, 0x205e_9972_1015_38d1),
            (33, 61, 1, 1, 0xa327_f919_6f0b_3953), (1, 1, 9, 4, 0x6440_4646_6817_fa71),
            (60, 40, 59, 39, 0x183c_4e96_4de9_13da), (300, 200, 7, 150, 0xf00b_002c_9398_256b),
            (512, 512, 256, 256, 0x4e72_8cbe_62b9_0cac),
        ] as [(Int, Int, Int, Int, UInt64)])
    func equalsPillow(width: Int, height: Int, to newWidth: Int, _ newHeight: Int, hash: UInt64) {
        let picture = Self.noise(width, height, seed: UInt32(width))
        let resized = picture.resized(width: newWidth, height: newHeight)
        #expect((resized.width, resized.height) == (newWidth, newHeight))
        #expect(PictureFixture.hash(resized.pixels) == hash)
        #expect(picture.resized(width: width, height: height) == picture)
    }

    /// A case small enough to check by hand: 5 × 2 to 3 × 3.
    @Test func equalsPillowValueByValue() {
        #expect(
            Self.noise(5, 2, seed: 9).resized(width: 3, height: 3).pixels == [
                35, 55, 182, 37, 197, 83, 70, 162, 107, 73, 68, 165, 66, 154, 137, 77, 148, 125,
                111,
                81, 147, 94, 110, 190, 83, 134, 142,
            ])
    }

    /// One side fits, the other one is rounded down and still covers; the middle remains.
    @Test func coversOtherShapes() throws {
        for (width, height, wide, high) in [
            (40, 30, 8, 6), (31, 97, 8, 25), (97, 31, 8, 2), (98, 12, 16, 2), (8, 2, 8, 2),
            (3, 4, 8, 10),
        ] {
            let picture = Self.noise(width, height, seed: 5)
            #expect(
                try picture.covering(width: 8, height: 2, named: "x")
                    == picture.resized(width: wide, height: high)
                    .centreCropped(width: 8, height: 2), "\(width) × \(height)")
        }
        let thread = Picture(width: 1, height: 2000, pixels: Array(repeating: 7, count: 6000))
        #expect(
            throws: FormatFault.picture(
                file: "x", .tooNarrow(width: 1, height: 2000, result: 96_000))
        ) { try thread.covering(width: 48, height: 8, named: "x") }
    }

    @Test func flatPicturesStayFlat() {
        let flat = Picture(width: 9, height: 4, pixels: (0..<36).flatMap { _ in [0, 255, 77] })
        for (width, height) in [(3, 3), (10, 1), (50, 20)] {
            let resized = flat.resized(width: width, height: height).pixels
            #expect(resized == (0..<(width * height)).flatMap { _ in [0, 255, 77] as [UInt8] })
        }
    }

    /// Shorter side to 40, middle 33 × 33; and the middle 29 × 30 alone.
    @Test(
        arguments: [
            (60, 47, 0xb9f6_1cd7_b5ed_f290, 0xb9b7_d3a7_8787_65b5),
            (47, 61, 0xbf26_d6df_97a0_5272, 0xdf43_74fe_bbcc_75ef),
            (50, 50, 0xa865_42e8_975b_3bb1, 0x80ca_d15d_9c34_58f2),
            (52, 83, 0x437c_1df3_eae9_fe4e, 0xd4cf_b081_bfc8_28f5),
        ] as [(Int, Int, UInt64, UInt64)])
    func preparesAsTorchvisionDoes(width: Int, height: Int, prepared: UInt64, cropped: UInt64)
        throws
    {
        let picture = Self.noise(width, height, seed: UInt32(width))
        let small = try picture.prepared(side: 40, crop: 33, named: "x")
        #expect((small.width, small.height) == (33, 33))
        #expect(PictureFixture.hash(small.pixels) == prepared)
        let part = picture.centreCropped(width: 29, height: 30)
        #expect(PictureFixture.hash(part.pixels) == cropped)
    }

    @Test func threadsOfPixelsAreRefused() {
        let thread = Picture(width: 1, height: 2000, pixels: Array(repeating: 7, count: 6000))
        #expect(
            throws: FormatFault.picture(
                file: "x", .tooNarrow(width: 1, height: 2000, result: 512_000))
        ) { try thread.prepared(side: 256, crop: 224, named: "x") }
    }
}
