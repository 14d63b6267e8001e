import Networks
import Tensors
import Testing

@testable import Attacks

@Suite("Attacks")
struct AttackTests {
    private let engine = Engine(threads: 2)
    private let within = ThreatModel(
        norm: .linf, epsilons: [0, 0.02, 0.1, 0.5], goal: .untargeted, seed: 3)
    private let least = ThreatModel(norm: .l2, epsilons: [], goal: .randomOther, seed: 3)

    /// For two classes of a linear model the gradient's sign is that of w_other − w_label: the
    /// adversarial image has a closed form.
    @Test func fastGradientSignHasItsClosedFormOnALinearModel() throws {
        let two = Architecture(
            multilayerPerceptron: "two", imageShape: [1, 3, 3], widths: [9, 2])
        let network = try network(engine, two)
        let (images, labels) = try samples(40, for: network)
        let result = try AttackDriver(within).run(
            fgsm(), on: network, images: images, labels: labels, keys: Array(0..<40))
        let w = try #require(network.parameters["fc1.weight"]).values
        let x = images.values
        for (k, epsilon) in within.epsilons.enumerated() {
            for row in 0..<40 where result.success[k * 40 + row] {
                for pixel in 0..<9 {
                    let label = labels[row]
                    let slope = w[(1 - label) * 9 + pixel] - w[label * 9 + pixel]
                    let moved = x[row * 9 + pixel] + epsilon * (slope > 0 ? 1 : -1)
                    let found = result.adversarial.values[(k * 40 + row) * 9 + pixel]
                    #expect(abs(found - min(max(moved, 0), 1)) <= 6e-8)
                }
            }
        }
        #expect(result.success.contains(true))
    }

    /// Behind the normalisation a step of ε is ε·deviation in pixels, of each channel its own, and
    /// nothing is clipped before the network is asked; what is stored is clamped.
    @Test func aStepBehindTheNormalisationIsScaledByChannelAndNotClipped() throws {
        let deviations = [0.2, 0.5, 0.9]
        let colours = try Architecture(
            "colours", imageShape: [3, 2, 2],
            layers: [
                Normalise(mean: [0.4, 0.5, 0.6], deviation: deviations), Flatten(),
                Linear("fc1", inputs: 12, outputs: 4),
            ])
        let network = try network(engine, colours)
        let count = 30
        var (images, labels) = try samples(count, for: network)
        // Black and white pixels, so that clipping has something to do.
        images.withMutableFloats { pixels in
            for index in stride(from: 0, to: pixels.count, by: 5) {
                pixels[index] = index.isMultiple(of: 2) ? 0 : 1
            }
        }
        let model = ThreatModel(norm: .linf, epsilons: [0, 0.3], goal: .untargeted, seed: 1)
        let result = try AttackDriver(model).run(
            fgsm(["space": .text("normalised")]), on: network, images: images, labels: labels,
            keys: Array(0..<count))
        var pass = network.makePass()
        var flow = try pass.logits(of: images)
        _ = CrossEntropy.gradient(inPlaceOf: &flow, targets: labels, scale: 1)
        let gradient = try pass.pixelGradient(flow).values
        var raw = images.values
        for index in raw.indices where gradient[index] != 0 {
            let step = Float(Double(Float(0.3)) * deviations[index / 4 % 3])
            raw[index] += gradient[index] > 0 ? step : -step
        }
        let said = try pass.logits(of: Tensor(shape: [count, 3, 2, 2], values: raw))
            .argmaxOfRows()
        let noted = try #require(result.notes["unclipped_class"])
        for row in 0..<count where result.isEligible[row] {
            #expect(noted[row] == Float(result.cleanClasses[row]), "ε = 0 changes nothing")
            #expect(noted[count + row] == Float(said[row]))
            guard result.success[count + row] else { continue }
            let stored = result.adversarial.rows(count + row..<count + row + 1).values
            #expect(stored == raw[row * 12..<row * 12 + 12].map { min(max($0, 0), 1) })
        }
        #expect(result.success.contains(true) && raw.contains { $0 < 0 } && raw.contains { $0 > 1 })
        #expect(result.notes["least_epsilon"] == nil)
    }

    /// The five likeliest classes are those of the stored images, before and after.
    @Test func rankingsBelongToTheStoredImages() throws {
        let network = try network(engine, small)
        let result = try run(fgsm(), within, on: network)
        var pass = network.makePass()
        let after = Ranking.ofRows(try pass.logits(of: result.adversarial))
        let before = Ranking.ofRows(try pass.logits(of: try samples(60, for: network).images))
        #expect(result.cleanRankings == before && result.finalRankings == after)
        #expect(zip(result.finalClasses, after).allSatisfy { $0 == $1.classes[0] })
        #expect(result.finalRankings != before + before + before + before)
    }

    @Test func recordsKeepTheirPromises() throws {
        for (attack, threat) in [(fgsm() as any Attack, within), (noise() as any Attack, least)] {
            let network = try network(engine, small)
            let (images, labels) = try samples(400, for: network)
            let result = try AttackDriver(threat).run(
                attack, on: network, images: images, labels: labels, keys: Array(0..<400))
            var pass = network.makePass()
            let clean = try pass.logits(of: images).argmaxOfRows()
            let again = try pass.logits(of: result.adversarial).argmaxOfRows()
            #expect(result.isEligible == zip(clean, labels).map { $0 == $1 })
            #expect(result.isEligible.contains(false))
            for place in result.success.indices {
                let row = place % 400
                let original = images.rows(row..<row + 1)
                let image = result.adversarial.rows(place..<place + 1)
                #expect(again[place] == result.finalClasses[place])
                #expect(image.values.allSatisfy { (0...1).contains($0) })
                let goal =
                    result.targets[row].map { again[place] == $0 } ?? (again[place] != labels[row])
                #expect(result.success[place] == (goal && result.isEligible[row]))
                if !result.success[place] {
                    // A failure is the untouched original, not a black image.
                    #expect(image.values == original.values)
                    #expect(result.distances[place] == Distances())
                } else {
                    #expect(
                        result.distances[place] == engine.distances(from: original, to: image)[0])
                    #expect(result.efforts[place].forwardPasses >= 1)
                }
                if !threat.epsilons.isEmpty {
                    let epsilon = threat.epsilons[place / 400]
                    #expect(result.distances[place].linf <= Double(epsilon))
                }
                #expect(!result.successIn8Bit[place] || result.success[place])
            }
            #expect(result.success.contains(true))
        }
    }

    @Test func nothingHappensWithoutABudgetAndMoreBudgetFoolsMore() throws {
        let result = try run(fgsm(), within, on: try network(engine, small), count: 500)
        let rates = (0..<4).map { k in result.success[(k * 500)..<(k * 500 + 500)].count { $0 } }
        #expect(rates[0] == 0)
        #expect(rates[1] < rates[2] && rates[2] < rates[3])
        // Pixels that were proposed at ε = 0 are the original's.
        #expect(result.proposedDistances[..<500].allSatisfy { $0 == Distances() })
    }

    @Test func theLeastEpsilonFoolsAndALittleLessDoesNot() throws {
        let network = try network(engine, small)
        let count = 200
        let (images, labels) = try samples(count, for: network)
        let keys = Array(0..<count)
        let first = try AttackDriver(within).run(
            fgsm(), on: network, images: images, labels: labels, keys: keys)
        let found = try #require(first.notes["least_epsilon"])
        let resolution = Float(1) / 255 / 256
        var finite = 0
        for row in 0..<count {
            guard first.isEligible[row] else {
                #expect(found[row].isNaN)
                continue
            }
            guard found[row].isFinite else { continue }
            finite += 1
            let budgets = [found[row], max(0, found[row] - resolution)]
            let again = try AttackDriver(
                ThreatModel(norm: .linf, epsilons: budgets, goal: .untargeted, seed: 3)
            ).run(
                fgsm(["least_epsilon": .flag(false)]), on: network,
                images: images.rows(row..<row + 1),
                labels: [labels[row]], keys: [row])
            #expect(again.success[0])
            #expect(!again.success[1] || found[row] <= resolution)
        }
        #expect(finite > 50)
    }

    @Test func optimisedNoiseReachesItsTargetAndItsEffortAddsUp() throws {
        let attack = noise(["step_size": .number(0.5)])
        let result = try run(attack, least, on: try network(engine, small), count: 300)
        let eligible = result.isEligible.count { $0 }
        let successes = result.success.count { $0 }
        #expect(Double(successes) > 0.5 * Double(eligible))
        for row in 0..<300 where result.isEligible[row] {
            let effort = result.efforts[row]
            #expect(effort.forwardPasses == effort.iterations + 1)
            #expect(effort.backwardPasses == effort.iterations)
            #expect(result.success[row] || effort.iterations == 1000)
            #expect(result.targets[row] != result.labels[row])
        }
        #expect(Set(result.targets.compactMap { $0 }).count == 4)
    }

    /// One step from r = 0, written out: r = −rate·g where the pixel may move.
    @Test func oneStepOfNoiseFollowsTheFormula() throws {
        let network = try network(engine, small)
        let (images, labels) = try samples(30, for: network)
        let attack = noise([
            "max_steps": .integer(1), "step_size": .number(0.5), "regularization": .text("l2"),
        ])
        let result = try AttackDriver(least).run(
            attack, on: network, images: images, labels: labels, keys: Array(0..<30))
        var pass = network.makePass()
        var flow = try pass.logits(of: images)
        _ = CrossEntropy.gradient(
            inPlaceOf: &flow, targets: result.targets.map { $0 ?? 0 }, scale: 1)
        let gradient = try pass.pixelGradient(flow).values
        let means = try #require(result.notes["noise_mean"])
        for row in 0..<30 where result.isEligible[row] && result.efforts[row].iterations == 1 {
            let expected = (0..<25).map { -0.5 * Double(gradient[row * 25 + $0]) }.reduce(0, +) / 25
            #expect(abs(Double(means[row]) - expected) <= 1e-7)
        }
    }

    @Test func regularisationMakesTheNoiseSmaller() throws {
        let network = try network(engine, small)
        func mean(_ settings: [String: SettingDescription.Value]) throws -> Double {
            let result = try run(noise(settings), least, on: network, count: 200)
            return result.proposedDistances.map(\.l1).reduce(0, +)
        }
        let free = try mean([:])
        for kind in ["l1", "l2"] {
            let held = try mean([
                "regularization": .text(kind), "regularization_weight": .number(3),
            ])
            #expect(held < free, "\(kind)")
        }
    }

    @Test func moreStepsNeverHurt() throws {
        let network = try network(engine, small)
        let rates = try [0, 3, 30, 300].map { steps in
            try run(noise(["max_steps": .integer(max(1, steps))]), least, on: network, count: 200)
                .success.count { $0 }
        }
        #expect(rates == rates.sorted())
        #expect(rates[0] < rates[3])
    }

    /// Alone, in a crowd, on any engine: the same bits.
    @Test func noSampleDependsOnItsCompany() throws {
        for (attack, threat) in [(fgsm() as any Attack, within), (noise() as any Attack, least)] {
            let home = try network(engine, small)
            let count = 400
            let (images, labels) = try samples(count, for: home)
            let whole = try AttackDriver(threat).run(
                attack, on: home, images: images, labels: labels, keys: Array(0..<count))
            for row in [0, 1, 199, 399] {
                let alone = try AttackDriver(threat).run(
                    attack, on: home, images: images.rows(row..<row + 1), labels: [labels[row]],
                    keys: [row])
                for k in 0..<max(1, threat.epsilons.count) {
                    #expect(
                        alone.adversarial.rows(k..<k + 1).values.map(\.bitPattern)
                            == whole.adversarial.rows(k * count + row..<k * count + row + 1).values
                            .map(\.bitPattern))
                    #expect(alone.efforts[k] == whole.efforts[k * count + row])
                }
            }
            for set in InstructionSet.available {
                for threads in [1, 3] {
                    let other = try #require(Engine(set, workers: Workers(threads: threads)))
                    let result = try AttackDriver(threat).run(
                        attack, on: try network(other, small), images: images.rows(0..<60),
                        labels: Array(labels[..<60]), keys: Array(0..<60))
                    for k in 0..<max(1, threat.epsilons.count) {
                        #expect(
                            result.adversarial.rows(k * 60..<k * 60 + 60).values.map(\.bitPattern)
                                == whole.adversarial.rows(k * count..<k * count + 60).values
                                .map(\.bitPattern), "\(set) \(threads)")
                    }
                    #expect(
                        result.notes.mapValues { $0.map(\.bitPattern) }
                            == whole.notes.mapValues { $0[..<60].map(\.bitPattern) })
                }
            }
        }
    }

    /// Bits that must never move unnoticed: FNV-1a over the adversarial images of both attacks.
    @Test func adversarialSetsHaveTheirGoldenBits() throws {
        var found: [UInt64] = []
        for (attack, threat) in [(fgsm() as any Attack, within), (noise() as any Attack, least)] {
            let result = try run(attack, threat, on: try network(engine, small), count: 100)
            found.append(digest(result.adversarial))
        }
        #expect(found == [9_918_867_861_918_399_558, 16_293_385_093_937_167_276])
    }

    /// An attack that forgets a sample must not have a black image judged in its place.
    @Test func anAttackThatLeavesASampleOutIsNamed() throws {
        struct Forgetful: DecisionAttack {
            static let facts = AttackFacts("forgetful", norms: [.l2], budget: .least)
            func step(_ batch: inout Batch<Void>, on oracle: inout some DecisionOracle) throws {
                for row in batch.open where batch[row].sample.row != 18 { batch.finish(row) }
                batch.finishProposed()
            }
        }
        let network = try network(engine, small)
        #expect(throws: AttackFault.undelivered(attack: "forgetful", sample: 18, epsilon: 0)) {
            try run(Forgetful(), least, on: network)
        }
    }

    @Test func goalsChooseTheirTargets() throws {
        let network = try network(engine, small)
        let fixed = try run(
            noise(), ThreatModel(norm: .l2, epsilons: [], goal: .fixed(2), seed: 1), on: network)
        #expect(fixed.targets.allSatisfy { $0 == 2 })
        #expect(zip(fixed.isEligible, fixed.labels).allSatisfy { !$0 || $1 != 2 })
        let unlikely = try run(
            fgsm(), ThreatModel(norm: .linf, epsilons: [0.3], goal: .leastLikely, seed: 1),
            on: network)
        let (images, _) = try samples(60, for: network)
        var pass = network.makePass()
        let logits = try pass.logits(of: images).values
        for row in 0..<60 {
            let own = Array(logits[row * 4..<row * 4 + 4])
            #expect(unlikely.targets[row] == own.firstIndex(of: own.min() ?? 0))
        }
        // Drawn by seed and index alone.
        let logit = ArraySlice<Float>([0, 0, 0, 0])
        let draws = (0..<3000).map {
            Goal.randomOther.target(label: 1, logits: logit, seed: 5, key: $0)
        }
        for target in [0, 2, 3] { #expect(abs(draws.count { $0 == target } - 1000) < 150) }
        #expect(!draws.contains(1))
    }

    @Test func impossibleRequestsAreRefusedByName() throws {
        let network = try network(engine, small)
        func message(
            _ attack: some Attack, _ threat: ThreatModel, pixels: Float = 0.5,
            labels: [Int] = [0, 1]
        ) -> String? {
            do {
                _ = try AttackDriver(threat).run(
                    attack, on: network,
                    images: Tensor(
                        shape: [2, 1, 5, 5], values: Array(repeating: pixels, count: 50)),
                    labels: labels, keys: [0, 1])
                return nil
            } catch { return "\(error)" }
        }
        let none = ThreatModel(norm: .linf, epsilons: [], goal: .untargeted, seed: 1)
        #expect(message(fgsm(), none)?.contains("fgsm needs at least one epsilon") == true)
        let some = ThreatModel(norm: .l2, epsilons: [0.1], goal: .untargeted, seed: 1)
        #expect(message(noise(), some)?.contains("takes no epsilons") == true)
        #expect(message(fgsm(), some) == "fgsm does not work in the norm l2; expected linf.")
        #expect(message(fgsm(), within, pixels: 2)?.contains("Sample 0 has a pixel of 2.0") == true)
        #expect(message(fgsm(), within, pixels: .nan)?.contains("pixel of nan") == true)
        #expect(message(fgsm(), within, labels: [0, 4])?.contains("Sample 1 has label 4") == true)
        #expect(throws: AttackFault.wrongTarget(nil, classes: 10)) {
            try Goal(name: "fixed", target: nil, classes: 10)
        }
        #expect(throws: AttackFault.targetWithoutFixedGoal(3, goal: "untargeted")) {
            try Goal(name: "untargeted", target: 3, classes: 10)
        }
        #expect(
            throws: AttackFault.unknownAttack("fgms", known: AttackCatalogue.all.map { $0.name })
        ) {
            try AttackCatalogue.named("fgms")
        }
    }
}
