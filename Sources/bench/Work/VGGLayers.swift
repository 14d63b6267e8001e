// The thirteen 3×3 convolutions of VGG16, as in conv.py: forward with bias, and the gradient at the
// input. Weights are packed beforehand, as a network packs them once.

import Randomness
import Tensors

/// A convolution of VGG16 at 224×224.
struct VGGLayer: Sendable {
    let name: String
    let channels: Int, outputs: Int, size: Int

    static let all: [VGGLayer] = [
        VGGLayer(name: "conv1_1", channels: 3, outputs: 64, size: 224),
        VGGLayer(name: "conv1_2", channels: 64, outputs: 64, size: 224),
        VGGLayer(name: "conv2_1", channels: 64, outputs: 128, size: 112),
        VGGLayer(name: "conv2_2", channels: 128, outputs: 128, size: 112),
        VGGLayer(name: "conv3_1", channels: 128, outputs: 256, size: 56),
        VGGLayer(name: "conv3_2", channels: 256, outputs: 256, size: 56),
        VGGLayer(name: "conv3_3", channels: 256, outputs: 256, size: 56),
        VGGLayer(name: "conv4_1", channels: 256, outputs: 512, size: 28),
        VGGLayer(name: "conv4_2", channels: 512, outputs: 512, size: 28),
        VGGLayer(name: "conv4_3", channels: 512, outputs: 512, size: 28),
        VGGLayer(name: "conv5_1", channels: 512, outputs: 512, size: 14),
        VGGLayer(name: "conv5_2", channels: 512, outputs: 512, size: 14),
        VGGLayer(name: "conv5_3", channels: 512, outputs: 512, size: 14),
    ]

    /// The two directions by the names that conv.py prints.
    static let directions = ["forward", "input-gradient"]

    static let measures = all.flatMap { layer in
        directions.map { direction in
            OurMeasure(name: "\(layer.name)-\(direction)") { setting in
                layer.time(isForward: direction == "forward", setting)
            }
        }
    }

    var shape: ConvolutionShape {
        ConvolutionShape(
            inputHeight: size, inputWidth: size, inputChannels: channels, outputChannels: outputs,
            kernel: (3, 3), padding: Padding(1, 1))
    }

    private func time(isForward: Bool, _ setting: OurMeasure.Setting) -> Timing {
        let engine = setting.engine
        var weights = ConvolutionWeights(shape)
        weights.pack(Noise.tensor(shape.weightShape), givesInputGradient: true, on: engine)
        let bias = Noise.tensor([outputs])
        let input = Noise.tensor([1, size, size, isForward ? channels : outputs])
        var (result, scratch) = (Tensor(shape: [0]), Tensor(shape: [0]))
        let repeats = max(1, Int(2e9 / Double(shape.flops)))
        return Timing(runs: setting.runs, repeats: repeats) {
            if isForward {
                engine.convolve(input, by: weights, bias: bias, into: &result, scratch: &scratch)
            } else {
                engine.convolutionInputGradient(
                    input, by: weights, into: &result, scratch: &scratch)
            }
        }
    }
}

/// Numbers to compute with.
enum Noise {
    /// Uniform in ±1, the same every time.
    static func tensor(_ shape: [Int]) -> Tensor {
        var stream = Stream(seed: 1, name: "bench")
        return Tensor(
            shape: shape,
            values: (0..<Tensor.count(of: shape)).map { _ in 2 * stream.uniform() - 1 })
    }

    /// Uniform in [0, 1): pixels.
    static func images(_ shape: [Int]) -> Tensor {
        var stream = Stream(seed: 1, name: "bench/images")
        return Tensor(
            shape: shape, values: (0..<Tensor.count(of: shape)).map { _ in stream.uniform() })
    }
}
