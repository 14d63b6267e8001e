// Calls of the system that fail: one of each kind that a program makes, or that one and all after it.

import Foundation
import Testing

extension CampaignTests {
    @Test func systemCallsThatFail() throws {
        guard let library = CampaignShim.bytes else {
            return Self.leaveOut("system calls", "neither cc nor clang makes the library for it")
        }
        var tally = CampaignTally("system calls")
        let all = CampaignScenario.stages + CampaignScenario.tools
        for scenario in all where Self.isFull || !["restore", "why"].contains(scenario.name) {
            let bench = try CampaignBench(scenario)
            let counts = try bench.countCalls(library)
            for (kind, errors) in CampaignShim.calls where counts[kind] ?? 0 > 0 {
                for error in Self.isFull ? errors : Self.some(1, of: errors) {
                    let most = Self.isFull ? 8 : 1
                    for number in Self.some(most, of: 1...max(1, counts[kind] ?? 0)) {
                        try bench.fail(kind, error, number, many: false, &tally)
                        if Self.isFull, error != EINTR, error != 0, number % 2 == 0 {
                            try bench.fail(kind, error, number, many: true, &tally)
                        }
                    }
                }
            }
        }
        tally.finish(atLeast: 80)
    }

    /// The folder of the store itself is synced in the one that it is made in.
    @Test func theFirstSyncCounts() throws {
        guard let library = CampaignShim.bytes else {
            return Self.leaveOut("the first sync", "neither cc nor clang makes the library for it")
        }
        let bench = try CampaignBench(.anew)
        _ = try bench.countCalls(library)
        let outcome = try bench.attempt(bench.fault("sync", at: 1, action: EIO))
        #expect(outcome.status == 74, "\(outcome.output)")
        #expect(outcome.says("cannot sync .: Input/output error"), "\(outcome.output)")
    }
}

extension CampaignBench {
    fileprivate func fail(
        _ kind: String, _ error: Int32, _ number: Int, many: Bool, _ tally: inout CampaignTally
    ) throws {
        let outcome = try attempt(fault(kind, at: number, action: error, many: many))
        // What fails while temporary files are taken away leaves some, which the next run then sweeps.
        // A call that is interrupted or moves few bytes is made again, where the system does that.
        let isHarmless = error == 0 || error == EINTR && ["read", "write", "lock"].contains(kind)
        let (wasHarmed, problems) = try judge(
            outcome,
            Failure(
                statuses: isHarmless ? [] : [74], says: [String(cString: strerror(error))],
                mayLeaveFiles: true))
        let what = error == 0 ? "half of the bytes" : String(cString: strerror(error))
        tally.count(
            "\(scenario.name), \(kind) \(number)\(many ? " and all after it" : ""), \(what)",
            wasHarmed: wasHarmed, problems)
    }
}
