// WebP: files that Pillow 12 wrote with libwebp 1.6, the pixels that it reads of them, what is refused, damage.

import Foundation
import Testing

@testable import Formats

@Suite struct WebPTests {
    private static func file(_ text: String) -> [UInt8] {
        [UInt8](Data(base64Encoded: text) ?? Data())
    }

    /// 7 × 5 pixels (37x + 11y, 5x + 91y, 13xy + 7), modulo 256.
    static let lossless = file(
        "UklGRkAAAABXRUJQVlA4TDQAAAAvBgABALkyRPQ/dhEEkrZ429//OBS0bcP0bCjHn8mFIBZM8f44EhKkmGYyJgDKtQXc"
            + "/qAB")
    /// The same with an alpha of 7 times the pixel's number.
    static let alpha = file(
        "UklGRkgAAABXRUJQVlA4TDwAAAAvBgABELmM6H/sIqL/4VDUtg20KyjHn0lY9CMWTHF/HCMLME3u25VAAgkkJk1DeC2PWRmg"
            + "nxEKSsEoOAE=")
    /// A ramp of 20 × 13.
    static let lossy = file(
        "UklGRmAAAABXRUJQVlA4IFQAAACwAwCdASoUAA0APrUwqVCnIiSjGADgFolsAJ0yhHAAKjvgFdBKWAD+9uKVywFBmvJQ6ayk"
            + "NaCR5ZZDZJLpxZ2Lg9v+5E466IZ5LqNyGIbgP17oAAA=")
    static let lossyAlpha = file(
        "UklGRpIAAABXRUJQVlA4WAoAAAAQAAAAEwAADAAAQUxQSBcAAAABuYzof4BI22bzMP96z04jJmACqGXuAgBWUDggVAAAALAD"
            + "AJ0BKhQADQA+tTCpUKciJKMYAOAWiWwAnTKEcAAqO+AV0EpYAP724pXLAUGa8lDprKQ1oJHkfwX5enFnYuKMN2EZvuj1P8ZY"
            + "Q4avKjDf8/AAAA==")
    /// `lossless`, the camera on its side (EXIF orientation 6).
    static let turned = file(
        "UklGRnQAAABXRUJQVlA4WAoAAAAIAAAABgAABAAAVlA4TDQAAAAvBgABALkyRPQ/dhEEkrZ429//OBS0bcP0bCjHn8mFIBZM"
            + "8f44EhKkmGYyJgDKtQXc/qABRVhJRhoAAABJSSoACAAAAAEAEgEDAAEAAAAGAAAAAAAAAA==")
    /// Two pictures of 4 × 4.
    static let animation = file(
        "UklGRuYAAABXRUJQVlA4WAoAAAACAAAAAwAAAwAAQU5JTQYAAAAAAAAAAABBTk1GXgAAAAAAAAAAAAMAAAMAAAAAAAJWUDhM"
            + "RQAAAC8DwAAAfyAQSPbM32AYM23bptpun80ykrTdVStwAuf/Nm8z/1ESAPADIfQ/iqL+wzAMCAIg1ixYsGDSggULRiL6Hwir"
            + "+QBBTk1GVAAAAAAAAAAAAAMAAAMAAAAAAABWUDhMOwAAAC8DwAAAf0AgCOGZ/L9lhEAghZk9QbbNTV5/iqHNfxFi6wBWCoCd"
            + "P4AgAGLNggULJi1YsGAkov+BsJoPAA==")

    private static func decode(_ bytes: [UInt8]) throws -> Picture {
        try bytes.withUnsafeBytes {
            try Picture(decoding: $0, as: PictureFormat.allCases, named: "cat.webp")
        }
    }

    private static func pixel(_ x: Int, _ y: Int) -> [UInt8] {
        [37 * x + 11 * y, 5 * x + 91 * y, 13 * x * y + 7].map { UInt8($0 % 256) }
    }

    @Test func readsThePixelsThatPillowReads() throws {
        let pixels = (0..<35).flatMap { Self.pixel($0 % 7, $0 / 7) }
        for bytes in [Self.lossless, Self.alpha] {
            let picture = try Self.decode(bytes)
            #expect((picture.width, picture.height) == (7, 5))
            #expect(picture.pixels == pixels)
        }
        #expect(try PictureFixture.hash(Self.decode(Self.lossy).pixels) == 0x0ef2_31d4_9b98_c9d2)
        #expect(
            try PictureFixture.hash(Self.decode(Self.lossyAlpha).pixels) == 0xa63a_e0cb_01ff_2782)
    }

    @Test func turnsPicturesAsTheirEXIFSays() throws {
        let turned = (0..<35).flatMap { Self.pixel($0 / 5, 4 - $0 % 5) }
        for named in [false, true] {
            var bytes = Self.turned
            if named {
                // Some programs write JPEG's name before the TIFF; the chunk is then six bytes longer.
                let place = bytes.count - 26
                bytes.insert(contentsOf: Array("Exif\0\0".utf8), at: place)
                bytes[place - 4] = 32
                bytes[4] += 6
            }
            let picture = try Self.decode(bytes)
            #expect((picture.width, picture.height) == (5, 7))
            #expect(picture.pixels == turned)
        }
    }

    @Test func remarksOnWhatIsNotFollowed() {
        func remarks(_ bytes: [UInt8]) -> [PictureRemark] {
            bytes.withUnsafeBytes { PictureRemark.of($0) }
        }
        #expect(remarks(Self.lossless) == [] && remarks(Self.turned) == [])
        #expect(remarks(Self.alpha) == [.alpha] && remarks(Self.lossyAlpha) == [.alpha])
    }

    /// Each file stands for its reason; without WebP among the formats it is none of the others.
    @Test func refuses() throws {
        func message(_ bytes: [UInt8]) -> String {
            do {
                _ = try Self.decode(bytes)
                return "accepted"
            } catch { return "\(error)" }
        }
        #expect(message(Self.animation).hasPrefix("cat.webp: it is an animation, expected a still"))
        // A header of 16,384 × 16,384.
        var large = Self.lossless
        large.replaceSubrange(21..<25, with: [0xFF, 0xFF, 0xFF, 0x0F])
        #expect(message(large).contains("the picture is 16384 × 16384 pixels, more than"))
        #expect(
            message(Array(Self.lossy.dropLast(30))).contains("a damaged WebP file (the file ends"))
        #expect(
            message(Array("words".utf8)).hasPrefix(
                "cat.webp: it is no JPEG, PNG or WebP file, whatever its name says; it starts"))
        #expect(
            PictureTests.message(Self.lossy).contains(
                "it is a WebP picture, whatever its name says, expected a JPEG or PNG file"))
    }

    /// Damage is refused or changes what is read; it never traps.
    @Test func survivesDamage() {
        for file in [Self.lossless, Self.lossyAlpha, Self.turned, Self.animation] {
            for length in file.indices {
                // A last byte may only fill up a chunk, or EXIF be missing.
                _ = try? Self.decode(Array(file[..<length]))
            }
            for place in file.indices {
                for bit in 0..<8 {
                    var damaged = file
                    damaged[place] ^= 1 << bit
                    if let picture = try? Self.decode(damaged) {
                        #expect(picture.pixels.count == 3 * picture.width * picture.height)
                    }
                    _ = damaged.withUnsafeBytes { PictureRemark.of($0) }
                }
            }
        }
    }
}
