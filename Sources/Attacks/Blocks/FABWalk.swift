// Between the image and the boundary, nearer at each step.

import Randomness
import Tensors

/// The walk of FAB: Croce and Hein, "Minimally distorted adversarial examples with a fast adaptive
/// boundary attack" (2020). Each step goes to the linear boundary from the point and from the image,
/// mixes the two, and draws a success back towards the image; a bisection at the end shortens the way.
struct FABWalk: SettingGroup {
    @Setting(100, in: 1...1_000_000, unit: "steps", "steps of a run") var steps: Int
    @Setting(0.1, in: 0...1, "the largest share of the image's own projection")
    var alphaMax: Double
    @Setting(1.05, in: 1...10, "how far past the hyperplane") var eta: Double
    @Setting(0.9, in: 0...1, "how far a success is drawn back towards the image")
    var beta: Double

    /// The ways to the hyperplane from the point and from the image, and its normal.
    private static let ways = RowTensor("ways", .zeros)
    private static let returns = RowTensor("returns", .zeros)
    private static let slopes = RowTensor("slopes", .zeros)

    /// Puts a run at its start: the image in the first try, else a random point near it, drawn for a
    /// purpose.
    func begin(_ run: inout Run, for purpose: String) {
        guard
            let way = Self.way(
                run.model, run.restart, run.image.count, run.stream(purpose))
        else { return }
        run.point.withMutableFloats { point in
            for index in point.indices { point[index] += way[index] }
        }
        run.limits.clamp(0, of: &run.point, around: run.image, row: 0)
    }

    /// Likewise for a run that walks again.
    func begin(_ row: Int, of batch: inout Batch<FABState>, for purpose: String) {
        batch.points.copyRow(row, of: batch.originals, to: row)
        batch[row].state.walked = 0
        batch[row].least = .infinity
        batch[.nearest].copyRow(row, of: batch.originals, to: row)
        guard
            let way = Self.way(
                batch.model, batch.restart, batch.length, batch.stream(purpose, row))
        else { return }
        batch.points.withMutableFloats { points in
            for (index, value) in way.enumerated() { points[row * way.count + index] += value }
        }
        batch.confine(row)
    }

    private static func way(
        _ model: ThreatModel, _ restart: Int, _ count: Int, _ stream: Randomness.Stream
    ) -> [Float]? {
        guard restart > 0 else { return nil }
        var random = stream
        let radius = 0.1 * model.norm.budgets(count: count).upperBound
        let limits = model.limits
        let point = BallStart.point(
            of: model.norm.ball, count: limits.freeCount(of: count), random: &random)
        return limits.spread(point.map { radius * $0 })
    }

    /// One step of every run; the walks that are over are shortened.
    ///
    /// - Returns: The rows whose walk is over, with the nearest success kept in the batch.
    func step(
        _ batch: inout Batch<FABState>, on oracle: inout some GradientOracle
    ) throws -> [Int] {
        let gaps = try findHyperplanes(&batch, on: &oracle)
        let (alphaMax, eta, beta, steps) = (alphaMax, eta, beta, steps)
        for row in batch.open { move(&batch, row, gap: gaps[row], alphaMax, eta) }
        let isFooled = batch.keepNearest(try oracle.answers(at: batch))
        for row in batch.open {
            batch[row].iterations += 1
            batch[row].state.walked += 1
            if isFooled[row] { batch.points.blend(row, with: batch.originals, share: beta) }
        }
        let done = batch.open.filter { batch[$0].state.walked == steps }
        try shorten(done.filter { batch[$0].least.isFinite }, of: &batch, on: &oracle)
        return done
    }

    /// The nearest linear boundary of each run: its slope, in the batch, and the gap there.
    private func findHyperplanes(
        _ batch: inout Batch<FABState>, on oracle: inout some GradientOracle
    ) throws -> [Double] {
        let logits = try oracle.logits(at: batch)
        let (values, classes, norm) = (logits.values, logits.rowLength, batch.norm)
        var best = Array(repeating: Double.infinity, count: batch.rows.count)
        var gaps = Array(repeating: 0.0, count: batch.rows.count)
        for row in batch.open { batch[Self.slopes].clearRow(row) }
        let most = batch.open.map { batch[$0].state.rivals.count }.max() ?? 0
        for rank in 0..<most {
            let slope = try oracle.pixelGradient(
                .differences(of: batch, classes) { _, state in
                    rank < state.rivals.count ? state.rivals[rank] : nil
                },
                for: batch.owners { rank < $0.state.rivals.count })
            for row in batch.open where rank < batch[row].state.rivals.count {
                let gap = Double(
                    values[row * classes + batch[row].sample.label]
                        - values[row * classes + batch[row].state.rivals[rank]])
                let size =
                    switch norm {
                    case .linf: slope.l1(ofRow: row)
                    case .l2: slope.l2(ofRow: row)
                    case .l1, .l0: Double(slope.linf(ofRow: row))
                    }
                // Where the slope is 0 there is no hyperplane to go to.
                guard size > 0, abs(gap) / size < best[row] else { continue }
                best[row] = abs(gap) / size
                gaps[row] = gap
                batch[Self.slopes].copyRow(row, of: slope, to: row)
            }
        }
        return gaps
    }

    /// To the hyperplane, with a share of the way there from the image.
    private func move(
        _ batch: inout Batch<FABState>, _ row: Int, gap: Double, _ alphaMax: Double, _ eta: Double
    ) {
        let (norm, ball, images) = (batch.norm, batch.norm.ball, batch.originals)
        let (slopes, limits) = (batch[Self.slopes], batch.limits)
        batch[Self.ways].goToHyperplane(
            row, from: batch.points, along: slopes, row: row, gap: gap, in: ball,
            limits: limits, around: images)
        // From the image the gap is larger by what lies between.
        let between =
            slopes.dot(ofRow: row, batch.points, row: row)
            - slopes.dot(ofRow: row, images, row: row)
        batch[Self.returns].goToHyperplane(
            row, from: images, along: slopes, row: row, gap: gap + between, in: ball,
            limits: limits, around: images)
        let (ways, returns) = (batch[Self.ways], batch[Self.returns])
        func size(_ way: Tensor) -> Double {
            switch norm {
            case .linf: Double(way.linf(ofRow: row))
            case .l2: way.l2(ofRow: row)
            case .l1, .l0: way.l1(ofRow: row)
            }
        }
        let (near, far) = (max(size(ways), 1e-8), max(size(returns), 1e-8))
        let alpha = min(max(near / (near + far), 0), alphaMax)
        let length = images.rowLength
        images.withFloats { x in
            ways.withFloats { near in
                returns.withFloats { far in
                    batch.points.withMutableFloats { y in
                        for index in row * length..<(row + 1) * length {
                            let own = Double(y[index]) + eta * Double(near[index])
                            let back = Double(x[index]) + eta * Double(far[index])
                            let mixed = Float((1 - alpha) * own + alpha * back)
                            y[index] = limits.clamped(
                                mixed, index - row * length, around: x[index])
                        }
                    }
                }
            }
        }
    }

    /// Three bisections between the images and the nearest successes of some rows.
    private func shorten(
        _ rows: [Int], of batch: inout Batch<FABState>, on oracle: inout some GradientOracle
    ) throws {
        guard !rows.isEmpty else { return }
        let (found, x) = (batch[.nearest].gather(rows), batch.originals.gather(rows))
        var (low, high) = (rows.map { _ in 0.0 }, rows.map { _ in 1.0 })
        for _ in 0..<3 {
            var tried = found
            for place in rows.indices {
                tried.blend(place, with: x, share: (low[place] + high[place]) / 2)
            }
            let answers = try oracle.answers(to: tried, for: batch.owners(of: rows))
            let sizes = batch.engine.distances(from: x, to: tried)
            for (place, row) in rows.enumerated() {
                let middle = (low[place] + high[place]) / 2
                if batch[row].sample.isFooled(by: answers[place]) {
                    high[place] = middle
                    batch[row].least = batch.norm.size(of: sizes[place])
                    batch[.nearest].copyRow(place, of: tried, to: row)
                } else {
                    low[place] = middle
                }
            }
        }
    }
}

/// What a run of FAB remembers.
public struct FABState: Sendable {
    /// The classes whose boundaries it looks at.
    var rivals: [Int] = []
    /// Steps of this walk.
    var walked = 0
    /// For walks towards one class after the other: all classes, how many are done, and the nearest
    /// success of those.
    var classes: [Int] = []
    var done = 0
    var least = Double.infinity
}

extension Tensor {
    /// x + share·(y − x) in a row, y being here.
    fileprivate mutating func blend(_ row: Int, with images: Tensor, share: Double) {
        let length = images.rowLength
        images.withFloats { x in
            withMutableFloats { y in
                for index in row * length..<(row + 1) * length {
                    let from = Double(x[index])
                    y[index] = Float(from + share * (Double(y[index]) - from))
                }
            }
        }
    }
}
