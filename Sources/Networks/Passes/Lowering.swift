// From layers to operations on values: every layer gives one, but for those that move nothing.

extension Graph {
    /// The operations of an architecture's layers, none of them fused.
    init(lowering architecture: Architecture, in setting: RunSetting) {
        let features = architecture.features
        self.init(images: features[0])
        var outputs: [String: Value] = [:]
        var x = images
        for (index, layer) in architecture.layers.enumerated() {
            if let operation = layer.operation(on: features[index], in: setting) {
                // Nothing asks an operation for the gradient at its second input.
                precondition(
                    layer.skip == nil || operation.passesGradient,
                    "layer \(layer.name): a \(layer.kind) with a skip connection must pass its "
                        + "gradient on as it is")
                let skip = layer.skip.map { source in
                    guard let output = outputs[source] else {
                        preconditionFailure(
                            "layer \(layer.name) adds \(source), which comes later or never")
                    }
                    return output
                }
                let y = newValue(features[index + 1])
                nodes.append(
                    Node(
                        step: Step(operation: operation, layers: [layer]), input: x, skip: skip,
                        output: y))
                x = y
            } else {
                x = Value(number: x.number, features: features[index + 1])
            }
            outputs[layer.name] = x
        }
        logits = x
    }
}
