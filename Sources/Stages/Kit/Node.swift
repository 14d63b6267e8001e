// A node of the pipeline: one config of an experiment, and the names that follow from it.

import Artifacts
import Formats

/// One node of an experiment: `pipeline/mnist/train-mlp.json`, or an entry of `experiment.json`.
public struct Node: Sendable, Equatable {
    /// The experiment whose artifacts have no folder of their own.
    public static let mainExperiment = Naming.mainExperiment

    /// The experiment: the folder below `pipeline/`.
    public let experiment: String
    /// The node: its name in `experiment.json`, or the config's file name without `.json`.
    public let name: String
    /// All nodes of the experiment, this one included, sorted.
    public let siblings: [String]

    /// The folder of artifacts, as the user gave it; for messages.
    public let artifacts: String

    /// The folder of artifacts when none is given.
    public static let defaultArtifacts = "artifacts"

    /// A node; `siblings` are the names of all nodes of its experiment.
    public init(
        experiment: String, name: String, siblings: [String] = [],
        artifacts: String = Node.defaultArtifacts
    ) {
        self.experiment = experiment
        self.name = name
        self.siblings = siblings.sorted()
        self.artifacts = artifacts
    }

    /// The part before the first hyphen: the stage, such as "train".
    public var kind: String { String(name.prefix { $0 != "-" }) }

    /// The part after the first hyphen, such as "mlp"; empty for `visualize`.
    public var stem: String { String(name.drop { $0 != "-" }.dropFirst()) }

    /// Names of the experiment's nodes of a kind, sorted.
    public func siblings(ofKind kind: String) -> [String] {
        siblings.filter { $0 == kind || $0.hasPrefix(kind + "-") }
    }

    /// Fetched data belong to all experiments; everything else to one.
    public var isShared: Bool { kind == Node.sharedKind }

    /// The experiment for records and keys: empty when all experiments share the node.
    public var scope: String { isShared ? "" : experiment }

    /// The names that the node gives to what it makes.
    public var naming: Naming { Naming(experiment: scope, node: name) }

    /// The name of an artifact of this experiment: `artifact("model", "mlp.safetensors")` is
    /// `model/mlp.safetensors`, and `model/original/mlp.safetensors` in the experiment `original`.
    /// Datasets, and whatever a fetch writes, are shared by all experiments.
    public func artifact(_ folder: String, _ file: String) -> String { naming.name(folder, file) }

    /// The report of this experiment: `report.html` or `report-<experiment>.html`.
    public var report: String { naming.report }

    /// The command that makes a node of this experiment, for messages: with what the user gave, so
    /// that it does what it says when it is typed.
    public func command(_ node: String) -> String {
        let isMain = experiment == Node.mainExperiment || node.hasPrefix("\(Node.sharedKind)-")
        return Node.command(node, experiment: isMain ? nil : experiment, artifacts: artifacts)
    }

    /// The command for a goal of Make.
    public static func command(
        _ goal: String, experiment: String? = nil, artifacts: String
    ) -> String {
        var words = ["make", goal]
        if let experiment, experiment != mainExperiment {
            words.append("EXPERIMENT=\(experiment)")
        }
        if artifacts != defaultArtifacts { words.append("ARTIFACTS=\(shellQuoted(artifacts))") }
        return words.joined(separator: " ")
    }

    /// A word as a shell and Make take it: in quotes where it has more than letters, digits and a few
    /// signs, and with every `$` doubled.
    static func shellQuoted(_ word: String) -> String {
        let plain = word.unicodeScalars.allSatisfy {
            $0.properties.isAlphabetic || ("0"..."9").contains($0)
                || "/._-+=:,@".unicodeScalars.contains($0)
        }
        if plain, !word.isEmpty { return word }
        let text = word.split(separator: "'", omittingEmptySubsequences: false).joined(
            separator: "'\\''"
        ).split(separator: "$", omittingEmptySubsequences: false).joined(separator: "$$")
        return "'\(text)'"
    }
}

extension Node {
    /// Refuses an input that no node of the experiment makes: to advise that such a node be made would
    /// lead nowhere.
    /// - Throws: `StageFault` with exit code 66.
    func requireMaker(of input: NodeInput) throws {
        // A node by itself knows of no others.
        guard siblings.contains(name), let maker = input.maker, !siblings.contains(maker) else {
            return
        }
        let kind = String(maker.prefix { $0 != "-" })
        let makers = siblings(ofKind: kind)
        let stems = makers.map { String($0.dropFirst(kind.count + 1)) }
        throw StageFault(
            .missingInput,
            "no node makes \(Shown.text(input.name)), its \(input.role): \(experiment) has no node "
                + "\(Shown.text(maker))",
            remedy: Spelling.nearest(to: String(maker.dropFirst(kind.count + 1)), among: stems)
                .map { "did you mean \($0), of \(kind)-\($0)?" }
                ?? "there are: \((makers.isEmpty ? siblings : makers).joined(separator: ", "))")
    }
}

/// Something that a stage reads.
public struct NodeInput: Sendable, Equatable {
    /// Where an input comes from.
    public enum Source: Sendable, Equatable {
        /// An artifact of another node.
        case artifact(madeBy: String)
        /// A file outside the store, such as `data/mnist/train-images-idx3-ubyte.gz`, of at most
        /// `limit` bytes; copied while it is hashed, so that what is hashed is what is used.
        case file(optional: Bool, limit: Int)
    }

    /// What it is for; unique within a run.
    public let role: String
    /// The artifact's name, or the file's path from the folder with `pipeline/`.
    public let name: String
    /// Where it comes from.
    public let source: Source
    /// Another store that the artifact lies in, which is only read; nil for the run's own.
    public var store: String?
    /// What sets the record of its maker apart where a run reads of two experiments, whose nodes may have the same
    /// names: `A: `. Empty elsewhere.
    public var side = ""

    /// The node that makes it, which its command names; nil for a file.
    public var maker: String? {
        guard case .artifact(let command) = source else { return nil }
        return command.split(separator: " ").dropFirst().first.map(String.init)
    }

    /// An artifact of another node; `madeBy` is the command that makes it (see `Node.command`).
    public init(role: String, name: String, madeBy: String) {
        self.role = role
        self.name = name
        source = .artifact(madeBy: madeBy)
    }

    /// A file outside the store of at most `limit` bytes; an optional one may be absent, and
    /// `Workspace.holds` tells.
    public init(role: String, file: String, optional: Bool = false, limit: Int = .max) {
        self.role = role
        name = file
        source = .file(optional: optional, limit: limit)
    }
}
