// Files made to do harm, and files that were damaged: whatever the bytes, an error or a network that
// runs, in memory that is bounded.

import Formats
import Foundation
import Networks
import Randomness
import SwiftProtobuf
import Tensors
import Testing

@testable import ONNX

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite(.serialized) struct ONNXFuzzTests {
    /// A network with most operators in it.
    private static func model() -> ModelFixture {
        var model = ModelFixture(input: [nil, 2, 6, 6])
        model.weight("conv.weight", [4, 2, 3, 3])
        model.weight("bn", [4], [1, 2, 3, 4])
        model.weight("w", [4, 3])
        model.weight("b", [3])
        model.weight("mean", [1, 2, 1, 1])
        model.integers("row", [0, -1])
        model.integers("axes", [2, 3])
        model.node("Sub", ["x", "mean"], to: "n")
        model.node(
            "Conv", ["n", "conv.weight"], to: "c", ["pads": [1, 1, 1, 1], "strides": [1, 1]])
        model.node("BatchNormalization", ["c", "bn", "bn", "bn", "bn"], to: "m")
        model.node("Relu", ["m"], to: "r")
        model.node("MaxPool", ["r"], to: "p", ["kernel_shape": [2, 2], "strides": [2, 2]])
        model.node("AveragePool", ["p"], to: "q", ["kernel_shape": [2, 2]])
        model.node("ReduceMean", ["q"], to: "g", ["axes": [2, 3], "keepdims": 1])
        model.node("Shape", ["g"], to: "s")
        model.node("Slice", ["s"], to: "t", ["starts": [0], "ends": [1]])
        model.node("Reshape", ["g", "row"], to: "f")
        model.node("MatMul", ["f", "w"], to: "d")
        model.node("Add", ["d", "b"], to: "a")
        model.node("Clip", ["a"], to: "k", ["min": Float(0), "max": Float(6)])
        model.node("Softmax", ["k"], to: "y", ["axis": 1])
        return model
    }

    /// Takes a file as far as it goes: to logits, if it is small.
    private static func outcome(_ bytes: [UInt8]) -> Bool {
        do {
            let file = try ONNXFile(MappedFile(copying: bytes, named: "net.onnx"))
            let imported = try ONNXNetwork(file, .init(size: [6, 6], flattensOutput: true))
            let shape = imported.architecture.imageShape
            let work = imported.architecture.features.map(\.count).reduce(0, +)
            guard work < 100_000, shape.reduce(1, *) > 0 else { return true }
            let network = try Network(
                imported.architecture, parameters: imported.parameters, engine: Engine(threads: 1))
            var pass = network.makePass()
            _ = try pass.uncheckedLogits(of: Tensor(shape: [1] + shape))
            return true
        } catch {
            #expect(!"\(error)".isEmpty)
            return false
        }
    }

    @Test func everyTruncationIsAnError() throws {
        let bytes = try Self.model().bytes
        #expect(Self.outcome(bytes))
        // At the ends of a field of the model itself a shorter file is a model of less.
        for length in stride(from: 0, to: bytes.count, by: 1) {
            _ = Self.outcome(Array(bytes[..<length]))
        }
        #expect(!Self.outcome(Array(bytes[..<(bytes.count / 2)])))
    }

    @Test func everyByteChangedGivesAnErrorOrANetwork() throws {
        let bytes = try Self.model().bytes
        var accepted = 0
        for place in bytes.indices {
            for value in [0, 255, bytes[place] ^ 0x80] {
                var changed = bytes
                changed[place] = value
                accepted += Self.outcome(changed) ? 1 : 0
            }
        }
        #expect(accepted > 100)
    }

    /// Several bytes at once, pieces left out, doubled or moved.
    @Test func manyChangesAtOnce() throws {
        let bytes = try Self.model().bytes
        var random = Stream(seed: 14, name: "test/onnx-fuzz")
        func draw(_ count: Int) -> Int { Int(random.uniform() * Float(count)) % count }
        for _ in 0..<4000 {
            var changed = bytes
            for _ in 0...draw(4) {
                let start = draw(changed.count)
                let end = min(changed.count, start + draw(24))
                switch draw(4) {
                case 0: changed[start] = UInt8(draw(256))
                case 1: changed.removeSubrange(start..<end)
                case 2: changed.insert(contentsOf: changed[start..<end], at: draw(changed.count))
                default:
                    for place in start..<end { changed[place] = UInt8(draw(256)) }
                }
                if changed.isEmpty { break }
            }
            _ = Self.outcome(changed)
        }
    }

    /// Attributes, dimensions and constants at the ends of their range, one at a time.
    @Test func noNumberTraps() throws {
        let numbers: [Int64] = [.min, -1 << 40, -1, 0, 1, 3, 1 << 31, 1 << 40, 1 << 62, .max]
        let model = Self.model().model
        for number in numbers {
            for node in model.graph.node.indices {
                for place in model.graph.node[node].attribute.indices {
                    var changed = model
                    changed.graph.node[node].attribute[place].i = number
                    changed.graph.node[node].attribute[place].ints = changed.graph.node[node]
                        .attribute[place].ints.map { _ in number }
                    _ = Self.outcome(Array(try changed.serializedData()))
                    for index in model.graph.node[node].attribute[place].ints.indices {
                        changed = model
                        changed.graph.node[node].attribute[place].ints[index] = number
                        _ = Self.outcome(Array(try changed.serializedData()))
                    }
                }
            }
            for tensor in model.graph.initializer.indices {
                for axis in model.graph.initializer[tensor].dims.indices {
                    var changed = model
                    changed.graph.initializer[tensor].dims[axis] = number
                    _ = Self.outcome(Array(try changed.serializedData()))
                }
                for index in model.graph.initializer[tensor].int64Data.indices {
                    var changed = model
                    changed.graph.initializer[tensor].int64Data[index] = number
                    _ = Self.outcome(Array(try changed.serializedData()))
                }
            }
            for axis in 0..<4 {
                var changed = model
                changed.graph.input[0].type.tensorType.shape.dim[axis].dimValue = number
                _ = Self.outcome(Array(try changed.serializedData()))
            }
        }
    }

    /// Every operator with inputs of every kind that it may not expect.
    @Test func everyOperatorOnOddInputs() throws {
        for kind in Set(ImportOperators.names + FoldedOperators.names).sorted() {
            for inputs in [
                [], ["x"], ["", "x"], ["x", "x"], ["x", ""], ["x", "i"], ["x", "f"], ["f", "x"],
                ["i", "x"], ["e", "x"], ["x", "e"], ["x", "e", "e", "e", "e"], ["i", "i"],
                ["f", "i"], ["i", "f"], ["e", "e"], ["x", "f", "f", "f", "f"],
                ["s", "i", "i", "i", "i"],
            ] {
                for shape in [[nil, 4], [1, 4, 2], [nil, 4, 2, 2], [2, 4, 2, 2, 2]] as [[Int?]] {
                    var model = ModelFixture(input: shape)
                    model.weight("f", [4])
                    model.weight("e", [0])
                    model.weight("s", [], [2])
                    model.integers("i", [-1, 2])
                    model.node(kind, inputs, to: "y")
                    _ = Self.outcome(try model.bytes)
                    model.node("Relu", ["y"], to: "z")
                    _ = Self.outcome(try model.bytes)
                }
            }
        }
    }

    /// The most memory that this process has held, in bytes.
    private static var peak: Int {
        var usage = rusage()
        #if canImport(Glibc)
            getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
            return usage.ru_maxrss * 1024
        #else
            getrusage(RUSAGE_SELF, &usage)
            return usage.ru_maxrss
        #endif
    }

    private static func message(_ bytes: [UInt8]) -> String {
        do {
            _ = try ONNXNetwork(ONNXFile(MappedFile(copying: bytes, named: "net.onnx")))
            return "accepted"
        } catch { return "\(error)" }
    }

    /// What a file of a few bytes or of many small messages asks for is refused before it is there.
    @Test func filesThatAskForMemoryGetNone() throws {
        let before = Self.peak
        // Four million empty nodes of two bytes each.
        var graph: [UInt8] = []
        graph.reserveCapacity(8_000_000)
        for _ in 0..<4_000_000 {
            graph.append(0x0A)
            graph.append(0)
        }
        var length: [UInt8] = []
        var left = graph.count
        while left > 127 {
            length.append(UInt8(left & 127) | 128)
            left >>= 7
        }
        let nodes = [8, 8, 0x3A] + length + [UInt8(left)] + graph
        #expect(
            Self.message(nodes)
                == "net.onnx: nodes of the graph: 100001, more than the 100000 that are read")
        // A constant of more numbers than any machine has memory for, of a few bytes.
        var constant = ModelFixture(input: [nil, 4])
        constant.integers("n", [1 << 20, 1 << 20])
        constant.node("ConstantOfShape", ["n"], to: "w")
        constant.node("MatMul", ["x", "w"], to: "y")
        #expect(constant.message().contains("more than the 268435456 numbers that are read"))
        // A constant that doubles forty times.
        var doubling = ModelFixture(input: [nil, 4])
        doubling.weight("w0", [1024])
        for index in 0..<40 {
            doubling.node("Concat", ["w\(index)", "w\(index)"], to: "w\(index + 1)", ["axis": 0])
        }
        doubling.node("Add", ["x", "w40"], to: "y")
        #expect(
            doubling.message().hasPrefix("net.onnx: numbers computed of constants: "),
            "\(doubling.message())")
        #expect(Self.peak - before < 1 << 30, "\((Self.peak - before) >> 20) MB")
    }

    /// A chain of as many nodes as are read takes no stack and little time.
    @Test func longChains() throws {
        var model = ModelFixture(input: [nil, 4])
        model.model.graph.node = (0..<30_000).map { index in
            .with {
                $0.opType = "Identity"
                $0.input = [index == 0 ? "x" : "n\(index)"]
                $0.output = ["n\(index + 1)"]
            }
        }
        model.model.graph.node.reverse()
        model.weight("w", [4, 2])
        model.node("MatMul", ["n30000", "w"], to: "y")
        #expect(model.message() == "accepted")
    }
}
