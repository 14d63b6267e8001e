// What a value can be: an interval for each number, and how a part turns boxes into a box.

import Networks
import Tensors

/// The interval of each number of one value, a row an image.
struct Box: Sendable {
    var lower: Tensor
    var upper: Tensor

    /// The rows with an end that is not finite.
    func broken() -> Set<Int> {
        guard lower.firstNotFinite != nil || upper.firstNotFinite != nil else { return [] }
        let length = lower.rowLength
        return lower.withFloats { lower in
            upper.withFloats { upper in
                Set(
                    lower.indices.filter { !(lower[$0].isFinite && upper[$0].isFinite) }
                        .map { $0 / length })
            }
        }
    }

    /// The same box with every end moved outwards by a margin of its own, and on to the next float.
    func widened(by margin: (Int) -> Double) -> Box {
        var box = self
        box.lower.withMutableFloats { ends in
            for place in ends.indices { ends[place] = (Double(ends[place]) - margin(place)).below }
        }
        box.upper.withMutableFloats { ends in
            for place in ends.indices { ends[place] = (Double(ends[place]) + margin(place)).above }
        }
        return box
    }

    /// The largest magnitude of a number.
    func size(_ place: Int) -> Double {
        lower.withFloats { lower in
            upper.withFloats { upper in
                Double(max(lower[place].magnitude, upper[place].magnitude))
            }
        }
    }
}

extension Double {
    /// The largest float that is not above what a sum rounded to this can have been.
    var below: Float {
        let near = Float(nextDown)
        return Double(near) > nextDown ? near.nextDown : near
    }

    /// The least float that is not below what a sum rounded to this can have been.
    var above: Float { -(-self).below }
}

extension BoundPart {
    /// What a part can give while its inputs are within boxes: the part itself, run at a vertex; for any
    /// order of summation that and, on either side, twice what two of them can differ from the real sum.
    func box(
        of input: Box, others: [Box], in scope: CertificateScope, on engine: Engine
    ) -> Box {
        switch self {
        case .product(let product):
            let found = product.intervals(
                lower: input.lower, upper: input.upper, hasErrors: scope == .any, on: engine)
            return scope == .any
                ? found.anyBox(depth: product.depth)
                : Box(lower: found.lower, upper: found.upper)
        case .gather(let places, _):
            func gathered(_ x: Tensor) -> Tensor {
                var y = Tensor(shape: [0])
                engine.gather(
                    x.reshaped([x.rowCount, x.rowLength]), at: places, axes: [places.count],
                    into: &y)
                return y
            }
            return Box(lower: gathered(input.lower), upper: gathered(input.upper))
        case .growing(let step, let relaxation):
            let box = Box(
                lower: step.run(input.lower, others: others.map(\.lower)),
                upper: step.run(input.upper, others: others.map(\.upper)))
            return scope == .any && relaxation?.rounds ?? true ? box.widened { _ in 0 } : box
        }
    }
}

extension Relaxation {
    /// Whether what is computed is not always one of the numbers that were read, or 0.
    var rounds: Bool {
        switch self {
        case .rectifier(let slope): slope != 0 && slope != 1
        case .largest: false
        case .sigmoid, .tanh, .sum: true
        }
    }

    /// Whether every runtime rounds it alike.
    var isOfAnyRuntime: Bool {
        switch self {
        case .rectifier, .largest, .sum: true
        case .sigmoid, .tanh: false
        }
    }
}
