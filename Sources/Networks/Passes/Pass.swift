// Carries out a plan: the buffers of one thread, kept from batch to batch.

import Tensors

/// The buffers of a network in use, and what runs on them. Nothing is allocated after the first
/// batch of the largest size, but for the few numbers of the logits.
struct Pass: Sendable {
    let plan: Plan
    var operations: [any Operation]
    private let engine: Engine
    private(set) var buffers: [Tensor]
    /// By operation; see `OperationMemory.kept`.
    private(set) var kept: [[Tensor]]
    private var memory = OperationMemory()
    private let empty = Tensor(shape: [0])
    private var rows = 0
    private var roomForRows = 0
    /// Filled by the backward pass of a training: by operation, in the order of its parameters.
    var gradients: [[Tensor]] = []

    init(_ plan: Plan, _ operations: [any Operation], engine: Engine) {
        (self.plan, self.operations, self.engine) = (plan, operations, engine)
        buffers = plan.lengths.map { _ in Tensor(shape: [0]) }
        kept = operations.map { _ in [] }
    }

    /// The number of the training step, which keys random masks.
    var step: UInt32 {
        get { memory.step }
        set { memory.step = newValue }
    }

    /// The logits of the last forward pass.
    var logits: Tensor { tensor(plan.logits) }

    /// The gradient at the pixels of the last backward pass.
    var pixelGradient: Tensor { plan.pixelGradient.map { tensor($0) } ?? empty }

    // MARK: Passes

    /// Runs forward over a batch of images.
    mutating func forward(_ images: Tensor) {
        buffers[0] = images
        goForward()
    }

    /// Runs forward over a batch of images that `body` writes.
    mutating func forward(images body: (inout Tensor) -> Void) {
        body(&buffers[0])
        goForward()
    }

    private mutating func goForward() {
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
        buffers[plan.seed.buffer] = logitGradient
        for instruction in plan.backward { execute(instruction) }
        buffers[plan.seed.buffer] = empty
    }

    /// Runs backward from what `body` makes of the logits in place.
    mutating func backward(fromLogits body: (inout Tensor) -> Void) {
        if plan.keepsLogits {
            buffers[plan.seed.buffer].copy(logits)
        } else {
            // The two buffers are of one size: they change places, and nothing is copied.
            buffers.swapAt(plan.seed.buffer, plan.logits.buffer)
        }
        body(&buffers[plan.seed.buffer])
        for instruction in plan.backward { execute(instruction) }
    }

    /// Calls `body` with each operation and what it has kept.
    func forEachOperation(_ body: (Int, any Operation, OperationMemory) -> Void) {
        var memory = OperationMemory()
        for (index, operation) in operations.enumerated() {
            memory.kept = kept[index]
            body(index, operation, memory)
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

    private func tensor(_ place: Place) -> Tensor {
        let (tensor, shape) = (buffers[place.buffer], [rows] + place.axes)
        return tensor.shape == shape ? tensor : tensor.reshaped(shape)
    }

    private mutating func execute(_ instruction: Instruction) {
        let (index, target) = (instruction.operation, instruction.target?.buffer ?? 0)
        let x = instruction.x.map { tensor($0) } ?? empty
        let y = instruction.y.map { tensor($0) } ?? empty
        let dy = instruction.dy.map { tensor($0) } ?? empty
        switch instruction.kind {
        case .run:
            swap(&memory.kept, &kept[index])
            operations[index].forward(x, into: &buffers[target], memory: &memory)
            swap(&memory.kept, &kept[index])
        case .inputGradient:
            swap(&memory.kept, &kept[index])
            operations[index].inputGradient(
                dy, x: x, y: y, into: &buffers[target], memory: &memory)
            swap(&memory.kept, &kept[index])
        case .parameterGradients:
            swap(&memory.kept, &kept[index])
            operations[index].parameterGradients(
                dy, x: x, into: &gradients[index], memory: &memory)
            swap(&memory.kept, &kept[index])
        case .activate(.relu): engine.relu(inPlace: &buffers[target])
        case .activate(.relu6): engine.relu6(inPlace: &buffers[target])
        case .gate(.relu): engine.gateByRelu(&buffers[target], output: y)
        case .gate(.relu6): engine.gateByRelu6(&buffers[target], output: y)
        case .activate(.none), .gate(.none): break
        case .add: engine.add(x, to: &buffers[target])
        case .sum: engine.add(x, y, into: &buffers[target])
        case .copy: buffers[target].copy(x)
        }
    }

    // MARK: Faults

    /// Runs forward once more, and names the first layer whose output is not finite.
    mutating func forwardFault(_ images: Tensor) -> NetworkFault? {
        if let fault = fault("The input", images) { return fault }
        buffers[0] = images
        rows = images.rowCount
        return firstFault(plan.forward) { "Layer \($0.layer)" }
    }

    /// Likewise, over the batch that is still there.
    mutating func forwardFault() -> NetworkFault? { forwardFault(buffers[0]) }

    /// Runs backward once more, and names the first layer, from the logits back, whose input
    /// gradient is not finite.
    mutating func backwardFault(_ logitGradient: Tensor) -> NetworkFault? {
        if let fault = fault("The logit gradient", logitGradient) { return fault }
        buffers[plan.seed.buffer] = logitGradient
        return firstFault(plan.backward) { "The input gradient of layer \($0.layer)" }
    }

    private mutating func firstFault(
        _ instructions: [Instruction], _ name: (Instruction) -> String
    ) -> NetworkFault? {
        for instruction in instructions {
            execute(instruction)
            if let target = instruction.target,
                let fault = fault(name(instruction), tensor(target))
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
