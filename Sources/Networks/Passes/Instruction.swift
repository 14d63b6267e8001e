// What a pass does, one instruction after the other, on numbered buffers.

import Tensors

/// A batch in a buffer: where it is, and the axes of one sample there.
struct Place: Equatable, Sendable {
    /// While the plan is made the number of a value, afterwards that of a buffer.
    var buffer: Int
    var axes: [Int]

    var count: Int { axes.reduce(1, *) }
}

/// One instruction. What it does not use is nil.
struct Instruction: Sendable {
    enum Kind: Equatable, Sendable {
        /// target = operation(x).
        case run
        /// The gradients of an operation's parameters from dy, x.
        case parameterGradients
        /// target = the gradient at the operation's input, from dy, x and y.
        case inputGradient
        /// target = activation(target), in place.
        case activate(Activation)
        /// target is set to 0 where the activation that gave y is flat, in place.
        case gate(Activation)
        /// target += x, in place.
        case add
        /// target = x + y.
        case sum
        /// target = x.
        case copy
    }

    var kind: Kind
    /// The number of the operation, for the first three.
    var operation = 0
    /// The layer, for messages.
    var layer: String
    var x: Place?
    var y: Place?
    var dy: Place?
    var target: Place?

    /// Every place it reads or writes.
    var places: [Place] { [x, y, dy, target].compactMap { $0 } }

    /// The same instruction on other buffers.
    func moved(to buffer: (Int) -> Int) -> Instruction {
        var copy = self
        func move(_ place: Place?) -> Place? {
            place.map { Place(buffer: buffer($0.buffer), axes: $0.axes) }
        }
        (copy.x, copy.y, copy.dy, copy.target) = (move(x), move(y), move(dy), move(target))
        return copy
    }
}
