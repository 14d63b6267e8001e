// Reads an .onnx file: bytes, wire format, version. What its graph says is checked by `ModelGraph`, and
// what its nodes mean by the import.

import Faults
import Formats
import Foundation
import SwiftProtobuf

/// An ONNX model as the file has it, of a version that we know, and none of its numbers looked at.
public struct ONNXFile: Sendable {
    /// The largest file: what Protocol Buffers allow.
    public static let sizeLimit = Int(Int32.max)
    /// The versions of the operators that are known. Before 6 they had other forms altogether.
    public static let opsets: ClosedRange<Int64> = 6...21

    /// The file's name.
    public let name: String
    /// The version of ONNX's own operators.
    public let opset: Int
    /// Who wrote the file, such as "pytorch 2.4"; empty where it does not say.
    public let producer: String
    let graph: ONNXGraphProto

    /// Reads a file.
    ///
    /// - Throws: `FormatFault` where the system refuses, `ONNXFault` for what the file holds.
    public init(reading path: String) throws {
        try self.init(MappedFile(reading: path, limit: Self.sizeLimit))
    }

    /// Decodes bytes.
    ///
    /// - Throws: `ONNXFault`.
    public init(_ file: MappedFile) throws {
        do {
            self.init(name: file.name, try Self.decode(file))
            try check()
        } catch let problem as ONNXProblem {
            throw ONNXFault(file: file.name, problem: problem)
        }
    }

    /// A model that was made in memory.
    init(checking model: ONNXModelProto, named name: String) throws {
        self.init(name: name, model)
        do { try check() } catch { throw ONNXFault(file: name, problem: error) }
    }

    private let version: Int64?

    private init(name: String, _ model: ONNXModelProto) {
        self.name = name
        graph = model.graph
        let own = model.opsetImport.filter { ["", "ai.onnx"].contains($0.domain) }.map(\.version)
        version = own.max() ?? (model.opsetImport.isEmpty && model.irVersion < 3 ? 1 : nil)
        opset = Int(clamping: version ?? 0)
        producer = [model.producerName, model.producerVersion].filter { !$0.isEmpty }
            .map { Shown.start($0) }.joined(separator: " ")
    }

    private func check() throws(ONNXProblem) {
        guard let version, Self.opsets.contains(version) else { throw .opset(version) }
    }

    private static func decode(_ file: MappedFile) throws -> ONNXModelProto {
        let kind = FileKind(file.bytes)
        guard let start = file.bytes.baseAddress, kind == nil || kind == .onnx else {
            throw ONNXProblem.notONNX(kind)
        }
        _ = try WireScan(file.bytes)
        var options = BinaryDecodingOptions()
        options.discardUnknownFields = true
        let model: ONNXModelProto
        do {
            model = try withExtendedLifetime(file) {
                try ONNXModelProto(
                    serializedBytes: Data(
                        bytesNoCopy: UnsafeMutableRawPointer(mutating: start),
                        count: file.bytes.count, deallocator: .none),
                    options: options)
            }
        } catch {
            throw ONNXProblem.malformed("\(error)")
        }
        guard model.hasGraph else { throw ONNXProblem.notONNX(nil) }
        return model
    }
}
