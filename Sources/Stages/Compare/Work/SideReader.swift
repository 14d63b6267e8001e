// Reads one side of a comparison from the inputs that begin with its letter.

import Formats
import Report
import StageWork
import StudyReading

/// Reads the attacks, samples and records of a side.
struct SideReader {
    private let letter: String
    private let title: String
    private let work: any Workspace

    init(_ letter: String, title: String, _ work: any Workspace) {
        (self.letter, self.title, self.work) = (letter, title, work)
    }

    /// The side with everything that it has.
    /// - Throws: `ReadingFault`, `FormatFault` for an artifact that is not what its schema says.
    func side() throws -> ComparedSide {
        let roles = work.inputs.map(\.role).filter { $0.hasPrefix(CompareRole.side(letter)) }
        var side = ComparedSide(title: title, experiment: "")
        var samples = SampleOrigins()
        for role in roles where CompareRole.sample(of: role, letter) != nil {
            let file = try work.open(role)
            let reader = try SampleReader(file, record: try work.record(of: role))
            let facts = try reader.facts()
            samples.add(work.name(of: role), file, facts, dataset: reader.datasetName)
            if side.classes.isEmpty { side.classes = facts.classes }
        }
        for role in roles {
            guard let node = CompareRole.attack(of: role, letter) else { continue }
            let record = try work.record(of: role)
            side.experiment = record["experiment"]?.string ?? ""
            side.attacks.append(
                try AttackReader(try work.open(role), record: record, node: node).result(
                    of: samples))
        }
        var seen: Set<String> = []
        for role in roles {
            let node = ComparedNode(record: try work.record(of: role))
            if seen.insert(node.name).inserted { side.nodes.append(node) }
        }
        side.nodes.sort { ($0.rank, $0.name) < ($1.rank, $1.name) }
        return side
    }
}

extension ComparedNode {
    /// A node as its record tells it.
    init(record: JSON) {
        let config = record["config"] ?? .null
        let shown = Dictionary(
            StudyReading.settings(from: config).map { ($0.key, $0.value) }
        ) { first, _ in
            first
        }
        let name = record["node"]?.string ?? ""
        let stem = NodeName.stem(name)
        self.init(
            name: name, stage: record["stage"]?.string ?? "",
            settings: (config.object ?? [:]).filter { !$0.value.isNull }.reduce(into: [:]) {
                $0[$1.key] = (shown[$1.key] ?? $1.value.canonical, $1.value.canonical)
            },
            outputs: (record["outputs"]?.array ?? []).map { output in
                let path = (output["name"]?.string ?? "").split(separator: "/").map(String.init)
                guard let folder = path.first, let file = path.last, path.count > 1 else {
                    return (path.first ?? "", output["sha256"]?.string ?? "")
                }
                // As it is called on the other side, where that has another experiment or network.
                let isOwn = !stem.isEmpty && file.hasPrefix(stem + ".")
                let name = isOwn ? "*" + file.dropFirst(stem.count) : file
                return ("\(folder)/\(name)", output["sha256"]?.string ?? "")
            })
    }

    /// Data first, attacks last.
    fileprivate var rank: Int {
        ["fetch", "sample", "train", "fit"].firstIndex(of: stage) ?? 4
    }
}
