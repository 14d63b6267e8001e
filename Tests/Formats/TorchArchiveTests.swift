// The zip container: our own archives, with wide fields, and archives that lie.

import Formats
import Testing

/// Writes archives of stored entries; each field can be made to lie.
private struct Archive {
    var entries: [(name: String, bytes: [UInt8])]
    var isWide = false
    var comment: [UInt8] = []
    var method: UInt16 = 0
    var flags: UInt16 = 0
    /// Added to the place of every entry but the first.
    var shift = 0
    /// In the header before the content, where it differs.
    var localName: String?
    /// In the end record, where it differs.
    var count: UInt16?
    var crcChange: UInt32 = 0

    func file() -> [UInt8] {
        var (file, directory): ([UInt8], [UInt8]) = ([], [])
        for (index, entry) in entries.enumerated() {
            let crc = Archive.crc(entry.bytes) ^ crcChange
            let place = file.count + (index > 0 ? shift : 0)
            let name = Array(entry.name.utf8)
            let local = Array((localName ?? entry.name).utf8)
            file += le(0x0403_4B50 as UInt32) + le(20 as UInt16) + le(flags) + le(method)
            file += le(0 as UInt32) + le(crc) + le(UInt32(entry.bytes.count))
            file += le(UInt32(entry.bytes.count)) + le(UInt16(local.count)) + le(5 as UInt16)
            file += local + le(0x4246 as UInt16) + le(1 as UInt16) + [90] + entry.bytes
            let size: UInt32 = isWide ? .max : UInt32(entry.bytes.count)
            let extra: [UInt8] =
                isWide
                ? le(1 as UInt16) + le(24 as UInt16) + le(UInt64(entry.bytes.count))
                    + le(UInt64(entry.bytes.count)) + le(UInt64(place)) : []
            directory += le(0x0201_4B50 as UInt32) + le(20 as UInt16) + le(20 as UInt16)
            directory += le(flags) + le(method) + le(0 as UInt32) + le(crc) + le(size) + le(size)
            directory += le(UInt16(name.count)) + le(UInt16(extra.count)) + le(0 as UInt16)
            directory += le(0 as UInt64) + le(isWide ? .max : UInt32(place)) + name + extra
        }
        let start = file.count
        file += directory
        if isWide {
            let record = file.count
            file +=
                le(0x0606_4B50 as UInt32) + le(44 as UInt64) + le(45 as UInt16) + le(45 as UInt16)
            file += le(0 as UInt64) + le(UInt64(entries.count)) + le(UInt64(entries.count))
            file += le(UInt64(directory.count)) + le(UInt64(start))
            file +=
                le(0x0706_4B50 as UInt32) + le(0 as UInt32) + le(UInt64(record)) + le(1 as UInt32)
        }
        let number = count ?? (isWide ? .max : UInt16(entries.count))
        file += le(0x0605_4B50 as UInt32) + le(0 as UInt32) + le(number) + le(number)
        file += le(isWide ? .max : UInt32(directory.count)) + le(isWide ? .max : UInt32(start))
        return file + le(UInt16(comment.count)) + comment
    }

    private func le<N: FixedWidthInteger>(_ value: N) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian, Array.init)
    }

    private static func crc(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { crc, byte in
            (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in
                crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1
            }
        }
    }
}

@Suite struct TorchArchiveTests {
    /// {"w": two floats}, as PyTorch pickles it.
    private static let pickle: [UInt8] =
        [128, 2] + Array("}X".utf8) + [1, 0, 0, 0] + Array("w".utf8)
        + Array("ctorch._utils\n_rebuild_tensor_v2\n((X".utf8) + [7, 0, 0, 0]
        + Array("storagectorch\nFloatStorage\nX".utf8) + [1, 0, 0, 0] + Array("0X".utf8)
        + [3, 0, 0, 0] + Array("cpuK".utf8) + [2] + Array("tQK".utf8) + [0] + Array("K".utf8)
        + [2, 0x85] + Array("K".utf8) + [1, 0x85, 0x89] + Array("}tRs.".utf8)
    private static let sound = Archive(entries: [
        ("m/data.pkl", pickle), ("m/byteorder", Array("little".utf8)),
        ("m/data/0", [0, 0, 128, 63, 0, 0, 0, 192]), ("m/version", Array("3\n".utf8)),
    ])

    private static func changed(_ change: (inout Archive) -> Void) -> [UInt8] {
        var archive = sound
        change(&archive)
        return archive.file()
    }

    @Test func readsPlainAndWideArchives() throws {
        for file in [
            Self.sound.file(), Self.changed { $0.isWide = true },
            Self.changed { $0.comment = Array("made by hand".utf8) },
        ] {
            let checkpoint = try TorchCheckpointTests.read(file)
            #expect(try checkpoint.floats(of: checkpoint.tensor("w")) == [1, -2])
        }
    }

    @Test func archivesThatLieAreRefused() {
        let cases: [(String, [UInt8])] = [
            ("is compressed or encrypted", Self.changed { $0.method = 8 }),
            ("is compressed or encrypted", Self.changed { $0.flags = 1 }),
            ("m/byteorder does not start as one", Self.changed { $0.shift = 1 }),
            ("has another name in its header", Self.changed { $0.localName = "n/data.pkl" }),
            ("is given twice", Self.changed { $0.entries.append($0.entries[0]) }),
            ("parts NAME/data.pkl, expected one", Self.changed { $0.entries.remove(at: 0) }),
            (
                "it has 2 parts NAME/data.pkl",
                Self.changed { $0.entries.append(("n/data.pkl", [])) }
            ),
            ("no part m/data/0", Self.changed { $0.entries.remove(at: 2) }),
            (
                "it has 4 bytes, and 2 × F32 take 8",
                Self.changed { $0.entries[2].bytes = [0, 0, 0, 0] }
            ),
            (
                "the byte order little, found big",
                Self.changed { $0.entries[1].bytes = Array("big".utf8) }
            ),
            ("claims 900 entries in", Self.changed { $0.count = 900 }),
            ("bytes follow its directory", Self.changed { $0.count = 3 }),
            ("has the checksum", Self.changed { $0.crcChange = 1 }),
            ("found 1 more bytes", Self.changed { $0.entries[0].bytes.append(0) }),
        ]
        for (expected, file) in cases {
            let message = TorchHostileTests.message(file)
            #expect(message.contains(expected), "\(message)")
        }
    }

    /// One entry inside the content of another: what the two mean would depend on the reader.
    @Test func overlappingEntriesAreRefused() throws {
        let inner = Archive(entries: [("m/x", [7])])
        var file = Self.changed { $0.entries += [("m/a", inner.file()), ("m/x", [7])] }
        #expect(try TorchCheckpointTests.read(file).tensors.count == 1)
        // The last record's place, 42 bytes into it, becomes that of the copy in m/a.
        let record = try #require(file.indices.last { file[$0...].starts(with: [80, 75, 1, 2]) })
        let copies = file.indices.filter { file[$0...].starts(with: [80, 75, 3, 4]) }
        let place = UInt32(copies[copies.count - 2])
        file.replaceSubrange(
            (record + 42)..<(record + 46),
            with: withUnsafeBytes(of: place.littleEndian, Array.init))
        #expect(TorchHostileTests.message(file).contains("two entries overlap"))
    }

    @Test func truncationAndDamageNeverTrap() {
        for archive in [Self.sound.file(), Self.changed { $0.isWide = true }] {
            for length in archive.indices {
                #expect(throws: FormatFault.self, "\(length)") {
                    try TorchCheckpointTests.read(Array(archive[..<length]))
                }
            }
            for place in archive.indices {
                for value: UInt8 in [0, 1, 0x7F, 0x80, 0xFF] {
                    var damaged = archive
                    damaged[place] = value
                    guard let checkpoint = try? TorchCheckpointTests.read(damaged),
                        let tensor = checkpoint.tensors.first
                    else { continue }
                    #expect(checkpoint.floats(of: tensor) == [1, -2], "byte \(place), \(value)")
                }
            }
        }
    }
}
