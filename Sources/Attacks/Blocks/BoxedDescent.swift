// L-BFGS within bounds, one evaluation at a time.

import Tensors

/// A descent of one point within its limits, told its value and slope one evaluation at a time.
struct BoxedDescent: Sendable {
    /// Whether the goal held at the last point that was accepted.
    private(set) var hasReached = false

    private let memory: Int
    private let limit: Int
    /// Between which values each value may move.
    private let lower: [Float]
    private let upper: [Float]
    private var point: [Float]
    private var value = Double.infinity
    private var slope: [Float] = []
    private var pairs: [(step: [Float], change: [Float], product: Double)] = []
    private var iterations = 0
    // The line search: the direction, how far along it, and the point there.
    private var direction: [Float] = []
    private var share = 1.0
    private var halvings = 0
    private var trial: [Float]

    /// From an image.
    init(_ point: [Float], limits: PixelLimits, memory: Int, iterations: Int) {
        (self.point, trial) = (point, point)
        lower = point.indices.map { limits.lower($0, around: point[$0]) }
        upper = point.indices.map { limits.upper($0, around: point[$0]) }
        self.memory = memory
        limit = iterations
    }

    /// Takes the value and slope at the point that was asked for; the next one, or nil at the end.
    mutating func take(value found: Double, slope foundSlope: [Float], reached: Bool) -> [Float]? {
        if slope.isEmpty {
            accept(found, foundSlope, reached)
            return begin()
        }
        // Armijo's rule along the projected path.
        let gain = Self.dot(slope, Self.difference(trial, point))
        if found <= value + 1e-4 * gain && gain < 0 {
            remember(foundSlope)
            let fall = value - found
            accept(found, foundSlope, reached)
            iterations += 1
            // No more to gain than rounding hides.
            if iterations == limit || fall <= 1e-7 * max(1e-3, abs(found)) { return nil }
            return begin()
        }
        halvings += 1
        guard halvings < 20 else {
            // The remembered pairs may mislead; once more along the slope itself.
            guard !pairs.isEmpty else { return nil }
            pairs = []
            return begin()
        }
        share *= 0.5
        return step()
    }

    private mutating func accept(_ found: Double, _ foundSlope: [Float], _ reached: Bool) {
        (point, value, slope, hasReached) = (trial, found, foundSlope, reached)
    }

    private mutating func remember(_ newSlope: [Float]) {
        let step = Self.difference(trial, point)
        let change = Self.difference(newSlope, slope)
        let product = Self.dot(step, change)
        guard product > 1e-12 * Self.dot(change, change) && product > 0 else { return }
        if pairs.count == memory { pairs.removeFirst() }
        pairs.append((step, change, product))
    }

    /// A new direction, and the first point along it; nil where nothing is free to move.
    private mutating func begin() -> [Float]? {
        let isHeld = point.indices.map {
            (point[$0] <= lower[$0] && slope[$0] > 0)
                || (point[$0] >= upper[$0] && slope[$0] < 0)
        }
        let free = slope.indices.map { isHeld[$0] ? 0 : slope[$0] }
        let size = Self.dot(free, free).squareRoot()
        guard size > 1e-7 else { return nil }
        direction = newton(free, isHeld)
        share = 1
        if Self.dot(direction, slope) > -1e-10 * size * size {
            pairs = []
            direction = free.map { -$0 }
        }
        // Without a memory the slope says nothing of how far.
        if pairs.isEmpty { share = min(1, 1 / size) }
        halvings = 0
        return step()
    }

    /// Minus the inverse Hessian times the slope, by the two loops over the pairs, among the free
    /// values.
    private func newton(_ free: [Float], _ isHeld: [Bool]) -> [Float] {
        var q = free
        var factors: [Double] = []
        for pair in pairs.reversed() {
            let factor = Self.dot(pair.step, q) / pair.product
            factors.append(factor)
            Self.add(&q, -factor, pair.change)
        }
        if let last = pairs.last {
            let scale = last.product / Self.dot(last.change, last.change)
            for index in q.indices { q[index] = Float(scale * Double(q[index])) }
        }
        for (pair, factor) in zip(pairs, factors.reversed()) {
            let back = Self.dot(pair.change, q) / pair.product
            Self.add(&q, factor - back, pair.step)
        }
        return q.indices.map { isHeld[$0] ? 0 : -q[$0] }
    }

    private mutating func step() -> [Float] {
        trial = point.indices.map {
            min(
                max(Float(Double(point[$0]) + share * Double(direction[$0])), lower[$0]), upper[$0])
        }
        return trial
    }

    private static func difference(_ a: [Float], _ b: [Float]) -> [Float] {
        a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in a.indices.map { a[$0] - b[$0] } }
        }
    }

    private static func dot(_ a: [Float], _ b: [Float]) -> Double {
        RowProduct.dot(a, b)
    }

    private static func add(_ a: inout [Float], _ scale: Double, _ b: [Float]) {
        a.withUnsafeMutableBufferPointer { a in
            b.withUnsafeBufferPointer { b in
                for index in a.indices {
                    a[index] = Float(Double(a[index]) + scale * Double(b[index]))
                }
            }
        }
    }
}
