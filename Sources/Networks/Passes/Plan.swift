// What a pass does: the steps of a network, and the instructions and buffers by which they run.

import Tensors

/// A network ready to be carried out by a `Pass`. Buffer 0 holds the batch of images.
struct Plan: Sendable {
    let steps: [Step]
    let forward: [Instruction<Slot>]
    let backward: [Instruction<Slot>]
    let logits: Slot
    /// dL/dlogits, where the backward pass starts.
    let logitGradient: Slot
    /// The gradient at the pixels; nil in training.
    let pixelGradient: Slot?
    /// Floats of each buffer for one image; 0 for that of the images.
    let lengths: [Int]
    /// Whether the backward pass reads the images.
    let keepsImages: Bool
    /// Whether the backward pass reads the logits.
    let keepsLogits: Bool

    /// Lowers, fuses and differentiates an architecture, and gives every value a buffer.
    init(_ architecture: Architecture, in setting: RunSetting) {
        let graph = Graph(lowering: architecture, in: setting).fused()
        let backward = Differentiation(of: graph, in: setting)
        let forward = graph.instructions
        let pinned = [graph.images, graph.logits, backward.logitGradient]
        let buffers = BufferAssignment(
            forward: forward, backward: backward.instructions,
            pinned: pinned + [backward.pixelGradient].compactMap { $0 })
        let read = Set(backward.instructions.flatMap(\.operands).map(\.number))
        steps = backward.steps
        self.forward = forward.map { $0.map(buffers.slot) }
        self.backward = backward.instructions.map { $0.map(buffers.slot) }
        logits = buffers.slot(graph.logits)
        logitGradient = buffers.slot(backward.logitGradient)
        pixelGradient = backward.pixelGradient.map(buffers.slot)
        lengths = buffers.lengths
        keepsImages = read.contains(graph.images.number)
        keepsLogits = read.contains(graph.logits.number)
    }

    /// The operations of the steps with their parameters, from all by name.
    func operations(loading parameters: [String: Tensor]) -> [any Operation] {
        steps.map { step in
            var operation = step.operation
            operation.load(
                step.parameters(parameters), givesInputGradient: step.givesInputGradient)
            return operation
        }
    }
}

extension Architecture {
    /// What its passes do, one line an operation, such as
    /// "run conv1+relu1 b0[3,224,224] → b4[64,224,224]": the layers that it stands for, the buffers
    /// that it reads and the one that it writes, each with the shape of one sample.
    ///
    /// - Parameter isTraining: Training, or else evaluation and attacks.
    /// - Returns: The forward and the backward pass, and how many floats the buffers hold for one
    ///   image.
    public func planDescription(
        isTraining: Bool
    ) -> (forward: [String], backward: [String], floatsOfImage: Int) {
        let setting = RunSetting(engine: Engine(threads: 1), trainingSeed: isTraining ? 0 : nil)
        let plan = Plan(self, in: setting)
        return (
            plan.forward.map(\.description), plan.backward.map(\.description),
            plan.lengths.reduce(0, +)
        )
    }
}
