// What attacks may ask, what that costs, and what adding one takes.

import Networks
import Synchronization
import Tensors
import Testing

@testable import Attacks

@Suite("What attacks ask")
struct OracleTests {
    private let engine = Engine(threads: 2)

    /// The threat model that an attack needs is its type.
    @Test func accessIsAsInThePapers() {
        let decisions: Set = [
            "hop-skip-jump", "boundary", "spatial", "uniform-noise", "gaussian-noise",
            "salt-and-pepper",
        ]
        let scores: Set = ["square", "spsa", "one-pixel"]
        for kind in AttackCatalogue.all {
            let expected: Access =
                decisions.contains(kind.name)
                ? .decisions : scores.contains(kind.name) ? .scores : .gradients
            #expect(kind.access == expected, "\(kind.name)")
        }
    }

    /// Rows that nobody asks for are not counted and say nothing.
    @Test func aRowWithoutAnOwnerIsEmpty() throws {
        let network = try network(engine, small)
        let (images, labels) = try samples(6, for: network, wrongEvery: 100)
        let queue = AttackQueue(
            images: images,
            samples: (0..<6).map { AttackSample(row: $0, key: $0, label: labels[$0], target: nil) },
            model: ThreatModel(norm: .linf, epsilons: [0.1], goal: .untargeted, seed: 1), window: 6,
            classes: network.classes, engine: engine)
        var oracle = NetworkOracle(network.makePass(), for: queue)
        let batch = Batch(of: Idle(), from: queue)
        var owners = batch.owners
        owners[2] = nil
        let logits = try oracle.logits(of: batch.points, for: owners)
        #expect(logits.rows(2..<3).values.allSatisfy { $0 == 0 })
        #expect(logits.rows(3..<4).values.contains { $0 != 0 })
        let gradient = try oracle.pixelGradient(
            Tensor(shape: [6, 4], values: (0..<24).map { Float($0 % 4) - 1 }), for: owners)
        #expect(gradient.isZero(row: 2) && !gradient.isZero(row: 3))
        #expect(queue.effort(epsilon: 0, row: 2) == Effort())
        #expect(queue.effort(epsilon: 0, row: 3) == Effort(forwardPasses: 1, backwardPasses: 1))
        // Where nobody asks there is no pass.
        let nobody = try oracle.logits(of: batch.points, for: owners.map { _ in nil })
        #expect(nobody.shape == [6, 4] && nobody.values.allSatisfy { $0 == 0 })
    }

    /// A setting's name in a config is its property's; a value of a config reaches the property.
    @Test func settingsAreTheirProperties() {
        #expect(
            PGD.settings.map(\.name) == [
                "steps", "step_size", "step_unit", "random_start", "stop_early", "share",
            ])
        let attack = PGD(
            SettingValues(
                PGD.settings,
                ["steps": .integer(3), "step_unit": .text("pixels"), "random_start": .flag(false)]))
        #expect(attack.steps == 3 && attack.stepUnit == .pixels && !attack.randomStart)
        #expect(attack.stepSize == Float(1.0 / 30) && attack.stopEarly)
        #expect(EAD.settings.map(\.name).prefix(2) == ["searches", "steps"])
        // Two attacks share nothing.
        #expect(PGD().steps == 40)
    }

    /// An attack from outside of the catalogue does all that the driver offers: budgets, an early end,
    /// counts, a record that holds; in the ball, and stronger than one step of half the length.
    @Test func anAttackIsOneFile() throws {
        let network = try network(engine, small)
        let model = ThreatModel(
            norm: .linf, epsilons: [0, 0.05, 0.1, 0.2], goal: .untargeted, seed: 1)
        let result = try run(HalfSigns(), model, on: network)
        for place in result.success.indices {
            let epsilon = model.epsilons[place / result.samples]
            #expect(result.distances[place].linf <= Double(epsilon))
            guard result.isEligible[place % result.samples] else { continue }
            let effort = result.efforts[place]
            #expect((0...8).contains(effort.iterations))
            #expect(effort.backwardPasses == effort.iterations)
        }
        let rate = { (result: AttackResult) in result.success.count { $0 } }
        let once = try run(
            HalfSigns(SettingValues(HalfSigns.settings, ["steps": .integer(1)])), model, on: network
        )
        #expect(rate(result) > rate(once) && rate(once) > 0)
    }

    /// A network of one class has no other to go to: whatever does not refuse it finds nothing, and
    /// traps nowhere.
    @Test(arguments: Case.all)
    func aNetworkOfOneClassStands(_ item: Case) throws {
        let one = Architecture(
            multilayerPerceptron: "one", imageShape: [1, 5, 5], widths: [25, 1])
        let network = try network(engine, one)
        for goal in [Goal.untargeted, .randomOther, .leastLikely, .eachOther]
        where item.kind.goals.names.contains(goal.name) {
            do {
                let result = try run(item.attack, item.threat(goal), on: network, count: 8)
                #expect(!result.success.contains(true), "\(goal)")
                guard item.kind.name.hasPrefix("fab") else { continue }
                #expect(result.efforts.allSatisfy { $0.forwardPasses <= 1 }, "\(goal)")
            } catch AttackFault.impossible {
                #expect(["apgd-dlr", "apgd-targeted", "autoattack"].contains(item.kind.name))
            }
        }
    }

    /// An attack around others has the runs of a batch at the same of them, so that these fill the
    /// passes: as many as there are windows, times the steps, and not as many as there are runs.
    @Test func attacksAroundOthersFillTheirPasses() throws {
        let network = try network(Engine(threads: 1), small)
        let (images, labels) = try samples(96, for: network, wrongEvery: 200)
        let counted = Counted(network: network, batch: 8)
        // Some runs end at each class, and some at none.
        let model = ThreatModel(norm: .linf, epsilons: [0.1], goal: .untargeted, seed: 1)
        let kind = APGDTargeted.self
        let attack = APGDTargeted(
            SettingValues(kind.settings, ["steps": .integer(5), "targets": .integer(3)]))
        _ = try AttackDriver(model).run(
            attack, on: counted, images: images, labels: labels, keys: Array(0..<96))
        // 12 windows: the first look, and of 3 classes 5 steps and a judgement each; then the driver's own.
        let passes = counted.passes.value
        #expect(passes <= 12 * (1 + 3 * 6) + 3 * 12, "\(passes)")
    }
}

/// A network that counts its forward passes, whatever their rows.
private struct Counted: Classifier {
    let network: Network
    let batch: Int
    let passes = Count()

    final class Count: Sendable {
        private let passes = Mutex(0)
        var value: Int { passes.withLock { $0 } }
        func add() { passes.withLock { $0 += 1 } }
    }

    struct Pass: ClassifierPass {
        var pass: NetworkPass
        let count: Count

        mutating func logits(of images: Tensor) throws -> Tensor {
            count.add()
            return try pass.logits(of: images)
        }
        mutating func pixelGradient(_ logitGradient: Tensor) throws -> Tensor {
            try pass.pixelGradient(logitGradient)
        }
    }

    var classes: Int { network.classes }
    var imageShape: [Int] { network.imageShape }
    var forwardFLOPs: Int { network.forwardFLOPs }
    var engine: Engine { network.engine }
    func makePass() -> Pass { Pass(pass: network.makePass(), count: passes) }
}
