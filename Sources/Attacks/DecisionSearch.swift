// What attacks share that see decisions alone: a start that is wrong already, and the way back to
// the boundary.

import Networks
import Randomness
import Tensors

/// Points on the adversarial side of the boundary.
struct DecisionSearch {
    /// A starting image for each sample: the first of up to `tries` images of uniform noise that reaches
    /// the goal, nil where none does.
    static func starts(
        _ batch: AttackQueue.Batch, tries: Int, purpose: String, for queue: AttackQueue,
        on oracle: inout Oracle<some ClassifierPass>
    ) throws -> [Tensor?] {
        var found = [Tensor?](repeating: nil, count: batch.samples.count)
        var streams = batch.samples.map { queue.stream("\(purpose)/start", for: $0) }
        let length = batch.images.rowLength
        for _ in 0..<tries {
            let open = found.indices.filter { found[$0] == nil }
            guard !open.isEmpty else { break }
            var noise = Tensor(shape: [open.count] + batch.images.shape.dropFirst())
            noise.withMutableFloats { noise in
                for (place, row) in open.enumerated() {
                    for index in 0..<length {
                        noise[place * length + index] = streams[row].uniform()
                    }
                }
            }
            let owners = open.map { RowOwner(batch.samples[$0], budget: 0) }
            let answers = try oracle.answers(to: noise, for: owners)
            for (place, row) in open.enumerated() {
                if batch.samples[row].isFooled(by: answers[place]) {
                    found[row] = noise.rows(place..<place + 1)
                }
            }
        }
        return found
    }

    /// Brings adversarial points back to the boundary by bisection, each until the way that is left is
    /// `threshold` of the first or shorter: for L2 along the straight way to the image, for L∞ by
    /// clamping to ever smaller balls around it.
    static func toBoundary(
        _ points: inout Tensor, of samples: [AttackSample], around images: Tensor, norm: Norm,
        threshold: Double, on oracle: inout Oracle<some ClassifierPass>
    ) throws {
        let far = points
        var (low, high) = (
            Array(repeating: 0.0, count: samples.count), Array(repeating: 1.0, count: samples.count)
        )
        // For L∞ shares of the largest change.
        let sizes = samples.indices.map { row in
            norm == .linf ? Self.largestChange(far, images, row) : 1
        }
        while true {
            let open = samples.indices.filter { high[$0] - low[$0] > threshold }
            guard !open.isEmpty else { break }
            var tried = far.gather(open)
            let x = images.gather(open)
            for (place, row) in open.enumerated() {
                shorten(&tried, place, x, share: (low[row] + high[row]) / 2, sizes[row], norm)
            }
            let owners = open.map { RowOwner(samples[$0], budget: 0) }
            let answers = try oracle.answers(to: tried, for: owners)
            for (place, row) in open.enumerated() {
                let middle = (low[row] + high[row]) / 2
                if samples[row].isFooled(by: answers[place]) {
                    high[row] = middle
                    points.copyRow(place, of: tried, to: row)
                } else {
                    low[row] = middle
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
        _ points: inout Tensor, _ row: Int, _ images: Tensor, share: Double, _ size: Double,
        _ norm: Norm
    ) {
        let length = images.rowLength
        let most = share * size
        images.withFloats { x in
            points.withMutableFloats { y in
                for index in row * length..<(row + 1) * length {
                    let change = Double(y[index]) - Double(x[index])
                    let kept = norm == .linf ? min(max(change, -most), most) : share * change
                    y[index] = min(max(Float(Double(x[index]) + kept), 0), 1)
                }
            }
        }
    }
}

/// Random signs, 32 from one draw.
struct RandomSigns {
    /// `count` values of ±1.
    static func draw(_ random: inout Randomness.Stream, count: Int) -> [Float] {
        [Float](unsafeUninitializedCapacity: count) { signs, filled in
            var index = 0
            while index < count {
                let bits = random.next()
                for bit in 0..<UInt32(min(32, count - index)) {
                    // The sign bit of 1.
                    signs[index] = Float(bitPattern: 0x3F80_0000 | (bits >> bit & 1) << 31)
                    index += 1
                }
            }
            filled = count
        }
    }
}
