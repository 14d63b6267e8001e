// A node as it stands, without running it: the same decision as the runner's, explained. `make why`,
// `make plan` and Make itself ask here, so that they cannot disagree with what a stage would do.

import Artifacts
import Formats

/// What a look at a node found.
public struct Inspection: Sendable {
    /// The node.
    public let node: Node
    /// The names of what it reads and makes; empty when its config is wrong.
    public let inputs: [NodeInput]
    /// The announced artifacts; one that ends in "/" stands for any below it.
    public let outputs: [String]
    /// Its record, if there is one.
    public let record: Record?
    /// Why it is not up to date, in words; empty when it is.
    public let reasons: [String]
    /// What keeps it from being made, such as a wrong config or an artifact edited in place.
    public let fault: StageFault?
    /// Whether its result lies in the store already.
    public let isKnown: Bool
    /// The lines that its figures are shown as.
    public let figures: [String]

    /// Whether nothing must be done for it.
    public var isFresh: Bool { reasons.isEmpty && fault == nil }
}

extension Stage {
    /// Looks at a node of this stage, with the values that are given for its config.
    public static func inspect(
        _ node: Node, in store: Store, overrides: Overrides
    ) -> Inspection {
        var (inputs, outputs): ([NodeInput], [String]) = ([], [])
        var reasons: [String] = []
        var fault: StageFault?
        var isKnown = false
        var figures: [String] = []
        var record: Record?
        do {
            // Who waits for whom is known from the configs, whatever the store may be like; and a record
            // may be read whatever the config is like.
            let path = "\(NodeFinder.folder)/\(node.experiment)/\(node.name).json"
            let read = Result {
                let config = try self.config(
                    path, with: SettingFlags(overrides.flags(of: node.name)))
                return (
                    config, inputs: try self.inputs(config, node),
                    outputs: try self.outputs(config, node)
                )
            }
            if case .success(let found) = read { (inputs, outputs) = (found.inputs, found.outputs) }
            record = try store.record(experiment: node.scope, node: node.name)
            let config = try read.get().0
            if let record { figures = present(record.summary, config) }
            try store.refuseForeign(outputs.filter { !$0.hasSuffix("/") }, earlier: record)
            let resolved = try ResolvedInputs(
                inputs, in: store, readsRecords: readsRecords, copyingTo: nil)
            let recipe = Recipe(
                experiment: node.scope, node: node.name, stage: kind, code: codeDigest,
                config: config.json, inputs: resolved.recorded)
            reasons = try self.reasons(recipe, record, outputs, node, store)
            if let record, record.recipe.key == recipe.key, record.fits(outputs),
                try store.unsound(record).isEmpty
            {
                isKnown = true
            } else {
                isKnown = try store.known(recipe)?.fits(outputs) ?? false
            }
        } catch let missing as StoreFault where missing.code == .missingInput {
            reasons = [missing.description]
        } catch {
            fault = StageFault(error)
        }
        return Inspection(
            node: node, inputs: inputs, outputs: outputs, record: record, reasons: reasons,
            fault: fault, isKnown: isKnown, figures: figures)
    }

    private static func reasons(
        _ recipe: Recipe, _ record: Record?, _ outputs: [String], _ node: Node, _ store: Store
    ) throws -> [String] {
        guard let record else {
            let isDamaged = try store.hasDamagedRecord(experiment: node.scope, node: node.name)
            return [isDamaged ? "its record is damaged" : "it has no record"]
        }
        if record.recipe.key != recipe.key { return recipe.differences(from: record.recipe) }
        if !record.fits(outputs) {
            return ["its record names other artifacts than the stage makes"]
        }
        let unsound = try store.unsound(record).map { output, state in
            "the object of \(output.name) is \(state == .missing ? "missing" : "damaged")"
        }
        if !unsound.isEmpty { return unsound }
        return try store.isVisible(record) ? [] : store.misplaced(record)
    }
}
