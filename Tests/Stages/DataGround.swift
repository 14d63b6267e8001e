// A folder of data made for a test, and a store that what is fetched of it goes into.

import Artifacts
import Datasets
import FetchStage
import Formats
import Foundation
import StageKit

/// Writes files, runs `stage-fetch` on them, and reads what came of it.
final class DataGround {
    let root = FileManager.default.temporaryDirectory.appending(path: "mirage-data-\(UUID())")
    private let node = Node(
        experiment: "mine", name: "fetch-mine", siblings: ["fetch-mine", "fetch-net"])

    deinit { try? FileManager.default.removeItem(at: root) }

    func path(_ name: String) -> String { root.appending(path: name).path }

    func put(_ bytes: [UInt8], at name: String) throws {
        let file = root.appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
    }

    func put(_ text: String, at name: String) throws { try put(Array(text.utf8), at: name) }

    func folder(_ name: String) throws {
        try FileManager.default.createDirectory(
            at: root.appending(path: name), withIntermediateDirectories: true)
    }

    /// A PNG of one colour, but for its first pixel, which is black.
    func picture(
        _ colour: [UInt8], at name: String, width: Int = 4, height: Int = 4
    ) throws {
        var pixels: [UInt8] = [0, 0, 0]
        for _ in 1..<(width * height) { pixels += colour }
        try put(
            PNG(width: width, height: height, channels: .rgb, pixels: pixels).stored(named: name),
            at: name)
    }

    /// A PNG of one channel, all of its pixels the same.
    func grey(_ level: UInt8, at name: String, width: Int = 4, height: Int = 4) throws {
        let pixels = [UInt8](repeating: level, count: width * height)
        try put(
            PNG(width: width, height: height, channels: .grey, pixels: pixels).stored(named: name),
            at: name)
    }

    /// A model that says only what images it takes.
    func model(_ shape: String?) throws {
        let store = Store(path("artifacts"))
        let metadata = ["schema": "mirage.model", "version": "1"]
            .merging(shape.map { ["image_shape": $0] } ?? [:]) { $1 }
        let config = try ShapedModel.schema([:]).resolve(
            ["shape": .string(JSON.object(metadata.mapValues(JSON.string)).canonical)],
            overrides: [:],
            file: "t")
        let maker = Node(experiment: "mine", name: "fetch-net")
        _ = try Runner<ShapedModel>(
            store: store, node: maker, config: config, threads: 1,
            log: Log(node: maker.name, quiet: true)
        ).run()
    }

    /// Fetches the data at a path with settings.
    func fetch(_ data: String, _ settings: [String: JSON] = [:]) throws -> Record {
        var all = settings
        all["data"] = .string(path(data))
        for key in ["classes", "labels"] {
            if let file = settings[key]?.string { all[key] = .string(path(file)) }
        }
        let config = try FetchStage.schema(.object(all)).resolve(
            .object(all), overrides: [:], file: "fetch-mine.json")
        return try Runner<FetchStage>(
            store: Store(path("artifacts")), node: node, config: config, threads: 1,
            log: Log(node: node.name, quiet: true)
        ).run().record
    }

    /// What is said of data that are refused, the folder's own path left out.
    func message(_ data: String, _ settings: [String: JSON] = [:]) -> String {
        do {
            let record = try fetch(data, settings)
            return "taken: \(record.summary.canonical)"
        } catch {
            let fault = StageFault(error)
            return "\(fault.code.rawValue) \(fault)".replacing(root.path + "/", with: "")
        }
    }

    func split(_ name: String = "test") throws -> LabelledImages {
        try LabelledImages(
            reading: SafeTensors(MappedFile(path("artifacts/dataset/mine-\(name).safetensors"))),
            as: "mirage.dataset")
    }

    /// The layout and the notes of a record, the folder's own path left out.
    func notes(_ record: Record) -> [String] {
        [record.summary["layout"]?.string ?? ""]
            + (record.summary["notes"]?.array ?? []).compactMap(\.string).map {
                $0.replacing(root.path + "/", with: "")
            }
    }
}

/// Writes a model of no weights with metadata.
enum ShapedModel: Stage, StageComputation {
    typealias Computation = ShapedModel
    static let kind = "fetch"
    static let summary = "Make a model."
    static let discussion = ""
    static let codeDigest = "made"

    static func schema(_ json: JSON) throws -> Schema {
        Schema(kind, [Parameter("shape", .text, help: "its metadata")])
    }
    static func inputs(_ config: Config, _ node: Node) throws -> [NodeInput] { [] }
    static func outputs(_ config: Config, _ node: Node) throws -> [String] {
        [node.artifact("model", "net.safetensors")]
    }
    static func run(_ config: any ResolvedConfig, _ work: any Workspace) throws -> JSON {
        let texts = try JSON.parse(config.text("shape"), named: "t").object ?? [:]
        let writer = SafeTensorsWriter(
            metadata: texts.compactMapValues(\.string), tensors: [("w", .f32, [1])])
        let file = try work.create(work.output(endingIn: ".safetensors"))
        try writer.write(to: { try file.write($0) }) { _, sink in
            try [Float(0)].withUnsafeBytes(sink)
        }
        return [:]
    }
    static func present(_ summary: JSON, _ config: Config) -> [String] { [] }
}
