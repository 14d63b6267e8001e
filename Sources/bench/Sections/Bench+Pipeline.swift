// The pipeline as a whole: how long `make all` takes, and how much memory.

import StageKit

extension Bench {
    private static let make = [
        "make", "all", "EXPERIMENT=mnist", "ARTIFACTS=\(folder)", "THREADS=\(threads)",
    ]

    /// From an empty store, and with nothing to do.
    func pipeline() throws {
        say("The pipeline from an empty store …")
        _ = try Command.run(["rm", "-rf", Self.folder])
        let first = try Command.run(Self.make)
        let again = try (0..<5).map { _ in try Command.run(Self.make).seconds }.min() ?? 0
        results.add("make all, empty store", value: first.seconds, limit: 60) {
            TextTable.number($0, decimals: 1) + " s"
        }
        results.add(
            "its peak memory", value: Double(first.peakMemory), limit: 600e6, Results.megabytes)
        results.add("make all, nothing to do", value: again, limit: 0.15) {
            TextTable.number($0, decimals: 3) + " s"
        }
    }

    /// Brings the artifacts of the default experiment up to date, for sections that read them.
    func makeArtifacts() throws { _ = try Command.run(Self.make) }
}
