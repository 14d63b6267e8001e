// Local response normalisation over the last axis (A. Krizhevsky et al., "ImageNet Classification with
// Deep Convolutional Neural Networks", 2012).

import CKernels

/// The channels whose squares a channel is normalised by, and the constants.
public struct ResponseWindow: Equatable, Sendable {
    /// Channels before each one.
    public let before: Int
    /// Channels after each one.
    public let after: Int
    /// What is added to the sum of squares.
    public let offset: Double
    /// What the sum of squares is multiplied by.
    public let scale: Double
    /// The exponent.
    public let power: Double

    /// Describes a normalisation.
    ///
    /// - Precondition: The offset is positive, no other number is negative, and all are finite.
    public init(before: Int, after: Int, offset: Double, scale: Double, power: Double) {
        precondition(
            before >= 0 && after >= 0 && offset > 0 && scale >= 0 && power >= 0
                && (offset + scale + power).isFinite,
            "ResponseWindow: \(before) and \(after) channels, \(offset) + \(scale)·Σ, ^\(power)")
        (self.before, self.after) = (before, after)
        (self.offset, self.scale, self.power) = (offset, scale, power)
    }

    fileprivate var kernelArgument: ck_response {
        ck_response(before: before, after: after, offset: offset, scale: scale, power: power)
    }
}

extension Engine {
    /// y[c] = x[c]·(offset + scale·Σ x[j]²)^−power, j from c − before to c + after as far as there are
    /// channels, in order: in double, rounded once.
    ///
    /// - Precondition: x consists of rows of so many channels.
    public func normaliseResponse(
        _ x: Tensor, channels: Int, window: ResponseWindow, into y: inout Tensor
    ) {
        y.reserve(x.shape)
        let rows = Self.rows(of: x, columns: channels, "normaliseResponse")
        let kernels = layerKernels
        withPointers(x, x, &y) { x, _, y in
            nonisolated(unsafe) let (x, y) = (x, y)
            bands(of: rows, elementsPerRow: channels) { first, count in
                var response = window.kernelArgument
                let start = first * channels
                kernels.respond(y + start, x + start, &response, count, channels)
            }
        }
    }

    /// The gradient of `normaliseResponse` at its input. With b[c] the sum that is raised to −power,
    ///
    ///     q[c] = dy[c]·b[c]^−power,  t[c] = dy[c]·x[c]·b[c]^−power / b[c]    in double, rounded once
    ///     dx[c] = q[c] − (2·scale·power·x[c])·Σ t[j]
    ///
    /// over the channels j whose sum holds c, in order, every operation rounded.
    ///
    /// - Precondition: dy and x hold equally many elements, in rows of so many channels.
    public func normaliseResponseGradient(
        _ dy: Tensor, x: Tensor, channels: Int, window: ResponseWindow, into dx: inout Tensor,
        scratch: inout Tensor
    ) {
        Self.requireEqual(dy, x, "normaliseResponseGradient")
        dx.reserve(x.shape)
        scratch.reserve(x.shape)
        let rows = Self.rows(of: x, columns: channels, "normaliseResponseGradient")
        let kernels = layerKernels
        scratch.withMutableFloats { scratch in
            guard let terms = scratch.baseAddress else { return }
            withPointers(dy, x, &dx) { dy, x, dx in
                nonisolated(unsafe) let (dy, x, dx, terms) = (dy, x, dx, terms)
                bands(of: rows, elementsPerRow: channels) { first, count in
                    var response = window.kernelArgument
                    let start = first * channels
                    kernels.respond_terms(
                        dx + start, terms + start, dy + start, x + start, &response, count,
                        channels)
                    kernels.respond_gradient(
                        dx + start, dx + start, terms + start, x + start, &response, count,
                        channels)
                }
            }
        }
    }
}
