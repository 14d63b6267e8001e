// What the report takes for granted of the attacks, compared with the attacks themselves.

import Attacks
import Testing

@testable import Report

@Suite struct ReportedSettingsTests {
    /// Whether a seed is shown follows from whether the attack draws.
    @Test func theReportKnowsWhichAttacksDraw() {
        for attack in AttackCatalogue.all {
            var result = AttackRun(
                name: attack.name, method: attack.name, norm: "l2", goal: "untargeted",
                config: [("seed", "1")], originals: .init(shape: [0, 1, 1, 1]), samples: [],
                levels: [])
            #expect(result.shownSettings.isEmpty != attack.isRandom, "\(attack.name)")
            // A class drawn at random is drawn whatever the attack.
            result.goal = "random-other"
            #expect(result.shownSettings.map(\.key) == ["seed"], "\(attack.name)")
        }
    }
}
