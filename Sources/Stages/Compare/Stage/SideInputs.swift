// What a side of a comparison consists of: its attacks, and whatever these were made from, record by record.

import Artifacts
import CompareWork
import Formats
import PipelineTool
import StageKit

/// The inputs of one side.
struct SideInputs {
    /// Attacks first.
    private(set) var all: [NodeInput] = []
    private let side: ComparedExperiment
    private let makers: [String: Record]
    private var seen: Set<String> = []

    /// Follows the records from the attacks back to the data.
    /// - Throws: `StageFault` for an attack that is not made, that was made from what is no longer there, or that is
    ///   not what its experiment asks for now.
    init(_ side: ComparedExperiment, stages: [any Stage.Type]) throws {
        self.side = side
        let records = try side.store.records().map(\.record)
        makers = Dictionary(
            records.flatMap { record in record.outputs.map { ($0.name, record) } },
            uniquingKeysWith: { first, _ in first })
        var attacks = records.filter {
            $0.recipe.experiment == side.experiment && $0.recipe.stage == "attack"
        }
        // Of an experiment that is here, what it has now counts, and all of it.
        let isDescribed = try side.isOwn && Experiment.all().contains(side.experiment)
        if isDescribed {
            let nodes = try Experiment(side.experiment).nodes.filter { $0.hasPrefix("attack-") }
            if let missing = nodes.first(where: { node in
                !attacks.contains { $0.recipe.node == node }
            }) {
                throw StageFault(
                    .missingInput,
                    "\(side.letter): \(missing) of \(side.experiment) has no result yet",
                    remedy: "`\(command(missing))` makes it")
            }
            attacks = attacks.filter { nodes.contains($0.recipe.node) }
        }
        for attack in attacks.sorted(by: { $0.recipe.node < $1.recipe.node }) {
            guard let file = attack.outputs.first(where: { $0.name.hasSuffix(".safetensors") })
            else { continue }
            let node = attack.recipe.node
            add(CompareRole.attack(side.letter, node), file.name, node)
            try follow(attack)
        }
        if isDescribed { try requireFresh(attacks.map(\.recipe.node).sorted(), stages) }
    }

    /// Refuses what was made before a config, the data or the code was changed: it would pass for what is asked for
    /// now, and a gate would let through what nobody has tried. Decided as `make why` decides it.
    private func requireFresh(_ nodes: [String], _ stages: [any Stage.Type]) throws {
        let pipeline = try Pipeline(
            side.experiment, stages: stages, store: side.store, overrides: Overrides([]))
        for node in nodes {
            if let fault = pipeline.fault(of: node) {
                throw StageFault(
                    fault.code, "\(side.letter): \(node): \(fault.message)", remedy: fault.remedy)
            }
            let lines = pipeline.shortcomings(of: node)
            guard lines.isEmpty else {
                throw StageFault(
                    .badData, "\(side.letter): \(lines.joined(separator: "; "))",
                    remedy:
                        "`\(command(node))` makes it anew (what was made with other settings can be "
                        + "compared from a copy of the store: cp -a)")
            }
        }
    }

    private mutating func follow(_ reader: Record) throws {
        let node = reader.recipe.node
        for input in reader.recipe.inputs {
            guard let maker = makers[input.name] else {
                // A file outside the store has no maker, but a network and a sample have one.
                guard reader.recipe.stage == "attack", ["model", "sample"].contains(input.role)
                else {
                    continue
                }
                throw StageFault(
                    .missingInput,
                    "\(side.letter): no record says how \(input.name) was made, the \(input.role) of \(node)",
                    remedy: "`\(command("all"))` makes it again")
            }
            let made = maker.outputs.first { $0.name == input.name }?.digest
            guard made == input.digest else {
                throw StageFault(
                    .badData,
                    "\(side.letter): \(node) was made from another \(input.name) (\(input.digest?.short ?? "none")…) "
                        + "than the one that is there now (\(made?.short ?? "none")…)",
                    remedy: "`\(command(node))` makes it anew")
            }
            guard seen.insert(input.name).inserted else { continue }
            let (name, stage) = (maker.recipe.node, maker.recipe.stage)
            let role =
                stage == "sample"
                ? CompareRole.sample(side.letter, name)
                : CompareRole.origin(
                    side.letter, maker.recipe.naming.role(of: input.name), name)
            add(role, input.name, name)
            try follow(maker)
        }
    }

    private mutating func add(_ role: String, _ artifact: String, _ node: String) {
        var input = NodeInput(role: role, name: artifact, madeBy: command(node))
        input.store = side.isOwn ? nil : side.store.root
        input.side = CompareRole.side(side.letter)
        all.append(input)
    }

    private func command(_ node: String) -> String {
        Node(experiment: side.experiment, name: node, artifacts: side.store.root).command(node)
    }
}
