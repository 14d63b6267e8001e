// Sums, means, products and extremes of constants along axes.

extension FoldedOperators {
    enum Reduction: Sendable { case sum, mean, product, minimum, maximum }

    /// Along the axes named; along all where none is.
    static func reduce(_ reduction: Reduction) -> Function {
        { call, budget in
            let node = call.node
            let input = try call.constant(0)
            let rank = input.shape.count
            var gone = Set(try call.axes(rank: rank) ?? [])
            if gone.isEmpty {
                if try node.int("noop_with_empty_axes") ?? 0 != 0 { return input }
                gone = Set(0..<rank)
            }
            try budget.take(input.count)
            let kept = input.shape.indices.map { gone.contains($0) ? 1 : input.shape[$0] }
            guard input.count > 0 else { throw node.misfit("it reads \(input.shape), no number") }
            var values = Array(repeating: start(reduction), count: kept.reduce(1, *))
            for (index, place) in places(kept, in: input.shape).enumerated() {
                values[place] = combine(reduction, values[place], input.double(at: index))
            }
            if reduction == .mean {
                let count = Double(input.count / values.count)
                values = values.map { $0 / count }
            }
            let keeps = try node.int("keepdims") ?? 1 != 0
            let shape =
                keeps ? kept : kept.indices.filter { !gone.contains($0) }.map { kept[$0] }
            guard input.element != .integer || values.allSatisfy({ abs($0) < 0x1p53 }) else {
                throw node.misfit("its whole numbers overflow")
            }
            return .rounded(values, shape: shape, input.element)
        }
    }

    private static func start(_ reduction: Reduction) -> Double {
        switch reduction {
        case .sum, .mean: 0
        case .product: 1
        case .minimum: .infinity
        case .maximum: -.infinity
        }
    }

    private static func combine(_ reduction: Reduction, _ x: Double, _ y: Double) -> Double {
        switch reduction {
        case .sum, .mean: x + y
        case .product: x * y
        case .minimum: min(x, y)
        case .maximum: max(x, y)
        }
    }
}
