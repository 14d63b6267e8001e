// Descents over a variable without bounds, for Carlini and Wagner's attacks.

import Tensors

/// A run whose pixels are (tanh(w) + 1) / 2 of a variable that Adam moves.
protocol UnboundedRun: Sendable {
    /// The variable, a row of its own.
    var variable: UnboundedPixels { get set }
}

extension Batch where State: UnboundedRun {
    /// One step of Adam down row `row` of a gradient at the points.
    mutating func descend(_ row: Int, _ gradient: Tensor, rate: Double) {
        rows[row].state.variable.step(0, down: gradient.rows(row..<row + 1), rate: rate)
        points.copyRow(0, of: rows[row].state.variable.pixels, to: row)
    }

    /// Puts a run at row `index` of other images, with Adam at its beginning.
    mutating func restart(_ row: Int, at others: Tensor, row index: Int) {
        rows[row].state.variable.restart(0, at: others, row: index)
        points.copyRow(0, of: rows[row].state.variable.pixels, to: row)
    }
}

extension Run {
    /// The variable at the image, as near as its bounds allow; the run begins there.
    mutating func unbound() -> UnboundedPixels {
        let variable = UnboundedPixels(image)
        point = variable.pixels
        return variable
    }
}
