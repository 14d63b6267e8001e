// What the layers have in common that bring numbers to other places.

import Tensors

/// Each number of y is one of x's; the gradient at x is the sum over its readers in y, in the order
/// of memory.
struct Gathering: Operation {
    let engine: Engine
    private let places: Places
    private let inputAxes: [Int], outputAxes: [Int]

    /// `source` gives for a place of y, counted as PyTorch does, (C, H, W), the place of x, counted so.
    init(
        from input: Features, to output: Features, engine: Engine, source: (Int) -> Int
    ) {
        self.engine = engine
        (inputAxes, outputAxes) = (input.axes, output.axes)
        let memory = input.memoryPlaces
        var places = [Int](repeating: 0, count: output.count)
        for (place, target) in output.memoryPlaces.enumerated() {
            places[target] = memory[source(place)]
        }
        self.places = Places(places, of: input.count)
    }

    /// Whether nothing moves, so that a layer needs no operation.
    var movesNothing: Bool { places.isIdentity }

    func forward(_ x: Tensor, into y: inout Tensor, context: inout OperationContext) {
        engine.gather(x, at: places, axes: outputAxes, into: &y)
    }

    func inputGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor, context: inout OperationContext
    ) {
        engine.gatherGradient(dy, at: places, axes: inputAxes, into: &dx)
    }
}

extension Features {
    /// Maps [C, H, W], or a vector [F].
    ///
    /// - Precondition: One or three sizes.
    static func maps(orVector shape: [Int]) -> Features {
        shape.count == 1
            ? .vector(shape[0]) : .maps(channels: shape[0], height: shape[1], width: shape[2])
    }

    /// For each number in PyTorch's order, (C, H, W), where it lies in memory.
    var memoryPlaces: [Int] {
        guard let maps else { return Array(0..<count) }
        let pixels = maps.height * maps.width
        return (0..<count).map { $0 % pixels * maps.channels + $0 / pixels }
    }
}
