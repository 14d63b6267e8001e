// `make mine NAME=second`: an experiment of its own for another network, so that nothing of the first is
// replaced. It is a small file that extends the template and says what differs: what was given on
// the command line, and the names of what it fetches, which all experiments share.

import Artifacts
import Formats
import StageKit

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// An experiment that is made of another by name and settings.
struct Adoption {
    private let template: String
    private let name: String
    private let text: String

    private var folder: String { "\(NodeFinder.folder)/\(name)" }
    private var file: String { "\(folder)/\(ExperimentFile.name)" }

    /// The start of the line by which such a file is known; without it nobody writes over the file.
    private static let mark = "// Written by `make mine NAME="

    /// Works out the file.
    ///
    /// - Parameters:
    ///   - template: The experiment that it is made of.
    ///   - name: What it is to be called.
    ///   - overrides: What was given for nodes of the template.
    ///   - commands: Goals of Make, which no experiment may be called.
    ///   - stages: The stages.
    /// - Throws: `StageFault` for a name that cannot be one, and for values that no node takes.
    init(
        of template: String, as name: String, with overrides: Overrides, commands: [String],
        stages: [any Stage.Type]
    ) throws {
        (self.template, self.name) = (template, name)
        let experiment = try Experiment(template)
        guard !experiment.configs.isEmpty else { throw Pipeline.nothing(in: template) }
        try Pipeline.check(overrides, of: experiment)
        try Adoption.check(name, of: template, commands)
        // "mine-net" is "second-net".
        let fetched = experiment.nodes.filter { $0.hasPrefix("fetch-") }
        let stems = Dictionary(
            uniqueKeysWithValues: fetched.map { node -> (String, String) in
                let stem = String(node.dropFirst("fetch-".count))
                return (stem, "\(name)-" + (stem.split(separator: "-").last.map(String.init) ?? ""))
            })
        var nodes: [String: JSON] = [:]
        var changes: [String: JSON] = [:]
        for (node, config) in experiment.configs {
            let kind = String(node.prefix { $0 != "-" })
            guard let stage = stages.first(where: { $0.kind == kind }) else {
                throw Pipeline.noStage(config.name, stages)
            }
            let base = try config.read().json.object ?? [:]
            let given = try stage.given(for: config, overrides: overrides)
            let named = base.compactMapValues { $0.string.flatMap { stems[$0] }.map(JSON.string) }
            if let stem = stems[String(node.drop { $0 != "-" }.dropFirst())], kind == "fetch" {
                nodes["fetch-\(stem)"] = .object(
                    base.merging(named) { $1 }.merging(given) { $1 })
            } else if !named.isEmpty || !given.isEmpty {
                changes[node] = .object(named.merging(given) { $1 })
            }
        }
        let json: JSON = [
            "extends": .string(template), "drop": .array(fetched.map(JSON.string)),
            "nodes": .object(nodes), "change": .object(changes),
        ]
        text =
            "{\n  \(Adoption.mark)\(name)`, which writes over it; `make \(name)` runs it as it is. Take "
            + "this line away to keep changes of your own.\n" + json.pretty.dropFirst(2)
    }

    private static func check(
        _ name: String, of template: String, _ commands: [String]
    ) throws {
        func fault(_ why: String) -> StageFault {
            StageFault(
                .usage, "NAME=\(Shown.text(name)) \(why)",
                remedy: "choose another, as in NAME=second")
        }
        guard NodeFinder.isName(name) else {
            throw fault("is no name: letters, digits, '.', '_' and '-', a letter or digit first")
        }
        guard !commands.contains(name), name != "make", name != "Makefile", !name.hasPrefix("run.")
        else {
            throw fault("is a goal of Make")
        }
        for other in try Experiment.all() {
            guard let found = try? Experiment(other) else { continue }
            if found.nodes.contains(name) { throw fault("is a node of \(other)") }
        }
    }

    /// Writes the file, over one that was written so before.
    ///
    /// - Returns: Its path.
    /// - Throws: `StageFault` where another experiment has the name; `FormatFault`, `StoreFault`.
    func write() throws -> String {
        if try Disk.names(in: NodeFinder.folder).contains(name) {
            let names = try Disk.names(in: folder)
            let isOurs =
                try names.filter { !$0.hasPrefix(".") } == [ExperimentFile.name]
                && String(decoding: MappedFile.read(file, limit: 1 << 20), as: UTF8.self)
                    .contains(Adoption.mark + name)
            guard isOurs else {
                throw StageFault(
                    .usage, "\(folder)/ is an experiment of its own, and is left as it is",
                    remedy: "`make \(name)` runs it; or choose another NAME")
            }
        }
        if mkdir(folder, 0o777) != 0, !Disk.isFolder(folder) {
            throw StoreFault.system(path: folder, action: "make the folder", code: errno)
        }
        try Disk.replace(file, with: text)
        return file
    }
}
