// What a run may touch: inputs, verified before they are handed out, and new files for its outputs,
// which nobody sees until the run has succeeded. The kit's `StoreWorkspace` is the one that reads
// and writes a store.

import Digests
import Formats
import Tensors

/// The inputs and outputs of one run. Not for use from two threads at once.
public protocol Workspace: AnyObject {
    /// Where to say how it goes.
    var log: any RunLog { get }
    /// What computes; how many threads it has and which kernels is never a reason for other results.
    var engine: Engine { get }
    /// The node that runs, for messages.
    var node: String { get }
    /// The experiment that it belongs to, for messages and for a page about that experiment.
    var experiment: String { get }
    /// Whether commands mean that experiment where they name none.
    var isMainExperiment: Bool { get }

    /// What is read, in the order in which the stage announced it; optional files that are absent
    /// are among them.
    var inputs: [RunInput] { get }
    /// Whether an input is there; only an optional file may be absent.
    func holds(_ role: String) -> Bool
    /// The bytes of an input, hashed and compared just now. They stay readable as long as the file is
    /// kept: one that is given up takes no memory any more, so many can be read in turn.
    /// - Throws: a `Fault` with the command that makes it again, where it is damaged.
    func open(_ role: String) throws -> MappedFile
    /// The content of an input, as an artifact may name it: it says nothing of where that came from.
    /// - Throws: `StageFault` for a role that the stage did not announce, or an absent file.
    func digest(of role: String) throws -> Digest
    /// The record of the node that made an input; the stage must declare `readsRecords`.
    /// - Throws: `StageFault` when there is none.
    func record(of role: String) throws -> JSON
    /// A file of these contents that the store holds already, whatever made it; nil if there is none.
    /// `artifact` is a name that such a file has there.
    /// - Throws: a `Fault` where the system does not let anybody tell.
    func kept(_ digest: Digest, as artifact: String) throws -> MappedFile?

    /// The announced artifacts. A name that ends in "/" allows any below it.
    var outputs: [String] { get }
    /// Starts an artifact, one of those announced.
    /// - Throws: `StageFault` for another name, or one that was started before.
    func create(_ artifact: String) throws -> any ArtifactFile
    /// A folder for files that nobody needs after the run; it goes with the run, however that ends.
    var temporaryFolder: String { get }
}

extension Workspace {
    /// The one announced artifact whose name ends so, such as ".curve.json"; with "/", the folder.
    /// - Throws: `StageFault` where none or several do.
    public func output(endingIn suffix: String) throws -> String {
        let found = outputs.filter { $0.hasSuffix(suffix) }
        guard let only = found.first, found.count == 1 else {
            throw StageFault(
                .software,
                "\(found.count) outputs end in \(suffix), and one should: "
                    + outputs.joined(separator: ", "))
        }
        return only
    }

    /// The name of an input, for messages: that of an artifact, or a path.
    public func name(of role: String) -> String {
        inputs.first { $0.role == role }?.name ?? role
    }
}

/// One thing that a run reads.
public struct RunInput: Sendable, Equatable {
    /// What it is for; unique within a run, and part of the key.
    public let role: String
    /// The artifact's name, or the file's path; for messages, and for pages that show it.
    public let name: String

    /// An input of this role and name.
    public init(role: String, name: String) {
        (self.role, self.name) = (role, name)
    }
}

/// An artifact while it is written.
public protocol ArtifactFile: AnyObject {
    /// Adds bytes.
    /// - Throws: a `Fault`, for instance when the disk is full.
    func write(_ bytes: UnsafeRawBufferPointer) throws
    /// Ends the file; those that are left open are ended when the run is over.
    func close() throws
    /// Ends the file and gives what was written, to be read before anybody else sees it.
    func contents() throws -> MappedFile
}

extension ArtifactFile {
    /// Adds bytes.
    public func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0) } }
    /// Adds the UTF-8 bytes of a text.
    public func write(_ text: String) throws { try write(Array(text.utf8)) }
}

/// Where a run says how it goes. Nothing that is said here gets into a result.
public protocol RunLog: Sendable {
    /// Facts of what has just been done, such as the figures of an epoch, which the stage's
    /// `line(of:)` puts in words.
    func report(_ event: JSON)
    /// Says one line.
    func line(_ text: String)
    /// Says something even with `--quiet`: what the user must know.
    func warn(_ text: String)
    /// Shows how far a piece of work is; call it as often as convenient, from one thread.
    /// - Parameters:
    ///   - done: items done.
    ///   - total: items in all.
    ///   - label: what the items are, such as "samples".
    func progress(done: Int, of total: Int, label: String)
    /// Whether progress redraws one line; elsewhere a stage with lines of its own needs none.
    var isTerminal: Bool { get }
}
