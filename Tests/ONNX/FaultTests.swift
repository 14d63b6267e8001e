// Files that cannot be taken, and what is said of each.

import Formats
import Foundation
import SwiftProtobuf
import Testing

@testable import ONNX

@Suite struct ONNXFaultTests {
    /// A network of one product.
    private static func sound() -> ModelFixture {
        var model = ModelFixture(input: [nil, 6])
        model.weight("w", [6, 3])
        model.node("Gemm", ["x", "w"], to: "y")
        return model
    }

    private static func message(_ change: (inout ModelFixture) -> Void) -> String {
        var model = sound()
        change(&model)
        return model.message()
    }

    private static func message(of bytes: [UInt8]) -> String {
        do {
            _ = try ONNXFile(MappedFile(copying: bytes, named: "net.onnx"))
            return "accepted"
        } catch { return "\(error)" }
    }

    @Test func theModelThatTheseTestsChangeIsSound() {
        #expect(Self.message { _ in } == "accepted")
    }

    @Test func filesOfOtherKinds() {
        #expect(
            Self.message(of: []) == "net.onnx: it is no ONNX model, expected an ONNX model (.onnx)")
        #expect(
            Self.message(of: Array("\u{89}PNG\r\n".utf8.dropFirst()) + [1, 2, 3]).hasPrefix(
                "net.onnx: "))
        #expect(
            Self.message(of: [137, 80, 78, 71, 13, 10, 26, 10])
                == "net.onnx: it is a PNG picture, expected an ONNX model (.onnx)")
        #expect(
            Self.message(of: [8, 8])
                == "net.onnx: it is no ONNX model, expected an ONNX model (.onnx)")
        #expect(
            Self.message(of: [8, 8, 0x3A, 200]).hasPrefix("net.onnx: it is no sound ONNX model: "))
    }

    @Test(arguments: [(5, "5"), (22, "22")] as [(Int64, String)])
    func versionsOfTheOperators(version: Int64, words: String) {
        #expect(
            Self.message { $0.model.opsetImport[0].version = version }
                == "net.onnx: it uses version \(words) of ONNX's operators (opset), expected 6…21; export it anew, with opset_version=17"
        )
    }

    @Test func noVersionAtAll() {
        #expect(
            Self.message { $0.model.opsetImport[0].domain = "com.example" }.hasPrefix(
                "net.onnx: it does not say which version of ONNX's operators it uses"))
    }

    @Test func weightsInAnotherFile() {
        #expect(
            Self.message {
                $0.model.graph.initializer[0].dataLocation = 1
                $0.model.graph.initializer[0].rawData = Data()
                $0.model.graph.initializer[0].externalData = [
                    .with { ($0.key, $0.value) = ("location", "../../etc/\u{1B}[2J") }
                ]
            }
                == "net.onnx: the numbers of tensor “w” are in another file, “../../etc/\\u{1B}[2J”, expected them in this one; save it as one file: in Python, onnx.save(onnx.load(\"net.onnx\"), \"whole.onnx\")"
        )
    }

    @Test func tensorsWhoseSizesDoNotFitTheirBytes() {
        typealias Change = (inout ONNXTensorProto) -> Void
        let cases: [(Change, String)] = [
            ({ $0.dims = [6, 4] }, "tensor “w”: expected 96 bytes (24 of F32), found 72"),
            ({ $0.dims = [6, -3] }, "tensor “w”: its shape is [6, -3]"),
            (
                { $0.dims = [1 << 40, 1 << 40] },
                "tensor “w”: its shape is [1099511627776, 1099511627776], more than the 268435456 numbers that are read"
            ),
            (
                { $0.dims = Array(repeating: 1, count: 17) },
                "tensor “w”: it has 17 axes, more than the 16 that are read"
            ),
            ({ $0.dataType = 11 }, "tensor “w”: expected 144 bytes (18 of F64), found 72"),
            (
                { $0.dataType = 8 },
                "tensor “w”: its type is number 8, expected a float, a double or an integer"
            ),
            (
                { $0.floatData = [1, 2] },
                "tensor “w”: its shape is [6, 3], expected 18 numbers, found 2 in float_data and raw bytes beside"
            ),
            ({ $0.rawData = Data() }, "tensor “w”: expected 72 bytes (18 of F32), found 0"),
            ({ $0.segment = Data([1]) }, "tensor “w”: it is stored in segments"),
        ]
        for (change, words) in cases {
            #expect(Self.message { change(&$0.model.graph.initializer[0]) } == "net.onnx: \(words)")
        }
    }

    @Test func namesThatAreMissingDoubleOrInALoop() {
        #expect(
            Self.message { $0.model.graph.node[0].input[0] = "z" }
                == "net.onnx: its graph: a node (“Gemm”) reads “z”, which nothing gives")
        #expect(
            Self.message { $0.model.graph.output[0].name = "z" }
                == "net.onnx: its graph: the output reads “z”, which nothing gives")
        #expect(
            Self.message { $0.node("Relu", ["x"], to: "y") }
                == "net.onnx: its graph: “y” is given twice")
        #expect(
            Self.message { $0.weight("w", [1]) }
                == "net.onnx: its graph: two tensors are called “w”")
        #expect(
            Self.message {
                $0.node("Add", ["y", "b"], to: "a")
                $0.node("Relu", ["a"], to: "b")
            }
                == "net.onnx: its graph: node “Add_a” (Add) waits for its own output: a loop")
        #expect(
            Self.message {
                $0.node("Relu", ["r"], to: "r")
            }
                == "net.onnx: its graph: node “Relu_r” (Relu) waits for its own output: a loop")
    }

    @Test func nodesInAnyOrderRun() {
        #expect(
            Self.message {
                $0.node("Relu", ["y"], to: "r")
                $0.model.graph.node.reverse()
            } == "accepted")
    }

    @Test func severalInputsAndOutputs() {
        #expect(
            Self.message { $0.model.graph.input.append(ModelFixture.value("z", [nil, 6])) }
                == "net.onnx: it has 2 inputs (“x”, “z”), expected one; export the classifier alone: one batch of images in, one row of logits an image out"
        )
        #expect(
            Self.message { $0.model.graph.output.append(ModelFixture.value("boxes", [])) }
                .hasPrefix("net.onnx: it has 2 outputs (“y”, “boxes”), expected one; export"))
        #expect(
            Self.message { $0.model.graph.output = [] }.hasPrefix(
                "net.onnx: it has 0 outputs, expected"))
        // A weight that is listed among the inputs, as older exporters do, is none.
        #expect(
            Self.message { $0.model.graph.input.append(ModelFixture.value("w", [6, 3])) }
                == "accepted")
    }

    @Test(arguments: [
        ("LSTM", "is a LSTM: a recurrent network has no image to attack; known: Abs, Add, "),
        (
            "QLinearConv",
            "is a QLinearConv: a quantised network, expected one of floats; known: Abs, Add, "
        ),
        ("NonMaxSuppression", "is a NonMaxSuppression: a detector, expected a classifier; known: "),
        ("Mish2", "is a Mish2, which is not known here; known: Abs, Add, AveragePool, "),
    ])
    func operatorsThatAreNotKnownAreNamed(kind: String, words: String) {
        let message = Self.message { $0.node(kind, ["y"], to: "z") }
        #expect(message.hasPrefix("net.onnx: node “\(kind)_z” \(words)"), "\(message)")
        #expect(message.contains("and of constants: Add, Cast, "))
        #expect(
            message.hasSuffix("export the network before it is quantised")
                == (kind == "QLinearConv"))
        #expect(
            message.hasSuffix("give a classifier of images, as in MODEL=net.onnx")
                == ["LSTM", "NonMaxSuppression"].contains(kind))
    }

    @Test func subgraphsAndForeignOperators() {
        let graph = Self.message {
            $0.node("If", ["y"], to: "z")
            $0.model.graph.node[1].attribute = [
                .with { ($0.name, $0.type, $0.g) = ("then_branch", 5, Data([10, 0])) }
            ]
        }
        #expect(
            graph.hasPrefix("net.onnx: node “If_z” is a If: it runs a graph of its own; known:"))
        let foreign = Self.message { $0.model.graph.node[0].domain = "com.example" }
        #expect(
            foreign.hasPrefix(
                "net.onnx: node “Gemm_y” is a Gemm: it is an operator of “com.example”, not of ONNX; known:"
            ))
    }

    @Test func attributesOfAnotherType() {
        #expect(
            Self.message {
                $0.model.graph.node[0].attribute = [ModelFixture.attribute("transB", Float(1))]
            }
                == "net.onnx: node “Gemm_y” (Gemm): expected transB as a whole number, found another type"
        )
        #expect(
            Self.message {
                $0.model.graph.node[0].attribute = [
                    ModelFixture.attribute("transB", 0), ModelFixture.attribute("transB", 1),
                ]
            } == "net.onnx: node “Gemm_y” (Gemm): it has the attribute “transB” twice")
    }

    @Test func anOutputThatIsNoRowOrNoFunctionOfTheImage() {
        var maps = ModelFixture(input: [nil, 2, 3, 3])
        maps.node("Relu", ["x"], to: "y")
        #expect(
            maps.message().hasPrefix(
                "net.onnx: it has 1 outputs (“y [2, 3, 3], which is no row of logits”)"))
        var constant = ModelFixture(input: [nil, 2])
        constant.node("Constant", [], to: "y", ["value_float": Float(1)])
        #expect(
            constant.message() == "net.onnx: its graph: its output “y” does not depend on the image"
        )
    }

    @Test func theBatchStaysTheFirstAxis() {
        var model = ModelFixture(input: [4, 2, 3, 3])
        model.integers("all", [2, -1])
        model.node("Reshape", ["x", "all"], to: "y")
        #expect(
            model.message()
                == "net.onnx: node “Reshape_y” (Reshape): it makes [2, 36] of [4, 2, 3, 3], expected the batch to stay the first axis"
        )
    }
}
