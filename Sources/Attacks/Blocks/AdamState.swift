// Adam, for an attack that makes its gradient itself.

/// Adam of Kingma and Ba (2015) for one sample, in Double: β₁ 0.9, β₂ 0.999. In place of an ε of
/// 1e-8 in the denominator a value without any slope so far stays: so a step is the same whatever
/// the scale of the loss.
struct AdamState {
    private var mean: [Double]
    private var square: [Double]
    private var (firstPower, secondPower) = (1.0, 1.0)
    private let rate: Double

    init(count: Int, rate: Double) {
        mean = Array(repeating: 0, count: count)
        square = mean
        self.rate = rate
    }

    /// One step down a gradient.
    mutating func step(_ point: UnsafeMutableBufferPointer<Float>, down gradient: [Double]) {
        firstPower *= 0.9
        secondPower *= 0.999
        for index in point.indices {
            let slope = gradient[index]
            mean[index] = 0.9 * mean[index] + 0.1 * slope
            square[index] = 0.999 * square[index] + 0.001 * slope * slope
            let size = (square[index] / (1 - secondPower)).squareRoot()
            guard size > 0 else { continue }
            let step = rate * (mean[index] / (1 - firstPower)) / size
            point[index] = Float(Double(point[index]) - step)
        }
    }
}
