// The layers that only imported networks have, in double.

import Tensors

@testable import Networks

extension DoubleNetwork {
    /// What such a layer makes of a batch; nil for any other layer.
    func more(_ layer: any Layer, _ x: DoubleBatch) -> DoubleBatch? {
        func own(_ part: String) -> [Double] { parameters["\(layer.name).\(part)"] ?? [] }
        switch layer {
        case let layer as Constants:
            return DoubleBatch(samples: x.samples.map { _ in own("value") }, shape: layer.shape)
        case let layer as Permute: return permute(layer, x)
        case let layer as Select: return select(layer, x)
        case is Softmax, is LogSoftmax:
            return overChannels(x) { values in
                let total = values.map(exponential).reduce(0, +)
                return layer is Softmax
                    ? values.map { exponential($0) / total }
                    : values.map { $0 - logarithm(total) }
            }
        case let layer as ResponseNorm:
            return overChannels(x) { values in
                values.indices.map { c in
                    let (before, after) = ((layer.size - 1) / 2, layer.size / 2)
                    let near = values.indices.filter { $0 >= c - before && $0 <= c + after }
                    let sum = near.reduce(0) { $0 + values[$1] * values[$1] }
                    let base = Double(layer.offset) + Double(layer.alpha) / Double(layer.size) * sum
                    return values[c] * power(base, -layer.beta)
                }
            }
        case let layer as InstanceNorm:
            let (plane, weight, bias) = (x.shape[1] * x.shape[2], own("weight"), own("bias"))
            return DoubleBatch(
                samples: x.samples.map { sample in
                    sample.indices.map { place in
                        let (c, count) = (place / plane, Double(plane))
                        let part = sample[c * plane..<(c + 1) * plane]
                        let mean = part.reduce(0, +) / count
                        let variance = part.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
                        let deviation = (variance + Double(layer.epsilon)).squareRoot()
                        return (sample[place] - mean) / deviation * weight[c] + bias[c]
                    }
                }, shape: x.shape)
        case let layer as ConvolutionTranspose:
            return spread(layer, x, own("weight"), layer.hasBias ? own("bias") : nil)
        default: return nil
        }
    }

    private func overChannels(
        _ x: DoubleBatch, _ body: ([Double]) -> [Double]
    ) -> DoubleBatch {
        var result = x
        let pixels = x.shape.dropFirst().reduce(1, *)
        for n in x.samples.indices {
            for pixel in 0..<pixels {
                let places = (0..<x.shape[0]).map { $0 * pixels + pixel }
                let values = body(places.map { x.samples[n][$0] })
                for (place, value) in zip(places, values) { result.samples[n][place] = value }
            }
        }
        return result
    }

    private func permute(_ layer: Permute, _ x: DoubleBatch) -> DoubleBatch {
        /// The numbers in the order of the axes that are left to choose.
        func walk(_ chosen: [Int: Int]) -> [Int] {
            guard chosen.count < layer.order.count else {
                return [layer.axes.indices.reduce(0) { $0 * layer.axes[$1] + (chosen[$1] ?? 0) }]
            }
            let axis = layer.order[chosen.count]
            return (0..<layer.axes[axis]).flatMap { index in
                walk(chosen.merging([axis: index]) { $1 })
            }
        }
        let places = walk([:])
        return DoubleBatch(
            samples: x.samples.map { sample in places.map { sample[$0] } }, shape: layer.shape)
    }

    private func select(_ layer: Select, _ x: DoubleBatch) -> DoubleBatch {
        let sizes = x.shape + Array(repeating: 1, count: 3 - x.shape.count)
        let lists = zip([layer.channels, layer.rows, layer.columns], sizes)
            .map { $0 ?? Array(0..<$1) }
        let places = lists[0].flatMap { c in
            lists[1].flatMap { h in lists[2].map { w in (c * sizes[1] + h) * sizes[2] + w } }
        }
        return DoubleBatch(
            samples: x.samples.map { sample in places.map { sample[$0] } },
            shape: Array(lists.map(\.count).prefix(x.shape.count)))
    }

    /// Each pixel of the input adds its part to the pixels under its window.
    private func spread(
        _ layer: ConvolutionTranspose, _ x: DoubleBatch, _ w: [Double], _ b: [Double]?
    ) -> DoubleBatch {
        let (ins, outs) = (layer.inputs / layer.groups, layer.outputs / layer.groups)
        let sizes = (0..<2).map { axis in
            let padding =
                axis == 0
                ? layer.padding.top + layer.padding.bottom
                : layer.padding.left + layer.padding.right
            return (x.shape[axis + 1] - 1) * layer.stride[axis]
                + layer.dilation[axis] * (layer.kernel[axis] - 1) + 1 + layer.outputPadding[axis]
                - padding
        }
        let samples = x.samples.map { sample in
            var y = (0..<layer.outputs).flatMap {
                Array(repeating: b?[$0] ?? 0, count: sizes[0] * sizes[1])
            }
            for (place, value) in sample.enumerated() {
                let (i, row, column) = (
                    place / (x.shape[1] * x.shape[2]), place / x.shape[2] % x.shape[1],
                    place % x.shape[2]
                )
                for tap in 0..<outs * layer.kernel[0] * layer.kernel[1] {
                    let (o, kh, kw) = (
                        tap / (layer.kernel[0] * layer.kernel[1]),
                        tap / layer.kernel[1] % layer.kernel[0], tap % layer.kernel[1]
                    )
                    let oy = row * layer.stride[0] + kh * layer.dilation[0] - layer.padding.top
                    let ox = column * layer.stride[1] + kw * layer.dilation[1] - layer.padding.left
                    guard (0..<sizes[0]).contains(oy), (0..<sizes[1]).contains(ox) else { continue }
                    let channel = i / ins * outs + o
                    y[(channel * sizes[0] + oy) * sizes[1] + ox] +=
                        value * w[i * outs * layer.kernel[0] * layer.kernel[1] + tap]
                }
            }
            return y
        }
        return DoubleBatch(samples: samples, shape: [layer.outputs] + sizes)
    }
}

/// x^a by its definition: products for whole powers, else e^(a·ln x).
func power(_ x: Double, _ a: Float) -> Double {
    if a == a.rounded(), a >= 0 { return (0..<Int(a)).reduce(1.0) { product, _ in product * x } }
    return exponential(Double(a) * logarithm(x))
}
