// Axes in another order: what a transposition between two reshapes does, such as a PixelShuffle.

import Tensors

/// A sample in PyTorch's order (C, H, W), seen under `axes`, transposed to the order of `order`, and
/// seen as `shape`: maps [C, H, W] or a vector [F]. No number is computed.
///
/// A PixelShuffle by r of [C·r², H, W] has the axes [C, r, r, H, W], the order [0, 3, 1, 4, 2] and the
/// shape [C, H·r, W·r] (Shi et al. 2016).
public struct Permute: Layer {
    /// The name, such as "shuffle1".
    public let name: String
    /// "permute".
    public let kind = "permute"
    /// The sizes under which a sample is seen.
    public let axes: [Int]
    /// For each axis of the result the one of `axes` that it is.
    public let order: [Int]
    /// What comes out.
    public let shape: [Int]

    /// A transposition.
    ///
    /// - Precondition: `order` has each axis once; the shape has one or three sizes, and as many places
    ///   as the axes; all are positive.
    public init(_ name: String, axes: [Int], order: [Int], shape: [Int]) {
        precondition(
            order.sorted() == Array(axes.indices) && [1, 3].contains(shape.count)
                && (axes + shape).allSatisfy { $0 > 0 }
                && axes.reduce(1, *) == shape.reduce(1, *),
            "Permute \(name): \(axes) in the order \(order) as \(shape)")
        (self.name, self.axes, self.order, self.shape) = (name, axes, order, shape)
    }

    /// As many numbers, in whatever layout.
    public var takes: String { "\(axes.reduce(1, *)) numbers" }
    /// Maps or a vector.
    public func output(of input: Features) -> Features? {
        input.count == axes.reduce(1, *) ? .maps(orVector: shape) : nil
    }
    /// A copy of each number; nothing where all lie where they are to lie.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        guard let output = output(of: input) else { refuse(input) }
        var steps = Array(repeating: 1, count: axes.count)
        for axis in axes.indices.dropLast().reversed() {
            steps[axis] = steps[axis + 1] * axes[axis + 1]
        }
        let gathering = Gathering(from: input, to: output, engine: setting.engine) { place in
            var (left, source) = (place, 0)
            for axis in order.reversed() {
                source += left % axes[axis] * steps[axis]
                left /= axes[axis]
            }
            return source
        }
        return gathering.movesNothing ? nil : gathering
    }
}

extension Permute {
    /// "permute".
    public static var word: String { "permute" }
    /// {"permute": [0, 3, 1, 4, 2], "axes": [3, 2, 2, 8, 8], "shape": [3, 16, 16]}: the order, the sizes
    /// that are put into it, and what they are seen as.
    public init(reading form: inout LayerForm, on input: Features) throws {
        let sizes = 1...LayerForm.largest
        let order = try form.takeValueList("[0, 2, 1, …]", in: 0...63)
        guard let axes = try form.takeList("axes", in: sizes),
            let shape = try form.takeList("shape", in: sizes)
        else { throw form.fault("axes or shape is missing") }
        let count = try form.product(axes, "axes")
        guard order.sorted() == Array(axes.indices), [1, 3].contains(shape.count),
            try form.product(shape, "shape") == count
        else {
            throw form.fault(
                "expected each axis of \(axes) once and a shape of as many numbers, found \(order) "
                    + "and \(shape)")
        }
        self.init(form.name, axes: axes, order: order, shape: shape)
    }
    /// Order, axes and shape.
    public func write(to form: inout LayerForm) {
        form.value = LayerForm.list(order)
        form.writeList("axes", axes)
        form.writeList("shape", shape)
    }
}
