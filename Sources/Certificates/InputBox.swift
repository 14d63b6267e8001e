// The inputs that a certificate speaks of: a ball around an image, met with [0, 1].

import Tensors

/// The floats y of [0, 1] with |y − x| ≤ ε, exactly, pixel by pixel.
///
/// This is the set that attacks are admitted to. They measure |y − x| in double, rounded to nearest. As ε
/// is a double, an exact distance of at most ε is measured as at most ε. The other way round a distance
/// above ε would be measured as ε only within 2⁻⁵⁴ε of it: for floats of [0, 1] there is none, since y
/// then is the difference (or the sum) of x and ε but for less than 2⁻⁵⁴ε; where that difference is not
/// 0 it is at least ε's spacing 2⁻²⁴ε, so that floats there lie 2⁻⁴⁹ε apart or farther.
///
/// The ball of radius ε of L2 is enclosed by this box too: its attacks measure √(Σ(y − x)²), which is not
/// below any |y − x|, as rounding is monotone and √(d·d) = |d| in double.
public struct InputBox: Sendable {
    /// The least float of each pixel, in the shape of the images.
    public let lower: Tensor
    /// The largest float of each pixel.
    public let upper: Tensor

    /// The box around each image, with a radius of its own.
    ///
    /// - Precondition: Pixels are in [0, 1], radii finite and 0 or more, one a row.
    public init(around images: Tensor, epsilons: [Float]) {
        precondition(
            images.rowCount == epsilons.count,
            "InputBox: \(images.rowCount) images and \(epsilons.count) radii")
        let length = images.rowLength
        var (lower, upper) = (images, images)
        lower.withMutableFloats { lower in
            upper.withMutableFloats { upper in
                for place in lower.indices {
                    let (x, epsilon) = (lower[place], epsilons[place / length])
                    lower[place] = Self.least(x, epsilon)
                    upper[place] = Self.most(x, epsilon)
                }
            }
        }
        (self.lower, self.upper) = (lower, upper)
    }

    /// The least float of [0, 1] that is at most ε below x.
    static func least(_ x: Float, _ epsilon: Float) -> Float {
        let end = x - epsilon
        guard end > 0 else { return 0 }
        return exceeds(x, end, epsilon) ? min(end.nextUp, x) : end
    }

    /// The largest float of [0, 1] that is at most ε above x.
    static func most(_ x: Float, _ epsilon: Float) -> Float {
        let end = x + epsilon
        guard end < 1 else { return exceeds(1, x, epsilon) ? Float(1).nextDown : 1 }
        return exceeds(end, x, epsilon) ? max(end.nextDown, x) : end
    }

    /// Whether a − b > ε, as attacks measure it.
    private static func exceeds(_ a: Float, _ b: Float, _ epsilon: Float) -> Bool {
        Double(a) - Double(b) > Double(epsilon)
    }
}
