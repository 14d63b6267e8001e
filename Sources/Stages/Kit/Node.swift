// A node of the pipeline: one config of an experiment, and the names that follow from it.

import Artifacts

/// One config file of an experiment: `pipeline/mnist/train-mlp.json` is the node `train-mlp`.
public struct Node: Sendable, Equatable {
    /// The experiment whose artifacts have no folder of their own.
    public static let mainExperiment = "mnist"

    /// The experiment: the folder below `pipeline/`.
    public let experiment: String
    /// The node: the config's file name without `.json`, such as "train-mlp".
    public let name: String
    /// All nodes of the experiment, this one included, sorted.
    public let siblings: [String]

    /// A node; `siblings` are the names of all nodes of its experiment.
    public init(experiment: String, name: String, siblings: [String] = []) {
        self.experiment = experiment
        self.name = name
        self.siblings = siblings.sorted()
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
    public var isShared: Bool { kind == "fetch" }

    /// The experiment for records and keys: empty when all experiments share the node.
    public var scope: String { isShared ? "" : experiment }

    /// The name of an artifact of this experiment: `artifact("model", "mlp.safetensors")` is
    /// `model/mlp.safetensors`, and `model/original/mlp.safetensors` in the experiment `original`.
    /// Datasets, and whatever a fetch writes, are shared by all experiments.
    public func artifact(_ folder: String, _ file: String) -> String {
        let own = folder == "dataset" || isShared || experiment == Node.mainExperiment
        return own ? "\(folder)/\(file)" : "\(folder)/\(experiment)/\(file)"
    }

    /// The weights that this experiment calls by a name, and the node that makes them: trained by
    /// `train-<name>`, or fetched by `fetch-<name>`.
    /// - Parameters:
    ///   - name: the stem of that node.
    ///   - suffix: what follows it in the file's name.
    /// - Returns: the artifact's name, and the node's.
    public func model(
        _ name: String, _ suffix: String = "safetensors"
    ) -> (file: String, maker: String) {
        let isFetched = siblings.contains("fetch-\(name)") && !siblings.contains("train-\(name)")
        return isFetched
            ? ("model/\(name).\(suffix)", "fetch-\(name)")
            : (artifact("model", "\(name).\(suffix)"), "train-\(name)")
    }

    /// The report of this experiment: `report.html` or `report-<experiment>.html`.
    public var report: String {
        experiment == Node.mainExperiment ? "report.html" : "report-\(experiment).html"
    }

    /// The command that makes a node of this experiment, for messages.
    public func command(_ node: String) -> String {
        let isMain = experiment == Node.mainExperiment || node.hasPrefix("fetch-")
        return "make \(node)" + (isMain ? "" : " EXPERIMENT=\(experiment)")
    }
}

/// Something that a stage reads.
public struct NodeInput: Sendable, Equatable {
    /// Where an input comes from.
    public enum Source: Sendable, Equatable {
        /// An artifact of another node.
        case artifact(madeBy: String)
        /// A file outside the store, such as `data/mnist/train-images-idx3-ubyte.gz`; read once
        /// into memory, so that what is hashed is what is used.
        case file(optional: Bool)
    }

    /// What it is for; unique within a run.
    public let role: String
    /// The artifact's name, or the file's path from the folder with `pipeline/`.
    public let name: String
    /// Where it comes from.
    public let source: Source

    /// An artifact of another node; `madeBy` is the command that makes it (see `Node.command`).
    public init(role: String, name: String, madeBy: String) {
        self.role = role
        self.name = name
        source = .artifact(madeBy: madeBy)
    }

    /// A file outside the store; an optional one may be absent, and `Workspace.holds` tells.
    public init(role: String, file: String, optional: Bool = false) {
        self.role = role
        name = file
        source = .file(optional: optional)
    }
}
