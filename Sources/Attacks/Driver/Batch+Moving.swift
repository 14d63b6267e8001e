// How points move: steps of steepest ascent, projections, and the nearest success.

import Tensors

extension RowTensor {
    /// The nearest point found that reaches the goal; the image before there is one.
    static let nearest = RowTensor("nearest", .image)
}

extension Batch {
    /// Moves every run that is not over along the gradient, steepest in the norm, and back into ball and
    /// limits.
    ///
    /// - Parameters:
    ///   - gradient: [rows, C, H, W].
    ///   - share: Among how many of the values a step in L1 is spread; see `Engine.step`.
    ///   - width: How far, in pixel units; below 0 is downhill.
    public mutating func step(
        along gradient: Tensor, share: Double = 0, by width: (Row) -> Float
    ) {
        engine.step(
            &points, along: gradient, around: originals, in: norm.ball,
            by: rows.map { $0.isOpen ? width($0) : 0 }, within: rows.map(\.epsilon), share: share,
            limits: limits, scratch: &scratch)
    }

    /// Brings other points, a row a run, into the balls.
    public mutating func project(_ others: inout Tensor) {
        engine.project(
            &others, around: originals, in: norm.ball, within: rows.map(\.epsilon),
            limits: limits, scratch: &scratch)
    }

    /// Brings the points into balls of other radii.
    public mutating func project(within radii: [Double]) {
        engine.project(
            &points, around: originals, in: norm.ball, within: radii.map { Float($0) },
            limits: limits, scratch: &scratch)
    }

    /// Brings other points, one for each of some rows, within the limits of those.
    public func confine(_ others: inout Tensor, of rows: [Int]) {
        for (place, row) in rows.enumerated() {
            limits.clamp(place, of: &others, around: originals, row: row)
        }
    }

    /// Brings a run's point within its limits.
    public mutating func confine(_ row: Int) {
        limits.clamp(row, of: &points, around: originals, row: row)
    }

    /// How far other points, a row a run, are from their images, in the norm.
    public func sizes(of others: Tensor) -> [Double] {
        engine.distances(from: originals, to: others).map(norm.size)
    }

    /// How far the points are from their images, in the norm.
    public var sizes: [Double] { sizes(of: points) }

    /// Remembers the point of every run that reaches the goal and is nearer than any before.
    ///
    /// - Parameter answers: The network's answers at the points.
    /// - Returns: Which reach the goal.
    @discardableResult
    public mutating func keepNearest(_ answers: [Int]) -> [Bool] {
        let sizes = sizes
        let isFooled = rows.indices.map {
            rows[$0].isOpen && rows[$0].sample.isFooled(by: answers[$0])
        }
        for row in rows.indices where isFooled[row] {
            keepNearest(row, points, row: row, size: sizes[row])
        }
        return isFooled
    }

    /// Remembers a row of other points, which reaches the run's goal, if it is nearer than any before.
    public mutating func keepNearest(_ row: Int, _ others: Tensor, row index: Int, size: Double) {
        guard size < rows[row].least else { return }
        rows[row].least = size
        self[.nearest].copyRow(index, of: others, to: row)
    }

    /// Ends the run in a row at the nearest success; at the image itself where there is none.
    public mutating func finishAtNearest(_ row: Int) { finish(row, at: self[.nearest], row: row) }

    /// Changes the points and a tensor of the attack's own together.
    public mutating func change(
        _ key: RowTensor,
        _ body: (_ points: inout Tensor, _ own: inout Tensor, _ originals: Tensor) throws -> Void
    ) rethrows {
        var own = Tensor(shape: [0])
        swap(&own, &self[key])
        defer { swap(&own, &self[key]) }
        try body(&points, &own, originals)
    }

    /// Brings a point to a Euclidean distance from its image, then within its limits.
    public mutating func rescale(_ row: Int, to radius: Double) {
        let size = engine.distances(
            from: originals.rows(row..<row + 1), to: points.rows(row..<row + 1))[0].l2
        guard size > 0 else { return }
        let (scale, length, limits) = (radius / size, length, limits)
        originals.withFloats { x in
            points.withMutableFloats { y in
                for index in row * length..<(row + 1) * length {
                    let moved = Double(x[index]) + scale * (Double(y[index]) - Double(x[index]))
                    y[index] = limits.clamped(
                        Float(moved), index - row * length, around: x[index])
                }
            }
        }
    }
}
