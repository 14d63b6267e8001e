// Which layers have proven bounds: those whose file here says how.

import Networks
import Tensors

/// A layer whose bounds are known to hold for the floats that it computes.
///
/// It must be monotone in operands that occur once, in every rounding that it does. What is not here is
/// refused by name: a bound that merely looks right is worse than none.
protocol BoundedLayer: Layer {
    /// The parts that one step of it consists of, first to last; nil or none where these settings of it
    /// have no proven bound.
    func bounds(of step: ExecutedStep) -> [BoundPart]?
    /// Whether linear bounds know it too.
    static var hasLinearBounds: Bool { get }
}

extension BoundedLayer {
    /// Most do.
    static var hasLinearBounds: Bool { true }
}

/// The layers with a rule.
enum BoundRules {
    private static let all: [any BoundedLayer.Type] = [
        Linear.self, Convolution.self, Normalise.self, Affine.self, BatchNorm.self, Dropout.self,
        ReLU.self, LeakyReLU.self, Sigmoid.self, Tanh.self, ReLU6.self, Clip.self, MaxPool.self,
        AveragePool.self, GlobalAveragePool.self, Residual.self, Maximum.self, Minimum.self,
        Concat.self, Constants.self, Branch.self, ChannelsLast.self, Flatten.self, Unflatten.self,
        Permute.self, Reorder.self, Select.self,
    ]

    /// The words for the layers that a method knows.
    static func known(for method: CertificateMethod) -> [String] {
        all.filter { method == .ibp || $0.hasLinearBounds }.map { $0.word }
    }
}
