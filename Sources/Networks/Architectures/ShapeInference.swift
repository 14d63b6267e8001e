// What goes from layer to layer, found out layer by layer.

/// The shapes in a network, as far as it is built.
struct ShapeInference {
    private let name: String
    /// What each layer takes.
    private(set) var inputs: [Features] = []
    /// The images, and what each layer gives.
    private(set) var features: [Features]
    private var outputs: [String: Features] = [:]
    private var before = "the images"
    private var lastName = "(none)"

    init(_ name: String, _ imageShape: [Int]) {
        self.name = name
        features = [.image(imageShape)]
    }

    /// What the last layer so far gives.
    var last: Features { features[features.count - 1] }

    /// Whether a layer could come next. One that reads layers which are not there is `add`'s to refuse.
    func fits(_ layer: any Layer) -> Bool {
        let others = layer.otherInputs.compactMap { outputs[$0] }
        let input = layer.input.map { outputs[$0] } ?? last
        guard others.count == layer.otherInputs.count, let input else { return true }
        return layer.output(of: input, with: others) != nil
    }

    /// Puts a layer behind the others.
    ///
    /// - Parameters:
    ///   - layer: The next one.
    ///   - all: All layers, for a message about those that come later.
    /// - Returns: What it gives.
    /// - Throws: `NetworkFault.misfit` for one that cannot take what it reads, that has the name of
    ///   another, or that reads a layer which does not come before it.
    @discardableResult
    mutating func add(_ layer: any Layer, of all: [any Layer] = []) throws -> Features {
        guard outputs[layer.name] == nil else {
            throw misfit(layer.name, expected: "a name of its own", found: "two of this name")
        }
        func earlier(_ source: String) throws -> Features {
            if let output = outputs[source] { return output }
            let isLater = all.contains { $0.name == source }
            throw misfit(
                layer.name, expected: "what an earlier layer gave",
                found: "“\(source)”" + (isLater ? ", which does not come before it" : ""))
        }
        let input = try layer.input.map(earlier) ?? last
        if let source = layer.input { before = "layer \(source)" }
        let others = try layer.otherInputs.map(earlier)
        guard let output = layer.output(of: input, with: others) else {
            let sources = zip(others, layer.otherInputs).map { " and \($0) from layer \($1)" }
            throw misfit(
                layer.name, expected: layer.takes,
                found: "\(input) from \(before)" + sources.joined())
        }
        outputs[layer.name] = output
        inputs.append(input)
        features.append(output)
        before = "layer \(layer.name)"
        lastName = layer.name
        return output
    }

    /// Refuses a network that does not end in a row of logits.
    func finish() throws {
        guard last.layout == .vector else {
            throw misfit(
                lastName, expected: "a last layer that gives a row of logits",
                found: "\(last) from \(before)")
        }
    }

    private func misfit(_ layer: String, expected: String, found: String) -> NetworkFault {
        .misfit(architecture: name, layer: layer, expected: expected, found: found)
    }
}
