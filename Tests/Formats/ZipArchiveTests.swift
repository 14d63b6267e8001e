// Archives as Python writes wheels, in base64, and what becomes of damaged ones.

import Foundation
import Testing

@testable import Formats

@Suite struct ZipArchiveTests {
    /// zipfile.ZipFile with `a/stored.txt` ("plain words", stored) and `a/packed.bin` (bytes 0…9 a
    /// hundred times over, deflated).
    static let bytes = [UInt8](
        Data(
            base64Encoded:
                "UEsDBBQAAAAAAAAAIVCJ8rixCwAAAAsAAAAMAAAAYS9zdG9yZWQudHh0cGxhaW4gd29yZHNQSwMEFAAAAAgA"
                + "AAAhUPIB0dIVAAAA6AMAAAwAAABhL3BhY2tlZC5iaW5jYGRiZmFlY+fgZBhljbJGWcOUBQBQSwECFAMUAAAA"
                + "AAAAACFQifK4sQsAAAALAAAADAAAAAAAAAAAAAAAgAEAAAAAYS9zdG9yZWQudHh0UEsBAhQDFAAAAAgAAAAh"
                + "UPIB0dIVAAAA6AMAAAwAAAAAAAAAAAAAAIABNQAAAGEvcGFja2VkLmJpblBLBQYAAAAAAgACAHQAAAB0AAAA"
                + "AAA="
        ) ?? Data())

    static let packed = (0..<1000).map { UInt8($0 % 10) }

    func archive(_ bytes: [UInt8]) throws -> ZipArchive {
        try ZipArchive(MappedFile(copying: bytes, named: "x.whl"))
    }

    @Test func entriesOfBothKindsComeOut() throws {
        let archive = try archive(Self.bytes)
        #expect(archive.names == ["a/packed.bin", "a/stored.txt"])
        #expect(
            try archive.content("a/stored.txt", limit: 11) == Array("plain words".utf8))
        #expect(try archive.content("a/packed.bin", limit: 1000) == Self.packed)
    }

    @Test func whatIsTooLargeOrMissingIsSaid() throws {
        let archive = try archive(Self.bytes)
        #expect {
            try archive.content("a/packed.bin", limit: 999)
        } throws: {
            "\($0)".contains("bytes of a/packed.bin: 1000, more than the 999 that are read")
        }
        #expect {
            try archive.content("a/stored.txt", limit: 10)
        } throws: {
            "\($0)".contains("bytes of a/stored.txt: 11, more than the 10 that are read")
        }
        #expect {
            try archive.content("packed.bin", limit: 1000)
        } throws: {
            "\($0)".contains("no part packed.bin")
        }
    }

    /// An entry that inflates to more than it claims is cut off there, not written out to the end.
    @Test func anEntryThatLiesAboutItsSizeIsRefused() throws {
        var bytes = Self.bytes
        // The size 1,000 stands in the header and in the directory.
        let places = bytes.indices.dropLast(3).filter {
            Array(bytes[$0..<$0 + 4]) == [0xE8, 0x03, 0, 0]
        }
        #expect(places.count == 2)
        for claimed in [999, 1001, 5] {
            for place in places {
                bytes.replaceSubrange(
                    place..<place + 4, with: [UInt8(claimed & 255), UInt8(claimed >> 8), 0, 0])
            }
            #expect(throws: FormatFault.self) {
                try archive(bytes).content("a/packed.bin", limit: 2000)
            }
        }
    }

    @Test func noTruncationAndNoFlippedBitGivesWrongBytes() throws {
        for length in 0..<Self.bytes.count {
            #expect(throws: FormatFault.self) { try archive(Array(Self.bytes.prefix(length))) }
        }
        for place in Self.bytes.indices {
            for bit in [0, 3, 7] {
                var bytes = Self.bytes
                bytes[place] ^= 1 << bit
                guard let archive = try? archive(bytes) else { continue }
                let found = try? archive.content("a/packed.bin", limit: 100_000)
                #expect(found == nil || found == Self.packed, "byte \(place), bit \(bit)")
            }
        }
    }

    /// A wheel is sound throughout, or it is none.
    @Test func everyEntryMustBeSound() throws {
        let sound = Archive(entries: [("m/a", [1, 2]), ("m/b", [3])])
        func refusal(_ change: (inout Archive) -> Void) -> String {
            var archive = sound
            change(&archive)
            do {
                let read = try self.archive(archive.file())
                return try "\(read.names.map { try read.content($0, limit: 100) })"
            } catch { return "\(error)" }
        }
        #expect(refusal { $0.packed = ["m/a"] } == "[[1, 2], [3]]")
        let cases: [(String, String)] = [
            ("has the checksum", refusal { $0.crcChange = 1 }),
            ("has the checksum", refusal { $0.crc = 0 }),
            ("bytes follow its directory", refusal { $0.count = 1 }),
            ("is given twice", refusal { $0.entries.append(("m/a", [9])) }),
            ("unusual method", refusal { $0.method = 9 }),
            ("unusual method", refusal { $0.flags = 1 }),
            ("does not start as one", refusal { $0.shift = 1 }),
        ]
        for (words, message) in cases { #expect(message.contains(words), "\(message)") }
        for bytes in [sound.file() + [0], [0] + sound.file()] {
            #expect(throws: FormatFault.self) { try archive(bytes) }
        }
    }

    /// One entry inside the content of another: what the two mean would depend on the reader.
    @Test func overlappingEntriesAreRefused() throws {
        let inner = Archive(entries: [("m/x", [7])])
        var file = Archive(entries: [("m/b", [1]), ("m/a", inner.file()), ("m/x", [7])]).file()
        #expect(try archive(file).names.count == 3)
        // The last record's place, 42 bytes into it, becomes that of the copy in m/a.
        let record = try #require(file.indices.last { file[$0...].starts(with: [80, 75, 1, 2]) })
        let copies = file.indices.filter { file[$0...].starts(with: [80, 75, 3, 4]) }
        let place = UInt32(copies[copies.count - 2])
        file.replaceSubrange(
            (record + 42)..<(record + 46),
            with: withUnsafeBytes(of: place.littleEndian, Array.init))
        #expect {
            try archive(file)
        } throws: {
            "\($0)".contains("two entries overlap")
        }
    }
}
