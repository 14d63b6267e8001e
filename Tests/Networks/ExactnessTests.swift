// Whole networks, bit by bit: every instruction set and thread count against the scalar
// specification, and every image alone against the same image in company.

import Randomness
import Tensors
import Testing

@testable import Networks

@Suite("Exactness of networks")
struct ExactnessTests {
    private func engines() throws -> [(name: String, engine: Engine)] {
        try InstructionSet.available.flatMap { set in
            try [1, 2, 3].map { threads in
                let engine = try #require(Engine(set, workers: Workers(threads: threads)))
                return ("\(set) on \(threads)", engine)
            }
        }
    }

    /// Logits and pixel gradients of every kind of layer.
    @Test(arguments: LayerCase.all)
    func everyLayerGivesTheBitsOfTheReference(_ layers: LayerCase) throws {
        let architecture = try layers.architecture()
        let (images, parameters) = layers.numbers(architecture, count: 3)
        let logitGradient = Tensor(shape: [3, 3], values: [1, -2, 0.5, 0.25, 1, -1, 3, 0, 1])
        var found: [String: [[UInt32]]] = [:]
        for (name, engine) in try engines() {
            let network = try Network(architecture, parameters: parameters, engine: engine)
            var pass = network.makePass()
            found[name] = [
                try pass.logits(of: images).bits, try pass.pixelGradient(logitGradient).bits,
            ]
        }
        let expected = try #require(found["reference on 1"])
        for (name, bits) in found { #expect(bits == expected, "\(name)") }
    }

    /// Every kind of layer once more: an image alone, and in company.
    @Test(arguments: LayerCase.all)
    func everyLayerAnswersTheSameAloneAndInABatch(_ layers: LayerCase) throws {
        let architecture = try layers.architecture()
        let (_, parameters) = layers.numbers(architecture, count: 1)
        try checkInvariance(of: architecture, parameters, count: 4, groups: [[3], [0], [3, 1]])
    }

    /// Weights after some steps, for networks of every kind of layer and one that is not of the catalogue.
    @Test func trainingGivesTheBitsOfTheReference() throws {
        for architecture in [try everything(), .tinyResidual, .branching] {
            let task = noise(20, architecture.imageShape)
            var found: [String: [[UInt32]]] = [:]
            for (name, engine) in try engines() {
                var trainer = Trainer(
                    architecture, settings: settings(epochs: 2, batch: 8), engine: engine)
                for _ in 0..<2 {
                    _ = try trainer.runEpoch(images: task.images, labels: task.labels)
                }
                found[name] = trainer.parameters.sorted { $0.key < $1.key }.map(\.value.bits)
            }
            let expected = try #require(found["reference on 1"])
            for (name, bits) in found {
                #expect(bits == expected, "\(architecture.name), \(name)")
            }
        }
    }

    /// Stand-ins for the large networks: the same layers on smaller images, VGG16 with an eighth
    /// of its channels as well.
    private static let architectures =
        Architecture.all.filter { $0.imageShape == [1, 28, 28] } + [
            .vgg16("small vgg16", side: 32, divisor: 8, classes: 10),
            .vgg16("small vgg16-dropout", side: 32, divisor: 8, classes: 10, dropoutSeed: 1),
            .efficientNetLite("small efficientnet-lite0", side: 40, classes: 10),
            .tinyResidual, .branching,
        ]

    @Test(arguments: architectures.indices)
    func anImageAnswersTheSameAloneInABatchAndAfterOthersLeft(_ index: Int) throws {
        try checkInvariance(of: Self.architectures[index])
    }

    /// The large networks as they are, with weights that are quicker to draw.
    @Test(arguments: [Architecture.vgg16Dropout, .efficientNetLite0])
    func aLargeImageAnswersTheSameAloneAndInABatch(_ architecture: Architecture) throws {
        var random = Stream(seed: 2, name: "tile")
        let tile = (0..<65_521).map { _ in 2 * random.uniform() - 1 }
        var parameters: [String: Tensor] = [:]
        for parameter in architecture.parameters {
            var tensor = Tensor(shape: parameter.shape)
            tensor.withMutableFloats { values in
                switch parameter.initializer {
                case .constant(let value): values.update(repeating: value)
                case .uniform(let fanIn):
                    let bound = 1 / Float(fanIn).squareRoot()
                    let scaled = tile.map { $0 * bound }
                    for start in stride(from: 0, to: values.count, by: scaled.count) {
                        let end = min(start + scaled.count, values.count)
                        _ = UnsafeMutableBufferPointer(rebasing: values[start..<end])
                            .update(fromContentsOf: scaled[..<(end - start)])
                    }
                }
            }
            parameters[parameter.name] = tensor
        }
        try checkInvariance(of: architecture, parameters, count: 2, groups: [[1]])
    }

    private func checkInvariance(
        of architecture: Architecture, _ parameters: [String: Tensor]? = nil, count: Int = 7,
        groups: [[Int]] = [[6], [0], [6, 2, 0]]
    ) throws {
        let network = try Network(
            architecture, parameters: parameters ?? architecture.initialParameters(seed: 1),
            engine: Engine(threads: 2))
        let images = noise(count, architecture.imageShape).images
        let classes = architecture.classes
        var random = Stream(seed: 5, name: "flow")
        let logitGradient = Tensor(
            shape: [count, classes],
            values: (0..<count * classes).map { _ in random.uniform() - 0.5 })
        var pass = network.makePass()
        let logits = try pass.logits(of: images)
        let gradients = try pass.pixelGradient(logitGradient)
        #expect(Set(gradients.values).count > 1)
        for rows in groups {
            let some = try pass.logits(of: images.gather(rows))
            #expect(some.bits == logits.gather(rows).bits, "\(architecture.name) \(rows)")
            let gradient = try pass.pixelGradient(logitGradient.gather(rows))
            #expect(gradient.bits == gradients.gather(rows).bits, "\(architecture.name) \(rows)")
        }
    }

    @Test func dropoutThatStaysOnChangesTheAnswers() throws {
        let plain = Architecture.vgg16("v", side: 32, divisor: 8, classes: 10)
        let dropping = Architecture.vgg16("v", side: 32, divisor: 8, classes: 10, dropoutSeed: 1)
        let parameters = plain.initialParameters(seed: 1)
        let images = noise(2, [3, 32, 32]).images
        let logits = try [plain, dropping].map { architecture in
            var pass = try Network(
                architecture, parameters: parameters, engine: Engine(threads: 1)
            ).makePass()
            return try pass.logits(of: images).values
        }
        #expect(logits[0] != logits[1])
    }
}
