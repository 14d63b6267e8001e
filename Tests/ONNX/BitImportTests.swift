// The same bits from an imported network, whatever computes it: instruction sets, threads, batches.

import Networks
import Randomness
import Tensors
import Testing

@testable import ONNX

@Suite struct BitImportTests {
    /// Convolutions, branches that join in every way, and operators of most kinds on the way.
    private static func model() -> ModelFixture {
        var model = ModelFixture(input: [nil, 3, 9, 8], opset: 13)
        model.weight("mean", [1, 3, 1, 1], [0.5, 0.25, 0.75])
        model.weight("a.weight", [8, 3, 3, 3])
        model.weight("a.bias", [8])
        model.weight("bn", [8], [1, 2, 0.5, 1.5, 0.75, 1, 0.25, 1])
        model.weight("b.weight", [8, 1, 3, 3])
        model.weight("c.weight", [8, 8, 1, 1])
        model.weight("up.weight", [8, 4, 2, 2])
        model.weight("whole", [1, 4, 5, 4])
        model.weight("w", [20 * 20, 5])
        model.integers("row", [0, -1])
        model.node("Sub", ["x", "mean"], to: "n")
        model.node("Conv", ["n", "a.weight", "a.bias"], to: "a", ["pads": [1, 1, 1, 1]])
        model.node("BatchNormalization", ["a", "bn", "bn", "bn", "bn"], to: "m")
        model.node("Relu", ["m"], to: "r")
        model.node(
            "Conv", ["r", "b.weight"], to: "b", ["pads": [1, 1, 1, 1], "group": 8])
        model.node("Sigmoid", ["b"], to: "s")
        model.node("Mul", ["b", "s"], to: "silu")
        model.node("Conv", ["silu", "c.weight"], to: "c")
        model.node("Add", ["c", "r"], to: "sum")
        model.node("GlobalAveragePool", ["sum"], to: "g")
        model.node("HardSigmoid", ["g"], to: "h")
        model.node("Mul", ["sum", "h"], to: "se")
        model.node("LRN", ["se"], to: "lrn", ["size": 5])
        model.node(
            "MaxPool", ["lrn"], to: "p",
            ["kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]])
        model.node("ConvTranspose", ["p", "up.weight"], to: "up", ["strides": [2, 2]])
        model.node(
            "AveragePool", ["up"], to: "down", ["kernel_shape": [2, 2], "strides": [2, 2]])
        model.node("Mul", ["down", "whole"], to: "scaled")
        model.node("Softplus", ["scaled"], to: "plus")
        model.node("Div", ["scaled", "plus"], to: "div")
        model.node("Concat", ["div", "p", "plus"], to: "cat", ["axis": 1])
        model.node("Softmax", ["cat"], to: "soft", ["axis": 1])
        model.node("Slice", ["soft", "starts", "ends", "axes"], to: "part")
        model.integers("starts", [0])
        model.integers("ends", [12])
        model.integers("axes", [1])
        model.node("DepthToSpace", ["part"], to: "d", ["blocksize": 2])
        model.node("Reshape", ["d", "row"], to: "f")
        model.weight("v", [3 * 10 * 8, 5])
        model.node("MatMul", ["f", "v"], to: "y")
        return model
    }

    private static func numbers(_ count: Int, _ name: String) -> [Float] {
        var random = Stream(seed: 5, name: name)
        return (0..<count).map { _ in random.uniform() }
    }

    private static func answers(
        _ imported: ONNXNetwork, _ images: Tensor, _ engine: Engine
    ) throws -> (logits: [Float], gradient: [Float]) {
        let network = try Network(
            imported.architecture, parameters: imported.parameters, engine: engine)
        var pass = network.makePass()
        let logits = try pass.logits(of: images)
        // One row of the gradient for all images, so that an image has the same in any batch.
        let row = numbers(network.classes, "direction").map { $0 - 0.5 }
        let direction = Tensor(
            shape: logits.shape, values: (0..<images.rowCount).flatMap { _ in row })
        return (logits.values, try pass.pixelGradient(direction).values)
    }

    @Test func instructionSetsAndThreadsMoveNoBit() throws {
        let imported = try Self.model().network()
        let images = Tensor(shape: [7, 3, 9, 8], values: Self.numbers(7 * 216, "images"))
        let reference = try #require(Engine(.reference, workers: Workers(threads: 1)))
        let expected = try Self.answers(imported, images, reference)
        #expect(Set(expected.logits).count > 30 && Set(expected.gradient).count > 1000)
        for set in InstructionSet.available {
            for threads in [1, 2] {
                let engine = try #require(Engine(set, workers: Workers(threads: threads)))
                let found = try Self.answers(imported, images, engine)
                #expect(
                    found.logits.map(\.bitPattern) == expected.logits.map(\.bitPattern),
                    "\(set) on \(threads)")
                #expect(
                    found.gradient.map(\.bitPattern) == expected.gradient.map(\.bitPattern),
                    "\(set) on \(threads)")
            }
        }
    }

    @Test func anImageAnswersTheSameAloneAndInABatchOfSeven() throws {
        let imported = try Self.model().network()
        let images = Tensor(shape: [7, 3, 9, 8], values: Self.numbers(7 * 216, "images"))
        let engine = Engine(threads: 2)
        let all = try Self.answers(imported, images, engine)
        for image in 0..<7 {
            let one = try Self.answers(imported, images.rows(image..<image + 1), engine)
            #expect(
                one.logits.map(\.bitPattern)
                    == all.logits[5 * image..<5 * image + 5].map(\.bitPattern))
            #expect(
                one.gradient.map(\.bitPattern)
                    == all.gradient[216 * image..<216 * image + 216].map(\.bitPattern))
        }
    }

    /// A file as TensorFlow's exporter writes it, [N, H, W, C] in and out of a Transpose, answers as
    /// the same network of [N, C, H, W], bit for bit, from the same images.
    @Test func channelsLastFromEndToEnd() throws {
        func model(isLast: Bool) -> ModelFixture {
            var model = ModelFixture(input: isLast ? [nil, 6, 5, 3] : [nil, 3, 6, 5])
            model.weight("mean", isLast ? [3] : [3, 1, 1], [0.5, 0.25, 0.75])
            model.weight("a.weight", [4, 3, 3, 3])
            let matrix = model.weight("unused", [48, 5])
            // Rows in the order [H, W, C] or [C, H, W] of maps [4, 4, 3].
            let rows = (0..<48).map { isLast ? $0 % 4 * 12 + $0 / 4 : $0 }
            model.weight("w", [48, 5], rows.flatMap { matrix[5 * $0..<5 * $0 + 5] })
            model.integers("row", [-1, 48])
            model.node("Sub", ["x", "mean"], to: "n")
            if isLast { model.node("Transpose", ["n"], to: "t", ["perm": [0, 3, 1, 2]]) }
            model.node("Conv", [isLast ? "t" : "n", "a.weight"], to: "a")
            model.node("Relu", ["a"], to: "r")
            if isLast { model.node("Transpose", ["r"], to: "u", ["perm": [0, 2, 3, 1]]) }
            model.integers("flat", [0, -1])
            model.node("Reshape", [isLast ? "u" : "r", "flat"], to: "f")
            model.node("MatMul", ["f", "w"], to: "y")
            return model
        }
        let images = Tensor(shape: [3, 3, 6, 5], values: Self.numbers(270, "images"))
        let first = try model(isLast: false).network()
        let last = try model(isLast: true).network()
        #expect(last.architecture.imageShape == [3, 6, 5])
        #expect(last.notes.contains { $0.contains("from [H, W, C] to [C, H, W]") })
        let expected = try Self.answers(first, images, Engine(threads: 1))
        let found = try Self.answers(last, images, Engine(threads: 2))
        #expect(found.logits.map(\.bitPattern) == expected.logits.map(\.bitPattern))
        #expect(found.gradient.map(\.bitPattern) == expected.gradient.map(\.bitPattern))
    }
}
