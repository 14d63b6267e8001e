// Pooling. A maximum is one of its operands. A mean is a sum of rounded additions, each monotone, in the
// order that is written down, times or divided by a positive number.

import Networks
import Tensors

extension MaxPool: BoundedLayer {
    func bounds(of step: ExecutedStep) -> [BoundPart]? {
        [.growing(step, places(on: step.input.features).map { .largest($0) })]
    }
}

extension AveragePool: BoundedLayer {
    func bounds(of step: ExecutedStep) -> [BoundPart]? { [.growing(step, nil)] }
    static var hasLinearBounds: Bool { false }
}

extension GlobalAveragePool: BoundedLayer {
    func bounds(of step: ExecutedStep) -> [BoundPart]? { [.growing(step, nil)] }
    static var hasLinearBounds: Bool { false }
}
