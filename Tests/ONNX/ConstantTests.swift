// Constants: every type and place of a TensorProto, and what is computed of them at import.

import Foundation
import Testing

@testable import ONNX

@Suite struct ConstantTests {
    private static func bytes<N: FixedWidthInteger>(_ values: [N]) -> Data {
        Data(values.flatMap { withUnsafeBytes(of: $0.littleEndian, Array.init) })
    }

    private static func values(
        _ type: Int32, count: Int, _ fill: (inout ONNXTensorProto) -> Void
    ) throws -> [Double] {
        var tensor = ONNXTensorProto()
        (tensor.dataType, tensor.dims) = (type, [Int64(count)])
        fill(&tensor)
        let constant = try Constant(tensor, "t")
        return (0..<constant.count).map { constant.double(at: $0) }
    }

    @Test func everyTypeFromRawBytes() throws {
        func raw<N: FixedWidthInteger>(_ type: Int32, _ values: [N]) throws -> [Double] {
            try Self.values(type, count: values.count) { $0.rawData = Self.bytes(values) }
        }
        #expect(try raw(1, [Float(1.5).bitPattern, Float(-2).bitPattern]) == [1.5, -2])
        #expect(try raw(11, [Double(0.1).bitPattern, Double(-1e300).bitPattern]) == [0.1, -1e300])
        #expect(try raw(10, [0x3E00, 0xC000, 0x0001] as [UInt16]) == [1.5, -2, 0x1p-24])
        #expect(try raw(16, [0x3FC0, 0xC000] as [UInt16]) == [1.5, -2])
        #expect(try raw(7, [-3, 1 << 40] as [Int64]) == [-3, 0x1p40])
        #expect(try raw(6, [-3, 70000] as [Int32]) == [-3, 70000])
        #expect(try raw(5, [-3, 300] as [Int16]) == [-3, 300])
        #expect(try raw(4, [65535] as [UInt16]) == [65535])
        #expect(try raw(3, [-3] as [Int8]) == [-3])
        #expect(try raw(2, [253] as [UInt8]) == [253])
        #expect(try raw(9, [1, 0] as [UInt8]) == [1, 0])
        #expect(try raw(12, [4_000_000_000] as [UInt32]) == [4e9])
        #expect(try raw(13, [7] as [UInt64]) == [7])
    }

    @Test func everyTypeFromItsList() throws {
        #expect(try Self.values(1, count: 2) { $0.floatData = [1.5, -2] } == [1.5, -2])
        #expect(try Self.values(11, count: 1) { $0.doubleData = [0.1] } == [0.1])
        #expect(try Self.values(10, count: 2) { $0.int32Data = [0x3E00, 0xC000] } == [1.5, -2])
        #expect(try Self.values(16, count: 1) { $0.int32Data = [0x3FC0] } == [1.5])
        #expect(try Self.values(7, count: 1) { $0.int64Data = [-3] } == [-3])
        #expect(try Self.values(6, count: 1) { $0.int32Data = [-3] } == [-3])
        #expect(try Self.values(2, count: 1) { $0.int32Data = [253] } == [253])
        #expect(try Self.values(13, count: 1) { $0.uint64Data = [9] } == [9])
    }

    /// What a node gives for constants as inputs.
    private static func folded(
        _ kind: String, _ inputs: [Constant], _ attributes: KeyValuePairs<String, Any> = [:],
        opset: Int = 17
    ) throws -> (shape: [Int], values: [Double]) {
        var node = ONNXNodeProto()
        (node.opType, node.output) = (kind, ["y"])
        node.input = inputs.indices.map { "i\($0)" }
        node.attribute = attributes.map { ModelFixture.attribute($0.key, $0.value) }
        let call = NodeCall(
            node: try ModelNode(node, index: 0), opset: opset, batch: 1,
            inputs: inputs.map { .constant($0) })
        var budget = FoldBudget()
        let fold = try #require(FoldedOperators.all[kind])
        let result = try fold(call, &budget)
        return (result.shape, (0..<result.count).map { result.double(at: $0) })
    }

    private static func floats(_ shape: [Int]) -> Constant {
        Constant(shape: shape, .floats((0..<shape.reduce(1, *)).map { Float($0) }))
    }

    @Test func arithmeticSpreadsTheSmallerShape() throws {
        let column = Constant(shape: [2, 1], .floats([10, 20]))
        let sum = try Self.folded("Add", [Self.floats([3]), column])
        #expect(sum.shape == [2, 3] && sum.values == [10, 11, 12, 20, 21, 22])
        #expect(try Self.folded("Div", [Constant([7, -7]), Constant([2])]).values == [3, -3])
        #expect(throws: ONNXProblem.self) {
            try Self.folded("Div", [Constant([7]), Constant([0])])
        }
        #expect(throws: ONNXProblem.self) {
            try Self.folded("Mul", [Constant([Int.max]), Constant([2])])
        }
        #expect(throws: ONNXProblem.self) {
            try Self.folded("Add", [Self.floats([3]), Self.floats([2])])
        }
        // Rounded to a float as floats are.
        let third = try Self.folded(
            "Div", [Constant(shape: [], .floats([1])), Constant(shape: [], .floats([3]))])
        #expect(third.shape.isEmpty && third.values == [Double(Float(1) / 3)])
        #expect(try Self.folded("Max", [Constant([1, 5]), Constant([3])]).values == [3, 5])
        #expect(try Self.folded("Equal", [Constant([1, 5]), Constant([5])]).values == [0, 1])
        #expect(
            try Self.folded("Where", [Constant([1, 0]), Constant([7]), Constant([8, 9])]).values
                == [7, 9])
    }

    @Test func partsOfConstants() throws {
        let table = Self.floats([2, 3])
        let row = try Self.folded("Gather", [table, Constant([-1])])
        #expect(row.shape == [1, 3] && row.values == [3, 4, 5])
        let column = try Self.folded(
            "Gather", [table, Constant(shape: [], .integers([1]))], ["axis": 1])
        #expect(column.shape == [2] && column.values == [1, 4])
        #expect(throws: ONNXProblem.self) { try Self.folded("Gather", [table, Constant([2])]) }

        func slice(_ start: Int, _ end: Int, _ step: Int) throws -> [Double] {
            try Self.folded(
                "Slice",
                [
                    Self.floats([6]), Constant([start]), Constant([end]), Constant([0]),
                    Constant([step]),
                ]
            ).values
        }
        #expect(try slice(1, 5, 2) == [1, 3])
        #expect(try slice(1, 6, 2) == [1, 3, 5])
        #expect(try slice(-2, Int.max, 1) == [4, 5])
        #expect(try slice(-1, Int.min, -2) == [5, 3, 1])
        #expect(try slice(3, 0, -1) == [3, 2, 1])
        #expect(try slice(4, 2, 1).isEmpty)
        let old = try Self.folded(
            "Slice", [table], ["starts": [1], "ends": [9], "axes": [1]], opset: 9)
        #expect(old.shape == [2, 2] && old.values == [1, 2, 4, 5])
    }

    @Test func shapesOfConstants() throws {
        let table = Self.floats([2, 3])
        let turned = try Self.folded("Transpose", [table])
        #expect(turned.shape == [3, 2] && turned.values == [0, 3, 1, 4, 2, 5])
        #expect(try Self.folded("Reshape", [table, Constant([0, -1, 1])]).shape == [2, 3, 1])
        #expect(throws: ONNXProblem.self) {
            try Self.folded("Reshape", [table, Constant([4, -1])])
        }
        #expect(try Self.folded("Unsqueeze", [table, Constant([0, -1])]).shape == [1, 2, 3, 1])
        #expect(
            try Self.folded("Squeeze", [Self.floats([1, 3, 1])], ["axes": [0]], opset: 11).shape
                == [3, 1])
        let joined = try Self.folded("Concat", [table, Self.floats([2, 1])], ["axis": 1])
        #expect(joined.shape == [2, 4] && joined.values == [0, 1, 2, 0, 3, 4, 5, 1])
        #expect(try Self.folded("Shape", [table], ["start": -1]).values == [3])
        #expect(
            try Self.folded(
                "Expand", [Constant(shape: [2, 1], .floats([1, 2])), Constant([2, 2])]
            )
            .values == [1, 1, 2, 2])
        #expect(
            try Self.folded("ConstantOfShape", [Constant([2, 2])]).values == [0, 0, 0, 0])
        #expect(
            try Self.folded("Range", [Constant([1]), Constant([8]), Constant([3])]).values == [
                1, 4, 7,
            ])
    }

    @Test func reductions() throws {
        let table = Self.floats([2, 3])
        #expect(try Self.folded("ReduceSum", [table, Constant([1])]).values == [3, 12])
        #expect(
            try Self.folded("ReduceMean", [table], ["axes": [0], "keepdims": 0], opset: 11).values
                == [1.5, 2.5, 3.5])
        #expect(try Self.folded("ReduceProd", [Constant([2, 3, 7])]).values == [42])
        #expect(try Self.folded("ReduceMax", [table]).values == [5])
        #expect(
            try Self.folded("Cast", [Constant(shape: [2], .floats([2.7, -2.7]))], ["to": 7]).values
                == [2, -2])
    }
}
