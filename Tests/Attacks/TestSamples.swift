// What the tests of all attacks share: small networks, samples for them, and a digest.

import Networks
import Randomness
import Tensors

@testable import Attacks

/// A linear classifier of 3 × 3 images: closed forms are known for it.
let linear = Architecture(
    multilayerPerceptron: "linear", imageShape: [1, 3, 3], widths: [9, 3])

/// A network with drawn weights.
func network(_ engine: Engine, _ architecture: Architecture = linear) throws -> Network {
    try Network(
        architecture, parameters: architecture.initialParameters(seed: 11), engine: engine)
}

/// Images, and the network's own answers as labels, a few of them made wrong.
func samples(_ count: Int, for network: Network, wrongEvery: Int = 7) throws -> (
    images: Tensor, labels: [Int]
) {
    var random = Stream(seed: 4, name: "images")
    let length = Tensor.count(of: network.imageShape)
    let images = Tensor(
        shape: [count] + network.imageShape,
        values: (0..<count * length).map { _ in random.uniform() })
    var pass = network.makePass()
    let answers = try pass.logits(of: images).argmaxOfRows()
    return (
        images,
        answers.enumerated().map { $0 % wrongEvery == 3 ? ($1 + 1) % network.classes : $1 }
    )
}

func run(
    _ attack: some Attack, _ threat: ThreatModel, on network: Network, count: Int = 60
) throws -> AttackResult {
    let (images, labels) = try samples(count, for: network)
    return try AttackDriver(threat).run(
        attack, on: network, images: images, labels: labels, keys: Array(1000..<1000 + count))
}

func fgsm(_ values: [String: SettingDescription.Value] = [:]) -> FGSM {
    FGSM(SettingValues(FGSM.settings, values))
}

func noise(_ values: [String: SettingDescription.Value] = [:]) -> NoiseSGD {
    NoiseSGD(SettingValues(NoiseSGD.settings, values))
}

/// A network with a layer in between.
let small = Architecture(
    multilayerPerceptron: "small", imageShape: [1, 5, 5], widths: [25, 16, 4])

func pgd(_ values: [String: SettingDescription.Value] = [:]) -> PGD {
    PGD(SettingValues(PGD.settings, values))
}

/// FNV-1a over the bits of every element.
func digest(_ tensor: Tensor) -> UInt64 {
    tensor.values.reduce(0xCBF2_9CE4_8422_2325) { hash, value in
        stride(from: UInt32(0), to: 32, by: 8).reduce(hash) {
            ($0 ^ UInt64((value.bitPattern >> $1) & 255)) &* 0x100_0000_01B3
        }
    }
}
