// The fully connected layer: y = x·wᵀ + b, with the weight as PyTorch stores it.

import Tensors

/// y[n, o] = b[o] + Σ_i x[n, i]·w[o, i], i ascending; weight [outputs, inputs], bias [outputs].
///
/// Axes of x after the first are taken as one, so images need no separate flattening.
public struct Linear: Layer {
    /// The name, such as "fc1".
    public let name: String
    /// The length of an input row.
    public let inputs: Int
    /// The length of an output row.
    public let outputs: Int

    /// Describes a layer.
    public init(_ name: String, inputs: Int, outputs: Int) {
        (self.name, self.inputs, self.outputs) = (name, inputs, outputs)
    }

    /// "linear".
    public var kind: String { "linear" }

    /// Weight [outputs, inputs] and bias [outputs].
    public var parameters: [ParameterShape] {
        [
            ParameterShape(name: "\(name).weight", shape: [outputs, inputs], fanIn: inputs),
            ParameterShape(name: "\(name).bias", shape: [outputs], fanIn: inputs),
        ]
    }

    /// Two for every weight.
    public var operations: Int { 2 * inputs * outputs }

    /// [outputs], for any shape that holds `inputs` values.
    public func outputShape(of input: [Int]) -> [Int]? {
        Tensor.count(of: input) == inputs ? [outputs] : nil
    }

    /// Packs the weight for both directions.
    public func prepared(
        with parameters: [String: Tensor], on engine: Engine
    ) -> any PreparedLayer {
        var layer = PreparedLinear(engine: engine)
        layer.update(
            self.parameters.map { parameters[$0.name] ?? Tensor(shape: $0.shape) },
            givesInputGradient: true)
        return layer
    }
}

private struct PreparedLinear: PreparedLayer {
    let engine: Engine
    private var forwardWeight = PackedMatrix()  // wᵀ: [inputs, outputs]
    private var backwardWeight = PackedMatrix()  // w: [outputs, inputs]
    private var packedInput = PackedMatrix()
    private var bias = Tensor(shape: [0])

    init(engine: Engine) { self.engine = engine }

    mutating func update(_ parameters: [Tensor], givesInputGradient: Bool) {
        forwardWeight.pack(parameters[0], .transposed, on: engine)
        if givesInputGradient { backwardWeight.pack(parameters[0], .plain, on: engine) }
        bias = parameters[1]
    }

    func forward(_ x: Tensor, into y: inout Tensor, scratch: inout Tensor) {
        engine.multiply(x, by: forwardWeight, bias: bias, into: &y, scratch: &scratch)
    }

    /// dx[n, i] = Σ_o dy[n, o]·w[o, i], o ascending.
    func inputGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor, scratch: inout Tensor
    ) {
        engine.multiply(dy, by: backwardWeight, into: &dx, scratch: &scratch)
    }

    /// dw[o, i] = Σ_n dy[n, o]·x[n, i], n ascending; db[o] = Σ_n dy[n, o].
    mutating func parameterGradients(
        _ dy: Tensor, x: Tensor, into gradients: inout [Tensor], scratch: inout Tensor
    ) {
        packedInput.pack(x.reshaped([x.rowCount, x.rowLength]), .plain, on: engine)
        engine.multiply(dy, .transposed, by: packedInput, into: &gradients[0], scratch: &scratch)
        engine.columnSums(dy, into: &gradients[1])
    }
}
