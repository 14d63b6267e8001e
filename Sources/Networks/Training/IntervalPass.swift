// Forward and backward through a network with the intervals that its numbers lie in: for training, in real
// arithmetic rounded as it is written. It proves nothing; a certificate has bounds of its own.

import Tensors

/// The passes of a training by intervals, with memory that is kept from batch to batch.
struct IntervalPass: Sendable {
    private var layers: [IntervalLayer]
    /// The images, and what each layer gives.
    private var values: [IntervalBatch]
    private var up = IntervalBatch(), down = IntervalBatch()
    private let engine: Engine
    private let classes: Int
    /// Whether the radii of the logits are those of their margins to the label's.
    private let givesMargins: Bool

    /// - Throws: `NetworkFault.noIntervals` for the first layer that reads another than the one before it,
    ///   or that has no rule.
    init(_ architecture: Architecture, in setting: RunSetting) throws {
        var layers: [IntervalLayer] = []
        var isTrained = false
        for (index, layer) in architecture.layers.enumerated() {
            guard layer.input == nil, layer.otherInputs.isEmpty, let rule = IntervalRule(layer)
            else {
                throw NetworkFault.noIntervals(
                    architecture: architecture.name, layer: layer.name, kind: layer.kind,
                    known: IntervalRule.known)
            }
            if let own = IntervalLayer(
                layer, rule, on: architecture.inputs[index],
                gives: architecture.features[index + 1], givesInputGradient: isTrained, in: setting)
            {
                layers.append(own)
            }
            isTrained = isTrained || layer.parameters.contains(where: \.isTrained)
        }
        let isDeep = architecture.layers.dropLast().contains {
            $0.parameters.contains(where: \.isTrained)
        }
        if isDeep, let last = architecture.layers.last as? Linear {
            givesMargins = true
            layers[layers.count - 1].giveMargins(
                last, on: architecture.inputs[architecture.inputs.count - 1], in: setting)
        } else {
            givesMargins = false
        }
        self.layers = layers
        values = Array(repeating: IntervalBatch(), count: layers.count + 1)
        engine = setting.engine
        classes = architecture.classes
    }

    /// Takes the weights.
    mutating func load(_ parameters: [String: Tensor]) {
        for index in layers.indices { layers[index].load(parameters) }
    }

    /// The gradients of the last `differentiate`, by name.
    var gradients: [String: Tensor] {
        Dictionary(
            uniqueKeysWithValues: layers.flatMap { zip($0.parameters.map(\.name), $0.gradients) })
    }

    /// Runs forward over a batch and the boxes of ε around its images, and back from the mean of
    /// κ·CE(logits) + (1 − κ)·CE(worst logits).
    ///
    /// - Returns: The sum of those over the images, and how many were classified as labelled.
    mutating func differentiate(
        _ images: Tensor, targets: [Int], epsilon: Float, kappa: Float
    ) -> (loss: Double, correct: Int) {
        engine.intervals(around: images, epsilon, into: &values[0])
        layers[layers.count - 1].targets = targets
        for index in layers.indices {
            let x = values[index]
            layers[index].forward(x, into: &values[index + 1])
        }
        let logits = values[layers.count]
        let result = loss(logits, targets, kappa)
        for index in layers.indices.reversed() {
            layers[index].backward(&up, x: values[index], y: values[index + 1], into: &down)
            swap(&up, &down)
        }
        for index in layers.indices { layers[index].releaseWeights() }
        return result
    }

    /// The loss at the logits; `up` is then its gradient there.
    private mutating func loss(
        _ logits: IntervalBatch, _ targets: [Int], _ kappa: Float
    ) -> (loss: Double, correct: Int) {
        let (rows, scale) = (targets.count, 1 / Float(targets.count))
        var clean = logits.both.rows(0..<rows)
        var worst = logits.both.rows(rows..<2 * rows)
        let correct = zip(clean.argmaxOfRows(), targets).count { $0 == $1 }
        // The label's margin to itself is 0, and added all the same.
        let sign: Float = givesMargins ? 1 : -1
        forWorst(targets, &worst, logits.radius) { $0 += $1 ? sign * $2 : $2 }
        let losses = CrossEntropy.gradient(
            inPlaceOf: &clean, targets: targets, scale: kappa * scale)
        let worstLosses = CrossEntropy.gradient(
            inPlaceOf: &worst, targets: targets, scale: (1 - kappa) * scale)
        up.both.reserve([2 * rows, classes])
        up.both.replaceRows(from: 0, with: clean)
        up.both.replaceRows(from: rows, with: worst)
        // At the radius: that at the centre, the label's with its sign.
        forWorst(targets, &worst, worst) { $0 = $1 ? sign * $2 : $2 }
        up.radius.reserve([rows, classes])
        up.radius.replaceRows(from: 0, with: worst)
        let loss = zip(losses, worstLosses).reduce(0) {
            $0 + (Double(kappa) * Double($1.0) + Double(1 - kappa) * Double($1.1))
        }
        return (loss, correct)
    }

    /// Calls `body` with every number of `numbers`, whether it is the label's, and the number of `other` in
    /// its place.
    private func forWorst(
        _ targets: [Int], _ numbers: inout Tensor, _ other: Tensor,
        _ body: (inout Float, Bool, Float) -> Void
    ) {
        numbers.withMutableFloats { numbers in
            other.withFloats { other in
                for (row, target) in targets.enumerated() {
                    for j in 0..<classes {
                        let index = row * classes + j
                        body(&numbers[index], j == target, other[index])
                    }
                }
            }
        }
    }
}
