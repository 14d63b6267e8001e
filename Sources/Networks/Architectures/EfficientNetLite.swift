// EfficientNet-Lite0, -Lite1 and -Lite2 for ImageNet, with the names of their PyTorch versions.

import Tensors

extension Architecture {
    /// EfficientNet-Lite0 (4,652,008 parameters): Tan and Le, "EfficientNet" (2019), without
    /// squeeze-and-excitation and with ReLU6, as Google published it for small devices.
    ///
    /// Names are those of the package `efficientnet_lite_pytorch`, whose weights come from
    /// TensorFlow's. From there too: padding is "SAME", so that with stride 2 and even sides there is
    /// one zero less above and to the left; ε of the normalisations is 0.001; pixels enter as
    /// (255·x − 127) / 128. In training, dropout before the last layer works; the dropping of whole
    /// blocks ("drop connect") that the authors used as well is not done.
    ///
    /// | layers | output | parameters |
    /// |---|---|---|
    /// | _conv_stem 3×3, stride 2 | 32 × 112 × 112 | 928 |
    /// | _blocks.0: 3×3 | 16 × 112 × 112 | 896 |
    /// | _blocks.1–2: 3×3, stride 2 | 24 × 56 × 56 | 14,160 |
    /// | _blocks.3–4: 5×5, stride 2 | 40 × 28 × 28 | 42,192 |
    /// | _blocks.5–7: 3×3, stride 2 | 80 × 14 × 14 | 193,680 |
    /// | _blocks.8–10: 5×5 | 112 × 14 × 14 | 508,320 |
    /// | _blocks.11–14: 5×5, stride 2 | 192 × 7 × 7 | 1,796,928 |
    /// | _blocks.15: 3×3 | 320 × 7 × 7 | 605,440 |
    /// | _conv_head 1×1, mean | 1,280 | 412,160 |
    /// | _fc | 1,000 | 1,281,000 |
    public static let efficientNetLite0 = efficientNetLite("efficientnet-lite0", side: 224)

    /// EfficientNet-Lite1 (5,416,680 parameters): as Lite0 on images of 240 × 240, with a tenth more
    /// blocks, rounded up, in all stages but the first and the last.
    public static let efficientNetLite1 = efficientNetLite(
        "efficientnet-lite1", side: 240, depth: 1.1)

    /// EfficientNet-Lite2 (6,092,072 parameters): 260 × 260, a tenth more channels, in multiples of eight,
    /// and a fifth more blocks; dropout 0.3.
    public static let efficientNetLite2 = efficientNetLite(
        "efficientnet-lite2", side: 260, width: 1.1, depth: 1.2, dropout: 0.3)

    /// The layers of the family on images of some size.
    ///
    /// - Parameters:
    ///   - name: What it is called.
    ///   - side: The side of the images.
    ///   - width: What the channels between stem and head are multiplied by.
    ///   - depth: What the numbers of blocks are multiplied by.
    ///   - dropout: The share that is dropped before the last layer in training.
    ///   - classes: The classes.
    /// - Returns: The network.
    static func efficientNetLite(
        _ name: String, side: Int, width: Double = 1, depth: Double = 1, dropout: Float = 0.2,
        classes: Int = 1000
    ) -> Architecture {
        var layers = LiteLayers(side: side)
        layers.convolution("_conv_stem", "_bn0", to: 32, kernel: 3, stride: 2)
        layers.activation("_relu0")
        var block = 0
        for (number, plain) in stages.enumerated() {
            let isEnd = number == 0 || number == stages.count - 1
            let stage = plain.scaled(width: width, depth: isEnd ? 1 : depth)
            for place in 0..<stage.blocks {
                layers.block(
                    "_blocks.\(block)", stage, stride: place == 0 ? stage.stride : 1)
                block += 1
            }
        }
        layers.convolution("_conv_head", "_bn1", to: 1280, kernel: 1)
        layers.activation("_relu1")
        return Architecture(
            builtIn: name, imageShape: [3, side, side],
            layers: layers.layers + [
                GlobalAveragePool("_avg_pooling"), Dropout("_dropout", rate: dropout),
                Linear("_fc", inputs: 1280, outputs: classes),
            ])
    }

    /// Blocks in a row with the same output.
    fileprivate struct Stage {
        let blocks: Int, kernel: Int, stride: Int, expansion: Int, outputs: Int

        /// Wider, in the nearest multiple of eight (one more where that takes away a tenth), and deeper,
        /// rounded up: the rule of Tan and Le.
        func scaled(width: Double, depth: Double) -> Stage {
            let wanted = Double(outputs) * width
            let nearest = max(8, Int(wanted + 4) / 8 * 8)
            return Stage(
                blocks: Int((Double(blocks) * depth).rounded(.up)), kernel: kernel, stride: stride,
                expansion: expansion,
                outputs: Double(nearest) < 0.9 * wanted ? nearest + 8 : nearest)
        }
    }

    private static let stages = [
        Stage(blocks: 1, kernel: 3, stride: 1, expansion: 1, outputs: 16),
        Stage(blocks: 2, kernel: 3, stride: 2, expansion: 6, outputs: 24),
        Stage(blocks: 2, kernel: 5, stride: 2, expansion: 6, outputs: 40),
        Stage(blocks: 3, kernel: 3, stride: 2, expansion: 6, outputs: 80),
        Stage(blocks: 3, kernel: 5, stride: 1, expansion: 6, outputs: 112),
        Stage(blocks: 4, kernel: 5, stride: 2, expansion: 6, outputs: 192),
        Stage(blocks: 1, kernel: 3, stride: 1, expansion: 6, outputs: 320),
    ]
}

/// The layers so far, and the sizes that they have come to.
private struct LiteLayers {
    private(set) var layers: [any Layer] = [
        Normalise(
            mean: Array(repeating: 127.0 / 255, count: 3),
            deviation: Array(repeating: 128.0 / 255, count: 3))
    ]
    private var side: Int
    private var channels = 3

    init(side: Int) { self.side = side }

    /// A convolution without bias and its normalisation.
    mutating func convolution(
        _ name: String, _ norm: String, to outputs: Int, kernel: Int, stride: Int = 1,
        groups: Int = 1
    ) {
        // "SAME": ⌈side / stride⌉ windows; where the padding is odd, the end gets one more.
        let windows = (side + stride - 1) / stride
        let padding = max(0, (windows - 1) * stride + kernel - side)
        let (before, after) = (padding / 2, padding - padding / 2)
        layers.append(
            Convolution(
                name, inputs: channels, outputs: outputs, kernel: [kernel, kernel],
                stride: [stride, stride],
                padding: Padding(top: before, left: before, bottom: after, right: after),
                groups: groups, bias: false))
        layers.append(BatchNorm(norm, channels: outputs, epsilon: 1e-3, momentum: 0.01))
        (side, channels) = (windows, outputs)
    }

    mutating func activation(_ name: String) { layers.append(ReLU6(name)) }

    /// Expand, filter each channel, project; and add the block's input where it fits.
    mutating func block(_ name: String, _ stage: Architecture.Stage, stride: Int) {
        let input = (channels: channels, name: layers[layers.count - 1].name)
        let inner = channels * stage.expansion
        if stage.expansion > 1 {
            convolution("\(name)._expand_conv", "\(name)._bn0", to: inner, kernel: 1)
            activation("\(name)._relu0")
        }
        convolution(
            "\(name)._depthwise_conv", "\(name)._bn1", to: inner, kernel: stage.kernel,
            stride: stride, groups: inner)
        activation("\(name)._relu1")
        convolution("\(name)._project_conv", "\(name)._bn2", to: stage.outputs, kernel: 1)
        if stride == 1 && input.channels == stage.outputs {
            layers.append(Residual("\(name)._add", of: input.name))
        }
    }
}
