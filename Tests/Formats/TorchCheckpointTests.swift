// PyTorch's own files: the values that torch.load reads, and damage of every kind.

import Formats
import Testing

@Suite struct TorchCheckpointTests {
    static func read(_ bytes: [UInt8]) throws -> TorchCheckpoint {
        try TorchCheckpoint(MappedFile(copying: bytes, named: "w.pth"))
    }

    /// One line for each tensor of a dictionary, as the fixtures list them.
    static func summary(_ checkpoint: TorchCheckpoint, _ path: String...) throws -> String {
        try checkpoint.all(path).map { tensor in
            var hash: UInt64 = 14_695_981_039_346_656_037
            for byte in try checkpoint.bytes(of: tensor) {
                hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211
            }
            return "\(tensor.name) \(tensor.dtype) \(tensor.stored) \(tensor.shape) \(hash)"
        }.joined(separator: "\n")
    }

    @Test func readsBothFormatsAsPyTorchDoes() throws {
        for (file, container) in [
            (TorchFixtures.smallZip, TorchCheckpoint.Container.zip),
            (TorchFixtures.smallLegacy, .legacy),
        ] {
            let checkpoint = try Self.read(file)
            #expect(checkpoint.container == container)
            #expect(checkpoint.dictionaries.map(\.path) == [[]])
            #expect(checkpoint.dictionaries[0].others == 0)
            #expect(try Self.summary(checkpoint) == TorchFixtures.small)
            #expect(checkpoint.mismatchedParts.isEmpty)
        }
    }

    @Test func findsAllDictionariesAndMakesTensorsContiguous() throws {
        for file in [TorchFixtures.wrappedZip, TorchFixtures.wrappedLegacy] {
            let checkpoint = try Self.read(file)
            #expect(checkpoint.dictionaries.map(\.path) == TorchFixtures.wrappedPaths)
            #expect(try Self.summary(checkpoint, "state_dict") == TorchFixtures.wrapped)
            // Widened and rounded exactly: the bits that PyTorch's float() gives.
            #expect(
                try checkpoint.floats(of: checkpoint.named("h", in: "state_dict"))
                    == [1.5, 65504, 0x1p-24, .infinity, -0x1.5p-16])
            #expect(
                try checkpoint.floats(of: checkpoint.named("d", in: "state_dict")).map(\.bitPattern)
                    == [0x3EAA_AAAB, 0x7F80_0000, 0, 0x4B80_0000, 0x8000_0000])
            let (whole, view) = try (
                checkpoint.named("tied", in: "state_dict"), checkpoint.named("s", in: "state_dict")
            )
            let values = try checkpoint.floats(of: whole)
            #expect(
                try checkpoint.floats(of: view) == [6, 8, 10, 12, 14, 16].map { values[$0] })
        }
    }

    @Test func truncationAtEveryByteIsAFault() {
        for file in [
            TorchFixtures.smallZip, TorchFixtures.smallLegacy, TorchFixtures.wrappedLegacy,
        ] {
            for length in file.indices {
                #expect(throws: FormatFault.self, "\(length) bytes") {
                    try Self.read(Array(file[..<length]))
                }
            }
        }
    }

    /// What follows a checkpoint is nothing that PyTorch reads, and may even look like an archive's end.
    @Test func bytesAfterTheEndArePassedOver() throws {
        let after: [[UInt8]] = [
            [0], [UInt8](repeating: 10, count: 70_000), [0x50, 0x4B, 5, 6],
            [0x50, 0x4B, 5, 6] + [UInt8](repeating: 0xFF, count: 40),
        ]
        for file in [TorchFixtures.smallZip, TorchFixtures.smallLegacy] {
            for bytes in after {
                let checkpoint = try Self.read(file + bytes)
                #expect(try Self.summary(checkpoint) == TorchFixtures.small)
            }
        }
    }

    /// PyTorch does not look at an archive's checksums; we say where they are off: whatever is still
    /// read, and is not what was written, is told.
    @Test func flippedBitsOfAnArchiveNeverChangeValuesUnseen() throws {
        let intact = TorchFixtures.smallZip
        var random = Steps(state: 7)
        for _ in 0..<2000 {
            let (place, bit) = (random.below(intact.count), random.below(8))
            var damaged = intact
            damaged[place] ^= 1 << bit
            if let checkpoint = try? Self.read(damaged),
                let found = try? Self.summary(checkpoint)
            {
                let isTold = !checkpoint.mismatchedParts.isEmpty
                #expect(found == TorchFixtures.small || isTold, "byte \(place), bit \(bit)")
            }
        }
    }

    /// The older format has none: values may change, but every answer is a fault or sound tensors.
    @Test func flippedBytesOfAStreamNeverTrap() throws {
        var random = Steps(state: 11)
        for round in 0..<4000 {
            let intact =
                round.isMultiple(of: 2) ? TorchFixtures.smallLegacy : TorchFixtures.wrappedLegacy
            var damaged = intact
            for _ in 0...random.below(3) {
                damaged[random.below(intact.count)] = UInt8(random.below(256))
            }
            guard let checkpoint = try? Self.read(damaged) else { continue }
            for entry in checkpoint.dictionaries.flatMap(\.tensors) {
                guard let tensor = try? checkpoint.tensor(entry) else { continue }
                let bytes = try checkpoint.bytes(of: tensor).count
                #expect(bytes == tensor.shape.reduce(tensor.dtype.size, *))
            }
        }
    }

    @Test func whatIsNoCheckpointIsSaid() {
        #expect(
            TorchHostileTests.message(Array("words, words".utf8))
                == "w.pth, byte 0: it starts with the bytes 119 111 114 100, expected 80 75 3 4 (a zip "
                + "archive) or 128 2 138 10 (the older format)")
        #expect(
            TorchHostileTests.message(Array("<!DOCTYPE html>".utf8))
                == "w.pth, byte 0: it is a web page (HTML), expected a PyTorch checkpoint")
        #expect(TorchHostileTests.message([]).contains("starts with the bytes"))
        #expect(
            TorchHostileTests.message(Array(TorchFixtures.smallZip.prefix(2000)))
                == "w.pth, byte 2000: the file ends inside its zip archive (there is no end record); "
                + "fetch it again")
    }
}

extension TorchCheckpoint {
    /// The tensors of the dictionary under these keys.
    func all(_ path: [String] = []) throws -> [Tensor] {
        try #require(dictionaries.first { $0.path == path }).tensors.map(tensor)
    }

    /// A tensor of the dictionary under these keys.
    func named(_ name: String, in path: String...) throws -> Tensor {
        guard let dictionary = dictionaries.first(where: { $0.path == path }),
            let entry = dictionary.tensors.first(where: { $0.name == name })
        else { throw FormatFault.notAFile(file: "\(path) \(name)") }
        return try tensor(entry)
    }
}

/// A small generator of numbers, the same ones every time.
struct Steps {
    var state: UInt64

    mutating func below(_ limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % limit
    }
}
