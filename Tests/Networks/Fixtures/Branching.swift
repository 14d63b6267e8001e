// A network that forks and joins in every way, with every kind of layer that `everything` lacks.

import Tensors

@testable import Networks

extension Architecture {
    /// For images of [2, 12, 12]: a shortcut with a convolution of its own, squeeze and excitation, SiLU,
    /// three branches side by side, a difference.
    static let branching = Architecture(
        builtIn: "branching", imageShape: [2, 12, 12],
        layers: [
            ChannelsLast(),
            Convolution(
                "stem", inputs: 2, outputs: 4, kernel: [3, 3], padding: Padding(2, 2),
                dilation: [2, 2]),
            Affine("affine1", channels: 4), PReLU("prelu1", slopes: 4),
            // A shortcut with a convolution and a normalisation of its own.
            Convolution("main", inputs: 4, outputs: 6, kernel: 3, stride: 2, padding: 1),
            BatchNorm("bn1", channels: 6), Tanh("tanh"),
            Branch("shortcut", of: "prelu1"),
            Convolution("short", inputs: 4, outputs: 6, kernel: 1, stride: 2, bias: false),
            BatchNorm("bn2", channels: 6), Residual("join", of: "tanh"), LeakyReLU("leaky"),
            // Squeeze and excitation.
            GlobalAveragePool("squeeze", keepsMaps: true),
            Convolution("reduce", inputs: 6, outputs: 3, kernel: 1), HardSwish("swish"),
            Convolution("expand", inputs: 3, outputs: 6, kernel: 1), HardSigmoid("gate"),
            Branch("features", of: "leaky"), Multiply("excite", by: "gate"),
            // x·sigmoid(x).
            Sigmoid("sigmoid"), Multiply("silu", by: "excite"),
            // Three branches side by side.
            Branch("left", of: "silu"),
            AveragePool(
                "average", kernel: [3, 3], stride: [1, 1], padding: Padding(1, 1), ceil: true,
                countsPadding: false),
            Branch("middle", of: "silu"),
            MaxPool(
                "maximum", kernel: [2, 2], stride: [1, 1], padding: Padding(1, 1),
                dilation: [2, 2]),
            Branch("right", of: "silu"),
            Pad("pad", padding: Padding(top: 1, left: 0, bottom: -1, right: 0), value: 0.5),
            Concat("concat", with: ["average", "maximum"]),
            Convolution("mix", inputs: 18, outputs: 4, kernel: 1), ELU("elu"),
            Convolution(
                "gaps", inputs: 4, outputs: 4, kernel: [3, 3], padding: Padding(2, 2),
                dilation: [2, 2], groups: 4),
            Subtract("difference", by: "elu"), Clip("clip", lower: -0.5, upper: 0.75),
            Flatten(), Linear("fc1", inputs: 144, outputs: 12), BatchNorm("bn3", channels: 12),
            PReLU("prelu2", slopes: 1), Linear("fc2", inputs: 12, outputs: 3),
        ])
}
