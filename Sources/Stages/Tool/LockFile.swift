// `pipeline/<experiment>.lock`: the digest that every artifact of an experiment must have, in the
// format of sha256sum, so that `cd artifacts && sha256sum -c ../pipeline/mnist.lock` works too.

import Artifacts
import Formats
import StageKit

/// The golden digests of an experiment.
struct LockFile {
    let digests: [String: Digest]

    /// The path of an experiment's lock file.
    static func path(_ experiment: String) -> String { "\(NodeFinder.folder)/\(experiment).lock" }

    init(_ digests: [String: Digest]) { self.digests = digests }

    /// Reads a lock file.
    /// - Throws: `StageFault` when it is absent or a line is malformed.
    init(reading path: String) throws {
        let text: String
        do {
            text = String(decoding: try MappedFile.read(path), as: UTF8.self)
        } catch {
            throw StageFault(
                .missingInput, "\(path) does not exist",
                remedy: "`\(LockFile.command(for: path))` writes it")
        }
        var digests: [String: Digest] = [:]
        for (index, line) in text.split(separator: "\n").enumerated() {
            let hex = String(line.prefix(64))
            let name = String(line.dropFirst(66))
            guard let digest = Digest(hex: hex), line.dropFirst(64).hasPrefix("  "), !name.isEmpty
            else {
                throw StageFault(
                    .badData,
                    "\(path), line \(index + 1): expected a SHA-256, two spaces and a name",
                    remedy: "restore it by `git checkout \(path)`, or write it anew by "
                        + "`\(LockFile.command(for: path))`")
            }
            digests[name] = digest
        }
        self.digests = digests
    }

    /// The command that writes a lock file: that of the main experiment needs no name.
    private static func command(for path: String) -> String {
        let file = path.split(separator: "/").last ?? ""
        let experiment = file.prefix { $0 != "." }
        return "make lock"
            + (experiment == Node.mainExperiment ? "" : " EXPERIMENT=\(experiment)")
    }

    /// The file's content: one line an artifact, sorted by name.
    var text: String {
        digests.sorted { $0.key < $1.key }.map { "\($0.value)  \($0.key)\n" }.joined()
    }
}
