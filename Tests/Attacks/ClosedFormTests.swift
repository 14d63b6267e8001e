// Attacks whose answer is known: on linear networks, on tiny ones by trying everything, and each part
// that has a formula of its own.

import Networks
import Randomness
import Tensors
import Testing

@testable import Attacks

@Suite("Closed forms")
struct ClosedFormTests {
    private let engine = Engine(threads: 2)

    /// A linear network of mid-grey images: the boxes are far from the boundaries.
    private func setting() throws -> (Network, Tensor, [Int], [[Float]], [Float]) {
        let network = try network(engine, linear)
        var random = Stream(seed: 9, name: "grey")
        let images = Tensor(
            shape: [30, 1, 3, 3],
            values: (0..<270).map { _ in 0.45 + 0.1 * random.uniform() })
        var pass = network.makePass()
        let labels = try pass.logits(of: images).argmaxOfRows()
        let w = try #require(network.parameters["fc1.weight"]).values
        let b = try #require(network.parameters["fc1.bias"]).values
        return (network, images, labels, (0..<3).map { Array(w[$0 * 9..<$0 * 9 + 9]) }, b)
    }

    /// |w·x + b| / ‖w‖_q to the nearest of the other classes.
    private func distance(
        _ x: [Float], _ label: Int, _ w: [[Float]], _ b: [Float], dual: ([Double]) -> Double
    ) -> Double {
        (0..<3).filter { $0 != label }.map { other in
            let slope = zip(w[label], w[other]).map { Double($0) - Double($1) }
            let gap =
                zip(slope, x).map { $0 * Double($1) }.reduce(0, +) + Double(b[label])
                - Double(b[other])
            return abs(gap) / dual(slope)
        }.min() ?? .infinity
    }

    private func run(
        _ name: String, _ norm: Norm, _ settings: [String: SettingDescription.Value] = [:]
    ) throws -> [(found: Double, exact: Double)] {
        let (network, images, labels, w, b) = try setting()
        let kind = try AttackCatalogue.named(name)
        let result = try AttackDriver(
            ThreatModel(norm: norm, epsilons: [], goal: .untargeted, seed: 1)
        ).run(
            kind.init(SettingValues(kind.settings { _ in nil }, settings)), on: network,
            images: images, labels: labels, keys: Array(0..<30))
        return (0..<30).compactMap { row in
            let exact = distance(images.rows(row..<row + 1).values, labels[row], w, b) { slope in
                switch norm {
                case .linf: slope.map { abs($0) }.reduce(0, +)
                case .l2: slope.map { $0 * $0 }.reduce(0, +).squareRoot()
                case .l1, .l0: slope.map { abs($0) }.max() ?? 0
                }
            }
            // Where the box is in the way there is no closed form.
            guard exact < (norm == .l1 ? 0.4 : 0.8) else { return nil }
            #expect(result.success[row], "\(name) \(norm), \(row)")
            return (norm.size(of: result.distances[row]), exact)
        }
    }

    /// One step lands on the nearest hyperplane, times 1.02.
    @Test(arguments: [Norm.l2, .linf]) func deepFoolGoesToTheNearestHyperplane(norm: Norm) throws {
        let pairs = try run("deepfool", norm)
        #expect(pairs.count > 10)
        for (found, exact) in pairs {
            #expect(found >= exact && found <= exact * 1.021 + 2e-3)
        }
    }

    /// No attack can be nearer than the boundary, and these come close to it.
    @Test(arguments: [
        ("cw-l2", Norm.l2, 0.03), ("lbfgs", .l2, 0.25), ("fmn", .l2, 0.03),
        ("fmn", .linf, 0.03), ("fab", .l2, 0.01), ("fab", .linf, 0.01), ("fab", .l1, 0.01),
        ("fab-targeted", .l2, 0.01), ("fmn", .l1, 0.1),
    ])
    func minimumNormAttacksComeCloseToTheBoundary(
        name: String, norm: Norm, tolerance: Double
    ) throws {
        let settings: [String: [String: SettingDescription.Value]] = [
            "cw-l2": ["initial_constant": .number(0.1), "steps": .integer(400)]
        ]
        let pairs = try run(name, norm, settings[name] ?? [:])
        #expect(pairs.count > 5)
        for (found, exact) in pairs {
            #expect(found >= exact * (1 - 1e-4))
            #expect(found <= exact * (1 + tolerance) + 2e-3, "\(found), exactly \(exact)")
        }
    }

    /// Of two classes the gradient's sign is that of the way to the boundary everywhere, so that the least
    /// ε is the distance itself, but for the last halving: to 2⁻¹² of the first budget that works.
    @Test(arguments: ["fgsm", "bim", "pgd"])
    func theLeastEpsilonOfTwoClassesIsTheDistance(of inner: String) throws {
        let two = Architecture(multilayerPerceptron: "two", imageShape: [1, 3, 3], widths: [9, 2])
        let network = try network(engine, two)
        let images = try setting().1
        var pass = network.makePass()
        let logits = try pass.logits(of: images)
        let labels = logits.argmaxOfRows()
        let w = try #require(network.parameters["fc1.weight"]).values
        let slope = (0..<9).map { abs(Double(w[$0]) - Double(w[$0 + 9])) }.reduce(0, +)
        // Steps that cross the ball from any start.
        let steps: [String: SettingDescription.Value] =
            inner == "fgsm" ? [:] : ["steps": .integer(12), "step_size": .number(0.25)]
        let chosen = ["of": SettingDescription.Value.text(inner), "bisections": .integer(12)]
        let settings = LeastEpsilon.settings { $0 == "of" ? inner : nil }
        let result = try AttackDriver(
            ThreatModel(norm: .linf, epsilons: [], goal: .untargeted, seed: 1)
        ).run(
            LeastEpsilon(SettingValues(settings, chosen.merging(steps) { $1 })), on: network,
            images: images, labels: labels, keys: Array(0..<30))
        var compared = 0
        for row in 0..<30 {
            let gap = abs(Double(logits.values[2 * row]) - Double(logits.values[2 * row + 1]))
            let exact = gap / slope
            // Images are within 0.05 of mid-grey, so that the box is far.
            guard exact < 0.4 else { continue }
            compared += 1
            let found = result.distances[row].linf
            #expect(result.success[row])
            #expect(found >= exact * (1 - 1e-5) - 1e-7, "\(found), exactly \(exact)")
            #expect(found <= exact + 2 * max(exact, 1 / 64) * 0x1p-12 + 1e-6, "\(found), \(exact)")
        }
        #expect(compared > 20)
    }

    /// The best pair of a saliency map, against every pair.
    @Test func theBestPairIsTheBestOfAll() {
        var random = Stream(seed: 2, name: "pairs")
        for round in 0..<200 {
            let count = 2 + round % 9
            let alpha = (0..<count).map { _ in 2 * random.uniform() - 1 }
            let beta = (0..<count).map { _ in 2 * random.uniform() - 1 }
            for sign in [Float(1), -1] {
                var best: (Int, Int)?
                var most: Float = 0
                for p in 0..<count {
                    for q in p + 1..<max(p + 1, count) {
                        let (a, b) = (
                            sign * alpha[p] + sign * alpha[q], -sign * beta[p] - sign * beta[q]
                        )
                        if a > 0 && b > 0 && a * b > most { (best, most) = ((p, q), a * b) }
                    }
                }
                let found = alpha.withUnsafeBufferPointer { alpha in
                    beta.withUnsafeBufferPointer { beta in
                        SaliencyPair.best(
                            of: Array(0..<count), alpha: alpha[0..<count], beta: beta[0..<count],
                            sign: sign)
                    }
                }
                #expect(found?.first == best?.0 && found?.second == best?.1)
            }
        }
    }

    /// The least change to a hyperplane within the box, against what any other change could do.
    @Test(arguments: [Ball.linf, .l2, .l1]) func waysToHyperplanesAreTheShortest(ball: Ball) {
        var random = Stream(seed: 3, name: "hyperplanes")
        for round in 0..<300 {
            let count = 1 + round % 40
            let t = Tensor(
                shape: [1, count], values: (0..<count).map { _ in random.uniform() })
            let w = Tensor(
                shape: [1, count], values: (0..<count).map { _ in 2 * random.uniform() - 1 })
            let reach = (0..<count).map { index in
                Double(w.values[index])
                    * Double(w.values[index] > 0 ? 1 - t.values[index] : -t.values[index])
            }.reduce(0, +)
            let gap = reach * Double(random.uniform()) * 1.2
            var d = Tensor(shape: [1, count])
            d.goToHyperplane(0, from: t, along: w, row: 0, gap: gap, in: ball, around: t)
            let moved = d.values
            #expect(zip(moved, t.values).allSatisfy { (-1e-6...1 + 1e-6).contains($0 + $1) })
            let gained = zip(moved, w.values).map { Double($0) * Double($1) }.reduce(0, +)
            #expect(abs(gained - min(gap, reach)) < 1e-5 * max(1, reach))
            guard gap < reach else { continue }
            // By duality no change is shorter: compare with moving single values more or less.
            let size: Double
            let bound: Double
            switch ball {
            case .linf:
                size = Double(d.linf(ofRow: 0))
                bound = gap / w.l1(ofRow: 0)
            case .l2:
                size = d.l2(ofRow: 0)
                bound = gap / w.l2(ofRow: 0)
            default:
                size = d.l1(ofRow: 0)
                bound = gap / Double(w.linf(ofRow: 0))
            }
            #expect(size >= bound * (1 - 1e-5))
        }
    }

    /// The L1 projection against a search for the threshold, and the L0 one against sorting.
    @Test func sparseProjectionsAreTheNearestPoints() {
        var random = Stream(seed: 4, name: "sparse")
        var scratch = Tensor(shape: [0])
        for round in 0..<200 {
            let count = 1 + round % 50
            let x = Tensor(shape: [1, count], values: (0..<count).map { _ in random.uniform() })
            let aim = Tensor(
                shape: [1, count], values: (0..<count).map { _ in 3 * random.uniform() - 1 })
            let epsilon = Float(round % 7) * 0.4
            var y = aim
            engine.project(&y, around: x, in: .l1, within: [epsilon], scratch: &scratch)
            let change = engine.distances(from: x, to: y)[0]
            #expect(change.l1 <= Double(epsilon))
            #expect(y.values.allSatisfy { (0...1).contains($0) })
            // Every value that is inside the box has come back by the same amount.
            let shares = (0..<count).compactMap { index -> Float? in
                let (d, kept) = (
                    abs(aim.values[index] - x.values[index]), abs(y.values[index] - x.values[index])
                )
                let isFree = y.values[index] > 0 && y.values[index] < 1 && kept > 0
                return isFree ? d - kept : nil
            }
            if let least = shares.min(), let most = shares.max() { #expect(most - least < 1e-5) }
            var few = aim
            engine.project(&few, around: x, in: .l0, within: [epsilon * 5], scratch: &scratch)
            #expect(engine.distances(from: x, to: few)[0].l0 <= Double(epsilon * 5))
            let sizes = (0..<count).map { abs(min(max(aim.values[$0], 0), 1) - x.values[$0]) }
            let kept = (0..<count).filter { few.values[$0] != x.values[$0] }
            let dropped = (0..<count).filter { few.values[$0] == x.values[$0] }
            if let least = kept.map({ sizes[$0] }).min(),
                let most = dropped.map({ sizes[$0] }).max()
            {
                #expect(least >= most)
            }
        }
    }

    /// The square's schedule at its borders, as in the authors' code.
    @Test func squaresShrinkOnTime() {
        let plain = Square(
            SettingValues(Square.settings, ["rescale_schedule": .flag(false)]))
        for (step, halvings) in [
            (0, 0), (10, 0), (11, 1), (50, 1), (51, 2), (200, 2), (201, 3), (500, 3), (501, 4),
            (1000, 4), (1001, 5), (2001, 6), (4001, 7), (6001, 8), (8001, 9),
        ] {
            let expected = (0..<halvings).reduce(Double(Float(0.8))) { share, _ in share / 2 }
            #expect(plain.share(at: step) == expected, "\(step)")
        }
        let short = Square(
            SettingValues(
                Square.settings, ["queries": .integer(1000)]))
        #expect(short.share(at: 2) == plain.share(at: 20))
        #expect(short.share(at: 500) == plain.share(at: 5000))
    }

    /// Whole pixels and quarter turns move pixels without mixing them.
    @Test func turnsAndShiftsAreExactOnTheGrid() {
        let image = Tensor(
            shape: [1, 1, 3, 3], values: [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8])
        func seen(_ angle: Double, _ across: Double, _ down: Double) -> [Float] {
            let move = SpatialTransformation.Move(angle: angle, across: across, down: down)
            return Resampling(move, height: 3, width: 3).applied(to: image).values
        }
        #expect(seen(0, 0, 0) == image.values)
        #expect(seen(0, 1, 0) == [0, 0, 0.1, 0, 0.3, 0.4, 0, 0.6, 0.7])
        #expect(seen(0, 0, -1) == [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0, 0, 0])
        func isNear(_ a: [Float], _ b: [Float]) -> Bool {
            a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) < 1e-6 }
        }
        // Against the clock: what was on the right is on top. So it is in the paper's code too.
        #expect(isNear(seen(90, 0, 0), [0.2, 0.5, 0.8, 0.1, 0.4, 0.7, 0, 0.3, 0.6]))
        #expect(isNear(seen(-90, 0, 0), [0.6, 0.3, 0, 0.7, 0.4, 0.1, 0.8, 0.5, 0.2]))
        #expect(isNear(seen(180, 0, 0), [0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0]))
        for degrees in stride(from: -180.0, through: 180, by: 7.5) {
            let (sine, cosine) = Trigonometry.sineAndCosine(ofDegrees: degrees)
            #expect(abs(sine * sine + cosine * cosine - 1) < 1e-9)
        }
        #expect(abs(Trigonometry.sineAndCosine(ofDegrees: 30).sine - 0.5) < 1e-15)
        #expect(abs(Trigonometry.sineAndCosine(ofDegrees: 60).cosine - 0.5) < 1e-15)
    }

    /// ⟨view(x), y⟩ = ⟨x, pullBack(y)⟩: gradients go back through the very same weights.
    @Test func viewsAndTheirGradientsAreTransposed() {
        var random = Stream(seed: 5, name: "views")
        let move = SpatialTransformation.Move(angle: 17, across: 0.3, down: -1.2)
        let view = Resampling(move, height: 6, width: 5)
        for _ in 0..<20 {
            // Small values, so that nothing is clamped.
            let x = Tensor(shape: [1, 2, 6, 5], values: (0..<60).map { _ in random.uniform() })
            let y = Tensor(shape: [1, 2, 6, 5], values: (0..<60).map { _ in random.uniform() })
            var back = y
            back.pull(view)
            let left = RowProduct.dot(view.applied(to: x).values, y.values)
            #expect(abs(left - RowProduct.dot(x.values, back.values)) < 1e-4)
        }
    }

    /// Black and white pixels move: the fault of a plain atanh.
    @Test func carliniWagnerMovesBlackAndWhitePixels() throws {
        let network = try network(engine, linear)
        let images = Tensor(shape: [2, 1, 3, 3], values: (0..<18).map { $0 < 9 ? 0 : 1 })
        var pass = network.makePass()
        let labels = try pass.logits(of: images).argmaxOfRows()
        let attack = CarliniWagnerL2(
            SettingValues(
                CarliniWagnerL2.settings,
                ["initial_constant": .number(10), "step_size": .number(0.1)]))
        let result = try AttackDriver(
            ThreatModel(norm: .l2, epsilons: [], goal: .untargeted, seed: 1)
        ).run(attack, on: network, images: images, labels: labels, keys: [0, 1])
        #expect(result.proposedDistances.contains { $0.linf > 0.1 })
        #expect(result.success.contains(true))
    }

    /// One sample without a start has failed alone.
    @Test func aSampleWithoutAStartFailsAlone() throws {
        let network = try network(engine, small)
        let (images, labels) = try samples(40, for: network, wrongEvery: 100)
        for name in ["hop-skip-jump", "boundary"] {
            let kind = try AttackCatalogue.named(name)
            let attack = kind.init(
                SettingValues(kind.settings, ["starts": .integer(3), "steps": .integer(2)]))
            let result = try AttackDriver(
                ThreatModel(norm: .l2, epsilons: [], goal: .randomOther, seed: 1)
            ).run(attack, on: network, images: images, labels: labels, keys: Array(0..<40))
            #expect(result.success.contains(true), "\(name)")
            #expect(zip(result.success, result.isEligible).contains { !$0 && $1 }, "\(name)")
        }
    }

    @Test func ratiosNeedEnoughClasses() throws {
        let two = Architecture(
            multilayerPerceptron: "two", imageShape: [1, 5, 5], widths: [25, 2])
        let three = Architecture(
            multilayerPerceptron: "three", imageShape: [1, 5, 5], widths: [25, 3])
        let threat = ThreatModel(norm: .linf, epsilons: [0.1], goal: .untargeted, seed: 1)
        for (name, architecture, works) in [
            ("apgd-dlr", two, false), ("apgd-dlr", three, true), ("apgd-targeted", three, false),
            ("autoattack", three, false), ("apgd-ce", two, true),
        ] {
            let network = try network(engine, architecture)
            let (images, labels) = try samples(5, for: network)
            let kind = try AttackCatalogue.named(name)
            let attack = kind.init(SettingValues(kind.settings, ["steps": .integer(3)]))
            let attempt = {
                try AttackDriver(threat).run(
                    attack, on: network, images: images, labels: labels, keys: Array(0..<5))
            }
            if works {
                _ = try attempt()
            } else {
                #expect(throws: AttackFault.self, "\(name)") { _ = try attempt() }
            }
        }
    }

    /// Each part of AutoAttack takes only what the ones before have left, and the winner is on record.
    @Test func autoAttackIsTheWorstCaseOfItsParts() throws {
        let network = try network(engine, small)
        let threat = ThreatModel(norm: .linf, epsilons: [0.05, 0.15], goal: .untargeted, seed: 3)
        let settings: [String: SettingDescription.Value] = [
            "steps": .integer(20), "queries": .integer(60),
        ]
        func result(_ name: String) throws -> AttackResult {
            let kind = try AttackCatalogue.named(name)
            return try run(
                kind.init(SettingValues(kind.settings, settings)), threat, on: network, count: 150)
        }
        let whole = try result("autoattack")
        let winners = try #require(whole.notes["winner"])
        let first = try result("apgd-ce")
        for place in whole.success.indices {
            #expect(whole.success[place] == winners[place].isFinite)
            #expect(!first.success[place] || (whole.success[place] && winners[place] == 0))
        }
        #expect(whole.success.contains(true) && whole.success.contains(false))
    }

    private func run(
        _ attack: some Attack, _ threat: ThreatModel, on network: Network, count: Int
    ) throws -> AttackResult {
        let (images, labels) = try samples(count, for: network)
        return try AttackDriver(threat).run(
            attack, on: network, images: images, labels: labels, keys: Array(1000..<1000 + count))
    }
}

extension Tensor {
    fileprivate mutating func pull(_ view: Resampling) { view.pullBack(&self, row: 0) }
}
