// The command line of every stage. The options below are common to all; every key of the stage's
// config is a flag too, taken from its schema, so that a new setting needs no code here.

import ArgumentParser
import Artifacts
import Formats
import Tensors

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The command `stage-<kind>`; a stage's executable is `TheStage.main()`.
public struct StageCommand<S: Stage>: ParsableCommand {
    /// Name, help and version, all from the stage.
    public static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "stage-\(S.kind)",
            abstract: S.summary,
            usage: "stage-\(S.kind) [--out <folder>] [--node <name>] [--<setting> <value> ...]",
            discussion: HelpText.discussion(of: S.self),
            version: "stage-\(S.kind) 1.0 (code \(S.codeDigest.prefix(12)))")
    }

    @Option(help: ArgumentHelp("The folder of artifacts.", valueName: "folder"))
    var out = Node.defaultArtifacts

    @Option(
        help: ArgumentHelp(
            "The node of the experiment. Default: its only one of stage-\(S.kind).",
            valueName: "name"))
    var node: String?

    @Option(
        help: ArgumentHelp(
            "A config file by itself, in place of a node; its name is the node's.",
            valueName: "file"))
    var config: String?

    @Option(
        help: ArgumentHelp(
            "The folder below pipeline/. Default: the one that the config lies in, or \(Node.mainExperiment).",
            valueName: "name"))
    var experiment: String?

    @Option(help: "Threads to use; never changes a result. Default: one a core.")
    var threads: Int?

    @Option(
        help: ArgumentHelp(
            "Kernels to use: \(InstructionSet.available.map(\.rawValue).joined(separator: " | ")); never changes a result. Default: the last of these.",
            valueName: "name"))
    var instructionSet: String?

    @Option(
        help: ArgumentHelp(
            "A value for a key of a node's config, as node.key=value; those of other nodes are passed over.",
            valueName: "setting"))
    var set: [String] = []

    @Flag(help: "Say nothing but errors.")
    var quiet = false

    @Flag(help: "Do the work even when its result is known, and compare.")
    var force = false

    @Flag(
        help: ArgumentHelp(
            "Describe what the config names, and do nothing.",
            visibility: S.describe == nil ? .hidden : .default))
    var describe = false

    @Option(
        help: ArgumentHelp("Leave the message of a failure in this folder.", visibility: .hidden))
    var failures: String?

    @Flag(help: ArgumentHelp("Leave out the table of figures.", visibility: .hidden))
    var brief = false

    @Argument(
        parsing: .allUnrecognized,
        help: ArgumentHelp("Settings of the config, listed above.", visibility: .hidden))
    var settings: [String] = []

    /// For the argument parser.
    public init() {}

    /// The program: the streams first, then what the command line asks for.
    public static func main() {
        Streams.openClosed()
        main(nil)
    }

    /// Runs the stage and prints what it did; ends the process with an exit code of sysexits.
    public mutating func run() throws {
        var name = "stage-\(S.kind)"
        do {
            let (node, source) = try found()
            name = node.name
            try work(node, source)
        } catch let code as ExitCode {
            throw code
        } catch {
            // Where a signal has come meanwhile, its thread has the last word.
            Disk.whileStill {}
            let fault = StageFault(error)
            report("\(name): \(fault)", name)
            throw ExitCode(fault.code.rawValue)
        }
    }

    private func found() throws -> (Node, NodeConfig) {
        guard S.standsAlone else {
            return try NodeFinder(experiment: experiment, artifacts: out).find(
                kind: S.kind, config: config, node: node)
        }
        guard config == nil, node == nil else {
            throw StageFault(
                .usage, "--config and --node name a node, and stage-\(S.kind) is none",
                remedy: "give its settings: `stage-\(S.kind) --help` lists them")
        }
        if let experiment { try NodeFinder.check(experiment: experiment) }
        let place = Node(
            experiment: experiment ?? Node.mainExperiment, name: S.kind, artifacts: out)
        let layer = NodeConfig.Layer(file: "stage-\(S.kind)", keys: .given([:]))
        return (place, NodeConfig(node: S.kind, layers: [layer]))
    }

    private func work(_ place: Node, _ source: NodeConfig) throws {
        if let threads, threads < 1 {
            throw StageFault(.usage, "--threads \(threads): at least 1 thread is needed")
        }
        let instructionSet = try chosenInstructionSet()
        let given = try SettingFlags(
            settings, set: Overrides(set).values(of: place.name), of: place.name)
        let config = try S.config(source, with: given)
        let node = S.standsAlone ? try S.node(alone: config, at: place) : place
        Interruption.watch(node: node.name)
        if describe {
            guard let lines = try S.describe?(config) else {
                throw StageFault(
                    .usage, "--describe: stage-\(S.kind) has nothing to describe",
                    remedy: "`stage-\(S.kind) --help` lists its flags")
            }
            return lines.forEach(Log.say)
        }

        let log = Log(node: node.name, quiet: quiet, line: { S.line(of: $0) })
        let store = Store(out)
        if let words = try store.open() { log.line(words) }
        let lock = try StoreLock.share(store)
        defer { lock?.release() }
        let (outcome, record) = try Runner<S>(
            store: store, node: node, config: config, threads: threads ?? Machine.cores,
            instructionSet: instructionSet, log: log, force: force
        ).run()
        if !quiet {
            Log.say(outcome.line(node.name, record))
            if !brief {
                for line in S.present(record.summary, config) { Log.say("  " + line) }
                for line in record.opening(in: out) { Log.say("  " + line) }
            }
        }
        if let words = S.shortfall(record.summary, config) {
            Log.complain("\(node.name): \(words)")
            throw ExitCode.failure
        }
    }

    private func chosenInstructionSet() throws -> InstructionSet? {
        guard let instructionSet else { return nil }
        let available = InstructionSet.available
        guard let found = available.first(where: { $0.rawValue == instructionSet }) else {
            throw StageFault(
                .usage, "--instruction-set \(instructionSet): this machine has no such kernels",
                remedy: "choose one of \(available.map(\.rawValue).joined(separator: ", "))")
        }
        return found
    }

    /// Prints a failure, or leaves it to Make, whose last words it should be.
    private func report(_ message: String, _ node: String) {
        if let failures {
            mkdir(failures, 0o700)
            if (try? Disk.replace("\(failures)/\(node)", with: message + "\n")) != nil {
                return Log.complain("\(node): failed")
            }
        }
        Log.complain(message)
    }
}

extension Record {
    /// How to look at the reports among the outputs.
    public func opening(in folder: String) -> [String] {
        outputs.map(\.name).filter { ArtifactName.isRealFile($0) && $0.hasSuffix(".html") }
            .map { "open \(Node.shellQuoted("\(folder)/\($0)"))" }
    }
}

/// What this machine has.
enum Machine {
    /// Processor cores in use.
    static var cores: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
}

extension RunOutcome {
    /// One line for the terminal: the node, what was done, what it made.
    fileprivate func line(_ node: String, _ record: Record) -> String {
        let shown = record.outputs.prefix(3).map { "\($0.name) \($0.digest.hex.prefix(8))" }
        let more = record.outputs.count > 3 ? ", and \(record.outputs.count - 3) more" : ""
        return "\(node): \(rawValue)  (\(shown.joined(separator: ", "))\(more))"
    }
}
