// Activations with constants, and what two batches give element by element. Each works in place too.

import CKernels

/// A function of one number, applied to every element; −0 and NaN stay what they are unless it says
/// otherwise. Every operation is rounded to a float, save where it says "in double".
public enum ElementwiseFunction: Equatable, Sendable {
    /// x > 0 ? x : slope·x; the slope at exactly 0 is `slope`.
    case leakyReLU(slope: Float)
    /// lower > x ? lower : (x > upper ? upper : x); the slope at the bounds is 0.
    case clip(lower: Float, upper: Float)
    /// (1 − e) / (1 + e) with the sign of x, e = exp(−2|x|), or a series of nine powers near 0: in
    /// double, rounded once. Nearly always the float nearest to tanh x.
    case tanh
    /// clip(slope·x + offset, 0, 1).
    case hardSigmoid(slope: Float, offset: Float)
    /// x·clip(slope·x + offset, 0, 1).
    case hardSwish(slope: Float, offset: Float)
    /// x > 0 ? x : scale·(e^x − 1), in double, rounded once; the slope at exactly 0 is `scale`.
    case elu(scale: Float)
    /// e^x, correctly rounded.
    case exponential
    /// log x, correctly rounded; of a negative number NaN.
    case logarithm
    /// |x|; the slope at exactly 0 is 0.
    case absolute
    /// log(1 + e^x) = max(x, 0) + log(1 + e^−|x|), in double, rounded once.
    case softplus
    /// x / (1 + |x|).
    case softsign
    /// x^exponent, with C's values at 0 and beyond all numbers: x·x, 1 / x and √x for 2, −1 and ½,
    /// each rounded once; any other in double by exp and log, rounded once. Of a negative number only
    /// whole powers, else NaN.
    case power(exponent: Float)

    /// Whether the gradient is written in terms of what came out, which nothing else then keeps; else
    /// in terms of what went in.
    public var gradientReadsOutput: Bool {
        switch self {
        case .leakyReLU(let slope): slope >= 0  // the output then has the sign of the input
        case .clip, .tanh, .hardSigmoid, .exponential: true
        case .hardSwish, .elu, .logarithm, .absolute, .softplus, .softsign, .power: false
        }
    }

    fileprivate var constants: (Float, Float) {
        switch self {
        case .leakyReLU(let slope): (slope, 0)
        case .clip(let lower, let upper): (lower, upper)
        case .tanh, .exponential, .logarithm, .absolute, .softplus, .softsign: (0, 0)
        case .hardSigmoid(let slope, let offset), .hardSwish(let slope, let offset): (slope, offset)
        case .elu(let scale): (scale, 0)
        case .power(let exponent): (exponent, 0)
        }
    }

    fileprivate func kernel(_ kernels: ck_layers) -> ck_map {
        switch self {
        case .leakyReLU: kernels.leaky
        case .clip: kernels.clip
        case .tanh: kernels.hyperbolic_tangent
        case .hardSigmoid: kernels.hard_sigmoid
        case .hardSwish: kernels.hard_swish
        case .elu: kernels.elu
        case .exponential: kernels.exponential
        case .logarithm: kernels.logarithm
        case .absolute: kernels.absolute
        case .softplus: kernels.softplus
        case .softsign: kernels.softsign
        case .power: kernels.power
        }
    }

    fileprivate func gradientKernel(_ kernels: ck_layers) -> ck_map_two {
        switch self {
        case .leakyReLU: kernels.leaky_gradient
        case .clip: kernels.clip_gradient
        case .tanh: kernels.hyperbolic_tangent_gradient
        case .hardSigmoid: kernels.hard_sigmoid_gradient
        case .hardSwish: kernels.hard_swish_gradient
        case .elu: kernels.elu_gradient
        case .exponential: kernels.multiply
        case .logarithm: kernels.divide
        case .absolute: kernels.absolute_gradient
        case .softplus: kernels.softplus_gradient
        case .softsign: kernels.softsign_gradient
        case .power: kernels.power_gradient
        }
    }
}

/// A table is a constant, as `ck_kernels` is.
extension ck_layers: @retroactive @unchecked Sendable {}

extension Engine {
    /// The kernels of `ck_layers.h` for this engine's instruction set.
    var layerKernels: ck_layers {
        guard let table = ck_layers_table(instructionSet.code) else {
            preconditionFailure("\(instructionSet): an engine of a set that this machine lacks")
        }
        return table.pointee
    }

    /// y = function(x); y takes the shape of x.
    public func apply(_ function: ElementwiseFunction, to x: Tensor, into y: inout Tensor) {
        let (a, b) = function.constants
        map(x, into: &y) { [kernels = layerKernels] in function.kernel(kernels)($0, $1, $2, a, b) }
    }

    /// x = function(x).
    public func apply(_ function: ElementwiseFunction, inPlace x: inout Tensor) {
        let (a, b) = function.constants
        update(&x) { [kernels = layerKernels] in function.kernel(kernels)($0, $0, $1, a, b) }
    }

    /// dx from dy and what came out of the function, or went in: see `gradientReadsOutput`. tanh's is
    /// dy·((1 − y)·(1 + y)).
    ///
    /// - Precondition: dy and v hold equally many elements.
    public func gradient(
        of function: ElementwiseFunction, _ dy: Tensor, at v: Tensor, into dx: inout Tensor
    ) {
        Self.requireEqual(dy, v, "gradient of \(function)")
        let (a, b) = function.constants
        map(dy, v, into: &dx) { [kernels = layerKernels] in
            function.gradientKernel(kernels)($0, $1, $2, $3, a, b)
        }
    }

    /// dy becomes dx.
    ///
    /// - Precondition: dy and v hold equally many elements.
    public func gradient(of function: ElementwiseFunction, inPlace dy: inout Tensor, at v: Tensor) {
        Self.requireEqual(dy, v, "gradient of \(function)")
        let (a, b) = function.constants
        update(&dy, with: v) { [kernels = layerKernels] in
            function.gradientKernel(kernels)($0, $0, $1, $2, a, b)
        }
    }

    /// y = a − b; y takes the shape of a.
    ///
    /// - Precondition: a and b hold equally many elements.
    public func subtract(_ b: Tensor, from a: Tensor, into y: inout Tensor) {
        Self.requireEqual(a, b, "subtract")
        map(a, b, into: &y) { [kernels = layerKernels] in kernels.subtract($0, $1, $2, $3, 0, 0) }
    }

    /// y = a / b; y takes the shape of a.
    ///
    /// - Precondition: a and b hold equally many elements.
    public func divide(_ a: Tensor, by b: Tensor, into y: inout Tensor) {
        Self.requireEqual(a, b, "divide")
        map(a, b, into: &y) { [kernels = layerKernels] in kernels.divide($0, $1, $2, $3, 0, 0) }
    }

    /// The gradient of `divide` at b: −(dy·y) / b, every operation rounded, where y is the quotient.
    ///
    /// - Precondition: All hold equally many elements.
    public func divisorGradient(_ dy: Tensor, y: Tensor, by b: Tensor, into db: inout Tensor) {
        map(dy, y, b, into: &db, layerKernels.divisor_gradient)
    }

    /// The larger or the smaller of a and b, element by element: a where both are equal, NaN where
    /// either is. y takes the shape of a.
    ///
    /// - Precondition: a and b hold equally many elements.
    public func extremum(
        _ a: Tensor, _ b: Tensor, takingLarger: Bool, into y: inout Tensor
    ) {
        Self.requireEqual(a, b, "extremum")
        let kernel = takingLarger ? layerKernels.larger : layerKernels.smaller
        map(a, b, into: &y) { kernel?($0, $1, $2, $3, 0, 0) }
    }

    /// dx = a ≥ b ? dy : 0, or with `ofLess` a < b ? dy : 0.
    ///
    /// - Precondition: All hold equally many elements.
    public func select(
        _ dy: Tensor, where a: Tensor, _ b: Tensor, ofLess: Bool, into dx: inout Tensor
    ) {
        map(dy, a, b, into: &dx, ofLess ? layerKernels.where_less : layerKernels.where_not_less)
    }

    private func map(
        _ u: Tensor, _ v: Tensor, _ w: Tensor, into y: inout Tensor, _ kernel: ck_map_three?
    ) {
        Self.requireEqual(u, v, "\(#function)")
        Self.requireEqual(u, w, "\(#function)")
        y.reserve(u.shape)
        let count = u.count
        w.withFloats { third in
            withPointers(u, v, &y) { u, v, y in
                guard let w = third.baseAddress else { return }
                nonisolated(unsafe) let (u, v, third, y) = (u, v, w, y)
                blocks(of: count) { start, count in
                    kernel?(y + start, u + start, v + start, third + start, count)
                }
            }
        }
    }

    /// y = a·b; y takes the shape of a.
    ///
    /// - Precondition: a and b hold equally many elements.
    public func multiply(_ a: Tensor, elementwiseBy b: Tensor, into y: inout Tensor) {
        Self.requireEqual(a, b, "multiply")
        map(a, b, into: &y) { [kernels = layerKernels] in kernels.multiply($0, $1, $2, $3, 0, 0) }
    }

    static func requireEqual(_ left: Tensor, _ right: Tensor, _ name: String) {
        precondition(left.count == right.count, "\(name): \(left.shape) against \(right.shape)")
    }
}
