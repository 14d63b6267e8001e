// What a running stage may touch: its inputs, verified before they are handed out, and new
// files for its outputs, which nobody sees until the run has succeeded.

import Artifacts
import Formats
import Tensors

/// The inputs and outputs of one run. Not for use from two threads at once.
public final class Workspace {
    /// Where to say how it goes.
    public let log: Log
    /// How many threads to use; never a reason for other results.
    public let threads: Int
    /// What computes; never a reason for other results either.
    public private(set) lazy var engine =
        instructionSet.flatMap { Engine($0, workers: Workers(threads: threads)) }
        ?? Engine(threads: threads)

    private let instructionSet: InstructionSet?
    private let store: Store
    private let scratch: Scratch
    private let inputs: ResolvedInputs
    private let allowed: [String]
    private(set) var files: [OutputFile] = []

    init(
        store: Store, scratch: Scratch, inputs: ResolvedInputs, allowed: [String], log: Log,
        threads: Int, instructionSet: InstructionSet? = nil
    ) {
        self.store = store
        self.scratch = scratch
        self.inputs = inputs
        self.allowed = allowed
        self.log = log
        self.threads = threads
        self.instructionSet = instructionSet
    }

    /// Whether an input is there; only an optional file may be absent.
    public func holds(_ role: String) -> Bool { inputs.digest(of: role) != nil }

    /// The bytes of an input, hashed and compared just now. They stay readable as long as the file is
    /// kept: one that is given up takes no memory any more, so many can be read in turn.
    /// - Throws: `StoreFault.damaged` with the command that makes it again.
    public func open(_ role: String) throws -> MappedFile {
        try inputs.open(role, in: store)
    }

    /// The content of an input, as an artifact may name it: it says nothing of where that came from.
    /// - Throws: `StageFault` for a role that the stage did not announce, or an absent file.
    public func digest(of role: String) throws -> Digest {
        guard let digest = inputs.digest(of: role) else {
            throw StageFault(.software, "\(role) is not among the inputs that are there")
        }
        return digest
    }

    /// A file of these contents that the store holds already, whatever made it; nil if there is none.
    /// `artifact` is a name that such a file has there.
    /// - Throws: `StoreFault.system` where nobody can tell.
    public func kept(_ digest: Digest, as artifact: String) throws -> MappedFile? {
        do {
            return try store.open(digest, name: artifact, madeBy: "")
        } catch StoreFault.damaged {
            return nil
        }
    }

    /// A folder for files that nobody needs after the run; it goes with the run, however that ends.
    public var temporaryFolder: String { scratch.path }

    /// The record of the node that made an input; the stage must declare `readsRecords`.
    /// - Throws: `StageFault` when there is none.
    public func record(of role: String) throws -> JSON {
        try inputs.record(of: role)
    }

    /// Starts an artifact, one that the stage's `outputs` announced.
    /// - Throws: `StoreFault.system`.
    public func create(_ artifact: String) throws -> OutputFile {
        guard ArtifactName.isAnnounced(artifact, by: allowed) else {
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
        allowed.filter { name in !name.hasSuffix("/") && !files.contains { $0.name == name } }
    }
}
