// From a command line to a node: which config is meant, and which experiment it belongs to.

import Artifacts
import Formats

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Finds the configs of experiments below `pipeline/`.
public struct NodeFinder {
    /// The folder of experiments.
    public static let folder = "pipeline"

    private let experiment: String?
    private let artifacts: String

    /// A finder for one experiment; nil for the one that the config lies in, or the main one. `artifacts`
    /// is the folder that the user named.
    public init(experiment: String? = nil, artifacts: String = Node.defaultArtifacts) {
        self.experiment = experiment
        self.artifacts = artifacts
    }

    /// Whether a text can be the name of an experiment or a node: letters, digits, `.`, `_` and `-`,
    /// a letter or digit first. It becomes part of paths, commands and rules of Make.
    public static func isName(_ text: some StringProtocol) -> Bool {
        func isWord(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: false
            }
        }
        guard let first = text.utf8.first, isWord(first) else { return false }
        return text.utf8.allSatisfy { isWord($0) || [0x2D, 0x2E, 0x5F].contains($0) }
    }

    /// Refuses what is no name of an experiment.
    /// - Throws: `StageFault` with exit code 64.
    public static func check(experiment: String) throws {
        guard isName(experiment) else {
            throw StageFault(
                .usage, "\(Shown.text(experiment)) is no name of an experiment",
                remedy:
                    "it is a folder below \(folder)/, named by letters, digits, '.', '_' and '-'")
        }
    }

    /// The node name of a config's path: "train-mlp" for "pipeline/mnist/train-mlp.json".
    static func name(ofConfig path: String) -> String {
        let file = path.split(separator: "/").last.map(String.init) ?? path
        return file.hasSuffix(".json") ? String(file.dropLast(5)) : file
    }

    /// The node that a stage should run, and its config.
    /// - Parameters:
    ///   - kind: the stage.
    ///   - config: a config file by itself; its name is the node's.
    ///   - name: a node of the experiment; nil for the only one of the stage.
    /// - Returns: the node and its config.
    /// - Throws: `StageFault` when there is no such config or node, or no single candidate; what
    ///   `Experiment` throws.
    func find(kind: String, config: String?, node name: String?) throws -> (Node, NodeConfig) {
        guard let config else { return try find(kind: kind, node: name) }
        guard name == nil else {
            throw StageFault(
                .usage, "--config and --node are given, and each names the node",
                remedy: "leave one of them out")
        }
        return try find(kind: kind, config: config)
    }

    private func find(kind: String, config path: String) throws -> (Node, NodeConfig) {
        let parts = path.split(separator: "/").map(String.init)
        let around = parts.count >= 3 && parts[parts.count - 3] == NodeFinder.folder
        let experiment = try Experiment(
            self.experiment ?? (around ? parts[parts.count - 2] : Node.mainExperiment))
        guard access(path, F_OK) == 0 || ![ENOENT, ENOTDIR].contains(errno) else {
            throw StageFault(
                .missingInput, "\(Shown.text(path)) does not exist",
                remedy: choices(kind, in: experiment))
        }
        let node = node(NodeFinder.name(ofConfig: path), of: experiment)
        guard NodeFinder.isName(node.name) else {
            throw StageFault(
                .usage, "\(Shown.text(path)) cannot be a node's config",
                remedy: "name the file by letters, digits, '.', '_' and '-' only")
        }
        guard parts.last != ExperimentFile.name else {
            throw StageFault(
                .usage, "\(path) describes an experiment, not a node",
                remedy: choices(kind, in: experiment))
        }
        guard node.kind == kind else {
            throw StageFault(
                .usage, "\(path) is the config of stage-\(node.kind), and this is stage-\(kind)",
                remedy: "a config's name begins with its stage, such as \(kind)-name.json")
        }
        return (node, NodeConfig(node: node.name, file: path))
    }

    private func find(kind: String, node name: String?) throws -> (Node, NodeConfig) {
        let experiment = try Experiment(experiment ?? Node.mainExperiment)
        let fitting = node(kind, of: experiment).siblings(ofKind: kind)
        if let name {
            let node = node(name, of: experiment)
            guard let config = experiment.configs[name] else {
                throw StageFault(
                    .missingInput, "\(experiment.name) has no node \(Shown.text(name))",
                    remedy: other(with: name, than: experiment).map {
                        "\($0.name) has it: \(option(name, in: $0))"
                    } ?? Spelling.nearest(to: name, among: fitting).map { "did you mean \($0)?" }
                        ?? choices(kind, in: experiment))
            }
            guard node.kind == kind else {
                throw StageFault(
                    .usage, "\(name) is a node of stage-\(node.kind), and this is stage-\(kind)",
                    remedy: choices(kind, in: experiment))
            }
            return (node, config)
        }
        guard let only = fitting.first, let config = experiment.configs[only], fitting.count == 1
        else {
            guard fitting.isEmpty else {
                throw StageFault(
                    .usage, "\(experiment.name) has \(fitting.count) nodes of stage-\(kind)",
                    remedy: "name one:\n  "
                        + fitting.map { option($0, in: experiment) }.joined(separator: "\n  "))
            }
            throw StageFault(
                .missingInput,
                "\(NodeFinder.folder)/\(experiment.name)/ has no config for stage-\(kind)",
                remedy: choices(kind, in: experiment))
        }
        return (node(only, of: experiment), config)
    }

    private func node(_ name: String, of experiment: Experiment) -> Node {
        Node(
            experiment: experiment.name, name: name, siblings: experiment.nodes,
            artifacts: artifacts)
    }

    private func option(_ node: String, in experiment: Experiment) -> String {
        "--node \(node)"
            + (experiment.name == Node.mainExperiment ? "" : " --experiment \(experiment.name)")
    }

    /// Another experiment that has a node; none where the one that is named is not there at all.
    private func other(with name: String, than experiment: Experiment) -> Experiment? {
        guard !experiment.configs.isEmpty else { return nil }
        return ((try? Experiment.all()) ?? []).lazy.filter { $0 != experiment.name }
            .compactMap { try? Experiment($0) }.first { $0.configs[name] != nil }
    }

    private func choices(_ kind: String, in experiment: Experiment) -> String {
        let fitting = node(kind, of: experiment).siblings(ofKind: kind)
        guard fitting.isEmpty else {
            return "there are: "
                + fitting.map { option($0, in: experiment) }.joined(separator: ", ")
        }
        let all = (try? Experiment.all()) ?? []
        guard !all.isEmpty else {
            return "run this in the folder that holds \(NodeFinder.folder)/, or name a file with "
                + "--config"
        }
        guard all.contains(experiment.name) else {
            return Spelling.nearest(to: experiment.name, among: all).map {
                "did you mean --experiment \($0)?"
            } ?? "the experiments are \(all.joined(separator: ", "))"
        }
        let holders = all.filter {
            (try? Experiment($0))?.nodes.contains { $0 == kind || $0.hasPrefix("\(kind)-") } == true
        }
        return holders.isEmpty
            ? "name a file with --config"
            : "these have: \(holders.map { "--experiment \($0)" }.joined(separator: ", "))"
    }
}
