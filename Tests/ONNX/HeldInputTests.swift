// Files of several inputs, all but one of them held at given numbers.

import Networks
import Tensors
import Testing

@testable import ONNX

@Suite struct HeldInputTests {
    /// y = x·w + t, where w and t are inputs.
    private static func model() -> ModelFixture {
        var model = ModelFixture(input: [nil, 3])
        model.model.graph.input.append(ModelFixture.value("w", [3, 2]))
        model.model.graph.input.append(ModelFixture.value("t", [nil, 2]))
        model.node("MatMul", ["x", "w"], to: "m")
        model.node("Add", ["m", "t"], to: "y")
        return model
    }

    private static let weight = Tensor(shape: [3, 2], values: [1, 0, 0, 1, 1, 1])
    private static let shift = Tensor(shape: [1, 2], values: [0.5, -1])

    private static func message(_ constants: [String: Tensor]) -> String {
        model().message(.init(constants: constants))
    }

    @Test func theOthersAreConstants() throws {
        let network = try Self.model().network(
            .init(constants: ["w": Self.weight, "t": Self.shift]))
        #expect(network.architecture.imageShape == [3, 1, 1])
        #expect(network.kinds == ["linear"])
        #expect(try network.logits([0.5, 0.25, 1]) == [2, 0.25])
    }

    /// Any of the inputs may be the image.
    @Test func theImageIsTheOneThatIsLeft() throws {
        var model = ModelFixture(input: [nil, 2])
        model.model.graph.input.insert(ModelFixture.value("scale", [2]), at: 0)
        model.node("Mul", ["scale", "x"], to: "y")
        let scale = Tensor(shape: [2], values: [2, -1])
        #expect(
            try model.network(.init(constants: ["scale": scale])).logits([0.5, 0.25]) == [1, -0.25])
    }

    @Test func whatIsMissingOrDoesNotFitIsNamed() {
        #expect(
            Self.message([:])
                == "net.onnx: it has 3 inputs (“x”, “w”, “t”), expected one; export the classifier alone: one batch of images in, one row of logits an image out"
        )
        #expect(
            Self.message(["w": Self.weight]).hasPrefix(
                "net.onnx: it has 2 inputs (“x”, “t”), expected one; export"))
        #expect(
            Self.message(["w": Self.weight, "t": Self.shift, "z": Self.shift])
                == "net.onnx: its graph: there are numbers for an input “z”, and its inputs are “x”, “w”, “t”"
        )
        #expect(
            Self.message(["w": Self.shift, "t": Self.shift])
                == "net.onnx: tensor “w”: the input is [3, 2], and the numbers for it are [1, 2]")
        #expect(
            Self.message(["w": Self.weight, "t": Self.shift, "x": Self.weight])
                == "net.onnx: tensor “x”: the input is [N, 3], and the numbers for it are [3, 2]")
        let all = ["w": Self.weight, "t": Self.shift, "x": Tensor(shape: [1, 3])]
        #expect(Self.message(all).hasPrefix("net.onnx: it has 0 inputs, expected one"))
    }
}
