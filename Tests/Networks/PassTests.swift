// What a pass computes, and where: nothing that nobody asked for, and always in the same memory.

import Randomness
import Testing

@testable import Networks
@testable import Tensors

/// A network of every kind of layer, for images of [2, 12, 12].
func everything() throws -> Architecture {
    try Architecture(
        "everything", imageShape: [2, 12, 12],
        layers: [
            Normalise(mean: [0.5, 0.4], deviation: [0.25, 0.5]),
            Convolution("conv1", inputs: 2, outputs: 8, kernel: 3, stride: 2, padding: 1),
            BatchNorm("bn1", channels: 8), ReLU6("relu1"),
            Convolution("conv2", inputs: 8, outputs: 8, kernel: 3, padding: 1, groups: 8),
            ReLU("relu2"),
            Convolution("conv3", inputs: 8, outputs: 8, kernel: 1, bias: false),
            BatchNorm("bn3", channels: 8), Residual("add", of: "relu1"),
            MaxPool("pool1", kernel: 3, stride: 1, padding: 1),
            AveragePool("pool2", kernel: 2), Flatten(),
            Linear("fc1", inputs: 72, outputs: 20), Sigmoid("sigmoid"),
            Dropout("dropout", rate: 0.25), Linear("fc2", inputs: 20, outputs: 3),
        ])
}

/// Madry's network with maps of 4 and 6 channels on images of 12 × 12.
let smallMadry = Architecture(
    builtIn: "small-madry", imageShape: [1, 12, 12],
    layers: [
        ChannelsLast(),
        Convolution("conv1", inputs: 1, outputs: 4, kernel: 5, padding: 2), ReLU("relu1"),
        MaxPool("pool1", kernel: 2),
        Convolution("conv2", inputs: 4, outputs: 6, kernel: 5, padding: 2), ReLU("relu2"),
        MaxPool("pool2", kernel: 2), Flatten(),
        Linear("fc1", inputs: 54, outputs: 20), ReLU("relu3"),
        Linear("fc2", inputs: 20, outputs: 3),
    ])

/// Noise with labels.
func noise(_ count: Int, _ shape: [Int], seed: UInt64 = 3) -> (images: Tensor, labels: [Int]) {
    var random = Stream(seed: seed, name: "noise")
    var images = Tensor(shape: [count] + shape)
    images.withMutableFloats { for i in $0.indices { $0[i] = random.uniform() } }
    return (images, (0..<count).map { _ in Int(random.below(3)) })
}

/// y = x·(what "pixels" gave), which does not pass its gradient on.
private struct ElementProduct: Layer {
    let name: String
    let kind = "product"
    static let word = "product"
    let otherInputs = ["pixels"]

    init(name: String) { self.name = name }
    init(reading form: inout LayerForm, on input: Features) throws { self.init(name: form.name) }

    func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        ElementProductOperation()
    }
}

private struct ElementProductOperation: Operation {
    func forward(_ x: Tensor, into y: inout Tensor, context: inout OperationContext) {}
    func inputGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor, context: inout OperationContext
    ) {}
}

@Suite("Passes")
struct PassTests {
    private func plan(_ architecture: Architecture, training: Bool) -> Plan {
        let setting = RunSetting(engine: Engine(threads: 1), trainingSeed: training ? 1 : nil)
        return Plan(architecture, in: setting)
    }

    @Test func productsTakeInWhatFollowsThemAndAttacksAskForNoParameters() throws {
        let plan = plan(try everything(), training: false)
        #expect(
            plan.forward.map(\.description) == [
                "run normalise b0[2,12,12] → b4[2,12,12]",
                "run conv1+bn1+relu1 b4[2,12,12] → b5[8,6,6]",
                "run conv2+relu2 b5[8,6,6] → b4[8,6,6]", "run conv3+bn3 b4[8,6,6] → b6[8,6,6]",
                "run add b6[8,6,6], b5[8,6,6] → b6[8,6,6]", "run pool1 b6[8,6,6] → b7[8,6,6]",
                "run pool2 b7[8,6,6] → b8[8,3,3]", "run flatten b8[8,3,3] → b9[72]",
                "run fc1 b9[72] → b8[20]", "run sigmoid b8[20] → b9[20]",
                "run fc2 b9[20] → b1[3]",
            ])
        #expect(
            plan.backward.map(\.description) == [
                "input gradient fc2 b2[3] → b8[20]",
                "input gradient sigmoid b8[20], b9[20] → b10[20]",
                "input gradient fc1 b10[20] → b8[72]",
                "input gradient flatten b8[72] → b10[8,3,3]",
                "input gradient pool2 b10[8,3,3] → b8[8,6,6]",
                "input gradient pool1 b8[8,6,6], b6[8,6,6], b7[8,6,6] → b10[8,6,6]",
                "input gradient conv3+bn3 b10[8,6,6] → b8[8,6,6]",
                "input gradient relu2 b8[8,6,6], b4[8,6,6] → b8[8,6,6]",
                "input gradient conv2 b8[8,6,6] → b11[8,6,6]",
                "run sum b11[8,6,6], b10[8,6,6] → b11[8,6,6]",
                "input gradient relu1 b11[8,6,6], b5[8,6,6] → b11[8,6,6]",
                "input gradient conv1+bn1 b11[8,6,6] → b8[2,12,12]",
                "input gradient normalise b8[2,12,12] → b3[2,12,12]",
            ])
        #expect(!plan.keepsImages)
    }

    @Test func trainingAsksForNoGradientOfThePixels() throws {
        let plan = plan(smallMadry, training: true)
        #expect(plan.pixelGradient == nil)
        #expect(
            plan.backward.map(\.description) == [
                "parameter gradients fc2 b2[3], b8[20]", "input gradient fc2 b2[3] → b9[20]",
                "input gradient relu3 b9[20], b8[20] → b9[20]",
                "parameter gradients fc1 b9[20], b7[54]", "input gradient fc1 b9[20] → b10[54]",
                "input gradient flatten b10[54] → b9[6,3,3]",
                "input gradient pool2 b9[6,3,3], b5[6,6,6], b6[6,3,3] → b10[6,6,6]",
                "input gradient relu2 b10[6,6,6], b5[6,6,6] → b10[6,6,6]",
                "parameter gradients conv2 b10[6,6,6], b4[4,6,6]",
                "input gradient conv2 b10[6,6,6] → b9[4,6,6]",
                "input gradient pool1 b9[4,6,6], b3[4,12,12], b4[4,6,6] → b10[4,12,12]",
                "input gradient relu1 b10[4,12,12], b3[4,12,12] → b10[4,12,12]",
                "parameter gradients conv1 b10[4,12,12], b0[1,12,12]",
            ])
        #expect(
            plan.steps.prefix(7).map(\.givesInputGradient)
                == [false, true, true, true, true, true, true])
    }

    /// An operation in place writes elsewhere what somebody still reads: x of the pooling, whose
    /// gradient compares; a gradient that two branches take; and both sides of x + x.
    @Test func anOperationInPlaceSparesWhatIsReadLater() throws {
        let pooled = try Architecture(
            "pooled", imageShape: [1, 4, 4],
            layers: [
                ChannelsLast(), MaxPool("pool", kernel: 2), ReLU("relu"), Flatten(),
                Linear("fc", inputs: 4, outputs: 3),
            ])
        #expect(
            plan(pooled, training: false).forward.map(\.description) == [
                "run pool b0[1,4,4] → b4[1,2,2]", "run relu b4[1,2,2] → b5[1,2,2]",
                "run fc b5[4] → b1[3]",
            ])
        let doubled = try Architecture(
            "doubled", imageShape: [1, 2, 2],
            layers: [
                Linear("fc1", inputs: 4, outputs: 5), Residual("add1", of: "fc1"), ReLU("relu"),
                Residual("add2", of: "add1"), Linear("fc2", inputs: 5, outputs: 3),
            ])
        let plan = plan(doubled, training: false)
        #expect(
            plan.forward.map(\.description) == [
                "run fc1 b0[1,2,2] → b4[5]", "run add1 b4[5], b4[5] → b5[5]",
                "run relu b5[5] → b4[5]", "run add2 b4[5], b5[5] → b6[5]",
                "run fc2 b6[5] → b1[3]",
            ])
        #expect(
            plan.backward.map(\.description) == [
                "input gradient fc2 b2[3] → b5[5]", "input gradient relu b5[5], b4[5] → b6[5]",
                "run sum b6[5], b5[5] → b6[5]", "run sum b6[5], b6[5] → b5[5]",
                "input gradient fc1 b5[5] → b3[1,2,2]",
            ])
    }

    /// A second input whose gradient would be lost without a word.
    @Test func whatReadsTwoLayersGivesEachAGradient() async {
        await #expect(processExitsWith: .failure) {
            let layers: [any Layer] = [
                ChannelsLast(), ElementProduct(name: "product"),
                Linear("fc", inputs: 4, outputs: 3),
            ]
            let architecture = try Architecture("lost", imageShape: [1, 2, 2], layers: layers)
            _ = Plan(architecture, in: RunSetting(engine: Engine(threads: 1), trainingSeed: nil))
        }
    }

    /// Layers of which none computes anything leave the images to be the logits, which no pass can run.
    @Test(
        arguments: [
            [Flatten("row")],
            [
                Flatten("row"), Linear("fc", inputs: 4, outputs: 3), Branch("back", of: "row"),
            ],
        ] as [[any Layer]])
    func layersThatComputeNothingAreRefused(layers: [any Layer]) throws {
        let architecture = try Architecture("nothing", imageShape: [1, 2, 2], layers: layers)
        let parameters = architecture.initialParameters(seed: 1)
        let fault = NetworkFault.misfit(
            architecture: "nothing", layer: layers[layers.count - 1].name,
            expected: "what a layer has computed", found: "the images as they are")
        let engine = Engine(threads: 1)
        #expect(throws: fault) {
            try Network(architecture, parameters: parameters, engine: engine)
        }
        var trainer = try Trainer(
            architecture, settings: settings(epochs: 1, batch: 1), initial: parameters,
            engine: engine)
        #expect(throws: fault) {
            try trainer.runEpoch(images: Tensor(shape: [1, 1, 2, 2]), labels: [0])
        }
    }

    /// What the backward pass does not read is not kept: in the forward pass of a chain of
    /// convolutions without activations two buffers are enough.
    @Test func buffersAreUsedAgain() throws {
        let chain = try Architecture(
            "chain", imageShape: [1, 8, 8],
            layers: [ChannelsLast()]
                + (0..<6).map {
                    Convolution(
                        "conv\($0)", inputs: $0 == 0 ? 1 : 4, outputs: 4, kernel: 3, padding: 1)
                } + [Flatten(), Linear("fc", inputs: 256, outputs: 3)])
        let plan = plan(chain, training: false)
        // Images, logits, their gradient and that of the pixels; and two buffers.
        #expect(plan.lengths == [0, 3, 3, 64, 256, 256])
        // With activations each output stays, and the gradients take two buffers more.
        let madry = self.plan(smallMadry, training: false)
        #expect(madry.lengths.reduce(0, +) < 2 * smallMadry.features.map(\.count).reduce(0, +))
    }

    /// After the first batch an attack's step takes no memory but for the logits, a gradient of them and
    /// a few numbers a layer; less than the smallest batch of feature maps. Counted in a process of its
    /// own, where no other test allocates.
    @Test(arguments: [1, 2]) func anAttacksStepAllocatesNoBufferAfterTheFirst(threads: Int) async {
        await #expect(processExitsWith: .success) { [threads] in
            let architecture = try everything()
            let network = try Network(
                architecture, parameters: architecture.initialParameters(seed: 1),
                engine: Engine(threads: threads))
            var pass = network.makePass()
            var images = noise(6, [2, 12, 12]).images
            let few = images.rows(0..<2)
            func step(_ images: Tensor) throws {
                var logitGradient = try pass.logits(of: images)
                _ = CrossEntropy.gradient(
                    inPlaceOf: &logitGradient, targets: Array(repeating: 1, count: images.rowCount),
                    scale: 1)
                _ = try pass.pixelGradient(logitGradient)
            }
            let before = Storage.allocated.load(ordering: .relaxed)
            try step(images)
            let first = Storage.allocated.load(ordering: .relaxed) - before
            #expect(first > 5000, "the counter counts: \(first)")
            for number in 0..<5 {
                let start = Storage.allocated.load(ordering: .relaxed)
                try step(number == 3 ? few : images)
                // The images are ours again: writing makes no copy.
                images.withMutableFloats { $0[number] = 0.5 }
                let floats = Storage.allocated.load(ordering: .relaxed) - start
                #expect(floats < 200, "step \(number): \(floats) floats")
            }
        }
    }

    /// Likewise an epoch of training; batch statistics are a few numbers a channel.
    @Test func aTrainingStepAllocatesNoBufferAfterTheFirst() async {
        await #expect(processExitsWith: .success) {
            for architecture in [smallMadry, try everything()] {
                let task = noise(24, architecture.imageShape)
                var trainer = Trainer(
                    architecture, settings: settings(epochs: 4, batch: 8),
                    engine: Engine(threads: 2))
                var counts: [Int] = []
                for _ in 0..<3 {
                    let start = Storage.allocated.load(ordering: .relaxed)
                    _ = try trainer.runEpoch(images: task.images, labels: task.labels)
                    counts.append(Storage.allocated.load(ordering: .relaxed) - start)
                }
                #expect(counts[0] > 5000, "\(architecture.name): \(counts)")
                #expect(
                    counts[1] < 1000 && counts[1] == counts[2], "\(architecture.name): \(counts)")
            }
        }
    }

    @Test func aFaultIsNamedAfterItsLayer() throws {
        let architecture = try everything()
        var parameters = architecture.initialParameters(seed: 1)
        parameters["conv3.weight"]?.withMutableFloats { for i in $0.indices { $0[i] = 3e38 } }
        parameters["conv2.bias"]?.withMutableFloats { for i in $0.indices { $0[i] = 10 } }
        let network = try Network(
            architecture, parameters: parameters, engine: Engine(threads: 1))
        var pass = network.makePass()
        let forward = #expect(throws: NetworkFault.self) {
            try pass.logits(of: noise(2, [2, 12, 12]).images)
        }
        #expect(forward?.description.contains("Layer conv3 gave inf for sample 0") == true)

        let good = try Network(
            architecture, parameters: architecture.initialParameters(seed: 1),
            engine: Engine(threads: 1))
        var images = noise(2, [2, 12, 12]).images
        var healthy = good.makePass()
        _ = try healthy.logits(of: images)
        let backward = #expect(throws: NetworkFault.self) {
            try healthy.pixelGradient(Tensor(shape: [2, 3], values: [0, 0, 0, 0, .nan, 0]))
        }
        #expect(backward?.description.contains("The logit gradient gave nan for sample 1") == true)
        images.withMutableFloats { $0[300] = .nan }
        let input = #expect(throws: NetworkFault.self) { try healthy.logits(of: images) }
        #expect(input?.description.contains("The input gave nan for sample 1") == true)

        parameters = architecture.initialParameters(seed: 1)
        parameters["fc2.weight"]?.withMutableFloats { for i in $0.indices { $0[i] *= 1e20 } }
        let steep = try Network(architecture, parameters: parameters, engine: Engine(threads: 1))
        var climbing = steep.makePass()
        _ = try climbing.logits(of: noise(2, [2, 12, 12]).images)
        let overflow = #expect(throws: NetworkFault.self) {
            try climbing.pixelGradient(
                Tensor(shape: [2, 3], values: [0, 0, 0, 1e30, 0, 0]))
        }
        #expect(
            overflow?.description.contains("The input gradient of layer fc2 gave") == true)
        #expect(overflow?.description.contains("inf for sample 1") == true)
    }
}
