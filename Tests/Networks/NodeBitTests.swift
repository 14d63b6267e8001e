// The report's scripts under Node: the networks that a page runs, bit by bit against those of the
// pipeline.

import Formats
import Foundation
import Randomness
import StageNetworks
import Tensors
import Testing

@testable import Networks

/// Cases for `NodeBits/compare.js`, and what it says of them.
private struct NodeCases {
    /// What Node found in one case.
    struct Answer: Decodable {
        let name: String
        let difference: String?
        let unsupported: String?
        let compared: Int?
        let words: [String]?
    }

    private let folder = FileManager.default.temporaryDirectory
        .appending(path: "node-bits-\(UUID().uuidString)")
    private var cases: [JSON] = []

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// Writes a case and its tensors.
    mutating func add(
        _ kind: String, _ name: String, members: [String: JSON] = [:], tensors: [String: Tensor]
    ) throws {
        let file = "\(cases.count).safetensors"
        let bytes = SafeTensorsWriter.file(
            metadata: [:], tensors: tensors.map { ($0.key, .f32, $0.value.shape) },
            data: tensors.mapValues { $0.withBytes { Array($0) } })
        try Data(bytes).write(to: folder.appending(path: file))
        let all: [String: JSON] = [
            "kind": .string(kind), "name": .string(name), "file": .string(file),
        ]
        cases.append(.object(all.merging(members) { _, new in new }))
    }

    /// A network on some images: its logits, and its pixel gradients, finite or not.
    mutating func add(
        _ name: String, _ architecture: Architecture, _ parameters: [String: Tensor],
        images: Tensor
    ) throws {
        let network = try Network(
            architecture, parameters: parameters, engine: Engine(threads: 1))
        var pass = network.makePass()
        let logits = try pass.uncheckedLogits(of: images)
        let gradient = numbers(logits.shape, "logit gradient")
        let weights = parameters.map { ("weights/\($0.key)", $0.value) }
        let pixels = try pass.uncheckedPixelGradient(gradient)
        try add(
            "network", name,
            members: [
                "layers": architecture.layersJSON,
                "image": .array(architecture.imageShape.map { .integer(Int64($0)) }),
            ],
            tensors: Dictionary(uniqueKeysWithValues: weights).merging([
                "images": images, "logits": logits, "logit_gradients": gradient,
                "pixel_gradients": pixels,
            ]) { _, new in new })
    }

    /// Runs all cases in one process of Node; nil, with a line that says so, where there is none.
    func run() throws -> [Answer]? {
        defer { try? FileManager.default.removeItem(at: folder) }
        let environment = ProcessInfo.processInfo.environment
        let node = (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/node" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
        guard let node else {
            print("Node's bits: left out, there is no program node")
            if environment["REQUIRE"]?.isEmpty == false {
                Issue.record("node is required, and left out: apt-get install nodejs")
            }
            return nil
        }
        try Data(JSON.array(cases).canonical.utf8).write(to: folder.appending(path: "cases.json"))
        let here = URL(filePath: #filePath).deletingLastPathComponent()
        let root = here.deletingLastPathComponent().deletingLastPathComponent()
        let resources = root.appending(path: "Sources/Report/Resources")
        let process = Process()
        process.executableURL = URL(filePath: node)
        process.arguments = [
            here.appending(path: "NodeBits/compare.js").path(), resources.path(), folder.path(),
        ]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let lines = output.fileHandleForReading.readDataToEndOfFile().split(
            separator: UInt8(ascii: "\n"))
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return try lines.map { try JSONDecoder().decode(Answer.self, from: $0) }
    }

    /// Runs all cases, of which none may differ.
    func expectEqualBits(sourceLocation: SourceLocation = #_sourceLocation) throws {
        guard let answers = try run() else { return }
        #expect(answers.count == cases.count + 1, sourceLocation: sourceLocation)
        for answer in answers.dropFirst() {
            #expect(
                answer.difference == nil, "\(answer.name): \(answer.difference ?? "")",
                sourceLocation: sourceLocation)
            #expect(
                answer.compared ?? 0 > 0, "\(answer.name): \(answer.unsupported ?? "")",
                sourceLocation: sourceLocation)
        }
    }
}

/// Values in ±1 with zeros of both signs and denormals among them, so that a product of two may be too
/// small for a float.
private func numbers(_ shape: [Int], _ name: String) -> Tensor {
    var random = Stream(seed: 3, name: name)
    let special: [Float] = [0, -0.0, 0x1p-130, -0x1p-149, 1]
    let values = (0..<Tensor.count(of: shape)).map { _ in
        let value = 2 * random.uniform() - 1
        return random.below(4) > 0 ? value : special[Int(random.below(UInt32(special.count)))]
    }
    return Tensor(shape: shape, values: values)
}

/// Any floats at all, by their bits.
private func anyNumbers(_ count: Int, _ name: String) -> Tensor {
    var random = Stream(seed: 8, name: name)
    return Tensor(shape: [count], values: (0..<count).map { _ in Float(bitPattern: random.next()) })
}

/// Sums whose exact value lies in the middle between two floats, or too near to it for a double to tell,
/// at every exponent; and where nearly all is cancelled.
private func hostileSums() -> [(a: Float, b: Float, c: Float)] {
    var random = Stream(seed: 1, name: "sums")
    var sums: [(a: Float, b: Float, c: Float)] = []
    for exponent in UInt32(0)..<255 {
        for _ in 0..<80 {
            let c = Float(bitPattern: random.next() & 0x807f_ffff | exponent << 23)
            // a·b is half of c's unit, less by 2^-2k of it, or so.
            let half = Int(max(exponent, 1)) - 127 - 24
            let left = half / 2
            let offset = Float(sign: .plus, exponent: -Int(random.below(23)) - 1, significand: 1)
            let isExact = random.below(3) == 0
            let a = Float(sign: .plus, exponent: left, significand: isExact ? 1 : 1 + offset)
            let b = Float(sign: .plus, exponent: half - left, significand: isExact ? 1 : 1 - offset)
            let sign: Float = random.below(2) == 0 ? 1 : -1
            sums.append((sign * a, b, c))
            let d = Float(bitPattern: random.next() & 0x007f_ffff | 0x3f80_0000)
            sums.append((a, d, -(a * d)))
        }
    }
    return sums
}

@Suite("The bits of the report's scripts, under Node")
struct NodeBitTests {
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
        // A spread of bits, all of what e^x makes a float of, and numbers near 0.
        var values = stride(from: UInt32(0), through: .max - 65_537, by: 65_537).map {
            Float(bitPattern: $0)
        }
        values += stride(from: Float(-110), to: 95, by: 0.0137)
        values += stride(from: Float(-0.05), to: 0.05, by: 0.000_013_7)
        let x = Tensor(shape: [values.count], values: values)
        let dy = numbers([values.count], "dy")
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
            var images = numbers([4] + architecture.imageShape, "images")
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

    /// Every kind of layer that the page knows; it refuses the others with a sentence.
    @Test func everyKindOfLayer() throws {
        var cases = try NodeCases()
        for layers in LayerCase.all {
            let architecture = try layers.architecture()
            let (images, parameters) = layers.numbers(architecture, count: 2)
            let sparse = numbers(images.shape, layers.name)
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
