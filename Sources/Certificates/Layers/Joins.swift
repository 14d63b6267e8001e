// Layers that read two branches, and one that reads none. Each branch has its own box; that both come
// from one image is not used by intervals, and is used by linear bounds.

import Networks
import Tensors

extension Residual: BoundedLayer {
    func bounds(of step: ExecutedStep) -> [BoundPart]? { [.growing(step, .sum)] }
}

extension Maximum: BoundedLayer {
    func bounds(of step: ExecutedStep) -> [BoundPart]? { [.growing(step, nil)] }
    static var hasLinearBounds: Bool { false }
}

extension Minimum: BoundedLayer {
    func bounds(of step: ExecutedStep) -> [BoundPart]? { [.growing(step, nil)] }
    static var hasLinearBounds: Bool { false }
}

extension Concat: BoundedLayer {
    func bounds(of step: ExecutedStep) -> [BoundPart]? { [.growing(step, nil)] }
    static var hasLinearBounds: Bool { false }
}

extension Constants: BoundedLayer {
    func bounds(of step: ExecutedStep) -> [BoundPart]? { [.growing(step, nil)] }
    static var hasLinearBounds: Bool { false }
}

extension Branch: BoundedLayer {
    /// Never a step: nothing moves.
    func bounds(of step: ExecutedStep) -> [BoundPart]? { nil }
}
