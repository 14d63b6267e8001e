// What a stage is. A stage says which settings it has, what it reads and what it writes, and names the
// run that does the work; keys, records, the store, flags, signals and messages are the kit's.
//
// Nothing here is in the digest of the code. Of all that a stage declares, a result depends on the
// resolved config and on the inputs' roles and contents, and both are in its key by themselves.

import Artifacts
import Formats
// Whoever declares or calls stages speaks of runs and of their faults.
@_exported import StageWork

/// One of the pipeline's stages.
public protocol Stage: Sendable {
    /// What it computes; the digest of the code is that of this type's module.
    associatedtype Computation: StageComputation

    /// "train": the executable is then `stage-train`, and the configs are `train-*.json`.
    static var kind: String { get }
    /// One line for `--help`.
    static var summary: String { get }
    /// Examples for `--help`.
    static var discussion: String { get }
    /// The parameters; they may depend on the config itself (`json["attack"]`).
    static func schema(_ json: JSON) throws -> Schema
    /// The schemas that `--help` lists; by default the one of an empty config.
    static var helpSchemas: [Schema] { get }
    /// Whether `Workspace.record(of:)` is used: the records of the inputs then count as inputs.
    static var readsRecords: Bool { get }
    /// Whether it is a node of no experiment: it is called by its settings alone, and its record stands beside
    /// those of the experiments that it reads from.
    static var standsAlone: Bool { get }
    /// The node that a stage which stands alone is, once its settings are known; `place` has the experiment
    /// and the folder that the command line names.
    static func node(alone config: Config, at place: Node) throws -> Node
    /// What the run reads.
    static func inputs(_ config: Config, _ node: Node) throws -> [NodeInput]
    /// The artifacts that the run writes. A name that ends in "/" allows any artifact below it.
    static func outputs(_ config: Config, _ node: Node) throws -> [String]
    /// What the run reports while it works, in a line; nil for what is not worth one.
    static func line(of event: JSON) -> String?
    /// The lines to print for a summary, also when nothing ran.
    static func present(_ summary: JSON, _ config: Config) -> [String]
    /// Why the program is to end with exit code 1 although all was done: what it found falls short of what its
    /// settings ask for. Nil where it does not.
    static func shortfall(_ summary: JSON, _ config: Config) -> String?
    /// The lines that `--describe` prints in place of a run; nil for a stage without that flag.
    static var describe: (@Sendable (Config) throws -> [String])? { get }
}

extension Stage {
    /// The digest of the sources that the run is made from.
    public static var codeDigest: String { Computation.codeDigest }
    /// The schema of an empty config, if that has one.
    public static var helpSchemas: [Schema] { (try? [schema(.object([:]))]) ?? [] }
    /// Most stages read artifacts only.
    public static var readsRecords: Bool { false }
    /// Most stages are nodes of an experiment.
    public static var standsAlone: Bool { false }
    /// The place itself.
    public static func node(alone config: Config, at place: Node) throws -> Node { place }
    /// Most stages ask nothing of what they find.
    public static func shortfall(_ summary: JSON, _ config: Config) -> String? { nil }
    /// Most runs report nothing but progress.
    public static func line(of event: JSON) -> String? { nil }
    /// Most stages have nothing to describe.
    public static var describe: (@Sendable (Config) throws -> [String])? { nil }
    /// The program `stage-<kind>`.
    public static func main() { StageCommand<Self>.main() }
}

extension Config: ResolvedConfig {}
