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
    /// For each channel behind the layers `Reorder` with which the network begins, the image's; and how
    /// many such layers there are.
    var channelOrder: (order: [Int], layers: Int) {
        let reorders = layers.prefix { $0 is Reorder }.compactMap { $0 as? Reorder }
        let order = reorders.reduce(Array(0..<(imageShape.first ?? 0))) { order, next in
            next.order.map { order[$0] }
        }
        return (order, reorders.count)
    }

    /// The normalisation that the network has by itself: its first layer, if that is one, or the one
    /// behind a `Reorder` that reverses the channels. Nil for channels in any other order.
    public var ownNormalisation: Preprocessing? {
        let (order, count) = channelOrder
        let plain = Array(0..<order.count)
        guard let own = layers.dropFirst(count).first as? Normalise,
            order == plain || order == plain.reversed()
        else { return nil }
        return Preprocessing(
            mean: own.mean, deviation: own.deviation, isReversed: order != plain)
    }

    /// The network with a preprocessing before its first layer, which takes in the order of channels and
    /// the normalisation that it has already. Layers keep their names, so that its weights are those of
    /// this one.
    ///
    /// - Parameter preprocessing: What comes first.
    /// - Returns: A network that reads pixels in [0, 1].
    /// - Throws: `NetworkFault` where the numbers of channels differ, or where layers cannot follow: one
    ///   that reads a `Reorder` by name, say, which is taken in.
    public func preceded(by preprocessing: Preprocessing) throws -> Architecture {
        guard preprocessing.mean.count == imageShape.first else {
            throw NetworkFault.wrongForm(
                layer: name, word: "normalise",
                what:
                    "expected \(imageShape.first ?? 0) means and deviations, one a channel, found "
                    + "\(preprocessing.mean.count)")
        }
        var names = Set(layers.map(\.name))
        func unused(_ name: String) -> String {
            var name = name
            while !names.insert(name).inserted { name += "_" }
            return name
        }
        var rest = zip(layers, written).map { layer, written in
            var named = written
            named.name = layer.name
            return named
        }
        let (inner, reorders) = channelOrder
        let plain = Array(0..<inner.count)
        let outer = preprocessing.isReversed ? Array(plain.reversed()) : plain
        let order = inner.map { outer[$0] }
        var all = Preprocessing(
            mean: inner.map { preprocessing.mean[$0] },
            deviation: inner.map { preprocessing.deviation[$0] })
        var first: [WrittenLayer] = []
        if order != plain {
            // What a Reorder of its own gives stays the same only where no number changes before it.
            let name =
                reorders > 0 && all.isNone
                ? layers[reorders - 1].name : unused("reversed_channels")
            first.append(
                WrittenLayer(Reorder.word, name: name, value: LayerForm.list(order)))
        }
        rest.removeFirst(reorders)
        var pixels: String?
        let head = layers.dropFirst(reorders).first
        if let own = head as? Normalise {
            all = all.followed(mean: own.mean, deviation: own.deviation)
            pixels = rest.removeFirst().name
        } else if head is ChannelsLast {
            pixels = rest.removeFirst().name
        }
        if !all.isNone {
            first.append(
                WrittenLayer(
                    Normalise.word, name: pixels ?? unused("normalised_pixels"),
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
