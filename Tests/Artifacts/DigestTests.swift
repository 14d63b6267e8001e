import Formats
import Foundation
import Testing

@testable import Artifacts

@Suite struct DigestTests {
    /// From FIPS 180-4 and the NIST example values.
    static let vectors = [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ]

    @Test(arguments: vectors) func knownAnswers(_ text: String, _ hex: String) {
        #expect(Digest(of: text).hex == hex)
    }

    @Test func aMillionLettersInPieces() {
        let stream = DigestStream()
        for piece in [1, 999, 499_000, 0, 500_000] {
            [UInt8](repeating: UInt8(ascii: "a"), count: piece).withUnsafeBytes {
                stream.update($0)
            }
        }
        #expect(
            stream.finish().hex
                == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test func filesAreHashedByContent() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        #expect(FileManager.default.createFile(atPath: path, contents: Data(bytes)))
        #expect(try Digest(ofFile: path) == Digest(of: bytes))
        #expect(throws: StoreFault.missingFile(path: path + "x")) {
            try Digest(ofFile: path + "x")
        }
    }

    @Test func onlyDigestsAreTakenForDigests() {
        let good = Self.vectors[1].1
        #expect(Digest(hex: good)?.short == "ba7816bf8f01")
        for bad in [
            "", String(good.dropLast()), good + "0", good.uppercased(), "g" + good.dropFirst(),
        ] {
            #expect(Digest(hex: bad) == nil, "\(bad)")
        }
    }
}
