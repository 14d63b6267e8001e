// Numbers that do not depend on the image, for the layers that read two branches.

import Tensors

/// The same numbers for every sample, whatever comes: maps [C, H, W] or a vector [F]. They are part of
/// the weights, `<name>.value`, in PyTorch's order, and no gradient moves them; that at the input is 0.
public struct Constants: Layer {
    /// The name, such as "bias1".
    public let name: String
    /// "constants".
    public let kind = "constants"
    /// What comes out.
    public let shape: [Int]

    /// Numbers of a shape of one or three sizes.
    ///
    /// - Precondition: One or three positive sizes.
    public init(_ name: String, shape: [Int]) {
        precondition(
            [1, 3].contains(shape.count) && shape.allSatisfy { $0 > 0 },
            "Constants \(name): \(shape)")
        (self.name, self.shape) = (name, shape)
    }

    /// The numbers, 0 at first; never trained.
    public var parameters: [ParameterShape] {
        [
            ParameterShape(
                name: "\(name).value", shape: shape, initializer: .constant(0), isTrained: false)
        ]
    }

    /// Maps or a vector of this shape.
    public func output(of input: Features) -> Features? { .maps(orVector: shape) }

    /// Copies.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        Repetition(input: input, output: .maps(orVector: shape))
    }
}

extension Constants {
    /// "constants".
    public static var word: String { "constants" }
    /// {"constants": [C, H, W]} or {"constants": [F]}: the shape.
    public init(reading form: inout LayerForm, on input: Features) throws {
        let shape = try form.takeValueList("[C, H, W]", in: 1...LayerForm.largest)
        guard [1, 3].contains(shape.count) else {
            throw form.fault("expected [C, H, W] or [F], found \(shape)")
        }
        try form.product(shape, form.word)
        self.init(form.name, shape: shape)
    }
    /// The shape.
    public func write(to form: inout LayerForm) { form.value = LayerForm.list(shape) }
}

private struct Repetition: Operation {
    let input: Features
    let output: Features
    /// In the order of memory.
    private var sample: [Float] = []

    init(input: Features, output: Features) { (self.input, self.output) = (input, output) }

    mutating func load(_ parameters: [Tensor], givesInputGradient: Bool) {
        sample = Array(repeating: 0, count: output.count)
        let values = parameters[0].values
        for (place, target) in output.memoryPlaces.enumerated() { sample[target] = values[place] }
    }

    func forward(_ x: Tensor, into y: inout Tensor, context: inout OperationContext) {
        y.reserve([x.rowCount] + output.axes)
        y.withMutableFloats { y in
            for start in stride(from: 0, to: y.count, by: sample.count) {
                _ = UnsafeMutableBufferPointer(rebasing: y[start..<start + sample.count])
                    .update(fromContentsOf: sample)
            }
        }
    }

    func inputGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor, context: inout OperationContext
    ) {
        dx.reserve([dy.rowCount] + input.axes)
        dx.withMutableFloats { $0.update(repeating: 0) }
    }
}
