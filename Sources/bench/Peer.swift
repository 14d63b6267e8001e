// PyTorch on the same work: the scripts of pipeline/bench/, one JSON line a measure.

import Formats

/// One measure of a peer script.
struct PeerMeasure {
    let name: String
    let seconds: Double
    let peer: String
}

/// The peer scripts and their interpreter.
struct Peer {
    private let python: String
    private let threads: Int
    private let artifacts: String

    /// Makes the virtual environment if need be, which takes a while the first time.
    /// - Throws: `CommandFault`.
    init(threads: Int, artifacts: String) throws {
        let path = try Command.run(["pipeline/bench/venv.sh"]).output
        python = String(path.prefix { !$0.isNewline })
        self.threads = threads
        self.artifacts = artifacts
    }

    /// What a script measures.
    /// - Throws: `CommandFault`, `FormatFault`.
    func measure(_ script: String, runs: Int, _ more: [String] = []) throws -> [PeerMeasure] {
        let output = try Command.run(
            [
                python, "pipeline/bench/\(script).py", "--json", "--threads", "\(threads)",
                "--runs", "\(runs)", "--artifacts", artifacts,
            ] + more
        ).output
        return try output.split(separator: "\n").compactMap { line in
            let json = try JSON.parse(String(line), named: "\(script).py")
            guard let name = json["name"]?.string, let seconds = json["seconds"]?.double else {
                return nil
            }
            return PeerMeasure(name: name, seconds: seconds, peer: json["peer"]?.string ?? "")
        }
    }
}
