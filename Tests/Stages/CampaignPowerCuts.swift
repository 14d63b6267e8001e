// A power cut, as far as it can be played: the program dies at a change of the disk, and of what was
// not synced only names are left. Those are temporary files, notes, and the marker, which counts by
// being there.

import Foundation
import Testing

extension CampaignTests {
    @Test func powerCuts() throws {
        var tally = CampaignTally("power cuts")
        for scenario in Self.isFull ? CampaignScenario.stages : [.anew, .train] {
            let bench = try CampaignBench(scenario)
            let most = Self.isFull ? 1000 : 6
            for number in Self.some(most, of: 1...(try bench.countChanges())) {
                // The marker keeps its name, which was synced with the first folder beside it.
                for loss in [
                    "find .tmp .verified .mirage-store $files -exec truncate -s 0 {} +",
                    "find .tmp .verified $files -delete",
                ] {
                    let outcome = try bench.attempt([
                        "TOY_FAULT_AT": "\(number)", "TOY_FAULT": "-\(SIGKILL)",
                    ])
                    _ = try bench.ground.shell(
                        "cd artifacts && files='-type f ! -name .guard ! -name .lock' && \(loss)")
                    let (wasHarmed, problems) = try bench.judge(
                        outcome,
                        CampaignBench.Failure(statuses: [128 + SIGKILL], mayLeaveFiles: true))
                    tally.count(
                        "\(scenario.name), change \(number), \(loss)", wasHarmed: wasHarmed,
                        problems)
                }
            }
        }
        tally.finish(atLeast: 20)
    }
}
