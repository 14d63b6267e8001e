// Records that stay true where a network is extreme: gradients that vanish, values that are no
// numbers, logits of any scale; and books that hold every pass.

import Networks
import Synchronization
import Tensors
import Testing

@testable import Attacks

/// A network whose logits are those of another, times a factor and plus an offset.
private func scaled(
    _ engine: Engine, by factor: Float, offset: Float = 0, _ architecture: Architecture = small
) throws -> Network {
    var parameters = architecture.initialParameters(seed: 11)
    for name in ["fc2.weight", "fc2.bias"] {
        parameters[name] = parameters[name].map { tensor in
            let shift = name == "fc2.bias" ? offset : 0
            return Tensor(shape: tensor.shape, values: tensor.values.map { $0 * factor + shift })
        }
    }
    return try Network(architecture, parameters: parameters, engine: engine)
}

/// A network that gives no number for images brighter than any that is attacked, and that counts
/// the rows that it is asked.
private struct Watched: Classifier {
    final class Counts: Sendable {
        let forward = Mutex(0), backward = Mutex(0)
    }

    let network: Network
    var brightest = Float.infinity
    var batch = 1
    let counts = Counts()

    var classes: Int { network.classes }
    var imageShape: [Int] { network.imageShape }
    var forwardFLOPs: Int { network.forwardFLOPs }
    var engine: Engine { network.engine }
    func makePass() -> Pass { Pass(watched: self, pass: network.makePass()) }

    struct Pass: ClassifierPass {
        let watched: Watched
        var pass: NetworkPass

        mutating func uncheckedLogits(of images: Tensor) throws -> Tensor {
            watched.counts.forward.withLock { $0 += images.rowCount }
            var logits = try pass.uncheckedLogits(of: images)
            for row in 0..<images.rowCount {
                let sum = images.rows(row..<row + 1).values.reduce(0, +)
                guard !(sum <= watched.brightest) else { continue }
                logits.replaceRows(
                    from: row,
                    with: Tensor(
                        shape: [1, logits.rowLength],
                        values: Array(repeating: .nan, count: logits.rowLength)))
            }
            return logits
        }
        mutating func uncheckedPixelGradient(_ logitGradient: Tensor) throws -> Tensor {
            watched.counts.backward.withLock { $0 += logitGradient.rowCount }
            return try pass.uncheckedPixelGradient(logitGradient)
        }
        mutating func logits(of images: Tensor) throws -> Tensor {
            try uncheckedLogits(of: images)
        }
        mutating func pixelGradient(_ logitGradient: Tensor) throws -> Tensor {
            try uncheckedPixelGradient(logitGradient)
        }
    }
}

@Suite("True records")
struct TrueRecordTests {
    private let engine = Engine(threads: 2)

    private func attacked(
        _ item: Case, _ classifier: some Classifier, _ threat: ThreatModel? = nil, count: Int = 24
    ) throws -> AttackResult {
        let (images, labels) = try samples(count, for: try network(classifier.engine, small))
        return try AttackDriver(threat ?? item.threat()).run(
            item.attack, on: classifier, images: images, labels: labels,
            keys: Array(500..<500 + count))
    }

    // MARK: Scale

    /// From logits that lie a hair apart to such as leave the softmax nothing: gradients of the least
    /// floats, then none. No attack stops, and none proposes what is not a number.
    @Test(arguments: Case.all, [-100, 8, 9, 10, 14] as [Int32])
    func noScaleOfTheLogitsStopsAnAttack(_ item: Case, exponent: Int32) throws {
        let result = try attacked(
            item, scaled(engine, by: Float(sign: .plus, exponent: Int(exponent), significand: 1)))
        #expect(!result.events.contains(.notANumber))
        for place in result.success.indices where result.success[place] {
            #expect(result.finalClasses[place] != result.labels[place % 24])
        }
    }

    /// Methods that know no scale of the logits but through quotients and comparisons.
    static let scaleFree = Case.all.filter {
        [
            "deepfool", "fmn", "fab", "fab-targeted", "jsma", "apgd-dlr", "apgd-targeted", "square",
            "spsa", "one-pixel", "boundary", "hop-skip-jump", "salt-and-pepper", "spatial",
            "uniform-noise", "gaussian-noise",
        ].contains($0.kind.name)
    }

    /// A power of two in the last layer is exact, so nothing but an absolute constant could notice.
    @Test(arguments: scaleFree, [-20, -14, 14, 20])
    func aPowerOfTwoInTheLogitsMovesNoBit(_ item: Case, exponent: Int) throws {
        let factor = Float(sign: .plus, exponent: exponent, significand: 1)
        let expected = try attacked(item, network(engine, small))
        let found = try attacked(item, scaled(engine, by: factor))
        #expect(digest(found.adversarial) == digest(expected.adversarial))
        #expect(found.success == expected.success)
        #expect(found.efforts == expected.efforts)
    }

    /// An offset costs the logits digits, so bits move; but as many images fall, about as near.
    @Test(arguments: Case.all.filter { ["deepfool", "fmn", "fab"].contains($0.kind.name) })
    func anOffsetOfTheLogitsHidesNothing(_ item: Case) throws {
        let expected = try attacked(item, network(engine, small), count: 60)
        let found = try attacked(item, scaled(engine, by: 64, offset: 1e5), count: 60)
        let wanted = expected.success.count { $0 }
        #expect(found.success.count { $0 } >= wanted - 1)
        func median(_ result: AttackResult) -> Double {
            let sizes = result.success.indices.filter { result.success[$0] }
                .map { item.norm.size(of: result.distances[$0]) }.sorted()
            return sizes[sizes.count / 2]
        }
        #expect(median(found) <= 1.15 * median(expected) + (item.norm == .l0 ? 1 : 0))
    }

    // MARK: Zero gradients, and values that are no numbers

    /// With logits so far apart that the softmax is exactly 0 and 1 the loss has no gradient at all.
    @Test(
        arguments: Case.all.filter {
            ["fgsm", "bim", "pgd", "mi-fgsm", "apgd-ce", "autoattack"].contains($0.kind.name)
        })
    func attacksThatSeeNothingSaySo(_ item: Case) throws {
        let blind = try attacked(item, scaled(engine, by: 0x1p14))
        let places = blind.success.indices.filter { blind.isEligible[$0 % 24] }
        #expect(places.contains { blind.efforts[$0].zeroGradients > 0 })
        #expect(places.contains { blind.events[$0] == .gradientVanished })
        #expect(blind.warnings.contains { $0.contains("zero") }, "\(blind.warnings)")
        let seeing = try attacked(item, network(engine, small))
        #expect(seeing.efforts.allSatisfy { $0.zeroGradients == 0 } && seeing.warnings == [])
    }

    @Test func ddnDrawsADirectionWhereTheGradientIsZero() throws {
        let item = try #require(Case.all.first { $0.kind.name == "ddn" })
        let blind = try attacked(item, scaled(engine, by: 0x1p14))
        let drawn = blind.events.indices.filter { blind.events[$0] == .randomDirection }
        #expect(!drawn.isEmpty)
        // Drawn for the image, so the same in other company and batches.
        let again = try attacked(item, Rebatched(network: scaled(engine, by: 0x1p14), batch: 5))
        #expect(digest(again.adversarial) == digest(blind.adversarial))
    }

    /// A network that gives no number for bright images: no attack ends for it, what it proposes there
    /// is no success, and the record says of which image that is.
    @Test(arguments: Case.all)
    func oneSampleNeverEndsARun(_ item: Case) throws {
        let plain = try network(engine, small)
        let (images, _) = try samples(24, for: plain)
        let sums = (0..<24).map { images.rows($0..<$0 + 1).values.reduce(0, +) }
        let most = try #require(sums.max())
        let result = try attacked(
            item, Watched(network: plain, brightest: most.nextUp, batch: 7))
        for place in result.success.indices where result.success[place] {
            let sum = result.adversarial.rows(place..<place + 1).values.reduce(0, +)
            #expect(sum <= most.nextUp)
        }
        let lost = result.events.contains(.notANumber)
        #expect(lost == result.warnings.contains { $0.contains("not a number") })
        if ["pgd", "apgd-ce", "square"].contains(item.kind.name) { #expect(lost) }
    }

    /// What is not finite is no zero gradient, and no success that ends a search: a network that gives
    /// no number for most of what is beyond a brightness still falls to what stays below it.
    @Test func whatIsNoNumberIsNeitherASuccessNorAZeroGradient() throws {
        let plain = try network(engine, small)
        let (images, labels) = try samples(24, for: plain)
        let queue = AttackQueue(
            images: images,
            samples: (0..<24).map {
                AttackSample(row: $0, key: $0, label: labels[$0], target: nil)
            },
            model: ThreatModel(norm: .linf, epsilons: [0.1], goal: .untargeted, seed: 1),
            window: 24, classes: 4, engine: engine)
        var oracle = NetworkOracle(Watched(network: plain, brightest: -1).makePass(), for: queue)
        let batch = Batch(of: Idle(), from: queue)
        let answers = try oracle.answers(at: batch)
        #expect(answers == labels)
        #expect(queue.event(epsilon: 0, row: 5) == .notANumber)
        let flow = Tensor(shape: [24, 4], values: Array(repeating: .nan, count: 96))
        let gradient = try oracle.pixelGradient(flow, for: batch.owners)
        #expect(gradient.values.allSatisfy { $0 == 0 })
        let effort = queue.effort(epsilon: 0, row: 5)
        #expect(effort.backwardPasses == 1 && effort.zeroGradients == 0)
    }

    /// The most that settings allow: radii, weights and sums that grow without end stay numbers.
    @Test func extremeSettingsStayNumbers() throws {
        func run(_ name: String, _ norm: Norm, _ values: [String: SettingDescription.Value]) throws
            -> AttackResult
        {
            let kind = try AttackCatalogue.named(name)
            let attack = kind.init(SettingValues(kind.settings { _ in nil }, values))
            // A network that is never fooled, so that all of them go on growing.
            var parameters = small.initialParameters(seed: 11)
            parameters["fc2.bias"] = Tensor(shape: [4], values: [1e4, 0, 0, 0])
            let stubborn = try Network(small, parameters: parameters, engine: engine)
            let (images, _) = try samples(4, for: stubborn)
            return try AttackDriver(
                ThreatModel(
                    norm: norm, epsilons: kind.usesEpsilons ? [0.3] : [], goal: .untargeted, seed: 1
                )
            ).run(
                attack, on: stubborn, images: images, labels: [0, 0, 0, 0], keys: Array(0..<4))
        }
        let results = try [
            run("ddn", .l2, ["steps": .integer(1500), "gamma": .number(0.999)]),
            run("cw-l2", .l2, ["searches": .integer(60), "steps": .integer(5)]),
            run("mi-fgsm", .l2, ["steps": .integer(120), "decay": .number(10)]),
            run("ni-fgsm", .linf, ["steps": .integer(120), "decay": .number(10)]),
        ]
        for result in results { #expect(!result.events.contains(.notANumber)) }
    }

    /// What would not fit into memory is refused before any work.
    @Test func whatCannotBeHeldIsRefused() throws {
        func check(_ name: String, _ values: [String: SettingDescription.Value], _ shape: [Int])
            throws
        {
            let kind = try AttackCatalogue.named(name)
            let attack = kind.init(SettingValues(kind.settings { _ in nil }, values))
            try attack.check(
                ThreatModel(norm: .linf, epsilons: [0.1], goal: .untargeted, seed: 1), classes: 10,
                imageShape: shape)
        }
        let photograph = [3, 224, 224]
        try check("spsa", ["samples": .integer(1782)], photograph)
        #expect(throws: AttackFault.self) {
            try check("spsa", ["samples": .integer(1784)], photograph)
        }
        let grid: [String: SettingDescription.Value] = [
            "rotations": .integer(1001), "translations": .integer(101),
        ]
        #expect(throws: AttackFault.self) { try check("spatial", grid, [1, 28, 28]) }
        try check("spatial", ["rotations": .integer(1001)], [1, 28, 28])
    }

    // MARK: Books

    /// One sample a pass and one budget: then every row that the network was asked has an owner, or
    /// is the driver's: the clean answers, and two for each proposal.
    @Test(arguments: Case.all)
    func everyPassIsBooked(_ item: Case) throws {
        var threat = item.threat(restarts: item.kind.isRandom ? 2 : 1)
        threat.epsilons = Array(threat.epsilons.dropFirst().prefix(1))
        let watched = Watched(network: try network(Engine(threads: 1), small))
        var tries = 0
        let result = try { () -> AttackResult in
            let counted = Mutex(0)
            let (images, labels) = try samples(24, for: watched.network)
            let result = try AttackDriver(threat).run(
                item.attack, on: watched, images: images, labels: labels,
                keys: Array(500..<524)
            ) { _ in counted.withLock { $0 += 1 } }
            tries = counted.withLock { $0 }
            return result
        }()
        let aside = (result.notes["least_epsilon_passes"] ?? []).filter { !$0.isNaN }.reduce(0, +)
        let forward = result.efforts.reduce(0) { $0 + $1.forwardPasses } + Int(aside)
        #expect(watched.counts.forward.withLock { $0 } == 24 + 2 * tries + forward)
        #expect(
            watched.counts.backward.withLock { $0 }
                == result.efforts.reduce(0) { $0 + $1.backwardPasses })
    }

    // MARK: Each other class

    /// With budgets and restarts every class has tries of its own, whatever the others have reached.
    @Test func classesAreTriedForThemselves() throws {
        let network = try network(engine, small)
        let wide = ThreatModel(
            norm: .linf, epsilons: [0.05, 0.15], goal: .eachOther, seed: 5, restarts: 6)
        let attack = pgd(["steps": .integer(1), "step_size": .number(0.1)])
        let all = try run(attack, wide, on: network, count: 80)
        var late = 0
        for target in 0..<4 {
            var model = wide
            model.goal = .fixed(target)
            let alone = try run(attack, model, on: network, count: 80)
            model.restarts = 1
            let once = try run(attack, model, on: network, count: 80)
            for place in alone.success.indices where all.labels[place % 80] != target {
                #expect(all.eachSuccess[place * 4 + target] == alone.success[place])
                if alone.success[place] && !once.success[place] { late += 1 }
            }
        }
        #expect(late > 0)
    }

    /// The least epsilon of a sample is the least over all classes, and so is what it cost.
    @Test func notesOverAllClassesAreTheLeastAndTheSum() throws {
        let network = try network(engine, small)
        func result(_ goal: Goal) throws -> AttackResult {
            try run(
                fgsm(["search_steps": .integer(40)]),
                ThreatModel(norm: .linf, epsilons: [0.1], goal: goal, seed: 5), on: network,
                count: 80)
        }
        let all = try result(.eachOther)
        let single = try (0..<4).map { try result(.fixed($0)) }
        let least = try #require(all.notes["least_epsilon"])
        let cost = try #require(all.notes["least_epsilon_passes"])
        #expect(least.count == 80 && !all.notesByEpsilon.contains("least_epsilon"))
        var compared = 0
        for row in 0..<80 where all.isEligible[row] {
            let others = (0..<4).filter { $0 != all.labels[row] }.map { single[$0].notes }
            #expect(least[row] == others.compactMap { $0["least_epsilon"]?[row] }.min())
            #expect(
                cost[row] == others.compactMap { $0["least_epsilon_passes"]?[row] }.reduce(0, +))
            compared += 1
        }
        #expect(compared > 20)
    }

    /// Whether a note is one a sample or one a budget never depends on how many budgets there are.
    @Test(arguments: [[0.1], [0.1, 0.2]] as [[Float]])
    func winnersAreByBudget(epsilons: [Float]) throws {
        let item = try #require(Case.all.first { $0.kind.name == "autoattack" })
        let threat = ThreatModel(norm: .linf, epsilons: epsilons, goal: .untargeted, seed: 3)
        let result = try attacked(item, network(engine, small), threat)
        #expect(result.notesByEpsilon == ["winner"])
        #expect(result.notes["winner"]?.count == 24 * epsilons.count)
    }

    // MARK: Company

    @Test func whatBelongsToASetOfSamplesCannotServeForOne() throws {
        let kind = LeastEpsilon.self
        let choices = kind.settings.first { $0.name == "of" }?.kind
        guard case .choice(let names)? = choices else {
            Issue.record("least-epsilon: `of` is no choice")
            return
        }
        #expect(names.contains("pgd") && !names.contains("universal"))
        #expect(!names.contains("least-epsilon"))
        let network = try network(engine, small)
        let (images, labels) = try samples(8, for: network)
        let queue = AttackQueue(
            images: images,
            samples: (0..<8).map { AttackSample(row: $0, key: $0, label: labels[$0], target: nil) },
            model: ThreatModel(norm: .linf, epsilons: [0.1], goal: .untargeted, seed: 1), window: 8,
            classes: 4, engine: engine)
        var oracle = NetworkOracle(network.makePass(), for: queue)
        let universal = UniversalPerturbation(SettingValues(UniversalPerturbation.settings))
        let batch = Batch(of: Idle(), from: queue)
        #expect(throws: AttackFault.dependsOnCompany(attack: "universal")) {
            try oracle.attempt(
                universal, on: Array(0..<8), of: batch, within: Array(repeating: 0.1, count: 8))
        }
        // A bisection of a bisection once recurred without end.
        #expect(kind.settings { _ in "least-epsilon" }.map(\.name).contains("step_size"))
    }

    /// Doubts of AutoAttack are decided over all samples: whatever the windows and threads.
    @Test func doubtsDoNotDependOnWindows() throws {
        let item = try #require(Case.all.first { $0.kind.name == "autoattack" })
        let blind = try scaled(engine, by: 0x1p9)
        let expected = try attacked(item, blind)
        #expect(!expected.warnings.isEmpty)
        for batch in [1, 2, 5, 24] {
            let found = try attacked(item, Rebatched(network: blind, batch: batch))
            #expect(found.warnings == expected.warnings)
        }
        for threads in [1, 3, 8] {
            let found = try attacked(item, scaled(Engine(threads: threads), by: 0x1p9))
            #expect(found.warnings == expected.warnings)
        }
        let attack = item.attack
        var flags = Flags()
        for row in 0..<2 { flags.add("square", row: row, epsilon: 0) }
        // More than 0.2 % of the samples, as in the authors' code; not one success.
        #expect(attack.warnings(flags, attacked: 990, of: 1000) == [])
        flags.add("square", row: 7, epsilon: 0)
        #expect(attack.warnings(flags, attacked: 990, of: 1000).count == 1)
    }
}
