// What a network expects of its pixels, as the first layers of the network itself.

/// How pixels in [0, 1] become what a network reads: y[c] = (x[order(c)] − mean[c]) / deviation[c], where
/// the order is that of the image or its reverse (RGB or BGR).
///
/// A range [a, b] is the mean −a / (b − a) with the deviation 1 / (b − a): pixels of 0…255 are a mean
/// of 0 and a deviation of 1/255.
public struct Preprocessing: Equatable, Sendable {
    /// Of each channel as the network reads it.
    public var mean: [Double]
    /// Of each channel, above 0.
    public var deviation: [Double]
    /// Whether the network reads the last channel first.
    public var isReversed: Bool

    /// - Precondition: As many means as deviations, which are above 0.
    public init(mean: [Double], deviation: [Double], isReversed: Bool = false) {
        precondition(
            mean.count == deviation.count && deviation.allSatisfy { $0 > 0 },
            "Preprocessing: means \(mean), deviations \(deviation)")
        (self.mean, self.deviation, self.isReversed) = (mean, deviation, isReversed)
    }

    /// Pixels as they are.
    public static func none(channels: Int) -> Preprocessing {
        Preprocessing(
            mean: Array(repeating: 0, count: channels),
            deviation: Array(repeating: 1, count: channels))
    }

    /// Whether pixels stay as they are.
    public var isNone: Bool {
        !isReversed && mean.allSatisfy { $0 == 0 } && deviation.allSatisfy { $0 == 1 }
    }

    /// This one, then another, which reads what this one gives in the same order.
    public func followed(mean next: [Double], deviation scale: [Double]) -> Preprocessing {
        Preprocessing(
            mean: zip(mean, zip(deviation, next)).map { $0 + $1.0 * $1.1 },
            deviation: zip(deviation, scale).map { $0 * $1 }, isReversed: isReversed)
    }
}

extension Architecture {
    /// The normalisation that the network has by itself: its first layer, if that is one.
    public var ownNormalisation: Preprocessing? {
        (layers.first as? Normalise).map {
            Preprocessing(mean: $0.mean, deviation: $0.deviation)
        }
    }

    /// The network with a preprocessing before its first layer, which takes in a normalisation that it
    /// has already. Layers keep their names, so that its weights are those of this one.
    ///
    /// - Parameter preprocessing: What comes first.
    /// - Returns: A network that reads pixels in [0, 1].
    /// - Throws: `NetworkFault` where the numbers of channels differ, or where layers cannot follow.
    public func preceded(by preprocessing: Preprocessing) throws -> Architecture {
        guard preprocessing.mean.count == imageShape.first else {
            throw NetworkFault.wrongForm(
                layer: name, word: "normalise",
                what:
                    "expected \(imageShape.first ?? 0) means and deviations, one a channel, found "
                    + "\(preprocessing.mean.count)")
        }
        var all = preprocessing
        var rest = zip(layers, written).map { layer, written in
            var named = written
            named.name = layer.name
            return named
        }
        var first: [WrittenLayer] = []
        var pixels: String?
        if let own = layers.first as? Normalise {
            all = preprocessing.followed(mean: own.mean, deviation: own.deviation)
            pixels = rest.removeFirst().name
        } else if layers.first is ChannelsLast {
            pixels = rest.removeFirst().name
        }
        if all.isReversed {
            let order = (0..<all.mean.count).reversed().map { LayerValue.integer($0) }
            first.append(WrittenLayer(Reorder.word, name: "reversed_channels", value: .list(order)))
        }
        all.isReversed = false
        if !all.isNone {
            first.append(
                WrittenLayer(
                    Normalise.word, name: pixels ?? "normalised_pixels",
                    settings: [
                        "mean": .list(all.mean.map { .number($0) }),
                        "deviation": .list(all.deviation.map { .number($0) }),
                    ]))
        } else if let pixels {
            first.append(WrittenLayer(ChannelsLast.word, name: pixels))
        }
        return try Architecture(name, imageShape: imageShape, written: first + rest)
    }
}
