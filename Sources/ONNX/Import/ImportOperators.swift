// Which operators the import knows, each with the function that adds it to the layers. A new one is a
// function in a file of its own under Operators/ and a line here.

/// The operators on signals.
enum ImportOperators {
    /// Adds to the layers what a node does to its inputs, one of which is a signal.
    ///
    /// Throws `ONNXProblem`, or `ImageShapeWish`.
    typealias Function =
        @Sendable (_ call: NodeCall, _ network: inout NetworkBuilder) throws -> Signal

    /// By ONNX's names.
    static let all: [String: Function] = [
        "Abs": absolute,
        "Add": add,
        "AveragePool": averagePool,
        "BatchNormalization": batchNormalization,
        "Cast": cast,
        "Clip": clip,
        "Concat": concat,
        "Conv": convolution,
        "ConvTranspose": transposedConvolution,
        "DepthToSpace": depthToSpace,
        "Div": divide,
        "Dropout": dropout,
        "Elu": elu,
        "Exp": exponential,
        "Expand": expand,
        "Flatten": flatten,
        "Gather": gather,
        "Gemm": gemm,
        "GlobalAveragePool": globalAveragePool,
        "GlobalMaxPool": globalMaxPool,
        "HardSigmoid": hardSigmoid,
        "HardSwish": hardSwish,
        "Identity": identity,
        "InstanceNormalization": instanceNormalization,
        "LRN": responseNormalization,
        "LeakyRelu": leakyRelu,
        "Log": logarithm,
        "LogSoftmax": softmax,
        "MatMul": matMul,
        "Max": extremum(larger: true),
        "MaxPool": maxPool,
        "Min": extremum(larger: false),
        "Mish": mish,
        "Mul": multiply,
        "Neg": negate,
        "PRelu": pRelu,
        "Pad": pad,
        "Pow": power,
        "Reciprocal": reciprocal,
        "ReduceMean": reduceMean,
        "ReduceSum": reduceSum,
        "Relu": relu,
        "Reshape": reshape,
        "Selu": selu,
        "Sigmoid": sigmoid,
        "Slice": slice,
        "Softmax": softmax,
        "Softplus": softplus,
        "Softsign": softsign,
        "SpaceToDepth": spaceToDepth,
        "Sqrt": squareRoot,
        "Squeeze": squeeze,
        "Sub": subtract,
        "Sum": add,
        "Tanh": tanh,
        "Tile": tile,
        "Transpose": transpose,
        "Unsqueeze": unsqueeze,
    ]

    /// Operators of several outputs that depend on the image.
    static let several:
        [String: @Sendable (_ call: NodeCall, _ network: inout NetworkBuilder) throws -> [Signal]] =
            ["Split": split]

    /// The names, sorted.
    static let names = (Array(all.keys) + several.keys).sorted()

    /// Operators of networks that compute with integers.
    static let quantised: Set<String> = [
        "ConvInteger", "DequantizeLinear", "DynamicQuantizeLinear", "MatMulInteger",
        "QLinearAdd", "QLinearConv", "QLinearMatMul", "QuantizeLinear",
    ]

    /// Why an operator will not come; empty where that is open.
    static func reason(_ name: String) -> String {
        if quantised.contains(name) { return "a quantised network, expected one of floats" }
        if ["LSTM", "GRU", "RNN"].contains(name) {
            return "a recurrent network has no image to attack"
        }
        if ["NonMaxSuppression", "RoiAlign", "TopK"].contains(name) {
            return "a detector, expected a classifier"
        }
        return ""
    }
}
