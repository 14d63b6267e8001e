// The losses of TRADES and of training by intervals against central differences in double.

import Randomness
import Tensors
import Testing

@testable import Networks

@Suite("Gradients of robust losses")
struct RobustGradientTests {
    // MARK: Divergence

    private func divergence(_ clean: [Double], _ moved: [Double]) -> Double {
        func logs(_ x: [Double]) -> [Double] {
            let top = x.max() ?? 0
            let total = logarithm(x.reduce(0) { $0 + exponential($1 - top) })
            return x.map { $0 - top - total }
        }
        return zip(logs(clean), logs(moved)).reduce(0) { $0 + exponential($1.0) * ($1.0 - $1.1) }
    }

    @Test func theDivergenceIsThatOfDoubles() {
        var random = Stream(seed: 2, name: "logits")
        for spread in [Float(0.01), 1, 8] {
            let (clean, moved) = (
                (0..<15).map { _ in spread * (2 * random.uniform() - 1) },
                (0..<15).map { _ in spread * (2 * random.uniform() - 1) }
            )
            var (x, y) = (
                Tensor(shape: [3, 5], values: clean), Tensor(shape: [3, 5], values: moved)
            )
            let alone = Divergence.losses(of: y, from: x)
            var ascent = y
            Divergence.gradient(inPlaceOfMoved: &ascent, from: x)
            let losses = Divergence.gradients(inPlaceOfClean: &x, moved: &y, scale: 2)
            #expect(losses == alone)
            for row in 0..<3 {
                let own = (
                    clean[row * 5..<row * 5 + 5].map(Double.init),
                    moved[row * 5..<row * 5 + 5].map(Double.init)
                )
                let expected = divergence(own.0, own.1)
                #expect(abs(Double(losses[row]) - expected) <= 1e-6 * expected + 1e-12)
                for j in 0..<5 {
                    func slope(_ body: (Double) -> Double) -> Double {
                        (body(1e-5) - body(-1e-5)) / 2e-5
                    }
                    let (atClean, atMoved) = (
                        slope { h in
                            var moved = own.0
                            moved[j] += h
                            return divergence(moved, own.1)
                        },
                        slope { h in
                            var moved = own.1
                            moved[j] += h
                            return divergence(own.0, moved)
                        }
                    )
                    #expect(
                        abs(Double(x.values[row * 5 + j]) - 2 * atClean) <= 2e-7
                            * Double(max(1, spread)))
                    #expect(
                        abs(Double(y.values[row * 5 + j]) - 2 * atMoved) <= 2e-7
                            * Double(max(1, spread)))
                    #expect(ascent.values[row * 5 + j] * 2 == y.values[row * 5 + j])
                }
            }
        }
    }

    /// Where the answers are nearly alike, and where one is certain.
    @Test func nothingCancelsOrOverflows() {
        var near = Tensor(shape: [1, 3], values: [1, 2, 3])
        let clean = Tensor(shape: [1, 3], values: [1, 2, Float(3).nextUp])
        Divergence.gradient(inPlaceOfMoved: &near, from: clean)
        #expect(near.values.allSatisfy { $0 != 0 } && near.values[2] < 0)
        let losses = Divergence.losses(of: Tensor(shape: [1, 3], values: [1, 2, 3]), from: clean)
        #expect(losses[0] >= 0 && losses[0] < 1e-13)

        var (sure, other) = (
            Tensor(shape: [1, 3], values: [2e5, -1e5, 0]),
            Tensor(shape: [1, 3], values: [-3e5, 0, 2e5])
        )
        let far = Divergence.gradients(inPlaceOfClean: &sure, moved: &other, scale: 1)
        #expect(far == [5e5] && sure.values == [0, 0, 0] && other.values == [-1, 0, 1])
        #expect(Divergence.losses(of: clean, from: clean) == [0])
        let broken = Divergence.losses(
            of: Tensor(shape: [1, 2], values: [.nan, 0]), from: Tensor(shape: [1, 2]))
        #expect(broken[0].isNaN)
    }

    // MARK: Intervals

    /// The loss of `IntervalPass` in double, layer by layer.
    private func loss(
        _ architecture: Architecture, _ parameters: [String: [Double]], _ images: [[Double]],
        _ labels: [Int], epsilon: Double, kappa: Double
    ) -> Double {
        let boxes = images.map { $0.map { (max($0 - epsilon, 0), min($0 + epsilon, 1)) } }
        var clean = images
        var (lower, upper) = (boxes.map { $0.map(\.0) }, boxes.map { $0.map(\.1) })
        func both(_ a: [[Double]], _ b: [[Double]], _ body: (Double, Double) -> Double)
            -> [[Double]]
        {
            zip(a, b).map { zip($0, $1).map(body) }
        }
        let last = architecture.layers.count - 1
        var margins: [[Double]]?
        for (index, layer) in architecture.layers.enumerated() {
            func run(_ x: [[Double]], _ own: [String: [Double]]) -> [[Double]] {
                DoubleNetwork(layer, on: architecture.inputs[index].shape, own).logits(x)
            }
            clean = run(clean, parameters)
            if index == last, let linear = layer as? Linear {
                let (w, b) = (
                    parameters["\(linear.name).weight"] ?? [],
                    parameters["\(linear.name).bias"] ?? []
                )
                let inputs = linear.inputs
                margins = labels.indices.map { n in
                    (0..<linear.outputs).map { j in
                        let y = labels[n]
                        return (0..<inputs).reduce(b[j] - b[y]) { sum, i in
                            let d = w[j * inputs + i] - w[y * inputs + i]
                            return sum + d * (lower[n][i] + upper[n][i]) / 2
                                + abs(d) * (upper[n][i] - lower[n][i]) / 2
                        }
                    }
                }
                continue
            }
            if case .product? = IntervalRule(layer) {
                let (centre, radius) = (
                    both(lower, upper) { ($0 + $1) / 2 }, both(lower, upper) { ($1 - $0) / 2 }
                )
                var sizes = parameters.mapValues { $0.map(abs) }
                sizes["\(layer.name).bias"] = parameters["\(layer.name).bias"]?.map { _ in 0 }
                let (c, r) = (run(centre, parameters), run(radius, sizes))
                (lower, upper) = (both(c, r, -), both(c, r, +))
            } else {
                (lower, upper) = (run(lower, parameters), run(upper, parameters))
            }
        }
        func entropy(_ logits: [Double], _ label: Int) -> Double {
            let top = logits.max() ?? 0
            return logarithm(logits.reduce(0) { $0 + exponential($1 - top) }) + top - logits[label]
        }
        return labels.indices.reduce(0) { sum, n in
            var worst = margins?[n] ?? upper[n]
            if margins == nil { worst[labels[n]] = lower[n][labels[n]] }
            return sum + kappa * entropy(clean[n], labels[n])
                + (1 - kappa) * entropy(worst, labels[n])
        } / Double(labels.count)
    }

    private static let smooth = Architecture(
        builtIn: "smooth", imageShape: [2, 8, 8],
        layers: [
            Normalise(mean: [0.5, 0.25], deviation: [0.25, 0.5]),
            Convolution("conv1", inputs: 2, outputs: 4, kernel: 3, stride: 2, padding: 1),
            Tanh("tanh"),
            AveragePool("pool", kernel: 2), Flatten(), Linear("fc1", inputs: 16, outputs: 6),
            LeakyReLU("leaky", slope: 0.25), Linear("fc2", inputs: 6, outputs: 3),
        ])

    /// The last layer is no linear one.
    private static let pooled = Architecture(
        builtIn: "pooled", imageShape: [1, 6, 6],
        layers: [
            ChannelsLast(), Convolution("conv1", inputs: 1, outputs: 4, kernel: 3), ReLU("relu1"),
            Convolution("conv2", inputs: 4, outputs: 3, kernel: 3, bias: false),
            GlobalAveragePool("pool"),
        ])

    @Test(arguments: [smallArchitecture, smallMadry, smooth, pooled])
    func intervalsGiveTheLossAndGradientOfDoubles(_ architecture: Architecture) throws {
        let task = noise(5, architecture.imageShape)
        let weights = architecture.initialParameters(seed: 4)
        var pass = try IntervalPass(
            architecture, in: RunSetting(engine: Engine(threads: 2), trainingSeed: 1))
        pass.load(weights)
        let found = pass.differentiate(
            task.images, targets: task.labels, epsilon: 0.05, kappa: 0.25)
        let gradients = pass.gradients
        let images = doubles(task.images)
        var doubled = weights.mapValues { $0.values.map(Double.init) }
        func value() -> Double {
            loss(
                architecture, doubled, images, task.labels, epsilon: Double(Float(0.05)),
                kappa: 0.25)
        }
        let expected = value()
        #expect(abs(found.loss / 5 - expected) <= 1e-5 * expected)
        var random = Stream(seed: 6, name: "which")
        for (name, gradient) in gradients.sorted(by: { $0.key < $1.key }) {
            let largest = gradient.values.map { abs($0) }.max() ?? 0
            #expect(largest > 0, "\(name)")
            for _ in 0..<6 {
                let index = Int(random.below(UInt32(gradient.count)))
                let before = try #require(doubled[name])[index]
                func at(_ step: Double) -> Double {
                    doubled[name]?[index] = before + step
                    defer { doubled[name]?[index] = before }
                    return value()
                }
                let slope = (at(1e-5) - at(-1e-5)) / 2e-5
                #expect(
                    abs(Double(gradient.values[index]) - slope) <= 1e-3 * Double(largest),
                    "\(architecture), \(name)[\(index)]: \(gradient.values[index]), \(slope)")
            }
        }
    }

    /// Every logit of every point of the box lies within the interval, but for rounding.
    @Test func logitsLieWithinTheIntervals() throws {
        let engine = Engine(threads: 1)
        let images = noise(3, smallMadry.imageShape).images
        let weights = smallMadry.initialParameters(seed: 4)
        func loss(_ epsilon: Float, _ target: Int) throws -> Double {
            var pass = try IntervalPass(smallMadry, in: RunSetting(engine: engine, trainingSeed: 1))
            pass.load(weights)
            return pass.differentiate(
                images, targets: Array(repeating: target, count: 3), epsilon: epsilon, kappa: 0
            ).loss
        }
        var walker = try BallWalker(smallMadry, engine: engine)
        walker.load(weights)
        let network = try Network(smallMadry, parameters: weights, engine: engine)
        var before = 0.0
        for target in 0..<3 {
            let ends = walker.ends(
                from: images, targets: Array(repeating: target, count: 3), indices: [0, 1, 2],
                along: BallWalk(epsilon: 0.05, steps: 20, stepSize: 0.01, start: .image),
                raising: .crossEntropy, draws: ImageDraws(seed: 1, "x", epoch: 0))
            var pass = network.makePass()
            let attacked = CrossEntropy.losses(
                of: try pass.logits(of: ends), targets: Array(repeating: target, count: 3)
            ).reduce(0) { $0 + Double($1) }
            #expect(try loss(0.05, target) >= attacked - 1e-5)
            before = try loss(0, target)
            #expect(try loss(0.05, target) > before && loss(0.1, target) > loss(0.05, target))
        }
    }

    /// As wide behind each layer as before it, which plain first weights are not.
    @Test func firstWeightsKeepTheWidthOfIntervals() throws {
        let architecture = Architecture(
            multilayerPerceptron: "deep", imageShape: [1, 16, 16],
            widths: [256, 200, 200, 200, 200, 10])
        func width(_ weights: [String: Tensor]) throws -> Double {
            let images = noise(3, [1, 16, 16]).images
            var layers = images.values.map { _ in Float(0.01) }
            for depth in 1...4 {
                let weight = try #require(weights["fc\(depth).weight"])
                let (w, inputs) = (weight.values, weight.rowLength)
                let rows = layers.count / inputs
                layers = (0..<rows).flatMap { n in
                    (0..<weight.rowCount).map { o in
                        (0..<inputs).reduce(Float(0)) {
                            $0 + abs(w[o * inputs + $1]) * layers[n * inputs + $1]
                        } / 2
                    }
                }
            }
            return layers.reduce(0) { $0 + Double($1) } / Double(layers.count) / 0.01
        }
        // Half of every width is what a ReLU leaves of one that 0 is in the middle of.
        #expect(try abs(width(architecture.intervalParameters(seed: 3)) - 1) < 0.2)
        #expect(try width(architecture.initialParameters(seed: 3)) > 20)
        let weights = architecture.intervalParameters(seed: 3)
        #expect(
            weights["fc1.bias"]?.bits == architecture.initialParameters(seed: 3)["fc1.bias"]?.bits)
        #expect(
            weights["fc1.weight"]?.bits
                != architecture.intervalParameters(seed: 4)["fc1.weight"]?.bits)
    }

    @Test func theRampIsLinearByStep() {
        let how = IntervalTraining(epsilon: 0.5, kappa: 0.25, warmUp: 2, ramp: 4)
        #expect(how.values(at: 0) == (0, 1))
        #expect(how.values(at: 2) == (0, 1))
        #expect(how.values(at: 4) == (0.25, 0.625))
        #expect(how.values(at: 6) == (0.5, 0.25) && how.values(at: 100) == (0.5, 0.25))
        let atOnce = IntervalTraining(epsilon: 0.5, kappa: 0.25, warmUp: 0, ramp: 0)
        #expect(atOnce.values(at: 0.01) == (0.5, 0.25))
    }
}

extension DoubleNetwork {
    /// One layer alone.
    fileprivate init(_ layer: any Layer, on shape: [Int], _ parameters: [String: [Double]]) {
        (layers, imageShape, self.parameters) = ([layer], shape, parameters)
    }
}
