// What attacks share that see decisions alone: a start that is wrong already, and the way back to
// the boundary.

import Randomness
import Tensors

/// Points on the adversarial side of the boundary.
enum DecisionSearch {
    /// Puts runs at their starts, each the first of up to `tries` images of uniform noise, within the limits, that
    /// reaches the goal; ends those at the image that find none.
    ///
    /// - Parameters:
    ///   - rows: Runs that have not moved yet.
    ///   - batch: Whose rows they are.
    ///   - tries: How many images of noise each may try.
    ///   - purpose: Part of the key of the draws.
    ///   - oracle: Who answers.
    /// - Returns: The runs that have a start.
    /// - Throws: What the oracle throws.
    static func start<State>(
        _ rows: [Int], of batch: inout Batch<State>, tries: Int, purpose: String,
        on oracle: inout some DecisionOracle
    ) throws -> [Int] {
        guard !rows.isEmpty else { return [] }
        var open = rows
        var streams = batch.rows.indices.map { batch.stream("\(purpose)/start", $0) }
        let (length, limits) = (batch.length, batch.limits)
        let images = batch.originals
        for _ in 0..<tries where !open.isEmpty {
            var noise = Tensor(shape: [open.count] + batch.originals.shape.dropFirst())
            images.withFloats { x in
                noise.withMutableFloats { noise in
                    for (place, row) in open.enumerated() {
                        for index in 0..<length {
                            noise[place * length + index] = limits.value(
                                at: streams[row].uniform(), index, around: x[row * length + index])
                        }
                    }
                }
            }
            let answers = try oracle.answers(to: noise, for: batch.owners(of: open))
            var left: [Int] = []
            for (place, row) in open.enumerated() {
                if batch[row].sample.isFooled(by: answers[place]) {
                    batch.points.copyRow(place, of: noise, to: row)
                } else {
                    left.append(row)
                }
            }
            open = left
        }
        for row in open { batch.finish(row) }
        return rows.filter { batch[$0].isOpen }
    }

    /// Brings the points of runs, which are adversarial, back to the boundary by bisection, each
    /// until the way that is left is `threshold` of the first or shorter: for L2 along the straight
    /// way to the image, for L∞ by clamping to ever smaller balls around it.
    static func toBoundary<State>(
        _ rows: [Int], of batch: inout Batch<State>, norm: Norm, threshold: Double,
        on oracle: inout some DecisionOracle
    ) throws {
        guard !rows.isEmpty else { return }
        let (far, images) = (batch.points.gather(rows), batch.originals.gather(rows))
        var (low, high) = (
            Array(repeating: 0.0, count: rows.count), Array(repeating: 1.0, count: rows.count)
        )
        // For L∞ shares of the largest change.
        let sizes = rows.indices.map { norm == .linf ? largestChange(far, images, $0) : 1 }
        while true {
            let open = rows.indices.filter { high[$0] - low[$0] > threshold }
            guard !open.isEmpty else { break }
            var tried = far.gather(open)
            let x = images.gather(open)
            for (place, index) in open.enumerated() {
                shorten(
                    &tried, place, x, batch.limits, share: (low[index] + high[index]) / 2,
                    sizes[index], norm)
            }
            let owners = batch.owners(of: open.map { rows[$0] })
            let answers = try oracle.answers(to: tried, for: owners)
            for (place, index) in open.enumerated() {
                let (row, middle) = (rows[index], (low[index] + high[index]) / 2)
                if batch[row].sample.isFooled(by: answers[place]) {
                    high[index] = middle
                    batch.points.copyRow(place, of: tried, to: row)
                } else {
                    low[index] = middle
                }
            }
        }
    }

    private static func largestChange(_ y: Tensor, _ x: Tensor, _ row: Int) -> Double {
        let length = x.rowLength
        return x.withFloats { x in
            y.withFloats { y in
                (row * length..<(row + 1) * length).reduce(0) {
                    max($0, abs(Double(y[$1]) - Double(x[$1])))
                }
            }
        }
    }

    private static func shorten(
        _ points: inout Tensor, _ row: Int, _ images: Tensor, _ limits: PixelLimits,
        share: Double, _ size: Double, _ norm: Norm
    ) {
        let length = images.rowLength
        let most = share * size
        images.withFloats { x in
            points.withMutableFloats { y in
                for index in row * length..<(row + 1) * length {
                    let change = Double(y[index]) - Double(x[index])
                    let kept = norm == .linf ? min(max(change, -most), most) : share * change
                    y[index] = limits.clamped(
                        Float(Double(x[index]) + kept), index - row * length, around: x[index])
                }
            }
        }
    }
}
