// Batches of intervals as centre and radius, for training by bounds; see `ck_intervals.h`.

import CKernels

/// Intervals of a batch of N samples, beside the samples themselves.
///
/// `both` is [2 N, …]: the samples, then the centres (or lower ends) of their intervals. `radius` is
/// [N, …]: the radii (or upper ends).
public struct IntervalBatch: Sendable {
    /// Samples, and centres or lower ends.
    public var both = Tensor(shape: [0])
    /// Radii or upper ends.
    public var radius = Tensor(shape: [0])

    /// Nothing yet.
    public init() {}

    /// Takes these numbers into memory of its own, which it keeps.
    public mutating func copy(_ other: IntervalBatch) {
        both.reserve(other.both.shape)
        both.replaceRows(from: 0, with: other.both)
        radius.reserve(other.radius.shape)
        radius.replaceRows(from: 0, with: other.radius)
    }
}

extension Engine {
    /// The images, and the boxes of ε around them within [0, 1].
    public func intervals(around images: Tensor, _ epsilon: Float, into result: inout IntervalBatch)
    {
        let shape = Array(images.shape.dropFirst())
        result.both.reserve([2 * images.rowCount] + shape)
        result.both.replaceRows(from: 0, with: images)
        result.radius.reserve(images.shape)
        images.withFloats { x in
            guard let x = x.baseAddress else { return }
            nonisolated(unsafe) let images = x
            halves(&result) { c, r, start, count in
                ck_interval_box(c, r, images + start, count, epsilon)
            }
        }
    }

    /// Centres and radii become lower and upper ends, times `scale`.
    public func ends(inPlace batch: inout IntervalBatch, scale: Float = 1) {
        halves(&batch) { a, b, _, count in ck_interval_ends(a, b, count, scale) }
    }

    /// Lower and upper ends become twice their centres and radii, times `scale`.
    public func centres(inPlace batch: inout IntervalBatch, scale: Float = 0.5) {
        halves(&batch) { a, b, _, count in ck_interval_centres(a, b, count, scale) }
    }

    /// The ReLU of samples and of intervals.
    public func relu(_ x: IntervalBatch, into y: inout IntervalBatch) {
        y.both.reserve(x.both.shape)
        y.radius.reserve(x.radius.shape)
        let half = x.radius.count
        x.both.withFloats { both in
            x.radius.withFloats { radius in
                y.both.withMutableFloats { toBoth in
                    y.radius.withMutableFloats { toRadius in
                        guard let both = both.baseAddress, let radius = radius.baseAddress,
                            let toBoth = toBoth.baseAddress, let toRadius = toRadius.baseAddress
                        else { return }
                        nonisolated(unsafe) let (x, r, y, s) = (both, radius, toBoth, toRadius)
                        blocks(of: half) { [kernels] start, count in
                            kernels.pointee.relu(y + start, x + start, count)
                            ck_interval_relu(
                                y + half + start, s + start, x + half + start, r + start, count)
                        }
                    }
                }
            }
        }
    }

    /// The gradient at x from that at y = relu(x), in place.
    public func reluBackward(
        _ d: inout IntervalBatch, input x: IntervalBatch, output y: IntervalBatch
    ) {
        let half = x.radius.count
        x.both.withFloats { both in
            x.radius.withFloats { radius in
                y.both.withFloats { output in
                    guard let both = both.baseAddress, let radius = radius.baseAddress,
                        let output = output.baseAddress
                    else { return }
                    nonisolated(unsafe) let (x, r, y) = (both, radius, output)
                    halves(&d) { [kernels] dc, dr, start, count in
                        let clean = dc - half
                        kernels.pointee.relu_backward(clean, clean, y + start, count)
                        ck_interval_relu_gradient(dc, dr, x + half + start, r + start, count)
                    }
                }
            }
        }
    }

    /// y = |x|.
    public func magnitudes(_ x: Tensor, into y: inout Tensor) {
        map(x, into: &y) { ck_magnitudes($0, $1, $2) }
    }

    /// y ← y + sign(x)·g, where sign(0) = 0.
    ///
    /// - Precondition: The three hold equally many elements.
    public func add(_ g: Tensor, signedBy x: Tensor, to y: inout Tensor) {
        precondition(
            g.count == x.count && g.count == y.count, "add: \(g.shape), \(x.shape), \(y.shape)")
        x.withFloats { x in
            g.withFloats { g in
                y.withMutableFloats { target in
                    guard let x = x.baseAddress, let g = g.baseAddress, let y = target.baseAddress
                    else { return }
                    nonisolated(unsafe) let (signs, gradient, sum) = (x, g, y)
                    blocks(of: target.count) { start, count in
                        ck_add_signed(sum + start, gradient + start, signs + start, count)
                    }
                }
            }
        }
    }

    /// Calls `body` with blocks of the second half of `both` and of `radius`, and where they begin.
    private func halves(
        _ batch: inout IntervalBatch,
        _ body:
            @escaping @Sendable (
                UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, Int, Int
            ) -> Void
    ) {
        let half = batch.radius.count
        precondition(
            batch.both.count == 2 * half,
            "IntervalBatch: \(batch.both.shape) beside \(batch.radius.shape)")
        batch.both.withMutableFloats { both in
            batch.radius.withMutableFloats { radius in
                guard let both = both.baseAddress, let radius = radius.baseAddress else { return }
                nonisolated(unsafe) let (a, b) = (both + half, radius)
                blocks(of: half) { start, count in body(a + start, b + start, start, count) }
            }
        }
    }
}
