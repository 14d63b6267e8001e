// What a product (a convolution, a fully connected layer) can do to its results as it stores them,
// in place of the operation that follows it.

import Tensors

/// An operation that a product before it can take in.
public enum Epilogue: Equatable, Sendable {
    /// The same expression, applied to each result before it is stored.
    case activation(Activation)
    /// A normalisation with fixed statistics, folded into weight and bias; see `ChannelScaling`.
    /// Its four parameters follow the product's own.
    case batchNorm(epsilon: Float)
    /// A fixed scale and shift, folded in likewise. Its two parameters follow the product's own.
    case affine
}

/// A product: y = x·w + b, its epilogue with it. Its weight [O, …] is its first parameter and its
/// bias [O], if any, the second.
protocol Product: Operation {
    var epilogues: ProductEpilogues { get set }
}

extension Product {
    func fusing(_ epilogue: Epilogue) -> (any Operation)? {
        guard let taken = epilogues.adding(epilogue) else { return nil }
        var product = self
        product.epilogues = taken
        return product
    }
}

/// The epilogues of one product: a normalisation or a fixed scale, and after it an activation.
struct ProductEpilogues: Sendable {
    private(set) var activation = Activation.none
    /// What is folded into weight and bias; never an activation.
    private var scaling: Epilogue?

    /// These and one more; nil where there is no room: the activation comes last.
    func adding(_ epilogue: Epilogue) -> ProductEpilogues? {
        guard activation == .none else { return nil }
        var result = self
        switch epilogue {
        case .activation(let activation): result.activation = activation
        case .batchNorm, .affine:
            guard scaling == nil else { return nil }
            result.scaling = epilogue
        }
        return result
    }

    /// Weight and bias (if any) for the product's kernel, of all parameters.
    func folded(_ parameters: [Tensor]) -> [Tensor] {
        let (count, channelScaling): (Int, ([Tensor]) -> ChannelScaling)
        switch scaling {
        case .batchNorm(let epsilon):
            (count, channelScaling) = (4, { ChannelScaling($0, epsilon: epsilon) })
        case .affine: (count, channelScaling) = (2, { ChannelScaling(scale: $0[0], shift: $0[1]) })
        case .activation, nil: return parameters
        }
        let own = Array(parameters.dropLast(count))
        return channelScaling(Array(parameters.suffix(count))).folded(
            weight: own[0], bias: own.count > 1 ? own[1] : nil)
    }
}
