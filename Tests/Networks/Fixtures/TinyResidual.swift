// What it takes to add a network, shown by one that only the tests have: a list of layers, and its name
// in the lists that are tested (for one of the project: in `Architecture.all`).

@testable import Networks

extension Architecture {
    /// A residual network with leaky ReLU on images of [2, 8, 8] (387 parameters).
    ///
    /// | layer | output | parameters |
    /// |---|---|---|
    /// | conv1 3×3, padding 1, stride 2; leaky1 | 6 × 4 × 4 | 114 |
    /// | conv2 3×3 in 2 groups, padding 1; bn2; add2; leaky2 | 6 × 4 × 4 | 168 + 12 |
    /// | pool | 6 | |
    /// | fc1; leaky3; fc2 | 9, 3 | 63 + 30 |
    static let tinyResidual = Architecture(
        builtIn: "tiny-residual", imageShape: [2, 8, 8],
        layers: [
            ChannelsLast(),
            Convolution("conv1", inputs: 2, outputs: 6, kernel: 3, stride: 2, padding: 1),
            LeakyReLU("leaky1", slope: 0.1),
            Convolution("conv2", inputs: 6, outputs: 6, kernel: 3, padding: 1, groups: 2),
            BatchNorm("bn2", channels: 6), Residual("add2", of: "leaky1"),
            LeakyReLU("leaky2", slope: 0.1), GlobalAveragePool("pool"),
            Linear("fc1", inputs: 6, outputs: 9), LeakyReLU("leaky3", slope: 0.1),
            Linear("fc2", inputs: 9, outputs: 3),
        ])
}
