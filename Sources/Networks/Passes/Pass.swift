// Carries out a plan: the buffers of one thread, kept from batch to batch.

import Tensors

/// The buffers of a network in use, and what runs on them. After the first batch of the largest size
/// no buffer is allocated or moved. What a step still allocates is small: the logits where a caller
/// holds the last ones, batch statistics of a few numbers a channel, and the arrays of shapes.
struct Pass: Sendable {
    let plan: Plan
    var operations: [any Operation]
    private(set) var buffers: [Tensor]
    /// By step; see `OperationContext.saved`.
    private(set) var saved: [[Tensor]]
    private var context = OperationContext()
    private let empty = Tensor(shape: [0])
    private var rows = 0
    private var roomForRows = 0
    /// Filled by the backward pass of a training: by step, in the order of its parameters.
    var gradients: [[Tensor]] = []

    /// - Parameters:
    ///   - plan: What it does.
    ///   - operations: Those of the plan's steps, loaded or to be loaded before the first pass.
    init(_ plan: Plan, _ operations: [any Operation]) {
        (self.plan, self.operations) = (plan, operations)
        buffers = plan.lengths.map { _ in Tensor(shape: [0]) }
        saved = operations.map { _ in [] }
    }

    /// The number of the training step, which keys random masks.
    var trainingStep: UInt32 {
        get { context.step }
        set { context.step = newValue }
    }

    /// The logits of the last forward pass.
    var logits: Tensor { tensor(plan.logits) }

    /// The gradient at the pixels of the last backward pass.
    var pixelGradient: Tensor { tensor(plan.pixelGradient) }

    // MARK: Passes

    /// Runs forward over a batch of images.
    mutating func forward(_ images: Tensor) {
        buffers[0] = images
        runForward()
    }

    /// Runs forward over a batch of images that `body` writes.
    mutating func forward(images body: (inout Tensor) -> Void) {
        body(&buffers[0])
        runForward()
    }

    private mutating func runForward() {
        rows = buffers[0].rowCount
        reserve()
        for instruction in plan.forward { execute(instruction) }
    }

    /// Lets go of the images where the backward pass does not read them: whoever they are of may
    /// then write into them without a copy being made.
    mutating func releaseImages() {
        if !plan.keepsImages { buffers[0] = empty }
    }

    /// Runs backward from a gradient of the logits.
    mutating func backward(_ logitGradient: Tensor) {
        buffers[plan.logitGradient.buffer] = logitGradient
        for instruction in plan.backward { execute(instruction) }
        buffers[plan.logitGradient.buffer] = empty
    }

    /// Runs backward from what `body` makes of the logits in place.
    mutating func backward(fromLogits body: (inout Tensor) -> Void) {
        if plan.keepsLogits {
            buffers[plan.logitGradient.buffer].copy(logits)
        } else {
            // The two buffers are of one size: they change places, and nothing is copied.
            buffers.swapAt(plan.logitGradient.buffer, plan.logits.buffer)
        }
        body(&buffers[plan.logitGradient.buffer])
        for instruction in plan.backward { execute(instruction) }
    }

    /// Calls `body` with the number of each step, its operation and what that has saved.
    func forEachOperation(_ body: (Int, any Operation, OperationContext) -> Void) {
        var context = OperationContext()
        for (step, operation) in operations.enumerated() {
            context.saved = saved[step]
            body(step, operation, context)
        }
    }

    /// Makes room for the batch in all buffers at once, so that none is moved later.
    private mutating func reserve() {
        guard rows > roomForRows else { return }
        roomForRows = rows
        for buffer in buffers.indices.dropFirst() {
            buffers[buffer].reserve([rows * plan.lengths[buffer]])
        }
    }

    /// What lies in a slot, [rows] + the axes of a sample; an empty tensor for none.
    private func tensor(_ slot: Slot?) -> Tensor {
        guard let slot else { return empty }
        let (tensor, shape) = (buffers[slot.buffer], [rows] + slot.axes)
        return tensor.shape == shape ? tensor : tensor.reshaped(shape)
    }

    private mutating func execute(_ instruction: Instruction<Slot>) {
        let (step, target) = (instruction.step, instruction.target?.buffer ?? 0)
        if let source = instruction.overwritten, source.buffer != target {
            buffers[target].copy(tensor(source))
        }
        let (x, y, dy) = (tensor(instruction.x), tensor(instruction.y), tensor(instruction.dy))
        swap(&context.saved, &saved[step])
        context.others = instruction.others.map { tensor($0) }
        defer {
            swap(&context.saved, &saved[step])
            context.others = []
        }
        switch instruction.kind {
        case .run:
            operations[step].forward(x, into: &buffers[target], context: &context)
        case .inputGradient:
            operations[step].inputGradient(
                dy, x: x, y: y, into: &buffers[target], context: &context)
        case .otherGradient:
            operations[step].otherGradient(
                instruction.index, dy, x: x, y: y, into: &buffers[target], context: &context)
        case .parameterGradients:
            operations[step].parameterGradients(
                dy, x: x, into: &gradients[step], context: &context)
        }
    }

    // MARK: Faults

    /// Runs forward once more, and names the first layer whose output is not finite.
    mutating func forwardFault(_ images: Tensor) -> NetworkFault? {
        if let fault = fault("The input", images) { return fault }
        buffers[0] = images
        rows = images.rowCount
        return firstFault(plan.forward) { "Layer \($0)" }
    }

    /// `forwardFault(_:)` of the last batch, which must still be there: see `releaseImages`.
    mutating func forwardFault() -> NetworkFault? { forwardFault(buffers[0]) }

    /// Runs backward once more, and names the first layer, from the logits back, whose input
    /// gradient is not finite.
    mutating func backwardFault(_ logitGradient: Tensor) -> NetworkFault? {
        if let fault = fault("The logit gradient", logitGradient) { return fault }
        buffers[plan.logitGradient.buffer] = logitGradient
        return firstFault(plan.backward) { "The input gradient of layer \($0)" }
    }

    private mutating func firstFault(
        _ instructions: [Instruction<Slot>], _ place: (String) -> String
    ) -> NetworkFault? {
        for instruction in instructions {
            execute(instruction)
            if let target = instruction.target,
                let fault = fault(place(instruction.layers.first ?? ""), tensor(target))
            {
                return fault
            }
        }
        return nil
    }

    private func fault(_ place: String, _ tensor: Tensor) -> NetworkFault? {
        tensor.firstNotFinite.map { index in
            .notFinite(
                place: place, value: tensor.withFloats { $0[index] },
                sample: index / max(1, tensor.rowLength))
        }
    }
}
