// Descents over a variable without bounds, for Carlini and Wagner's attacks.

import Tensors

/// A run whose pixels are shares (tanh(w) + 1) / 2, of a variable w that Adam moves, of the way from the least
/// to the largest value that each may have.
protocol UnboundedRun: Sendable {
    /// The variable, a row of its own.
    var variable: UnboundedPixels { get set }
}

extension Batch where State: UnboundedRun {
    /// One step of Adam down row `row` of a gradient at the points.
    mutating func descend(_ row: Int, _ gradient: Tensor, rate: Double) {
        let slope = limits.slope(
            ofShares: gradient.rows(row..<row + 1), around: originals.rows(row..<row + 1))
        rows[row].state.variable.step(0, down: slope, rate: rate)
        followVariable(row)
    }

    /// Puts a run at row `index` of other images, with Adam at its beginning.
    mutating func restart(_ row: Int, at others: Tensor, row index: Int) {
        let shares = limits.shares(
            of: others.rows(index..<index + 1), around: originals.rows(row..<row + 1))
        rows[row].state.variable.restart(0, at: shares, row: 0)
        followVariable(row)
    }

    private mutating func followVariable(_ row: Int) {
        let values = limits.values(
            at: rows[row].state.variable.pixels, around: originals.rows(row..<row + 1))
        points.copyRow(0, of: values, to: row)
    }
}

extension Run {
    /// The variable at the image, as near as its bounds allow; the run begins there.
    mutating func unbound() -> UnboundedPixels {
        let variable = UnboundedPixels(limits.shares(of: image, around: image))
        point = limits.values(at: variable.pixels, around: image)
        return variable
    }
}

extension PixelLimits {
    /// Which shares of the way from least to largest the values of a row are; 0 where there is no way.
    fileprivate func shares(of row: Tensor, around image: Tensor) -> Tensor {
        mapped(row, around: image) { value, index, x in
            let (lower, upper) = (lower(index, around: x), upper(index, around: x))
            return upper > lower ? min(max((value - lower) / (upper - lower), 0), 1) : 0
        }
    }

    /// The values at those shares.
    fileprivate func values(at shares: Tensor, around image: Tensor) -> Tensor {
        mapped(shares, around: image) { value(at: $0, $1, around: $2) }
    }

    /// The gradient at the shares of one at the values.
    fileprivate func slope(ofShares gradient: Tensor, around image: Tensor) -> Tensor {
        mapped(gradient, around: image) { slope, index, x in
            slope * (upper(index, around: x) - lower(index, around: x))
        }
    }

    /// A row, number by number; as it is in the box.
    private func mapped(
        _ row: Tensor, around image: Tensor, _ map: (Float, Int, Float) -> Float
    ) -> Tensor {
        guard !isBox else { return row }
        let (values, x) = (row.values, image.values)
        return Tensor(
            shape: row.shape, values: values.indices.map { map(values[$0], $0, x[$0]) })
    }
}
