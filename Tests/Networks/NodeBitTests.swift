// The report's scripts under Node: the networks that a page runs, bit by bit against those of the
// pipeline.

import Formats
import Randomness
import StageNetworks
import Tensors
import Testing

@testable import Networks

@Suite("The bits of the report's scripts, under Node")
struct NodeBitTests {
    /// Of all floats those whose e^x or log x lies nearest to the middle between two floats: there a
    /// polynomial that is off in its last digits gives the other one.
    private static let hardest: [UInt32] = [
        0xc169_12cd, 0x3d1a_274e, 0x4001_b249, 0x4031_5b33, 0x4288_942b, 0x3fe6_7199,
        0xc078_1533, 0x41cb_f87b, 0xc13d_6631, 0x4034_d02b, 0x3c97_1aaa, 0x3caf_fe2e,
        0x1f11_6ab8, 0x3c41_3d3a, 0x4117_8feb, 0x4c5d_65a5, 0x4d60_4ebe, 0x65d8_90d3,
        0x66a8_c860, 0x6f31_a8ec, 0x0dc8_bba4, 0x111c_87f8, 0x2c4c_24b7, 0x38dc_be38,
    ]

    @Test func sumsAreRoundedOnce() throws {
        var cases = try NodeCases()
        let all: [(a: Float, b: Float, c: Float)] =
            hostileSums()
            + zip(
                anyNumbers(100_000, "a").values,
                zip(anyNumbers(100_000, "b").values, anyNumbers(100_000, "c").values)
            ).map { (a: $0, b: $1.0, c: $1.1) }
        func column(_ value: ((a: Float, b: Float, c: Float)) -> Float) -> Tensor {
            Tensor(shape: [all.count], values: all.map(value))
        }
        try cases.add(
            "sums", "sums",
            tensors: [
                "a": column { $0.a }, "b": column { $0.b }, "c": column { $0.c },
                "sum": column { $0.c.addingProduct($0.a, $0.b) },
            ])
        try cases.expectEqualBits()
    }

    @Test func functionsOfOneNumber() throws {
        let functions: [(word: String, constants: [Float], function: ElementwiseFunction)] = [
            ("exp", [], .exponential), ("log", [], .logarithm), ("tanh", [], .tanh),
            ("softplus", [], .softplus), ("softsign", [], .softsign), ("abs", [], .absolute),
            ("hard-swish", [], .hardSwish(slope: 1 / 6, offset: 0.5)),
            ("hard-sigmoid", [0.25, 0.5], .hardSigmoid(slope: 0.25, offset: 0.5)),
            ("elu", [0.75], .elu(scale: 0.75)),
            ("leaky-relu", [0.25], .leakyReLU(slope: 0.25)),
            ("leaky-relu", [-0.5], .leakyReLU(slope: -0.5)),
            ("clip", [-0.25, 2], .clip(lower: -0.25, upper: 2)),
            ("power", [0.5], .power(exponent: 0.5)), ("power", [-1], .power(exponent: -1)),
            ("power", [3], .power(exponent: 3)), ("power", [-1.7], .power(exponent: -1.7)),
            ("power", [0], .power(exponent: 0)),
        ]
        // A spread of bits, what e^x makes a float of, numbers near 0, and the hardest.
        var values = stride(from: UInt32(0), through: .max - 65_537, by: 65_537).map {
            Float(bitPattern: $0)
        }
        values += stride(from: Float(-110), to: 95, by: 0.0137)
        values += stride(from: Float(-0.05), to: 0.05, by: 0.000_013_7)
        values += Self.hardest.map { Float(bitPattern: $0) }
        let x = Tensor(shape: [values.count], values: values)
        let dy = roughNumbers([values.count], "dy")
        let engine = Engine(threads: 1)
        var cases = try NodeCases()
        func add(
            _ word: String, _ constants: [Float],
            _ run: (_ y: inout Tensor, _ dx: inout Tensor) -> Void
        ) throws {
            var (y, dx) = (Tensor(shape: [0]), Tensor(shape: [0]))
            run(&y, &dx)
            try cases.add(
                "function", "\(word) \(constants)",
                members: [
                    "word": .string(word),
                    "constants": .array(constants.map { .number(Double($0)) }),
                ], tensors: ["x": x, "dy": dy, "y": y, "dx": dx])
        }
        for (word, constants, function) in functions {
            try add(word, constants) { y, dx in
                engine.apply(function, to: x, into: &y)
                let v = function.gradientReadsOutput ? y : x
                engine.gradient(of: function, dy, at: v, into: &dx)
            }
        }
        try add("sigmoid", []) { y, dx in
            engine.sigmoid(x, into: &y)
            engine.sigmoidBackward(dy, output: y, into: &dx)
        }
        try add("relu", []) { y, dx in
            (y, dx) = (x, dy)
            engine.relu(inPlace: &y)
            engine.reluBackward(&dx, output: y)
        }
        try add("relu6", []) { y, dx in
            (y, dx) = (x, dy)
            engine.relu6(inPlace: &y)
            engine.relu6Backward(&dx, output: y)
        }
        try cases.expectEqualBits()
    }

    @Test func softmaxOfRows() throws {
        var cases = try NodeCases()
        var random = Stream(seed: 2, name: "logits")
        let scales: [Float] = [0.01, 1, 30, 200]
        let values = (0..<400 * 10).map { (2 * random.uniform() - 1) * scales[$0 / 10 % 4] }
        let x = Tensor(shape: [400, 10], values: values)
        try cases.add("softmax", "softmax", tensors: ["x": x, "y": x.softmaxOfRows()])
        try cases.expectEqualBits()
    }

    /// With their first weights, and with trained ones' size; on noise, and on what has many zeros.
    @Test func everySmallNetworkOfTheCatalogue() throws {
        let small = Architecture.all.filter { $0.parameterCount < 500_000 }
        #expect(small.count == 8)
        var cases = try NodeCases()
        for architecture in small {
            var images = roughNumbers([4] + architecture.imageShape, "images")
            images.withMutableFloats { pixels in
                for place in pixels.indices {
                    let isBackground = place < pixels.count / 2 && place % 28 < 20
                    pixels[place] = isBackground ? 0 : abs(pixels[place])
                }
            }
            let parameters = architecture.initialParameters(seed: 5)
            try cases.add(architecture.name, architecture, parameters, images: images)
        }
        try cases.expectEqualBits()
    }

    /// Weights that are infinite once a scale is taken in: 0·∞ is a NaN then, so that no 0 may be left out.
    @Test func weightsThatOverflow() throws {
        let layers = try #require(LayerCase.all.first { $0.name == "affine after a convolution" })
        let architecture = try layers.architecture()
        var (images, parameters) = layers.numbers(architecture, count: 2)
        parameters["affine.scale"] = Tensor(shape: [3], values: [3e38, 1, -3e38])
        parameters["conv.weight"] = parameters["conv.weight"].map { weight in
            Tensor(shape: weight.shape, values: weight.values.map { $0 * 8 })
        }
        images.withMutableFloats { for pixel in $0.indices where pixel % 3 > 0 { $0[pixel] = 0 } }
        var cases = try NodeCases()
        try cases.add("weights that overflow", architecture, parameters, images: images)
        try cases.expectEqualBits()
    }

    /// Layers as somebody writes them down: without names and layouts, with padding by a word.
    @Test func layersOfAConfig() throws {
        let text = """
            [{"conv": 4, "kernel": [3, 4], "stride": 2, "padding": "same"}, "relu",
             {"conv": 4, "kernel": 2, "padding": [1, 0], "groups": 2, "bias": false}, "batch-norm",
             {"average-pool": 3, "stride": 1, "padding": [0, 1, 1, 0]},
             {"dense": 6, "name": "hidden"}, "tanh", {"dropout": 0.5}, {"dense": 5}]
            """
        let layers = try JSON.parse(text, named: "layers")
        let architecture = try Architecture(
            "written", imageShape: [2, 9, 7], layers: layers, in: "layers")
        let images = roughNumbers([3, 2, 9, 7], "images")
        var cases = try NodeCases()
        try cases.add(
            "written", architecture, architecture.initialParameters(seed: 2), images: images,
            layers: layers)
        try cases.expectEqualBits()
    }

    /// What the page cannot run, in words; and files with a byte changed or an end missing, which must
    /// give words too.
    @Test func badInput() throws {
        var cases = try NodeCases()
        let refused = [
            ("[{\"lstm\": 3}]", "the page does not know layer 1, lstm"),
            (
                "[{\"dense\": 3, \"rank\": 2}]",
                "layer 1, dense: the page does not know the setting rank"
            ),
            ("[{\"dense\": 0}]", "layer 1, dense: its size is 0"),
            ("[{\"dense\": 100000}]", "layer 1, dense: it is too large for a page"),
            (
                "[{\"dense\": 3}, {\"conv\": 3, \"kernel\": 3, \"name\": \"c\"}]",
                "layer 2 (“c”), conv: it does not fit what comes before it, [3]"
            ),
            ("[\"relu\", {\"add\": \"x\"}]", "layer 2, add: there is no earlier layer “x”"),
            ("[{\"conv\": 3, \"kernel\": 3}]", "it ends in [3, 26, 26], no row of classes"),
            ("[\"flatten\"]", "no layer computes anything"),
            ("[]", "it has no list of layers"),
        ]
        for (layers, sentence) in refused {
            try cases.add(
                "refusal", sentence,
                members: [
                    "layers": JSON.parse(layers, named: "layers"), "image": [1, 28, 28],
                    "sentence": .string("This network cannot run in the page: \(sentence)."),
                ], tensors: [:])
        }
        try cases.add(
            "damage", "damage", tensors: ["a": roughNumbers([3, 4], "a"), "b": anyNumbers(5, "b")])
        try cases.expectEqualBits()
    }

    /// Every kind of layer that the page knows; it refuses the others with a sentence.
    @Test func everyKindOfLayer() throws {
        var cases = try NodeCases()
        for layers in LayerCase.all {
            let architecture = try layers.architecture()
            let (images, parameters) = layers.numbers(architecture, count: 2)
            let sparse = roughNumbers(images.shape, layers.name)
            try cases.add(layers.name, architecture, parameters, images: images)
            try cases.add("\(layers.name), zeros", architecture, parameters, images: sparse)
            // Products of which many are too small for a float.
            let tiny = parameters.mapValues { tensor in
                Tensor(shape: tensor.shape, values: tensor.values.map { $0 * 0x1p-75 })
            }
            try cases.add("\(layers.name), tiny", architecture, tiny, images: sparse)
        }
        guard let answers = try cases.run() else { return }
        let known = Set(answers.first?.words ?? [])
        #expect(known.isSubset(of: Layers.words))
        #expect(known.count == 40)
        let answered = Dictionary(answers.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        for layers in LayerCase.all {
            // A mask that stays on is drawn from a stream, which these scripts do not have.
            let isKnown = try layers.architecture().written.allSatisfy {
                known.contains($0.word) && $0.settings["seed"] == nil
            }
            for name in [layers.name, "\(layers.name), zeros", "\(layers.name), tiny"] {
                let answer = try #require(answered[name])
                #expect(answer.difference == nil, "\(name): \(answer.difference ?? "")")
                #expect((answer.compared ?? 0 > 0) == isKnown, "\(name)")
                #expect((answer.unsupported == nil) == isKnown, "\(name)")
            }
        }
    }
}
