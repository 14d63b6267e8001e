import Networks
import Tensors
import Testing

@testable import Attacks

/// Steps along a line towards the goal's class as far as `size`, at random if told so.
private struct Probe: DecisionAttack {
    static let facts = AttackFacts(
        "probe", norms: [.l2, .l1, .l0, .linf], budget: .least, drawsAtRandom: true)
    static let words = ["kind": ["even", "odd"]]

    func warnings(_ flags: Flags, attacked: Int, of samples: Int) -> [String] {
        ["\(flags.count("probed")) of \(attacked) probed"]
    }

    func check(_ model: ThreatModel, classes: Int, imageShape: [Int]) throws {
        if classes < 3 { throw AttackFault.impossible(attack: "probe", "three classes at least.") }
    }

    func start(_ run: inout Run) {
        var random = run.stream("probe")
        run.point.withMutableFloats { pixels in
            for index in pixels.indices { pixels[index] = 3 * random.uniform() - 1 }
        }
    }

    func step(_ batch: inout Batch<Void>, on oracle: inout some DecisionOracle) throws {
        for row in batch.open {
            let first = batch.points.rows(row..<row + 1).values[0]
            batch.note("first", min(max(first, 0), 1), row)
            batch.note("restart", Float(batch.restart), row)
            batch.note("kind", Float(batch[row].sample.key % 2), row, budget: 0)
            batch.flag("probed", row)
        }
        batch.finish(after: 1)
    }
}

/// Proposes the same far-off points whatever the ball: what is stored is the driver's doing.
private struct Overshoot: DecisionAttack {
    static let facts = AttackFacts(
        "overshoot", norms: [.linf, .l2, .l1, .l0], budget: .shared)

    static func aim(_ x: Float, _ index: Int) -> Float {
        x + Float(index % 7 - 3) * 0.4 + Float(index % 3) * 0.05
    }

    func step(_ batch: inout Batch<Void>, on oracle: inout some DecisionOracle) throws {
        let length = batch.length
        batch.points.withMutableFloats { pixels in
            for index in pixels.indices {
                pixels[index] = Self.aim(pixels[index], index % length)
            }
        }
        for budget in batch.epsilons.indices { batch.propose(budget: budget, at: batch.points) }
        batch.finishProposed()
    }
}

/// A batch of runs of nothing in particular.
struct Idle: GradientAttack {
    static let facts = AttackFacts("idle", norms: Norm.allCases, budget: .each)
    func step(_ batch: inout Batch<Void>, on oracle: inout some GradientOracle) throws {}
}

@Suite("Attack driver")
struct DriverTests {
    private let engine = Engine(threads: 2)
    private let probe = Probe()

    private func threat(_ goal: Goal, _ norm: Norm = .l2, restarts: Int = 1) -> ThreatModel {
        ThreatModel(norm: norm, epsilons: [], goal: goal, seed: 5, restarts: restarts)
    }

    /// Of several tries without a budget the nearest success counts, in the norm that was asked for.
    @Test(arguments: [Norm.l2, .l1, .l0, .linf])
    func theNearestOfAllTriesCounts(norm: Norm) throws {
        let network = try network(engine, small)
        let tries = try [1, 2, 8].map {
            try run(probe, threat(.untargeted, norm, restarts: $0), on: network, count: 500)
        }
        var nearer = 0
        for (few, many) in zip(tries, tries.dropFirst()) {
            for row in 0..<500 where few.success[row] {
                #expect(many.success[row])
                let (a, b) = (norm.size(of: few.distances[row]), norm.size(of: many.distances[row]))
                #expect(b <= a)
                if b < a { nearer += 1 }
            }
        }
        #expect(norm == .linf || norm == .l0 || nearer > 10)
        #expect(tries[2].efforts.contains { $0.iterations == 8 })
        let attacked = tries[2].isEligible.count { $0 }
        #expect(tries[2].warnings == ["\(attacked) of \(attacked) probed"])
        // A note is that of the try whose image is kept, not of the last one.
        let first = try #require(tries[2].notes["first"])
        for row in 0..<500 where tries[2].success[row] {
            #expect(first[row] == tries[2].adversarial.rows(row..<row + 1).values[0])
        }
        #expect(tries[2].notes["restart"]?.contains(7) == true)
        #expect(tries[2].notes["kind"]?.contains(1) == true)
    }

    /// What is stored is the proposal on the ball and in the box, in the norm's own way.
    @Test(arguments: [Norm.linf, .l2, .l1, .l0])
    func proposalsAreProjectedByTheDriver(norm: Norm) throws {
        let network = try network(engine, small)
        let epsilons: [Float] = norm == .linf ? [0.05, 0.3] : norm == .l0 ? [3, 9] : [0.5, 3]
        let model = ThreatModel(norm: norm, epsilons: epsilons, goal: .untargeted, seed: 1)
        let (images, labels) = try samples(4000, for: network)
        let result = try AttackDriver(model).run(
            Overshoot(), on: network, images: images, labels: labels,
            keys: Array(0..<4000))
        var compared = 0
        for (k, epsilon) in epsilons.enumerated() {
            for row in 0..<4000 where result.success[k * 4000 + row] {
                let x = images.rows(row..<row + 1).values
                let y = result.adversarial.rows(k * 4000 + row..<k * 4000 + row + 1).values
                let aim = x.enumerated().map { Overshoot.aim($1, $0) }
                for (found, expected) in zip(y, onBall(aim, x, norm, epsilon)) {
                    #expect(abs(found - expected) <= 2e-6, "\(norm) \(epsilon), sample \(row)")
                }
                #expect(norm.size(of: result.distances[k * 4000 + row]) <= Double(epsilon))
                compared += 1
            }
        }
        #expect(compared > 20)
    }

    /// The nearest point of ball and box; for L2 the point on the way, clamped.
    private func onBall(
        _ aim: [Float], _ x: [Float], _ norm: Norm, _ epsilon: Float
    ) -> [Float] {
        let d = zip(aim, x).map { $0 - $1 }
        func moved(_ step: (Int) -> Float) -> [Float] {
            x.indices.map { min(max(x[$0] + step($0), 0), 1) }
        }
        switch norm {
        case .linf: return moved { min(max(d[$0], -epsilon), epsilon) }
        case .l2:
            let size = d.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return moved { min(1, epsilon / size) * d[$0] }
        case .l1:
            var (low, high) = (Float(0), Float(4))
            func shrunk(_ by: Float) -> [Float] {
                moved { (d[$0] < 0 ? -1 : 1) * max(abs(d[$0]) - by, 0) }
            }
            for _ in 0..<60 {
                let middle = (low + high) / 2
                let sum = zip(shrunk(middle), x).map { abs($0 - $1) }.reduce(0, +)
                (low, high) = sum > epsilon ? (middle, high) : (low, middle)
            }
            return shrunk(high)
        case .l0:
            let clamped = moved { d[$0] }
            let order = x.indices.sorted {
                let (a, b) = (abs(clamped[$0] - x[$0]), abs(clamped[$1] - x[$1]))
                return a != b ? a > b : $0 < $1
            }
            let kept = Set(order.prefix(Int(epsilon)))
            return x.indices.map { kept.contains($0) ? clamped[$0] : x[$0] }
        }
    }

    /// Every other class is a run of its own; the record holds all of them and the best image.
    @Test func eachOtherClassIsTried() throws {
        let network = try network(engine, small)
        let all = try run(probe, threat(.eachOther), on: network, count: 300)
        let single = try (0..<4).map {
            try run(probe, threat(.fixed($0)), on: network, count: 300)
        }
        #expect(all.targets.allSatisfy { $0 == nil })
        var reached = 0
        for row in 0..<300 where all.isEligible[row] {
            var best = Double.infinity
            for target in 0..<4 {
                let success = target != all.labels[row] && single[target].success[row]
                #expect(all.eachSuccess[row * 4 + target] == success)
                let size = single[target].distances[row].l2
                #expect(success == (all.eachDistance[row * 4 + target] == Float(size)))
                if success { (best, reached) = (min(best, size), reached + 1) }
            }
            #expect(all.success[row] == best.isFinite)
            if best.isFinite { #expect(all.distances[row].l2 == best) }
        }
        #expect(reached > 10)
    }

    @Test func whatCannotBeDoneIsRefusedBeforeAnyWork() throws {
        let trained = try network(engine, small)
        let restless = ThreatModel(
            norm: .linf, epsilons: [0.1], goal: .untargeted, seed: 1, restarts: 2)
        #expect(throws: AttackFault.restartsOfNothingRandom(attack: "fgsm")) {
            try run(fgsm(), restless, on: trained)
        }
        for epsilon in [Float(1.5), -0.1, .nan] {
            let wide = ThreatModel(norm: .linf, epsilons: [epsilon], goal: .untargeted, seed: 1)
            #expect(throws: AttackFault.self) { try run(fgsm(), wide, on: trained) }
        }
        let two = Architecture(multilayerPerceptron: "two", imageShape: [1, 3, 3], widths: [9, 2])
        #expect(throws: AttackFault.impossible(attack: "probe", "three classes at least.")) {
            try run(probe, threat(.untargeted), on: try network(engine, two))
        }
    }

    /// An attack may run another on its own samples: the same proposals, judged.
    @Test func attemptsAreTheOthersProposalsJudged() throws {
        let network = try network(engine, small)
        let (images, labels) = try samples(20, for: network, wrongEvery: 100)
        let model = ThreatModel(norm: .linf, epsilons: [0.05, 0.3], goal: .untargeted, seed: 3)
        let expected = try AttackDriver(model).run(
            pgd(), on: network, images: images, labels: labels, keys: Array(0..<20))
        for (k, epsilon) in model.epsilons.enumerated() {
            let queue = AttackQueue(
                images: images,
                samples: (0..<20).map {
                    AttackSample(row: $0, key: $0, label: labels[$0], target: nil)
                },
                model: ThreatModel(norm: .linf, epsilons: [1], goal: .untargeted, seed: 3),
                window: 20, classes: 4, engine: engine)
            var oracle = NetworkOracle(network.makePass(), for: queue)
            let batch = Batch(of: Idle(), from: queue)
            let rows = Array(5..<14)
            let found = try oracle.attempt(
                pgd(), on: rows, of: batch, within: rows.map { _ in epsilon })
            for (place, attempt) in found.enumerated() {
                let row = k * 20 + place + 5
                #expect(attempt.isFooled == expected.success[row])
                #expect(attempt.size == expected.proposedDistances[row].linf)
                if attempt.isFooled {
                    let image = expected.adversarial.rows(row..<row + 1)
                    #expect(attempt.image.values == image.values)
                }
            }
        }
    }
}
