// What all layers have in common that apply one function to every number.

import Tensors

/// y = function(x), element by element. Where the gradient is written in terms of y it works in place;
/// where it needs x, that is kept instead.
struct ElementwiseOperation: Operation {
    let engine: Engine
    let function: ElementwiseFunction

    var isInPlace: Bool { function.gradientReadsOutput }
    var inputGradientReads: Reads { function.gradientReadsOutput ? .output : .input }

    func forward(_ x: Tensor, into y: inout Tensor, context: inout OperationContext) {
        if isInPlace {
            engine.apply(function, inPlace: &y)
        } else {
            engine.apply(function, to: x, into: &y)
        }
    }

    func inputGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor, context: inout OperationContext
    ) {
        if isInPlace {
            engine.gradient(of: function, inPlace: &dx, at: y)
        } else {
            engine.gradient(of: function, dy, at: x, into: &dx)
        }
    }
}
