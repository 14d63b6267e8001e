// Convolutions with one kernel a channel. Weights and their gradients are tap-major: [KH·KW, C].

import CKernels

extension Engine {
    /// The depthwise convolution of x [N, H, W, C]: [N, OH, OW, C].
    ///
    ///     y[n, oy, ox, c] = activation(chain over (kh, kw) ascending, from bias[c] or +0, of
    ///                       fma(x[n, oy·s + kh − p, ox·s + kw − p, c], w[kh·KW + kw, c], ·))
    ///
    /// Pixels outside the image are zeros that enter the chain.
    ///
    /// - Parameters:
    ///   - x: The feature maps.
    ///   - shape: The sizes; one kernel a channel.
    ///   - weight: [KH·KW, C].
    ///   - bias: One value a channel, or nil for +0.
    ///   - activation: Applied to each finished chain.
    ///   - y: Where the result goes.
    /// - Precondition: The operands have the sizes of the shape.
    func depthwise(
        _ x: Tensor, shape: ConvolutionShape, weight: Tensor, bias: Tensor?,
        activation: Activation, into y: inout Tensor
    ) {
        Self.check(shape, weight, "depthwise")
        let images = Self.images(of: x, shape.inputSizes, "depthwise")
        precondition(
            bias == nil || bias?.count == shape.inputChannels,
            "depthwise: the bias has \(bias?.count ?? 0) values for \(shape.inputChannels) channels"
        )
        y.reserve([images] + shape.outputSizes)
        let plan = DepthwisePlan(
            shape: ck_depthwise(
                height: shape.inputHeight, width: shape.inputWidth, channels: shape.inputChannels,
                out_height: shape.outputHeight, out_width: shape.outputWidth,
                step_y: shape.strideHeight,
                step_x: shape.strideWidth, taps: nil, weights: nil, count: 0,
                image_stride: shape.outputHeight * shape.outputWidth * shape.inputChannels,
                row_stride: shape.outputWidth * shape.inputChannels,
                pixel_stride: shape.inputChannels),
            taps: (0..<shape.kernelHeight * shape.kernelWidth).map {
                ck_tap(
                    y: $0 / shape.kernelWidth * shape.dilationHeight - shape.padding.top,
                    x: $0 % shape.kernelWidth * shape.dilationWidth - shape.padding.left)
            },
            weights: Array(0..<shape.kernelHeight * shape.kernelWidth), offset: 0)
        run([plan], x, weight, bias, activation, images: images, into: &y)
    }

    /// The gradient at the input of a depthwise convolution, gathered element by element.
    ///
    ///     dx[n, iy, ix, c] = chain over (kh, kw) ascending, from +0, of
    ///                        fma(dy[n, (iy + p − kh)/s, (ix + p − kw)/s, c], w[kh·KW + kw, c], ·)
    ///
    /// over the taps whose window is a whole number; windows outside dy are zeros that enter the
    /// chain.
    ///
    /// - Precondition: The operands have the sizes of the shape.
    func depthwiseInputGradient(
        _ dy: Tensor, shape: ConvolutionShape, weight: Tensor, into dx: inout Tensor
    ) {
        Self.check(shape, weight, "depthwiseInputGradient")
        let images = Self.images(of: dy, shape.outputSizes, "depthwiseInputGradient")
        dx.reserve([images] + shape.inputSizes)
        let channels = shape.inputChannels
        // Each sub-pixel phase is a convolution with stride 1.
        let plans = SubPixelPhase.all(of: shape).map { phase in
            DepthwisePlan(
                shape: ck_depthwise(
                    height: shape.outputHeight, width: shape.outputWidth, channels: channels,
                    out_height: phase.outHeight, out_width: phase.outWidth, step_y: 1, step_x: 1,
                    taps: nil,
                    weights: nil, count: 0,
                    image_stride: shape.inputHeight * shape.inputWidth * channels,
                    row_stride: shape.strideHeight * shape.inputWidth * channels,
                    pixel_stride: shape.strideWidth * channels),
                taps: phase.taps.map { ck_tap(y: $0.dy, x: $0.dx) },
                weights: phase.taps.map(\.weight),
                offset: (phase.y * shape.inputWidth + phase.x) * channels)
        }
        run(plans, dy, weight, nil, .none, images: images, into: &dx)
    }

    /// The gradient at the weights of a depthwise convolution, [KH·KW, C].
    ///
    ///     part[p][kh·KW + kw, c] = chain over the windows (n, oy, ox) of chunk p, from +0, of
    ///                              fma(x[n, oy·s + kh − p, ox·s + kw − p, c], dy[n, oy, ox, c], ·)
    ///
    /// A chunk holds as many images as make 1,024 windows, at least one; the parts are added in a
    /// binary tree: neighbours at distance 1, 2, 4, …
    ///
    /// - Precondition: x and dy have the sizes of the shape and equally many images; its windows have no
    ///   gaps.
    func depthwiseWeightGradient(
        _ dy: Tensor, x: Tensor, shape: ConvolutionShape, into dw: inout Tensor
    ) {
        let (taps, channels) = (shape.kernelHeight * shape.kernelWidth, shape.inputChannels)
        let images = Self.images(of: x, shape.inputSizes, "depthwiseWeightGradient")
        let windowCount = shape.outputHeight * shape.outputWidth
        precondition(
            shape.isDepthwise && shape.dilationHeight == 1 && shape.dilationWidth == 1
                && dy.count == images * windowCount * channels,
            """
            depthwiseWeightGradient: \(dy.shape) for images \(x.shape), \(shape.groups) groups, \
            dilation \(shape.dilationHeight) × \(shape.dilationWidth)
            """)
        let perChunk = PartSums.images(windowsOfImage: windowCount)
        let chunks = PartSums.count(of: images, chunk: perChunk)
        let size = taps * channels
        // The parts stand behind the result, in memory that it keeps.
        dw.reserve([chunks, taps, channels])
        let windows = ck_windows(
            height: shape.inputHeight, width: shape.inputWidth, channels: channels,
            out_height: shape.outputHeight, out_width: shape.outputWidth,
            kernel_height: shape.kernelHeight,
            kernel_width: shape.kernelWidth, stride_y: shape.strideHeight,
            stride_x: shape.strideWidth, pad_top: shape.padding.top, pad_left: shape.padding.left)
        let channelsPerStrip = 64
        let strips = (channels + channelsPerStrip - 1) / channelsPerStrip
        x.withFloats { x in
            dy.withFloats { dy in
                dw.withMutableFloats { parts in
                    guard let partsStart = parts.baseAddress else { return }
                    nonisolated(unsafe) let parts = partsStart
                    nonisolated(unsafe) let x = x.baseAddress ?? UnsafePointer(parts)
                    nonisolated(unsafe) let dy = dy.baseAddress ?? UnsafePointer(parts)
                    workers.run(tasks: chunks * strips) { [kernels] task in
                        let (chunk, strip) = task.quotientAndRemainder(dividingBy: strips)
                        let (first, channel) = (
                            chunk * perChunk, strip * channelsPerStrip
                        )
                        withUnsafePointer(to: windows) { windows in
                            kernels.pointee.depthwise_weights(
                                parts + chunk * size + channel,
                                x + first * shape.inputHeight * shape.inputWidth * channels
                                    + channel,
                                dy + first * windowCount * channels + channel, windows,
                                min(perChunk, images - first),
                                min(channelsPerStrip, channels - channel))
                        }
                    }
                    addParts(parts, count: chunks, length: size)
                }
            }
        }
        dw.setShape([taps, channels], count: size)
    }

    private static func check(_ shape: ConvolutionShape, _ weight: Tensor, _ name: String) {
        precondition(
            shape.isDepthwise
                && weight.count
                    == shape.kernelHeight * shape.kernelWidth * shape.inputChannels,
            "\(name): weight \(weight.shape), \(shape.groups) groups of \(shape.inputChannels) channels"
        )
    }

    /// Runs every plan over all its rows of outputs.
    private func run(
        _ plans: [DepthwisePlan], _ x: Tensor, _ weight: Tensor, _ bias: Tensor?,
        _ activation: Activation, images: Int, into y: inout Tensor
    ) {
        guard y.count > 0 else { return }
        let bias = bias ?? Tensor(shape: [plans[0].shape.channels])
        let (lower, upper) = activation.bounds
        x.withFloats { x in
            weight.withFloats { w in
                bias.withFloats { bias in
                    y.withMutableFloats { y in
                        guard let wStart = w.baseAddress, let biasStart = bias.baseAddress,
                            let yStart = y.baseAddress
                        else { return }
                        nonisolated(unsafe) let (x, w, bias, y) = (
                            x.baseAddress ?? wStart, wStart, biasStart, yStart
                        )
                        for plan in plans {
                            bands(
                                of: images * plan.shape.out_height,
                                elementsPerRow: plan.shape.out_width * plan.shape.channels
                            ) { [kernels] first, rows in
                                plan.withKernelShape { shape in
                                    kernels.pointee.depthwise(
                                        y + plan.offset, x, w, bias, shape, lower, upper, first,
                                        rows)
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// One regular set of outputs of a depthwise convolution or of its gradient.
private struct DepthwisePlan: @unchecked Sendable {
    /// Sizes and steps, without the taps.
    let shape: ck_depthwise
    let taps: [ck_tap]
    /// For each tap its row of the weight.
    let weights: [Int]
    /// Where the first output stands.
    let offset: Int

    func withKernelShape(_ body: (UnsafePointer<ck_depthwise>) -> Void) {
        taps.withUnsafeBufferPointer { taps in
            weights.withUnsafeBufferPointer { weights in
                var shape = shape
                shape.taps = taps.baseAddress
                shape.weights = weights.baseAddress
                shape.count = taps.count
                withUnsafePointer(to: shape) { body($0) }
            }
        }
    }
}
