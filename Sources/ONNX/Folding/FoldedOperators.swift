// Operators that are carried out at import when all that they read is known. Exporters write whole
// chains of them (Shape, Gather, Unsqueeze, Concat before a Reshape) that come to a few whole numbers.

/// How many numbers may still be computed of constants: a few bytes of a file can ask for any number.
struct FoldBudget: Sendable {
    /// The most numbers that are computed.
    static let limit = 1 << 24
    /// The most that are only moved, as a weight is that is stored transposed.
    static let moveLimit = ShapeLimits.count

    private var left = FoldBudget.limit
    private var movesLeft = FoldBudget.moveLimit

    /// Counts numbers before they are computed.
    ///
    /// - Throws: `ONNXProblem.limit` where they are too many.
    mutating func take(_ count: Int) throws(ONNXProblem) {
        left -= count
        guard left >= 0 else {
            throw .limit(
                what: "numbers computed of constants", limit: Self.limit, found: Self.limit - left)
        }
    }

    /// Counts numbers before they are moved.
    ///
    /// - Throws: `ONNXProblem.limit` where they are too many.
    mutating func move(_ count: Int) throws(ONNXProblem) {
        movesLeft -= count
        guard movesLeft >= 0 else {
            throw .limit(
                what: "numbers of transposed constants", limit: Self.moveLimit,
                found: Self.moveLimit - movesLeft)
        }
    }
}

/// The operators on constants.
enum FoldedOperators {
    /// The first output of a node.
    typealias Function = @Sendable (_ call: NodeCall, _ budget: inout FoldBudget) throws -> Constant

    /// By ONNX's names.
    static let all: [String: Function] = [
        "Add": arithmetic(.add),
        "Cast": cast,
        "Ceil": rounding(.up),
        "Concat": concat,
        "Constant": constant,
        "ConstantOfShape": constantOfShape,
        "Div": arithmetic(.divide),
        "Dropout": same,
        "Equal": arithmetic(.equal),
        "Expand": expand,
        "Flatten": flatten,
        "Floor": rounding(.down),
        "Gather": gather,
        "Identity": same,
        "Max": arithmetic(.maximum),
        "Min": arithmetic(.minimum),
        "Mul": arithmetic(.multiply),
        "Neg": negate,
        "Range": range,
        "Reciprocal": reciprocal,
        "ReduceMax": reduce(.maximum),
        "ReduceMean": reduce(.mean),
        "ReduceMin": reduce(.minimum),
        "ReduceProd": reduce(.product),
        "ReduceSum": reduce(.sum),
        "Reshape": reshape,
        "Shape": shape,
        "Size": size,
        "Slice": slice,
        "Sqrt": squareRoot,
        "Squeeze": squeeze,
        "Sub": arithmetic(.subtract),
        "Transpose": transpose,
        "Unsqueeze": unsqueeze,
        "Where": choose,
    ]

    /// The names, sorted.
    static let names = all.keys.sorted()

    /// Those that read only the shape of their input, which is known of signals too.
    static let ofShapes: Set<String> = ["Shape", "Size"]
}
