// `stage-attack --help`: two screens at most, on a terminal of 80 columns.

import ArgumentParser
import AttackStage
import Attacks
import StageKit
import Testing

@Suite struct StageHelpTests {
    private let help = StageCommand<AttackStage>.helpMessage(columns: 80)

    @Test func theHelpFitsOnTwoScreens() {
        let lines = help.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count <= 48, "\(help)")
    }

    @Test func theHelpHasTheSettingsOfEveryAttackAndSaysWhereTheOthersAre() throws {
        for parameter in try AttackStage.schema(.object([:])).parameters {
            #expect(help.contains("  \(parameter.flag) "), "\(parameter.flag)")
        }
        for text in ["| least-likely |", "--list", "--help fgsm", "--threads", "--config", "--set"]
        {
            #expect(help.contains(text), "\(text)")
        }
        #expect(!help.contains("--step-size"))
    }
}
