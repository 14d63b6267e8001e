// Batch normalisation over the last axis: x [.., C], all axes before it taken as rows. (S. Ioffe,
// C. Szegedy, "Batch Normalization", 2015; as torch.nn.BatchNorm2d.)

import CKernels

extension Engine {
    /// y = fma(x, scale[c], shift[c]), or x·scale[c] without a shift.
    ///
    /// - Precondition: Scale and shift have as many values as the last axis.
    public func scaleChannels(
        _ x: Tensor, by scale: Tensor, shift: Tensor?, into y: inout Tensor
    ) {
        let rows = Self.rows(of: x, [scale] + (shift.map { [$0] } ?? []), "scaleChannels")
        y.reserve(x.shape)
        let columns = scale.count
        x.withFloats { x in
            scale.withFloats { scale in
                y.withMutableFloats { y in
                    guard let xStart = x.baseAddress, let scaleStart = scale.baseAddress,
                        let yStart = y.baseAddress
                    else { return }
                    nonisolated(unsafe) let (x, y, scale) = (xStart, yStart, scaleStart)
                    func run(_ shift: UnsafePointer<Float>?) {
                        nonisolated(unsafe) let shift = shift
                        bands(of: rows, elementsPerRow: columns) { [kernels] first, count in
                            kernels.pointee.scale_channels(
                                y + first * columns, x + first * columns, scale, shift, count,
                                columns)
                        }
                    }
                    guard let shift else { return run(nil) }
                    shift.withFloats { run($0.baseAddress) }
                }
            }
        }
    }

    /// Mean and biased variance of every channel over all rows.
    ///
    ///     mean[c] = (Σ x) / M,  variance[c] = (Σ (x − mean[c])²) / M
    ///
    /// All in double, the mean unrounded in the second line, each rounded to a float at the end.
    /// A sum takes rows in order within chunks of 256; the chunks' sums are added in a binary
    /// tree, neighbours at distance 1, 2, 4, …  The variance times M / (M − 1) is the unbiased
    /// one, for running statistics.
    ///
    /// - Precondition: x has a row.
    public func batchStatistics(_ x: Tensor) -> (mean: Tensor, variance: Tensor) {
        let columns = x.shape.last ?? 1
        precondition(x.count > 0, "batchStatistics: \(x.shape) has no rows")
        let rows = x.count / columns
        var mean = channelSums(rows: rows, columns: columns) { [kernels] sums, first, count in
            x.withFloats { x in
                guard let x = x.baseAddress else { return }
                kernels.pointee.channel_sums(sums, x + first * columns, count, columns)
            }
        }
        for channel in mean.indices { mean[channel] /= Double(rows) }
        let exact = mean
        let squares = channelSums(rows: rows, columns: columns) { [kernels] sums, first, count in
            x.withFloats { x in
                guard let x = x.baseAddress else { return }
                kernels.pointee.channel_squares(sums, x + first * columns, exact, count, columns)
            }
        }
        return (
            Tensor(shape: [columns], values: mean.map { Float($0) }),
            Tensor(shape: [columns], values: squares.map { Float($0 / Double(rows)) })
        )
    }

    /// y = fma(x − mean[c], scale[c], bias[c]),  scale[c] = weight[c] / √(variance[c] + epsilon),
    /// the scale computed in double and rounded once.
    ///
    /// - Precondition: Each vector has as many values as the last axis.
    public func batchNormalise(
        _ x: Tensor, mean: Tensor, variance: Tensor, weight: Tensor, bias: Tensor, epsilon: Float,
        into y: inout Tensor
    ) {
        let rows = Self.rows(of: x, [mean, variance, weight, bias], "batchNormalise")
        y.reserve(x.shape)
        let columns = mean.count
        let inverse = Self.inverseDeviations(variance, epsilon)
        let scale = zip(weight.values, inverse).map { Float(Double($0) * $1) }
        x.withFloats { x in
            mean.withFloats { mean in
                bias.withFloats { bias in
                    y.withMutableFloats { y in
                        guard let xStart = x.baseAddress, let meanStart = mean.baseAddress,
                            let biasStart = bias.baseAddress, let yStart = y.baseAddress
                        else { return }
                        nonisolated(unsafe) let (x, mean, bias, y) = (
                            xStart, meanStart, biasStart, yStart
                        )
                        bands(of: rows, elementsPerRow: columns) { [kernels] first, count in
                            kernels.pointee.normalise(
                                y + first * columns, x + first * columns, mean, scale, bias, count,
                                columns)
                        }
                    }
                }
            }
        }
    }

    /// The gradients of `batchNormalise` with the statistics of the same batch.
    ///
    ///     s₁ = Σ dy,  s₂ = Σ dy·(x − mean),  r = 1 / √(variance + epsilon), all in double
    ///     biasGradient = s₁,  weightGradient = s₂·r
    ///     dx = fma(x − mean, −weight·r³·s₂ / M, fma(dy, weight·r, −weight·r·s₁ / M))
    ///
    /// Sums are cut and added as in `batchStatistics`; the three factors of dx are rounded to
    /// floats, and its three operations are rounded once each.
    ///
    /// - Parameters:
    ///   - dy: [.., C].
    ///   - x: What was normalised, of the same size.
    ///   - mean: From `batchStatistics`.
    ///   - variance: From `batchStatistics`.
    ///   - weight: One value a channel.
    ///   - epsilon: As given to `batchNormalise`.
    ///   - dx: Where the gradient at x goes.
    ///   - weightGradient: Where the gradient at the weight goes.
    ///   - biasGradient: Where the gradient at the bias goes.
    /// - Precondition: The sizes agree, and there is a row.
    public func batchNormaliseGradient(
        _ dy: Tensor, x: Tensor, mean: Tensor, variance: Tensor, weight: Tensor, epsilon: Float,
        into dx: inout Tensor, weightGradient: inout Tensor, biasGradient: inout Tensor
    ) {
        let rows = Self.rows(of: x, [mean, variance, weight], "batchNormaliseGradient")
        precondition(
            dy.count == x.count && x.count > 0,
            "batchNormaliseGradient: \(dy.shape) against \(x.shape)")
        let columns = mean.count
        let direct = channelSums(rows: rows, columns: columns) { [kernels] sums, first, count in
            dy.withFloats { dy in
                guard let dy = dy.baseAddress else { return }
                kernels.pointee.channel_sums(sums, dy + first * columns, count, columns)
            }
        }
        let products = channelSums(rows: rows, columns: columns) { [kernels] sums, first, count in
            dy.withFloats { dy in
                x.withFloats { x in
                    mean.withFloats { mean in
                        guard let dy = dy.baseAddress, let x = x.baseAddress else { return }
                        kernels.pointee.channel_products(
                            sums, dy + first * columns, x + first * columns, mean.baseAddress,
                            count, columns)
                    }
                }
            }
        }
        let inverse = Self.inverseDeviations(variance, epsilon)
        let gain = zip(weight.values, inverse).map { Double($0) * $1 }
        let count = Double(rows)
        let slope = (0..<columns).map {
            Float(-gain[$0] * inverse[$0] * inverse[$0] * products[$0] / count)
        }
        let scale = gain.map { Float($0) }
        let shift = (0..<columns).map { Float(-gain[$0] * direct[$0] / count) }
        weightGradient.reserve([columns])
        biasGradient.reserve([columns])
        weightGradient.withMutableFloats { target in
            for channel in 0..<columns {
                target[channel] = Float(products[channel] * inverse[channel])
            }
        }
        biasGradient.withMutableFloats { target in
            for channel in 0..<columns { target[channel] = Float(direct[channel]) }
        }
        dx.reserve(x.shape)
        x.withFloats { x in
            dy.withFloats { dy in
                mean.withFloats { mean in
                    dx.withMutableFloats { dx in
                        guard let xStart = x.baseAddress, let dyStart = dy.baseAddress,
                            let meanStart = mean.baseAddress, let dxStart = dx.baseAddress
                        else { return }
                        nonisolated(unsafe) let (x, dy, mean, dx) = (
                            xStart, dyStart, meanStart, dxStart
                        )
                        bands(of: rows, elementsPerRow: columns) { [kernels] first, count in
                            let start = first * columns
                            kernels.pointee.normalise_gradient(
                                dx + start, dy + start, x + start, mean, slope, scale, shift,
                                count, columns)
                        }
                    }
                }
            }
        }
    }

    /// Sums of channels in double: `kernel(sums, first, rows)` for chunks of 256 rows, and the
    /// chunks in a binary tree.
    private func channelSums(
        rows: Int, columns: Int,
        _ kernel: @escaping @Sendable (UnsafeMutablePointer<Double>, Int, Int) -> Void
    ) -> [Double] {
        let chunk = PartSums.rows
        let chunks = PartSums.count(of: rows, chunk: chunk)
        var parts = [Double](repeating: 0, count: chunks * columns)
        parts.withUnsafeMutableBufferPointer { parts in
            guard let parts = parts.baseAddress else { return }
            nonisolated(unsafe) let to = parts
            workers.run(tasks: chunks) { part in
                kernel(to + part * columns, part * chunk, min(chunk, rows - part * chunk))
            }
            PartSums.inTree(chunks) { left, right in
                for channel in 0..<columns {
                    to[left * columns + channel] += to[right * columns + channel]
                }
            }
        }
        return Array(parts[..<columns])
    }

    /// 1 / √(variance + epsilon) in double.
    private static func inverseDeviations(_ variance: Tensor, _ epsilon: Float) -> [Double] {
        variance.values.map { 1 / (Double($0) + Double(epsilon)).squareRoot() }
    }

    private static func rows(of x: Tensor, _ vectors: [Tensor], _ name: String) -> Int {
        let columns = x.shape.last ?? 1
        precondition(
            vectors.allSatisfy { $0.count == columns },
            "\(name): \(vectors.map(\.shape)) for the last axis of \(x.shape)")
        return columns == 0 ? 0 : x.count / columns
    }
}
