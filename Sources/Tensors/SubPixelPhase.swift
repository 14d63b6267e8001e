// The gradient at the input of a strided convolution is a transposed convolution. As a sub-pixel
// (polyphase) convolution (W. Shi et al., "Is the deconvolution layer the same as a convolutional
// layer?", 2016) it is one dense convolution for each place of a pixel within a stride.

/// The input pixels (y + s·r, x + s·c) of a convolution with stride s: their gradient is a convolution
/// of dy with stride 1 over the taps that reach them.
struct SubPixelPhase: Sendable {
    /// The first pixel.
    let y: Int, x: Int
    /// Pixels of this phase.
    let outHeight: Int, outWidth: Int
    /// In order of (kh, kw): window (r + dy, c + dx) reaches pixel (r, c) by this tap.
    let taps: [(weight: Int, dy: Int, dx: Int)]

    /// Every phase of a shape that has pixels.
    static func all(of shape: ConvolutionShape) -> [SubPixelPhase] {
        var phases: [SubPixelPhase] = []
        for y in 0..<min(shape.strideHeight, shape.inputHeight) {
            for x in 0..<min(shape.strideWidth, shape.inputWidth) {
                var taps: [(weight: Int, dy: Int, dx: Int)] = []
                for kh in 0..<shape.kernelHeight {
                    for kw in 0..<shape.kernelWidth {
                        let dy = y + shape.padding.top - kh * shape.dilationHeight
                        let dx = x + shape.padding.left - kw * shape.dilationWidth
                        guard dy % shape.strideHeight == 0 && dx % shape.strideWidth == 0 else {
                            continue
                        }
                        taps.append(
                            (
                                kh * shape.kernelWidth + kw, dy / shape.strideHeight,
                                dx / shape.strideWidth
                            ))
                    }
                }
                phases.append(
                    SubPixelPhase(
                        y: y, x: x,
                        outHeight: (shape.inputHeight - y + shape.strideHeight - 1)
                            / shape.strideHeight,
                        outWidth: (shape.inputWidth - x + shape.strideWidth - 1)
                            / shape.strideWidth,
                        taps: taps))
            }
        }
        return phases
    }

    /// Moves finished rows, one a pixel of this phase, to their pixels.
    func scatter(
        _ rows: UnsafePointer<Float>, stride: Int, count: Int, rows range: Range<Int>,
        to target: UnsafeMutablePointer<Float>, _ shape: ConvolutionShape
    ) {
        for (place, row) in range.enumerated() {
            let (line, c) = row.quotientAndRemainder(dividingBy: outWidth)
            let (image, r) = line.quotientAndRemainder(dividingBy: outHeight)
            let iy = image * shape.inputHeight + y + r * shape.strideHeight
            let pixel = iy * shape.inputWidth + x + c * shape.strideWidth
            (target + pixel * shape.inputChannels).update(from: rows + place * stride, count: count)
        }
    }
}
