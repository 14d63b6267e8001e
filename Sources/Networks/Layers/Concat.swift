// Branches side by side.

import Tensors

/// The channels of its input, then those of the earlier layers that it names, in their order: maps of
/// one size, [C₁ + C₂ + …, H, W], or vectors, [F₁ + F₂ + …]. No number is computed; each branch's
/// gradient is its part of dy.
public struct Concat: Layer {
    /// The name, such as "concat3".
    public let name: String
    /// "concat".
    public let kind = "concat"
    /// The earlier layers, whose channels follow.
    public let others: [String]

    /// The channels of what comes, and after them those of earlier layers.
    public init(_ name: String, with others: [String]) { (self.name, self.others) = (name, others) }

    /// Maps of one size, or vectors.
    public var takes: String { "maps [C, H, W] of one height and width, channels last, or vectors" }
    /// The earlier layers.
    public var otherInputs: [String] { others }

    /// As many channels as all have together.
    public func output(of input: Features, with others: [Features]) -> Features? {
        let all = [input] + others
        let channels = all.map { $0.shape[0] }.reduce(0, +)
        if all.allSatisfy({ $0.layout == .vector }) { return .vector(channels) }
        guard let maps = input.maps,
            all.allSatisfy({
                $0.maps.map { ($0.height, $0.width) == (maps.height, maps.width) } ?? false
            })
        else { return nil }
        return .maps(channels: channels, height: maps.height, width: maps.width)
    }

    /// What is by itself stays as it is.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? { nil }

    /// Copies.
    public func operation(
        on input: Features, with others: [Features], in setting: RunSetting
    ) -> (any Operation)? {
        guard let output = output(of: input, with: others) else { refuse(input) }
        guard !others.isEmpty else { return nil }
        func box(_ features: Features) -> [Int] {
            features.layout == .vector ? [1, 1, features.shape[0]] : features.axes
        }
        var first = 0
        let boxes = ([input] + others).map { features in
            defer { first += features.shape[0] }
            return BoxCopy(from: box(features), to: box(output), offset: [0, 0, first])
        }
        return Concatenation(engine: setting.engine, boxes: boxes, axes: output.axes)
    }
}

extension Concat {
    /// "concat".
    public static var word: String { "concat" }
    /// {"concat": ["relu1", "relu2"]}: the earlier layers.
    public init(reading form: inout LayerForm, on input: Features) throws {
        let fault = form.fault("expected the name of an earlier layer, or several in a list")
        let names: [LayerValue]
        switch try form.takeValue("[\"relu1\", …]") {
        case .list(let list): names = list
        case let one: names = [one]
        }
        self.init(
            form.name,
            with: try names.map {
                guard case .text(let name) = $0 else { throw fault }
                return name
            })
    }
    /// The earlier layers.
    public func write(to form: inout LayerForm) { form.value = .list(others.map { .text($0) }) }
}

private struct Concatenation: Operation {
    let engine: Engine
    /// Where each input goes.
    let boxes: [BoxCopy]
    /// The axes of a sample.
    let axes: [Int]
    let givesOtherGradients = true

    func forward(_ x: Tensor, into y: inout Tensor, context: inout OperationContext) {
        y.reserve([x.rowCount] + axes)
        for (box, other) in zip(boxes, [x] + context.others) {
            engine.copy(other, box: box, filling: nil, into: &y)
        }
    }

    func inputGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor, context: inout OperationContext
    ) {
        engine.copy(dy, box: boxes[0].reversed, filling: 0, into: &dx)
    }

    func otherGradient(
        _ index: Int, _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor,
        context: inout OperationContext
    ) {
        engine.copy(dy, box: boxes[index + 1].reversed, filling: 0, into: &dx)
    }
}
