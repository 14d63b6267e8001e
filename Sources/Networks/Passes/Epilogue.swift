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

/// The epilogues of one product: a normalisation, and after it an activation.
struct ProductEpilogues: Sendable {
    private(set) var activation = Activation.none
    private var epsilon: Float?

    /// These and one more; nil where there is no room: the activation comes last.
    func adding(_ epilogue: Epilogue) -> ProductEpilogues? {
        guard activation == .none else { return nil }
        var result = self
        switch epilogue {
        case .activation(let activation): result.activation = activation
        case .batchNorm(let epsilon):
            guard self.epsilon == nil else { return nil }
            result.epsilon = epsilon
        }
        return result
    }

    /// Weight and bias (if any) for the product's kernel, of all parameters.
    func folded(_ parameters: [Tensor]) -> [Tensor] {
        guard let epsilon else { return parameters }
        let (own, norm) = (Array(parameters.dropLast(4)), Array(parameters.suffix(4)))
        return ChannelScaling(norm, epsilon: epsilon).folded(
            weight: own[0], bias: own.count > 1 ? own[1] : nil)
    }
}
