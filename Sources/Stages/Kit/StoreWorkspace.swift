// The workspace of a run that reads from a store and writes into it.

import Artifacts
import Formats
import StageWork
import Tensors

extension OutputFile: ArtifactFile {}

/// What the runner hands to a stage.
final class StoreWorkspace: Workspace {
    let log: any RunLog
    private(set) lazy var engine =
        instructionSet.flatMap { Engine($0, workers: Workers(threads: threads)) }
        ?? Engine(threads: threads)
    let node: String
    let experiment: String
    let isMainExperiment: Bool
    let inputs: [RunInput]
    let outputs: [String]

    private let threads: Int
    private let instructionSet: InstructionSet?
    private let store: Store
    private let scratch: Scratch
    private let resolved: ResolvedInputs
    /// What was started so far.
    private(set) var files: [OutputFile] = []

    init(
        _ node: Node, inputs: [NodeInput], outputs: [String], resolved: ResolvedInputs,
        store: Store, scratch: Scratch, log: any RunLog, threads: Int,
        instructionSet: InstructionSet?
    ) {
        (self.node, experiment) = (node.name, node.experiment)
        isMainExperiment = node.experiment == Node.mainExperiment
        self.inputs = inputs.map { RunInput(role: $0.role, name: $0.name) }
        self.outputs = outputs
        self.resolved = resolved
        self.store = store
        self.scratch = scratch
        self.log = log
        self.threads = threads
        self.instructionSet = instructionSet
    }

    func holds(_ role: String) -> Bool { resolved.digest(of: role) != nil }

    func open(_ role: String) throws -> MappedFile { try resolved.open(role) }

    func digest(of role: String) throws -> Digest {
        guard let digest = resolved.digest(of: role) else {
            throw StageFault(.software, "\(role) is not among the inputs that are there")
        }
        return digest
    }

    func kept(_ digest: Digest, as artifact: String) throws -> MappedFile? {
        do {
            return try store.open(digest, name: artifact, madeBy: "")
        } catch StoreFault.damaged {
            return nil
        }
    }

    var temporaryFolder: String { scratch.path }

    func record(of role: String) throws -> JSON { try resolved.record(of: role) }

    func create(_ artifact: String) throws -> any ArtifactFile {
        guard ArtifactName.isAnnounced(artifact, by: outputs) else {
            throw StageFault(
                .software, "\(artifact) is not among the outputs that the stage announced")
        }
        guard !files.contains(where: { $0.name == artifact }) else {
            throw StageFault(.software, "\(artifact) is created twice")
        }
        let file = try store.create(artifact, number: files.count, in: scratch)
        files.append(file)
        return file
    }

    /// The announced artifacts that were not created.
    var uncreated: [String] {
        outputs.filter { name in !name.hasSuffix("/") && !files.contains { $0.name == name } }
    }
}
