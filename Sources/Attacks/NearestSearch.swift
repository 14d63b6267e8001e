// The nearest adversarial point of a walk, for attacks that look for the least perturbation.

import Tensors

/// Points that walk around their images, and the nearest adversarial one of each so far.
struct NearestSearch {
    /// The samples and their images.
    let batch: AttackQueue.Batch
    /// Where they are.
    var points: Tensor
    /// The distances of the nearest adversarial points, in the search's norm; infinite before there is
    /// one.
    private(set) var least: [Double]
    private var nearest: Tensor
    private var iterations = 0
    private let norm: Norm
    private let engine: Engine

    init(_ batch: AttackQueue.Batch, for queue: AttackQueue) {
        self.batch = batch
        (points, nearest) = (batch.images, batch.images)
        least = Array(repeating: .infinity, count: batch.samples.count)
        (norm, engine) = (queue.model.norm, queue.engine)
    }

    /// The distances of the points.
    func sizes() -> [Double] { sizes(of: points) }

    /// The distances of other points, a row a sample.
    func sizes(of others: Tensor) -> [Double] {
        engine.distances(from: batch.images, to: others).map(norm.size)
    }

    /// Keeps those of other points, all of them adversarial, that are nearer than before.
    mutating func keep(_ others: Tensor) {
        for (row, size) in sizes(of: others).enumerated() where size < least[row] {
            least[row] = size
            nearest.copyRow(row, of: others, to: row)
        }
    }

    /// Takes the answers at the points and keeps those that are adversarial and nearer than before.
    mutating func look(_ answers: [Int]) -> [Bool] {
        let sizes = sizes()
        return batch.samples.enumerated().map { row, sample in
            let isFooled = sample.isFooled(by: answers[row])
            if isFooled && sizes[row] < least[row] {
                least[row] = sizes[row]
                nearest.copyRow(row, of: points, to: row)
            }
            return isFooled
        }
    }

    /// Counts a step.
    mutating func countStep() { iterations += 1 }

    /// Brings a point to a distance from its image, then into [0, 1].
    mutating func rescale(_ row: Int, to radius: Double) {
        let length = points.rowLength
        let size = engine.distances(
            from: batch.images.rows(row..<row + 1), to: points.rows(row..<row + 1))[0].l2
        guard size > 0 else { return }
        let scale = radius / size
        batch.images.withFloats { x in
            points.withMutableFloats { y in
                for index in row * length..<(row + 1) * length {
                    let moved = Double(x[index]) + scale * (Double(y[index]) - Double(x[index]))
                    y[index] = min(max(Float(moved), 0), 1)
                }
            }
        }
    }

    /// Hands in the nearest adversarial points; the image itself where there is none.
    func deliver(to queue: AttackQueue) {
        for (row, sample) in batch.samples.enumerated() {
            queue.deliver(sample, image: nearest, row: row, iterations: iterations)
        }
    }
}
