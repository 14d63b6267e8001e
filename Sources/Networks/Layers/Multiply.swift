// The product of two branches, element by element or with one factor a channel.

import Tensors

/// y = x·(the output of the layer called `other`): element by element where both have one shape, as in
/// x·sigmoid(x) (SiLU, Elfwing et al. 2017); or, where x are maps [C, H, W] and the other side is [C] or
/// [C, 1, 1], each channel by its factor (squeeze and excitation, Hu et al. 2017).
///
/// dx = dy·other. At the other side it is dy·x; for factors Σ of dy·x over the pixels in order, from
/// +0, each product rounded.
public struct Multiply: Layer {
    /// The name, such as "scale2".
    public let name: String
    /// "multiply".
    public let kind = "multiply"
    /// The earlier layer.
    public let other: String

    /// A product with an earlier layer's output.
    public init(_ name: String, by other: String) { (self.name, self.other) = (name, other) }

    /// Two sides of one shape, or maps and factors.
    public var takes: String { "two inputs of one shape, or maps and one number a channel" }
    /// The earlier layer.
    public var otherInputs: [String] { [other] }

    private func areFactors(_ other: Features, of input: Features) -> Bool {
        guard let maps = input.maps else { return false }
        return other == .vector(maps.channels)
            || other == .maps(channels: maps.channels, height: 1, width: 1)
    }

    /// As its input.
    public func output(of input: Features, with others: [Features]) -> Features? {
        guard others.count == 1 else { return nil }
        return others[0] == input || areFactors(others[0], of: input) ? input : nil
    }

    /// A product of two inputs has no meaning for one.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        refuse(input)
    }

    /// From two batches to another.
    public func operation(
        on input: Features, with others: [Features], in setting: RunSetting
    ) -> (any Operation)? {
        guard output(of: input, with: others) != nil else { refuse(input) }
        return others[0] == input
            ? ElementProduct(engine: setting.engine)
            : ChannelProduct(engine: setting.engine, channels: input.shape[0])
    }
}

extension Multiply {
    /// "multiply".
    public static var word: String { "multiply" }
    /// {"multiply": "relu1"}: the earlier layer.
    public init(reading form: inout LayerForm, on input: Features) throws {
        self.init(form.name, by: try form.takeSource())
    }
    /// The earlier layer.
    public func write(to form: inout LayerForm) { form.value = .text(other) }
}

private struct ElementProduct: Operation {
    let engine: Engine
    let givesOtherGradients = true
    let inputGradientReads = Reads.others
    let otherGradientReads = Reads.input

    func forward(_ x: Tensor, into y: inout Tensor, context: inout OperationContext) {
        engine.multiply(x, elementwiseBy: context.others[0], into: &y)
    }

    func inputGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor, context: inout OperationContext
    ) {
        engine.multiply(dy, elementwiseBy: context.others[0], into: &dx)
    }

    func otherGradient(
        _ index: Int, _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor,
        context: inout OperationContext
    ) {
        engine.multiply(dy, elementwiseBy: x, into: &dx)
    }
}

private struct ChannelProduct: Operation {
    let engine: Engine
    let channels: Int
    let givesOtherGradients = true
    let inputGradientReads = Reads.others
    let otherGradientReads = Reads.input

    func forward(_ x: Tensor, into y: inout Tensor, context: inout OperationContext) {
        engine.scaleImages(x, by: context.others[0], into: &y)
    }

    func inputGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor, context: inout OperationContext
    ) {
        engine.scaleImages(dy, by: context.others[0], into: &dx)
    }

    func otherGradient(
        _ index: Int, _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor,
        context: inout OperationContext
    ) {
        engine.imageFactorsGradient(dy, x: x, channels: channels, into: &dx)
    }
}
