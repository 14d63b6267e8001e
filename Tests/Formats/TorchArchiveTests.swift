// The zip container: our own archives, with wide fields, and archives that lie.

import Formats
import Testing

/// Writes archives of stored or deflated entries; each field can be made to lie.
struct Archive {
    var entries: [(name: String, bytes: [UInt8])]
    var isWide = false
    var comment: [UInt8] = []
    var method: UInt16 = 0
    /// Names of entries that are deflated; see `deflated(_:)`.
    var packed: Set<String> = []
    /// The size that deflated entries claim to inflate to, where it is another.
    var claim: Int?
    var flags: UInt16 = 0
    /// Added to the place of every entry but the first.
    var shift = 0
    /// In the header before the content, where it differs.
    var localName: String?
    /// In the end record, where it differs.
    var count: UInt16?
    var crcChange: UInt32 = 0
    /// The checksum of everything, where it is another: 0 stands for none.
    var crc: UInt32?

    /// Deflate's plainest form (RFC 1951, 3.2.4): blocks of bytes as they are.
    static func deflated(_ bytes: [UInt8]) -> [UInt8] {
        var (result, rest): ([UInt8], ArraySlice<UInt8>) = ([], bytes[...])
        repeat {
            let block = rest.prefix(65_535)
            rest = rest.dropFirst(block.count)
            let size = UInt16(block.count)
            result +=
                [rest.isEmpty ? 1 : 0]
                + [size, ~size].flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
            result += block
        } while !rest.isEmpty
        return result
    }

    func file() -> [UInt8] {
        var (file, directory): ([UInt8], [UInt8]) = ([], [])
        for (index, entry) in entries.enumerated() {
            let isPacked = packed.contains(entry.name)
            let crc = crc ?? Archive.crc(entry.bytes) ^ crcChange
            let content = isPacked ? Archive.deflated(entry.bytes) : entry.bytes
            let inflated = UInt64(isPacked ? claim ?? entry.bytes.count : entry.bytes.count)
            let method = isPacked ? 8 : method
            let place = file.count + (index > 0 ? shift : 0)
            let name = Array(entry.name.utf8)
            let local = Array((localName ?? entry.name).utf8)
            file += le(0x0403_4B50 as UInt32) + le(20 as UInt16) + le(flags) + le(method)
            file += le(0 as UInt32) + le(crc) + le(UInt32(content.count))
            file += le(UInt32(clamping: inflated)) + le(UInt16(local.count)) + le(5 as UInt16)
            file += local + le(0x4246 as UInt16) + le(1 as UInt16) + [90] + content
            let sizes: [UInt32] =
                isWide ? [.max, .max] : [UInt32(content.count), UInt32(clamping: inflated)]
            let extra: [UInt8] =
                isWide
                ? le(1 as UInt16) + le(24 as UInt16) + le(inflated)
                    + le(UInt64(content.count)) + le(UInt64(place)) : []
            directory += le(0x0201_4B50 as UInt32) + le(20 as UInt16) + le(20 as UInt16)
            directory += le(flags) + le(method) + le(0 as UInt32) + le(crc) + sizes.flatMap(le)
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

    /// The checksum of zip archives and PNG chunks, bit by bit.
    static func crc(_ bytes: [UInt8]) -> UInt32 {
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
            #expect(try checkpoint.floats(of: checkpoint.named("w")) == [1, -2])
        }
    }

    private static func values(_ file: [UInt8]) throws -> [Float] {
        let checkpoint = try TorchCheckpointTests.read(file)
        return try checkpoint.floats(of: checkpoint.named("w"))
    }

    /// What PyTorch's own loader reads: compressed parts, bytes before and after, parts that nobody
    /// asks for in any state.
    private static let odd: [[UInt8]] = [
        changed { $0.packed = ["m/data.pkl", "m/byteorder", "m/data/0", "m/version"] },
        changed {
            $0.packed = ["m/data.pkl", "m/data/0"]
            $0.isWide = true
        },
        changed { $0.crc = 0 },
        changed { $0.count = 3 },
        changed { $0.entries[0].bytes.append(0) },
        changed { $0.entries += [("m/other", [1]), ("m/other", [2])] },
        sound.file() + [UInt8](repeating: 0, count: 3000),
        Array("#!/bin/sh\n".utf8) + sound.file(),
        Array("#!/bin/sh\n".utf8) + changed { $0.isWide = true } + [1, 2, 3],
    ]

    @Test(arguments: odd)
    func onlyWhatIsUsedMustBeSound(file: [UInt8]) throws {
        #expect(try Self.values(file) == [1, -2])
        #expect(try TorchCheckpointTests.read(file).mismatchedParts.isEmpty)
    }

    /// An unneeded part that is encrypted, with a name that is no text, or that lies elsewhere.
    @Test func unneededPartsMayBeAnything() throws {
        for (change, from): (Int, [UInt8]) in [
            (8, [1, 0]), (10, [99, 0]), (42, [255, 255, 255, 0]),
        ] {
            var file = Self.sound.file()
            // The last record of the directory is that of m/version.
            let record = try #require(
                file.indices.last { file[$0...].starts(with: [80, 75, 1, 2]) })
            file.replaceSubrange((record + change)..<(record + change + from.count), with: from)
            #expect(try Self.values(file) == [1, -2])
        }
        var file = Self.sound.file()
        let name = try #require(
            file.indices.last { file[$0...].starts(with: Array("m/version".utf8)) })
        file[name] = 0xFF
        #expect(try Self.values(file) == [1, -2])
    }

    /// PyTorch reads past wrong checksums; so do we, and say it.
    @Test func wrongChecksumsAreTold() throws {
        for packed: Set<String> in [[], ["m/data.pkl", "m/data/0"]] {
            let checkpoint = try TorchCheckpointTests.read(
                Self.changed {
                    $0.crcChange = 1
                    $0.packed = packed
                })
            #expect(checkpoint.mismatchedParts == ["m/data.pkl"])
            #expect(try checkpoint.floats(of: checkpoint.named("w")) == [1, -2])
            #expect(checkpoint.mismatchedParts == ["m/data.pkl", "m/data/0"])
        }
    }

    @Test func archivesThatLieAreRefused() {
        let cases: [(String, [UInt8])] = [
            ("is not a sound gzip file", Self.changed { $0.method = 8 }),
            ("is encrypted or compressed by an unusual method", Self.changed { $0.method = 9 }),
            ("is encrypted or compressed by an unusual method", Self.changed { $0.flags = 1 }),
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
        ]
        for (expected, file) in cases {
            let message = TorchHostileTests.message(file)
            #expect(message.contains(expected), "\(message)")
        }
    }

    /// What a compressed part may inflate to is what the pickle says of it, and what deflate can do.
    @Test func compressedPartsThatLieAboutTheirSizeAreRefused() {
        let cases: [(String, Set<String>, Int)] = [
            ("it has 4096 bytes, and 2 × F32 take 8", ["m/data/0"], 4096),
            ("claims to inflate 13 bytes to 2147483648", ["m/data/0"], 1 << 31),
            ("inflates to more than the 4 bytes", ["m/byteorder"], 4),
            ("inflates to 6 bytes, and claims 7", ["m/byteorder"], 7),
            ("bytes of m/byteorder: 5000, more than the 100", ["m/byteorder"], 5000),
        ]
        for (expected, packed, claim) in cases {
            let message = TorchHostileTests.message(
                Self.changed {
                    $0.packed = packed
                    $0.claim = claim
                })
            #expect(message.contains(expected), "\(message)")
        }
        // The same size in the pickle, and fewer bytes in the archive.
        let short = Self.changed {
            $0.packed = ["m/data/0"]
            $0.claim = 8
            $0.entries[2].bytes.removeLast()
        }
        #expect(TorchHostileTests.message(short).contains("inflates to 7 bytes, and claims 8"))
    }

    @Test func archivesOfOtherProgramsAreNamed() {
        for (names, words) in [
            (["m/data.pkl", "m/code/__torch__.py", "m/constants.pkl"], "a TorchScript program"),
            (["m/archive_format", "m/models/model.json"], "a program of torch.export (.pt2)"),
            (["config.json", "metadata.json", "model.weights.h5"], "a Keras model (.keras)"),
            (["fc1.npy", "fc2.npy"], "an archive of NumPy arrays (.npz)"),
        ] {
            let file = Archive(entries: names.map { ($0, [1]) }).file()
            #expect(
                TorchHostileTests.message(file)
                    == "w.pth: it is \(words), expected a PyTorch checkpoint")
        }
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
                        let tensor = try? checkpoint.named("w"),
                        let values = try? checkpoint.floats(of: tensor)
                    else { continue }
                    let isTold = !checkpoint.mismatchedParts.isEmpty
                    #expect(values == [1, -2] || isTold, "byte \(place), \(value)")
                }
            }
        }
    }
}
