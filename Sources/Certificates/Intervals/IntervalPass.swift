// Intervals, layer by layer, for a batch.

import Networks
import Tensors

/// Intervals through a whole network.
struct IntervalPass {
    let plan: BoundPlan
    let scope: CertificateScope
    let engine: Engine

    /// The box of each value for a batch, and the rows of which some value is not finite. That is looked
    /// for after every part, before an activation could hide it.
    func boxes(of images: Box) -> (values: [Box], broken: Set<Int>) {
        var values = [images]
        var broken = images.broken()
        for node in plan.nodes {
            let box = node.part.box(
                of: values[node.input], others: node.others.map { values[$0] }, in: scope,
                on: engine)
            broken.formUnion(box.broken())
            values.append(box)
        }
        return (values, broken)
    }

    /// The certificates of a batch: the label's lower end above the upper end of each other class.
    func certificates(_ images: Box, labels: [Int]) -> [Certificate] {
        let (values, broken) = boxes(of: images)
        let logits = values[plan.logits]
        return labels.enumerated().map { row, label in
            broken.contains(row)
                ? .nothing(in: scope) : logits.certificate(row, label: label, in: scope)
        }
    }
}

extension Certificate {
    /// Nothing is proven, not even a margin.
    static func nothing(in scope: CertificateScope) -> Certificate {
        Certificate(isCertified: false, margin: -.infinity, scope: scope)
    }
}

extension Box {
    /// What a row of logits proves by itself. The comparison is that of the floats, true only where the
    /// label's end is larger; the margin is the difference in double.
    func certificate(_ row: Int, label: Int, in scope: CertificateScope) -> Certificate {
        let classes = lower.rowLength
        return lower.withFloats { lower in
            upper.withFloats { upper in
                let own = lower[row * classes + label]
                let others = (0..<classes).filter { $0 != label }.map { upper[row * classes + $0] }
                return Certificate(
                    isCertified: others.allSatisfy { own > $0 },
                    margin: others.map { Double(own) - Double($0) }.min() ?? .infinity,
                    scope: scope)
            }
        }
    }
}
