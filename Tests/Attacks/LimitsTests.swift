// What every attack of the catalogue keeps to where a mask says which pixels may change and bounds say
// between which values: not a bit elsewhere, and no value beyond.

import Networks
import Randomness
import Synchronization
import Tensors
import Testing

@testable import Attacks

/// A checkered half of 5 × 5 pixels.
private let half = (0..<25).map { $0 % 2 == 0 }

/// Limits of images [1, 5, 5].
enum Limited: String, CaseIterable, Sendable {
    case mask, bounds, both

    var limits: PixelLimits {
        PixelLimits(
            mayChange: self == .bounds ? nil : half, bounds: self == .mask ? nil : [0.2...0.7],
            shape: [1, 5, 5])
    }
}

/// Writes down every image that it is asked about.
private struct Listening: Classifier {
    let network: Network
    let asked = Heard()

    final class Heard: Sendable { let images = Mutex<[[Float]]>([]) }

    var batch: Int { 24 }
    var classes: Int { network.classes }
    var imageShape: [Int] { network.imageShape }
    var forwardFLOPs: Int { network.forwardFLOPs }
    var engine: Engine { network.engine }
    func makePass() -> Pass { Pass(asked: asked, pass: network.makePass()) }

    struct Pass: ClassifierPass {
        let asked: Heard
        var pass: NetworkPass

        mutating func uncheckedLogits(of images: Tensor) throws -> Tensor {
            let rows = (0..<images.rowCount).map { images.rows($0..<$0 + 1).values }
            asked.images.withLock { $0 += rows }
            return try pass.uncheckedLogits(of: images)
        }
        mutating func uncheckedPixelGradient(_ logitGradient: Tensor) throws -> Tensor {
            try pass.uncheckedPixelGradient(logitGradient)
        }
        mutating func logits(of images: Tensor) throws -> Tensor { try uncheckedLogits(of: images) }
        mutating func pixelGradient(_ logitGradient: Tensor) throws -> Tensor {
            try uncheckedPixelGradient(logitGradient)
        }
    }
}

@Suite("Limits")
struct LimitsTests {
    private let engine = Engine(threads: 2)

    /// All but the one that moves the image as a whole.
    static let cases = Case.all.filter { $0.kind.name != SpatialTransformation.name }

    private func threat(_ item: Case, _ limits: PixelLimits, restarts: Int = 1) -> ThreatModel {
        var threat = item.threat(restarts: restarts)
        threat.limits = limits
        return threat
    }

    /// What is proposed for every sample and budget, before and after the driver has projected it.
    private func proposals(
        _ item: Case, _ limits: PixelLimits, on network: Network, _ images: Tensor, _ labels: [Int]
    ) throws -> (raw: Tensor, kept: Tensor) {
        let threat = threat(item, limits)
        let queue = AttackQueue(
            images: images,
            samples: labels.indices.map {
                AttackSample(row: $0, key: $0, label: labels[$0], target: nil)
            },
            model: threat, window: 24, classes: 4, engine: engine)
        var oracle = NetworkOracle(network.makePass(), for: queue)
        try queue.run(item.attack, on: &oracle)
        let places = (0..<max(1, threat.epsilons.count)).flatMap { budget in
            labels.indices.map { (row: $0, epsilon: budget) }
        }
        return (queue.proposals(places), queue.projected(places))
    }

    /// Failures too: no pixel outside of the mask by a bit, even before the driver projects, and none
    /// beyond its bounds, or farther beyond than its original.
    @Test(arguments: cases, Limited.allCases)
    func noPixelLeavesItsLimits(_ item: Case, _ limited: Limited) throws {
        let network = try network(engine, small)
        let (images, labels) = try samples(24, for: network, wrongEvery: 100)
        let (raw, kept) = try proposals(item, limited.limits, on: network, images, labels)
        for (place, value) in kept.values.enumerated() {
            let index = place % 25
            let x = images.values[place % (24 * 25)]
            if limited != .bounds && !half[index] {
                #expect(value.bitPattern == x.bitPattern)
                #expect(raw.values[place].bitPattern == x.bitPattern, "not by itself")
            } else if limited != .mask {
                #expect(value >= min(x, 0.2) && value <= max(x, 0.7))
                // All but the one that is not asked again look at what is within.
                guard item.kind.name != FGSM.name else { continue }
                #expect(raw.values[place] >= min(x, 0.2) && raw.values[place] <= max(x, 0.7))
            }
        }
    }

    /// The network is asked about no other images either: a change elsewhere would be a wasted question.
    /// (The diverse inputs are views, whose pixels are others.)
    @Test(arguments: cases.filter { $0.kind.name != DIFGSM.name })
    func nothingElseIsAsked(_ item: Case) throws {
        let listening = Listening(network: try network(engine, small))
        let (images, labels) = try samples(12, for: listening.network)
        _ = try AttackDriver(threat(item, Limited.mask.limits)).run(
            item.attack, on: listening, images: images, labels: labels, keys: Array(0..<12))
        let held = half.indices.filter { !half[$0] }
        // What the driver itself asks of an 8-bit copy is another image.
        let copies = [images, engine.roundedToBytes(images)]
        let known = Set(
            copies.flatMap { images in
                (0..<12).map { row in held.map { images.values[row * 25 + $0] } }
            })
        for image in listening.asked.images.withLock({ $0 }) {
            #expect(known.contains(held.map { image[$0] }))
        }
    }

    /// The record is that of the images that are kept, and attacks still succeed.
    @Test(arguments: cases, Limited.allCases)
    func recordsAreTrueWithinLimits(_ item: Case, _ limited: Limited) throws {
        let network = try network(engine, small)
        let count = 60
        let (images, labels) = try samples(count, for: network)
        let threat = threat(item, limited.limits)
        let result = try AttackDriver(threat).run(
            item.attack, on: network, images: images, labels: labels, keys: Array(0..<count))
        var pass = network.makePass()
        let again = try pass.logits(of: result.adversarial).argmaxOfRows()
        #expect(result.success.contains(true))
        for place in result.success.indices {
            let original = images.rows(place % count..<place % count + 1)
            let image = result.adversarial.rows(place..<place + 1)
            #expect(again[place] == result.finalClasses[place])
            #expect(engine.distances(from: original, to: image)[0] == result.distances[place])
            #expect(result.success[place] || image.values == original.values)
            for (index, (x, y)) in zip(original.values, image.values).enumerated() {
                #expect(y >= limited.limits.lower(index, around: x))
                #expect(y <= limited.limits.upper(index, around: x))
            }
            guard !threat.epsilons.isEmpty else { continue }
            let epsilon = Double(threat.epsilons[place / count])
            #expect(item.norm.size(of: result.proposedDistances[place]) <= epsilon)
        }
    }

    /// Batches and threads say nothing within limits either.
    @Test(arguments: cases)
    func limitsDoNotDependOnBatches(_ item: Case) throws {
        let threat = threat(item, Limited.both.limits, restarts: item.kind.isRandom ? 2 : 1)
        let classifiers: [any Classifier] = try [
            network(engine, small),
            Rebatched(network: network(Engine(threads: 1), small), batch: 1),
            Rebatched(network: network(Engine(threads: 3), small), batch: 7),
        ]
        let (images, labels) = try samples(24, for: network(engine, small))
        let results = try classifiers.map {
            try AttackDriver(threat).run(
                item.attack, on: $0, images: images, labels: labels, keys: Array(0..<24))
        }
        for result in results.dropFirst() {
            #expect(digest(result.adversarial) == digest(results[0].adversarial))
            #expect(result.proposedDistances == results[0].proposedDistances)
            #expect(result.efforts == results[0].efforts)
        }
    }

    /// Noise is drawn for the pixels that may change alone, so that it is as large as the budget.
    @Test(arguments: [
        ("gaussian-noise", Float(0.25)), ("uniform-noise", 0.25 / Float(13).squareRoot()),
    ])
    func noiseUsesItsBudgetWithinAMask(name: String, epsilon: Float) throws {
        let kind = try AttackCatalogue.named(name)
        let network = try network(engine, small)
        let grey = Tensor(shape: [8, 1, 5, 5], values: Array(repeating: 0.5, count: 200))
        var pass = network.makePass()
        let labels = try pass.logits(of: grey).argmaxOfRows()
        let result = try AttackDriver(
            ThreatModel(
                norm: kind.norms[0], epsilons: [epsilon], goal: .untargeted, seed: 2,
                limits: Limited.mask.limits)
        ).run(
            kind.init(SettingValues(kind.settings)), on: network, images: grey, labels: labels,
            keys: Array(0..<8))
        for size in result.proposedDistances { #expect(abs(size.l2 - 0.25) < 1e-5) }
    }

    /// No square is drawn where nothing may change: half of them turn the one pixel that may.
    @Test func squaresAreDrawnWhereSomethingMayChange() {
        let one = PixelLimits(
            mayChange: (0..<64).map { $0 == 20 }, bounds: nil, shape: [1, 8, 8])
        var canvas = SquareCanvas(
            channels: 1, height: 8, width: 8, epsilon: 0.1, isL2: false, limits: one)
        var random = Stream(seed: 1, name: "squares")
        let x = [Float](repeating: 0.5, count: 64)
        var y = x
        var turns = 0
        for step in 0...200 {
            let before = y
            x.withUnsafeBufferPointer { x in
                y.withUnsafeMutableBufferPointer { y in
                    if step == 0 {
                        canvas.begin(y, around: x, &random)
                    } else {
                        canvas.change(y, around: x, share: 0.02, &random)
                    }
                }
            }
            for index in x.indices where index != 20 { #expect(y[index] == 0.5) }
            turns += y[20] == before[20] ? 0 : 1
        }
        #expect(turns > 60)
    }

    /// A mask that is white, and bounds of 0 and 1, are none: not a bit moves.
    @Test func whatLimitsNothingIsTheBox() {
        let white = PixelLimits(
            mayChange: Array(repeating: true, count: 25), bounds: [0...1], shape: [1, 5, 5])
        #expect(white == .box && white.isBox)
        #expect(!Limited.mask.limits.isBox && !Limited.bounds.limits.isBox)
    }

    @Test func whatCannotBeLimitedIsRefusedByName() throws {
        let network = try network(engine, small)
        func attempt(_ attack: any Attack, _ limits: PixelLimits) throws {
            let model = ThreatModel(
                norm: .linf, epsilons: attack is SpatialTransformation ? [] : [0.1],
                goal: .untargeted, seed: 1, limits: limits)
            let (images, labels) = try samples(4, for: network)
            _ = try AttackDriver(model).run(
                attack, on: network, images: images, labels: labels, keys: Array(0..<4))
        }
        for limited in Limited.allCases {
            let fault = #expect(throws: AttackFault.self) {
                try attempt(SpatialTransformation(), limited.limits)
            }
            #expect(fault?.message.hasPrefix("spatial: it turns and shifts") == true)
        }
        let small = PixelLimits(
            mayChange: Array(repeating: false, count: 9), bounds: nil, shape: [1, 3, 3])
        #expect(throws: AttackFault.wrongLimits(count: 9, imageShape: [1, 5, 5])) {
            try attempt(pgd(), small)
        }
        let black = PixelLimits(
            mayChange: Array(repeating: false, count: 25), bounds: nil, shape: [1, 5, 5])
        #expect(throws: AttackFault.nothingMayChange) { try attempt(pgd(), black) }
    }
}

/// On a linear network the least change within a mask is known: the boundary's distance in the dual norm of
/// the slope at the pixels that may change.
@Suite("Limits in closed form")
struct LimitedClosedFormTests {
    private let engine = Engine(threads: 2)
    private let free = [0, 3, 4, 5, 8]

    private struct Linear {
        let network: Network
        let images: Tensor
        let labels: [Int]
        /// The difference of the classes' weights, and of their logits by image.
        let slope: [Double]
        let gaps: [Double]
    }

    private func linear() throws -> Linear {
        let two = Architecture(multilayerPerceptron: "two", imageShape: [1, 3, 3], widths: [9, 2])
        let network = try network(engine, two)
        var random = Stream(seed: 8, name: "grey")
        let images = Tensor(
            shape: [30, 1, 3, 3],
            values: (0..<270).map { _ in 0.45 + 0.1 * random.uniform() })
        var pass = network.makePass()
        let logits = try pass.logits(of: images)
        let w = try #require(network.parameters["fc1.weight"]).values
        return Linear(
            network: network, images: images, labels: logits.argmaxOfRows(),
            slope: (0..<9).map { Double(w[$0]) - Double(w[$0 + 9]) },
            gaps: (0..<30).map {
                abs(Double(logits.values[2 * $0]) - Double(logits.values[2 * $0 + 1]))
            })
    }

    private var mask: PixelLimits {
        PixelLimits(
            mayChange: (0..<9).map(free.contains), bounds: nil, shape: [1, 3, 3])
    }

    /// The least change of each image where only those pixels may change.
    private func exact(_ linear: Linear, _ norm: Norm) -> [Double] {
        let slopes = free.map { abs(linear.slope[$0]) }
        let dual =
            switch norm {
            case .linf: slopes.reduce(0, +)
            case .l2: slopes.reduce(0) { $0 + $1 * $1 }.squareRoot()
            default: slopes.max() ?? 0
            }
        return linear.gaps.map { $0 / dual }
    }

    @Test(
        arguments: [
            ("deepfool", Norm.l2, 1.03), ("deepfool", .linf, 1.03), ("fab", .l2, 1.02),
            ("fab", .linf, 1.02), ("fab", .l1, 1.02), ("fab-targeted", .l2, 1.02),
            ("fmn", .l2, 1.02),
            ("fmn", .linf, 1.05), ("ddn", .l2, 1.05), ("cw-l2", .l2, 1.1), ("ead", .l1, 1.3),
            ("lbfgs", .l2, 1.05), ("least-epsilon", .linf, 1.02),
        ] as [(String, Norm, Double)])
    func theLeastChangeWithinAMaskIsFound(name: String, norm: Norm, within: Double) throws {
        let linear = try linear()
        let kind = try AttackCatalogue.named(name)
        let quick: [String: SettingDescription.Value] =
            ["cw-l2", "ead"].contains(name)
            ? ["steps": .integer(300), "initial_constant": .number(1)]
            : name == "least-epsilon"
                ? ["bisections": .integer(12), "steps": .integer(12), "step_size": .number(0.25)]
                : [:]
        let result = try AttackDriver(
            ThreatModel(norm: norm, epsilons: [], goal: .untargeted, seed: 1, limits: mask)
        ).run(
            kind.init(SettingValues(kind.settings { _ in nil }, quick)), on: linear.network,
            images: linear.images, labels: linear.labels, keys: Array(0..<30))
        var compared = 0
        for (row, least) in exact(linear, norm).enumerated()
        where least < (norm == .l1 ? 0.4 : 0.3) {
            compared += 1
            let found = norm.size(of: result.distances[row])
            #expect(result.success[row], "\(row): \(least)")
            #expect(found >= least * (1 - 1e-4))
            #expect(found <= least * within + 1e-4, "\(row): \(found), exactly \(least)")
        }
        #expect(compared >= 3)
    }

    /// One step of ε along the steepest direction: past the boundary just where ε is.
    @Test(arguments: [("fgsm", Norm.linf), ("fgm", .l2), ("fgm", .l1), ("bim", .l2), ("pgd", .l1)])
    func budgetsAreSpentWhereThereIsAMask(name: String, norm: Norm) throws {
        let linear = try linear()
        let least = exact(linear, norm)
        let kind = try AttackCatalogue.named(name)
        let settings = kind.settings { _ in nil }
        let steps: [String: SettingDescription.Value] = [
            "random_start": .flag(false), "share": .number(0),
        ].filter { key, _ in settings.contains { $0.name == key } }
        for row in 0..<30 where least[row] < 0.3 {
            for (factor, isEnough) in [(0.99, false), (1.01, true)] {
                let result = try AttackDriver(
                    ThreatModel(
                        norm: norm, epsilons: [Float(factor * least[row])], goal: .untargeted,
                        seed: 1, limits: mask)
                ).run(
                    kind.init(SettingValues(settings, steps)), on: linear.network,
                    images: linear.images.rows(row..<row + 1), labels: [linear.labels[row]],
                    keys: [row])
                #expect(result.success == [isEnough], "\(name) \(norm), \(row) at \(factor)")
            }
        }
    }

    /// An original beyond its bounds stays a valid failure, and may come towards them, not go farther.
    @Test func anOriginalBeyondItsBoundsIsWithinItsOwnLimits() throws {
        let network = try network(engine, small)
        let images = Tensor(
            shape: [1, 1, 5, 5],
            values: (0..<25).map { $0 % 3 == 0 ? 0.9 : $0 % 3 == 1 ? 0.1 : 0.5 })
        var pass = network.makePass()
        let labels = try pass.logits(of: images).argmaxOfRows()
        func proposed(_ epsilon: Float) throws -> [Float] {
            let queue = AttackQueue(
                images: images,
                samples: [AttackSample(row: 0, key: 0, label: labels[0], target: nil)],
                model: ThreatModel(
                    norm: .linf, epsilons: [epsilon], goal: .untargeted, seed: 1,
                    limits: Limited.bounds.limits),
                window: 1, classes: 4, engine: engine)
            var oracle = NetworkOracle(network.makePass(), for: queue)
            let settings: [String: SettingDescription.Value] = ["stop_early": .flag(false)]
            try queue.run(pgd(settings), on: &oracle)
            return queue.projected([(row: 0, epsilon: 0)]).values
        }
        #expect(try proposed(0) == images.values)
        let found = try proposed(1)
        for (x, y) in zip(images.values, found) {
            #expect(y >= min(x, 0.2) && y <= max(x, 0.7))
        }
        #expect(zip(images.values, found).contains { $0 == 0.9 && $1 == 0.2 })
        #expect(zip(images.values, found).contains { $0 == 0.1 && $1 == 0.7 })
    }
}
