// Bits that must never move unnoticed. A change here is a change of every result of the project:
// renew the numbers only together with the reason.

import Tensors
import Testing

@testable import Networks

/// FNV-1a over the bit patterns, lowest byte first.
private func fingerprint(_ tensors: [Tensor]) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for tensor in tensors {
        for value in tensor.values {
            for shift in stride(from: 0, to: 32, by: 8) {
                hash = (hash ^ UInt64((value.bitPattern >> UInt32(shift)) & 255)) &* 0x100_0000_01B3
            }
        }
    }
    return hash
}

@Suite("Golden bits")
struct GoldenTests {
    private func ordered(_ parameters: [String: Tensor]) -> [Tensor] {
        parameters.sorted { $0.key < $1.key }.map(\.value)
    }

    @Test func firstWeightsOfTheDefaultNetwork() {
        let weights = Architecture.mlp.initialParameters(seed: 1)
        #expect(fingerprint(ordered(weights)) == 13_478_358_733_368_242_282)
    }

    /// Two hundred steps, on every instruction set of this machine and 1, 2, 3, 5 and 8 threads.
    @Test func weightsAfterTwoHundredSteps() throws {
        let task = smallTask(count: 320)
        var found: Set<UInt64> = []
        for set in InstructionSet.available {
            for threads in [1, 2, 3, 5, 8] {
                let engine = try #require(Engine(set, workers: Workers(threads: threads)))
                var trainer = Trainer(
                    smallArchitecture, settings: settings(epochs: 10), engine: engine)
                for _ in 0..<10 {
                    _ = try trainer.runEpoch(images: task.images, labels: task.labels)
                }
                found.insert(fingerprint(ordered(trainer.parameters)))
            }
        }
        #expect(found == [5_974_521_129_923_997_693])
    }
}
