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

/// A layer that brings its own second opinion, for one sample and the same shape.
protocol DoubleLayer: Layer {
    func double(_ sample: [Double]) -> [Double]
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
            if let residual = layer as? Residual, let other = given[residual.source] {
                for (n, sample) in other.samples.enumerated() {
                    batch.samples[n] = zip(batch.samples[n], sample).map(+)
                }
            } else {
                batch = apply(layer, to: batch)
            }
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

    private func apply(_ layer: any Layer, to x: DoubleBatch) -> DoubleBatch {
        func each(_ shape: [Int]? = nil, _ body: ([Double]) -> [Double]) -> DoubleBatch {
            DoubleBatch(samples: x.samples.map(body), shape: shape ?? x.shape)
        }
        func own(_ part: String) -> [Double]? { parameters["\(layer.name).\(part)"] }
        switch layer {
        case is ReLU: return each { $0.map { max($0, 0) } }
        case is ReLU6: return each { $0.map { min(max($0, 0), 6) } }
        case is Sigmoid: return each { $0.map { 1 / (1 + exponential(-$0)) } }
        case is ChannelsLast: return x
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
        case let layer as MaxPool: return pool(layer.windows, x) { $0.max() ?? 0 }
        case let layer as AveragePool:
            let count = Double(layer.windows.kernel * layer.windows.kernel)
            return pool(layer.windows, x) { $0.reduce(0, +) / count }
        case is GlobalAveragePool:
            let plane = x.shape[1] * x.shape[2]
            return each([x.shape[0]]) { x in
                (0..<x.count / plane).map { c in
                    x[c * plane..<(c + 1) * plane].reduce(0, +) / Double(plane)
                }
            }
        default:
            guard let layer = layer as? any DoubleLayer else {
                preconditionFailure("a layer of the kind \(layer.kind) is not written in double")
            }
            return each { layer.double($0) }
        }
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
        let plane = x.shape[1] * x.shape[2]
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
        let outHeight = (height + top + layer.padding.bottom - kh) / layer.stride[0] + 1
        let outWidth = (width + left + layer.padding.right - kw) / layer.stride[1] + 1
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
                                            oy * layer.stride[0] + ky - top,
                                            ox * layer.stride[1] + kx - left
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

    private func pool(
        _ windows: Windows, _ x: DoubleBatch, _ take: ([Double]) -> Double
    ) -> DoubleBatch {
        let (height, width) = (x.shape[1], x.shape[2])
        let (k, s, p) = (windows.kernel, windows.stride, windows.padding)
        let (outHeight, outWidth) = ((height + 2 * p - k) / s + 1, (width + 2 * p - k) / s + 1)
        return DoubleBatch(
            samples: x.samples.map { image in
                var y: [Double] = []
                for c in 0..<x.shape[0] {
                    for oy in 0..<outHeight {
                        for ox in 0..<outWidth {
                            var values: [Double] = []
                            for iy in oy * s - p..<oy * s - p + k where (0..<height).contains(iy) {
                                for ix in ox * s - p..<ox * s - p + k
                                where (0..<width).contains(ix) {
                                    values.append(image[(c * height + iy) * width + ix])
                                }
                            }
                            y.append(take(values))
                        }
                    }
                }
                return y
            }, shape: [x.shape[0], outHeight, outWidth])
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
