import Networks
import Randomness
import Tensors
import Testing

@testable import Attacks

@Suite("Projected gradient descent")
struct PGDTests {
    private let engine = Engine(threads: 2)
    private let linf = ThreatModel(
        norm: .linf, epsilons: [0, 0.02, 0.06, 0.2], goal: .untargeted, seed: 3)
    private let l2 = ThreatModel(
        norm: .l2, epsilons: [0, 0.1, 0.4, 1], goal: .untargeted, seed: 3)

    private func often(_ threat: ThreatModel, _ restarts: Int) -> ThreatModel {
        var threat = threat
        threat.restarts = restarts
        return threat
    }

    private func rates(_ result: AttackResult) -> [Int] {
        (0..<result.model.epsilons.count).map { k in
            result.success[k * result.samples..<(k + 1) * result.samples].count { $0 }
        }
    }

    @Test func nothingLeavesTheBallOrTheBox() throws {
        for threat in [linf, l2] {
            let insistent: [String: SettingDescription.Value] = ["stop_early": .flag(false)]
            for (settings, restarts) in [([:], 1), (insistent, 3)] {
                let result = try run(
                    pgd(settings), often(threat, restarts), on: try network(engine, small),
                    count: 200)
                for place in result.success.indices {
                    let epsilon = Double(threat.epsilons[place / 200])
                    // What was proposed, failures too: the driver had nothing to cut off.
                    let found = result.proposedDistances[place]
                    #expect((threat.norm == .l2 ? found.l2 : found.linf) <= epsilon)
                }
                #expect(result.adversarial.values.allSatisfy { (0...1).contains($0) })
                #expect(result.proposedDistances[..<200].allSatisfy { $0 == Distances() })
                let rates = rates(result)
                #expect(rates[0] == 0 && rates[1] > 0 && rates == rates.sorted())
            }
        }
    }

    /// What the queue gets is already within ball and box; the driver's projection is no help.
    @Test func proposalsNeedNoProjection() throws {
        let network = try network(engine, small)
        let (images, _) = try samples(40, for: network)
        var pass = network.makePass()
        let labels = try pass.logits(of: images).argmaxOfRows()
        for threat in [linf, l2] {
            let queue = AttackQueue(
                images: images,
                samples: (0..<40).map {
                    AttackSample(row: $0, key: $0, label: labels[$0], target: nil)
                },
                model: threat, window: 7, classes: network.classes, engine: engine)
            var oracle = NetworkOracle(network.makePass(), for: queue)
            try queue.run(pgd(), on: &oracle)
            for (k, epsilon) in threat.epsilons.enumerated() {
                let raw = queue.proposals((0..<40).map { ($0, k) })
                #expect(raw.values.allSatisfy { (0...1).contains($0) })
                for size in engine.distances(from: images, to: raw) {
                    #expect((threat.norm == .l2 ? size.l2 : size.linf) <= Double(epsilon))
                }
            }
        }
    }

    @Test func oneStepWithoutARandomStartIsTheFGSM() throws {
        for goal in [Goal.untargeted, .randomOther] {
            let threat = ThreatModel(
                norm: .linf, epsilons: [0, 0.02, 0.1, 0.3], goal: goal, seed: 3)
            let network = try network(engine, small)
            let expected = try run(fgsm(), threat, on: network, count: 200)
            for stopsEarly in [true, false] {
                let single = pgd([
                    "steps": .integer(1), "step_size": .number(1), "random_start": .flag(false),
                    "stop_early": .flag(stopsEarly),
                ])
                let found = try run(single, threat, on: network, count: 200)
                #expect(digest(found.adversarial) == digest(expected.adversarial))
                #expect(found.proposedDistances == expected.proposedDistances)
                #expect(found.efforts == expected.efforts)
                #expect(found.success.contains(true))
            }
        }
    }

    /// The formula of the paper, image by image, with plain arithmetic.
    @Test func stepsFollowTheFormula() throws {
        let network = try network(engine, small)
        let (images, labels) = try samples(30, for: network, wrongEvery: 100)
        let (epsilon, step) = (Float(0.15), Float(0.06))
        let threat = ThreatModel(norm: .linf, epsilons: [epsilon], goal: .untargeted, seed: 3)
        let attack = pgd([
            "steps": .integer(4), "step_size": .number(Double(step)),
            "step_unit": .text("pixels"), "random_start": .flag(false),
            "stop_early": .flag(false),
        ])
        let result = try AttackDriver(threat).run(
            attack, on: network, images: images, labels: labels, keys: Array(0..<30))
        var compared = 0
        for row in 0..<30 where result.success[row] {
            let x = images.rows(row..<row + 1)
            var y = x
            for _ in 0..<4 {
                var pass = network.makePass()
                var flow = try pass.logits(of: y)
                _ = CrossEntropy.gradient(inPlaceOf: &flow, targets: [labels[row]], scale: 1)
                let g = try pass.pixelGradient(flow).values
                y = Tensor(
                    shape: y.shape,
                    values: zip(zip(x.values, y.values), g).map { pair, g in
                        let moved = pair.1 + step * (g > 0 ? 1 : g < 0 ? -1 : 0)
                        let inside = min(max(moved, 0), 1)
                        return min(max(inside, pair.0 - epsilon), pair.0 + epsilon)
                    })
            }
            let found = result.adversarial.rows(row..<row + 1).values
            #expect(zip(found, y.values).allSatisfy { abs($0 - $1) <= 6e-8 })
            compared += 1
        }
        #expect(compared > 3)
    }

    @Test func moreStepsAndMoreRestartsNeverUndoASuccess() throws {
        let network = try network(engine, small)
        for threat in [linf, l2] {
            for (name, values) in [("steps", [1, 3, 10, 40]), ("restarts", [1, 2, 5])] {
                var before: AttackResult?
                for value in values {
                    var settings: [String: SettingDescription.Value] = [
                        "steps": .integer(4), "step_unit": .text("pixels"),
                        "step_size": .number(0.01),
                    ]
                    if name == "steps" { settings[name] = .integer(value) }
                    let tries = often(threat, name == "restarts" ? value : 1)
                    let result = try run(pgd(settings), tries, on: network, count: 300)
                    if let before {
                        for place in result.success.indices {
                            #expect(!before.success[place] || result.success[place])
                        }
                        #expect(rates(before) != rates(result), "\(name): nothing to see")
                    }
                    before = result
                }
            }
        }
    }

    /// A sample tries again within each budget until it has reached its goal, and no longer.
    @Test func restartsAreTheSamplesOwn() throws {
        let network = try network(engine, small)
        let attack = pgd(["steps": .integer(2)])
        let once = try run(attack, linf, on: network, count: 200)
        let more = try run(attack, often(linf, 6), on: network, count: 200)
        var late = 0
        for place in once.success.indices where once.isEligible[place % 200] {
            if once.success[place] {
                #expect(more.efforts[place] == once.efforts[place])
                #expect(
                    more.adversarial.rows(place..<place + 1).values
                        == once.adversarial.rows(place..<place + 1).values)
            } else if more.success[place] {
                late += 1
                #expect((2...12).contains(more.efforts[place].iterations))
            } else {
                #expect(more.efforts[place].iterations == 12)
            }
        }
        #expect(late > 3)
    }

    @Test func targetsAreReached() throws {
        let network = try network(engine, small)
        let threat = ThreatModel(norm: .linf, epsilons: [0.5], goal: .randomOther, seed: 3)
        let result = try run(pgd(), threat, on: network, count: 200)
        #expect(result.success.count { $0 } > result.isEligible.count { $0 } / 2)
        for row in 0..<200 where result.success[row] {
            #expect(result.finalClasses[row] == result.targets[row])
        }
        // Uphill on the label's loss is not where the target lies.
        let any = try run(
            pgd(), ThreatModel(norm: .linf, epsilons: [0.5], goal: .untargeted, seed: 3),
            on: network, count: 200)
        #expect(digest(any.adversarial) != digest(result.adversarial))
    }

    @Test(arguments: [1, 7, 256, 400])
    func batchesMoveNoBit(batch: Int) throws {
        let network = try network(engine, small)
        let (images, labels) = try samples(400, for: network)
        for threat in [linf, l2] {
            let attack = pgd(["steps": .integer(5)])
            func attacked(_ classifier: some Classifier) throws -> AttackResult {
                try AttackDriver(often(threat, 2)).run(
                    attack, on: classifier, images: images, labels: labels,
                    keys: Array(0..<400))
            }
            let expected = try attacked(network)
            let found = try attacked(Rebatched(network: network, batch: batch))
            #expect(digest(found.adversarial) == digest(expected.adversarial))
            #expect(found.proposedDistances == expected.proposedDistances)
            #expect(found.efforts == expected.efforts)
        }
    }

    @Test func enginesMoveNoBit() throws {
        for (threat, golden) in [
            (linf, UInt64(284_510_493_414_357_326)), (l2, 4_853_484_081_693_193_470),
        ] {
            for set in InstructionSet.available {
                for threads in [1, 3] {
                    let engine = try #require(Engine(set, workers: Workers(threads: threads)))
                    let result = try run(
                        pgd(["steps": .integer(6)]), often(threat, 2),
                        on: try network(engine, small), count: 40)
                    #expect(digest(result.adversarial) == golden, "\(set), \(threads) threads")
                }
            }
        }
    }

    /// A start belongs to seed, image and restart; it lies within the ball, and fills it.
    @Test func startsFillTheBall() {
        func start(_ ball: Ball, key: UInt32, restart: Int = 0, seed: UInt64 = 1) -> [Float] {
            var random = Stream(seed: seed, name: "attack/pgd/start/\(restart)", step: key)
            return BallStart.point(of: ball, count: 8, random: &random)
        }
        for ball in [Ball.linf, .l2] {
            #expect(start(ball, key: 4) == start(ball, key: 4))
            let others = [
                start(ball, key: 5), start(ball, key: 4, restart: 1),
                start(ball, key: 4, seed: 2),
            ]
            #expect(others.allSatisfy { $0 != start(ball, key: 4) })
        }
        let points = (UInt32(0)..<4000).map { start(.l2, key: $0) }
        let radii = points.map { $0.map { Double($0) * Double($0) }.reduce(0, +).squareRoot() }
        #expect(radii.allSatisfy { $0 <= 1 + 1e-6 })
        // Uniform in the ball: the share within radius r is r⁸.
        for radius in [0.6, 0.8, 0.9, 0.95] {
            let share = Double(radii.count { $0 <= radius }) / 4000
            let expected = (0..<8).reduce(1) { product, _ in product * radius }
            #expect(abs(share - expected) < 0.03, "\(radius)")
        }
        let mean = points.map { Double($0[0]) }.reduce(0, +) / 4000
        #expect(abs(mean) < 0.02)
        let cube = (UInt32(0)..<1000).flatMap { start(.linf, key: $0) }
        #expect(cube.allSatisfy { (-1..<1).contains($0) })
        #expect(abs(cube.reduce(0, +) / 8000) < 0.02)
    }

    @Test func impossibleRequestsAreRefused() throws {
        let network = try network(engine, small)
        let none = ThreatModel(norm: .linf, epsilons: [], goal: .untargeted, seed: 1)
        #expect(throws: AttackFault.needsEpsilons(attack: "pgd")) {
            try run(pgd(), none, on: network)
        }
        #expect(try AttackCatalogue.named("pgd").norms == [.linf, .l2, .l1])
    }
}
