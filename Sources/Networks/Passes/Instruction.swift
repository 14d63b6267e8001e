// What a pass does, one instruction after the other: first on values, of which each operation gives
// one, then on the buffers that hold them.

import Tensors

/// A batch that flows through a network: the images, what an operation gives, a gradient.
struct Value: Sendable {
    /// Its number; 0 is the batch of images. A layer that moves nothing gives the same value under
    /// another shape.
    let number: Int
    let features: Features
}

/// A buffer, and what one sample is in it.
struct Slot: Equatable, Sendable {
    let buffer: Int
    let features: Features
    /// The axes of one sample in memory.
    let axes: [Int]

    init(buffer: Int, features: Features) {
        (self.buffer, self.features, axes) = (buffer, features, features.axes)
    }
}

/// What an instruction asks of an operation.
enum InstructionKind: String, Sendable {
    /// target = operation(x, others).
    case run
    /// target = the gradient at the operation's input, from dy, x and y.
    case inputGradient = "input gradient"
    /// target = the gradient at what the operation reads beside its input, from dy, x, y and others.
    case otherGradient = "other gradient"
    /// The gradients of the operation's parameters, from dy and x.
    case parameterGradients = "parameter gradients"
}

/// One instruction, on values or on slots. What it does not use is nil.
struct Instruction<Operand: Sendable>: Sendable {
    let kind: InstructionKind
    /// The number of its step: the operation, and the layers whose parameters that has.
    let step: Int
    /// The layers that the operation stands for, first to last; "sum" for one of gradients.
    let layers: [String]
    /// Of an `otherGradient`: which one, counted from 0.
    var index = 0
    /// In place of x or dy for an operation in place: what it overwrites. It is copied to the
    /// target first, unless it is there.
    var overwritten: Operand?
    var x: Operand?
    /// What the layer reads beside x.
    var others: [Operand] = []
    var y: Operand?
    var dy: Operand?
    var target: Operand?

    /// Everything that it reads or writes.
    var operands: [Operand] { [overwritten, x, y, dy, target].compactMap { $0 } + others }

    /// The same instruction on other operands.
    func map<Other>(_ transform: (Operand) -> Other) -> Instruction<Other> {
        Instruction<Other>(
            kind: kind, step: step, layers: layers, index: index,
            overwritten: overwritten.map(transform), x: x.map(transform),
            others: others.map(transform), y: y.map(transform), dy: dy.map(transform),
            target: target.map(transform))
    }
}

// MARK: In print

extension Slot: CustomStringConvertible {
    /// "b4[64,224,224]": the buffer, and the shape of one sample in PyTorch's order.
    var description: String {
        "b\(buffer)[\(features.shape.map(String.init).joined(separator: ","))]"
    }
}

extension Instruction: CustomStringConvertible {
    /// "run conv1+relu1 b0[3,224,224] → b4[64,224,224]".
    ///
    /// Of a gradient first the one that it starts from, then what it reads of the forward pass. An
    /// operation in place has one buffer on both sides of the arrow, or a copy is made.
    var description: String {
        let first = kind == .run ? [x ?? overwritten] : [dy ?? overwritten]
        let more = kind == .run ? others : [x, y].compactMap { $0 } + others
        let read = (first.compactMap { $0 } + more).map { "\($0)" }.joined(separator: ", ")
        let number = kind == .otherGradient ? " \(index)" : ""
        return "\(kind.rawValue)\(number) \(layers.joined(separator: "+")) \(read)"
            + (target.map { " → \($0)" } ?? "")
    }
}
