// What a stage is. A stage says which settings it has, what it reads and what it writes, and does
// the work; keys, records, the store, flags, signals and messages are the kit's.

import Artifacts
import Formats

/// One of the pipeline's stages.
public protocol Stage: Sendable {
    /// "train": the executable is then `stage-train`, and the configs are `train-*.json`.
    static var kind: String { get }
    /// One line for `--help`.
    static var summary: String { get }
    /// Examples for `--help`.
    static var discussion: String { get }
    /// The digest of the sources of the stage; hand over the module's generated `codeDigest`.
    static var codeDigest: String { get }
    /// The parameters; they may depend on the config itself (`json["attack"]`).
    static func schema(_ json: JSON) throws -> Schema
    /// The schemas that `--help` lists; by default the one of an empty config.
    static var helpSchemas: [Schema] { get }
    /// Whether `Workspace.record(of:)` is used: the records of the inputs then count as inputs.
    static var readsRecords: Bool { get }
    /// What the run reads.
    static func inputs(_ config: Config, _ node: Node) throws -> [NodeInput]
    /// The artifacts that the run writes. A name that ends in "/" allows any artifact below it.
    static func outputs(_ config: Config, _ node: Node) throws -> [String]
    /// Does the work and gives the record's summary: figures that depend on the inputs alone.
    static func run(_ config: Config, _ node: Node, _ work: Workspace) throws -> JSON
    /// The lines to print for a summary, also when nothing ran.
    static func present(_ summary: JSON, _ config: Config) -> [String]
}

extension Stage {
    /// The schema of an empty config, if that has one.
    public static var helpSchemas: [Schema] { (try? [schema(.object([:]))]) ?? [] }
    /// Most stages read artifacts only.
    public static var readsRecords: Bool { false }
}
