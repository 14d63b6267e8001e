// The gradient at an image of few channels. A product with one or three columns would leave most
// lanes of a micro-kernel idle, so the lanes run along the pixels instead: the gradient of the output is
// turned into planes, strip by strip, and each tap is an offset into them.

import CKernels

extension Engine {
    /// `convolutionInputGradient` for at most four input channels a group: the same chains.
    func planeInputGradient(
        _ dy: Tensor, by weights: ConvolutionWeights, images: Int, into dx: inout Tensor,
        scratch: inout Tensor
    ) {
        let shape = weights.shape
        for (index, phase) in weights.phases.enumerated() {
            for group in 0..<shape.groups {
                guard case .planes(let plain) = weights.backward[index * shape.groups + group]
                else { preconditionFailure("planeInputGradient: the channels have no planes") }
                let strips = Strips(phase, of: shape)
                scratch.reserve([workers.threads * strips.slotLength])
                dy.withFloats { dy in
                    plain.withFloats { w in
                        dx.withMutableFloats { dx in
                            scratch.withMutableFloats { scratch in
                                guard let dx = dx.baseAddress, let scratch = scratch.baseAddress
                                else { return }
                                // Where there is nothing to read, nothing is read.
                                let empty = UnsafePointer(scratch)
                                PlaneProduct(
                                    kernels: kernels, strips: strips, shape: shape,
                                    group: group, dy: dy.baseAddress ?? empty,
                                    weight: w.baseAddress ?? empty, dx: dx
                                ).run(images: images, on: workers, scratch: scratch)
                            }
                        }
                    }
                }
            }
        }
    }
}

/// How the pixels of a sub-pixel phase are cut into strips of whole lines, and what planes a strip needs.
private struct Strips: Sendable {
    let phase: SubPixelPhase
    /// Lines of pixels a strip.
    let lines: Int
    /// The first line and column of dy, seen from pixel (0, 0).
    let top: Int, left: Int
    /// Lines of dy beyond those of the strip.
    let moreLines: Int
    /// Floats of a line of a plane.
    let lineLength: Int
    /// Floats of a plane.
    let planeLength: Int
    /// Where each tap reads, from a pixel's place.
    let offsets: [Int]
    /// Floats of working memory for a thread: a cache line, the planes, the result.
    let slotLength: Int
    let channels: Int, planes: Int

    /// Planes of a strip should stay in the second-level cache.
    private static let floatsWanted = 160_000

    init(_ phase: SubPixelPhase, of shape: ConvolutionShape) {
        self.phase = phase
        channels = shape.inputChannels / shape.groups
        planes = shape.outputChannels / shape.groups
        let (dys, dxs) = (phase.taps.map(\.dy), phase.taps.map(\.dx))
        let (top, left) = (dys.min() ?? 0, dxs.min() ?? 0)
        (self.top, self.left) = (top, left)
        let moreLines = (dys.max() ?? 0) - top
        let lineLength = phase.outWidth + (dxs.max() ?? 0) - left
        (self.moreLines, self.lineLength) = (moreLines, lineLength)
        lines = max(
            1, min(phase.outHeight, Self.floatsWanted / (lineLength * planes) - moreLines))
        let slack = Int(CK_PLANE_SLACK)
        planeLength = (lines + moreLines) * lineLength + slack
        offsets = phase.taps.map { ($0.dy - top) * lineLength + $0.dx - left }
        let needed = planes * planeLength + channels * (lines * lineLength + slack)
        slotLength = 16 + (needed + 15) / 16 * 16
    }

    var count: Int { (phase.outHeight + lines - 1) / lines }
}

/// One phase of one group: raw operands, already checked.
private struct PlaneProduct: @unchecked Sendable {
    let kernels: KernelTable
    let strips: Strips
    let shape: ConvolutionShape
    let group: Int
    let dy: UnsafePointer<Float>
    let weight: UnsafePointer<Float>
    let dx: UnsafeMutablePointer<Float>

    func run(images: Int, on workers: Workers, scratch: UnsafeMutablePointer<Float>) {
        nonisolated(unsafe) let scratch = scratch
        let each = strips.count
        // A thread clears its planes before its first strip; the float before them tells.
        let (marker, length) = (Storage.alignment / MemoryLayout<Float>.stride, strips.slotLength)
        for slot in 0..<workers.threads { scratch[slot * length] = 0 }
        workers.run(tasks: images * each) { task, slot in
            let planes = scratch + slot * length + marker
            if planes[-marker] == 0 {
                planes.update(repeating: 0, count: length - marker)
                planes[-marker] = 1
            }
            multiply(
                image: task / each, strip: task % each, scratch: planes)
        }
    }

    private func multiply(image: Int, strip: Int, scratch planes: UnsafeMutablePointer<Float>) {
        let first = strip * strips.lines
        let lines = min(strips.lines, strips.phase.outHeight - first)
        for line in 0..<lines + strips.moreLines {
            fill(planes + line * strips.lineLength, image: image, line: first + strips.top + line)
        }
        let result = planes + strips.planes * strips.planeLength
        let length = (lines - 1) * strips.lineLength + strips.phase.outWidth
        let resultStride = strips.lines * strips.lineLength + Int(CK_PLANE_SLACK)
        strips.offsets.withUnsafeBufferPointer { offsets in
            offsets.withMemoryRebound(to: Int.self) { offsets in
                kernels.pointee.plane_product(
                    result, resultStride, planes, strips.planeLength, offsets.baseAddress,
                    offsets.count, strips.planes, weight, strips.channels, length)
            }
        }
        for line in 0..<lines {
            let iy = strips.phase.y + (first + line) * shape.strideHeight
            let row = dx + (image * shape.inputHeight + iy) * shape.inputWidth * shape.inputChannels
            for channel in 0..<strips.channels {
                let from = result + channel * resultStride + line * strips.lineLength
                var to = row + strips.phase.x * shape.inputChannels + group * strips.channels
                to += channel
                let step = shape.strideWidth * shape.inputChannels
                for x in 0..<strips.phase.outWidth { to[x * step] = from[x] }
            }
        }
    }

    /// One line of dy as planes. What lies outside dy stays zero: to the sides it is never
    /// written, and lines above and below are cleared where a strip before this one wrote them.
    private func fill(_ to: UnsafeMutablePointer<Float>, image: Int, line: Int) {
        let inside =
            max(
                0, strips.left)..<max(
                max(0, strips.left), min(shape.outputWidth, strips.left + strips.lineLength))
        guard (0..<shape.outputHeight).contains(line), !inside.isEmpty else {
            for plane in 0..<strips.planes where strips.count > 1 {
                (to + plane * strips.planeLength).update(repeating: 0, count: strips.lineLength)
            }
            return
        }
        let from =
            dy
            + ((image * shape.outputHeight + line) * shape.outputWidth + inside.lowerBound)
            * shape.outputChannels + group * strips.planes
        kernels.pointee.transpose(
            to + inside.lowerBound - strips.left, strips.planeLength, from, shape.outputChannels,
            inside.count, strips.planes)
    }
}
