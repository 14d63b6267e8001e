// From layers to operations on values: every layer gives one, but for those that move nothing.

extension Graph {
    /// The operations of an architecture's layers, none of them fused.
    init(lowering architecture: Architecture, in setting: RunSetting) {
        self.init(images: architecture.features[0])
        var outputs: [String: Value] = [:]
        var x = images
        for (index, layer) in architecture.layers.enumerated() {
            func earlier(_ source: String) -> Value {
                guard let output = outputs[source] else {
                    preconditionFailure(
                        "layer \(layer.name) reads \(source), which comes later or never")
                }
                return output
            }
            x = layer.input.map(earlier) ?? x
            let others = layer.otherInputs.map(earlier)
            let features = architecture.features[index + 1]
            if let operation = layer.operation(
                on: x.features, with: others.map(\.features), in: setting)
            {
                precondition(
                    others.isEmpty || operation.passesGradient || operation.givesOtherGradients,
                    "layer \(layer.name): a \(layer.kind) that reads more than one layer must give "
                        + "a gradient to each")
                let y = newValue(features)
                nodes.append(
                    Node(
                        step: Step(operation: operation, layers: [layer]), input: x,
                        others: others, output: y))
                x = y
            } else {
                x = Value(number: x.number, features: features)
            }
            outputs[layer.name] = x
        }
        logits = x
    }
}
