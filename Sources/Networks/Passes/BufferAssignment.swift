// From values to buffers: an operation in place stays in the buffer of what it overwrites, and a
// buffer is used again as soon as nobody will read what it holds.

/// Which buffer each value lies in, and how long the buffers are.
///
/// What the backward pass reads of the forward pass stays where it is, so that several gradients can
/// follow one forward pass.
struct BufferAssignment {
    /// Floats of each buffer for one image; 0 for that of the images, which are the caller's.
    private(set) var lengths: [Int]
    /// Buffers by value.
    private var assigned: [Int: Int]
    /// Buffers that nothing else uses, since callers share what is in them.
    private let pinned: Set<Int>
    private var free: [Int] = []
    /// When a value is read or written last.
    private let lastUse: [Int: Int]

    /// - Parameters:
    ///   - forward: The forward pass.
    ///   - backward: The backward pass.
    ///   - pinned: Values that each have a buffer of their own, in this order; the images first.
    init(
        forward: [Instruction<Value>], backward: [Instruction<Value>], pinned: [Value]
    ) {
        lengths = [0] + pinned.dropFirst().map(\.features.count)
        assigned = Dictionary(zip(pinned.map(\.number), 0...)) { first, _ in first }
        self.pinned = Set(pinned.map(\.number))
        var lastUse: [Int: Int] = [:]
        for (time, instruction) in (forward + backward).enumerated() {
            for value in instruction.operands { lastUse[value.number] = time }
        }
        let read = Set(backward.flatMap(\.operands).map(\.number))
        for value in forward.flatMap(\.operands) where read.contains(value.number) {
            lastUse[value.number] = .max
        }
        self.lastUse = lastUse
        for (time, instruction) in (forward + backward).enumerated() {
            assign(instruction, time)
        }
    }

    /// Gives the target of an instruction its buffer, and frees those of values that end with it.
    private mutating func assign(_ instruction: Instruction<Value>, _ time: Int) {
        var ending = Set(instruction.operands.map(\.number))
            .filter { lastUse[$0] == time && !pinned.contains($0) }
        if let target = instruction.target, assigned[target.number] == nil {
            if let source = instruction.overwritten?.number, ending.contains(source),
                !instruction.others.contains(where: { $0.number == source })
            {
                assigned[target.number] = assigned[source]
                ending.remove(source)
            } else {
                assigned[target.number] = take(target.features.count)
            }
        }
        free += ending.sorted().compactMap { assigned[$0] }
    }

    /// The free buffer that fits best: the smallest that is large enough, else the largest, which
    /// grows; a new one if none is free.
    private mutating func take(_ count: Int) -> Int {
        let fitting = free.filter { lengths[$0] >= count }.min { lengths[$0] < lengths[$1] }
        guard let chosen = fitting ?? free.max(by: { lengths[$0] < lengths[$1] }) else {
            lengths.append(count)
            return lengths.count - 1
        }
        free.removeAll { $0 == chosen }
        lengths[chosen] = max(lengths[chosen], count)
        return chosen
    }

    /// The buffer of a value.
    func slot(_ value: Value) -> Slot {
        guard let buffer = assigned[value.number] else {
            preconditionFailure("value \(value.number) is read and nothing gives it")
        }
        return Slot(buffer: buffer, features: value.features)
    }
}
