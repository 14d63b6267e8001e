// Our side of every measure by name, so that one can be run alone: in a process of its own for its
// peak memory, or again and again while a kernel is tuned.

import Formats
import StageKit
import Tensors

/// One measure of ours.
struct OurMeasure: Sendable {
    /// What a measure may use.
    struct Setting: Sendable {
        let engine: Engine
        /// Where the artifacts of the default experiment are.
        let artifacts: String
        /// Timed runs, after one to warm up.
        let runs: Int
    }

    /// The name, that of the peer's measure without its ways.
    let name: String
    /// How much of the whole is done, as the factor that makes it whole.
    var scale = 1.0
    /// Runs it.
    let run: @Sendable (Setting) throws -> Timing

    /// All of them.
    static let all =
        Product.all.map { product in
            OurMeasure(name: product.name) { product.time(on: $0.engine, runs: $0.runs) }
        } + Victim.measures + VGGLayer.measures + ImageNetwork.measures + MadryWork.measures

    /// Those of that name, or else those whose names begin so.
    static func named(_ name: String) -> [OurMeasure] {
        let exact = all.filter { $0.name == name }
        return exact.isEmpty ? all.filter { $0.name.hasPrefix(name) } : exact
    }

    /// Runs it and prints one JSON object, as the peers do.
    func print(_ setting: Setting) throws {
        let timing = try run(setting)
        let line: JSON = [
            "name": .string(name), "seconds": .number(timing.best),
            "median": .number(timing.median), "scale": .number(scale), "peer": "ours",
            "threads": .integer(Int64(setting.engine.workers.threads)),
            "peak_memory": .integer(Int64(PeakMemory.bytes)),
        ]
        Log.say(line.canonical)
    }
}
