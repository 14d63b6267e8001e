// Networks that nobody would write: an error or a network, which then reads back; never a trap.

import Randomness
import Testing

@testable import Networks

@Suite struct WrittenFuzzTests {
    private static let keys = [
        "kernel", "stride", "padding", "dilation", "groups", "bias", "ceil", "counts_padding",
        "mean", "deviation", "epsilon", "momentum", "slope", "slopes", "lower", "upper", "offset",
        "exponent", "alpha", "beta", "scale", "seed", "channels", "rows", "columns", "axes",
        "shape", "before", "after", "value", "output_padding", "maps",
    ]
    private static let extremes: [Int] = [
        0, -1, 65_536, 65_537, 1 << 20, (1 << 20) + 1, 1 << 28, (1 << 28) + 1, 1 << 31, 1 << 62,
        Int.max, Int.min,
    ]

    private struct Writer {
        var random: Stream

        mutating func below(_ bound: Int) -> Int { Int(random.below(UInt32(bound))) }

        mutating func integer() -> Int {
            below(3) > 0
                ? 1 + below(4) : WrittenFuzzTests.extremes[below(WrittenFuzzTests.extremes.count)]
        }

        mutating func value(depth: Int = 0) -> LayerValue {
            switch below(depth > 1 ? 6 : 8) {
            case 0, 1, 2: .integer(integer())
            case 3: .number([0.5, -0.25, 1e-40, 1e308, -1e308, 0.999_999_999_9][below(6)])
            case 4: .flag(below(2) == 0)
            case 5: .text(["same", "l0", "l1", "l2", ""][below(5)])
            default: .list((0..<below(5)).map { _ in value(depth: depth + 1) })
            }
        }

        /// What a layer of this word mostly has.
        mutating func usual(_ word: String) -> WrittenLayer {
            var layer = WrittenLayer(word)
            switch word {
            case "conv", "conv-transpose":
                layer.value = .integer(1 + below(4))
                layer.settings["kernel"] = .integer(integer())
                if below(2) == 0 { layer.settings["padding"] = .integer(integer()) }
            case "dense", "max-pool", "average-pool", "response-norm":
                layer.value = .integer(integer())
            case "add", "branch", "multiply", "subtract", "divide", "maximum", "minimum":
                layer.value = .text("l\(below(3))")
            case "concat": layer.value = .list([.text("l\(below(3))"), .text("l0")])
            case "dropout": layer.value = .number(0.5)
            case "pad": layer.value = .integer(integer())
            case "reorder": layer.value = .list([2, 0, 1].map { .integer($0) })
            case "unflatten", "constants":
                layer.value = .list((0..<3).map { _ in .integer(integer()) })
            default: break
            }
            return layer
        }

        mutating func layer() -> WrittenLayer {
            var layer = usual(Layers.words[below(Layers.words.count)])
            if below(6) == 0 { layer.value = value() }
            for _ in 0..<max(0, below(5) - 2) {
                layer.settings[WrittenFuzzTests.keys[below(WrittenFuzzTests.keys.count)]] = value()
            }
            return layer
        }

        mutating func network() -> (image: [Int], layers: [WrittenLayer]) {
            let images = [
                [3, 6, 5], [3, 6, 5], [1, 1, 70_000], [3, 1, 1], [1, 1 << 14, 1 << 14],
            ]
            var layers = (0..<1 + below(4)).map { _ in layer() }
            for index in layers.indices { layers[index].name = "l\(index)" }
            layers.append(WrittenLayer("dense", value: .integer(2)))
            return (images[below(images.count)], layers)
        }
    }

    @Test func networksAreRefusedOrReadBack() throws {
        var writer = Writer(random: Stream(seed: 1, name: "written"))
        var built = 0
        for _ in 0..<2000 {
            let (image, layers) = writer.network()
            guard
                let network = try? Architecture("mine", imageShape: image, written: layers)
            else { continue }
            built += 1
            #expect(network.forwardFLOPs >= 0 && network.parameterCount >= 0)
            let read = try Architecture("mine", imageShape: image, written: network.written)
            #expect(read.written == network.written)
            #expect(read.features == network.features)
            #expect(read.parameters == network.parameters)
        }
        #expect(built > 50)
    }

    @Test func operationsBeyondAllNumbersAreTheMost() throws {
        let layer = WrittenLayer(
            "conv", value: .integer(1),
            settings: ["kernel": .integer(8191), "padding": .integer(4095)])
        let network = try Architecture(
            "mine", imageShape: [1, 8192, 8192],
            written: Array(repeating: layer, count: 1100) + [
                WrittenLayer("global-average-pool"), WrittenLayer("dense", value: .integer(2)),
            ])
        #expect(network.forwardFLOPs == .max)
    }

    /// The bounds are those of an import: 2²⁸ numbers under any shape.
    @Test func theLargestNetworksReadBack() throws {
        let most = Architecture.mostFeatures
        let places = Array(0...1 << 20)
        let cases: [([Int], [any Layer])] = [
            ([70_000, 1, 1], [Linear("fc", inputs: 70_000, outputs: 2)]),
            ([most, 1, 1], [Linear("fc", inputs: most, outputs: 2)]),
            ([1, 1, most], [Flatten("row"), Linear("fc", inputs: most, outputs: 2)]),
            (
                [1, 1, most],
                [
                    ChannelsLast(),
                    Permute("turn", axes: [most, 1], order: [1, 0], shape: [1, most, 1]),
                    Flatten(), Unflatten("maps", shape: [most, 1, 1]),
                    GlobalAveragePool("mean"), Softmax("softmax"),
                ]
            ),
            (
                [places.count, 1, 1],
                [Flatten(), Select("select", channels: places), Softmax("softmax")]
            ),
        ]
        for (image, layers) in cases {
            let network = try Architecture("large", imageShape: image, layers: layers)
            let read = try Architecture("large", imageShape: image, written: network.written)
            #expect(read.written == network.written)
            #expect(read.features == network.features)
        }
        #expect(throws: NetworkFault.self) {
            try Architecture(
                "large", imageShape: [most + 1, 1, 1],
                written: [WrittenLayer("dense", value: .integer(2))])
        }
        #expect(throws: NetworkFault.self) {
            try Architecture(
                "large", imageShape: [1, 1, 8],
                written: [
                    WrittenLayer(
                        "unflatten",
                        value: LayerForm.list([most, most, most])),
                    WrittenLayer("dense", value: .integer(2)),
                ])
        }
    }

    /// A border of TensorFlow's that could not be written as numbers.
    @Test func samePaddingHasABound() {
        #expect(throws: NetworkFault.self) {
            try Architecture(
                "large", imageShape: [1, 8, 8],
                written: [
                    WrittenLayer(
                        "conv", value: .integer(1),
                        settings: [
                            "kernel": .integer(1 << 15), "dilation": .integer(1 << 20),
                            "padding": .text("same"),
                        ]), WrittenLayer("dense", value: .integer(2)),
                ])
        }
    }
}
