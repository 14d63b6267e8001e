// Steps along a gradient that stay in a ball around the original and in its limits, row by row: every
// row has a step and a radius of its own, so a batch may hold samples at any stage of any budget.

import CKernels

/// The balls that an attack walks in.
public enum Ball: Sendable {
    /// |y − x| ≤ ε for every pixel; the steepest step is the gradient's sign.
    case linf
    /// ‖y − x‖₂ ≤ ε; the steepest step is the gradient, divided by its norm.
    case l2
    /// Σ|y − x| ≤ ε; the steepest step moves the values with the largest gradients that have room.
    case l1
    /// At most ε values of y differ from x. No step is steepest: this ball is for projecting only.
    case l0
}

extension Engine {
    /// One projected step for each row of y:
    ///
    ///     y ← project(y + step·direction(g)),  direction = sign(g) or g / ‖g‖₂
    ///
    /// where a zero gradient (for L∞: a zero component) moves nothing, and `project` is that of
    /// `project(_:around:in:within:scratch:)`. No row ever leaves the ball or the box, not by a
    /// last bit, as `distances(from:to:)` measures it.
    ///
    /// - Parameters:
    ///   - y: The rows to move, in [0, 1].
    ///   - gradient: Of as many elements.
    ///   - x: The originals, in [0, 1].
    ///   - ball: Which ball, and so which direction.
    ///   - steps: One a row, in pixel units; negative steps go down, 0 stays.
    ///   - epsilons: The radius, one a row, 0 or more; infinity is no bound.
    ///   - share: Among how many of the values that may change an L1 step is spread evenly; with 0 it goes to the
    ///     steepest value as far as there is room, then to the next.
    ///   - limits: Between which values pixels may move, in place of [0, 1]; where one may not change the
    ///     gradient must be 0.
    ///   - scratch: Memory that is kept from call to call.
    /// - Precondition: The sizes agree, x is in [0, 1], and no radius is negative or NaN.
    public func step(
        _ y: inout Tensor, along gradient: Tensor, around x: Tensor, in ball: Ball,
        by steps: [Float], within epsilons: [Float], share: Double = 0,
        limits: PixelLimits = .box, scratch: inout Tensor
    ) {
        precondition(
            gradient.count == y.count && steps.count == y.rowCount,
            "step: \(y.shape), gradient \(gradient.shape), \(steps.count) steps")
        let length = y.rowLength
        gradient.withFloats { g in
            guard let g = g.baseAddress else { return }
            nonisolated(unsafe) let gradients = g
            let spread = max(
                1, Int((share * Double(limits.freeCount(of: length))).rounded(.up)))
            eachRow(&y, around: x, within: epsilons, limits, scratch: &scratch) {
                kernels, y, moved, x, row, epsilon, limits in
                let (g, step) = (gradients + row * length, steps[row])
                switch ball {
                case .linf:
                    kernels.pointee.sign_step(moved, y, g, length, step, 0, 1)
                    kernels.pointee.project_linf(y, moved, x, length, epsilon)
                    if let limits { ck_clamp_to_limits(y, x, length, limits) }
                case .l2:
                    let size = ck_norm_l2(g, length)
                    guard size > 0 else { return }
                    ck_step_l2(moved, y, g, length, Double(step) / size)
                    ck_project_l2(y, moved, x, length, Double(epsilon), limits)
                case .l1:
                    ck_step_l1(
                        moved, y, g, length, Double(step), share > 0 ? spread : 0, x, limits)
                    ck_project_l1(y, moved, x, length, Double(epsilon), limits)
                case .l0:
                    break
                }
            }
        }
    }

    /// Brings each row of y back into the ball of its radius around x, and into [0, 1]: for L∞ and L1
    /// to the nearest point of ball and box; for L2 scaled back onto the ball, then clamped (which
    /// cannot leave it again, as x lies in the box); for L0 the largest changes are kept, of equal
    /// ones the first. The bits of a row within the ball and the box stay.
    ///
    ///     L2:  y ← clamp(x + s·(y − x), 0, 1),  s = min(1, ε / ‖y − x‖₂)
    ///
    /// The distance of the result, as `distances(from:to:)` measures it, is within the radius, not off by
    /// a last bit, for radii from 0 up to no bound at all; see `ck_ball.h` for how that is rounded.
    ///
    /// - Parameters:
    ///   - y: The rows to bring back; of any size, and without a NaN.
    ///   - x: The originals, in [0, 1].
    ///   - ball: Which ball.
    ///   - epsilons: The radius, one a row, 0 or more; infinity is no bound.
    ///   - limits: Between which values pixels may move, in place of [0, 1]. What y holds for one that
    ///     may not change counts for nothing.
    ///   - scratch: Memory that is kept from call to call.
    /// - Precondition: The sizes agree, x is in [0, 1], and no radius is negative or NaN.
    public func project(
        _ y: inout Tensor, around x: Tensor, in ball: Ball, within epsilons: [Float],
        limits: PixelLimits = .box, scratch: inout Tensor
    ) {
        let length = y.rowLength
        eachRow(&y, around: x, within: epsilons, limits, scratch: &scratch) {
            kernels, y, moved, x, _, epsilon, limits in
            switch ball {
            case .linf:
                kernels.pointee.project_linf(y, y, x, length, epsilon)
                if let limits { ck_clamp_to_limits(y, x, length, limits) }
            case .l2:
                moved.update(from: y, count: length)
                ck_project_l2(y, moved, x, length, Double(epsilon), limits)
            case .l1:
                moved.update(from: y, count: length)
                ck_project_l1(y, moved, x, length, Double(epsilon), limits)
            case .l0:
                moved.update(from: y, count: length)
                ck_project_l0(y, moved, x, length, Double(epsilon), limits)
            }
        }
    }

    private func eachRow(
        _ y: inout Tensor, around x: Tensor, within epsilons: [Float], _ limits: PixelLimits,
        scratch: inout Tensor,
        _ body:
            @escaping @Sendable (
                KernelTable, _ y: UnsafeMutablePointer<Float>, _ moved: UnsafeMutablePointer<Float>,
                _ x: UnsafePointer<Float>, _ row: Int, _ epsilon: Float,
                _ limits: UnsafePointer<ck_limits>?
            ) -> Void
    ) {
        precondition(
            y.count == x.count && epsilons.count == y.rowCount
                && limits.count ?? y.rowLength == y.rowLength,
            "Ball: \(y.shape) around \(x.shape), \(epsilons.count) radii")
        if let row = epsilons.firstIndex(where: { !($0 >= 0) }) {
            preconditionFailure("Ball: the radius of row \(row) is \(epsilons[row]), not 0 or more")
        }
        let length = y.rowLength
        scratch.reserve(y.shape)
        x.withFloats { x in
            y.withMutableFloats { y in
                scratch.withMutableFloats { moved in
                    guard let x = x.baseAddress, let y = y.baseAddress,
                        let moved = moved.baseAddress
                    else { return }
                    nonisolated(unsafe) let (from, to, between) = (x, y, moved)
                    limits.withKernelLimits { limits in
                        nonisolated(unsafe) let limits = limits
                        workers.run(tasks: epsilons.count) { row in
                            let start = row * length
                            let outside = ck_first_outside_box(from + start, length)
                            precondition(
                                outside == length,
                                "Ball: element \(outside) of original \(row) is "
                                    + "\(from[start + outside]), not in 0...1")
                            body(
                                kernels, to + start, between + start, from + start, row,
                                epsilons[row], limits)
                        }
                    }
                }
            }
        }
    }
}

/// Functions that are correctly rounded for every input, and so the same on every machine.
public enum Elementary {
    /// The natural logarithm: −∞ for 0, NaN below.
    public static func log(_ x: Float) -> Float { ck_logf(x) }

    /// e to the power of x: 0 and ∞ where it leaves the range.
    public static func exp(_ x: Float) -> Float { ck_expf(x) }
}
