// `pipeline/<experiment>.lock`: the digest that every artifact of an experiment must have, in the
// format of sha256sum, so that `cd artifacts && sha256sum -c ../pipeline/mnist.lock` works too. Below
// a safetensors file stands each of its tensors with a digest of its own, as a comment for
// sha256sum: when a file's bytes have moved, they tell whether results have or only its metadata.

import Artifacts
import Formats
import StageKit

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The golden digests of an experiment.
struct LockFile {
    /// What an artifact must be.
    struct Entry: Equatable {
        /// The digest of the file.
        var file: Digest
        /// The tensors of a safetensors file.
        var tensors: [TensorDigest] = []
    }

    /// By the artifact's name.
    let entries: [String: Entry]

    /// The path of an experiment's lock file.
    static func path(_ experiment: String) -> String { "\(NodeFinder.folder)/\(experiment).lock" }

    init(_ entries: [String: Entry]) { self.entries = entries }

    /// Reads a lock file.
    /// - Throws: `StageFault` when it is absent or a line is malformed.
    init(reading path: String, artifacts: String) throws {
        let text: String
        do {
            text = String(decoding: try MappedFile.read(path), as: UTF8.self)
        } catch FormatFault.system(_, _, code: ENOENT) {
            throw StageFault(
                .missingInput, "\(path) does not exist",
                remedy: "`\(LockFile.command(for: path, artifacts))` writes it")
        }
        var entries: [String: Entry] = [:]
        var last = ""
        for (index, line) in text.split(separator: "\n").enumerated() {
            if line.hasPrefix("#"), let tensor = TensorDigest(line: line.dropFirst()) {
                entries[last]?.tensors.append(tensor)
                continue
            }
            let hex = String(line.prefix(64))
            let name = String(line.dropFirst(66))
            guard let digest = Digest(hex: hex), line.dropFirst(64).hasPrefix("  "), !name.isEmpty
            else {
                throw StageFault(
                    .badData,
                    "\(path), line \(index + 1): expected a SHA-256, two spaces and a name",
                    remedy: "restore it by `git checkout \(path)`, or write it anew by "
                        + "`\(LockFile.command(for: path, artifacts))`")
            }
            entries[name] = Entry(file: digest)
            last = name
        }
        self.entries = entries
    }

    /// The command that writes a lock file: that of the main experiment needs no name.
    private static func command(for path: String, _ artifacts: String) -> String {
        let file = path.split(separator: "/").last ?? ""
        return Node.command(
            "lock", experiment: String(file.dropLast(".lock".count)), artifacts: artifacts)
    }

    /// The file's content: one line an artifact, sorted by name, its tensors below it.
    var text: String {
        entries.sorted { $0.key < $1.key }.map { name, entry in
            "\(entry.file)  \(name)\n" + entry.tensors.map { "#\($0.line)\n" }.joined()
        }.joined()
    }
}

/// A tensor of a safetensors file and the digest of its elements.
struct TensorDigest: Equatable {
    let name: String
    /// Type and shape, as `F32 [300, 784]`.
    let form: String
    let digest: Digest

    /// The tensors of an artifact, sorted by name; none for a file of another kind.
    static func all(of file: MappedFile) -> [TensorDigest] {
        guard file.name.hasSuffix(".safetensors"), let tensors = try? SafeTensors(file) else {
            return []
        }
        return tensors.entries.map { entry in
            TensorDigest(
                name: entry.name, form: "\(entry.dtype.rawValue) \(entry.shape)",
                digest: Digest(of: tensors.bytes(of: entry)))
        }
    }

    private init(name: String, form: String, digest: Digest) {
        (self.name, self.form, self.digest) = (name, form, digest)
    }

    /// Reads what `line` writes; nil for any other text.
    init?(line: some StringProtocol) {
        let parts = line.split(separator: "  ", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0].isEmpty, let digest = Digest(hex: String(parts[1])) else {
            return nil
        }
        self.init(name: String(parts[2]), form: String(parts[3]), digest: digest)
    }

    /// Digest, name and form, two spaces before each.
    var line: String { "  \(digest)  \(name)  \(form)" }
}
