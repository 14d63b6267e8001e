// A preprocessing before a network: what it answers is what the network answers to prepared images.

import Tensors
import Testing

@testable import Networks

@Suite struct PreprocessingTests {
    /// Numbers that halves and quarters keep exact.
    private static let images = Tensor(
        shape: [2, 3, 2, 2], values: (0..<24).map { Float($0 * 7 % 16) / 16 })

    private static func prepared(_ preprocessing: Preprocessing) -> Tensor {
        let x = images.values
        return Tensor(
            shape: images.shape,
            values: x.indices.map { place in
                let channel = place % 12 / 4
                let source = preprocessing.isReversed ? place + (2 - 2 * channel) * 4 : place
                return (x[source] - Float(preprocessing.mean[channel]))
                    / Float(preprocessing.deviation[channel])
            })
    }

    private static let plain: [[any Layer]] = [
        [
            ChannelsLast(), Convolution("conv", inputs: 3, outputs: 2, kernel: 2), Flatten(),
            Linear("fc", inputs: 2, outputs: 3),
        ],
        [Linear("fc", inputs: 12, outputs: 3)],
        [Flatten(), Linear("fc", inputs: 12, outputs: 3)],
        [
            Normalise("own", mean: [0.5, 0, 0.25], deviation: [0.5, 0.25, 1]),
            Convolution("conv", inputs: 3, outputs: 2, kernel: 2), Multiply("square", by: "conv"),
            Flatten(), Linear("fc", inputs: 2, outputs: 3),
        ],
        normalised(behind: [Reorder("bgr", order: [2, 1, 0])]),
        normalised(behind: [Reorder("turned", order: [1, 2, 0])]),
        normalised(
            behind: [Reorder("turned", order: [1, 2, 0]), Reorder("bgr", order: [2, 1, 0])]),
        [Reorder("turned", order: [1, 2, 0]), Linear("fc", inputs: 12, outputs: 3)],
    ]

    private static func normalised(behind first: [any Layer]) -> [any Layer] {
        let rest: [any Layer] = [
            Normalise("own", mean: [0.5, 0, 0.25], deviation: [0.5, 0.25, 1]),
            Convolution("conv", inputs: 3, outputs: 2, kernel: 2), Flatten(),
            Linear("fc", inputs: 2, outputs: 3),
        ]
        return first + rest
    }

    private static func network(_ first: [any Layer]) throws -> Architecture {
        try Architecture("small", imageShape: [3, 2, 2], layers: normalised(behind: first))
    }

    @Test(arguments: 0..<8, [false, true])
    func theNetworkReadsPreparedPixels(number: Int, isReversed: Bool) throws {
        let network = try Architecture(
            "small", imageShape: [3, 2, 2], layers: Self.plain[number])
        var parameters = network.initialParameters(seed: 7)
        for (name, tensor) in parameters {
            // Sums of few sixteenths are exact in any order.
            parameters[name] = Tensor(
                shape: tensor.shape, values: tensor.values.map { ($0 * 16).rounded() / 16 })
        }
        let preprocessing = Preprocessing(
            mean: [0.5, 0.25, 0], deviation: [0.5, 1, 2], isReversed: isReversed)
        let whole = try network.preceded(by: preprocessing)
        #expect(whole.parameters == network.parameters)
        let engine = Engine(threads: 1)
        var before = try Network(network, parameters: parameters, engine: engine).makePass()
        var after = try Network(whole, parameters: parameters, engine: engine).makePass()
        let expected = try before.logits(of: Self.prepared(preprocessing))
        #expect(try after.logits(of: Self.images).values == expected.values)
    }

    @Test func theNetworksOwnNormalisationMayBeBehindAnotherOrder() throws {
        let plain = try Self.network([])
        #expect(
            plain.ownNormalisation
                == Preprocessing(mean: [0.5, 0, 0.25], deviation: [0.5, 0.25, 1]))
        let reversed = try Self.network([Reorder("bgr", order: [2, 1, 0])])
        #expect(
            reversed.ownNormalisation
                == Preprocessing(
                    mean: [0.5, 0, 0.25], deviation: [0.5, 0.25, 1], isReversed: true))
        #expect(try Self.network([Reorder("turned", order: [1, 2, 0])]).ownNormalisation == nil)
        #expect(Architecture.mlp.ownNormalisation == nil)
    }

    @Test func deviationsAreInTheOrderOfTheImage() throws {
        #expect(try Self.network([]).deviations == [0.5, 0.25, 1])
        #expect(
            try Self.network([Reorder("bgr", order: [2, 1, 0])]).deviations == [1, 0.25, 0.5])
        #expect(
            try Self.network([Reorder("turned", order: [1, 2, 0])]).deviations == [1, 0.5, 0.25])
    }

    @Test func namesThatAreTakenAreLeft() throws {
        for name in ["normalised_pixels", "reversed_channels"] {
            let network = try Architecture(
                "small", imageShape: [3, 2, 2], layers: [Linear(name, inputs: 12, outputs: 3)])
            let whole = try network.preceded(
                by: Preprocessing(
                    mean: [0, 0, 0], deviation: [0.5, 0.5, 0.5], isReversed: true))
            #expect(whole.layers.map(\.name).contains(name + "_"))
            #expect(whole.parameters == network.parameters)
        }
    }

    @Test func nothingIsAddedForNothing() throws {
        let reversed = try Self.network([Reorder("bgr", order: [2, 1, 0])])
        #expect(try reversed.preceded(by: .none(channels: 3)).written == reversed.written)
        let network = Architecture.lenet5
        let same = try network.preceded(by: .none(channels: 1))
        #expect(same.written == network.written)
        #expect(throws: NetworkFault.self) { try network.preceded(by: .none(channels: 3)) }
    }
}
