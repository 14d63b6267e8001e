// Networks that are written down: from forms to layers and back.

/// A layer as somebody wrote it, perhaps without a name.
public struct WrittenLayer: Equatable, Sendable {
    /// What it is: "conv".
    public var word: String
    /// What it is called, if that is said.
    public var name: String?
    /// What stands at the word.
    public var value: LayerValue?
    /// The other settings.
    public var settings: [String: LayerValue]

    /// A layer as it stands there.
    public init(
        _ word: String, name: String? = nil, value: LayerValue? = nil,
        settings: [String: LayerValue] = [:]
    ) {
        (self.word, self.name, self.value, self.settings) = (word, name, value, settings)
    }
}

extension Architecture {
    /// The most layers that a network may have.
    public static let mostLayers = 100_000
    /// The most numbers of an image, and the most that a layer may make of one: a gigabyte of floats.
    public static let mostFeatures = 1 << 28

    /// Builds a network that is written down.
    ///
    /// Channels and lengths that a layer reads are those that the one before it gives. Where a layer
    /// reads maps and is the first to do so, a `ChannelsLast` is put before it; where one reads a row and
    /// finds maps, a `Flatten`. A layer without a name is called after its kind and number, "conv2".
    ///
    /// - Parameters:
    ///   - name: What messages call it.
    ///   - imageShape: [C, H, W].
    ///   - written: First to last.
    /// - Throws: `NetworkFault` for a layer that is no layer, does not fit, or has sizes out of
    ///   all proportion.
    public init(_ name: String, imageShape: [Int], written: [WrittenLayer]) throws {
        guard written.count <= Self.mostLayers else {
            throw NetworkFault.wrongForm(
                layer: name, word: "layers",
                what: "there are \(written.count), expected at most \(Self.mostLayers)")
        }
        var reader = try FormReader(name, imageShape: imageShape)
        for layer in written { try reader.add(layer) }
        try self.init(name, imageShape: imageShape, layers: reader.layers)
    }

    /// The layers as they are written down: what gives this network again.
    public var written: [WrittenLayer] {
        var ordinals: [String: Int] = [:]
        return layers.map { layer in
            let type = type(of: layer)
            ordinals[type.stem, default: 0] += 1
            var form = LayerForm(type.word, name: layer.name)
            layer.write(to: &form)
            let usual = Layers.name(type, ordinals[type.stem] ?? 1)
            return WrittenLayer(
                form.word, name: layer.name == usual ? nil : layer.name, value: form.value,
                settings: form.settings)
        }
    }
}

/// Layers so far, of a network that is being read.
private struct FormReader {
    private(set) var layers: [any Layer] = []
    private var shapes: ShapeInference
    private var ordinals: [String: Int] = [:]

    init(_ name: String, imageShape: [Int]) throws {
        guard imageShape.count == 3, imageShape.allSatisfy({ $0 > 0 }),
            LayerForm.product(imageShape, atMost: Architecture.mostFeatures) != nil
        else {
            throw NetworkFault.wrongForm(
                layer: name, word: "image",
                what: "expected sizes [channels, height, width] from 1 on and at most "
                    + "\(Architecture.mostFeatures) numbers, found \(imageShape)")
        }
        shapes = ShapeInference(name, imageShape)
    }

    mutating func add(_ written: WrittenLayer) throws {
        guard let type = Layers.byWord[written.word] else {
            throw NetworkFault.wrongForm(
                layer: written.name ?? "number \(layers.count + 1)", word: written.word,
                what: "there is no such layer, only \(Layers.words.joined(separator: ", "))")
        }
        let name = written.name ?? usualName(type)
        guard !name.isEmpty, name.utf8.count <= 1000, !name.utf8.contains(where: { $0 < 32 }) else {
            throw NetworkFault.wrongForm(
                layer: String(name.prefix(40)), word: written.word,
                what: "a name has 1 to 1000 bytes and no control characters")
        }
        let form = LayerForm(
            written.word, name: name, value: written.value, settings: written.settings)
        var layer = try read(form, as: type)
        if !shapes.fits(layer), let bridge = bridge(for: type) {
            try append(read(LayerForm(bridge.word, name: usualName(bridge)), as: bridge))
            layer = try read(form, as: type)
        }
        try append(layer)
    }

    private func read(_ form: LayerForm, as type: any Layer.Type) throws -> any Layer {
        var rest = form
        let layer = try type.init(reading: &rest, on: shapes.last)
        try rest.finish(known: form)
        return layer
    }

    private mutating func append(_ layer: any Layer) throws {
        let output = try shapes.add(layer)
        guard output.shape.allSatisfy({ $0 > 0 }),
            LayerForm.product(output.shape, atMost: Architecture.mostFeatures) != nil
        else {
            throw NetworkFault.wrongForm(
                layer: layer.name, word: Swift.type(of: layer).word,
                what: "it gives \(output.shape), expected at most \(Architecture.mostFeatures) "
                    + "numbers for an image")
        }
        layers.append(layer)
        ordinals[Swift.type(of: layer).stem, default: 0] += 1
    }

    /// The layer that brings numbers to the layout in which a layer of this type reads them.
    private func bridge(for type: any Layer.Type) -> (any Layer.Type)? {
        if shapes.last.layout == .channelsFirst, type != ChannelsLast.self {
            return ChannelsLast.self
        }
        return shapes.last.layout == .channelsLast && type == Linear.self ? Flatten.self : nil
    }

    /// A name by kind and number.
    private func usualName(_ type: any Layer.Type) -> String {
        Layers.name(type, ordinals[type.stem, default: 0] + 1)
    }
}
