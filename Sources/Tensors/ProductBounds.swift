// A product as certificates see it, and intervals through its own chains. The way back is in
// `CoefficientRows.swift`.

import CKernels

/// Weight and bias of a convolution, or of a fully connected layer as a convolution of one pixel, in the
/// layouts that bounds read: for intervals [group][(kh, kw, c)][o] as floats, for coefficients
/// [group][(kh, kw)][o][c] as doubles.
public struct BoundedProduct: Sendable {
    /// The sizes.
    public let shape: ConvolutionShape
    /// One an output channel; zeros where there is none.
    public let bias: [Float]
    private let forward: [Float]
    let backward: [Double]

    /// Takes a weight [O, C / groups, KH, KW] and a bias [O].
    ///
    /// - Precondition: Both have the sizes of the shape.
    public init(_ shape: ConvolutionShape, weight: Tensor, bias: Tensor?) {
        precondition(
            weight.count == Tensor.count(of: shape.weightShape)
                && bias?.count ?? shape.outputChannels == shape.outputChannels,
            "BoundedProduct: weight \(weight.shape) and bias \(bias?.shape ?? []) for \(shape)")
        self.shape = shape
        self.bias = bias?.values ?? [Float](repeating: 0, count: shape.outputChannels)
        let (outs, ins) = (shape.outputChannels / shape.groups, shape.inputChannels / shape.groups)
        let taps = shape.kernelHeight * shape.kernelWidth
        var forward = [Float](repeating: 0, count: weight.count)
        var backward = [Double](repeating: 0, count: weight.count)
        weight.withFloats { w in
            for o in 0..<shape.outputChannels {
                let (group, own) = (o / outs, o % outs)
                for c in 0..<ins {
                    for tap in 0..<taps {
                        let value = w[(o * ins + c) * taps + tap]
                        forward[((group * taps + tap) * ins + c) * outs + own] = value
                        backward[((group * taps + tap) * outs + own) * ins + c] = Double(value)
                    }
                }
            }
        }
        (self.forward, self.backward) = (forward, backward)
    }

    /// A fully connected layer: weight [O, I], bias [O].
    public init(weight: Tensor, bias: Tensor) {
        let shape = ConvolutionShape(
            inputHeight: 1, inputWidth: 1, inputChannels: weight.rowLength,
            outputChannels: weight.rowCount, kernel: (1, 1))
        self.init(shape, weight: weight, bias: bias)
    }

    /// A scale and a shift a channel: a convolution of one tap in as many groups.
    public init(height: Int, width: Int, scale: Tensor, shift: Tensor?) {
        let shape = ConvolutionShape(
            inputHeight: height, inputWidth: width, inputChannels: scale.count,
            outputChannels: scale.count, kernel: (1, 1), groups: scale.count)
        self.init(shape, weight: scale, bias: shift)
    }

    /// Products that one output sums up.
    public var depth: Int {
        shape.kernelHeight * shape.kernelWidth * shape.inputChannels / shape.groups
    }

    /// Numbers of an image that it reads.
    public var inputs: Int { shape.inputHeight * shape.inputWidth * shape.inputChannels }
    /// Numbers that it gives for an image.
    public var outputs: Int { shape.outputHeight * shape.outputWidth * shape.outputChannels }

    var description: ck_convolution {
        ck_convolution(
            images: 1, height: shape.inputHeight, width: shape.inputWidth,
            channels: shape.inputChannels, out_height: shape.outputHeight,
            out_width: shape.outputWidth, out_channels: shape.outputChannels,
            kernel_height: shape.kernelHeight, kernel_width: shape.kernelWidth,
            stride_y: shape.strideHeight, stride_x: shape.strideWidth, pad_top: shape.padding.top,
            pad_left: shape.padding.left, groups: shape.groups,
            dilation_y: shape.dilationHeight, dilation_x: shape.dilationWidth)
    }
}

/// The interval of each output of a product, for a batch.
public struct ProductIntervals: Sendable {
    /// Lower ends, [N, outputs].
    public var lower = Tensor(shape: [0])
    /// Upper ends, [N, outputs].
    public var upper = Tensor(shape: [0])
    /// 2²⁴ times the sum of half the spacings of floats at the partial sums, as a chain of float
    /// additions; empty unless asked for.
    public var error = Tensor(shape: [0])
    /// |b| + Σ |w|·max(|l|, |u|), as a chain; empty unless asked for.
    public var size = Tensor(shape: [0])
}

extension BoundedProduct {
    /// What the outputs can be while every input is a float between `lower` and `upper`: the chain of
    /// the product itself, at the vertex of the box that the signs of the weights choose.
    ///
    /// - Parameters:
    ///   - lower: Lower ends, [N, …] with `inputs` numbers a row.
    ///   - upper: Upper ends.
    ///   - hasErrors: Whether `error` and `size` are wanted too.
    ///   - engine: What computes; its threads share the rows.
    /// - Returns: [N, outputs] of each.
    /// - Precondition: The batches have that size.
    public func intervals(
        lower: Tensor, upper: Tensor, hasErrors: Bool, on engine: Engine
    ) -> ProductIntervals {
        let rows = lower.rowCount
        precondition(
            lower.count == rows * inputs && upper.count == lower.count,
            "intervals: \(lower.shape) and \(upper.shape) for rows of \(inputs)")
        var found = ProductIntervals()
        for field in [\ProductIntervals.lower, \.upper] {
            found[keyPath: field].reserve([rows, outputs])
        }
        if hasErrors {
            for field in [\ProductIntervals.error, \.size] {
                found[keyPath: field].reserve([rows, outputs])
            }
        }
        let kernels = engine.kernels
        let (description, depth, inputs, outputs) = (description, depth, inputs, outputs)
        lower.withFloats { lower in
            upper.withFloats { upper in
                forward.withUnsafeBufferPointer { w in
                    bias.withUnsafeBufferPointer { bias in
                        found.withResults { to in
                            nonisolated(unsafe) let (lower, upper, w, bias, to) =
                                (lower, upper, w, bias, to)
                            engine.workers.run(tasks: rows) { row in
                                var shape = description
                                var own = to.advanced(by: row * outputs)
                                withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * depth) {
                                    kernels.pointee.interval_product(
                                        &own, lower.baseAddress?.advanced(by: row * inputs),
                                        upper.baseAddress?.advanced(by: row * inputs),
                                        w.baseAddress, bias.baseAddress, &shape, $0.baseAddress)
                                }
                            }
                        }
                    }
                }
            }
        }
        return found
    }
}

extension ProductIntervals {
    fileprivate mutating func withResults(_ body: (ck_interval_results) -> Void) {
        lower.withMutableFloats { lower in
            upper.withMutableFloats { upper in
                error.withMutableFloats { error in
                    size.withMutableFloats { size in
                        body(
                            ck_interval_results(
                                lower: lower.baseAddress, upper: upper.baseAddress,
                                error: error.isEmpty ? nil : error.baseAddress,
                                size: size.isEmpty ? nil : size.baseAddress))
                    }
                }
            }
        }
    }
}

extension ck_interval_results {
    fileprivate func advanced(by count: Int) -> ck_interval_results {
        ck_interval_results(
            lower: lower + count, upper: upper + count, error: error.map { $0 + count },
            size: size.map { $0 + count })
    }
}
