// make bench: our figures beside PyTorch's on the same work, in the same run. Measures alternate,
// ours then the peer's, so that both see the same machine; ratios are what counts.

import Formats
import StageKit
import Tensors

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A run of some or all sections.
final class Bench {
    /// Two: what a small machine has.
    static let threads = 2
    /// The artifacts of the default experiment, made here.
    static let folder = ".build-bench/artifacts"

    let engine = Engine(threads: Bench.threads)
    var results = Results()
    private var knownPeer: Peer?
    private var knownPeak: Double?
    private(set) var peerName = "PyTorch"

    /// A part of the table: what it is called, and what fills it.
    struct Section {
        let name: String
        let help: String
        let run: (Bench) throws -> Void
    }

    /// All sections, in the order of the table.
    static var sections: [Section] {
        [
            Section(name: "pipeline", help: "make all, and its memory") { try $0.pipeline() },
            Section(name: "gemm", help: "matrix products") { try $0.products() },
            Section(name: "mlp", help: "the fully connected network") { try $0.perceptron() },
            Section(name: "conv", help: "VGG16's convolutions") { try $0.convolutions() },
            Section(name: "vgg16", help: "FGSM on VGG16") { try $0.vgg16() },
            Section(name: "efficientnet", help: "EfficientNet-Lite0's gradient") {
                try $0.efficientNet()
            },
            Section(name: "madry", help: "training Madry's CNN") { try $0.madry() },
            Section(name: "pgd", help: "PGD on Madry's CNN") { try $0.pgd() },
            Section(name: "check", help: "answers and gradients against PyTorch's") {
                try $0.check()
            },
        ]
    }

    /// Runs the sections of those names, or all, and prints the table.
    /// - Throws: `CommandFault`, and what the work throws.
    static func run(_ names: [String]) throws {
        let known = sections.map(\.name)
        if let unknown = names.first(where: { !known.contains($0) }) {
            throw CommandFault(
                description: "there is no section \(unknown); there are "
                    + sections.map { "\($0.name) (\($0.help))" }.joined(separator: ", "))
        }
        let bench = Bench()
        for section in sections where names.isEmpty || names.contains(section.name) {
            try section.run(bench)
        }
        try bench.finish()
    }

    private func finish() throws {
        say("")
        for line in results.lines { say(line) }
        let report: JSON = [
            "threads": .integer(Int64(Self.threads)),
            "instruction_set": .string(engine.instructionSet.rawValue),
            "peak_gflops_per_core": knownPeak.map { .number($0 / 1e9) } ?? .null,
            "peer": .string(peerName), "measures": .array(results.rows),
        ]
        let path = ".build-bench/bench.json"
        guard let file = fopen(path, "w") else {
            throw CommandFault(description: "cannot write \(path)")
        }
        fputs(report.pretty, file)
        fclose(file)
        say("\nAlso in \(path); the peers are \(peerName).")
    }

    /// PyTorch's environment, made when it is first asked for.
    func peer() throws -> Peer {
        if let knownPeer { return knownPeer }
        say("PyTorch's environment …")
        let peer = try Peer(threads: Self.threads, artifacts: Self.folder)
        knownPeer = peer
        return peer
    }

    /// What all threads together could do, in operations a second: measured anew at each call,
    /// the most of all calls. A core that is busy otherwise shows less, never more.
    func peak() -> Double {
        var sink: [Float] = [1e-20, 1e-20]
        for _ in 0..<5 {
            var operations = 0.0
            let time = Timing(runs: 1) {
                operations = engine.peakOperations(rounds: 300_000, sink: &sink)
            }
            knownPeak = max(knownPeak ?? 0, operations / time.best)
        }
        return (knownPeak ?? 0) * Double(Self.threads)
    }

    /// A peer script's measures.
    func theirs(_ script: String, runs: Int, _ more: [String] = []) throws -> [Measure] {
        let found = try peer().measure(script, runs: runs, more)
        peerName = found.first?.peer ?? peerName
        return found
    }

    /// Our measures of that name (or whose names begin so), in a process of their own.
    func ours(_ name: String, runs: Int) throws -> [Measure] {
        let output = try Command.run(
            [CommandLine.arguments[0], "--only", name, "--runs", "\(runs)"]
        ).output
        return try Measure.all(in: output, of: "bench --only \(name)")
    }

    /// Two rounds of a measure on both sides, in turn; the faster of each.
    func alternate(
        _ ours: () throws -> [Measure], _ theirs: () throws -> [Measure]
    ) throws -> (ours: [Measure], theirs: [Measure]) {
        let first = (try ours(), try theirs())
        let second = (try ours(), try theirs())
        return (Measure.best(first.0, second.0), Measure.best(first.1, second.1))
    }
}

/// Says something at once, also into a pipe.
func say(_ text: String) {
    Log.say(text)
    fflush(nil)
}
