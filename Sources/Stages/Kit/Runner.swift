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
        try store.refuseForeign(outputs.filter { !$0.hasSuffix("/") })
        let expected = try resolve(loading: false).recipe

        let present = store.record(experiment: node.scope, node: node.name)
        if !force, let present, present.recipe.key == expected.key, isWhole(present),
            store.isVisible(present)
        {
            Scratch.sweep(store)
            return (.unchanged, present)
        }

        // From here on the inputs are those loaded now, whatever happens to the files meanwhile.
        let (inputs, recipe) = try resolve(loading: true)
        let scratch = try Scratch(in: store)
        Interruption.onInterrupt { scratch.discard() }
        defer { scratch.discard() }
        if !force {
            let known = [
                present?.recipe.key == recipe.key ? present : nil, store.entry(for: recipe.key),
            ]
            for record in known.compactMap({ $0 }) where isWhole(record) {
                try store.publish(record, in: scratch)
                return (.restored, record)
            }
        }
        if let present, present.recipe.key == recipe.key { sayWhatIsUnsound(present) }

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

    private func resolve(loading: Bool) throws -> (inputs: ResolvedInputs, recipe: Recipe) {
        let inputs = try ResolvedInputs(
            try S.inputs(config, node), in: store, readsRecords: S.readsRecords, loading: loading)
        let recipe = Recipe(
            experiment: node.scope, node: node.name, stage: S.kind, code: S.codeDigest,
            config: config.json, inputs: inputs.recorded)
        return (inputs, recipe)
    }

    private func isWhole(_ record: Record) -> Bool { store.unsound(record).isEmpty }

    private func sayWhatIsUnsound(_ record: Record) {
        for (output, state) in store.unsound(record) {
            let what =
                state == .missing ? "is missing" : "is damaged (its bytes do not hash to its name)"
            log.warn(
                "the object of \(output.name), \(output.digest.short)…, \(what); making it again")
        }
    }
}
