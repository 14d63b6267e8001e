// The last linear layer of a training by intervals: how far each logit can rise above that of the label.

import Tensors

/// With the weight W [classes, inputs] of a last linear layer and radii r of what it reads, the radius of
/// logit j less that of the label y is Σ_i |W_ji − W_yi|·r_i, i ascending: less than the two radii together.
/// So the label's own is 0.
struct IntervalMargins: Sendable {
    private let engine: Engine
    /// A product of rows of one label with |W − W_y|.
    private var operation: any Operation
    private var context = OperationContext()
    private var gradients: [Tensor]
    private var differences: Tensor
    private let noBias: Tensor

    init(_ layer: Linear, on input: Features, in setting: RunSetting) {
        guard let operation = layer.operation(on: input, in: setting) else { layer.refuse(input) }
        (self.operation, engine) = (operation, setting.engine)
        differences = Tensor(shape: [layer.outputs, layer.inputs])
        noBias = Tensor(shape: [layer.outputs])
        gradients = [differences, noBias]
    }

    /// The radii [N, classes].
    mutating func forward(_ radius: Tensor, targets: [Int], weight: Tensor, into y: inout Tensor) {
        y.reserve([targets.count, noBias.count])
        eachLabel(of: targets, weight) { own, rows, _ in
            var part = Tensor(shape: [0])
            own.operation.forward(
                radius.gather(rows), into: &part, context: &own.context)
            Self.scatter(part, to: rows, of: &y)
        }
    }

    /// The gradient at the radii from that at the margins, and what the weight's takes of it.
    mutating func backward(
        _ dy: Tensor, radius: Tensor, targets: [Int], weight: Tensor, into dx: inout Tensor,
        addingTo weightGradient: inout Tensor
    ) {
        dx.reserve(radius.shape)
        let inputs = weight.rowLength
        eachLabel(of: targets, weight) { own, rows, label in
            let (dy, x) = (dy.gather(rows), radius.gather(rows))
            own.operation.parameterGradients(
                dy, x: x, into: &own.gradients, context: &own.context)
            var part = Tensor(shape: [0])
            own.operation.inputGradient(
                dy, x: x, y: Tensor(shape: [0]), into: &part, context: &own.context)
            Self.scatter(part, to: rows, of: &dx)
            weightGradient.withMutableFloats { sum in
                weight.withFloats { w in
                    own.gradients[0].withFloats { g in
                        for index in g.indices {
                            let labels = label * inputs + index % inputs
                            let difference = w[index] - w[labels]
                            let slope =
                                difference > 0 ? g[index] : difference < 0 ? -g[index] : 0
                            sum[index] += slope
                            sum[labels] -= slope
                        }
                    }
                }
            }
        }
    }

    /// Calls `body` with the rows of each label that there is, ascending, the operation being loaded with
    /// |W − W_y|.
    private mutating func eachLabel(
        of targets: [Int], _ weight: Tensor, _ body: (inout IntervalMargins, [Int], Int) -> Void
    ) {
        let inputs = weight.rowLength
        for label in Set(targets).sorted() {
            differences.withMutableFloats { differences in
                weight.withFloats { w in
                    for index in w.indices {
                        differences[index] = abs(w[index] - w[label * inputs + index % inputs])
                    }
                }
            }
            operation.load([differences, noBias], givesInputGradient: true)
            body(&self, targets.indices.filter { targets[$0] == label }, label)
        }
    }

    private static func scatter(_ part: Tensor, to rows: [Int], of y: inout Tensor) {
        for (place, row) in rows.enumerated() {
            y.replaceRows(from: row, with: part.rows(place..<place + 1))
        }
    }
}
