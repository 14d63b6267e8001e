// Convolutions and their gradients at the input, as products of windows with packed weights.
// Feature maps are channels-last: [N, H, W, C].

import CKernels

extension Engine {
    /// The convolution of x [N, H, W, C] with weights [O, C / groups, KH, KW]: [N, OH, OW, O].
    ///
    ///     y[n, oy, ox, o] = activation(chain over (kh, kw, c) ascending, from bias[o], of
    ///                       fma(x[n, oy·s + kh − p, ox·s + kw − p, c], w[o, c, kh, kw], ·))
    ///
    /// Pixels outside the image are zeros that enter the chain. Image n of the result depends on
    /// image n of x alone.
    ///
    /// - Parameters:
    ///   - x: The feature maps.
    ///   - weights: Packed by this engine.
    ///   - bias: One value an output channel, or nil for +0.
    ///   - activation: Applied to each finished chain before it is stored.
    ///   - y: Where the result goes.
    ///   - scratch: Working memory, kept from call to call.
    /// - Precondition: x and the bias have the sizes that the weights' shape says, and the weights were
    ///   packed by an engine of the same instruction set.
    public func convolve(
        _ x: Tensor, by weights: ConvolutionWeights, bias: Tensor? = nil,
        activation: Activation = .none, into y: inout Tensor, scratch: inout Tensor
    ) {
        let shape = weights.shape
        let images = Self.images(of: x, shape.inputSizes, "convolve")
        weights.requirePacked(for: self, inputGradient: false, "convolve")
        precondition(
            bias == nil || bias?.count == shape.outputChannels,
            "convolve: the bias has \(bias?.count ?? 0) values for \(shape.outputChannels) channels"
        )
        if shape.isDepthwise {
            depthwise(
                x, shape: shape, weight: weights.depthwise, bias: bias, activation: activation,
                into: &y)
            return
        }
        y.reserve([images] + shape.outputSizes)
        guard y.count > 0 else { return }
        let (ins, outs) = (shape.inputChannels / shape.groups, shape.outputChannels / shape.groups)
        // A pixel that would be too short to be read in place goes with its row of the kernel.
        let windows = Windows(of: shape, byRow: ins < LeftSource.channelsInPlace)
        let start = bias ?? Tensor(shape: [shape.outputChannels])
        withOperands(x, start, &y) { x, bias, y in
            for group in 0..<shape.groups {
                let packed = weights.forward[group]
                windows.withPatches(x, group: group) { patches in
                    packed.withPanels { panels, rowWidth in
                        guard let panels else { return }
                        MacroKernel(
                            kernels: kernels, left: .windows(patches),
                            right: .packed(panels, rowWidth: rowWidth),
                            sink: .rows(y + group * outs, stride: shape.outputChannels),
                            m: images * windows.count, n: outs, k: packed.k,
                            bias: bias + group * outs, activation: activation
                        ).run(on: workers, scratch: &scratch)
                    }
                }
            }
        }
    }

    /// The gradient at the input of a convolution, gathered element by element.
    ///
    ///     dx[n, iy, ix, c] = chain over (kh, kw, o) ascending, from +0, of
    ///                        fma(dy[n, (iy + p − kh)/s, (ix + p − kw)/s, o], w[o, c, kh, kw], ·)
    ///
    /// over the taps whose window is a whole number; windows outside dy are zeros that enter the
    /// chain.
    ///
    /// - Parameters:
    ///   - dy: [N, OH, OW, O].
    ///   - weights: Packed by this engine, with `givesInputGradient`.
    ///   - dx: Where the result goes, [N, H, W, C].
    ///   - scratch: Working memory, kept from call to call.
    /// - Precondition: dy has the sizes that the weights' shape says, and the weights were packed for
    ///   this gradient by an engine of the same instruction set.
    public func convolutionInputGradient(
        _ dy: Tensor, by weights: ConvolutionWeights, into dx: inout Tensor, scratch: inout Tensor
    ) {
        let shape = weights.shape
        let images = Self.images(of: dy, shape.outputSizes, "convolutionInputGradient")
        weights.requirePacked(for: self, inputGradient: true, "convolutionInputGradient")
        if shape.isDepthwise {
            depthwiseInputGradient(dy, shape: shape, weight: weights.depthwise, into: &dx)
            return
        }
        dx.reserve([images] + shape.inputSizes)
        guard dx.count > 0 else { return }
        let ins = shape.inputChannels / shape.groups
        if ins <= ConvolutionWeights.planeChannels {
            planeInputGradient(dy, by: weights, images: images, into: &dx, scratch: &scratch)
            return
        }
        let isDirect = weights.phases.count == 1
        for (index, phase) in weights.phases.enumerated() {
            let windows = Windows(of: phase, of: shape)
            withOperands(dy, Tensor(shape: [ins]), &dx) { dy, zeros, dx in
                for group in 0..<shape.groups {
                    guard case .packed(let packed) = weights.backward[index * shape.groups + group]
                    else {
                        preconditionFailure("convolutionInputGradient: the channels have planes")
                    }
                    let target = dx + group * ins
                    windows.withPatches(dy, group: group) { patches in
                        packed.withPanels { panels, rowWidth in
                            // Without a tap there is nothing to read, and the chains are empty.
                            MacroKernel(
                                kernels: kernels, left: .windows(patches),
                                right: .packed(panels ?? zeros, rowWidth: rowWidth),
                                sink: isDirect
                                    ? .rows(target, stride: shape.inputChannels)
                                    : .subPixels(target, phase, shape: shape),
                                m: images * windows.count, n: ins, k: packed.k, bias: zeros
                            ).run(on: workers, scratch: &scratch)
                        }
                    }
                }
            }
        }
    }

    /// How many images a batch holds.
    static func images(of batch: Tensor, _ sizes: [Int], _ name: String) -> Int {
        let length = Tensor.count(of: sizes)
        let images = batch.rowCount
        precondition(
            batch.count == images * length,
            "\(name): \(batch.shape) is no batch of \(sizes)")
        return images
    }

    /// Opens the operands of a product. Empty ones still have an address.
    func withOperands(
        _ left: Tensor, _ bias: Tensor, _ result: inout Tensor,
        _ body: (
            UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>
        ) -> Void
    ) {
        left.withFloats { left in
            bias.withFloats { bias in
                result.withMutableFloats { result in
                    guard let bias = bias.baseAddress, let result = result.baseAddress
                    else { return }
                    body(left.baseAddress ?? bias, bias, result)
                }
            }
        }
    }
}

extension ConvolutionShape {
    /// [H, W, C].
    var inputSizes: [Int] { [inputHeight, inputWidth, inputChannels] }
    /// [OH, OW, O].
    var outputSizes: [Int] { [outputHeight, outputWidth, outputChannels] }
}
