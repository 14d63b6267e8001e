// Activations and their gradients, element by element. The gradients are written in terms of what
// the activation gave: nothing else has to be kept.

import CKernels

extension Engine {
    /// x = 0 > x ? 0 : x. A NaN stays, as does −0.
    public func relu(inPlace x: inout Tensor) {
        update(&x) { [kernels] in kernels.pointee.relu($0, $0, $1) }
    }

    /// dy = y > 0 ? dy : 0, where y is what `relu` gave.
    ///
    /// - Precondition: dy and y hold equally many elements.
    public func reluBackward(_ dy: inout Tensor, output y: Tensor) {
        Self.check(dy, y, "reluBackward")
        update(&dy, with: y) { [kernels] in kernels.pointee.relu_backward($0, $0, $1, $2) }
    }

    /// x = 0 > x ? 0 : (x > 6 ? 6 : x). A NaN stays, as does −0.
    public func relu6(inPlace x: inout Tensor) {
        update(&x) { [kernels] in kernels.pointee.relu6($0, $0, $1) }
    }

    /// dy = 0 < y < 6 ? dy : 0, where y is what `relu6` gave.
    ///
    /// - Precondition: dy and y hold equally many elements.
    public func relu6Backward(_ dy: inout Tensor, output y: Tensor) {
        Self.check(dy, y, "relu6Backward")
        update(&dy, with: y) { [kernels] in kernels.pointee.relu6_backward($0, $0, $1, $2) }
    }

    /// y = 1 / (1 + exp(−x)).
    ///
    /// Computed in double, with e = exp(−|x|) ≤ 1 so that nothing overflows, as 1 / (1 + e) where
    /// x ≥ 0 and e / (1 + e) elsewhere, and rounded to a float once: nearly always the float
    /// nearest to the exact value. 0 gives ½, +∞ gives 1, and below −103.97 the result is +0; a
    /// NaN gives the quiet NaN.
    public func sigmoid(_ x: Tensor, into y: inout Tensor) {
        map(x, into: &y) { [kernels] in kernels.pointee.sigmoid($0, $1, $2) }
    }

    /// dx = dy·(y·(1 − y)), each operation rounded, where y is what `sigmoid` gave.
    ///
    /// - Precondition: dy and y hold equally many elements.
    public func sigmoidBackward(_ dy: Tensor, output y: Tensor, into dx: inout Tensor) {
        Self.check(dy, y, "sigmoidBackward")
        map(dy, y, into: &dx) { [kernels] in kernels.pointee.sigmoid_backward($0, $1, $2, $3) }
    }

    /// a = a + b.
    ///
    /// - Precondition: a and b hold equally many elements.
    public func add(_ b: Tensor, to a: inout Tensor) {
        Self.check(a, b, "add")
        update(&a, with: b) { [kernels] in kernels.pointee.add($0, $0, $1, $2) }
    }

    private static func check(_ left: Tensor, _ right: Tensor, _ name: String) {
        precondition(left.count == right.count, "\(name): \(left.shape) against \(right.shape)")
    }
}
