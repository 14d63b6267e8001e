// Cases for the layers that imported networks have: activations, joins of branches, windows.

import Tensors

@testable import Networks

extension LayerCase {
    /// After a convolution, so that numbers of both signs come in.
    private static func activation(_ name: String, _ layer: any Layer) -> LayerCase {
        of(name, [2, 4, 4], flat: 48) {
            [Convolution("conv", inputs: 2, outputs: 3, kernel: 3, padding: 1), layer]
        }
    }

    static let activations = [
        activation("leaky ReLU", LeakyReLU("leaky", slope: 0.25)),
        activation("leaky ReLU with a negative slope", LeakyReLU("leaky", slope: -0.5)),
        activation("leaky ReLU with a slope of 0", LeakyReLU("leaky", slope: 0)),
        activation("PReLU", PReLU("prelu", slopes: 3)),
        activation("PReLU with one slope", PReLU("prelu", slopes: 1)),
        LayerCase(
            name: "PReLU and norm of a vector", image: [1, 4, 4],
            layers: [
                Linear("fc1", inputs: 16, outputs: 6), BatchNorm("bn", channels: 6),
                PReLU("prelu", slopes: 6), Linear("fc2", inputs: 6, outputs: 3),
            ]),
        activation("clip", Clip("clip", lower: -0.2, upper: 0.3)),
        activation("clip from below", Clip("clip", lower: -0.25)),
        activation("clip as a ReLU", Clip("clip", lower: 0)),
        activation("clip as a ReLU6", Clip("clip", lower: 0, upper: 6)),
        activation("clip of nothing", Clip("clip")),
        activation("tanh", Tanh("tanh")),
        activation("hard sigmoid", HardSigmoid("hard", slope: 1.5, offset: 0.25)),
        activation("hard swish", HardSwish("swish")),
        activation("ELU", ELU("elu", scale: 0.75)),
        activation("affine after a convolution", Affine("affine", channels: 3)),
        of("affine by itself", [2, 4, 4], flat: 32) { [Affine("affine", channels: 2)] },
        of("affine, then ReLU, after a convolution without bias", [2, 4, 4], flat: 48) {
            [
                Convolution("conv", inputs: 2, outputs: 3, kernel: 1, bias: false),
                Affine("affine", channels: 3), ReLU("relu"),
            ]
        },
        LayerCase(
            name: "affine of a vector", image: [1, 4, 4],
            layers: [
                Linear("fc1", inputs: 16, outputs: 6), Affine("affine", channels: 6),
                Affine("affine2", channels: 6), Linear("fc2", inputs: 6, outputs: 3),
            ]),
    ]

    static let colours = [
        LayerCase(
            name: "channels in another order", image: [3, 3, 4],
            layers: [
                Reorder("bgr", order: [2, 0, 1]),
                Normalise("pixels", mean: [0.5, 0.25, 0], deviation: [0.5, 1, 2]),
                Convolution("conv", inputs: 3, outputs: 2, kernel: 2), ReLU("relu"), Flatten(),
                Linear("fc", inputs: 12, outputs: 3),
            ])
    ]

    static let joins = [
        of("shortcut with a convolution", [2, 6, 6], flat: 27) {
            [
                Convolution("conv0", inputs: 2, outputs: 2, kernel: 1), ReLU("relu0"),
                Convolution("conv1", inputs: 2, outputs: 3, kernel: 3, stride: 2, padding: 1),
                BatchNorm("bn1", channels: 3), Branch("branch", of: "relu0"),
                Convolution("conv2", inputs: 2, outputs: 3, kernel: 1, stride: 2, bias: false),
                BatchNorm("bn2", channels: 3), Residual("add", of: "bn1"), ReLU("relu1"),
            ]
        },
        of("difference", [2, 4, 4], flat: 32) {
            [
                Convolution("conv1", inputs: 2, outputs: 2, kernel: 3, padding: 1), Tanh("tanh"),
                Subtract("sub", by: "conv1"), Subtract("sub2", by: "sub"),
                Subtract("sub3", by: "tanh"),
            ]
        },
        of("SiLU", [2, 4, 4], flat: 32) {
            [
                Convolution("conv1", inputs: 2, outputs: 2, kernel: 3, padding: 1),
                Sigmoid("sigmoid"), Multiply("silu", by: "conv1"),
            ]
        },
        of("square", [2, 4, 4], flat: 32) { [Multiply("square", by: "pixels")] },
        of("squeeze and excitation", [2, 4, 5], flat: 60) {
            [
                Convolution("conv1", inputs: 2, outputs: 3, kernel: 3, padding: 1), ReLU("relu"),
                GlobalAveragePool("squeeze", keepsMaps: true),
                Convolution("conv2", inputs: 3, outputs: 2, kernel: 1), Tanh("tanh"),
                Convolution("conv3", inputs: 2, outputs: 3, kernel: 1), Sigmoid("gate"),
                Branch("features", of: "relu"), Multiply("excite", by: "gate"),
            ]
        },
        of("factors of a vector", [2, 4, 4], flat: 32) {
            [
                GlobalAveragePool("squeeze"), Linear("fc0", inputs: 2, outputs: 2),
                Branch("features", of: "pixels"), Multiply("excite", by: "fc0"),
            ]
        },
        of("three branches side by side", [2, 4, 4], flat: 7 * 16) {
            [
                Convolution("conv1", inputs: 2, outputs: 2, kernel: 1), ReLU("relu1"),
                Branch("b1", of: "pixels"), Convolution("conv2", inputs: 2, outputs: 3, kernel: 1),
                Concat("concat", with: ["relu1", "pixels"]),
            ]
        },
        of("a branch twice, and itself", [2, 3, 3], flat: 54) {
            [
                Convolution("conv1", inputs: 2, outputs: 2, kernel: 1), Tanh("tanh"),
                Concat("concat", with: ["tanh", "conv1"]),
            ]
        },
        LayerCase(
            name: "vectors side by side", image: [1, 3, 3],
            layers: [
                Linear("fc1", inputs: 9, outputs: 4), ReLU("relu"), Branch("b", of: "fc1"),
                Linear("fc2", inputs: 4, outputs: 2), Concat("concat", with: ["relu", "fc1"]),
                Linear("fc3", inputs: 10, outputs: 3),
            ]),
        LayerCase(
            name: "maps of a vector", image: [1, 4, 6],
            layers: [
                Flatten("first"), Unflatten("maps", shape: [2, 3, 4]),
                Convolution("conv", inputs: 2, outputs: 2, kernel: 2), Flatten(),
                Unflatten("one", shape: [12, 1, 1]),
                Convolution("conv2", inputs: 12, outputs: 3, kernel: 1), Flatten("last"),
            ]),
    ]

    static let windows = [
        of("dilated convolution", [2, 7, 6], flat: 3 * 7 * 4) {
            [
                Convolution(
                    "conv", inputs: 2, outputs: 3, kernel: [3, 2], padding: Padding(2, 0),
                    dilation: [2, 2])
            ]
        },
        of("dilated convolution, stride, groups", [4, 8, 8], flat: 6 * 4 * 4) {
            [
                Convolution(
                    "conv", inputs: 4, outputs: 6, kernel: [3, 3], stride: [2, 2],
                    padding: Padding(2, 2), dilation: [2, 2], groups: 2)
            ]
        },
        of("dilated depthwise convolution", [3, 6, 6], flat: 3 * 36) {
            [
                Convolution(
                    "conv", inputs: 3, outputs: 3, kernel: [3, 3], padding: Padding(2, 2),
                    dilation: [2, 2], groups: 3)
            ]
        },
        of("max pool with gaps", [2, 6, 7], flat: 2 * 3 * 7) {
            [
                MaxPool(
                    "pool", kernel: [3, 2], stride: [2, 1],
                    padding: Padding(top: 2, left: 1, bottom: 1, right: 1), dilation: [2, 2])
            ]
        },
        of("max pool, rounded up", [2, 6, 5], flat: 2 * 3 * 3) {
            [
                MaxPool(
                    "pool", kernel: [3, 2], stride: [2, 2],
                    padding: Padding(top: 0, left: 0, bottom: 0, right: 0), ceil: true)
            ]
        },
        of("max pool, rounded up, but no window beyond the image", [2, 3, 6], flat: 4) {
            [MaxPool("pool", kernel: [2, 2], stride: [3, 3], ceil: true)]
        },
        of("average pool, padding not counted", [2, 5, 6], flat: 2 * 3 * 6) {
            [
                AveragePool(
                    "pool", kernel: [3, 3], stride: [2, 1], padding: Padding(1, 1),
                    countsPadding: false)
            ]
        },
        of("average pool, rounded up, padding counted", [2, 6, 6], flat: 2 * 4 * 4) {
            [
                AveragePool(
                    "pool", kernel: [3, 3], stride: [2, 2], padding: Padding(1, 1), ceil: true)
            ]
        },
        of("average pool, rounded up, padding not counted", [2, 6, 5], flat: 2 * 4 * 3) {
            [
                AveragePool(
                    "pool", kernel: [3, 3], stride: [2, 2],
                    padding: Padding(top: 1, left: 0, bottom: 1, right: 1), ceil: true,
                    countsPadding: false)
            ]
        },
        of("average pool with gaps", [2, 6, 6], flat: 2 * 16) {
            [AveragePool("pool", kernel: [2, 2], stride: [1, 1], dilation: [2, 2])]
        },
        of("pad and crop", [3, 4, 5], flat: 4 * 5 * 5) {
            [
                Pad(
                    "pad", padding: Padding(top: 2, left: -1, bottom: -1, right: 1),
                    channelsBefore: -1, channelsAfter: 2, value: 0.75)
            ]
        },
        of("pad of nothing", [2, 4, 4], flat: 32) { [Pad("pad", padding: Padding())] },
    ]
}
