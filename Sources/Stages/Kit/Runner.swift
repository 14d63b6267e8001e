// One run of a stage: decide by content whether anything must be done, do it, and publish the
// result. The stage itself sees only its config, its inputs and its outputs.

import Artifacts
import Formats
import Tensors

/// What a run came to.
public enum Verdict: String, Sendable {
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
    public func run() throws -> (verdict: Verdict, record: Record) {
        let outputs = try S.outputs(config, node)
        let present = try store.record(experiment: node.scope, node: node.name)
        try store.refuseForeign(outputs.filter { !$0.hasSuffix("/") }, earlier: present)
        let expected = try resolve(copyingTo: nil).recipe
        if !force, let present, present.recipe.key == expected.key, present.fits(outputs),
            try isWhole(present), try store.isVisible(present)
        {
            try Scratch.sweep(store)
            return (.unchanged, present)
        }

        // From here on the inputs are those copied now, whatever happens to the files meanwhile.
        let scratch = try Scratch(in: store, announcing: Interruption.onInterrupt)
        defer { scratch.discard() }
        let (inputs, recipe) = try resolve(copyingTo: scratch)
        if !force, let record = try known(recipe, present, scratch), record.fits(outputs) {
            try store.publish(record, in: scratch)
            return (.restored, record)
        }
        if let present, present.recipe.key == recipe.key { try sayWhatIsUnsound(present) }

        let work = Workspace(
            store: store, scratch: scratch, inputs: inputs, allowed: outputs, log: log,
            threads: threads, instructionSet: instructionSet)
        let summary = try S.run(config, node, work)
        guard work.uncreated.isEmpty else {
            throw StageFault(
                .software, "the stage did not make \(work.uncreated.joined(separator: ", "))")
        }
        let record = try store.commit(recipe, work.files, summary: summary, in: scratch)
        return (.ran, record)
    }

    /// What the store has of a recipe: by its key, else by the node's own record.
    private func known(
        _ recipe: Recipe, _ present: Record?, _ scratch: Scratch
    ) throws -> Record? {
        if let present, present.recipe.key == recipe.key, try present.fits(S.outputs(config, node))
        {
            try store.mend(present, in: scratch)
            // Of the same key, but perhaps with inputs by other names.
            let record = Record(
                recipe: recipe, outputs: present.outputs, summary: present.summary)
            if try isWhole(record) { return record }
        }
        return try store.known(recipe)
    }

    private func resolve(
        copyingTo scratch: Scratch?
    ) throws -> (inputs: ResolvedInputs, recipe: Recipe) {
        let inputs = try ResolvedInputs(
            try S.inputs(config, node), in: store, readsRecords: S.readsRecords,
            copyingTo: scratch)
        let recipe = Recipe(
            experiment: node.scope, node: node.name, stage: S.kind, code: S.codeDigest,
            config: config.json, inputs: inputs.recorded)
        return (inputs, recipe)
    }

    private func isWhole(_ record: Record) throws -> Bool { try store.unsound(record).isEmpty }

    private func sayWhatIsUnsound(_ record: Record) throws {
        for (output, state) in try store.unsound(record) {
            let what =
                state == .missing ? "is missing" : "is damaged (its bytes do not hash to its name)"
            log.warn(
                "the object of \(output.name), \(output.digest.short)…, \(what); making it again")
        }
    }
}
