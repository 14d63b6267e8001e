// CROWN for one image after the other, with the memory of one thread.

import Networks
import Tensors

/// Linear bounds through a whole network (Zhang et al., "Efficient neural network robustness certification
/// with general activation functions", 2018), for the floats that it computes.
struct LinearPass {
    private let plan: BoundPlan
    private let scope: CertificateScope
    private let engine: Engine
    private let relaxed: Set<Int>
    private var backward: BackwardPass

    init(_ plan: BoundPlan, _ scope: CertificateScope, on engine: Engine) {
        (self.plan, self.scope, self.engine) = (plan, scope, engine)
        relaxed = plan.relaxed
        backward = BackwardPass(plan, on: engine)
    }

    /// What is proven for one image.
    ///
    /// - Parameters:
    ///   - image: A box of one row.
    ///   - label: The class that must win.
    /// - Returns: The better of two: the margins of linear bounds, and intervals of the logits.
    mutating func certificate(_ image: Box, label: Int) -> Certificate {
        guard let (boxes, lines) = bounds(image) else {
            // What sums of magnitudes overflow intervals may still bound.
            return IntervalPass(plan: plan, scope: scope, engine: engine)
                .certificates(image, labels: [label])[0]
        }
        let apart = boxes[plan.logits].certificate(0, label: label, in: scope)
        let classes = plan.grids[plan.logits].count
        let others = (0..<classes).filter { $0 != label }
        guard !lines.isEmpty, !others.isEmpty else { return apart }
        let ends = image.ends
        var least = Double.infinity
        var isCertified = true
        for start in stride(from: 0, to: others.count, by: 8) {
            let seeds = others[start..<min(start + 8, others.count)].map {
                [(place: label, coefficient: 1.0), (place: $0, coefficient: -1.0)]
            }
            let bounds = backward.lowerBounds(of: seeds, in: plan.logits, by: lines, image: ends)
            for bound in bounds {
                isCertified = isCertified && bound > 0
                least = bound < least ? bound : least
            }
        }
        // A NaN, if there were one, must not count as a margin.
        let margin = isCertified ? least : least > 0 ? -.infinity : least
        return Certificate(
            isCertified: apart.isCertified || isCertified, margin: max(apart.margin, margin),
            scope: scope)
    }

    /// The box of every value and the lines of every node; nil where something is not finite.
    mutating func bounds(_ image: Box) -> (boxes: [Box], lines: [NodeLines])? {
        guard image.broken().isEmpty else { return nil }
        let ends = image.ends
        var boxes = [image]
        var lines: [NodeLines] = []
        for node in plan.nodes {
            guard
                let (box, own) = node.bounds(
                    of: boxes[node.input], others: node.others.map { boxes[$0] }, in: scope,
                    on: engine)
            else { return nil }
            boxes.append(box)
            lines.append(own)
            if relaxed.contains(node.output) { refine(&boxes, lines, ends) }
        }
        return (boxes, lines)
    }

    /// Meets the box of the last value with what linear bounds say of it, where that is of use: where an
    /// activation that reads it is not a line yet.
    private mutating func refine(
        _ boxes: inout [Box], _ lines: [NodeLines], _ image: BoundLines
    ) {
        let value = boxes.count - 1
        let (lower, upper) = (boxes[value].lower.values, boxes[value].upper.values)
        let isKinked = plan.nodes.filter { $0.input == value && $0.part.isRelaxed }.allSatisfy {
            if case .growing(_, .rectifier) = $0.part { true } else { false }
        }
        let places = lower.indices.filter {
            isKinked ? lower[$0] < 0 && upper[$0] > 0 : lower[$0] < upper[$0]
        }
        for start in stride(from: 0, to: places.count, by: 8) {
            let block = places[start..<min(start + 8, places.count)]
            for sign in [1.0, -1.0] {
                let bounds = backward.lowerBounds(
                    of: block.map { [(place: $0, coefficient: sign)] }, in: value, by: lines,
                    image: image)
                for (place, bound) in zip(block, bounds) {
                    boxes[value].meet(place, sign, bound)
                }
            }
        }
    }
}

extension Box {
    /// Takes a lower bound of sign·number, if it says more. A NaN says nothing.
    fileprivate mutating func meet(_ place: Int, _ sign: Double, _ bound: Double) {
        if sign > 0 {
            lower.withMutableFloats {
                let end = bound.below
                if end > $0[place] { $0[place] = end }
            }
        } else {
            upper.withMutableFloats {
                let end = (-bound).above
                if end < $0[place] { $0[place] = end }
            }
        }
    }
}
