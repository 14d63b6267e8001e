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

    /// A finder for one experiment; nil for the one that the config lies in, or mnist. `artifacts` is
    /// the folder that the user named.
    public init(experiment: String? = nil, artifacts: String = Node.defaultArtifacts) {
        self.experiment = experiment
        self.artifacts = artifacts
    }

    /// Whether a text can be the name of an experiment or a node: letters, digits, `.`, `_` and `-`,
    /// a letter or digit first. It becomes part of paths, commands and rules of Make.
    static func isName(_ text: some StringProtocol) -> Bool {
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

    /// Names of an experiment's nodes, sorted.
    /// - Throws: `StageFault` for a config whose name cannot be a node's; `StoreFault.system`.
    public static func nodes(of experiment: String) throws -> [String] {
        let files = try Disk.names(in: "\(folder)/\(experiment)")
            .filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") }
        if let odd = files.first(where: { !isName($0) }) {
            throw StageFault(
                .badData, "\(folder)/\(experiment)/\(Shown.text(odd)) cannot be a node's name",
                remedy: "name the config by letters, digits, '.', '_' and '-' only")
        }
        return files.map { name(ofConfig: $0) }
    }

    /// The node that a stage should run, and the path of its config.
    /// - Throws: `StageFault` when the config does not exist or there is no single candidate.
    func find(kind: String, config: String?) throws -> (Node, path: String) {
        let parts = config?.split(separator: "/").map(String.init) ?? []
        let around = parts.count >= 3 && parts[parts.count - 3] == NodeFinder.folder
        let name = experiment ?? (around ? parts[parts.count - 2] : Node.mainExperiment)
        try NodeFinder.check(experiment: name)
        let siblings = try NodeFinder.nodes(of: name)
        guard let path = config else {
            let fitting = Node(experiment: name, name: kind, siblings: siblings).siblings(
                ofKind: kind)
            guard let only = fitting.first, fitting.count == 1 else {
                throw NodeFinder.ambiguous(kind, name, fitting)
            }
            let node = Node(
                experiment: name, name: only, siblings: siblings, artifacts: artifacts)
            return (node, "\(NodeFinder.folder)/\(name)/\(only).json")
        }
        guard access(path, F_OK) == 0 || ![ENOENT, ENOTDIR].contains(errno) else {
            throw StageFault(
                .missingInput, "\(Shown.text(path)) does not exist",
                remedy: NodeFinder.list(kind, name, siblings))
        }
        let node = Node(
            experiment: name, name: NodeFinder.name(ofConfig: path), siblings: siblings,
            artifacts: artifacts)
        guard NodeFinder.isName(node.name) else {
            throw StageFault(
                .usage, "\(Shown.text(path)) cannot be a node's config",
                remedy: "name the file by letters, digits, '.', '_' and '-' only")
        }
        guard node.kind == kind else {
            throw StageFault(
                .usage, "\(path) is the config of stage-\(node.kind), and this is stage-\(kind)",
                remedy: "a config's name begins with its stage, such as \(kind)-name.json")
        }
        return (node, path)
    }

    private static func ambiguous(_ kind: String, _ experiment: String, _ fitting: [String])
        -> StageFault
    {
        guard !fitting.isEmpty else {
            return StageFault(
                .missingInput, "\(folder)/\(experiment)/ has no config for stage-\(kind)",
                remedy: "run this in the folder that holds \(folder)/, or name one with --config")
        }
        let paths = fitting.map { "--config \(folder)/\(experiment)/\($0).json" }
        return StageFault(
            .usage, "\(folder)/\(experiment)/ has \(fitting.count) configs for stage-\(kind)",
            remedy: "name one:\n  " + paths.joined(separator: "\n  "))
    }

    private static func list(_ kind: String, _ experiment: String, _ siblings: [String]) -> String {
        let fitting = Node(experiment: experiment, name: kind, siblings: siblings).siblings(
            ofKind: kind)
        return fitting.isEmpty
            ? "run this in the folder that holds \(folder)/"
            : "there are: "
                + fitting.map { "\(folder)/\(experiment)/\($0).json" }.joined(separator: ", ")
    }
}
