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

/// The rows of the table, and of the JSON file.
struct Results {
    private(set) var rows: [JSON] = []
    private var table = TextTable(["measure", "ours", "peer", "ratio", "target", ""])

    /// A time against a peer's: the ratio says how many times faster we are.
    mutating func add(_ name: String, ours: Double, peer: PeerMeasure?, target: Double?) {
        let ratio = peer.map { $0.seconds / ours }
        add(
            name, ours: ours, peer: peer?.seconds, ratio: ratio, target: target,
            isMet: target.flatMap { target in ratio.map { $0 >= target } },
            words: (
                time(ours), peer.map { time($0.seconds) }, ratio.map { times($0) },
                target.map { "≥ " + times($0) }
            ))
    }

    /// A share of what the machine could do.
    mutating func add(_ name: String, share: Double, target: Double) {
        add(
            name, ours: share, peer: nil, ratio: nil, target: target, isMet: share >= target,
            words: (TextTable.percent(share), nil, nil, "≥ " + TextTable.percent(target)))
    }

    /// A quantity that must stay below a limit.
    mutating func add(_ name: String, value: Double, limit: Double, _ words: (Double) -> String) {
        add(
            name, ours: value, peer: nil, ratio: nil, target: limit, isMet: value <= limit,
            words: (words(value), nil, nil, "≤ " + words(limit)))
    }

    private mutating func add(
        _ name: String, ours: Double, peer: Double?, ratio: Double?, target: Double?, isMet: Bool?,
        words: (String, String?, String?, String?)
    ) {
        func json(_ value: Double?) -> JSON { value.map(JSON.number) ?? .null }
        rows.append([
            "name": .string(name), "ours": .number(ours), "peer": json(peer), "ratio": json(ratio),
            "target": json(target), "met": isMet.map(JSON.bool) ?? .null,
        ])
        table.add([
            name, words.0, words.1 ?? "", words.2 ?? "", words.3 ?? "",
            isMet.map { $0 ? "met" : "MISSED" } ?? "",
        ])
    }

    var lines: [String] { table.lines }

    private func time(_ seconds: Double) -> String {
        seconds < 0.01
            ? TextTable.number(seconds * 1000, decimals: 3) + " ms"
            : TextTable.number(seconds, decimals: 3) + " s"
    }

    private func times(_ ratio: Double) -> String { TextTable.number(ratio, decimals: 2) + "×" }
}

func say(_ text: String) {
    Log.say(text)
    fflush(nil)
}

/// Two rounds of a measure on both sides; the faster of each.
func alternate(
    _ ours: () throws -> Double, _ peer: () throws -> [PeerMeasure]
) throws -> (ours: Double, peer: [PeerMeasure]) {
    let first = (try ours(), try peer())
    let second = (try ours(), try peer())
    let best = first.1.map { measure in
        ([measure] + second.1.filter { $0.name == measure.name }).min { $0.seconds < $1.seconds }
            ?? measure
    }
    return (min(first.0, second.0), best)
}

func bench() throws {
    let threads = 2
    let folder = ".build-bench/artifacts"
    let engine = Engine(threads: threads)
    var results = Results()

    say("The pipeline from an empty store …")
    _ = try Command.run(["rm", "-rf", folder])
    let make = ["make", "all", "EXPERIMENT=mnist", "ARTIFACTS=\(folder)", "THREADS=\(threads)"]
    let first = try Command.run(make)
    let again = try (0..<5).map { _ in try Command.run(make).seconds }.min() ?? 0
    results.add("make all, empty store", value: first.seconds, limit: 60) {
        TextTable.number($0, decimals: 1) + " s"
    }
    results.add("its peak memory", value: Double(first.peakMemory), limit: 600e6) {
        TextTable.number($0 / 1e6, decimals: 0) + " MB"
    }
    results.add("make all, nothing to do", value: again, limit: 0.15) {
        TextTable.number($0, decimals: 3) + " s"
    }

    say("PyTorch's environment …")
    let peer = try Peer(threads: threads, artifacts: folder)
    let victim = try Victim(artifacts: folder, engine: engine)

    say("Matrix products …")
    var sink: [Float] = [1e-20, 1e-20]
    var peak = 0.0
    let products = try alternateProducts()
    func alternateProducts() throws -> [(Product, Double, PeerMeasure?)] {
        var best: [String: (ours: Double, peer: PeerMeasure?)] = [:]
        for _ in 0..<3 {
            for _ in 0..<5 {
                var operations = 0.0
                let time = Timing(runs: 1) {
                    operations = engine.peakOperations(rounds: 300_000, sink: &sink)
                }
                peak = max(peak, operations / time.best)
            }
            for product in Product.all {
                let time = product.time(on: engine, runs: 5).best
                best[product.name] = (
                    min(time, best[product.name]?.ours ?? time), best[product.name]?.peer
                )
            }
            for measure in try peer.measure("gemm", runs: 5) {
                guard let known = best[measure.name] else { continue }
                let isFaster = measure.seconds < known.peer?.seconds ?? .infinity
                best[measure.name] = (known.ours, isFaster ? measure : known.peer)
            }
        }
        return Product.all.map { ($0, best[$0.name]?.ours ?? 0, best[$0.name]?.peer) }
    }
    say(
        "  \(engine.instructionSet.rawValue): \(TextTable.number(peak / 1e9, decimals: 1)) GFLOP/s "
            + "a core at most, \(threads) cores")
    for (product, ours, theirs) in products {
        results.add(product.name, ours: ours, peer: theirs, target: nil)
        results.add(
            "  of the FMA peak", share: product.operations / ours / (peak * Double(threads)),
            target: product.name == "gemm-1024" ? 0.8 : 0.65)
    }

    say("A training epoch …")
    let epoch = try alternate(
        { try victim.epoch(runs: 4).best }, { try peer.measure("epoch", runs: 4) })
    results.add("training epoch, batch 256", ours: epoch.ours, peer: epoch.peer.first, target: 1.5)

    say("Method 1 …")
    let noise = try alternate(
        { try victim.noise(runs: 3).best }, { try peer.measure("noise", runs: 1) })
    addAttack("method 1, 5,000 images", noise, target: 3, plain: "noise-l2-whole")
    say("Fast gradient sign …")
    let fgsm = try alternate(
        { try victim.fgsmOnly(runs: 10).best }, { try peer.measure("fgsm", runs: 10) })
    addAttack("FGSM, 5,000 images", fgsm, target: 2, plain: nil)
    let records = try victim.fgsm(runs: 10).best
    results.add("  ours with full records", ours: records, peer: nil, target: nil)

    /// The target is against the plain batched way, where there is one; the fastest way that we
    /// could write in PyTorch is shown beside it.
    func addAttack(
        _ name: String, _ pair: (ours: Double, peer: [PeerMeasure]), target: Double, plain: String?
    ) {
        let fastest = pair.peer.min { $0.seconds < $1.seconds }
        let usual = pair.peer.first { $0.name == plain } ?? fastest
        results.add("\(name) / \(usual?.name ?? "")", ours: pair.ours, peer: usual, target: target)
        if let fastest, fastest.name != usual?.name {
            results.add(
                "  / \(fastest.name), the fastest", ours: pair.ours, peer: fastest, target: nil)
        }
    }

    say("")
    for line in results.lines { say(line) }
    let report: JSON = [
        "threads": .integer(Int64(threads)),
        "instruction_set": .string(engine.instructionSet.rawValue),
        "peak_gflops_per_core": .number(peak / 1e9),
        "peer": .string(epoch.peer.first?.peer ?? ""), "measures": .array(results.rows),
    ]
    let path = ".build-bench/bench.json"
    guard let file = fopen(path, "w") else {
        throw CommandFault(description: "cannot write \(path)")
    }
    fputs(report.pretty, file)
    fclose(file)
    say("\nAlso in \(path); the peers are \(epoch.peer.first?.peer ?? "PyTorch").")
}

/// Our side alone, on the artifacts of an earlier run: for tuning.
func benchOurs() throws {
    let engine = Engine(threads: 2)
    let victim = try Victim(artifacts: ".build-bench/artifacts", engine: engine)
    func line(_ name: String, _ timing: Timing) {
        say(
            "\(name): \(TextTable.number(timing.best * 1000, decimals: 3)) ms, median "
                + "\(TextTable.number(timing.median * 1000, decimals: 3))")
    }
    for product in Product.all { line(product.name, product.time(on: engine, runs: 10)) }
    line("epoch", try victim.epoch(runs: 5))
    line("method 1", try victim.noise(runs: 3))
    line("fgsm, same work as the peer", try victim.fgsmOnly(runs: 10))
    line("fgsm with full records", try victim.fgsm(runs: 10))
}

do {
    if CommandLine.arguments.dropFirst() == ["--ours"] { try benchOurs() } else { try bench() }
} catch {
    Log.say("bench: \(error)")
    exit(74)
}
