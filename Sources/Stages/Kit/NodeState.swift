// How a node stands: the one decision whether anything must be done for it, and why. The runner asks it
// before it works; `make why`, `make plan` and Make itself ask it too, so that they cannot disagree
// with what a stage would do.

import Artifacts
import Formats

/// Why a node is not up to date.
enum StaleReason: CustomStringConvertible {
    /// It was never made here.
    case noRecord
    /// What stands in its record's place is not as it was written.
    case damagedRecord
    /// A part of its key is another one, in words.
    case changed(String)
    /// The stage announces other artifacts now.
    case otherOutputs
    /// An artifact's bytes are lost or damaged.
    case unsoundObject(Record.Output, Store.ObjectState)
    /// A name does not stand for its bytes, or the record was edited, in words.
    case misplaced(String)

    var description: String {
        switch self {
        case .noRecord: "it has no record"
        case .damagedRecord: "its record is damaged"
        case .changed(let part), .misplaced(let part): part
        case .otherOutputs: "its record names other artifacts than the stage makes"
        case .unsoundObject(let output, let state):
            "the object of \(output.name) is \(state == .missing ? "missing" : "damaged")"
        }
    }
}

/// What a node needs, what it has, and the difference.
struct NodeState {
    /// The announced inputs and artifacts.
    let inputs: [NodeInput], outputs: [String]
    /// The record on the disk, if there is a sound one.
    let record: Record?
    /// What a run would depend on now.
    let recipe: Recipe
    /// Why it is not up to date; empty when it is.
    let reasons: [StaleReason]
}

extension Stage {
    /// Looks at a node without changing anything.
    /// - Throws: `StoreFault` for an input that is missing, or something that stands in the way.
    static func state(of node: Node, _ config: Config, in store: Store) throws -> NodeState {
        let (inputs, outputs) = (try inputs(config, node), try outputs(config, node))
        let record = try store.record(experiment: node.scope, node: node.name)
        try store.refuseForeign(outputs.filter { !$0.hasSuffix("/") }, earlier: record)
        let resolved = try ResolvedInputs(
            inputs, of: node, in: store, readsRecords: readsRecords, copyingTo: nil)
        let recipe = recipe(of: node, config, resolved)
        return NodeState(
            inputs: inputs, outputs: outputs, record: record, recipe: recipe,
            reasons: try reasons(recipe, record, outputs, node, store))
    }

    /// What a run with these inputs depends on.
    static func recipe(of node: Node, _ config: Config, _ inputs: ResolvedInputs) -> Recipe {
        Recipe(
            experiment: node.scope, node: node.name, stage: kind, code: codeDigest,
            config: config.json, inputs: inputs.recorded)
    }

    private static func reasons(
        _ recipe: Recipe, _ record: Record?, _ outputs: [String], _ node: Node, _ store: Store
    ) throws -> [StaleReason] {
        guard let record else {
            let isDamaged = try store.hasDamagedRecord(experiment: node.scope, node: node.name)
            return [isDamaged ? .damagedRecord : .noRecord]
        }
        if record.recipe.key != recipe.key {
            return recipe.differences(from: record.recipe).map(StaleReason.changed)
        }
        if !record.fits(outputs) { return [.otherOutputs] }
        let unsound = try store.unsound(record)
        if !unsound.isEmpty { return unsound.map(StaleReason.unsoundObject) }
        return try store.isVisible(record) ? [] : store.misplaced(record).map(StaleReason.misplaced)
    }
}

extension Store {
    /// What the store has of a recipe: by the node's own record, whose lost objects visible files may
    /// still have, else by its key.
    /// - Parameters:
    ///   - recipe: What a run would depend on.
    ///   - record: The node's record.
    ///   - outputs: What the stage announces.
    ///   - scratch: Where to put lost objects back; nil to look only.
    /// - Returns: a record of this recipe; nil where something of it is lost.
    /// - Throws: `StoreFault.system`.
    func result(
        of recipe: Recipe, _ record: Record?, outputs: [String], mendingIn scratch: Scratch?
    ) throws -> Record? {
        if let record, record.recipe.key == recipe.key, record.fits(outputs) {
            // Of the same key, but perhaps with inputs by other names.
            let own = Record(recipe: recipe, outputs: record.outputs, summary: record.summary)
            if let scratch { try mend(own, in: scratch) }
            if try scratch == nil ? canMend(own) : unsound(own).isEmpty { return own }
        }
        guard let known = try known(recipe), known.fits(outputs) else { return nil }
        return known
    }
}
