// From values to buffers: a buffer is used again as soon as nobody will read what it holds.

import Tensors

/// What a pass does, and the buffers it takes. Buffer 0 holds the batch of images.
struct Plan: Sendable {
    let steps: [Step]
    let forward: [Instruction]
    let backward: [Instruction]
    let logits: Place
    /// The gradient of the logits.
    let seed: Place
    /// The gradient at the pixels; nil in training.
    let pixelGradient: Place?
    /// Floats of each buffer for one image; 0 for that of the images.
    let lengths: [Int]
    /// Whether the backward pass reads the images.
    let keepsImages: Bool
    /// Whether the backward pass reads the logits.
    let keepsLogits: Bool

    /// Gives every value of a graph a buffer. What the backward pass reads of the forward pass
    /// stays where it is, so that several gradients can follow one forward pass; images, logits
    /// and the gradients of both have buffers that nothing else uses, since callers share them.
    init(_ graph: Graph) {
        let instructions = graph.forward + graph.backward
        var lastUse: [Int: Int] = [:]
        for (time, instruction) in instructions.enumerated() {
            for place in instruction.places { lastUse[place.buffer] = time }
        }
        let read = Set(graph.backward.flatMap(\.places).map(\.buffer))
        for place in graph.forward.flatMap(\.places) where read.contains(place.buffer) {
            lastUse[place.buffer] = .max
        }
        let shared = [graph.logits, graph.seed] + [graph.pixelGradient].compactMap { $0 }
        let own = [0] + shared.map(\.buffer)
        var lengths = [0] + shared.map(\.count)
        var home = Dictionary(zip(own, 0...)) { first, _ in first }
        var free: [Int] = []
        for (time, instruction) in instructions.enumerated() {
            if let target = instruction.target, home[target.buffer] == nil {
                home[target.buffer] = Self.take(target.count, from: &free, lengths: &lengths)
            }
            for value in Set(instruction.places.map(\.buffer)).sorted()
            where lastUse[value] == time && !own.contains(value) {
                if let buffer = home[value] { free.append(buffer) }
            }
        }
        func buffer(_ value: Int) -> Int {
            guard let buffer = home[value] else {
                preconditionFailure("value \(value) is read and nothing gives it")
            }
            return buffer
        }
        func place(_ place: Place) -> Place {
            Place(buffer: buffer(place.buffer), axes: place.axes)
        }
        steps = graph.steps
        forward = graph.forward.map { $0.moved(to: buffer) }
        backward = graph.backward.map { $0.moved(to: buffer) }
        logits = place(graph.logits)
        seed = place(graph.seed)
        pixelGradient = graph.pixelGradient.map(place)
        keepsImages = read.contains(0)
        keepsLogits = read.contains(graph.logits.buffer)
        self.lengths = lengths
    }

    /// The free buffer that fits best: the smallest that is large enough, else the largest, which
    /// grows; a new one if none is free.
    private static func take(
        _ count: Int, from free: inout [Int], lengths: inout [Int]
    ) -> Int {
        let fitting = free.filter { lengths[$0] >= count }.min { lengths[$0] < lengths[$1] }
        guard let chosen = fitting ?? free.max(by: { lengths[$0] < lengths[$1] }) else {
            lengths.append(count)
            return lengths.count - 1
        }
        free.removeAll { $0 == chosen }
        lengths[chosen] = max(lengths[chosen], count)
        return chosen
    }
}
