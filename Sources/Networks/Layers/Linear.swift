// The fully connected layer: y = x·wᵀ + b, with the weight as PyTorch stores it.

import Tensors

/// y[n, o] = b[o] + Σ_i x[n, i]·w[o, i], i ascending; weight [outputs, inputs], bias [outputs].
///
/// Axes of x after the first are taken as one, so images need no separate flattening.
public struct Linear: Layer {
    /// The name, such as "fc1".
    public let name: String
    /// "linear".
    public let kind = "linear"
    /// The length of an input row.
    public let inputs: Int
    /// The length of an output row.
    public let outputs: Int

    /// A weight [outputs, inputs] and a bias [outputs].
    public init(_ name: String, inputs: Int, outputs: Int) {
        (self.name, self.inputs, self.outputs) = (name, inputs, outputs)
    }

    /// Weight [outputs, inputs] and bias [outputs].
    public var parameters: [ParameterShape] {
        let initializer = ParameterShape.Initializer.uniform(fanIn: inputs)
        return [
            ParameterShape(
                name: "\(name).weight", shape: [outputs, inputs], initializer: initializer),
            ParameterShape(name: "\(name).bias", shape: [outputs], initializer: initializer),
        ]
    }

    /// Rows of `inputs` numbers.
    public var takes: String { "\(inputs) numbers in a row (a Flatten makes them of maps)" }

    /// [outputs], for anything that holds `inputs` values in the order of its shape.
    public func output(of input: Features) -> Features? {
        input.isFlat && input.count == inputs ? .vector(outputs) : nil
    }

    /// Two for every weight.
    public func flops(on input: Features) -> Int { 2 * inputs * outputs }

    /// Weights of more numbers than this, 16 MB, are not kept packed.
    private static let largestPacked = 4_000_000

    /// A product, which takes in an activation that follows it.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        // A large matrix is read where it lies rather than kept packed for either direction.
        let isStreamed = !setting.isTraining && inputs * outputs > Self.largestPacked
        return isStreamed
            ? StreamedLinear(engine: setting.engine) : PackedLinear(engine: setting.engine)
    }
}

extension Linear {
    /// "dense".
    public static var word: String { "dense" }
    /// "fc".
    public static var stem: String { "fc" }
    /// {"dense": 100}: so many outputs.
    public init(reading form: inout LayerForm, on input: Features) throws {
        let outputs = try form.takeCount("outputs")
        try form.product([outputs, input.count], "weights")
        self.init(form.name, inputs: input.count, outputs: outputs)
    }
    /// The outputs.
    public func write(to form: inout LayerForm) { form.value = .integer(outputs) }
}

/// Two packed copies of the weight, one for each direction.
private struct PackedLinear: Product {
    let engine: Engine
    var epilogues = ProductEpilogues()
    private var forwardWeight = PackedMatrix()  // wᵀ: [inputs, outputs]
    private var backwardWeight = PackedMatrix()  // w: [outputs, inputs]
    private var packedInput = PackedMatrix()
    private var bias = Tensor(shape: [0])

    init(engine: Engine) { self.engine = engine }

    let parameterGradientReads = Reads.input

    mutating func load(_ parameters: [Tensor], givesInputGradient: Bool) {
        let parameters = epilogues.folded(parameters)
        forwardWeight.pack(parameters[0], .transposed, on: engine)
        if givesInputGradient { backwardWeight.pack(parameters[0], .plain, on: engine) }
        bias.copy(parameters[1])
    }

    func forward(_ x: Tensor, into y: inout Tensor, context: inout OperationContext) {
        engine.multiply(
            x, by: forwardWeight, bias: bias, activation: epilogues.activation, into: &y,
            scratch: &context.scratch)
    }

    /// dx[n, i] = Σ_o dy[n, o]·w[o, i], o ascending.
    func inputGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor, context: inout OperationContext
    ) {
        engine.multiply(dy, by: backwardWeight, into: &dx, scratch: &context.scratch)
    }

    /// dw[o, i] = Σ_n dy[n, o]·x[n, i], n ascending; db[o] = Σ_n dy[n, o].
    mutating func parameterGradients(
        _ dy: Tensor, x: Tensor, into gradients: inout [Tensor], context: inout OperationContext
    ) {
        packedInput.pack(x.reshaped([x.rowCount, x.rowLength]), .plain, on: engine)
        engine.multiply(
            dy, .transposed, by: packedInput, into: &gradients[0], scratch: &context.scratch)
        engine.columnSums(dy, into: &gradients[1])
    }
}

/// The weight as it is, read in blocks; for evaluation and attacks.
private struct StreamedLinear: Product {
    let engine: Engine
    var epilogues = ProductEpilogues()
    private var weight = Tensor(shape: [0])
    private var bias = Tensor(shape: [0])

    init(engine: Engine) { self.engine = engine }

    mutating func load(_ parameters: [Tensor], givesInputGradient: Bool) {
        let parameters = epilogues.folded(parameters)
        (weight, bias) = (parameters[0], parameters[1])
    }

    func forward(_ x: Tensor, into y: inout Tensor, context: inout OperationContext) {
        engine.multiply(
            x, streaming: weight, .transposed, bias: bias, activation: epilogues.activation,
            into: &y,
            scratch: &context.scratch)
    }

    /// dx[n, i] = Σ_o dy[n, o]·w[o, i], o ascending.
    func inputGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor, context: inout OperationContext
    ) {
        engine.multiply(dy, streaming: weight, .plain, into: &dx, scratch: &context.scratch)
    }
}

extension Tensor {
    /// Takes the shape and the numbers of another tensor into memory of its own, which it keeps.
    mutating func copy(_ other: Tensor) {
        reserve(other.shape)
        other.withFloats { from in withMutableFloats { _ = $0.update(fromContentsOf: from) } }
    }
}
