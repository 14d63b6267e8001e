import Tensors
import Testing

@testable import Networks

@Suite("Networks")
struct NetworkTests {
    private func network(_ architecture: Architecture = smallArchitecture) throws -> Network {
        try Network(
            architecture, parameters: architecture.initialParameters(seed: 5),
            engine: Engine(threads: 1))
    }

    @Test func theDefaultArchitectureIsTheOriginals() {
        #expect(Architecture.mlp.parameterCount == 266_610)
        #expect(
            Architecture.mlp.parameters.map(\.name) == [
                "fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias", "fc3.weight", "fc3.bias",
            ])
        #expect(Architecture.mlp.parameters[0].shape == [300, 784])
        #expect(Architecture.mlp.classes == 10)
        #expect(Architecture.mlp.forwardFLOPs == 2 * (784 * 300 + 300 * 100 + 100 * 10))
    }

    /// The network's logits with weights and sums in Double.
    private func logits(_ x: [Double], _ network: Network) -> [Double] {
        var values = x
        for layer in network.architecture.layers {
            guard let linear = layer as? Linear else {
                values = values.map { max($0, 0) }
                continue
            }
            let w = network.parameters["\(linear.name).weight"]?.values.map(Double.init) ?? []
            let b = network.parameters["\(linear.name).bias"]?.values.map(Double.init) ?? []
            values = (0..<linear.outputs).map { o in
                (0..<linear.inputs).reduce(b[o]) { $0 + values[$1] * w[o * linear.inputs + $1] }
            }
        }
        return values
    }

    @Test func logitsAndPixelGradientsAgreeWithDoubleAndCentralDifferences() throws {
        let network = try network()
        let x = smallTask(count: 3).images
        var pass = network.makePass()
        let found = try pass.logits(of: x)
        let direction = Tensor(shape: [3, 3], values: [1, -2, 0.5, 0.25, 1, -1, 3, 0, 1])
        let gradient = try pass.pixelGradient(direction)
        #expect(gradient.count == x.count)
        for row in 0..<3 {
            let pixels = x.rows(row..<row + 1).values.map(Double.init)
            let expected = logits(pixels, network)
            for j in 0..<3 { #expect(abs(Double(found.values[row * 3 + j]) - expected[j]) <= 1e-5) }
            func value(_ pixels: [Double]) -> Double {
                zip(logits(pixels, network), direction.values[(row * 3)...]).reduce(0) {
                    $0 + $1.0 * Double($1.1)
                }
            }
            for pixel in stride(from: 0, to: 36, by: 5) {
                let step = 1e-6
                var (up, down) = (pixels, pixels)
                up[pixel] += step
                down[pixel] -= step
                let difference = (value(up) - value(down)) / (2 * step)
                let error = abs(Double(gradient.values[row * 36 + pixel]) - difference)
                #expect(error <= 1e-5 + 1e-4 * abs(difference))
            }
        }
    }

    @Test func anImageAnswersTheSameAloneAndInABatch() throws {
        let network = try network()
        let images = smallTask(count: 400).images
        var pass = network.makePass()
        let together = try pass.logits(of: images)
        let logitGradient = Tensor(shape: [400, 3], values: (0..<1200).map { Float($0 % 5) - 2 })
        let gradients = try pass.pixelGradient(logitGradient)
        for row in [0, 167, 168, 399] {
            let alone = try pass.logits(of: images.rows(row..<row + 1))
            #expect(
                alone.values.map(\.bitPattern)
                    == together.rows(row..<row + 1).values.map(\.bitPattern))
            let gradient = try pass.pixelGradient(logitGradient.rows(row..<row + 1))
            #expect(
                gradient.values.map(\.bitPattern)
                    == gradients.rows(row..<row + 1).values.map(\.bitPattern))
        }
    }

    @Test func theBatchFollowsFromTheMemoryOfAPass() throws {
        #expect(Network.batch(floatsOfImage: 0) == 168)
        #expect(Network.batch(floatsOfImage: 3_000) == 168)
        #expect(Network.batch(floatsOfImage: 40_000) == 84)
        #expect(Network.batch(floatsOfImage: 100_000) == 40)
        #expect(Network.batch(floatsOfImage: 20_000_000) == 1)
        let batches = try [Architecture.mlp, .madry, .efficientNetLite0].map { architecture in
            try Network(
                architecture, parameters: architecture.initialParameters(seed: 1),
                engine: Engine(threads: 1)
            ).batch
        }
        #expect(batches == [168, 42, 1])
    }

    @Test func anEmptyBatchHasNoAnswers() throws {
        var pass = try network().makePass()
        #expect(try pass.logits(of: Tensor(shape: [0, 1, 6, 6])).shape == [0, 3])
    }

    @Test func wrongParametersAreAllNamedAtOnce() {
        var parameters = smallArchitecture.initialParameters(seed: 1)
        parameters["fc2.bias"] = nil
        parameters["fc1.weight"] = Tensor(shape: [36, 20])
        parameters["fc9.weight"] = Tensor(shape: [1])
        let error = #expect(throws: NetworkFault.self) {
            try Network(smallArchitecture, parameters: parameters, engine: Engine(threads: 1))
        }
        #expect(
            error?.description
                == "The weights are not those of mlp-36-20-12-3: missing: fc2.bias; unexpected: "
                + "fc9.weight; fc1.weight has shape [36, 20], expected [20, 36].")
    }

    @Test func pyTorchsCountsOfBatchesAreReadOver() throws {
        let architecture = try everything()
        var parameters = architecture.initialParameters(seed: 1)
        parameters["bn1.num_batches_tracked"] = Tensor(shape: [], values: [12])
        _ = try Network(architecture, parameters: parameters, engine: Engine(threads: 1))
        _ = try Trainer(
            architecture, settings: settings(), initial: parameters, engine: Engine(threads: 1))
        parameters["conv1.num_batches_tracked"] = Tensor(shape: [], values: [12])
        let error = #expect(throws: NetworkFault.self) {
            try Network(architecture, parameters: parameters, engine: Engine(threads: 1))
        }
        #expect(error?.description.contains("unexpected: conv1.num_batches_tracked.") == true)
    }

    @Test func wrongImagesAreNamed() throws {
        var pass = try network().makePass()
        let error = #expect(throws: NetworkFault.self) {
            try pass.logits(of: Tensor(shape: [2, 1, 28, 28]))
        }
        #expect(
            error?.description
                == "mlp-36-20-12-3 takes images of shape [1, 6, 6], found [1, 28, 28].")
    }

    @Test func aNumberThatIsNotFiniteIsCaughtWithItsLayer() throws {
        var parameters = smallArchitecture.initialParameters(seed: 1)
        parameters["fc2.bias"]?.withMutableFloats { $0[0] = .nan }
        let loading = #expect(throws: NetworkFault.self) {
            try Network(smallArchitecture, parameters: parameters, engine: Engine(threads: 1))
        }
        #expect(loading?.description.contains("Parameter fc2.bias gave nan") == true)

        parameters["fc2.bias"]?.withMutableFloats { $0[0] = 0 }
        parameters["fc2.weight"]?.withMutableFloats { for i in $0.indices { $0[i] = 3e38 } }
        parameters["fc1.bias"]?.withMutableFloats { for i in $0.indices { $0[i] = 10 } }
        let network = try Network(
            smallArchitecture, parameters: parameters, engine: Engine(threads: 1))
        var pass = network.makePass()
        let running = #expect(throws: NetworkFault.self) {
            try pass.logits(of: smallTask(count: 2).images)
        }
        #expect(running?.description.contains("Layer fc2 gave inf for sample 0") == true)
    }

    @Test func anUnknownArchitectureNamesTheKnownOnes() {
        let error = #expect(throws: NetworkFault.self) { try Architecture.named("lenet") }
        #expect(
            error?.description == "There is no architecture “lenet”; known: "
                + "\(Architecture.all.map(\.name).joined(separator: ", ")).")
    }
}
