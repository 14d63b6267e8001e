// A node as it stands, in words: what `make why`, `make plan` and Make itself ask for. Whether it is
// stale is decided by `Stage.state(of:)`, as in the runner.

import Artifacts

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

    /// The same node where something keeps it from being made, unless another thing does already.
    public func failing(_ fault: StageFault) -> Inspection {
        Inspection(
            node: node, inputs: inputs, outputs: outputs, record: record, reasons: reasons,
            fault: self.fault ?? fault, isKnown: isKnown, figures: figures)
    }

    /// Whether it announces an artifact of this name.
    public func makes(_ artifact: String) -> Bool {
        outputs.contains { artifact == $0 || ($0.hasSuffix("/") && artifact.hasPrefix($0)) }
    }
}

extension Stage {
    /// Looks at a node of this stage, with the values that are given for its config.
    public static func inspect(
        _ node: Node, _ source: NodeConfig, in store: Store, overrides: Overrides
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
            let read = Result {
                let config = try self.config(
                    source,
                    with: SettingFlags(set: overrides.values(of: node.name), of: node.name))
                (inputs, outputs) = (try self.inputs(config, node), try self.outputs(config, node))
                return config
            }
            record = try store.record(experiment: node.scope, node: node.name)
            let config = try read.get()
            if let record { figures = present(record.summary, config) }
            let state = try state(of: node, config, in: store)
            reasons = state.reasons.map(\.description)
            isKnown =
                try store.result(
                    of: state.recipe, record, outputs: outputs, mendingIn: nil) != nil
        } catch let missing as StoreFault where missing.code == .missingInput {
            reasons = [missing.description]
        } catch {
            fault = StageFault(error)
        }
        return Inspection(
            node: node, inputs: inputs, outputs: outputs, record: record, reasons: reasons,
            fault: fault, isKnown: isKnown, figures: figures)
    }
}
