// Settings of windows, borders and normalisations at and beyond the ends of their range: an error or a
// network, never a trap.

import Formats
import Networks
import Randomness
import Tensors
import Testing

@testable import ONNX

@Suite struct SettingFuzzTests {
    /// Builds the network of a node on maps [4, 6, 5] and, if it is small, runs it. What it says.
    private static func outcome(
        _ kind: String, _ inputs: [String], _ attributes: KeyValuePairs<String, Any>,
        opset: Int64 = 13
    ) -> String {
        var model = ModelFixture(input: [nil, 4, 6, 5], opset: opset)
        model.weight("w", [4, 2, 2, 3])
        model.weight("square", [4, 4, 3, 3])
        model.weight("four", [4])
        model.node(kind, inputs, to: "y", attributes)
        do {
            let imported = try model.network(.init(flattensOutput: true))
            guard imported.architecture.features.map(\.count).reduce(0, +) < 100_000 else {
                return "large"
            }
            let network = try Network(
                imported.architecture, parameters: imported.parameters, engine: Engine(threads: 1))
            var pass = network.makePass()
            let logits = try pass.uncheckedLogits(of: Tensor(shape: [1, 4, 6, 5]))
            _ = try pass.uncheckedPixelGradient(Tensor(shape: logits.shape))
            return "runs"
        } catch {
            return "\(error)"
        }
    }

    @Test func settingsThatNoLayerTakesAreNamed() {
        let cases: [(String, [String], KeyValuePairs<String, Any>, String)] = [
            ("Conv", ["x", "square"], ["kernel_shape": [0, 3]], "kernel_shape is [0, 3]"),
            ("Conv", ["x", "square"], ["strides": [0, 1]], "strides of 2 numbers from 1 on"),
            ("Conv", ["x", "square"], ["dilations": [1, 0]], "dilations of 2 numbers from 1 on"),
            ("Conv", ["x", "square"], ["dilations": [1 << 19, 1]], "it takes [4, H, W]"),
            ("Conv", ["x", "square"], ["dilations": [Int.max, 1]], "dilations of 2 numbers"),
            ("Conv", ["x", "square"], ["pads": [-1, 0, 0, 0]], "pads of 4 numbers from 0 on"),
            ("Conv", ["x", "square"], ["pads": [0, 0]], "pads of 4 numbers from 0 on"),
            ("Conv", ["x", "square"], ["group": 3], "in 3 groups does not fit"),
            ("Conv", ["x", "square"], ["group": 0], "in 0 groups does not fit"),
            ("Conv", ["x", "square"], ["group": -1], "in -1 groups does not fit"),
            ("ConvTranspose", ["x", "w"], ["strides": [0, 0]], "strides of 2 numbers from 1 on"),
            ("ConvTranspose", ["x", "w"], ["group": 0], "in 0 groups does not fit"),
            ("ConvTranspose", ["x", "w"], ["group": 3], "in 3 groups does not fit"),
            ("ConvTranspose", ["x", "w"], ["group": Int.max], "groups does not fit"),
            ("ConvTranspose", ["x", "w"], ["pads": [4, 0, 4, 0]], "it takes [4, H, W]"),
            (
                "ConvTranspose", ["x", "w"], ["output_padding": [1, 0]],
                "output_padding of less than the stride"
            ),
            (
                "ConvTranspose", ["x", "w"], ["output_shape": [1 << 40, 5]],
                "an output of at most [7, 7]"
            ),
            ("MaxPool", ["x"], ["kernel_shape": [0, 1]], "kernel_shape of 2 numbers from 1 on"),
            (
                "MaxPool", ["x"], ["kernel_shape": [2, 2], "strides": [-1, 1]],
                "strides of 2 numbers from 1 on"
            ),
            (
                "MaxPool", ["x"], ["kernel_shape": [2, 2], "pads": [2, 2, 2, 2]],
                "padding of less than a window"
            ),
            ("AveragePool", ["x"], ["kernel_shape": [7, 1]], "of at least 7 × 1 pixels"),
            ("LRN", ["x"], ["size": 0], "size and bias above 0"),
            ("LRN", ["x"], ["size": 3, "bias": Float(0)], "size and bias above 0"),
            ("LRN", ["x"], ["size": 3, "alpha": Float.nan], "size and bias above 0"),
            (
                "InstanceNormalization", ["x", "four", "four"], ["epsilon": Float(-1)],
                "an epsilon from 0 on"
            ),
            ("DepthToSpace", ["x"], ["blocksize": 0], "and a blocksize"),
            ("DepthToSpace", ["x"], ["blocksize": 3], "blocks of 3 × 3 do not fit"),
            ("SpaceToDepth", ["x"], ["blocksize": 4], "blocks of 4 × 4 do not fit"),
            ("Elu", ["x"], ["alpha": Float.infinity], "alpha that is finite"),
        ]
        for (kind, inputs, attributes, words) in cases {
            let found = Self.outcome(kind, inputs, attributes)
            #expect(found.hasPrefix("net.onnx: node “\(kind)_y” (\(kind)): "), "\(found)")
            #expect(found.contains(words), "\(kind) \(attributes): \(found)")
        }
    }

    @Test func drawnSettingsGiveAnErrorOrANetworkThatRuns() {
        var random = Stream(seed: 3, name: "test/onnx-settings")
        func draw(_ count: Int) -> Int { Int(random.uniform() * Float(count)) % count }
        let edges = [0, -1, 7, 1 << 19, 1 << 21, Int.max, Int.min]
        func number(_ most: Int) -> Int { draw(12) == 0 ? edges[draw(edges.count)] : draw(most) }
        var runs = 0
        for _ in 0..<300 {
            let kernel = [1 &+ number(3), 1 &+ number(3)]
            let settings: KeyValuePairs<String, Any> = [
                "strides": [1 &+ number(3), 1 &+ number(3)],
                "dilations": [1 &+ number(2), 1 &+ number(2)],
                "pads": [number(3), number(3), number(3), number(3)],
            ]
            let pool: KeyValuePairs<String, Any> = [
                "kernel_shape": kernel, "strides": [1 &+ number(3), 1 &+ number(3)],
                "dilations": [1 &+ number(2), 1 &+ number(2)],
                "pads": [number(3), number(3), number(3), number(3)], "ceil_mode": draw(2),
                "count_include_pad": draw(2),
            ]
            let up: KeyValuePairs<String, Any> = [
                "strides": [1 &+ number(3), 1 &+ number(3)],
                "dilations": [1 &+ number(2), 1 &+ number(2)],
                "pads": [number(3), number(3), number(3), number(3)],
                "output_padding": [number(2), number(2)], "group": [1, 2, 4][draw(3)],
            ]
            let border: KeyValuePairs<String, Any> = [
                "mode": ["constant", "reflect", "edge", "wrap"][draw(4)],
                "pads": [
                    0, number(3), number(4), number(4), 0, number(3), 0 &- number(3), number(4),
                ],
            ]
            let found = [
                Self.outcome("Conv", ["x", "square"], settings),
                Self.outcome("ConvTranspose", ["x", "w"], up),
                Self.outcome("MaxPool", ["x"], pool, opset: 19),
                Self.outcome("AveragePool", ["x"], pool, opset: 19),
                Self.outcome("Pad", ["x"], border, opset: 10),
            ]
            runs += found.filter { $0 == "runs" }.count
        }
        #expect(runs > 300)
    }
}
