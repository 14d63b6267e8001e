// PyTorch on the same work: the scripts of pipeline/bench/, one JSON line a measure.

import Formats

/// One measure of a peer script, or of our own in a process of its own.
struct Measure {
    let name: String
    let seconds: Double
    /// Bytes, if they were counted.
    let peakMemory: Int?
    /// How much of the whole was done: seconds times this are those of the whole.
    let scale: Double
    /// Who measured.
    let peer: String

    /// The measures that a program printed, one JSON object a line.
    /// - Throws: `FormatFault`.
    static func all(in output: String, of program: String) throws -> [Measure] {
        try output.split(separator: "\n").compactMap { line in
            let json = try JSON.parse(String(line), named: program)
            guard let name = json["name"]?.string, let seconds = json["seconds"]?.double else {
                return nil
            }
            return Measure(
                name: name, seconds: seconds, peakMemory: json["peak_memory"]?.int,
                scale: json["scale"]?.double ?? 1, peer: json["peer"]?.string ?? "")
        }
    }

    /// Of two rounds, the faster of each name; the higher of the peaks, since both did the work.
    static func best(_ first: [Measure], _ second: [Measure]) -> [Measure] {
        first.map { measure in
            second.filter { $0.name == measure.name }.reduce(measure) { known, other in
                let faster = other.seconds < known.seconds ? other : known
                return Measure(
                    name: known.name, seconds: faster.seconds,
                    peakMemory: [known.peakMemory, other.peakMemory].compactMap { $0 }.max(),
                    scale: known.scale, peer: known.peer)
            }
        }
    }
}

extension [Measure] {
    /// The fastest of those whose name begins so.
    func fastest(_ prefix: String) -> Measure? {
        filter { $0.name.hasPrefix(prefix) }.min { $0.seconds < $1.seconds }
    }
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
    func measure(_ script: String, runs: Int, _ more: [String] = []) throws -> [Measure] {
        let output = try Command.run(
            [
                python, "pipeline/bench/\(script).py", "--json", "--threads", "\(threads)",
                "--runs", "\(runs)", "--artifacts", artifacts,
            ] + more
        ).output
        return try Measure.all(in: output, of: "\(script).py")
    }

    /// Runs a script that prints for people.
    /// - Returns: What it printed, and whether it ended well.
    func check(_ script: String, _ arguments: [String]) -> (output: String, isWell: Bool) {
        do {
            let outcome = try Command.run([python, "pipeline/bench/\(script).py"] + arguments)
            return (outcome.output, true)
        } catch let fault as CommandFault {
            return (fault.output, false)
        } catch {
            return ("\(error)", false)
        }
    }
}
