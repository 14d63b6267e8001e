// Models written in a few lines, as an exporter would write them.

import Formats
import Foundation
import Networks
import SwiftProtobuf
import Tensors

@testable import ONNX

/// A model under construction: `x` [batch, …] in, the last node's output out.
struct ModelFixture {
    var model = ONNXModelProto()

    /// A model of these axes, the batch first; nil for one that is left open.
    init(input: [Int?], opset: Int64 = 17) {
        model.irVersion = 8
        model.opsetImport = [ONNXOperatorSetIdProto.with { $0.version = opset }]
        model.graph.input = [Self.value("x", input)]
    }

    static func value(_ name: String, _ shape: [Int?]) -> ONNXValueInfoProto {
        .with {
            $0.name = name
            $0.type.tensorType.elemType = 1
            $0.type.tensorType.shape.dim = shape.map { size in
                .with {
                    if let size { $0.dimValue = Int64(size) } else { $0.dimParam = "N" }
                }
            }
        }
    }

    static func attribute(_ name: String, _ value: Any) -> ONNXAttributeProto {
        .with {
            $0.name = name
            switch value {
            case let value as Int: ($0.i, $0.type) = (Int64(value), 2)
            case let value as Float: ($0.f, $0.type) = (value, 1)
            case let value as [Int]: ($0.ints, $0.type) = (value.map { Int64($0) }, 7)
            case let value as [Float]: ($0.floats, $0.type) = (value, 6)
            case let value as String: ($0.s, $0.type) = (Data(value.utf8), 3)
            case let value as ONNXTensorProto: ($0.t, $0.type) = (value, 4)
            default: preconditionFailure("\(value)")
            }
        }
    }

    /// A node; its output has the name `to`, and becomes the model's output.
    mutating func node(
        _ kind: String, _ inputs: [String], to output: String,
        _ attributes: KeyValuePairs<String, Any> = [:]
    ) {
        model.graph.node.append(
            .with {
                $0.opType = kind
                $0.name = "\(kind)_\(output)"
                $0.input = inputs
                $0.output = [output]
                $0.attribute = attributes.map { Self.attribute($0.key, $0.value) }
            })
        model.graph.output = [Self.value(output, [])]
    }

    static func tensor(_ name: String, _ shape: [Int], _ values: [Float]) -> ONNXTensorProto {
        .with {
            $0.name = name
            $0.dims = shape.map { Int64($0) }
            $0.dataType = 1
            $0.rawData = Data(
                values.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init) })
        }
    }

    static func tensor(_ name: String, _ shape: [Int], integers: [Int64]) -> ONNXTensorProto {
        .with {
            ($0.name, $0.dims, $0.dataType) = (name, shape.map { Int64($0) }, 7)
            $0.int64Data = integers
        }
    }

    /// A weight of numbers that differ, all between −1 and 1.
    @discardableResult
    mutating func weight(_ name: String, _ shape: [Int], _ values: [Float]? = nil) -> [Float] {
        let count = shape.reduce(1, *)
        func number(_ place: Int) -> Float { Float((place * 37 + 11) % 29 - 14) / 16 }
        let values = values ?? (0..<count).map(number)
        model.graph.initializer.append(Self.tensor(name, shape, values))
        return values
    }

    mutating func integers(_ name: String, _ values: [Int64]) {
        model.graph.initializer.append(Self.tensor(name, [values.count], integers: values))
    }

    var bytes: [UInt8] { get throws { Array(try model.serializedData()) } }

    /// The network; through the bytes of a file, as a user's comes.
    func network(_ options: ONNXNetwork.Options = .init()) throws -> ONNXNetwork {
        try ONNXNetwork(ONNXFile(MappedFile(copying: try bytes, named: "net.onnx")), options)
    }

    /// What is said where there is no network; "accepted" where there is one.
    func message(_ options: ONNXNetwork.Options = .init()) -> String {
        do {
            _ = try network(options)
            return "accepted"
        } catch { return "\(error)" }
    }
}

extension ONNXNetwork {
    /// Logits of images, by the engine.
    func logits(_ images: [Float], threads: Int = 1) throws -> [Float] {
        let network = try Network(
            architecture, parameters: parameters, engine: Engine(threads: threads))
        let shape = architecture.imageShape
        var pass = network.makePass()
        return try pass.logits(
            of: Tensor(shape: [images.count / shape.reduce(1, *)] + shape, values: images)
        ).values
    }

    /// The kinds of the layers.
    var kinds: [String] { architecture.layers.map(\.kind) }
}

/// Pixels that differ.
func pixels(_ count: Int) -> [Float] { (0..<count).map { Float(($0 * 53 + 7) % 64) / 64 } }
