// Every kind of layer that a network which is written down may name. A new one is its file under Layers/
// and its type here.

/// The kinds of layers.
public enum Layers {
    /// All of them, in the order in which messages list their words.
    public static let all: [any Layer.Type] = [
        Convolution.self, Linear.self, ReLU.self, MaxPool.self, AveragePool.self,
        GlobalAveragePool.self, BatchNorm.self, Dropout.self, Flatten.self, Normalise.self,
        Residual.self, Branch.self, Concat.self, Multiply.self, Subtract.self, ReLU6.self,
        LeakyReLU.self, PReLU.self, Sigmoid.self, Tanh.self, ELU.self, Clip.self,
        HardSigmoid.self, HardSwish.self, Affine.self, Pad.self, ChannelsLast.self,
        Unflatten.self, Reorder.self, Exponential.self, Logarithm.self, Softplus.self,
        Absolute.self, Softsign.self, Power.self, Divide.self, Maximum.self, Minimum.self,
        Softmax.self, LogSoftmax.self, Select.self, Permute.self, ConvolutionTranspose.self,
        InstanceNorm.self, ResponseNorm.self, Constants.self,
    ]

    /// Their words.
    public static var words: [String] { all.map { $0.word } }

    /// The type of a word.
    static let byWord = Dictionary(
        all.map { ($0.word, $0) }, uniquingKeysWith: { first, _ in first })

    /// What a layer is called that nobody has named: "conv2" for the second of its stem, and the stem
    /// alone for the first of those that change only the layout.
    static func name(_ type: any Layer.Type, _ ordinal: Int) -> String {
        type.isLayout && ordinal == 1 ? type.stem : "\(type.stem)\(ordinal)"
    }
}
