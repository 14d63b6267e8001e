// Time, and the best of several runs: on a shared machine the least disturbed run says most.

/// The seconds of the fastest and of the middle run.
struct Timing {
    let best: Double
    let median: Double

    /// Runs `work` once to warm up and then `runs` times, `repeats` calls a run. The peak of the
    /// memory counts from here.
    init(runs: Int, repeats: Int = 1, _ work: () throws -> Void) rethrows {
        let clock = ContinuousClock()
        PeakMemory.forget()
        for _ in 0..<repeats { try work() }
        var seconds: [Double] = []
        for _ in 0..<runs {
            let time = try clock.measure { for _ in 0..<repeats { try work() } }
            let (whole, atto) = time.components
            seconds.append((Double(whole) + Double(atto) * 1e-18) / Double(repeats))
        }
        seconds.sort()
        best = seconds.first ?? 0
        median = seconds.isEmpty ? 0 : seconds[seconds.count / 2]
    }
}
