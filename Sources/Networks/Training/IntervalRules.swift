// Which layers lead intervals through, and how.

import Tensors

/// What a layer does to intervals.
enum IntervalRule: Sendable {
    /// y = W·x + b: the centre likewise, the radius by |W| and without b.
    case product
    /// A map that no weight and no shift is in: the same for centre and radius.
    case same
    /// A scaling with a shift: the radius by another layer, the same without the shift.
    case scaling(radius: any Layer)
    /// max(x, 0), of both ends.
    case relu
    /// A function that falls nowhere, of both ends.
    case rising

    /// The kinds of layers that have a rule.
    static let known = [
        "convolution", "linear", "channels-last", "flatten", "unflatten", "normalise",
        "average-pool", "global-average-pool", "max-pool", "relu", "relu6", "leaky-relu", "sigmoid",
        "tanh", "clip",
    ]

    /// The rule of a layer; nil for one that has none.
    init?(_ layer: any Layer) {
        switch layer {
        case is Convolution, is Linear: self = .product
        case is ChannelsLast, is Flatten, is Unflatten, is AveragePool, is GlobalAveragePool:
            self = .same
        case let layer as Normalise:
            self = .scaling(
                radius: Normalise(
                    layer.name, mean: layer.mean.map { _ in 0 }, deviation: layer.deviation))
        case is ReLU: self = .relu
        case let layer as LeakyReLU where layer.slope >= 0: self = .rising
        case is ReLU6, is Sigmoid, is Tanh, is Clip, is MaxPool: self = .rising
        default: return nil
        }
    }
}
