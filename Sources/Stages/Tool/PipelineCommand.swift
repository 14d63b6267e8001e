// `pipeline-tool`: what Make asks about a pipeline as a whole. People type `make why`, `make plan`,
// `make config`, `make verify` and the like.

import ArgumentParser
import Artifacts
import Formats
import StageKit

/// The stages of a pipeline, in the order in which they are made.
public protocol StageList {
    /// The stages, makers before readers.
    static var stages: [any Stage.Type] { get }
}

/// The tool for a list of stages.
public struct PipelineCommand<List: StageList>: ParsableCommand {
    /// Name and help.
    public static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "pipeline-tool", abstract: "Looks at a pipeline as a whole.",
            discussion: """
                ACTIONS
                  why       for each node, fresh or stale, and which part of its key differs
                  plan      what `make all` would do
                  dag       who reads from whom; with --dot for Graphviz
                  config    the config of --node and the file that each key is from; or all nodes
                  schemas   write the schemas of all configs for editors, to the folder --to
                  adopt     write an experiment called --name that has the --set of this one
                  show      the figures of --node, if it is what these settings ask for
                  export    write the adversarial images of the attack --node as PNG files
                  verify    hash every artifact again and compare with pipeline/<experiment>.lock
                  lock      write that lock file
                  gc        free objects that nothing names
                  clean     delete what the pipeline made, and nothing else
                  names     for Make: the experiment that the goals belong to, and its nodes
                  rules     for Make: the same, who waits for whom, and who has work to do
                  check     for Make: fail unless --node, or all, is what these settings ask for
                """)
    }

    /// What to do.
    enum Action: String, ExpressibleByArgument, CaseIterable {
        case why, plan, dag, config, schemas, adopt, show, export, verify, lock, gc, clean, names,
            rules, check
    }

    @Argument(help: "What to do.")
    var action: Action

    @Option(help: "The folder of artifacts.")
    var out = Node.defaultArtifacts

    @Option(
        name: .customLong("experiment"),
        help: ArgumentHelp(
            "The folder below pipeline/. Default: \(Node.mainExperiment), or where the node is.",
            valueName: "experiment"))
    var chosen: String?

    @Option(help: "The node to show or check.")
    var node: String?

    @Option(help: ArgumentHelp("A goal of Make that may be a node.", visibility: .hidden))
    var goal: [String] = []

    @Option(help: ArgumentHelp("Goals of Make that are no nodes.", visibility: .hidden))
    var commands = ""

    @Flag(help: ArgumentHelp("Leave wrong configs to their stages.", visibility: .hidden))
    var keepGoing = false

    @Option(help: "What an adopted experiment is called.")
    var name: String?

    @Option(help: "The folder for schemas.")
    var to = EditorSchemas.folder

    @Option(
        help: ArgumentHelp(
            "A value for a key of a node's config, as node.key=value.", valueName: "setting"))
    var set: [String] = []

    @Flag(help: "Draw for Graphviz.")
    var dot = false

    /// For the argument parser.
    public init() {}

    /// The program: the streams first, then what the command line asks for.
    public static func main() {
        Streams.openClosed()
        main(nil)
    }

    /// Does it; ends the process with an exit code of sysexits.
    public func run() throws {
        do {
            try work(Store(out))
        } catch let code as ExitCode {
            throw code
        } catch {
            let fault = StageFault(error)
            // Make has asked on behalf of somebody who has never heard of rules.
            let isMakes = action == .rules || action == .names
            Log.complain(isMakes ? "\(fault)" : "\(action.rawValue): \(fault)")
            throw ExitCode(fault.code.rawValue)
        }
    }

    private func work(_ store: Store) throws {
        switch action {
        case .gc:
            let freed = try Collection(store)
            return Log.say(
                "gc: freed \(freed.objects) objects, \(freed.bytes) bytes, and \(freed.entries) key entries"
            )
        case .clean: return try clean(store)
        case .names: return Log.say(try RulesFragment(experiment()).text)
        case .config: return try config(experiment())
        case .schemas: return try EditorSchemas(List.stages).write(to: to)
        case .adopt: return try adopt()
        case .rules, .verify, .lock:
            // A store of an earlier format is taken over before anything is said of it.
            if try store.isThere(), let words = try store.openIfWritable() { Log.complain(words) }
            // Where nothing is to be made no stage comes to sweep.
            try Scratch.sweep(store)
        default: _ = try store.isThere()
        }
        let papers = action == .verify ? try store.damagedMetadata() : ([], 0)
        let pipeline = try Pipeline(
            experiment(), stages: List.stages, store: store, overrides: Overrides(set))
        switch action {
        case .why: pipeline.why.forEach(Log.say)
        case .plan: pipeline.plan.forEach(Log.say)
        case .dag: (dot ? pipeline.dot : pipeline.drawing).forEach(Log.say)
        case .show: try show(pipeline, in: store)
        case .export: try export(pipeline, in: store)
        case .verify: try verify(pipeline, store, papers)
        case .lock: try lock(pipeline, store)
        case .rules:
            // Where the system does not let a config be read, nobody knows who waits for whom.
            if let fault = pipeline.unread.first { throw fault }
            let wanted = goal.map(PictureExport.node)
            if !keepGoing, let fault = pipeline.misconfigured(among: wanted) { throw fault }
            Log.say(try RulesFragment(pipeline).text)
        case .check: try check(pipeline)
        case .gc, .clean, .names, .config, .schemas, .adopt: break
        }
    }

    /// The experiment that this call is about.
    private func experiment() throws -> String {
        let wanted = goal + (action == .config ? [node].compactMap { $0 } : [])
        return try ExperimentChoice(
            chosen, for: wanted, isGoal: action != .config, artifacts: out,
            commands: commands.split(separator: " ").map(String.init)
        ).name
    }

    /// The config of a node, or the nodes and where they are defined.
    private func config(_ name: String) throws {
        let experiment = try Experiment(name)
        guard let node else {
            guard !experiment.configs.isEmpty else { throw Pipeline.nothing(in: name) }
            let width = experiment.nodes.map(\.count).max() ?? 0
            for (node, config) in experiment.configs.sorted(by: { $0.key < $1.key }) {
                let space = String(repeating: " ", count: width - node.count)
                Log.say("\(node)\(space)  \(config.files.joined(separator: ", then "))")
            }
            return
        }
        guard let config = experiment.configs[node] else {
            throw Pipeline.noNode(node, of: name, experiment.nodes)
        }
        let overrides = try Overrides(set)
        try Pipeline.check(overrides, of: experiment)
        let kind = Node(experiment: name, name: node).kind
        guard let stage = List.stages.first(where: { $0.kind == kind }) else {
            throw Pipeline.noStage(config.name, List.stages)
        }
        let listing = try stage.listing(of: config, overrides: overrides)
        (["// \(node) of \(name)"] + listing).forEach(Log.say)
    }

    private func adopt() throws {
        let adoption = try Adoption(
            of: chosen ?? Node.mainExperiment, as: name ?? "", with: Overrides(set),
            commands: commands.split(separator: " ").map(String.init), stages: List.stages)
        Log.say("adopt: \(try adoption.write())")
    }

    private func clean(_ store: Store) throws {
        let left = try store.clear()
        if !left.isEmpty {
            Log.say(
                "clean: left alone, since the pipeline did not make it: \(left.joined(separator: ", "))"
            )
        }
    }

    private func show(_ pipeline: Pipeline, in store: Store) throws {
        guard let found = pipeline.nodes.first(where: { $0.node.name == node }) else {
            throw Pipeline.noNode(
                node ?? "without a name", of: pipeline.experiment, pipeline.nodes.map(\.node.name))
        }
        guard let record = found.record else {
            throw StageFault(
                .missingInput, "\(found.node.name) has no record",
                remedy: "`\(found.node.command(found.node.name))` makes it")
        }
        // What is shown is the record that was looked at just now.
        try check(pipeline)
        let made = record.outputs.prefix(6).map(\.name).joined(separator: ", ")
        Log.say("\(found.node.name): \(made)")
        (found.figures + record.opening(in: store.root)).forEach { Log.say("  " + $0) }
    }

    private func export(_ pipeline: Pipeline, in store: Store) throws {
        let attacks = pipeline.nodes.filter { $0.node.kind == "attack" }
        guard let found = attacks.first(where: { $0.node.name == node }) else {
            throw Pipeline.noNode(
                node ?? "without a name", of: pipeline.experiment, attacks.map(\.node.name))
        }
        try check(pipeline)
        guard let output = found.record?.outputs.first(where: { $0.name.hasSuffix(".safetensors") })
        else { return }
        let file = try store.open(
            output.digest, name: output.name, madeBy: found.node.command(found.node.name))
        let pictures = try PictureExport(SafeTensors(file), of: found.node)
        let folder = PictureExport.folder(of: found.node)
        let goal = "export-\(found.node.stem)"
        try store.export(
            pictures.files, to: folder,
            title: "the images of \(found.node.name) that reached its goal; "
                + "`\(found.node.command(goal))` writes them anew")
        Log.say(
            "export: \(pictures.count) \(pictures.count == 1 ? "picture" : "pictures") in "
                + "\(store.path("\(Store.exports)/\(folder)"))/, listed in index.csv")
    }

    private func check(_ pipeline: Pipeline) throws {
        let names = pipeline.nodes.map(\.node.name)
        if let node, !names.contains(node) {
            throw Pipeline.noNode(node, of: pipeline.experiment, names)
        }
        let lines = pipeline.shortcomings(of: node)
        guard !lines.isEmpty else { return }
        lines.forEach(Log.complain)
        // Of what cannot be looked at nobody knows that it has changed; the fault says what to do.
        if let fault = pipeline.fault(of: node) { throw ExitCode(fault.code.rawValue) }
        Log.complain(
            "something was edited meanwhile, or another run with other settings has replaced it; "
                + "run the same command again")
        throw ExitCode(StageFault.Code.tryAgain.rawValue)
    }

    private func verify(
        _ pipeline: Pipeline, _ store: Store,
        _ papers: (damaged: [(kind: Store.Metadata, path: String)], checked: Int)
    ) throws {
        let path = LockFile.path(pipeline.experiment)
        let lock = try LockFile(reading: path, artifacts: out)
        let result = try Verification(pipeline, lock: lock, store: store, papers: papers)
        result.lines.forEach(Log.say)
        guard result.wrong == 0 else {
            Log.complain("verify: \(result.wrong) of \(result.checked) are not as they should be")
            throw ExitCode(StageFault.Code.badData.rawValue)
        }
        Log.say(
            "verify: all \(result.checked) artifacts, \(result.tensors) tensors in them, are as \(path) "
                + "says; \(result.papers) records, entries and notes are as they were written")
    }

    private func lock(_ pipeline: Pipeline, _ store: Store) throws {
        if let unmade = pipeline.nodes.first(where: { !$0.isFresh }) {
            throw StageFault(
                .missingInput, "\(unmade.node.name) is not up to date",
                remedy: "run `\(unmade.node.command("all"))` first")
        }
        let outputs = pipeline.nodes.flatMap { $0.record?.outputs ?? [] }
        let lock = LockFile(
            Dictionary(
                try outputs.map {
                    ($0.name, .init(file: $0.digest, tensors: try store.tensors(of: $0)))
                }, uniquingKeysWith: { first, _ in first }))
        let path = LockFile.path(pipeline.experiment)
        try Disk.replace(path, with: lock.text)
        Log.say("lock: \(outputs.count) artifacts in \(path)")
    }
}
