// Robust training: the same bits everywhere, points that never leave ball and box, and networks that resist.

import Randomness
import Tensors
import Testing

@testable import Networks

/// Every way of training, with an ε that the small task can stand.
let robustTrainings: [(name: String, how: RobustTraining)] = [
    (
        "fgsm",
        .adversarial(BallWalk(epsilon: 0.15, steps: 1, stepSize: 0.1875, start: .uniformBeyond))
    ),
    ("pgd", .adversarial(BallWalk(epsilon: 0.15, steps: 4, stepSize: 0.06, start: .uniform))),
    (
        "pgd from the image",
        .adversarial(BallWalk(epsilon: 0.15, steps: 3, stepSize: 0.06, start: .image))
    ),
    (
        "trades",
        .trades(
            BallWalk(epsilon: 0.15, steps: 3, stepSize: 0.08, start: .gaussian(deviation: 0.001)),
            beta: 2)
    ),
    ("gaussian", .gaussian(deviation: 0.2)),
    ("ibp", .intervals(IntervalTraining(epsilon: 0.1, kappa: 0.5, warmUp: 0.5, ramp: 1))),
]

/// One layer, which learns the task by any of them.
private let linear = Architecture(
    multilayerPerceptron: "linear", imageShape: [1, 6, 6], widths: [36, 3])

@Suite("Robust training")
struct RobustTrainingTests {
    private func train(
        _ how: RobustTraining, _ architecture: Architecture = smallArchitecture, epochs: Int = 2,
        batch: Int = 16, rate: Float = 0.1, count: Int = 100, on engine: Engine = Engine(threads: 2)
    ) throws -> Trainer {
        let task =
            architecture.imageShape == [1, 6, 6]
            ? smallTask(count: count) : noise(20, architecture.imageShape)
        var own = settings(epochs: epochs, batch: batch, rate: rate)
        own.robust = how
        var trainer = Trainer(architecture, settings: own, engine: engine)
        for _ in 0..<epochs {
            _ = try trainer.runEpoch(images: task.images, labels: task.labels)
        }
        return trainer
    }

    private func bits(_ trainer: Trainer) -> [[UInt32]] {
        trainer.parameters.sorted { $0.key < $1.key }.map(\.value.bits)
    }

    @Test(arguments: robustTrainings.indices)
    func everyInstructionSetAndThreadCountGivesTheSameWeights(_ index: Int) throws {
        let (name, how) = robustTrainings[index]
        // Batch statistics, dropout, residuals and max pooling; by intervals the last of these.
        let networks = name == "ibp" ? [smallMadry] : [smallMadry, try everything()]
        for architecture in [smallArchitecture] + networks {
            let reference = try #require(Engine(.reference, workers: Workers(threads: 1)))
            let expected = bits(try train(how, architecture, batch: 7, rate: 0.02, on: reference))
            for set in InstructionSet.available {
                for threads in [1, 2, 3, 5] {
                    let engine = try #require(Engine(set, workers: Workers(threads: threads)))
                    let found = bits(try train(how, architecture, batch: 7, rate: 0.02, on: engine))
                    #expect(found == expected, "\(name), \(architecture), \(set) on \(threads)")
                }
            }
        }
    }

    /// Bits that must never move unnoticed, on every machine; see `GoldenTests`.
    @Test(arguments: robustTrainings.indices)
    func goldenWeights(_ index: Int) throws {
        let (name, how) = robustTrainings[index]
        let expected: [String: UInt64] = [
            "fgsm": 14_885_641_263_243_109_086, "pgd": 14_228_572_651_512_011_490,
            "pgd from the image": 5_931_367_248_741_076_066,
            "trades": 5_990_724_503_104_361_348, "gaussian": 18_414_116_502_599_883_305,
            "ibp": 1_301_618_367_440_799_081,
        ]
        let found = fingerprint(bits(try train(how)))
        #expect(found == expected[name], "\(name): \(found)")
    }

    private func fingerprint(_ bits: [[UInt32]]) -> UInt64 {
        bits.joined().reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    @Test func noneIsTheTrainingAsItWas() throws {
        let plain = bits(try train(.none))
        for (name, how) in robustTrainings {
            #expect(try bits(train(how)) != plain, "\(name)")
        }
        // Intervals without width, where nothing but the image counts, are the image.
        let flat = RobustTraining.intervals(
            IntervalTraining(epsilon: 0.1, kappa: 0.5, warmUp: 10, ramp: 1))
        for (found, expected) in zip(
            try train(flat).parameters.sorted { $0.key < $1.key },
            try train(.none).parameters.sorted { $0.key < $1.key })
        {
            for (a, b) in zip(found.value.values, expected.value.values) {
                #expect(abs(a - b) <= 1e-5, "\(found.key)")
            }
        }
    }

    // MARK: Walks

    private func loaded(_ architecture: Architecture, threads: Int = 2) throws -> BallWalker {
        var walker = try BallWalker(architecture, engine: Engine(threads: threads))
        walker.load(architecture.initialParameters(seed: 3))
        return walker
    }

    private let draws = ImageDraws(seed: 5, "train/robust/start", epoch: 2)

    /// Where an image's walk ends is the same in any batch, at any place of it, on any number of threads.
    @Test(arguments: [BallWalker.Ascent.crossEntropy, .divergence])
    func aWalkBelongsToItsImage(_ ascent: BallWalker.Ascent) throws {
        let task = noise(23, smallMadry.imageShape)
        let walk = BallWalk(epsilon: 0.2, steps: 3, stepSize: 0.07, start: .uniform)
        func ends(_ rows: [Int], threads: Int) throws -> Tensor {
            var walker = try loaded(smallMadry, threads: threads)
            return walker.ends(
                from: task.images.gather(rows), targets: rows.map { task.labels[$0] },
                indices: rows, along: walk, raising: ascent, draws: draws)
        }
        let all = try ends(Array(0..<23), threads: 3)
        #expect(all.bits != task.images.bits)
        for rows in [[22], [4, 0, 17], Array((0..<23).reversed())] {
            for threads in [1, 2, 5] {
                #expect(
                    try ends(rows, threads: threads).bits == all.gather(rows).bits,
                    "\(rows) on \(threads)")
            }
        }
    }

    /// As double measures it, not by a last bit; and a step that is longer than the radius gets to the edge.
    @Test func noPointLeavesBallAndBox() throws {
        let task = noise(40, smallMadry.imageShape)
        // Pixels at the ends, as most of MNIST's are.
        var images = task.images
        images.withMutableFloats {
            for i in $0.indices where i % 3 > 0 { $0[i] = Float(i % 3 - 1) }
        }
        let starts: [BallWalk.Start] = [
            .image, .uniform, .uniformBeyond, .gaussian(deviation: 0.5),
        ]
        for epsilon in [Float(0.3), 0.1, 1e-6, 0.7] {
            for start in starts {
                for steps in [0, 1, 5] {
                    var walker = try loaded(smallMadry)
                    let ends = walker.ends(
                        from: images, targets: task.labels, indices: Array(0..<40),
                        along: BallWalk(
                            epsilon: epsilon, steps: steps, stepSize: 1.25 * epsilon, start: start),
                        raising: .crossEntropy, draws: draws)
                    var largest = 0.0
                    for (y, x) in zip(ends.values, images.values) {
                        #expect(y >= 0 && y <= 1)
                        largest = max(largest, abs(Double(y) - Double(x)))
                    }
                    #expect(largest <= Double(epsilon), "\(epsilon), \(start), \(steps) steps")
                    #expect(
                        steps == 0 && start == .image || largest > 0.9 * Double(epsilon),
                        "\(epsilon), \(start), \(steps) steps: \(largest)")
                }
            }
        }
    }

    /// A dark pixel ends at 0 or at ε where its start is led back into [0, 1], and between them where it is not.
    @Test func oneStepFromBeyondEndsBetweenTheCorners() throws {
        let black = Tensor(shape: [20] + smallArchitecture.imageShape)
        func ends(_ start: BallWalk.Start) throws -> Set<Float> {
            var walker = try loaded(smallArchitecture)
            return Set(
                walker.ends(
                    from: black, targets: Array(repeating: 0, count: 20), indices: Array(0..<20),
                    along: BallWalk(epsilon: 0.25, steps: 1, stepSize: 0.3125, start: start),
                    raising: .crossEntropy, draws: draws
                ).values)
        }
        let wide = try ends(.uniformBeyond)
        #expect(wide.count > 100 && wide.filter { $0 > 0 }.min().map { $0 > 0.0625 - 1e-6 } == true)
        #expect(try ends(.uniform).isSubset(of: [0, 0.25]))
    }

    /// A walk raises what it says, and more than its start does.
    @Test func walksGoUp() throws {
        let task = smallTask(count: 60)
        let trained = try train(.none, linear, epochs: 12, count: 200)
        let network = try Network(
            linear, parameters: trained.parameters, engine: Engine(threads: 2))
        var walker = try BallWalker(linear, engine: Engine(threads: 2))
        walker.load(trained.parameters)
        func loss(_ ascent: BallWalker.Ascent, steps: Int) throws -> (
            loss: Double, divergence: Double
        ) {
            let ends = walker.ends(
                from: task.images, targets: task.labels, indices: Array(0..<60),
                along: BallWalk(
                    epsilon: 0.15, steps: steps, stepSize: 0.05, start: .gaussian(deviation: 0.001)),
                raising: ascent, draws: draws)
            var pass = network.makePass()
            let (clean, moved) = try (pass.logits(of: task.images), pass.logits(of: ends))
            func sum(_ values: [Float]) -> Double { values.reduce(0) { $0 + Double($1) } }
            return (
                sum(CrossEntropy.losses(of: moved, targets: task.labels)),
                sum(Divergence.losses(of: moved, from: clean))
            )
        }
        #expect(try loss(.crossEntropy, steps: 5).loss > 2 * loss(.crossEntropy, steps: 0).loss)
        let (before, after) = try (loss(.divergence, steps: 0), loss(.divergence, steps: 5))
        #expect(after.divergence > 100 * before.divergence && before.divergence >= 0)
    }

    @Test func startsAreDrawnByImageAndEpoch() {
        let images = noise(4, [1, 6, 6]).images
        func moved(_ epoch: Int?, _ indices: [Int], _ start: BallWalk.Start) -> Tensor {
            ImageDraws(seed: 5, "train/robust/start", epoch: epoch).moved(
                images, as: indices, by: start, 0.25, on: Workers(threads: 2))
        }
        #expect(moved(0, [7, 8, 9, 10], .uniform).bits == moved(0, [7, 8, 9, 10], .uniform).bits)
        #expect(moved(0, [7, 8, 9, 10], .uniform).bits != moved(1, [7, 8, 9, 10], .uniform).bits)
        let other = moved(0, [9, 8, 7, 10], .uniform)
        #expect(other.rows(1..<2).bits == moved(0, [7, 8, 9, 10], .uniform).rows(1..<2).bits)
        #expect(other.rows(0..<1).bits != moved(0, [7, 8, 9, 10], .uniform).rows(0..<1).bits)

        // As many deviates as it takes to see their mean and their deviation.
        let grey = Tensor(shape: [50, 1, 21, 21], values: Array(repeating: 0.5, count: 22_050))
        let noisy = ImageDraws(seed: 1, "train/robust/noise", epoch: 0).moved(
            grey, as: Array(0..<50), by: .gaussian(deviation: 0.25), 0, on: Workers(threads: 2))
        let deviates = noisy.values.map { (Double($0) - 0.5) / 0.25 }
        let mean = deviates.reduce(0, +) / 22_050
        let variance = deviates.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 22_050
        #expect(abs(mean) < 0.03 && abs(variance - 1) < 0.04, "\(mean), \(variance)")
        #expect(deviates.contains { $0 > 3 } && deviates.contains { $0 < -3 })
    }

    // MARK: What it is for

    /// A walk of a test against networks trained in each way: all stand better than one that is not.
    @Test func trainedRobustlyItResists() throws {
        let test = smallTask(count: 150, seed: 9)
        let walk = BallWalk(epsilon: 0.15, steps: 20, stepSize: 0.02, start: .uniform)
        func standing(_ how: RobustTraining) throws -> Int {
            let trainer = try train(how, linear, epochs: 12, count: 200)
            var robust = try RobustTest(linear, walk: walk, seed: 1, engine: Engine(threads: 2))
            return robust.correct(trainer.parameters, images: test.images, labels: test.labels)
        }
        let plain = try standing(.none)
        var found: [String: Int] = [:]
        for (name, how) in robustTrainings where name != "gaussian" {
            found[name] = try standing(how)
        }
        for (name, count) in found { #expect(count >= plain + 25, "\(name): \(found), \(plain)") }
    }

    /// No image is counted that is wrong before it is moved, and one that falls on the way counts no more.
    @Test func aTestIsStrict() throws {
        let task = smallTask(count: 90, seed: 4)
        let trained = try train(.none, linear, epochs: 12, count: 200)
        let network = try Network(
            linear, parameters: trained.parameters, engine: Engine(threads: 1))
        func correct(_ epsilon: Float, _ steps: Int, labels: [Int]) throws -> Int {
            var test = try RobustTest(
                linear,
                walk: BallWalk(epsilon: epsilon, steps: steps, stepSize: 0.05, start: .image),
                seed: 1, engine: Engine(threads: 2))
            return test.correct(trained.parameters, images: task.images, labels: labels)
        }
        let clean = try network.evaluate(images: task.images, labels: task.labels).correct
        #expect(clean > 85)
        #expect(try correct(0, 3, labels: task.labels) == clean)
        #expect(try correct(1, 20, labels: task.labels) == 0)
        #expect(try correct(0, 1, labels: task.labels.map { ($0 + 1) % 3 }) <= 90 - clean)
        let counts = try [0, 1, 5, 20].map { try correct(0.2, $0, labels: task.labels) }
        #expect(counts == counts.sorted(by: >) && counts[0] > counts[3], "\(counts)")
    }

    // MARK: Faults

    @Test func whatCannotBeTrainedSoIsNamed() throws {
        let blind = try Architecture(
            "blind", imageShape: [1, 6, 6],
            layers: [Constants("given", shape: [4]), Linear("fc1", inputs: 4, outputs: 3)])
        let walk = try #require(robustTrainings.first?.how)
        let noGradient = #expect(throws: NetworkFault.noPixelGradient(architecture: "blind")) {
            try train(walk, blind)
        }
        #expect(noGradient?.description.contains("robust") == true)
        #expect(throws: NetworkFault.self) {
            try RobustTest(
                blind, walk: BallWalk(epsilon: 1, steps: 1, stepSize: 1, start: .image), seed: 1,
                engine: Engine(threads: 1))
        }
        let intervals = try #require(robustTrainings.last?.how)
        let noRule = #expect(throws: NetworkFault.self) { try train(intervals, everything()) }
        let words = noRule?.description ?? ""
        #expect(
            words.contains("layer bn1 is a batch-norm") && words.contains("max-pool"), "\(words)")
        let branch = #expect(throws: NetworkFault.self) { try train(intervals, .tinyResidual) }
        #expect(branch?.description.contains("layer bn2 is a batch-norm") == true)
    }

    @Test(arguments: robustTrainings.indices)
    func divergenceNamesTheLayer(_ index: Int) throws {
        let error = #expect(throws: NetworkFault.self) {
            try train(robustTrainings[index].how, epochs: 40, rate: 1e30)
        }
        let words = error?.description ?? ""
        #expect(words.contains("Training diverged in epoch 1"), "\(words)")
        #expect(words.contains("layer fc") || words.contains("the loss is not finite"), "\(words)")
    }
}
