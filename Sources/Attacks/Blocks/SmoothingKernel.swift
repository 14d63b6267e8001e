// Smoothing of gradients, for steps that hold for shifted images too.

import Tensors

/// A Gaussian kernel, applied across and down.
struct SmoothingKernel: Sendable {
    /// Weights that add up to 1, an odd number of them.
    let weights: [Float]

    init(size: Int, deviation: Float) {
        let reach = size / 2
        let raw = (-reach...reach).map { offset in
            let distance = Float(offset) / deviation
            return Double(Elementary.exp(-0.5 * distance * distance))
        }
        let sum = raw.reduce(0, +)
        weights = raw.map { Float($0 / sum) }
    }

    /// Smooths every plane of [N, C, H, W]; outside is 0.
    func smooth(_ gradient: inout Tensor) {
        let (height, width) = (gradient.shape[2], gradient.shape[3])
        let reach = weights.count / 2
        var line = [Float](repeating: 0, count: max(height, width))
        gradient.withMutableFloats { floats in
            func smooth(from start: Int, count: Int, stride: Int) {
                for place in 0..<count {
                    var sum: Float = 0
                    for tap in max(0, reach - place)..<min(weights.count, count - place + reach) {
                        sum += weights[tap] * floats[start + (place + tap - reach) * stride]
                    }
                    line[place] = sum
                }
                for place in 0..<count { floats[start + place * stride] = line[place] }
            }
            for plane in Swift.stride(from: 0, to: floats.count, by: height * width) {
                for row in 0..<height { smooth(from: plane + row * width, count: width, stride: 1) }
                for column in 0..<width {
                    smooth(from: plane + column, count: height, stride: width)
                }
            }
        }
    }
}
