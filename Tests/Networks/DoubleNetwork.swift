// A second opinion: every layer written out in double, on [C][H][W] in PyTorch's order, image by
// image where possible. Slow and plain; shares nothing with the code under test but the layers'
// descriptions.

import Randomness
import Tensors

@testable import Networks

/// A batch of samples in double, each in the order of its shape.
struct DoubleBatch {
    var samples: [[Double]]
    var shape: [Int]
}

struct DoubleNetwork {
    let layers: [any Layer]
    let imageShape: [Int]
    var parameters: [String: [Double]]
    /// Seed and step of a training; nil for evaluation.
    var training: (seed: UInt64, step: UInt32)?

    init(
        _ architecture: Architecture, _ parameters: [String: Tensor],
        training: (seed: UInt64, step: UInt32)? = nil
    ) {
        (layers, imageShape) = (architecture.layers, architecture.imageShape)
        self.parameters = parameters.mapValues { $0.values.map(Double.init) }
        self.training = training
    }

    func logits(_ images: [[Double]]) -> [[Double]] {
        var batch = DoubleBatch(samples: images, shape: imageShape)
        var given: [String: DoubleBatch] = [:]
        for layer in layers {
            if let source = layer.input.flatMap({ given[$0] }) { batch = source }
            let others = layer.otherInputs.compactMap { given[$0] }
            batch = others.isEmpty ? apply(layer, to: batch) : join(layer, batch, others)
            given[layer.name] = batch
        }
        return batch.samples
    }

    /// Σ over the batch of direction · logits.
    func value(_ images: [[Double]], along direction: [[Double]]) -> Double {
        zip(logits(images), direction).reduce(0) { sum, pair in
            sum + zip(pair.0, pair.1).reduce(0) { $0 + $1.0 * $1.1 }
        }
    }

    /// The mean cross-entropy.
    func loss(_ images: [[Double]], _ labels: [Int]) -> Double {
        let losses = zip(logits(images), labels).map { logits, label in
            let top = logits.max() ?? 0
            let total = logits.reduce(0) { $0 + exponential($1 - top) }
            return logarithm(total) + top - logits[label]
        }
        return losses.reduce(0, +) / Double(labels.count)
    }

    /// A layer that reads several.
    private func join(
        _ layer: any Layer, _ x: DoubleBatch, _ others: [DoubleBatch]
    ) -> DoubleBatch {
        var result = x
        for other in others {
            for (n, sample) in other.samples.enumerated() {
                switch layer {
                case is Residual: result.samples[n] = zip(result.samples[n], sample).map(+)
                case is Subtract: result.samples[n] = zip(result.samples[n], sample).map(-)
                case is Multiply:
                    let each = x.samples[n].count / sample.count
                    result.samples[n] = x.samples[n].indices.map {
                        x.samples[n][$0] * sample[$0 / each]
                    }
                case is Concat: result.samples[n] += sample
                case is Divide: result.samples[n] = zip(result.samples[n], sample).map(/)
                case is Maximum: result.samples[n] = zip(result.samples[n], sample).map(max)
                case is Minimum: result.samples[n] = zip(result.samples[n], sample).map(min)
                default: preconditionFailure("\(layer.kind) of several is not written in double")
                }
            }
            if layer is Concat { result.shape[0] += other.shape[0] }
        }
        return result
    }

    private func apply(_ layer: any Layer, to x: DoubleBatch) -> DoubleBatch {
        func each(_ shape: [Int]? = nil, _ body: ([Double]) -> [Double]) -> DoubleBatch {
            DoubleBatch(samples: x.samples.map(body), shape: shape ?? x.shape)
        }
        func own(_ part: String) -> [Double]? { parameters["\(layer.name).\(part)"] }
        switch layer {
        case is ChannelsLast, is Branch: return x
        case let layer as Reorder:
            let plane = x.shape[1] * x.shape[2]
            return each { x in
                layer.order.flatMap { channel in x[channel * plane..<(channel + 1) * plane] }
            }
        case let layer as Unflatten: return DoubleBatch(samples: x.samples, shape: layer.shape)
        case is Flatten: return DoubleBatch(samples: x.samples, shape: [x.shape.reduce(1, *)])
        case let layer as Linear:
            let (w, b) = (own("weight") ?? [], own("bias") ?? [])
            return each([layer.outputs]) { x in
                (0..<layer.outputs).map { o in
                    x.indices.reduce(b[o]) { $0 + x[$1] * w[o * x.count + $1] }
                }
            }
        case let layer as Normalise:
            let plane = x.shape[1] * x.shape[2]
            return each { x in
                x.indices.map { (x[$0] - layer.mean[$0 / plane]) / layer.deviation[$0 / plane] }
            }
        case let layer as Dropout: return dropout(layer, x)
        case let layer as BatchNorm: return norm(layer, x)
        case let layer as Convolution:
            return convolve(layer, x, own("weight") ?? [], own("bias"))
        case let layer as Affine:
            let plane = x.samples[0].count / layer.channels
            let (scale, shift) = (own("scale") ?? [], own("shift") ?? [])
            return each { x in x.indices.map { x[$0] * scale[$0 / plane] + shift[$0 / plane] } }
        case let layer as PReLU:
            let slopes = own("weight") ?? []
            let plane = x.samples[0].count / layer.slopes
            return each { x in x.indices.map { x[$0] > 0 ? x[$0] : slopes[$0 / plane] * x[$0] } }
        case let layer as Pad: return pad(layer, x)
        case let layer as MaxPool: return pool(layer.windows, x) { values, _ in values.max() ?? 0 }
        case let layer as AveragePool:
            return pool(layer.windows, x) { values, padded in
                values.reduce(0, +) / Double(layer.countsPadding ? padded : values.count)
            }
        case let layer as GlobalAveragePool:
            let plane = x.shape[1] * x.shape[2]
            return each([x.shape[0]] + (layer.keepsMaps ? [1, 1] : [])) { x in
                (0..<x.count / plane).map { c in
                    x[c * plane..<(c + 1) * plane].reduce(0, +) / Double(plane)
                }
            }
        default:
            if let result = more(layer, x) { return result }
            guard let function = activation(layer) else {
                preconditionFailure("a layer of the kind \(layer.kind) is not written in double")
            }
            return each { $0.map(function) }
        }
    }

    private func activation(_ layer: any Layer) -> ((Double) -> Double)? {
        switch layer {
        case is ReLU: { max($0, 0) }
        case is ReLU6: { min(max($0, 0), 6) }
        case is Sigmoid: { 1 / (1 + exponential(-$0)) }
        case is Tanh: { (exponential(2 * $0) - 1) / (exponential(2 * $0) + 1) }
        case let layer as LeakyReLU: { $0 > 0 ? $0 : Double(layer.slope) * $0 }
        case let layer as ELU: { $0 > 0 ? $0 : Double(layer.scale) * (exponential($0) - 1) }
        case let layer as Clip: { min(max($0, Double(layer.lower)), Double(layer.upper)) }
        case let layer as HardSigmoid:
            { min(max(Double(layer.slope) * $0 + Double(layer.offset), 0), 1) }
        case is HardSwish: { $0 * min(max($0 / 6 + 0.5, 0), 1) }
        case is Exponential: exponential
        case is Logarithm: logarithm
        case is Absolute: { abs($0) }
        case is Softplus: { logarithm(1 + exponential($0)) }
        case is Softsign: { $0 / (1 + abs($0)) }
        case let layer as Power: { power($0, layer.exponent) }
        default: nil
        }
    }

    private func pad(_ layer: Pad, _ x: DoubleBatch) -> DoubleBatch {
        let (top, left) = (layer.padding.top, layer.padding.left)
        let shape = [
            x.shape[0] + layer.channels[0] + layer.channels[1],
            x.shape[1] + top + layer.padding.bottom, x.shape[2] + left + layer.padding.right,
        ]
        let places = (0..<shape.reduce(1, *)).map { place -> Int? in
            let c = place / (shape[1] * shape[2]) - layer.channels[0]
            let (y, z) = (place / shape[2] % shape[1] - top, place % shape[2] - left)
            let isInside = zip([c, y, z], x.shape).allSatisfy { (0..<$1).contains($0) }
            return isInside ? (c * x.shape[1] + y) * x.shape[2] + z : nil
        }
        return DoubleBatch(
            samples: x.samples.map { sample in
                places.map { place in place.map { sample[$0] } ?? Double(layer.value) }
            }, shape: shape)
    }

    private func dropout(_ layer: Dropout, _ x: DoubleBatch) -> DoubleBatch {
        var result = x
        let kept = 1 / (1 - Double(layer.rate))
        if let training {
            // Draws follow memory's order: channels last for maps.
            var random = Stream(
                seed: training.seed, name: "train/dropout/\(layer.name)", step: training.step)
            for n in x.samples.indices {
                for place in channelsLast(x.shape) {
                    result.samples[n][place] *= random.uniform() >= layer.rate ? kept : 0
                }
            }
        } else if let seed = layer.evaluationSeed {
            for n in x.samples.indices {
                var random = Stream(seed: seed, name: "dropout/\(layer.name)")
                for place in x.samples[n].indices {
                    result.samples[n][place] *= random.uniform() >= layer.rate ? kept : 0
                }
            }
        }
        return result
    }

    /// The places of [C, H, W] in the order [H, W, C].
    private func channelsLast(_ shape: [Int]) -> [Int] {
        guard shape.count == 3 else { return Array(0..<shape.reduce(1, *)) }
        let plane = shape[1] * shape[2]
        return (0..<plane).flatMap { pixel in (0..<shape[0]).map { $0 * plane + pixel } }
    }

    private func norm(_ layer: BatchNorm, _ x: DoubleBatch) -> DoubleBatch {
        let plane = x.samples[0].count / layer.channels
        func own(_ part: String) -> [Double] { parameters["\(layer.name).\(part)"] ?? [] }
        var result = x
        for c in 0..<layer.channels {
            var (mean, variance) = (own("running_mean")[c], own("running_var")[c])
            if training != nil {
                let all = x.samples.flatMap { $0[c * plane..<(c + 1) * plane] }
                mean = all.reduce(0, +) / Double(all.count)
                variance = all.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(all.count)
            }
            let deviation = (variance + Double(layer.epsilon)).squareRoot()
            for n in x.samples.indices {
                for place in c * plane..<(c + 1) * plane {
                    result.samples[n][place] =
                        (x.samples[n][place] - mean) / deviation * own("weight")[c]
                        + own("bias")[c]
                }
            }
        }
        return result
    }

    private func convolve(
        _ layer: Convolution, _ x: DoubleBatch, _ w: [Double], _ b: [Double]?
    ) -> DoubleBatch {
        let (height, width) = (x.shape[1], x.shape[2])
        let (kh, kw) = (layer.kernel[0], layer.kernel[1])
        let (top, left) = (layer.padding.top, layer.padding.left)
        let (gapY, gapX) = (layer.dilation[0], layer.dilation[1])
        let outHeight =
            (height + top + layer.padding.bottom - gapY * (kh - 1) - 1) / layer.stride[0] + 1
        let outWidth =
            (width + left + layer.padding.right - gapX * (kw - 1) - 1) / layer.stride[1] + 1
        let (ins, outs) = (layer.inputs / layer.groups, layer.outputs / layer.groups)
        return DoubleBatch(
            samples: x.samples.map { image in
                var y: [Double] = []
                for o in 0..<layer.outputs {
                    let first = o / outs * ins
                    for oy in 0..<outHeight {
                        for ox in 0..<outWidth {
                            var sum = b?[o] ?? 0
                            for c in 0..<ins {
                                for ky in 0..<kh {
                                    for kx in 0..<kw {
                                        let (iy, ix) = (
                                            oy * layer.stride[0] + ky * gapY - top,
                                            ox * layer.stride[1] + kx * gapX - left
                                        )
                                        guard (0..<height).contains(iy), (0..<width).contains(ix)
                                        else { continue }
                                        sum +=
                                            image[((first + c) * height + iy) * width + ix]
                                            * w[((o * ins + c) * kh + ky) * kw + kx]
                                    }
                                }
                            }
                            y.append(sum)
                        }
                    }
                }
                return y
            }, shape: [layer.outputs, outHeight, outWidth])
    }

    /// `take` gets the pixels of a window within the image, and how many lie within the padding too.
    /// Windows are those that begin before the end of image and upper padding, rounded up or down.
    private func pool(
        _ windows: PoolWindows, _ x: DoubleBatch, _ take: ([Double], Int) -> Double
    ) -> DoubleBatch {
        func places(_ axis: Int) -> [(inside: [Int], padded: Int)] {
            let (before, after) =
                axis == 0
                ? (windows.padding.top, windows.padding.bottom)
                : (windows.padding.left, windows.padding.right)
            let length = x.shape[axis + 1]
            let starts = stride(from: -before, to: length, by: windows.stride[axis])
            return starts.compactMap { start in
                let taps = (0..<windows.kernel[axis]).map { start + $0 * windows.dilation[axis] }
                let isWhole = (taps.last ?? 0) < length + after
                // Rounded up: the window before it leaves something over.
                let last = start - windows.stride[axis] + (taps.last ?? 0) - start
                guard isWhole || windows.isCeiling && last < length + after - 1 else { return nil }
                return (
                    taps.filter { (0..<length).contains($0) },
                    taps.filter { $0 < length + after }.count
                )
            }
        }
        let (rows, columns) = (places(0), places(1))
        return DoubleBatch(
            samples: x.samples.map { image in
                (0..<x.shape[0]).flatMap { c in
                    rows.flatMap { row in
                        columns.map { column in
                            let values = row.inside.flatMap { y in
                                column.inside.map { image[(c * x.shape[1] + y) * x.shape[2] + $0] }
                            }
                            return take(values, row.padded * column.padded)
                        }
                    }
                }
            }, shape: [x.shape[0], rows.count, columns.count])
    }
}

/// e^x by squaring a short series.
func exponential(_ x: Double) -> Double {
    var (term, sum) = (1.0, 1.0)
    let small = x / 1024
    for n in 1..<16 {
        term *= small / Double(n)
        sum += term
    }
    for _ in 0..<10 { sum *= sum }
    return sum
}

/// ln x by Newton's method on e^y = x.
func logarithm(_ x: Double) -> Double {
    var y = 0.0
    for _ in 0..<100 { y += 2 * (x - exponential(y)) / (x + exponential(y)) }
    return y
}
