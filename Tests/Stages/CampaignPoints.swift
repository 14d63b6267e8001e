// Errors and deaths at the kit's own points: before, after and in the middle of each change that a
// program makes to the disk.

import Foundation
import Testing

extension CampaignTests {
    @Test func errorsAtEveryChangeOfTheDisk() throws {
        var tally = CampaignTally("errors at changes")
        for scenario in Self.changing {
            let bench = try CampaignBench(scenario)
            for number in Self.some(Self.isFull ? 1000 : 5, of: 1...(try bench.countChanges())) {
                for error in Self.isFull ? [ENOSPC, EIO, EACCES] : [ENOSPC] {
                    let outcome = try bench.attempt([
                        "TOY_FAULT_AT": "\(number)", "TOY_FAULT": "\(error)",
                    ])
                    let words = String(cString: strerror(error))
                    let (wasHarmed, problems) = try bench.judge(
                        outcome, CampaignBench.Failure(statuses: [74], says: [words]))
                    tally.count(
                        "\(scenario.name), change \(number), \(words)", wasHarmed: wasHarmed,
                        problems)
                }
            }
        }
        tally.finish(atLeast: 12)
    }

    @Test func deathsAtEveryChangeOfTheDisk() throws {
        var tally = CampaignTally("kills at changes")
        for scenario in Self.changing {
            let bench = try CampaignBench(scenario)
            for number in Self.some(Self.isFull ? 1000 : 4, of: 1...(try bench.countChanges())) {
                for signal in [SIGKILL, SIGINT, SIGTERM] {
                    let outcome = try bench.attempt([
                        "TOY_FAULT_AT": "\(number)", "TOY_FAULT": "-\(signal)",
                    ])
                    let (wasHarmed, problems) = try bench.judge(
                        outcome,
                        CampaignBench.Failure(
                            statuses: [128 + signal], mayLeaveFiles: bench.mayLeaveFiles(signal)))
                    tally.count(
                        "\(scenario.name), change \(number), signal \(signal)",
                        wasHarmed: wasHarmed, problems)
                }
            }
        }
        tally.finish(atLeast: 30)
    }

    /// A signal in the middle of any call of the system, not only between two changes.
    @Test func deathsInSystemCalls() throws {
        guard let library = CampaignShim.bytes else {
            return Self.leaveOut("kills in calls", "neither cc nor clang makes the library for it")
        }
        var tally = CampaignTally("kills in calls")
        for scenario in Self.changing {
            let bench = try CampaignBench(scenario)
            let counts = try bench.countCalls(library)
            for kind in ["write", "sync", "rename", "unlink", "mkdir", "symlink", "chmod", "lock"]
            where counts[kind] ?? 0 > 0 {
                for number in Self.some(Self.isFull ? 8 : 1, of: 1...(counts[kind] ?? 1)) {
                    for signal in Self.isFull ? [SIGKILL, SIGINT, SIGTERM] : [SIGINT] {
                        let outcome = try bench.attempt(
                            bench.fault(kind, at: number, action: -signal))
                        let (wasHarmed, problems) = try bench.judge(
                            outcome,
                            CampaignBench.Failure(
                                statuses: [128 + signal], mayLeaveFiles: bench.mayLeaveFiles(signal)
                            ))
                        tally.count(
                            "\(scenario.name), \(kind) \(number), signal \(signal)",
                            wasHarmed: wasHarmed, problems)
                    }
                }
            }
        }
        tally.finish(atLeast: 20)
    }

    private static var changing: [CampaignScenario] {
        let all =
            CampaignScenario.stages.filter { $0.name != CampaignScenario.unchanged.name }
            + CampaignScenario.tools.filter { $0.kind == .removal }
        return isFull ? all : [.anew, .train, all[all.count - 1]]
    }
}

extension CampaignBench {
    /// The number of points that the kit passes in the command.
    func countChanges() throws -> Int {
        _ = try? ground.remove("steps")
        _ = try attempt(["TOY_STEPS": ground.path("steps")])
        return max(1, ground.read("steps")?.count ?? 0)
    }

    /// Whether temporary files may be left after a signal: a stage takes them away but for SIGKILL.
    func mayLeaveFiles(_ signal: Int32) -> Bool { signal == SIGKILL || scenario.kind != .stage }
}
