// A node with what it reads, as an operator's function sees it.

import Networks

/// A node and its inputs.
struct NodeCall {
    let node: ModelNode
    /// The version of ONNX's operators.
    let opset: Int
    /// The size of the batch.
    let batch: Int
    /// Nil for an optional one that is left out.
    let inputs: [Operand?]

    /// Whether an input is there.
    func has(_ index: Int) -> Bool { index < inputs.count && inputs[index] != nil }

    /// An input that must be known now; nil for one that is left out.
    func constant(ifThere index: Int) throws(ONNXProblem) -> Constant? {
        guard has(index) else { return nil }
        guard case .constant(let constant) = inputs[index] else {
            throw node.unsupported("a constant as input \(index)", "one that depends on the image")
        }
        return constant
    }

    /// An input that must be there and be known now.
    func constant(_ index: Int) throws(ONNXProblem) -> Constant {
        guard let constant = try constant(ifThere: index) else {
            throw node.misfit("it has no input \(index)")
        }
        return constant
    }

    /// The name of an input; empty for one that is not there.
    func name(_ index: Int) -> String {
        index < node.inputs.count ? node.inputs[index] : ""
    }

    /// An input that depends on the image. `afterEnd` says that the operator leaves the numbers as they
    /// are, so that it may follow a last Softmax.
    func signal(_ index: Int = 0, afterEnd: Bool = false) throws(ONNXProblem) -> Signal {
        guard has(index) else { throw node.misfit("it has no input \(index)") }
        guard case .signal(let signal) = inputs[index] else {
            throw node.unsupported("an input \(index) that depends on the image", "a constant")
        }
        guard afterEnd || signal.end == nil else {
            throw node.unsupported(
                "\(signal.end ?? "") as the last operator only", "a \(node.kind) after it")
        }
        return signal
    }

    /// The axes of `rank` (the batch counted) that an operator names, from 0, in an attribute or (in
    /// later versions) an input; nil where it names none.
    func axes(rank: Int, input index: Int = 1) throws(ONNXProblem) -> [Int]? {
        var named = try node.ints("axes")
        if named == nil, let constant = try constant(ifThere: index) {
            named = try constant.sizes(name(index))
        }
        guard let named else { return nil }
        return try named.map { (axis) throws(ONNXProblem) in
            try self.axis(axis, rank: rank)
        }
    }

    /// An axis counted from 0.
    func axis(_ axis: Int, rank: Int) throws(ONNXProblem) -> Int {
        guard (-rank..<rank).contains(axis) else {
            throw node.misfit("it names the axis \(axis) of \(rank)")
        }
        return axis < 0 ? axis + rank : axis
    }
}
