// Layers that bring numbers to other places.

import Networks
import Tensors

extension BoundPart {
    /// The numbers of a step that computes none: which place each comes from is read off by running it on
    /// the numbers of the places.
    fileprivate static func places(of step: ExecutedStep) -> [BoundPart]? {
        let count = step.input.features.count
        // Every number of a place must be a float.
        guard count <= 1 << 24, step.others.isEmpty else { return [.growing(step, nil)] }
        let numbers = Tensor(shape: [1, count], values: (0..<count).map { Float($0) })
        let sources = step.run(numbers).values.map { Int($0) }
        return [.gather(Places(sources, of: count), sources: sources)]
    }

    /// [C, H, W] → [H, W, C].
    static func gather(toChannelsLast shape: [Int]) -> BoundPart {
        let (channels, pixels) = (shape[0], shape[1] * shape[2])
        let sources = (0..<channels * pixels).map { $0 % channels * pixels + $0 / channels }
        return .gather(Places(sources, of: channels * pixels), sources: sources)
    }
}

extension ChannelsLast: BoundedLayer {
    func bounds(of step: ExecutedStep) -> [BoundPart]? { BoundPart.places(of: step) }
}

extension Flatten: BoundedLayer {
    func bounds(of step: ExecutedStep) -> [BoundPart]? { BoundPart.places(of: step) }
}

extension Unflatten: BoundedLayer {
    func bounds(of step: ExecutedStep) -> [BoundPart]? { BoundPart.places(of: step) }
}

extension Permute: BoundedLayer {
    func bounds(of step: ExecutedStep) -> [BoundPart]? { BoundPart.places(of: step) }
}

extension Reorder: BoundedLayer {
    func bounds(of step: ExecutedStep) -> [BoundPart]? { BoundPart.places(of: step) }
}

extension Select: BoundedLayer {
    func bounds(of step: ExecutedStep) -> [BoundPart]? { BoundPart.places(of: step) }
}
