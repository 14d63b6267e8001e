// Layers that scale each channel: y = fma(x, scale, shift), a product of one tap.

import Networks
import Tensors

extension Features {
    /// One tap over each channel of maps, or over each number of a vector.
    fileprivate func scaled(by scale: Tensor, shift: Tensor?) -> BoundPart {
        let (height, width) = maps.map { ($0.height, $0.width) } ?? (1, 1)
        return .product(BoundedProduct(height: height, width: width, scale: scale, shift: shift))
    }
}

extension Normalise: BoundedLayer {
    /// The layout, then the constants.
    func bounds(of step: ExecutedStep) -> [BoundPart]? {
        let shape = step.input.features.shape
        let (scale, shift) = constants
        let scaling = Features.maps(channels: shape[0], height: shape[1], width: shape[2]).scaled(
            by: scale, shift: shift)
        return shape[0] == 1 ? [scaling] : [.gather(toChannelsLast: shape), scaling]
    }
}

extension Affine: BoundedLayer {
    func bounds(of step: ExecutedStep) -> [BoundPart]? {
        [step.input.features.scaled(by: step.parameters[0], shift: step.parameters[1])]
    }
}

extension BatchNorm: BoundedLayer {
    /// By itself, where no product took it into its weights: scale and shift in double, rounded once.
    func bounds(of step: ExecutedStep) -> [BoundPart]? {
        let (scale, shift) = ChannelScaling(step.parameters, epsilon: epsilon).rounded
        return [step.input.features.scaled(by: scale, shift: shift)]
    }
}

extension Dropout: BoundedLayer {
    /// A mask that stays on has factors of 0 or more, so that it grows with what it reads.
    func bounds(of step: ExecutedStep) -> [BoundPart]? { [.growing(step, nil)] }
    static var hasLinearBounds: Bool { false }
}
