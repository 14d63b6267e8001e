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
        if shape.isDepthwise {
            depthwiseWeightGradient(dy, x: x, shape: shape, into: &scratch)
            let (taps, channels) = (shape.kernelHeight * shape.kernelWidth, shape.inputChannels)
            scratch.withFloats { from in
                dw.withMutableFloats { to in
                    guard let from = from.baseAddress, let to = to.baseAddress else { return }
                    kernels.transpose(to, taps, from, channels, taps, channels)
                }
            }
            return
        }
        let plan = WeightGradientPlan(shape, images: images, kernels: kernels)
        let (ins, outs) = (shape.inputChannels / shape.groups, plan.n)
        let isWhole = shape.groups == 1
        var taps: [ck_tap] = []
        for kh in 0..<shape.kernelHeight {
            for kw in 0..<(isWhole ? 1 : shape.kernelWidth) {
                taps.append(ck_tap(y: kh - shape.padding.top, x: kw - shape.padding.left))
            }
        }
        scratch.reserve([plan.scratchLength + workers.threads * plan.slotLength])
        let zeros = Tensor(shape: [outs])
        withOperands(x, zeros, taps, &dw, &scratch) { x, zeros, taps, dw, scratch in
            dy.withFloats { dy in
                for group in 0..<shape.groups {
                    let patches = ck_patches(
                        images: x, height: shape.inputHeight, width: shape.inputWidth,
                        channels: shape.inputChannels, out_height: shape.outputHeight,
                        out_width: shape.outputWidth, step_y: shape.strideHeight,
                        step_x: shape.strideWidth, taps: taps.baseAddress, runs: taps.count,
                        run_pixels: isWhole ? shape.kernelWidth : 1, run_channels: ins,
                        first_channel: group * ins)
                    WeightGradient(
                        kernels: kernels, plan: plan, patches: patches,
                        dy: (dy.baseAddress ?? zeros) + group * outs,
                        dyStride: shape.outputChannels, zeros: zeros, parts: scratch,
                        slots: scratch + plan.scratchLength
                    ).run(
                        on: workers, into: dw + group * outs * plan.k,
                        taps: shape.kernelHeight * shape.kernelWidth)
                }
            }
        }
    }
}

/// How the sum is cut: by shape alone.
private struct WeightGradientPlan: Sendable {
    /// Rows (kh, kw, c) and columns o of the result.
    let k: Int, n: Int
    let windows: Int, images: Int, imagesPerChunk: Int, chunks: Int
    let panels: [PackedMatrix.Panel]
    let rowPanels: Int
    /// Parts of a chunk's rows, so that few chunks keep many threads busy.
    let rowTasks: Int
    let slotLength: Int

    private static let windowsPerChunk = 1024
    private static let tasksWanted = 8

    init(_ shape: ConvolutionShape, images: Int, kernels: ck_kernels) {
        k = Tensor.count(of: Array(shape.weightShape.dropFirst()))
        n = shape.outputChannels / shape.groups
        self.images = images
        windows = shape.outputHeight * shape.outputWidth
        imagesPerChunk = max(1, (Self.windowsPerChunk + windows - 1) / max(1, windows))
        chunks = max(1, (images + imagesPerChunk - 1) / imagesPerChunk)
        panels = PackedMatrix.panels(columns: n, kernels: kernels)
        rowPanels = (k + kernels.mr - 1) / kernels.mr
        rowTasks = min(rowPanels, (Self.tasksWanted + chunks - 1) / chunks)
        let width = panels.last.map { $0.offset + $0.width } ?? 0
        slotLength = Int(CK_DEPTH) * (kernels.mr + width) + 64
    }

    /// Floats of the parts, and of one more matrix for the change of layout.
    var scratchLength: Int { (chunks + 1) * k * n }
}

/// One group: raw operands, already checked.
private struct WeightGradient: @unchecked Sendable {
    let kernels: ck_kernels
    let plan: WeightGradientPlan
    let patches: ck_patches
    let dy: UnsafePointer<Float>
    let dyStride: Int
    let zeros: UnsafePointer<Float>
    let parts: UnsafeMutablePointer<Float>
    let slots: UnsafeMutablePointer<Float>

    private var size: Int { plan.k * plan.n }

    func run(on workers: Workers, into dw: UnsafeMutablePointer<Float>, taps: Int) {
        workers.run(tasks: plan.chunks * plan.rowTasks) { task, slot in
            let rows = share(task % plan.rowTasks, of: plan.rowTasks, items: plan.rowPanels)
            sum(chunk: task / plan.rowTasks, rows: rows, slot: slots + slot * plan.slotLength)
        }
        addParts(on: workers)
        // [(t, c), o] to [o, (t, c)] to [o, c, t].
        let turned = parts + plan.chunks * size
        kernels.transpose(turned, plan.k, parts, plan.n, plan.k, plan.n)
        let ins = plan.k / taps
        for o in 0..<plan.n {
            kernels.transpose(dw + o * plan.k, taps, turned + o * plan.k, ins, taps, ins)
        }
    }

    private func sum(chunk: Int, rows: Range<Int>, slot: UnsafeMutablePointer<Float>) {
        let mr = kernels.mr
        let part = parts + chunk * size
        let first = chunk * plan.imagesPerChunk * plan.windows
        let last = min((chunk + 1) * plan.imagesPerChunk, plan.images) * plan.windows
        if last <= first {
            let from = rows.lowerBound * mr * plan.n
            let to = min(rows.upperBound * mr, plan.k) * plan.n
            (part + from).update(repeating: 0, count: to - from)
        }
        let columns = slot + mr * Int(CK_DEPTH) + 64
        withUnsafePointer(to: patches) { patches in
            for start in stride(from: first, to: last, by: Int(CK_DEPTH)) {
                let depth = min(Int(CK_DEPTH), last - start)
                for panel in plan.panels {
                    kernels.pack_columns(
                        columns + panel.offset * depth, dy + start * dyStride + panel.column,
                        dyStride, 1, panel.columns, panel.width, depth)
                }
                let step = ProductStep(
                    kernels: kernels, depth: depth, isFirst: start == first,
                    isLast: start + depth == last, bias: zeros, activation: .none)
                for row in rows {
                    let count = min(mr, plan.k - row * mr)
                    kernels.pack_im2col_transposed(slot, patches, start, depth, row * mr, count)
                    for panel in plan.panels {
                        step.tile(
                            .packed(slot), columns + panel.offset * depth, panel,
                            part + row * mr * plan.n, stride: plan.n, rows: count)
                    }
                }
            }
        }
    }

    /// Neighbours at distance 1, 2, 4, …: the tree is fixed by the number of chunks.
    private func addParts(on workers: Workers) {
        let block = 4096
        workers.run(tasks: (size + block - 1) / block) { task in
            let elements = task * block..<min((task + 1) * block, size)
            var distance = 1
            while distance < plan.chunks {
                for left in stride(from: 0, to: plan.chunks - distance, by: 2 * distance) {
                    let to = parts + left * size
                    let from = parts + (left + distance) * size
                    for element in elements { to[element] += from[element] }
                }
                distance *= 2
            }
        }
    }
}
