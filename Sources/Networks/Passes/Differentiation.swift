// The backward pass: from the gradient of the logits to those of the parameters (training) or of
// the pixels (attacks), and to nothing that nobody wants.

import Tensors

/// Reverse-mode differentiation of a graph. Where a value was read more than once, what comes back
/// is added from its last reader to its first: ((last + last but one) + …). Of one reader that takes
/// it several times the input comes first, then the others in their order.
struct Differentiation {
    /// The graph's steps, and those that only the backward pass has.
    private(set) var steps: [Step]
    private(set) var instructions: [Instruction<Value>] = []
    /// dL/dlogits, where the pass starts.
    let logitGradient: Value
    /// The gradient at the pixels; nil in training, and where nothing depends on them.
    private(set) var pixelGradient: Value?

    private var graph: Graph
    private let setting: RunSetting
    /// Values that depend on what the gradient is asked of.
    private var isWanted: Set<Int> = []
    /// The gradient at a value, by the value's number. Several values may share one.
    private var gradients: [Int: Value] = [:]

    init(of graph: Graph, in setting: RunSetting) {
        (self.graph, self.setting) = (graph, setting)
        steps = graph.nodes.map(\.step)
        logitGradient = self.graph.newValue(graph.logits.features)
        markWanted()
        gradients[graph.logits.number] = logitGradient
        for (index, node) in graph.nodes.enumerated().reversed() {
            if let dy = gradients.removeValue(forKey: node.output.number) {
                differentiate(node, index, dy)
            }
        }
        if !setting.isTraining, let gradient = gradients[graph.images.number] {
            pixelGradient = Value(number: gradient.number, features: graph.images.features)
        }
    }

    /// From the pixels or the parameters forward.
    private mutating func markWanted() {
        if !setting.isTraining { isWanted.insert(graph.images.number) }
        for (index, node) in graph.nodes.enumerated() {
            let isInputWanted = isWanted.contains(node.input.number)
            steps[index].givesInputGradient = isInputWanted
            if isInputWanted || node.others.contains(where: { isWanted.contains($0.number) })
                || setting.isTraining && node.step.isTrained
            {
                isWanted.insert(node.output.number)
            }
        }
    }

    /// The gradients of one node, from that at its output. What is fused into the operation goes
    /// back first, as a step of its own.
    private mutating func differentiate(_ node: Node, _ index: Int, _ dy: Value) {
        let operation = node.step.operation
        // What comes back may have the shape under which a reader saw the value.
        var dy = Value(number: dy.number, features: node.output.features)
        var names = node.step.layers.map(\.name)
        if let activation = node.activation, let layer = node.step.layers.last {
            steps.append(Step(operation: activation, layers: [layer], givesInputGradient: true))
            dy = inputGradient(
                steps.count - 1, [names.removeLast()], x: node.output, y: node.output, dy)
        }
        if setting.isTraining, node.step.isTrained {
            instructions.append(
                Instruction(
                    kind: .parameterGradients, step: index, layers: names,
                    x: operation.parameterGradientReads.contains(.input) ? node.input : nil,
                    dy: dy))
        }
        if operation.passesGradient {
            accumulate(dy, at: node.input)
            for other in node.others { accumulate(dy, at: other) }
            return
        }
        if steps[index].givesInputGradient {
            let dx = inputGradient(
                index, names, x: node.input, others: node.others, y: node.output, dy)
            accumulate(dx, at: node.input)
        }
        for (place, other) in node.others.enumerated() where isWanted.contains(other.number) {
            let dx = otherGradient(place, index, names, node, dy)
            accumulate(dx, at: other)
        }
    }

    /// The gradient at the input of a step.
    private mutating func inputGradient(
        _ step: Int, _ names: [String], x: Value, others: [Value] = [], y: Value, _ dy: Value
    ) -> Value {
        let operation = steps[step].operation
        let reads = operation.inputGradientReads
        let dx = graph.newValue(x.features)
        instructions.append(
            Instruction(
                kind: .inputGradient, step: step, layers: names,
                overwritten: operation.isInPlace ? dy : nil, x: reads.contains(.input) ? x : nil,
                others: reads.contains(.others) ? others : [],
                y: reads.contains(.output) ? y : nil, dy: operation.isInPlace ? nil : dy,
                target: dx))
        return dx
    }

    /// The gradient at what a step reads beside its input.
    private mutating func otherGradient(
        _ place: Int, _ step: Int, _ names: [String], _ node: Node, _ dy: Value
    ) -> Value {
        let reads = steps[step].operation.otherGradientReads
        let dx = graph.newValue(node.others[place].features)
        instructions.append(
            Instruction(
                kind: .otherGradient, step: step, layers: names, index: place,
                x: reads.contains(.input) ? node.input : nil,
                others: reads.contains(.others) ? node.others : [],
                y: reads.contains(.output) ? node.output : nil, dy: dy, target: dx))
        return dx
    }

    /// Adds a gradient to what has come back to x so far.
    private mutating func accumulate(_ dx: Value, at x: Value) {
        guard isWanted.contains(x.number) else { return }
        let dx = Value(number: dx.number, features: x.features)
        guard let sum = gradients[x.number] else {
            gradients[x.number] = dx
            return
        }
        // The one that nobody else holds is overwritten.
        let isShared = gradients.values.contains { $0.number == dx.number }
        let (overwritten, other) = isShared ? (sum, dx) : (dx, sum)
        let total = graph.newValue(x.features)
        steps.append(Step(operation: Addition(engine: setting.engine), layers: []))
        instructions.append(
            Instruction(
                kind: .run, step: steps.count - 1, layers: ["sum"], overwritten: overwritten,
                others: [other], target: total))
        gradients[x.number] = total
    }
}
