// The classes that stand against a label, and the rows of the Jacobian that tell how far they are.

import Tensors

extension Tensor {
    /// The classes with the largest logits in a row but the label, the largest first; of equals the
    /// first.
    func likeliest(_ row: Int, except label: Int, count: Int) -> [Int] {
        withFloats { all in
            let logits = all[row * rowLength..<(row + 1) * rowLength]
            let start = logits.startIndex
            let order = (0..<logits.count).filter { $0 != label }.sorted {
                (logits[start + $0], $1) > (logits[start + $1], $0)
            }
            return Array(order.prefix(count))
        }
    }

    /// The class with the largest logit in a row but one; of equals the first.
    func rival(_ row: Int, of index: Int) -> Int {
        withFloats { Margin.rival(in: $0[row * rowLength..<(row + 1) * rowLength], of: index) }
    }

    /// The logit gradients [rows, classes] of Z_rival − Z_label: +1 and −1; zeros where there is no
    /// rival.
    static func differences<State>(
        of batch: Batch<State>, _ classes: Int, rival: (_ row: Int, State) -> Int?
    ) -> Tensor {
        var gradient = Tensor(shape: [batch.rows.count, classes])
        gradient.withMutableFloats { gradient in
            for row in batch.open {
                guard let rival = rival(row, batch[row].state) else { continue }
                gradient[row * classes + rival] = 1
                gradient[row * classes + batch[row].sample.label] = -1
            }
        }
        return gradient
    }
}
