// The windows of a convolution, of a part of its input gradient, or of a stored matrix, as a source of
// products reads them.

import CKernels

/// Sizes and taps of windows over images that are given later; see `ck_patches`.
struct Windows: Sendable {
    /// Of the images.
    private let height: Int, width: Int, channels: Int
    /// Windows of an image.
    private let outHeight: Int, outWidth: Int
    private let stepY: Int, stepX: Int
    private let taps: [ck_tap]
    private let runPixels: Int, runChannels: Int

    /// Windows of an image.
    var count: Int { outHeight * outWidth }

    /// The windows of a forward convolution.
    ///
    /// - Parameters:
    ///   - shape: The sizes.
    ///   - byRow: Whether a row of the kernel is read at once, where no other group lies between its pixels.
    init(of shape: ConvolutionShape, byRow: Bool) {
        let isWhole = byRow && shape.groups == 1 && shape.dilationWidth == 1
        (height, width, channels) = (shape.inputHeight, shape.inputWidth, shape.inputChannels)
        (outHeight, outWidth) = (shape.outputHeight, shape.outputWidth)
        (stepY, stepX) = (shape.strideHeight, shape.strideWidth)
        (runPixels, runChannels) = (
            isWhole ? shape.kernelWidth : 1, shape.inputChannels / shape.groups
        )
        taps = (0..<shape.kernelHeight).flatMap { kh in
            (0..<(isWhole ? 1 : shape.kernelWidth)).map { kw in
                ck_tap(
                    y: kh * shape.dilationHeight - shape.padding.top,
                    x: kw * shape.dilationWidth - shape.padding.left)
            }
        }
    }

    /// The windows over dy that give the pixels of a sub-pixel phase.
    init(of phase: SubPixelPhase, of shape: ConvolutionShape) {
        (height, width, channels) = (shape.outputHeight, shape.outputWidth, shape.outputChannels)
        (outHeight, outWidth, stepY, stepX) = (phase.outHeight, phase.outWidth, 1, 1)
        (runPixels, runChannels) = (1, shape.outputChannels / shape.groups)
        taps = phase.taps.map { ck_tap(y: $0.dy, x: $0.dx) }
    }

    /// A stored matrix: windows of one pixel of an image of one line.
    static func rows(_ rows: Int, of length: Int) -> Windows { Windows(rows: rows, length: length) }

    private init(rows: Int, length: Int) {
        (height, width, channels) = (1, rows, length)
        (outHeight, outWidth, stepY, stepX) = (1, rows, 1, 1)
        (runPixels, runChannels) = (1, length)
        taps = [ck_tap(y: 0, x: 0)]
    }

    /// Calls `body` with the windows over images, of the channels of one group.
    func withPatches(
        _ images: UnsafePointer<Float>, group: Int = 0, _ body: (UnsafePointer<ck_patches>) -> Void
    ) {
        taps.withUnsafeBufferPointer { taps in
            let patches = ck_patches(
                images: images, height: height, width: width, channels: channels,
                out_height: outHeight, out_width: outWidth, step_y: stepY, step_x: stepX,
                taps: taps.baseAddress, runs: taps.count, run_pixels: runPixels,
                run_channels: runChannels, first_channel: group * runChannels)
            withUnsafePointer(to: patches, body)
        }
    }
}
