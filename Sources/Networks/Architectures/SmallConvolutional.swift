// Convolutional networks for MNIST, as the papers that attack them describe them.

extension Architecture {
    /// LeNet-5 as it is taught today (61,706 parameters): the sizes of LeCun et al.,
    /// "Gradient-based learning applied to document recognition" (1998), with ReLU for the scaled
    /// tanh, max pooling for the trained subsampling, full connections between the maps and a
    /// linear last layer for the radial units.
    ///
    /// We chose this one because it is what PyTorch's users mean by the name. The "LeNet" of the
    /// DeepFool paper is Caffe's, with maps of 20 and 50 and 500 hidden units.
    ///
    /// | layer | output | parameters |
    /// |---|---|---|
    /// | conv1 5×5, padding 2 | 6 × 28 × 28 | 156 |
    /// | pool1 2×2 | 6 × 14 × 14 | |
    /// | conv2 5×5 | 16 × 10 × 10 | 2,416 |
    /// | pool2 2×2 | 16 × 5 × 5 | |
    /// | fc1, fc2, fc3 | 120, 84, 10 | 48,120 + 10,164 + 850 |
    public static let lenet5 = Architecture(
        builtIn: "lenet-5", imageShape: [1, 28, 28],
        layers: [
            ChannelsLast(),
            Convolution("conv1", inputs: 1, outputs: 6, kernel: 5, padding: 2), ReLU("relu1"),
            MaxPool("pool1", kernel: 2),
            Convolution("conv2", inputs: 6, outputs: 16, kernel: 5), ReLU("relu2"),
            MaxPool("pool2", kernel: 2),
            Flatten(),
            Linear("fc1", inputs: 400, outputs: 120), ReLU("relu3"),
            Linear("fc2", inputs: 120, outputs: 84), ReLU("relu4"),
            Linear("fc3", inputs: 84, outputs: 10),
        ])

    /// The network of Madry et al., "Towards Deep Learning Models Resistant to Adversarial
    /// Attacks" (2017), and of the MNIST challenge (3,274,634 parameters). It was published for
    /// TensorFlow, so the names are ours, and weights from there need their axes exchanged.
    ///
    /// | layer | output | parameters |
    /// |---|---|---|
    /// | conv1 5×5, padding 2 | 32 × 28 × 28 | 832 |
    /// | pool1 2×2 | 32 × 14 × 14 | |
    /// | conv2 5×5, padding 2 | 64 × 14 × 14 | 51,264 |
    /// | pool2 2×2 | 64 × 7 × 7 | |
    /// | fc1 | 1,024 | 3,212,288 |
    /// | fc2 | 10 | 10,250 |
    public static let madry = Architecture(
        builtIn: "madry-cnn", imageShape: [1, 28, 28],
        layers: [
            ChannelsLast(),
            Convolution("conv1", inputs: 1, outputs: 32, kernel: 5, padding: 2), ReLU("relu1"),
            MaxPool("pool1", kernel: 2),
            Convolution("conv2", inputs: 32, outputs: 64, kernel: 5, padding: 2), ReLU("relu2"),
            MaxPool("pool2", kernel: 2),
            Flatten(),
            Linear("fc1", inputs: 3136, outputs: 1024), ReLU("relu3"),
            Linear("fc2", inputs: 1024, outputs: 10),
        ])

    /// The MNIST network of Carlini and Wagner, "Towards Evaluating the Robustness of Neural
    /// Networks" (2016), after defensive distillation's (312,202 parameters). Dropout works in
    /// training only.
    ///
    /// | layer | output | parameters |
    /// |---|---|---|
    /// | conv1, conv2 3×3 | 32 × 26 × 26, 32 × 24 × 24 | 320 + 9,248 |
    /// | pool1 2×2 | 32 × 12 × 12 | |
    /// | conv3, conv4 3×3 | 64 × 10 × 10, 64 × 8 × 8 | 18,496 + 36,928 |
    /// | pool2 2×2 | 64 × 4 × 4 | |
    /// | fc1, dropout ½, fc2, fc3 | 200, 200, 10 | 205,000 + 40,200 + 2,010 |
    public static let carliniWagner = Architecture(
        builtIn: "carlini-wagner-cnn", imageShape: [1, 28, 28],
        layers: [
            ChannelsLast(),
            Convolution("conv1", inputs: 1, outputs: 32, kernel: 3), ReLU("relu1"),
            Convolution("conv2", inputs: 32, outputs: 32, kernel: 3), ReLU("relu2"),
            MaxPool("pool1", kernel: 2),
            Convolution("conv3", inputs: 32, outputs: 64, kernel: 3), ReLU("relu3"),
            Convolution("conv4", inputs: 64, outputs: 64, kernel: 3), ReLU("relu4"),
            MaxPool("pool2", kernel: 2),
            Flatten(),
            Linear("fc1", inputs: 1024, outputs: 200), ReLU("relu5"),
            Dropout("dropout", rate: 0.5),
            Linear("fc2", inputs: 200, outputs: 200), ReLU("relu6"),
            Linear("fc3", inputs: 200, outputs: 10),
        ])

    /// The network of Wong, Rice and Kolter, "Fast is better than free: Revisiting adversarial
    /// training" (2020), for MNIST (166,406 parameters). The layers are called by their place, as
    /// in the authors' `nn.Sequential`, so that their weights load as they are.
    ///
    /// | layer | output | parameters |
    /// |---|---|---|
    /// | 0: convolution 4×4, stride 2, padding 1 | 16 × 14 × 14 | 272 |
    /// | 2: convolution 4×4, stride 2, padding 1 | 32 × 7 × 7 | 8,224 |
    /// | 5: linear | 100 | 156,900 |
    /// | 7: linear | 10 | 1,010 |
    public static let wong = Architecture(
        builtIn: "wong-cnn", imageShape: [1, 28, 28],
        layers: [
            ChannelsLast(),
            Convolution("0", inputs: 1, outputs: 16, kernel: 4, stride: 2, padding: 1), ReLU("1"),
            Convolution("2", inputs: 16, outputs: 32, kernel: 4, stride: 2, padding: 1), ReLU("3"),
            Flatten("4"),
            Linear("5", inputs: 1568, outputs: 100), ReLU("6"),
            Linear("7", inputs: 100, outputs: 10),
        ])
}
