// Cases for the layers that only imported networks have: functions, numbers at other places,
// normalisations.

import Tensors

@testable import Networks

extension LayerCase {
    private static func after(_ name: String, _ layers: [any Layer], flat: Int = 48) -> LayerCase {
        of(name, [2, 4, 4], flat: flat) {
            [Convolution("conv", inputs: 2, outputs: 3, kernel: 3, padding: 1)] + layers
        }
    }

    /// After a sigmoid and a shift, so that numbers from 0.25 to 1.25 come in.
    private static func positive(_ name: String, _ layers: [any Layer]) -> LayerCase {
        after(name, [HardSigmoid("one", slope: 0.3), Clip("clip", lower: 0.25)] + layers)
    }

    static let functions = [
        after("exponential", [Exponential("exp")]),
        positive("logarithm", [Logarithm("log")]),
        after("absolute", [Absolute("abs")]),
        after("softplus", [Softplus("softplus")]),
        after("softsign", [Softsign("softsign")]),
        after("power 2", [Power("power", exponent: 2)]),
        after("power 3", [Power("power", exponent: 3)]),
        after("power 1", [Power("power", exponent: 1)]),
        after("power 0", [Power("power", exponent: 0), Residual("add", of: "conv"), Tanh("t")]),
        positive("square root", [Power("power", exponent: 0.5)]),
        positive("reciprocal", [Power("power", exponent: -1)]),
        positive("power -1.7", [Power("power", exponent: -1.7)]),
        positive("quotient", [Divide("div", by: "clip"), Divide("div2", by: "one")]),
        of("quotient of branches", [2, 4, 4], flat: 32) {
            [
                Softplus("softplus"), Branch("b", of: "pixels"),
                Convolution("conv", inputs: 2, outputs: 2, kernel: 1),
                Divide("div", by: "softplus"),
            ]
        },
        after("maximum", [Tanh("tanh"), Maximum("max", with: "conv"), Maximum("m", with: "max")]),
        after("minimum", [Tanh("tanh"), Minimum("min", with: "conv")]),
        after("softmax of channels", [Softmax("softmax")]),
        after("log-softmax of channels", [LogSoftmax("softmax")]),
        LayerCase(
            name: "softmax of a vector", image: [1, 4, 4],
            layers: [
                Linear("fc1", inputs: 16, outputs: 20), Softmax("softmax"),
                Linear("fc2", inputs: 20, outputs: 3), LogSoftmax("last"),
            ]),
        of("constants", [2, 4, 4], flat: 64) {
            [
                Constants("given1", shape: [2, 4, 4]), Multiply("mul", by: "pixels"), Tanh("tanh"),
                Constants("given2", shape: [2, 4, 4]), Concat("concat", with: ["tanh"]),
            ]
        },
        LayerCase(
            name: "constants of a vector", image: [1, 3, 3],
            layers: [
                Linear("fc1", inputs: 9, outputs: 4), Constants("given1", shape: [4]),
                Maximum("max", with: "fc1"), Linear("fc2", inputs: 4, outputs: 3),
            ]),
    ]

    static let places = [
        after(
            "pixel shuffle",
            [
                Convolution("conv2", inputs: 3, outputs: 12, kernel: 1),
                Permute(
                    "shuffle", axes: [3, 2, 2, 4, 4], order: [0, 3, 1, 4, 2], shape: [3, 8, 8]),
            ], flat: 192),
        after("axes to a vector", [Permute("p", axes: [3, 4, 4], order: [1, 2, 0], shape: [48])]),
        LayerCase(
            name: "permutations of a vector, one that moves nothing", image: [1, 4, 6],
            layers: [
                Permute("p", axes: [4, 6], order: [1, 0], shape: [24]),
                Permute("q", axes: [3, 1, 8], order: [1, 0, 2], shape: [24]),
                Linear("fc", inputs: 24, outputs: 3),
            ]),
        after(
            "mirrored and repeated border",
            [
                Select("pad", rows: [2, 1, 0, 1, 2, 3, 2], columns: [0, 0, 0, 1, 2, 3, 3])
            ], flat: 3 * 49),
        after(
            "tiles of channels, every second row",
            [
                Select("tile", channels: [0, 1, 2, 0, 1, 2, 1], rows: [3, 1])
            ], flat: 7 * 8),
        after("selection of all", [Select("all", channels: [0, 1, 2])]),
        LayerCase(
            name: "selection of a vector", image: [1, 3, 3],
            layers: [
                Linear("fc1", inputs: 9, outputs: 4), Select("select", channels: [3, 3, 0]),
            ]),
    ]

    static let norms = [
        after("instance norm", [InstanceNorm("given", channels: 3, epsilon: 1e-3)]),
        after("response norm", [ResponseNorm("norm", size: 2, alpha: 0.5, beta: 0.75)]),
        after(
            "response norm wider than the channels",
            [
                ResponseNorm("norm", size: 9, alpha: 2, beta: 1.5, offset: 2)
            ]),
        after(
            "response norm of many channels",
            [
                Convolution("conv2", inputs: 3, outputs: 70, kernel: 1),
                ResponseNorm("norm", size: 5, alpha: 1),
            ], flat: 1120),
        after(
            "transposed convolution",
            [
                ConvolutionTranspose(
                    "up", inputs: 3, outputs: 2, kernel: [3, 2], stride: [2, 3],
                    padding: Padding(top: 1, left: 0, bottom: 0, right: 1), outputPadding: [1, 0])
            ], flat: 2 * 9 * 10),
        after(
            "transposed convolution, groups, gaps, no bias",
            [
                Convolution("conv2", inputs: 3, outputs: 4, kernel: 1),
                ConvolutionTranspose(
                    "up", inputs: 4, outputs: 6, kernel: [2, 2], dilation: [2, 1], groups: 2,
                    bias: false),
            ], flat: 6 * 6 * 5),
        after(
            "depthwise transposed convolution",
            [
                ConvolutionTranspose(
                    "up", inputs: 3, outputs: 3, kernel: [2, 2], stride: [2, 2], groups: 3)
            ], flat: 3 * 64),
    ]
}
