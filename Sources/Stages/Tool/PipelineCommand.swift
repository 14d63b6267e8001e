// `pipeline-tool`: what Make asks about a pipeline as a whole. People type `make why`, `make plan`,
// `make verify`, `make lock`, `make gc` and `make dag`.

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
                  show      the figures of --node
                  verify    hash every artifact again and compare with pipeline/<experiment>.lock
                  lock      write that lock file
                  gc        free objects that nothing names
                  stale     for Make: delete the stamp (in --stamps) of every node that is not fresh
                """)
    }

    /// What to do.
    enum Action: String, ExpressibleByArgument, CaseIterable {
        case why, plan, dag, show, verify, lock, gc, stale
    }

    @Argument(help: "What to do.")
    var action: Action

    @Option(help: "The folder of artifacts.")
    var out = "artifacts"

    @Option(help: "The folder below pipeline/.")
    var experiment = Node.mainExperiment

    @Option(help: "The node to show.")
    var node: String?

    @Option(help: "The folder of Make's stamps.")
    var stamps: String?

    @Option(
        help: ArgumentHelp(
            "A value for a key of a node's config, as node.key=value.", valueName: "setting"))
    var set: [String] = []

    @Flag(help: "Draw for Graphviz.")
    var dot = false

    /// For the argument parser.
    public init() {}

    /// Does it; ends the process with an exit code of sysexits.
    public func run() throws {
        do {
            try work(Store(out))
        } catch let code as ExitCode {
            throw code
        } catch {
            let fault = StageFault(error)
            Log.complain("\(action.rawValue): \(fault)")
            throw ExitCode(fault.code.rawValue)
        }
    }

    private func work(_ store: Store) throws {
        if action == .gc {
            let freed = try Collection(store)
            return Log.say(
                "gc: freed \(freed.objects) objects, \(freed.bytes) bytes, and \(freed.entries) key entries"
            )
        }
        let pipeline = try Pipeline(
            experiment, stages: List.stages, store: store, overrides: Overrides(set))
        switch action {
        case .why: pipeline.why.forEach(Log.say)
        case .plan: pipeline.plan.forEach(Log.say)
        case .dag: (dot ? pipeline.dot : pipeline.drawing).forEach(Log.say)
        case .show: try show(pipeline)
        case .verify: try verify(pipeline, store)
        case .lock: try lock(pipeline, store)
        case .stale: try forgetStamps(pipeline)
        case .gc: break
        }
    }

    private func show(_ pipeline: Pipeline) throws {
        guard let found = pipeline.nodes.first(where: { $0.node.name == node }) else {
            throw StageFault(
                .usage, "there is no node \(node ?? "without a name")",
                remedy: "there are: \(pipeline.nodes.map(\.node.name).joined(separator: ", "))")
        }
        guard let record = found.record else {
            throw StageFault(
                .missingInput, "\(found.node.name) has no record",
                remedy: "`\(found.node.command(found.node.name))` makes it")
        }
        let made = record.outputs.prefix(6).map(\.name).joined(separator: ", ")
        Log.say("\(found.node.name): \(made)")
        found.figures.forEach { Log.say("  " + $0) }
    }

    private func verify(_ pipeline: Pipeline, _ store: Store) throws {
        let path = LockFile.path(experiment)
        let result = try Verification(pipeline, lock: try LockFile(reading: path), store: store)
        result.lines.forEach(Log.say)
        guard result.wrong == 0 else {
            Log.complain("verify: \(result.wrong) of \(result.checked) are not as \(path) says")
            throw ExitCode(65)
        }
        Log.say(
            "verify: all \(result.checked) artifacts, \(result.tensors) tensors in them, are as \(path) says")
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
        try Disk.jot(lock.text, to: LockFile.path(experiment))
        Log.say("lock: \(outputs.count) artifacts in \(LockFile.path(experiment))")
    }

    private func forgetStamps(_ pipeline: Pipeline) throws {
        guard let stamps else { throw StageFault(.usage, "stale needs --stamps") }
        for node in pipeline.nodes where !node.isFresh {
            try Disk.delete("\(stamps)/\(node.node.name)")
        }
    }
}
