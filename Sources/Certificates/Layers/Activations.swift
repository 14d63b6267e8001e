// Activations that grow with their input over all floats. Comparisons and one rounded product are
// monotone by themselves. The sigmoid and tanh, which are made of several operations, were compared with
// their neighbours for every float: pipeline/checks/monotone.sh.

import Networks
import Tensors

extension ReLU: BoundedLayer {
    func bounds(of step: ExecutedStep) -> [BoundPart]? { [.growing(step, .rectifier(slope: 0))] }
}

extension LeakyReLU: BoundedLayer {
    /// A negative slope makes it fall and rise. Linear bounds are for slopes up to 1.
    func bounds(of step: ExecutedStep) -> [BoundPart]? {
        guard slope >= 0 else { return nil }
        return [.growing(step, slope <= 1 ? .rectifier(slope: slope) : nil)]
    }
}

extension Sigmoid: BoundedLayer {
    func bounds(of step: ExecutedStep) -> [BoundPart]? { [.growing(step, .sigmoid)] }
}

extension Tanh: BoundedLayer {
    func bounds(of step: ExecutedStep) -> [BoundPart]? { [.growing(step, .tanh)] }
}

extension ReLU6: BoundedLayer {
    func bounds(of step: ExecutedStep) -> [BoundPart]? { [.growing(step, nil)] }
    static var hasLinearBounds: Bool { false }
}

extension Clip: BoundedLayer {
    func bounds(of step: ExecutedStep) -> [BoundPart]? { [.growing(step, nil)] }
    static var hasLinearBounds: Bool { false }
}
