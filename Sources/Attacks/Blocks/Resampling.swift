// An image seen through a change of coordinates.

import Tensors

/// Where every pixel of a changed image comes from: four neighbours and their weights.
struct Resampling {
    private let sources: [Int32]
    private let weights: [Float]
    private let length: Int

    /// Bilinear interpolation.
    ///
    /// - Parameters:
    ///   - height: Rows of the image and of what is seen.
    ///   - width: Columns of both.
    ///   - origin: Where a pixel (row, column) comes from, in pixels (y, x); neighbours outside of
    ///     the image are black, and so is a pixel that comes from nowhere.
    init(height: Int, width: Int, origin: (Int, Int) -> (y: Double, x: Double)?) {
        var sources: [Int32] = []
        var weights: [Float] = []
        for row in 0..<height {
            for column in 0..<width {
                guard let (fromY, fromX) = origin(row, column) else {
                    sources += [0, 0, 0, 0]
                    weights += [0, 0, 0, 0]
                    continue
                }
                let (left, top) = (fromX.rounded(.down), fromY.rounded(.down))
                for (dy, dx) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                    let (sourceX, sourceY) = (Int(left) + dx, Int(top) + dy)
                    let isInside =
                        (0..<width).contains(sourceX) && (0..<height).contains(sourceY)
                    let shareX = dx == 0 ? 1 - (fromX - left) : fromX - left
                    let shareY = dy == 0 ? 1 - (fromY - top) : fromY - top
                    sources.append(isInside ? Int32(sourceY * width + sourceX) : 0)
                    weights.append(isInside ? Float(shareX * shareY) : 0)
                }
            }
        }
        (self.sources, self.weights, length) = (sources, weights, height * width)
    }

    /// The images [N, C, H, W] seen through this.
    func applied(to images: Tensor) -> Tensor {
        var moved = Tensor(shape: images.shape)
        images.withFloats { from in
            moved.withMutableFloats { to in
                for plane in stride(from: 0, to: from.count, by: length) {
                    for pixel in 0..<length {
                        var sum: Float = 0
                        for tap in 4 * pixel..<4 * pixel + 4 {
                            sum += weights[tap] * from[plane + Int(sources[tap])]
                        }
                        to[plane + pixel] = min(max(sum, 0), 1)
                    }
                }
            }
        }
        return moved
    }

    /// The gradient at the image, from that at what is seen, in one row of [N, C, H, W]: every pixel
    /// gives to its four neighbours, pixels in order.
    func pullBack(_ gradient: inout Tensor, row: Int) {
        let count = gradient.rowLength
        let start = row * count
        let seen = gradient.rows(row..<row + 1)
        seen.withFloats { seen in
            gradient.withMutableFloats { gradient in
                for index in start..<start + count { gradient[index] = 0 }
                for plane in stride(from: 0, to: count, by: length) {
                    for pixel in 0..<length {
                        for tap in 4 * pixel..<4 * pixel + 4 {
                            gradient[start + plane + Int(sources[tap])] +=
                                weights[tap] * seen[plane + pixel]
                        }
                    }
                }
            }
        }
    }
}
