// The four observations: each finding and sentence follows from figures.

import Testing

@testable import Report

@Suite struct ObservationTests {
    /// FGSM with given operations, changed pixels and least epsilons.
    private func signs(flops: Double? = 100, changed: Float = 12, least: [Float]? = nil)
        -> AttackRun
    {
        var attack = Tiny.fgsm
        attack.levels = [attack.levels[1]]
        attack.levels[0].flops = flops
        for index in attack.levels[0].outcomes.indices
        where attack.levels[0].outcomes[index].isSuccess {
            attack.levels[0].outcomes[index].l0 = changed
        }
        attack.leastEpsilon = least
        return attack
    }

    private func noise(flops: Double? = 2000, successes: Int = 5) -> AttackRun {
        var attack = Tiny.noise
        attack.levels[0].flops = flops
        for index in attack.levels[0].outcomes.indices {
            attack.levels[0].outcomes[index].isSuccess = index < successes
        }
        return attack
    }

    @Test(arguments: [
        (2000.0, Observation.Finding.confirmed, "20.0 times as much."),
        (
            500, .partly,
            "5.00 times as much. That is cheaper, but not by an order of magnitude throughout."
        ),
        (50, .contradicted, "0.500 times as much. FGSM is not the cheaper one throughout."),
    ])
    func cost(flops: Double, finding: Observation.Finding, ending: String) {
        let found = Observation.all([signs(), noise(flops: flops)])[0]
        #expect(found.finding == finding)
        #expect(found.evidence.hasSuffix(ending), "\(found.evidence)")
    }

    @Test func costInPassesWhereOperationsAreUnknown() {
        // Two passes against a mean of 84 (40…44 steps of two passes each).
        let found = Observation.all([signs(), noise(flops: nil)])[0]
        #expect(
            found.evidence
                == "An FGSM image takes 2 passes; an image of optimised noise takes 84 passes, 42.0 times as much."
        )
    }

    @Test(arguments: [
        (Float(16), Observation.Finding.confirmed, "100\u{202F}%"), (12, .partly, "75.0\u{202F}%"),
        (4, .contradicted, "25.0\u{202F}%"),
    ])
    func coverage(changed: Float, finding: Observation.Finding, share: String) {
        let found = Observation.all([signs(changed: changed)])[1]
        #expect(found.finding == finding)
        #expect(
            found.evidence.hasPrefix(
                "A successful FGSM image at ε 0.1 differs from its original in \(share)"))
    }

    @Test(arguments: [
        (
            [0.01, 0.05, 0.1, 0.2, Float.infinity, 0.3], Observation.Finding.confirmed,
            "for 4 of 5 images"
        ),
        ([0.1, 0.1, 0.1, 0.1, 0.1, 0.1], .contradicted, "need the same ε of 0.100"),
        ([0.1, 0.1, 0.11, 0.12, 0.12, 0.1], .partly, "nine tenths at 0.120"),
    ])
    func leastEpsilon(least: [Float], finding: Observation.Finding, words: String) {
        let found = Observation.all([signs(least: least)])[2]
        #expect(found.finding == finding)
        #expect(found.evidence.contains(words), "\(found.evidence)")
    }

    @Test(arguments: [
        (5, Observation.Finding.confirmed, "100\u{202F}%"), (3, .partly, "60.0\u{202F}%"),
        (1, .contradicted, "20.0\u{202F}%"), (0, .contradicted, "0\u{202F}%"),
    ])
    func targets(successes: Int, finding: Observation.Finding, rate: String) {
        let found = Observation.all([noise(successes: successes)])[3]
        #expect(found.finding == finding)
        #expect(
            found.evidence.hasPrefix(
                "The class drawn beforehand became the answer for \(rate) of the images."))
    }

    @Test func whatWasNotRunIsNotJudged() {
        #expect(Observation.all([]).map(\.finding) == Array(repeating: .untested, count: 4))
    }
}
