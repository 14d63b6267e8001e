// Functions of each number, operators on two signals and on constants of any shape, softmax in the
// middle, normalisations by the image's own numbers.

import Foundation
import Networks
import Tensors
import Testing

@testable import ONNX

@Suite struct FunctionImportTests {
    static func close(_ found: [Float], _ expected: [Double]) -> Bool {
        found.count == expected.count
            && zip(found, expected).allSatisfy { abs(Double($0) - $1) <= 2e-6 * max(1, abs($1)) }
    }

    /// A node that reads x + 1/4, so that nothing is 0.
    private static func logits(
        _ kind: String, _ attributes: KeyValuePairs<String, Any> = [:], inputs: [String] = ["n"],
        opset: Int64 = 17, axes: [Int?] = [nil, 2, 4, 4],
        _ prepare: (inout ModelFixture) -> Void = { _ in }
    ) throws -> [Float] {
        var model = ModelFixture(input: axes, opset: opset)
        model.weight("quarter", [1], [0.25])
        prepare(&model)
        model.node("Add", ["x", "quarter"], to: "n")
        model.node(kind, inputs, to: "y", attributes)
        return try model.network(.init(flattensOutput: true)).logits(pixels(32))
    }

    private static let x = pixels(32).map { Double($0) + 0.25 }

    @Test func functionsOfEachNumber() throws {
        typealias Case = (String, (Double) -> Double)
        let cases: [Case] = [
            ("Abs", { abs($0) }), ("Exp", { exp($0) }), ("Log", { log($0) }),
            ("Sqrt", { $0.squareRoot() }), ("Reciprocal", { 1 / $0 }),
            ("Softplus", { log(1 + exp($0)) }), ("Softsign", { $0 / (1 + abs($0)) }),
            ("Mish", { $0 * tanh(log(1 + exp($0))) }),
        ]
        for (kind, body) in cases {
            #expect(Self.close(try Self.logits(kind), Self.x.map(body)), "\(kind)")
        }
        for exponent: Float in [2, 0.5, -1.5, 1] {
            let found = try Self.logits("Pow", inputs: ["n", "e"]) {
                $0.weight("e", [], [exponent])
            }
            #expect(Self.close(found, Self.x.map { pow($0, Double(exponent)) }), "\(exponent)")
        }
        #expect(throws: ONNXFault.self) {
            try Self.logits("Pow", inputs: ["n", "e"]) { $0.weight("e", [2, 1, 1], [1, 2]) }
        }
    }

    /// Constants that belong to each number: they are the same for every image.
    @Test func constantsOfAnyShape() throws {
        typealias Case = (String, (Double, Double) -> Double)
        let cases: [Case] = [
            ("Add", { $0 + $1 }), ("Sub", { $0 - $1 }), ("Mul", { $0 * $1 }), ("Div", { $0 / $1 }),
            ("Max", { max($0, $1) }), ("Min", { min($0, $1) }),
        ]
        let values = (0..<32).map { Float($0 % 7 - 3) / 4 + 0.125 }
        for (kind, body) in cases {
            for (shape, at) in [
                ([2, 4, 4], { $0 }), ([1, 2, 4, 4], { $0 }), ([4, 4], { $0 % 16 }),
                ([2, 1, 4], { $0 / 16 * 4 + $0 % 4 }),
            ] as [([Int], (Int) -> Int)] {
                let c = Array(values[..<shape.reduce(1, *)])
                let found = try Self.logits(kind, inputs: ["n", "c"]) { $0.weight("c", shape, c) }
                let expected = Self.x.enumerated().map { body($1, Double(c[at($0)])) }
                #expect(Self.close(found, expected), "\(kind) \(shape)")
                guard kind != "Max", kind != "Min" else { continue }
                let turned = try Self.logits(kind, inputs: ["c", "n"]) { $0.weight("c", shape, c) }
                let other = Self.x.enumerated().map { body(Double(c[at($0)]), $1) }
                #expect(Self.close(turned, other), "\(kind) of the constant \(shape)")
            }
        }
        let bounded = try Self.logits("Max", inputs: ["n", "c"]) { $0.weight("c", [], [0.75]) }
        #expect(Self.close(bounded, Self.x.map { max($0, 0.75) }))
        // What differs from image to image is no constant.
        #expect(throws: ONNXFault.self) {
            try Self.logits("Add", inputs: ["n", "c"], axes: [2, 1, 4, 4]) {
                $0.weight("c", [2, 1, 4, 4])
            }
        }
    }

    /// Axis and suffix, as version 6 says them.
    @Test func oldBroadcasting() throws {
        let c: [Float] = [0.5, -2]
        let found = try Self.logits(
            "Mul", ["broadcast": 1, "axis": 1], inputs: ["n", "c"], opset: 6
        ) {
            $0.model.graph.initializer = []
            $0.weight("quarter", [], [0.25])
            $0.weight("c", [2], c)
        }
        #expect(Self.close(found, Self.x.enumerated().map { $1 * Double(c[$0 / 16]) }))
    }

    @Test func quotientsAndExtremaOfSignals() throws {
        func logits(_ kind: String, _ second: String = "Exp") throws -> [Float] {
            var model = ModelFixture(input: [nil, 2, 4, 4])
            model.node(second, ["x"], to: "e")
            model.node(kind, ["x", "e"], to: "y")
            return try model.network(.init(flattensOutput: true)).logits(pixels(32))
        }
        let x = pixels(32).map(Double.init)
        #expect(Self.close(try logits("Div"), x.map { $0 / exp($0) }))
        #expect(Self.close(try logits("Max", "Neg"), x.map { max($0, -$0) }))
        #expect(Self.close(try logits("Min", "Neg"), x.map { min($0, -$0) }))
        #expect(
            Self.close(
                try logits("Sub", "GlobalMaxPool"),
                x.enumerated().map { $1 - (x[$0 / 16 * 16..<$0 / 16 * 16 + 16].max() ?? 0) }))
    }

    /// A row of numbers whose nodes all read the input itself.
    @Test func branchesOfTheInputItself() throws {
        var model = ModelFixture(input: [nil, 4])
        let weight = model.weight("w", [4, 4])
        model.node("Tanh", ["x"], to: "t")
        model.node("MatMul", ["x", "w"], to: "m")
        model.node("Add", ["m", "t"], to: "s")
        model.node("Gemm", ["x", "w", "s"], to: "g", ["beta": Float(2)])
        model.node("Mul", ["g", "x"], to: "y")
        let x = pixels(4).map(Double.init)
        var expected: [Double] = []
        for o in 0..<4 {
            var product = 0.0
            for i in 0..<4 { product += x[i] * Double(weight[i * 4 + o]) }
            let sum: Double = product + tanh(x[o])
            expected.append((product + 2 * sum) * x[o])
        }
        #expect(Self.close(try model.network().logits(pixels(4)), expected))
    }

    @Test(arguments: [(1, Int64(17)), (2, 17), (3, 17), (-1, 17), (2, 11), (3, 11)])
    func softmaxOverAnyAxis(axis: Int, opset: Int64) throws {
        let (sizes, x) = ([2, 4, 4], Self.x)
        let first = axis < 0 ? 2 : axis - 1
        let inner = opset < 13 ? 1 : sizes[(first + 1)...].reduce(1, *)
        let count = opset < 13 ? sizes[first...].reduce(1, *) : sizes[first]
        for kind in ["Softmax", "LogSoftmax"] {
            let expected = x.indices.map { place in
                let start = place / (count * inner) * count * inner + place % inner
                let total = (0..<count).reduce(0.0) { $0 + exp(x[start + $1 * inner]) }
                return kind == "Softmax" ? exp(x[place]) / total : x[place] - log(total)
            }
            let found = try Self.logits(kind, ["axis": axis], opset: opset)
            #expect(Self.close(found, expected), "\(kind) \(axis) \(opset)")
        }
    }

    @Test func normalisationsByTheImagesOwnNumbers() throws {
        let x = Self.x
        let found = try Self.logits(
            "InstanceNormalization", ["epsilon": Float(0.5)], inputs: ["n", "s", "b"]
        ) {
            $0.weight("s", [2], [2, -1])
            $0.weight("b", [2], [0.5, 0])
        }
        let expected = x.enumerated().map { place, value in
            let part = x[place / 16 * 16..<place / 16 * 16 + 16]
            let mean = part.reduce(0, +) / 16
            let variance = part.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 16
            let normal = (value - mean) / (variance + 0.5).squareRoot()
            return place < 16 ? normal * 2 + 0.5 : -normal
        }
        #expect(Self.close(found, expected))
        let response = try Self.logits(
            "LRN", ["size": 2, "alpha": Float(0.5), "beta": Float(0.5), "bias": Float(2)])
        let near = x.indices.map { place in
            let sum = x[place] * x[place] + (place < 16 ? x[place + 16] * x[place + 16] : 0)
            return x[place] / (2 + 0.25 * sum).squareRoot()
        }
        #expect(Self.close(response, near))
    }
}
