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
        "Add": add,
        "AveragePool": averagePool,
        "BatchNormalization": batchNormalization,
        "Cast": cast,
        "Clip": clip,
        "Conv": convolution,
        "Div": divide,
        "Dropout": dropout,
        "Flatten": flatten,
        "Gemm": gemm,
        "GlobalAveragePool": globalAveragePool,
        "Identity": identity,
        "LogSoftmax": softmax,
        "MatMul": matMul,
        "MaxPool": maxPool,
        "Mul": multiply,
        "ReduceMean": reduceMean,
        "Relu": relu,
        "Reshape": reshape,
        "Sigmoid": sigmoid,
        "Softmax": softmax,
        "Squeeze": squeeze,
        "Sub": subtract,
        "Sum": add,
        "Transpose": transpose,
        "Unsqueeze": unsqueeze,
    ]

    /// The names, sorted.
    static let names = all.keys.sorted()

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
