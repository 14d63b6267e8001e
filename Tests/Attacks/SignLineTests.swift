// The answers along a line: as the driver judges, at exact ε, with passes of their own, and nothing else
// of a result moves.

import Networks
import Tensors
import Testing

@testable import Attacks

@Suite("Lines of answers")
struct SignLineTests {
    private let engine = Engine(threads: 2)

    private func threat(_ epsilons: [Float], _ goal: Goal = .untargeted) -> ThreatModel {
        ThreatModel(norm: .linf, epsilons: epsilons, goal: goal, seed: 3)
    }

    @Test func epsilonsAreEvenAndExact() {
        #expect(SignLine.epsilons(5, to: 0.25) == [0, 0.0625, 0.125, 0.1875, 0.25])
        #expect(SignLine.epsilons(2, to: 0.1) == [0, 0.1])
        let many = SignLine.epsilons(33, to: 8.0 / 255)
        #expect(many.count == 33 && many.last == Float(8.0 / 255))
        for (place, epsilon) in many.enumerated() {
            #expect(epsilon == Float(Double(Float(8.0 / 255)) * Double(place) / 32))
        }
    }

    /// At an ε that is a budget too, the answer is the one to what was proposed within it.
    @Test(arguments: [Goal.untargeted, .fixed(2)])
    func answersAreThoseThatTheDriverFinds(goal: Goal) throws {
        let network = try network(engine, small)
        let budgets = SignLine.epsilons(5, to: 0.5)
        let count = 40
        let result = try run(
            fgsm(["answers": .integer(5)]), threat(budgets, goal), on: network, count: count)
        let lines = result.lines
        #expect(Set(lines.keys) == Set((0..<count).filter { result.isEligible[$0] }))
        #expect(lines.count > 10)
        var changed = 0
        for (row, line) in lines {
            #expect(line.epsilons == budgets && line.answers.count == 5)
            for (budget, answer) in line.answers.enumerated() {
                let place = budget * count + row
                #expect(answer.classes[0] == result.proposedClasses[place])
                #expect(answer.confidences[0] == result.proposedConfidences[place])
                if result.success[place] { #expect(answer == result.finalRankings[place]) }
            }
            #expect(line.answers[0] == result.cleanRankings[row])
            if line.answers[4].classes[0] != line.answers[0].classes[0] { changed += 1 }
        }
        #expect(changed > 5)
    }

    /// x + ε·s is the image of the largest budget, to the rounding of the last bit.
    @Test(arguments: [Goal.untargeted, .fixed(2)])
    func signsLeadToTheImage(goal: Goal) throws {
        let network = try network(engine, small)
        let (images, _) = try samples(60, for: network)
        let result = try run(fgsm(["answers": .integer(2)]), threat([0.1], goal), on: network)
        var compared = 0
        for (row, line) in result.lines where result.success[row] {
            #expect(line.signs.count == 25)
            let (x, y) = (
                images.rows(row..<row + 1).values, result.adversarial.rows(row..<row + 1).values
            )
            for pixel in 0..<25 {
                let moved = min(max(x[pixel] + 0.1 * Float(line.signs[pixel]), 0), 1)
                #expect(abs(moved - y[pixel]) <= 6e-8)
                compared += line.signs[pixel] == 0 ? 0 : 1
            }
        }
        #expect(compared > 100)
    }

    /// Where a mask holds pixels the direction is 0, and bounds count as they do for the driver.
    @Test func limitsAreKept() throws {
        let network = try network(engine, small)
        var model = threat([0.2, 0.4])
        let mask = (0..<25).map { $0 % 2 == 0 }
        model.limits = PixelLimits(mayChange: mask, bounds: [0.25...0.75], shape: [1, 5, 5])
        let result = try run(fgsm(["answers": .integer(3)]), model, on: network)
        #expect(result.lines.count > 10)
        for (row, line) in result.lines {
            for pixel in 0..<25 where !mask[pixel] { #expect(line.signs[pixel] == 0) }
            #expect(line.answers[1].classes[0] == result.proposedClasses[row])
            #expect(line.answers[2].confidences[0] == result.proposedConfidences[60 + row])
        }
    }

    /// Nothing else of a result knows of it: its passes are noted by themselves.
    @Test func theRestOfTheResultStays() throws {
        let network = try network(engine, small)
        let without = try run(fgsm(), threat([0.05, 0.2]), on: network)
        let with = try run(fgsm(["answers": .integer(9)]), threat([0.05, 0.2]), on: network)
        #expect(digest(with.adversarial) == digest(without.adversarial))
        #expect(with.efforts == without.efforts && with.events == without.events)
        #expect(with.proposedConfidences == without.proposedConfidences)
        #expect(without.lines.isEmpty && without.notes["answers_passes"] == nil)
        for name in ["least_epsilon", "least_epsilon_passes"] {
            #expect(
                with.notes[name]?.map(\.bitPattern) == without.notes[name]?.map(\.bitPattern),
                "\(name)")
        }
        let passes = try #require(with.notes["answers_passes"])
        for row in 0..<60 {
            #expect(with.isEligible[row] ? passes[row] == 9 : passes[row].isNaN)
        }
    }

    @Test func whatHasNoLineIsRefused() throws {
        let network = try network(engine, small)
        for (values, goal, words) in [
            (["answers": .integer(1)], .untargeted, "two ends"),
            (
                ["answers": .integer(5), "space": .text("normalised")], .untargeted,
                "no line to record"
            ),
            (["answers": .integer(5)], .eachOther, "a line of its own"),
        ] as [([String: SettingDescription.Value], Goal, String)] {
            let fault = #expect(throws: AttackFault.self) {
                try run(fgsm(values), threat([0.1], goal), on: network)
            }
            #expect(fault?.message.contains(words) == true, "\(String(describing: fault))")
        }
    }

    /// Within a search over budgets there is none.
    @Test func aSearchOverBudgetsRecordsNone() throws {
        let network = try network(engine, small)
        let values: [String: SettingDescription.Value] = [
            "of": .text("fgsm"), "bisections": .integer(2), "answers": .integer(9),
        ]
        let search = LeastEpsilon(
            SettingValues(LeastEpsilon.settings { $0 == "of" ? "fgsm" : nil }, values))
        let result = try run(
            search, ThreatModel(norm: .linf, epsilons: [], goal: .untargeted, seed: 3), on: network)
        #expect(result.lines.isEmpty && result.notes["answers_passes"] == nil)
    }
}
