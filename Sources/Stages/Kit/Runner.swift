// One run of a stage: decide by content whether anything must be done, do it, and publish the
// result. The stage itself sees only its config, its inputs and its outputs.

import Artifacts
import Tensors

/// What was done for a node.
public enum RunOutcome: String, Sendable {
    /// Everything was there already.
    case unchanged
    /// The result was in the store; names or the record were put back.
    case restored
    /// The stage did its work.
    case ran
}

/// Runs a stage for one node.
public struct Runner<S: Stage> {
    let store: Store
    let node: Node
    let config: Config
    let threads: Int
    let instructionSet: InstructionSet?
    let log: Log
    let force: Bool

    /// A run of a stage with these settings; `force` does the work even when its result is known.
    /// Threads and instruction set (nil for the fastest) change no result.
    public init(
        store: Store, node: Node, config: Config, threads: Int,
        instructionSet: InstructionSet? = nil, log: Log, force: Bool = false
    ) {
        self.store = store
        self.node = node
        self.config = config
        self.threads = threads
        self.instructionSet = instructionSet
        self.log = log
        self.force = force
    }

    /// Brings the node up to date.
    /// - Returns: what was done, and the node's record.
    /// - Throws: whatever stands in the way; nothing is left half-done.
    public func run() throws -> (outcome: RunOutcome, record: Record) {
        let state = try S.state(of: node, config, in: store)
        if !force, state.reasons.isEmpty, let record = state.record {
            try Scratch.sweep(store)
            return (.unchanged, record)
        }

        // From here on the inputs are those copied now, whatever happens to the files meanwhile.
        let scratch = try Scratch(in: store, announcing: Interruption.onInterrupt)
        defer { scratch.discard() }
        let inputs = try ResolvedInputs(
            state.inputs, of: node, in: store, readsRecords: S.readsRecords,
            copyingTo: scratch)
        let recipe = S.recipe(of: node, config, inputs)
        if !force,
            let record = try store.result(
                of: recipe, state.record, outputs: state.outputs, mendingIn: scratch)
        {
            try store.publish(record, in: scratch)
            return (.restored, record)
        }
        for case .unsoundObject(let output, let object) in state.reasons {
            let what =
                object == .missing
                ? "is missing" : "is damaged (its bytes do not hash to its name)"
            log.warn(
                "the object of \(output.name), \(output.digest.short)…, \(what); making it again")
        }

        let work = StoreWorkspace(
            node, inputs: state.inputs, outputs: state.outputs, resolved: inputs, store: store,
            scratch: scratch, log: log, threads: threads, instructionSet: instructionSet)
        let summary = try S.Computation.run(config, work)
        guard work.uncreated.isEmpty else {
            throw StageFault(
                .software, "the stage did not make \(work.uncreated.joined(separator: ", "))")
        }
        let record = try store.commit(
            recipe, work.files, announced: state.outputs, summary: summary, in: scratch)
        return (.ran, record)
    }
}
