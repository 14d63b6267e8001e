import Tensors
import Testing

@testable import Networks

@Suite("Architectures")
struct ArchitectureTests {
    @Test func everyArchitectureHasItsParametersAndOperations() {
        /// Name, parameters, multiply-adds of a forward pass, classes.
        let expected: [(String, Int, Int, Int)] = [
            ("mlp-784-300-100-10", 266_610, 784 * 300 + 300 * 100 + 100 * 10, 10),
            ("softmax-regression", 7_850, 7_840, 10),
            ("szegedy-fc100-100-10", 89_610, 784 * 100 + 100 * 100 + 100 * 10, 10),
            ("szegedy-fc200-200-10", 199_210, 784 * 200 + 200 * 200 + 200 * 10, 10),
            ("fc500-150-10", 469_160, 784 * 500 + 500 * 150 + 150 * 10, 10),
            (
                "lenet-5", 61_706,
                784 * 6 * 25 + 100 * 16 * 6 * 25 + 400 * 120 + 120 * 84 + 840, 10
            ),
            (
                "madry-cnn", 3_274_634,
                784 * 32 * 25 + 196 * 64 * 32 * 25 + 3136 * 1024 + 10_240, 10
            ),
            (
                "carlini-wagner-cnn", 312_202,
                9 * (676 * 32 + 576 * 32 * 32 + 100 * 32 * 64 + 64 * 64 * 64) + 204_800 + 40_000
                    + 2_000, 10
            ),
            (
                "wong-cnn", 166_406, 16 * (196 * 16 + 49 * 16 * 32) + 156_800 + 1_000, 10
            ),
            ("vgg16", 138_357_544, 15_470_264_320, 1000),
            ("vgg16-dropout", 138_357_544, 15_470_264_320, 1000),
            ("efficientnet-lite0", 4_652_008, 385_187_552, 1000),
            ("efficientnet-lite1", 5_416_680, 600_185_232, 1000),
            ("efficientnet-lite2", 6_092_072, 859_736_272, 1000),
        ]
        #expect(Architecture.all.map(\.name) == expected.map(\.0))
        for (architecture, (name, parameters, products, classes)) in zip(
            Architecture.all, expected)
        {
            #expect(architecture.parameterCount == parameters, "\(name)")
            #expect(architecture.forwardFLOPs == 2 * products, "\(name)")
            #expect(architecture.classes == classes, "\(name)")
            let names = architecture.parameters.map(\.name)
            #expect(Set(names).count == names.count, "\(name)")
        }
    }

    @Test func aNetworkIsAListOfLayers() {
        let network = Architecture.tinyResidual
        #expect(network.parameterCount == 387)
        #expect(network.forwardFLOPs == 2 * (16 * 6 * 18 + 16 * 6 * 27 + 6 * 9 + 9 * 3))
        #expect(
            network.planDescription(isTraining: false).forward == [
                "run pixels b0[2,8,8] → b4[2,8,8]", "run conv1 b4[2,8,8] → b5[6,4,4]",
                "run leaky1 b5[6,4,4] → b5[6,4,4]", "run conv2+bn2 b5[6,4,4] → b4[6,4,4]",
                "run add2 b4[6,4,4], b5[6,4,4] → b4[6,4,4]", "run leaky2 b4[6,4,4] → b4[6,4,4]",
                "run pool b4[6,4,4] → b6[6]", "run fc1 b6[6] → b7[9]",
                "run leaky3 b7[9] → b7[9]", "run fc2 b7[9] → b1[3]",
            ])
    }

    @Test func theParametersOfVGG16AreTorchvisions() {
        let parameters = Architecture.vgg16.parameters
        let places = [0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28].map { "features.\($0)" }
        let layers = places + ["classifier.0", "classifier.3", "classifier.6"]
        #expect(parameters.map(\.name) == layers.flatMap { ["\($0).weight", "\($0).bias"] })
        #expect(parameters.first { $0.name == "features.2.weight" }?.shape == [64, 64, 3, 3])
        #expect(parameters.first { $0.name == "classifier.0.weight" }?.shape == [4096, 25088])
        #expect(Architecture.vgg16.features[31].shape == [512, 14, 14])
        #expect(Architecture.vgg16.features.map(\.shape).contains([512, 7, 7]))
    }

    @Test func theParametersOfEfficientNetLiteAreItsPackages() {
        let architecture = Architecture.efficientNetLite0
        let names = architecture.parameters.map(\.name)
        // 49 convolutions, 49 normalisations of four tensors each, and the last layer.
        #expect(names.count == 49 * 5 + 2)
        #expect(
            names.prefix(7) == [
                "_conv_stem.weight", "_bn0.weight", "_bn0.bias", "_bn0.running_mean",
                "_bn0.running_var", "_blocks.0._depthwise_conv.weight", "_blocks.0._bn1.weight",
            ])
        #expect(names.suffix(2) == ["_fc.weight", "_fc.bias"])
        let shapes = Dictionary(
            uniqueKeysWithValues: architecture.parameters.map { ($0.name, $0.shape) })
        #expect(shapes["_blocks.1._expand_conv.weight"] == [96, 16, 1, 1])
        #expect(shapes["_blocks.15._depthwise_conv.weight"] == [1152, 1, 3, 3])
        #expect(shapes["_conv_head.weight"] == [1280, 320, 1, 1])
        #expect(architecture.isIgnored("_blocks.3._bn2.num_batches_tracked"))
        #expect(!architecture.isIgnored("_blocks.3._bn2.running_mean"))
        // The blocks with an addition: the second and later of each stage.
        let added = architecture.layers.compactMap { $0 as? Residual }.map(\.name)
        #expect(added == [2, 4, 6, 7, 9, 10, 12, 13, 14].map { "_blocks.\($0)._add" })
        let stem = architecture.layers[1] as? Convolution
        #expect(stem?.padding == Padding(top: 0, left: 0, bottom: 1, right: 1))
    }

    // MARK: Broken ones

    private func message(_ layers: [any Layer], image: [Int] = [1, 8, 8]) -> String? {
        let error = #expect(throws: NetworkFault.self) {
            try Architecture("broken", imageShape: image, layers: layers)
        }
        return error?.description
    }

    @Test func aLayerThatDoesNotFitNamesItselfTheExpectedAndTheFound() {
        let conv = Convolution("conv1", inputs: 1, outputs: 4, kernel: 3)
        #expect(
            message([conv])
                == "broken: layer conv1 takes [1, H, W], channels last, of at least 3 × 3 pixels; "
                + "found an image [1, 8, 8] from the images.")
        #expect(
            message([ChannelsLast(), conv, Convolution("conv2", inputs: 5, outputs: 2, kernel: 1)])
                == "broken: layer conv2 takes [5, H, W], channels last, of at least 1 × 1 pixels; "
                + "found [4, 6, 6] from layer conv1.")
        #expect(
            message([ChannelsLast(), Convolution("conv1", inputs: 1, outputs: 4, kernel: 9)])?
                .contains("of at least 9 × 9 pixels; found [1, 8, 8] from layer pixels") == true)
        #expect(
            message([ChannelsLast(), conv, MaxPool("pool", kernel: 7)])
                == "broken: layer pool takes [C, H, W], channels last, of at least 7 × 7 pixels; "
                + "found [4, 6, 6] from layer conv1.")
        #expect(
            message([ChannelsLast(), conv, Linear("fc", inputs: 144, outputs: 3)])
                == "broken: layer fc takes 144 numbers in a row (a Flatten makes them of maps); "
                + "found [4, 6, 6] from layer conv1.")
        #expect(
            message([Linear("fc1", inputs: 64, outputs: 5), Linear("fc2", inputs: 4, outputs: 3)])
                == "broken: layer fc2 takes 4 numbers in a row (a Flatten makes them of maps); "
                + "found [5] from layer fc1.")
        #expect(
            message([ChannelsLast(), conv, BatchNorm("bn", channels: 3)])
                == "broken: layer bn takes [3, H, W], channels last, or [3]; found [4, 6, 6] "
                + "from layer conv1.")
        #expect(
            message([Normalise(mean: [0, 0, 0], deviation: [1, 1, 1])])
                == "broken: layer normalise takes an image [3, H, W]; found an image [1, 8, 8] "
                + "from the images.")
    }

    @Test func aSkipThatDoesNotFitIsNamed() {
        let conv = Convolution("conv1", inputs: 1, outputs: 4, kernel: 3)
        #expect(
            message([ChannelsLast(), conv, Residual("add", of: "conv7")])
                == "broken: layer add takes what an earlier layer gave; found “conv7”.")
        #expect(
            message([ChannelsLast(), conv, Residual("add", of: "pixels")])
                == "broken: layer add takes two inputs of one shape; found [4, 6, 6] from layer conv1 "
                + "and [1, 8, 8] from layer pixels.")
    }

    @Test func namesAndTheLastLayerAreChecked() {
        let conv = Convolution("conv1", inputs: 1, outputs: 4, kernel: 3)
        #expect(
            message([ReLU("a"), ReLU("a")])
                == "broken: layer a takes a name of its own; found two of this name.")
        #expect(
            message([ChannelsLast(), conv])
                == "broken: layer conv1 takes a last layer that gives a row of logits; found "
                + "[4, 6, 6] from layer conv1.")
        #expect(message([])?.contains("(none)") == true)
    }

    @Test func firstWeightsFollowPyTorchsDefaults() throws {
        let architecture = try Architecture(
            "small", imageShape: [2, 8, 8],
            layers: [
                ChannelsLast(), Convolution("conv", inputs: 2, outputs: 16, kernel: 3),
                BatchNorm("bn", channels: 16), Flatten(), Linear("fc", inputs: 576, outputs: 3),
            ])
        let first = architecture.initialParameters(seed: 1)
        #expect(first["bn.weight"]?.values == Array(repeating: 1, count: 16))
        #expect(first["bn.running_var"]?.values == Array(repeating: 1, count: 16))
        #expect(first["bn.bias"]?.values == Array(repeating: 0, count: 16))
        #expect(first["bn.running_mean"]?.values == Array(repeating: 0, count: 16))
        let bound = 1 / Float(18).squareRoot()
        let weight = try #require(first["conv.weight"]).values
        #expect(weight.allSatisfy { abs($0) <= bound })
        #expect((weight.map(abs).max() ?? 0) > 0.95 * bound)
        #expect(architecture.parameterCount == 288 + 16 + 32 + 576 * 3 + 3)
    }
}
