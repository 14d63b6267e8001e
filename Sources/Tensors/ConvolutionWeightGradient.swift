// The gradient at the weights of a convolution: a product summed over all windows of a batch, in
// chunks of a fixed number of images that are added in a fixed tree.

import CKernels

extension Engine {
    /// The gradient at the weights of a convolution.
    ///
    ///     part[p][o, c, kh, kw] = chain over the windows (n, oy, ox) of chunk p, from +0, of
    ///                             fma(x[n, oy·s + kh − p, ox·s + kw − p, c], dy[n, oy, ox, o], ·)
    ///
    /// A chunk holds as many images as make 1,024 windows, at least one; the parts are added in a
    /// binary tree: neighbours at distance 1, 2, 4, … Pixels outside the image are zeros that
    /// enter the chain.
    ///
    /// - Parameters:
    ///   - dy: [N, OH, OW, O].
    ///   - x: [N, H, W, C].
    ///   - shape: The sizes.
    ///   - dw: Where the result goes, [O, C / groups, KH, KW].
    ///   - scratch: Working memory, kept from call to call.
    /// - Precondition: x and dy have the sizes that the shape says.
    public func convolutionWeightGradient(
        _ dy: Tensor, x: Tensor, shape: ConvolutionShape, into dw: inout Tensor,
        scratch: inout Tensor
    ) {
        let images = Self.images(of: x, shape.inputSizes, "convolutionWeightGradient")
        precondition(
            Self.images(of: dy, shape.outputSizes, "convolutionWeightGradient") == images
                || dy.count == 0,
            "convolutionWeightGradient: \(dy.shape) for images \(x.shape)")
        dw.reserve(shape.weightShape)
        // Windows with gaps have no kernel of their own for this: one channel a group gives the chains.
        if shape.isDepthwise, shape.dilationHeight == 1, shape.dilationWidth == 1 {
            depthwiseWeightGradient(dy, x: x, shape: shape, into: &scratch)
            let (taps, channels) = (shape.kernelHeight * shape.kernelWidth, shape.inputChannels)
            scratch.withFloats { from in
                dw.withMutableFloats { to in
                    guard let from = from.baseAddress, let to = to.baseAddress else { return }
                    kernels.pointee.transpose(to, taps, from, channels, taps, channels)
                }
            }
            return
        }
        let windows = Windows(of: shape, byRow: true)
        let outs = shape.outputChannels / shape.groups
        let length = Tensor.count(of: Array(shape.weightShape.dropFirst()))
        let size = shape.outputChannels * length
        let perChunk = PartSums.images(windowsOfImage: windows.count)
        let chunks = PartSums.count(of: images, chunk: perChunk)
        // The parts stand in the result, which keeps their memory.
        dw.reserve([chunks] + shape.weightShape)
        withOperands(dy, Tensor(shape: [length]), &dw) { dy, zeros, parts in
            x.withFloats { x in
                for group in 0..<shape.groups {
                    windows.withPatches(x.baseAddress ?? zeros, group: group) { patches in
                        MacroKernel(
                            kernels: kernels,
                            left: .transposed(dy + group * outs, stride: shape.outputChannels),
                            right: .windows(patches),
                            sink: .rows(
                                parts + group * outs * length, stride: length, partStride: size),
                            m: outs, n: length, k: images * windows.count, bias: zeros,
                            chunk: max(1, perChunk * windows.count)
                        ).run(on: workers, scratch: &scratch)
                    }
                }
            }
            addParts(parts, count: chunks, length: size)
        }
        dw.setShape(shape.weightShape, count: size)
        moveTapsLast(&dw, shape, scratch: &scratch)
    }

    /// Each output's [taps, channels] becomes [channels, taps].
    private func moveTapsLast(
        _ dw: inout Tensor, _ shape: ConvolutionShape, scratch: inout Tensor
    ) {
        let taps = shape.kernelHeight * shape.kernelWidth
        let channels = shape.inputChannels / shape.groups
        guard taps > 1, channels > 1 else { return }
        let length = taps * channels
        scratch.reserve([workers.threads * length])
        dw.withMutableFloats { dw in
            scratch.withMutableFloats { scratch in
                guard let dw = dw.baseAddress, let scratch = scratch.baseAddress else { return }
                nonisolated(unsafe) let (matrices, memory) = (dw, scratch)
                workers.run(tasks: shape.outputChannels) { [kernels] output, slot in
                    let (own, matrix) = (memory + slot * length, matrices + output * length)
                    own.update(from: matrix, count: length)
                    kernels.pointee.transpose(matrix, taps, own, channels, taps, channels)
                }
            }
        }
    }
}
