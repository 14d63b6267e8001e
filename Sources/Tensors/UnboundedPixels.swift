// Pixels as (tanh(w) + 1) / 2 of a variable without bounds, row by row.

import CKernels

/// Pixels of rows, held as w with the pixel (tanh(w) + 1) / 2, and Adam on w.
public struct UnboundedPixels: Sendable {
    /// The pixels of the present w, in [0, 1].
    public private(set) var pixels: Tensor
    private var w: Tensor
    private var mean: Tensor
    private var square: Tensor
    /// 0.9 and 0.999 to the power of the steps that a row has taken.
    private var powers: [(first: Double, second: Double)]

    /// All rows at the pixels of `images`, as near as 0.999999 of the way to 0 and 1 allows: there
    /// tanh still has a slope, so that black and white pixels can move.
    public init(_ images: Tensor) {
        (pixels, w) = (images, images)
        mean = Tensor(shape: images.shape)
        square = Tensor(shape: images.shape)
        powers = Array(repeating: (1, 1), count: images.rowCount)
        for row in powers.indices { restart(row, at: images, row: row) }
    }

    /// Puts a row at the pixels of a row of `images`, with Adam at its beginning.
    ///
    /// - Precondition: Both rows exist and are equally long.
    public mutating func restart(_ row: Int, at images: Tensor, row source: Int) {
        let length = pixels.rowLength
        powers[row] = (1, 1)
        let zeros = Tensor(shape: [1] + pixels.shape.dropFirst())
        mean.replaceRows(from: row, with: zeros)
        square.replaceRows(from: row, with: zeros)
        images.withFloats { images in
            w.withMutableFloats { w in
                pixels.withMutableFloats { pixels in
                    guard let x = images.baseAddress, let w = w.baseAddress,
                        let y = pixels.baseAddress
                    else { return }
                    ck_to_unbounded(w + row * length, x + source * length, length)
                    ck_to_pixels(y + row * length, w + row * length, length)
                }
            }
        }
    }

    /// One step of Adam on the w of a row, down the gradient at its pixels.
    ///
    /// - Precondition: The gradient has a row for each row here.
    public mutating func step(_ row: Int, down gradient: Tensor, rate: Double) {
        let length = pixels.rowLength
        precondition(gradient.count == pixels.count, "step: \(gradient.shape), \(pixels.shape)")
        powers[row].first *= 0.9
        powers[row].second *= 0.999
        let step = ck_adam_step(
            rate: rate, first: 1 / (1 - powers[row].first), second: 1 / (1 - powers[row].second))
        let start = row * length
        gradient.withFloats { gradient in
            w.withMutableFloats { w in
                mean.withMutableFloats { mean in
                    square.withMutableFloats { square in
                        pixels.withMutableFloats { pixels in
                            guard let w = w.baseAddress, let mean = mean.baseAddress,
                                let square = square.baseAddress, let y = pixels.baseAddress,
                                let dy = gradient.baseAddress
                            else { return }
                            ck_unbounded_step(
                                w + start, mean + start, square + start, y + start, dy + start,
                                length, step)
                        }
                    }
                }
            }
        }
    }

    /// Removes a row in constant time: the last one takes its place.
    public mutating func swapRemove(row: Int) {
        pixels.swapRemove(row: row)
        w.swapRemove(row: row)
        mean.swapRemove(row: row)
        square.swapRemove(row: row)
        powers.swapAt(row, powers.count - 1)
        powers.removeLast()
    }
}
