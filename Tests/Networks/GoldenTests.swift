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
        #expect(found == [7_020_552_728_980_122_967])
    }

    @Test func firstWeightsOfMadrysNetwork() {
        let weights = Architecture.madry.initialParameters(seed: 1)
        #expect(fingerprint(ordered(weights)) == 3_027_158_621_193_518_694)
    }

    /// A small network of convolutions: plain descent; and every kind of layer under Adam.
    @Test func weightsOfConvolutionalNetworksAfterSomeSteps() throws {
        let adam = TrainingSettings(
            epochs: 2, batch: 8, schedule: .cyclic(low: 0, high: 0.01, cycles: 1, peak: 0.4),
            rule: .adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8), weightDecay: 1e-4, seed: 7)
        let runs = [
            (smallMadry, settings(epochs: 3, batch: 8), UInt64(6_191_616_984_229_695_890)),
            (try everything(), adam, UInt64(11_689_664_182_277_680_096)),
        ]
        for (architecture, how, expected) in runs {
            let task = noise(20, architecture.imageShape)
            var found: Set<UInt64> = []
            for set in InstructionSet.available {
                for threads in [1, 2, 3] {
                    let engine = try #require(Engine(set, workers: Workers(threads: threads)))
                    var trainer = Trainer(architecture, settings: how, engine: engine)
                    for _ in 0..<how.epochs {
                        _ = try trainer.runEpoch(images: task.images, labels: task.labels)
                    }
                    found.insert(fingerprint(ordered(trainer.parameters)))
                }
            }
            #expect(found == [expected], "\(architecture.name)")
        }
    }
}
