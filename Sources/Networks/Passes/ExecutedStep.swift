// A network as its passes carry it out, for those that reason about it: which operation follows which,
// with the numbers that it multiplies by.

import Tensors

/// A batch between two operations: its number (0 for the images), and what its reader sees one sample
/// as. Two numbers that are equal are the same numbers in the same places of memory.
public struct ExecutedValue: Equatable, Sendable {
    /// The number.
    public let number: Int
    /// The shape and the layout of a sample.
    public let features: Features
}

/// One operation of a forward pass in evaluation. An activation that a product applies as it stores its
/// results is an operation of its own here, which gives the same bits; a normalisation that is folded
/// into a product is in that product's parameters.
public struct ExecutedStep: Sendable {
    /// The layer whose operation it is.
    public let layer: any Layer
    /// What it does, with its parameters.
    public let operation: any Operation
    /// The layer's parameters; of a product weight and bias (if any) as they are multiplied and added.
    public let parameters: [Tensor]
    /// What it reads.
    public let input: ExecutedValue
    /// What it reads beside that, in the order of the layer's `otherInputs`.
    public let others: [ExecutedValue]
    /// What it gives.
    public let output: ExecutedValue

    /// y = operation(x), sample by sample.
    ///
    /// - Precondition: x and the others are batches of what it reads.
    public func run(_ x: Tensor, others: [Tensor] = []) -> Tensor {
        var context = OperationContext()
        context.others = zip(others, self.others).map { tensor, value in
            tensor.reshaped([x.rowCount] + value.features.axes)
        }
        let x = x.reshaped([x.rowCount] + input.features.axes)
        var y = Tensor(shape: [0])
        if operation.isInPlace {
            y.copy(x)
            operation.forward(Tensor(shape: [0]), into: &y, context: &context)
        } else {
            operation.forward(x, into: &y, context: &context)
        }
        return y.reshaped([x.rowCount] + output.features.axes)
    }
}

extension Network {
    /// The forward pass, operation by operation, first to last; the last one's output is the logits.
    public var executedSteps: [ExecutedStep] {
        let setting = RunSetting(engine: engine, trainingSeed: nil)
        var graph = Graph(lowering: architecture, in: setting).fused()
        func seen(_ value: Value) -> ExecutedValue {
            ExecutedValue(number: value.number, features: value.features)
        }
        var steps: [ExecutedStep] = []
        for node in graph.nodes {
            guard let layer = node.step.layers.first else { continue }
            var parameters = node.step.parameters(self.parameters)
            var operation = node.step.operation
            if let product = operation as? any Product {
                parameters = product.epilogues.folded(parameters)
                operation =
                    layer.operation(
                        on: node.input.features, with: node.others.map(\.features), in: setting)
                    ?? operation
            }
            operation.load(parameters, givesInputGradient: false)
            let hasActivation = node.activation != nil
            let output =
                hasActivation
                ? graph.newValue(layer.output(of: node.input.features) ?? node.output.features)
                : node.output
            steps.append(
                ExecutedStep(
                    layer: layer, operation: operation, parameters: parameters,
                    input: seen(node.input), others: node.others.map(seen), output: seen(output)))
            if let activation = node.activation, let last = node.step.layers.last {
                steps.append(
                    ExecutedStep(
                        layer: last, operation: activation, parameters: [], input: seen(output),
                        others: [], output: seen(node.output)))
            }
        }
        return steps
    }
}
