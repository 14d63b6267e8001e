// Tar archives as GNU tar and Python write them, made by hand; what is refused, and damage.

import Foundation
import Testing

@testable import Formats

@Suite struct TarReaderTests {
    /// The header of an entry, its checksum right, and its content filled up to a block.
    static func entry(
        _ name: String, _ content: [UInt8] = [], type: Character = "0", prefix: String = "",
        size: Int? = nil, magic: String = "ustar\u{0}00"
    ) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at place: Int) {
            for (index, byte) in text.utf8.enumerated() { block[place + index] = byte }
        }
        put(String(name.prefix(100)), at: 0)
        put("0000644\u{0}", at: 100)
        let digits = String(size ?? content.count, radix: 8)
        put(String(repeating: "0", count: 11 - digits.count) + digits + "\u{0}", at: 124)
        block[156] = type.asciiValue ?? 0
        put(magic, at: 257)
        put(prefix, at: 345)
        return sealed(block) + content
            + [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
    }

    static func sealed(_ block: [UInt8]) -> [UInt8] {
        var block = block
        block.replaceSubrange(148..<156, with: repeatElement(32, count: 8))
        let sum = String(block.reduce(0) { $0 + Int($1) }, radix: 8)
        let text = String(repeating: "0", count: 6 - sum.count) + sum + "\u{0} "
        block.replaceSubrange(148..<156, with: Array(text.utf8))
        return block
    }

    static let end = [UInt8](repeating: 0, count: 1024)

    static func read(
        _ bytes: [UInt8], pieces: Int = 1000, limit: Int = 5000
    ) throws -> [String: [UInt8]] {
        let reader = TarReader(named: "x.tar") { $0.hasSuffix(".bin") ? limit : nil }
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            try bytes[start..<min(start + pieces, bytes.count)].withUnsafeBytes(reader.feed)
        }
        return try reader.finish()
    }

    private static func message(_ bytes: [UInt8], limit: Int = 5000) -> String {
        do { return "read \(try read(bytes, limit: limit).keys.sorted())" } catch {
            return "\(error)"
        }
    }

    private static let content = (0..<1300).map { UInt8($0 % 251) }
    private static let long = String(repeating: "folder/", count: 20) + "a.bin"

    private static func pax(_ key: String, _ value: String) -> [UInt8] {
        let rest = " \(key)=\(value)\n"
        var length = rest.utf8.count + 1
        while "\(length)".utf8.count + rest.utf8.count != length { length += 1 }
        return Array("\(length)\(rest)".utf8)
    }

    @Test(arguments: [1, 7, 512, 100_000])
    func takesWhatIsAskedFor(pieces: Int) throws {
        let archive =
            Self.entry("data/", type: "5") + Self.entry("./data/a.bin", Self.content)
            + Self.entry("data/notes.txt", Array("words".utf8))
            + Self.entry("b.bin", [], prefix: "data") + Self.entry("link.txt", type: "2", size: 7)
            + Self.end + Array("what follows does not count".utf8)
        let files = try Self.read(archive, pieces: pieces)
        #expect(files == ["data/a.bin": Self.content, "data/b.bin": []])
    }

    @Test func readsLongNamesOfBothKinds() throws {
        let gnu =
            Self.entry("././@LongLink", Array(Self.long.utf8) + [0], type: "L", magic: "ustar  ")
            + Self.entry("short.bin", Self.content, magic: "ustar  ") + Self.end
        #expect(try Self.read(gnu) == [Self.long: Self.content])
        let records =
            Self.pax("mtime", "1.5") + Self.pax("path", Self.long) + Self.pax("size", "1300")
        let pax =
            Self.entry("x", Self.pax("comment", "all of it"), type: "g")
            + Self.entry("x", records, type: "x")
            + Self.entry("short.bin", Self.content) + Self.entry("c.bin", [1]) + Self.end
        #expect(try Self.read(pax) == [Self.long: Self.content, "c.bin": [1]])
    }

    /// A size in binary digits, as GNU tar writes those of more than 8 GiB.
    @Test func readsBinarySizes() throws {
        var bytes = Self.entry("a.bin", Self.content)
        bytes.replaceSubrange(124..<136, with: [0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 20])
        #expect(
            try Self.read(Self.sealed(Array(bytes[..<512])) + bytes[512...]) == [
                "a.bin": Self.content
            ])
        bytes.replaceSubrange(124..<136, with: [0x80] + repeatElement(0xFF, count: 11))
        #expect(
            Self.message(Self.sealed(Array(bytes[..<512])) + bytes[512...]).contains(
                "a size that is no number"))
    }

    @Test func refuses() {
        let entry = Self.entry("a.bin", Self.content)
        func expect(_ bytes: [UInt8], _ words: String) {
            let found = Self.message(bytes)
            #expect(found.contains(words), "\(found)")
        }
        expect([], "x.tar, byte 0: it is not a tar archive")
        expect(
            Array("words that are long enough for a block ".utf8) + Self.end, "not a tar archive")
        expect(Array(entry.dropLast(600)), "it is cut short")
        expect(entry + entry + Self.end, "its entry a.bin is there twice")
        expect(
            entry + [1] + entry.dropFirst(),
            "byte 2048: the header of an entry has a wrong checksum")
        expect(Self.entry("/etc/a.bin", [1]) + Self.end, "leads out of the archive")
        expect(Self.entry("b/../../a.bin", [1]) + Self.end, "leads out of the archive")
        expect(Self.entry("a.bin", type: "2") + Self.end, "its entry a.bin is a link")
        expect(Self.entry("a.bin", type: "1") + Self.end, "its entry a.bin is a link")
        expect(Self.entry("a.bin", [0], type: "S") + Self.end, "its entry a.bin is a sparse file")
        expect(
            Self.entry("x", Array("9 path=a".utf8), type: "x") + entry,
            "(pax) of an entry is malformed")
        expect(Self.entry("x", Self.pax("size", "-1"), type: "x") + entry, "is malformed")
        expect(Self.entry("x", type: "L", size: 2 << 20), "a header has 2097152 bytes, more than")
        #expect(Self.message(entry, limit: 99).contains("a.bin has 1300 bytes, more than the 99"))
        var bytes = entry
        bytes[0] = 0xE9
        expect(Self.sealed(Array(bytes[..<512])) + bytes[512...], #"is no text (UTF-8): \xE9.bin"#)
    }

    /// Damage is refused or changes what is read; it never traps.
    @Test func survivesDamage() {
        let whole =
            Self.entry("x", Self.pax("path", "c.bin"), type: "x") + Self.entry("a.bin", [1, 2])
            + Self.entry("x", Array("long.bin\0".utf8), type: "L") + Self.entry("b.bin", [3])
            + Self.end
        for length in whole.indices { _ = Self.message(Array(whole[..<length])) }
        for place in whole.indices.dropLast(1024) {
            for bit in [0, 4, 7] {
                var damaged = whole
                damaged[place] ^= 1 << bit
                _ = Self.message(damaged)
                // With the checksum put right, what is checked after it is met too.
                let block = place / 512 * 512
                damaged.replaceSubrange(
                    block..<(block + 512), with: Self.sealed(Array(damaged[block..<(block + 512)])))
                _ = Self.message(damaged)
            }
        }
    }
}
