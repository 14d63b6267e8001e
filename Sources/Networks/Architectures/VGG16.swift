// VGG16 for ImageNet, with torchvision's names.

extension Architecture {
    /// Configuration D of Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale
    /// Image Recognition" (2014), as in torchvision (138,357,544 parameters, names `features.0.weight`
    /// to `classifier.6.bias`).
    ///
    /// It takes pixels in [0, 1]; torchvision's normalisation is its first layer. Dropout works in
    /// training only. torchvision's adaptive pooling to 7 × 7 does nothing to images of 224 × 224 and
    /// is left out.
    ///
    /// | layers | output | parameters |
    /// |---|---|---|
    /// | normalise | 3 × 224 × 224 | |
    /// | features.0, .2; pool | 64 × 112 × 112 | 1,792 + 36,928 |
    /// | features.5, .7; pool | 128 × 56 × 56 | 73,856 + 147,584 |
    /// | features.10, .12, .14; pool | 256 × 28 × 28 | 295,168 + 2 · 590,080 |
    /// | features.17, .19, .21; pool | 512 × 14 × 14 | 1,180,160 + 2 · 2,359,808 |
    /// | features.24, .26, .28; pool | 512 × 7 × 7 | 3 · 2,359,808 |
    /// | classifier.0 | 4,096 | 102,764,544 |
    /// | classifier.3 | 4,096 | 16,781,312 |
    /// | classifier.6 | 1,000 | 4,097,000 |
    public static let vgg16 = vgg16("vgg16")

    /// The same network with its dropout kept on in evaluation: each of the two layers applies one
    /// mask, drawn once by a fixed seed and the same for every image. It is a network with half of
    /// its hidden units in the classifier gone, and what it answers to an image does not depend on
    /// the batch.
    public static let vgg16Dropout = vgg16("vgg16-dropout", dropoutSeed: 1)

    /// VGG16 of any size: `side` is a multiple of 32, and channels and hidden units are divided by
    /// `divisor`.
    static func vgg16(
        _ name: String, side: Int = 224, divisor: Int = 1, classes: Int = 1000,
        dropoutSeed: UInt64? = nil
    ) -> Architecture {
        var layers: [any Layer] = [
            Normalise(mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225])
        ]
        var place = 0
        var channels = 3
        func next() -> String {
            place += 1
            return "features.\(place - 1)"
        }
        for (width, depth) in [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)] {
            for _ in 0..<depth {
                let outputs = width / divisor
                layers.append(
                    Convolution(next(), inputs: channels, outputs: outputs, kernel: 3, padding: 1))
                layers.append(ReLU(next()))
                channels = outputs
            }
            layers.append(MaxPool(next(), kernel: 2))
        }
        let hidden = 4096 / divisor
        let flat = channels * (side / 32) * (side / 32)
        func dropout(_ name: String) -> Dropout {
            Dropout(name, rate: 0.5, evaluationSeed: dropoutSeed)
        }
        layers += [
            Flatten(),
            Linear("classifier.0", inputs: flat, outputs: hidden), ReLU("classifier.1"),
            dropout("classifier.2"),
            Linear("classifier.3", inputs: hidden, outputs: hidden), ReLU("classifier.4"),
            dropout("classifier.5"),
            Linear("classifier.6", inputs: hidden, outputs: classes),
        ]
        return Architecture(builtIn: name, imageShape: [3, side, side], layers: layers)
    }
}
