// Networks that are written down: what is read is what was written, and slips are told.

import Testing

@testable import Networks

@Suite struct WrittenTests {
    @Test(arguments: Architecture.all)
    func theCatalogueReadsBackAsItIsWritten(_ architecture: Architecture) throws {
        let read = try Architecture(
            architecture.name, imageShape: architecture.imageShape, written: architecture.written)
        #expect(read.written == architecture.written)
        #expect(read.parameters == architecture.parameters)
        #expect(read.features == architecture.features)
        #expect(read.layers.map(\.name) == architecture.layers.map(\.name))
        #expect(
            read.planDescription(isTraining: true).forward
                == architecture.planDescription(isTraining: true).forward)
    }

    @Test(arguments: LayerCase.all)
    func everyLayerReadsBackAsItIsWritten(_ layerCase: LayerCase) throws {
        let architecture = try layerCase.architecture()
        let read = try Architecture(
            "read", imageShape: architecture.imageShape, written: architecture.written)
        // Settings are private to a layer; every one of them is in a layer's text.
        #expect(read.layers.map { "\($0)" } == architecture.layers.map { "\($0)" })
    }

    @Test func everyKindOfLayerIsInTheList() {
        let kinds = Set(Layers.all.map { $0.word })
        #expect(kinds.count == Layers.all.count)
        for layerCase in LayerCase.all {
            for layer in (try? layerCase.architecture().layers) ?? [] {
                #expect(kinds.contains(type(of: layer).word))
            }
        }
    }

    @Test func whatIsLeftOutIsPutIn() throws {
        let network = try Architecture(
            "mine", imageShape: [1, 28, 28],
            written: [
                WrittenLayer("conv", value: .integer(8), settings: ["kernel": .integer(5)]),
                WrittenLayer("relu"),
                WrittenLayer("max-pool", value: .integer(2)),
                WrittenLayer("dense", value: .integer(10)),
            ])
        #expect(
            network.layers.map(\.name) == ["pixels", "conv1", "relu1", "pool1", "flatten", "fc1"])
        #expect(network.parameters.map(\.shape) == [[8, 1, 5, 5], [8], [10, 1152], [10]])
    }

    @Test func samePaddingIsTensorFlows() throws {
        func padding(_ side: Int, kernel: Int, stride: Int) throws -> [Int] {
            let network = try Architecture(
                "mine", imageShape: [1, side, side],
                written: [
                    WrittenLayer("channels-last"),
                    WrittenLayer(
                        "conv", value: .integer(2),
                        settings: [
                            "kernel": .integer(kernel), "stride": .integer(stride),
                            "padding": .text("same"),
                        ]),
                    WrittenLayer("dense", value: .integer(2)),
                ])
            let found = (network.layers[1] as? Convolution)?.padding
            return [found?.top, found?.left, found?.bottom, found?.right].compactMap { $0 }
        }
        #expect(try padding(28, kernel: 5, stride: 1) == [2, 2, 2, 2])
        #expect(try padding(28, kernel: 3, stride: 2) == [0, 0, 1, 1])
        #expect(try padding(7, kernel: 3, stride: 2) == [1, 1, 1, 1])
        #expect(try padding(9, kernel: 1, stride: 3) == [0, 0, 0, 0])
    }

    private func fault(_ layers: [WrittenLayer], image: [Int] = [1, 8, 8]) -> String {
        do {
            _ = try Architecture("mine", imageShape: image, written: layers)
            return "none"
        } catch { return "\(error)" }
    }

    @Test func slipsAreTold() {
        let conv = { (settings: [String: LayerValue]) in
            WrittenLayer("conv", value: .integer(4), settings: settings)
        }
        let dense = WrittenLayer("dense", value: .integer(2))
        let cases: [([WrittenLayer], String)] = [
            ([WrittenLayer("convolution")], "there is no such layer, only conv, dense"),
            ([WrittenLayer("dense")], "expected {\"dense\": outputs}, found the word alone"),
            ([WrittenLayer("dense", value: .integer(0))], "expected a whole number 1…"),
            ([WrittenLayer("dense", value: .text("ten"))], "found “ten”"),
            ([WrittenLayer("relu", value: .integer(3)), dense], "expected the word alone"),
            ([conv([:])], "kernel is missing"),
            ([conv(["kernel": .integer(3), "stride": .integer(0)])], "stride: expected a whole"),
            ([conv(["kernel": .integer(3), "groups": .integer(3)])], "divides not both"),
            ([conv(["kernel": .integer(3), "kernle": .integer(3)])], "kernle is no setting of it"),
            ([conv(["kernel": .integer(9)]), dense], "at least 9 × 9 pixels"),
            ([conv(["kernel": .list([.integer(1)])])], "[rows, columns]"),
            (
                [WrittenLayer("max-pool", value: .integer(2), settings: ["padding": .integer(2)])],
                "could lie in it whole"
            ),
            ([WrittenLayer("dropout", value: .integer(1)), dense], "share"),
            ([WrittenLayer("add", value: .text("nobody")), dense], "“nobody”"),
            (
                [
                    WrittenLayer("dense", name: "a", value: .integer(2)),
                    WrittenLayer("relu", name: "a"),
                ], "a name of its own"
            ),
            (
                [
                    WrittenLayer(
                        "conv", value: .integer(1 << 20), settings: ["kernel": .integer(1 << 20)])
                ],
                "weights: more than 2147483648 numbers"
            ),
            (
                [
                    WrittenLayer(
                        "pad", value: .integer(1 << 20)), dense,
                ], "expected at most 268435456 numbers"
            ),
            (
                [
                    WrittenLayer(
                        "normalise",
                        settings: [
                            "mean": .list([.number(0)]),
                            "deviation": .list([.number(0)]),
                        ]), dense,
                ], "deviations above 0"
            ),
            ([], "a last layer that gives a row of logits"),
            ([WrittenLayer("channels-last")], "a last layer that gives a row of logits"),
        ]
        for (layers, words) in cases {
            let found = fault(layers)
            #expect(found.contains(words), "\(found)")
        }
        #expect(fault([dense], image: [0, 8, 8]).contains("expected sizes"))
        #expect(fault([dense], image: [65_536, 65_536, 65_536]).contains("expected sizes"))
    }
}
