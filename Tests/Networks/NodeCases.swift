// Cases that Node computes by the report's scripts, and what it says of them.

import Formats
import Foundation
import Requirements
import StageNetworks
import Tensors
import Testing

@testable import Networks

/// Cases for `NodeBits/compare.js`, and what it says of them.
struct NodeCases {
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

    /// A network on some images: its logits, and its pixel gradients, finite or not. `layers` are those
    /// that Node reads, where they are written in another way.
    mutating func add(
        _ name: String, _ architecture: Architecture, _ parameters: [String: Tensor],
        images: Tensor, layers: JSON? = nil
    ) throws {
        let network = try Network(
            architecture, parameters: parameters, engine: Engine(threads: 1))
        var pass = network.makePass()
        let logits = try pass.uncheckedLogits(of: images)
        let gradient = roughNumbers(logits.shape, "logit gradient")
        let weights = parameters.map { ("weights/\($0.key)", $0.value) }
        let pixels = try pass.uncheckedPixelGradient(gradient)
        try add(
            "network", name,
            members: [
                "layers": layers ?? architecture.layersJSON,
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
        guard let node = try Requirement.node(for: "Node's bits") else { return nil }
        try Data(JSON.array(cases).canonical.utf8).write(to: folder.appending(path: "cases.json"))
        let here = URL(filePath: #filePath).deletingLastPathComponent()
        let root = here.deletingLastPathComponent().deletingLastPathComponent()
        let resources = root.appending(path: "Sources/Report/Resources")
        let process = Process()
        process.executableURL = node
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
