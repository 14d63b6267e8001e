// The network as it grows: layers, their weights, and which operand each name of the graph stands for.

import Formats
import Networks
import Tensors

/// The images should have another shape, since the graph makes maps of them.
struct ImageShapeWish: Error {
    let shape: [Int]
    /// What to say where that cannot be.
    let problem: ONNXProblem
}

/// Layers, weights and names so far.
struct NetworkBuilder {
    let graph: ModelGraph
    /// The size of the batch, as far as shapes in the graph have it in them.
    let batch: Int
    /// [C, H, W].
    let imageShape: [Int]
    /// What each name stands for, as long as a node is still to read it.
    var operands: [String: Operand] = [:]
    private(set) var layers: [any Layer] = []
    private(set) var parameters: [String: Tensor] = [:]
    private(set) var notes: [String] = []
    /// What may still be computed of constants.
    var budget = FoldBudget()
    /// Products whose bias is still zero, and may come with an Add.
    private var openBiases: [String: (channels: Int, output: String)] = [:]
    private var names: Set<String> = []
    private var readersLeft: [String: Int]
    private var weightsLeft = ShapeLimits.count
    /// What layers that bring numbers into another layout have given, by what they read.
    private var layouts: [String: Signal] = [:]

    init(_ graph: ModelGraph, _ input: InputShape, imageShape: [Int]) {
        (self.graph, self.imageShape, batch) = (graph, imageShape, input.batch)
        readersLeft = graph.readers
        operands[graph.input.name] = .signal(
            Signal(
                source: nil, features: .image(imageShape), axes: input.axes,
                order: input.isChannelsLast ? .channelsLast : .channelsFirst))
    }

    /// Says something about what was taken otherwise; the same sentence once.
    mutating func note(_ sentence: String) {
        if !notes.contains(sentence) { notes.append(sentence) }
    }

    /// Lets go of what no later node reads.
    mutating func release(_ node: ModelNode) {
        for name in node.inputs where !name.isEmpty {
            readersLeft[name, default: 1] -= 1
            if readersLeft[name] == 0 { operands[name] = nil }
        }
    }

    /// Takes the last layer away, which has no parameters.
    mutating func dropLast() { layers.removeLast() }

    // MARK: Names

    /// A name for a layer that no other has: that of its weight, so that parameters are called as in
    /// the file; else the node's, else its kind and a number.
    mutating func name(_ node: ModelNode, weight: String? = nil, kind: String) -> String {
        var wanted = node.name
        if let weight, weight.hasSuffix(".weight") { wanted = String(weight.dropLast(7)) }
        let letters = wanted.unicodeScalars
        if letters.isEmpty || letters.count > 120
            || !letters.allSatisfy({ ("!"..."~").contains($0) })
            || names.contains(wanted)
        {
            var number = names.count + 1
            while names.contains("\(kind)\(number)") { number += 1 }
            wanted = "\(kind)\(number)"
        }
        names.insert(wanted)
        return wanted
    }

    // MARK: Layers

    /// Appends a layer that reads `signal`, with its parameters by the names that it gives them. The
    /// graph sees the result as `axes`, or (nil) as it saw the signal. Throws `ONNXProblem.misfit`
    /// where the layer cannot take it.
    mutating func add(
        _ layer: some Layer, _ parameters: [String: Constant] = [:], to signal: Signal,
        axes: [Int]? = nil, _ node: ModelNode
    ) throws(ONNXProblem) -> Signal {
        try add(layer, parameters, to: signal, with: [], axes: axes, node)
    }

    /// The same for a layer that reads other signals beside the first.
    mutating func add(
        _ layer: some Layer, _ parameters: [String: Constant] = [:], to signal: Signal,
        with others: [Signal], axes: [Int]? = nil, _ node: ModelNode
    ) throws(ONNXProblem) -> Signal {
        guard let output = layer.output(of: signal.features, with: others.map(\.features)) else {
            throw node.misfit(
                "it takes \(layer.takes), found "
                    + ([signal] + others).map { "\($0.features)" }.joined(separator: " and "))
        }
        try goBack(to: signal, node)
        guard layers.count < Architecture.mostLayers else {
            throw .limit(
                what: "layers of the network", limit: Architecture.mostLayers,
                found: layers.count + 1)
        }
        _ = try ShapeLimits.count(of: output.shape, node.name)
        for (name, constant) in parameters { try set(name, constant, node) }
        layers.append(layer)
        names.insert(layer.name)
        var result = signal
        (result.source, result.features, result.scaling) = (layer.name, output, nil)
        if let axes { (result.axes, result.order) = (axes, .channelsFirst) }
        return result
    }

    /// Sees to it that the next layer reads a signal, with a branch where the last layer did not give it.
    private mutating func goBack(to signal: Signal, _ node: ModelNode) throws(ONNXProblem) {
        guard signal.source != layers.last?.name else { return }
        guard let source = signal.source else {
            throw node.unsupported(
                "what a layer gives", "the images, which another layer has read as a row")
        }
        layers.append(Branch(name(node, kind: "branch"), of: source))
    }

    /// A layer that reads two signals of one shape; `make` gets the name of the layer that gives the second.
    mutating func join(
        _ a: Signal, _ b: Signal, _ node: ModelNode, _ make: (String) -> some Layer
    ) throws(ONNXProblem) -> Signal {
        let other = try source(of: b, node)
        return try add(make(other), to: a, with: [b], node)
    }

    /// The name of the layer that gives a signal, for another layer that reads it beside its input.
    func source(of signal: Signal, _ node: ModelNode) throws(ONNXProblem) -> String {
        guard let source = signal.source else {
            throw node.unsupported("what layers give", "the images themselves")
        }
        return source
    }

    /// Sets a parameter.
    mutating func set(
        _ name: String, _ constant: Constant, _ node: ModelNode
    ) throws(ONNXProblem) {
        weightsLeft -= constant.count
        guard weightsLeft >= 0 else {
            throw .limit(
                what: "numbers of all weights", limit: ShapeLimits.count,
                found: ShapeLimits.count - weightsLeft)
        }
        parameters[name] = Tensor(shape: constant.shape, values: constant.floats)
        if case .doubles = constant.storage {
            note("weights of double precision are rounded to floats")
        }
    }

    /// Says that a product's bias is zero, and may come with an Add that reads the node's output.
    mutating func leaveBiasOpen(_ layer: String, channels: Int, _ node: ModelNode) {
        openBiases[layer] = (channels, node.outputs.first ?? "")
    }

    /// Takes an Add after a product as its bias, if nobody else reads what is between.
    ///
    /// - Returns: Whether it could.
    mutating func takeBias(
        _ shift: [Double], of signal: Signal, named input: String, _ node: ModelNode
    ) throws(ONNXProblem) -> Bool {
        guard let layer = signal.source, layer == layers.last?.name,
            let (count, output) = openBiases[layer], input == output,
            graph.readers[input] == 1, shift.count == count || shift.count == 1
        else { return false }
        openBiases[layer] = nil
        let values = shift.count == count ? shift : Array(repeating: shift[0], count: count)
        let bias = Constant(shape: [count], .floats(values.map { Float($0) }))
        if let convolution = layers[layers.count - 1] as? Convolution {
            layers[layers.count - 1] = convolution.withBias
        }
        try set("\(layer).bias", bias, node)
        return true
    }

    // MARK: Layouts

    /// The same signal behind its pending normalisation.
    mutating func settled(_ signal: Signal, _ node: ModelNode) throws(ONNXProblem) -> Signal {
        guard let scaling = signal.scaling else { return signal }
        let key = "scaling \(scaling)"
        if var known = layouts[key] {
            (known.axes, known.order) = (signal.axes, signal.order)
            return known
        }
        let isNormal = scaling.scale.allSatisfy { $0 > 0 && $0.isFinite && (1 / $0).isFinite }
        guard isNormal, scaling.shift.allSatisfy(\.isFinite) else {
            // No normalisation has such numbers: channels with a scale and a shift of their own.
            var unscaled = signal
            unscaled.scaling = nil
            let result = try addAffine(
                unscaled, scale: scaling.scale, shift: scaling.shift, node)
            layouts[key] = result
            return result
        }
        let layer = Normalise(
            name(node, kind: "normalise"),
            mean: zip(scaling.shift, scaling.scale).map { -$0 / $1 },
            deviation: scaling.scale.map { 1 / $0 })
        note(
            "the normalisation of pixels is one multiplication and one addition, its constants rounded once"
        )
        let result = try add(layer, to: signal, node)
        layouts[key] = result
        return result
    }

    /// Whether several nodes read the images: they must be a layer's then, so that the others can go back
    /// to it.
    private var isReadTwice: Bool { graph.readers[graph.input.name] ?? 0 > 1 }

    /// The signal behind its pending normalisation and, where it is an image, with channels last in
    /// memory, as layers of maps have it. What the graph sees stays as it is.
    /// An image of a single pixel is a row, and only laid out where `always` says so.
    mutating func laidOut(
        _ signal: Signal, always: Bool = false, _ node: ModelNode
    ) throws(ONNXProblem) -> Signal {
        let result = try settled(signal, node)
        let always = always || isReadTwice
        guard result.features.layout == .channelsFirst,
            always || result.mapShape[1] * result.mapShape[2] > 1
        else { return result }
        let key = "channels last of \(result.source ?? "")"
        if var known = layouts[key] {
            (known.axes, known.order) = (signal.axes, signal.order)
            return known
        }
        let new = try add(ChannelsLast(name(node, kind: "pixels")), to: result, node)
        layouts[key] = new
        return new
    }

    /// The signal as maps [C, H, W] in our layout; where a layer gives the numbers in another shape, they
    /// are brought into this one.
    ///
    /// - Throws: `ImageShapeWish` where the images would have to have another shape.
    mutating func maps(_ signal: Signal, _ node: ModelNode) throws -> Signal {
        let signal = try inGraphOrder(signal, node)
        guard let wanted = signal.maps else {
            throw node.unsupported("maps [N, C, H, W]", signal.words)
        }
        if signal.source == nil, imageShape != wanted {
            throw ImageShapeWish(
                shape: wanted,
                problem: node.unsupported("maps \(wanted)", "\(signal.features) from the images"))
        }
        let result = try laidOut(signal, always: true, node)
        if result.features.layout == .channelsLast, result.features.shape == wanted {
            return result
        }
        guard result.features.count == wanted.reduce(1, *) else {
            throw node.unsupported("maps \(wanted)", result.words)
        }
        let key = "maps \(wanted) of \(result.source ?? "")"
        if var known = layouts[key] {
            known.axes = signal.axes
            return known
        }
        let row = result.features.isFlat ? result : try flattened(result, node)
        let new = try add(
            Unflatten(name(node, kind: "maps"), shape: wanted), to: row, axes: signal.axes, node)
        layouts[key] = new
        return new
    }

    /// The signal as maps or as a row with a number for each channel, for a layer that has parameters
    /// for each.
    mutating func channels(_ signal: Signal, _ node: ModelNode) throws -> Signal {
        if signal.axes.count > 1 {
            if signal.features.layout == .vector, signal.channelAxis != nil { return signal }
            return try maps(signal, node)
        }
        let (row, places) = try row(signal, node)
        guard places == nil else {
            throw node.unsupported("a row in the order [C, H, W]", signal.words)
        }
        return row.features.layout == .vector ? row : try flattened(row, node)
    }

    /// The signal as numbers in a row that a fully connected layer can read, and where each number of
    /// the graph's order is found in ours; nil where both are one.
    mutating func row(
        _ signal: Signal, _ node: ModelNode
    ) throws(ONNXProblem) -> (signal: Signal, places: [Int]?) {
        var result = try settled(signal, node)
        if result.source == nil, isReadTwice { result = try laidOut(result, node) }
        var places: [Int]?
        if result.order == .channelsLast {
            let shape = result.mapShape
            let pixels = shape[1] * shape[2]
            places = (0..<pixels * shape[0]).map { $0 % shape[0] * pixels + $0 / shape[0] }
        }
        if !result.features.isFlat { result = try flattened(result, node) }
        (result.axes, result.order) = ([result.features.count], .channelsFirst)
        return (result, places)
    }

    /// The signal as a row in PyTorch's order.
    mutating func flattened(_ signal: Signal, _ node: ModelNode) throws(ONNXProblem) -> Signal {
        let key = "row of \(signal.source ?? "")"
        if let known = layouts[key] { return known }
        let result = try add(
            Flatten(name(node, kind: "flatten")), to: signal, axes: [signal.features.count], node)
        layouts[key] = result
        return result
    }
}

extension Convolution {
    /// The same with a bias.
    var withBias: Convolution {
        Convolution(
            name, inputs: inputs, outputs: outputs, kernel: kernel, stride: stride,
            padding: padding,
            dilation: dilation, groups: groups)
    }
}
