// Names of artifacts carry the experiment and the node that asked for them; what a result is does
// not depend on either. A role is a name without both: `model/original/mlp.curve.json`, made by
// train-mlp of the experiment original, has the role `model/*.curve.json`. Results are kept by role,
// so that equal work is done once, whoever asks, and is given the asking node's names.

/// The names that one node of an experiment gives to artifacts.
public struct Naming: Sendable, Equatable {
    /// The experiment whose artifacts have no folder of their own.
    public static let mainExperiment = "mnist"

    private let experiment: String
    private let stem: Substring

    /// The naming of a node; the experiment is empty for nodes that all share.
    public init(experiment: String, node: String) {
        self.experiment = experiment
        stem = node.drop { $0 != "-" }.dropFirst()
    }

    /// Whether an experiment has folders of its own.
    static func hasFolder(_ experiment: String) -> Bool {
        !experiment.isEmpty && experiment != mainExperiment
    }

    /// The name of an artifact of this experiment: `name("model", "mlp.safetensors")` is
    /// `model/mlp.safetensors`, and `model/original/mlp.safetensors` in the experiment `original`.
    /// Datasets are shared by all experiments.
    public func name(_ folder: String, _ file: String) -> String {
        let own = Naming.hasFolder(experiment) && folder != "dataset"
        return own ? "\(folder)/\(experiment)/\(file)" : "\(folder)/\(file)"
    }

    /// The report of the experiment: `report.html` or `report-<experiment>.html`.
    public var report: String {
        Naming.hasFolder(experiment) ? "report-\(experiment).html" : Naming.reportRole
    }

    private static let reportRole = "report.html"

    /// A name without what it has from experiment and node.
    public func role(of name: String) -> String {
        var parts = name.split(separator: "/")
        guard parts.count > 1 else { return name == report ? Naming.reportRole : name }
        if Naming.hasFolder(experiment), parts[0] != "dataset", parts.count > 2,
            parts[1] == experiment
        {
            parts.remove(at: 1)
        }
        if parts.count == 2, !stem.isEmpty, parts[1].hasPrefix(stem + ".") {
            parts[1] = "*" + parts[1].dropFirst(stem.count)
        }
        return parts.joined(separator: "/")
    }

    /// The name that this node gives to a role; the reverse of `role(of:)`.
    public func name(of role: String) -> String {
        guard let slash = role.firstIndex(of: "/") else {
            return role == Naming.reportRole ? report : role
        }
        var file = String(role[role.index(after: slash)...])
        if file.hasPrefix("*.") { file = String(stem) + file.dropFirst() }
        return name(String(role[..<slash]), file)
    }
}
