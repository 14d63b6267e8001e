// An experiment: a folder below `pipeline/`, and the nodes that its files describe. Each config that lies
// in the folder is a node; an `experiment.json` beside them adds nodes of its own and those of the
// experiment that it extends.

import Artifacts
import Formats

/// The nodes of an experiment and their configs, not read yet.
public struct Experiment: Sendable {
    /// The name: the folder below `pipeline/`.
    public let name: String
    /// The configs by node; none where there is no such folder.
    public let configs: [String: NodeConfig]

    /// The names of the nodes, sorted.
    public var nodes: [String] { configs.keys.sorted() }

    /// Finds the nodes of an experiment and of all that it extends.
    /// - Throws: `StageFault`, `ConfigFault`, `FormatFault` for an `experiment.json` that is wrong;
    ///   `StageFault` for a config whose name cannot be a node's; `StoreFault.system`.
    public init(_ name: String) throws {
        try NodeFinder.check(experiment: name)
        self.name = name
        var reader = ExperimentReader()
        configs = try reader.configs(of: name)
    }

    /// The experiments that there are, sorted: folders that say what a report shows, or extend another.
    /// - Throws: `StoreFault.system`.
    public static func all() throws -> [String] {
        try Disk.names(in: NodeFinder.folder).filter { name in
            guard NodeFinder.isName(name) else { return false }
            let files = try Disk.names(in: "\(NodeFinder.folder)/\(name)")
            return files.contains("visualize.json") || files.contains(ExperimentFile.name)
        }
    }
}

/// Reads experiments, each once, and knows which it is in the middle of.
private struct ExperimentReader {
    private typealias Configs = [String: NodeConfig]

    private var known: [String: [String: NodeConfig]] = [:]
    private var open: [String] = []

    mutating func configs(of experiment: String) throws -> [String: NodeConfig] {
        if let configs = known[experiment] { return configs }
        open.append(experiment)
        defer { open.removeLast() }
        let folder = "\(NodeFinder.folder)/\(experiment)"
        let names = try Disk.names(in: folder).filter {
            $0.hasSuffix(".json") && !$0.hasPrefix(".")
        }
        let own = try files(names.filter { $0 != ExperimentFile.name }, in: folder)
        var configs = own
        if names.contains(ExperimentFile.name) {
            let file = try ExperimentFile("\(folder)/\(ExperimentFile.name)")
            configs = try inherited(file, besides: own)
            configs.merge(own) { $1 }
            try add(file, to: &configs, own: own)
            try multiply(file, &configs, own: own)
        }
        known[experiment] = configs
        return configs
    }

    private func files(_ names: [String], in folder: String) throws -> Configs {
        if let odd = names.first(where: { !NodeFinder.isName($0) }) {
            throw StageFault(
                .badData, "\(folder)/\(Shown.text(odd)) cannot be a node's name",
                remedy: "name the config by letters, digits, '.', '_' and '-' only")
        }
        return Dictionary(
            uniqueKeysWithValues: names.map {
                let node = NodeFinder.name(ofConfig: $0)
                return (node, NodeConfig(node: node, file: "\(folder)/\($0)"))
            })
    }

    // MARK: What is taken over

    /// The nodes of the experiment that a file extends, those left that it keeps, with its changes; a
    /// file of this experiment's own stands in place of a node of its name.
    private mutating func inherited(_ file: ExperimentFile, besides own: Configs) throws -> Configs
    {
        guard let base = file.extends else { return [:] }
        let all = try other(base, file, "extends")
        func check(_ key: String, _ entries: [(text: String, pattern: NodePattern)]) throws {
            for (_, pattern) in entries {
                guard let odd = pattern.unused(among: all.keys) else { continue }
                throw unknown(odd, key, of: base, all, file)
            }
        }
        try check("keep", file.keep ?? [])
        try check("drop", file.drop)
        try check("change", file.change.map { ($0.text, $0.pattern) })
        var kept = all.filter { name, _ in
            file.keep?.contains { $0.pattern.matches(name) } != false
                && !file.drop.contains { $0.pattern.matches(name) } && own[name] == nil
        }
        // A group first, then what is named in full: the nearer word counts.
        for exact in [false, true] {
            let changes = file.change.filter { $0.pattern.isExact == exact }
            for (text, pattern, _) in changes {
                if let odd = pattern.unused(among: kept.keys) {
                    throw StageFault(
                        .badData,
                        "\(file.path): change: \(text): \(odd) is not taken over from \(base)",
                        remedy: own[odd].map { "change it in \($0.files[0])" }
                            ?? "keep it, do not drop it, or leave the change out")
                }
            }
            for name in kept.keys.sorted() {
                var given: [String: (text: String, value: JSON)] = [:]
                for (text, pattern, keys) in changes where pattern.matches(name) {
                    for (key, value) in keys {
                        if let earlier = given[key], earlier.value != value {
                            throw StageFault(
                                .badData,
                                "\(file.path): change: \"\(min(earlier.text, text))\" and "
                                    + "\"\(max(earlier.text, text))\" both give \(key) of \(name)",
                                remedy:
                                    "give it once; what names \(name) in full counts before a group"
                            )
                        }
                        given[key] = (text, value)
                    }
                }
                guard !given.isEmpty else { continue }
                kept[name]?.change(given.mapValues(\.value), exact: exact, in: file.path)
            }
        }
        return kept
    }

    /// The nodes of another experiment, named by a file.
    private mutating func other(
        _ name: String, _ file: ExperimentFile, _ key: String
    ) throws -> Configs {
        if let start = open.firstIndex(of: name) {
            let circle = (open[start...] + [name]).joined(separator: " → ")
            throw StageFault(
                .badData, "\(file.path): \(key) goes in a circle: \(circle)",
                remedy: "take one of these extends away")
        }
        let found = try configs(of: name)
        guard found.isEmpty else { return found }
        let all = try Experiment.all()
        guard !all.contains(name) else {
            throw StageFault(
                .badData, "\(file.path): \(key): \(NodeFinder.folder)/\(name)/ has no nodes",
                remedy: "add one, or extend another experiment")
        }
        throw StageFault(
            .badData,
            "\(file.path): \(key): there is no experiment \(NodeFinder.folder)/\(name)/",
            remedy: Spelling.nearest(to: name, among: all).map { "did you mean \($0)?" }
                ?? "there are: \(all.joined(separator: ", "))")
    }

    private func unknown(
        _ node: String, _ key: String, of base: String, _ all: Configs, _ file: ExperimentFile
    ) -> StageFault {
        StageFault(
            .badData, "\(file.path): \(key): \(base) has no node \(node)",
            remedy: Spelling.nearest(to: node, among: all.keys.sorted()).map {
                "did you mean \($0)?"
            }
                ?? "`make config EXPERIMENT=\(base)` lists its nodes")
    }

    // MARK: What is added

    private mutating func add(
        _ file: ExperimentFile, to configs: inout Configs, own: Configs
    ) throws {
        for (name, keys) in file.nodes.sorted(by: { $0.key < $1.key }) {
            if let other = own[name] { throw twice(name, other.name, "nodes", file) }
            if configs[name] != nil {
                throw StageFault(
                    .badData,
                    "\(file.path): nodes: \(name) is taken over from \(file.extends ?? "another") already",
                    remedy: "write its keys under change; or drop it first, under drop")
            }
            var keys = keys
            guard let base = keys.removeValue(forKey: "extends") else {
                let layer = NodeConfig.Layer(file: file.path, keys: .given(keys))
                configs[name] = NodeConfig(node: name, layers: [layer])
                continue
            }
            configs[name] = try node(base, name, file).renamed(name, keys, in: file.path)
        }
    }

    /// The node of another experiment that a node extends: `mnist-cnn` for the one of its own name,
    /// `original/train-mlp` for any.
    private mutating func node(
        _ base: JSON, _ name: String, _ file: ExperimentFile
    ) throws -> NodeConfig {
        let words = base.string?.split(separator: "/", omittingEmptySubsequences: false) ?? []
        guard (1...2).contains(words.count), words.allSatisfy({ NodeFinder.isName($0) }) else {
            throw ConfigFault.wrongKind(
                key: "nodes: \(name): extends",
                expected: "another experiment (mnist), or a node of one (mnist/\(name))",
                found: Shown.text(base.canonical), file: file.path)
        }
        let experiment = String(words[0])
        let wanted = words.count > 1 ? String(words[1]) : name
        let all = try other(experiment, file, "nodes: \(name): extends")
        guard let found = all[wanted] else {
            throw unknown(wanted, "nodes: \(name): extends", of: experiment, all, file)
        }
        return found
    }

    private func twice(
        _ name: String, _ first: String, _ second: String, _ file: ExperimentFile
    ) -> StageFault {
        StageFault(
            .badData, "\(name) is defined twice: \(first), and \(second) of \(file.path)",
            remedy: "take it out of one of them")
    }

    // MARK: What is multiplied

    /// The most nodes that a matrix makes of one, and that an experiment has with them.
    private static let limit = 2000

    private func multiply(
        _ file: ExperimentFile, _ configs: inout Configs, own: Configs
    ) throws {
        var made: Configs = [:]
        var sources: [String: String] = [:]
        for (text, pattern, axes) in file.matrix {
            if let odd = pattern.unused(among: configs.keys) {
                let names = configs.keys.sorted()
                throw StageFault(
                    .badData, "\(file.path): matrix: there is no node \(odd) here",
                    remedy: Spelling.nearest(to: odd, among: names).map { "did you mean \($0)?" }
                        ?? "there are: \(names.joined(separator: ", "))")
            }
            for (name, config) in configs.sorted(by: { $0.key < $1.key })
            where pattern.matches(name) {
                if let earlier = sources.updateValue(text, forKey: name) {
                    throw StageFault(
                        .badData,
                        "\(file.path): matrix: \"\(min(earlier, text))\" and \"\(max(earlier, text))\" "
                            + "both multiply \(name)",
                        remedy: "give all its keys in one of them")
                }
                for copy in try product(of: config, axes, file) {
                    if made.updateValue(copy, forKey: copy.node) != nil {
                        throw twice(copy.node, "matrix", "matrix", file)
                    }
                }
                try refuse(made.count, file)
            }
        }
        for name in sources.keys { configs[name] = nil }
        for (name, config) in made.sorted(by: { $0.key < $1.key }) {
            if configs.updateValue(config, forKey: name) != nil {
                let first =
                    own[name]?.name ?? (file.nodes[name] != nil ? "nodes" : "what it takes over")
                throw twice(name, first, "matrix", file)
            }
        }
        try refuse(configs.count, file)
    }

    /// Refuses more nodes than anybody could want.
    private func refuse(_ count: Int, _ file: ExperimentFile) throws {
        guard count > Self.limit else { return }
        throw StageFault(
            .badData, "\(file.path): matrix: more than \(Self.limit) nodes",
            remedy: "list fewer values, or drop what is not needed here")
    }

    private func product(
        of config: NodeConfig, _ axes: [ExperimentFile.Axis], _ file: ExperimentFile
    ) throws -> [NodeConfig] {
        var made: [(name: String, keys: [String: JSON])] = [(config.node, [:])]
        for axis in axes {
            guard made.count * axis.values.count <= Self.limit else {
                throw StageFault(
                    .badData,
                    "\(file.path): matrix: more than \(Self.limit) nodes of \(config.node)",
                    remedy: "list fewer values")
            }
            made = made.flatMap { name, keys in
                axis.values.map { label, value in
                    ("\(name)-\(label)", keys.merging([axis.key: value]) { $1 })
                }
            }
        }
        if let odd = made.first(where: { $0.name.utf8.count > 200 }) {
            throw StageFault(
                .badData, "\(file.path): matrix: \(odd.name) is too long for a file's name",
                remedy: "give the values shorter names, as in { \"small\": [0.1] }")
        }
        return made.map { config.renamed($0.name, $0.keys, in: file.path) }
    }
}
