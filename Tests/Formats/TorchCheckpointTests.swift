// PyTorch's own files: the values that torch.load reads, and damage of every kind.

import Formats
import Testing

@Suite struct TorchCheckpointTests {
    static func read(_ bytes: [UInt8]) throws -> TorchCheckpoint {
        try TorchCheckpoint(MappedFile(copying: bytes, named: "w.pth"))
    }

    /// One line for each tensor, as the fixtures list them.
    static func summary(_ checkpoint: TorchCheckpoint) -> String {
        checkpoint.tensors.map { tensor in
            var hash: UInt64 = 14_695_981_039_346_656_037
            for byte in checkpoint.bytes(of: tensor) {
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
            #expect(checkpoint.path.isEmpty && checkpoint.others.isEmpty)
            #expect(Self.summary(checkpoint) == TorchFixtures.small)
        }
    }

    @Test func findsTheStateDictAndMakesTensorsContiguous() throws {
        for file in [TorchFixtures.wrappedZip, TorchFixtures.wrappedLegacy] {
            let checkpoint = try Self.read(file)
            #expect(checkpoint.path == ["state_dict"])
            #expect(Self.summary(checkpoint) == TorchFixtures.wrapped)
            // Widened and rounded exactly: the bits that PyTorch's float() gives.
            #expect(
                try checkpoint.floats(of: checkpoint.tensor("h"))
                    == [1.5, 65504, 0x1p-24, .infinity, -0x1.5p-16])
            #expect(
                try checkpoint.floats(of: checkpoint.tensor("d")).map(\.bitPattern)
                    == [0x3EAA_AAAB, 0x7F80_0000, 0, 0x4B80_0000, 0x8000_0000])
            let (whole, view) = try (checkpoint.tensor("tied"), checkpoint.tensor("s"))
            let values = checkpoint.floats(of: whole)
            #expect(
                checkpoint.floats(of: view) == [6, 8, 10, 12, 14, 16].map { values[$0] })
            #expect(throws: FormatFault.self) { try checkpoint.tensor("none") }
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
            #expect(throws: FormatFault.self) { try Self.read(file + [0]) }
        }
    }

    /// An archive has checksums: whatever is still read must be what was written.
    @Test func flippedBitsOfAnArchiveNeverChangeValues() throws {
        let intact = TorchFixtures.smallZip
        var random = Steps(state: 7)
        for _ in 0..<2000 {
            let (place, bit) = (random.below(intact.count), random.below(8))
            var damaged = intact
            damaged[place] ^= 1 << bit
            if let checkpoint = try? Self.read(damaged) {
                #expect(
                    Self.summary(checkpoint) == TorchFixtures.small, "byte \(place), bit \(bit)")
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
            for tensor in checkpoint.tensors {
                let bytes = checkpoint.bytes(of: tensor).count
                #expect(bytes == tensor.shape.reduce(tensor.dtype.size, *))
            }
        }
    }

    @Test func whatIsNoCheckpointIsSaid() {
        #expect(
            TorchHostileTests.message(Array("<!DOCTYPE html>".utf8))
                == "w.pth, byte 0: it starts with the bytes 60 33 68 79, expected 80 75 3 4 (a zip "
                + "archive) or 128 2 138 10 (the older format)")
        #expect(TorchHostileTests.message([]).contains("starts with the bytes"))
        #expect(
            TorchHostileTests.message(Array(TorchFixtures.smallZip.prefix(2000)))
                == "w.pth, byte 2000: the file ends inside its zip archive (there is no end record); "
                + "fetch it again")
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
