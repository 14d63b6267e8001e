// Five stages as small as stages can be, shaped like the real ones: they fetch from a file, train,
// sample, attack and report in a millisecond, so that the tests can try every event on them.
// What they compute is a line of text; each run leaves a mark, so that tests can count runs.

import Artifacts
import Formats
import Glibc
import StageKit
import StageWork

/// What the toys share.
enum Toy {
    /// Stands in for the digest of a stage's sources; tests "edit the sources" by changing it.
    static func code(_ kind: String) -> String { setting("TOY_CODE_\(kind)") ?? "toy" }

    static func setting(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    /// Marks that a stage did its work.
    static func mark(_ node: String) {
        guard let path = setting("TOY_MARKS") else { return }
        let file = open(path, O_WRONLY | O_APPEND | O_CREAT, 0o644)
        let line = Array("\(node)\n".utf8)
        _ = write(file, line, line.count)
        close(file)
    }

    /// Parameters that let a config make trouble.
    static let trouble: [Parameter] = [
        Parameter("sleep_ms", .integer(0...60_000), default: 0, unit: "ms", help: "Take so long."),
        Parameter("fail", .flag, default: false, help: "Fail."),
        Parameter(
            "wait_for", .text, default: "", help: "Go on when this node has begun, or fail."),
    ]

    static func suffer(_ config: any ResolvedConfig, _ work: any Workspace) throws {
        mark(work.node)
        let pause = try config.integer("sleep_ms")
        for part in 0..<(pause > 0 ? 10 : 0) {
            usleep(UInt32(pause * 100))
            work.log.progress(done: part + 1, of: 10, label: "working")
        }
        try wait(for: config.text("wait_for"))
        if try config.flag("fail") {
            throw StageFault(.badData, "the toy was told to fail", remedy: "tell it otherwise")
        }
    }

    /// Waits until another node has left its mark; at most twenty seconds.
    static func wait(for node: String) throws {
        guard !node.isEmpty else { return }
        for _ in 0..<2000 {
            let marks = setting("TOY_MARKS").flatMap { try? MappedFile.read($0) } ?? []
            if String(decoding: marks, as: UTF8.self).split(separator: "\n").contains(node[...]) {
                return
            }
            usleep(10_000)
        }
        throw StageFault(.badData, "\(node) does not begin")
    }

    static func text(_ work: any Workspace, _ role: String) throws -> String {
        String(decoding: try work.open(role).contents, as: UTF8.self)
    }
}

enum ToyFetch: Stage, StageComputation {
    typealias Computation = ToyFetch
    static let kind = "fetch"
    static let summary = "Read a toy."
    static let discussion = "EXAMPLE\n  stage-fetch"
    static var codeDigest: String { Toy.code(kind) }
    static func schema(_ json: JSON) -> Schema {
        Schema(kind, Toy.trouble + [Parameter("source", .text, help: "The file to read.")])
    }
    static func inputs(_ config: Config, _ node: Node) throws -> [NodeInput] {
        [
            NodeInput(role: "source", file: try config.text("source")),
            NodeInput(role: "extra", file: "data/extra.txt", optional: true),
        ]
    }
    static func outputs(_ config: Config, _ node: Node) -> [String] {
        ["train", "test"].map { node.artifact("dataset", "\(node.stem)-\($0).safetensors") }
    }
    static func run(_ config: any ResolvedConfig, _ work: any Workspace) throws -> JSON {
        try Toy.suffer(config, work)
        let source = try Toy.text(work, "source")
        for name in work.outputs { try work.create(name).write("\(name): \(source)") }
        return ["bytes": .integer(Int64(source.utf8.count))]
    }
    static func present(_ summary: JSON, _ config: Config) -> [String] {
        ["bytes \(summary["bytes"]?.int ?? 0)"]
    }
}

enum ToyTrain: Stage, StageComputation {
    typealias Computation = ToyTrain
    static let kind = "train"
    static let summary = "Train a toy."
    static let discussion = "EXAMPLE\n  stage-train --learning-rate 0.2"
    static var codeDigest: String { Toy.code(kind) }
    static func schema(_ json: JSON) -> Schema {
        Schema(
            kind,
            Toy.trouble + [
                Parameter("dataset", .text, default: "toy", help: "The dataset."),
                Parameter(
                    "learning_rate", .number(0...1), default: 0.1, unit: "per step",
                    help: "The step size."),
                Parameter("comment", .text, default: "", help: "Changes nothing."),
                Parameter("random", .flag, default: false, help: "Not deterministic."),
                Parameter("size", .integer(0...1_000_000_000), default: 0, help: "Bytes to add."),
            ])
    }
    static func inputs(_ config: Config, _ node: Node) throws -> [NodeInput] {
        let dataset = try config.text("dataset")
        return [
            NodeInput(
                role: "train", name: node.artifact("dataset", "\(dataset)-train.safetensors"),
                madeBy: node.command("fetch-\(dataset)"))
        ]
    }
    static func outputs(_ config: Config, _ node: Node) -> [String] {
        [
            node.artifact("model", "\(node.stem).safetensors"),
            node.artifact("model", "\(node.stem).curve.json"),
        ]
    }
    static func run(_ config: any ResolvedConfig, _ work: any Workspace) throws -> JSON {
        try Toy.suffer(config, work)
        let names = work.outputs
        let random = try config.flag("random") ? " \(getpid())" : ""
        let file = try work.create(names[0])
        try file.write("weights \(try config.number("learning_rate"))\(random) of ")
        try file.write(try Toy.text(work, "train"))
        try file.write([UInt8](repeating: 65, count: try config.integer("size")))
        try file.close()
        try work.create(names[1]).write("[0.5, 0.25]\n")
        return ["loss": 0.25]
    }
    static func present(_ summary: JSON, _ config: Config) -> [String] {
        ["loss \(summary["loss"]?.double ?? 0)"]
    }
}

enum ToySample: Stage, StageComputation {
    typealias Computation = ToySample
    static let kind = "sample"
    static let summary = "Sample a toy."
    static let discussion = "EXAMPLE\n  stage-sample --count 3"
    static var codeDigest: String { Toy.code(kind) }
    static func schema(_ json: JSON) -> Schema {
        Schema(
            kind, Toy.trouble + [Parameter("count", .integer(1...100), help: "How many bytes.")])
    }
    static func inputs(_ config: Config, _ node: Node) -> [NodeInput] {
        [
            NodeInput(
                role: "test", name: node.artifact("dataset", "toy-test.safetensors"),
                madeBy: node.command("fetch-toy"))
        ]
    }
    static func outputs(_ config: Config, _ node: Node) -> [String] {
        [node.artifact("sample", "\(node.stem).safetensors")]
    }
    static func run(_ config: any ResolvedConfig, _ work: any Workspace) throws -> JSON {
        try Toy.suffer(config, work)
        let count = try config.integer("count")
        try work.create(work.outputs[0])
            .write(String(try Toy.text(work, "test").prefix(count)))
        return ["count": .integer(Int64(count))]
    }
    static func present(_ summary: JSON, _ config: Config) -> [String] {
        ["count \(summary["count"]?.int ?? 0)"]
    }
}

enum ToyAttack: Stage, StageComputation {
    typealias Computation = ToyAttack
    static let kind = "attack"
    static let summary = "Attack a toy."
    static let discussion = "EXAMPLE\n  stage-attack --config pipeline/mnist/attack-a.json"
    static var codeDigest: String { Toy.code(kind) }
    static func schema(_ json: JSON) -> Schema {
        Schema(
            kind,
            Toy.trouble + [
                Parameter(
                    "epsilon", .number(0...1), default: 0.1, unit: "pixels",
                    help: "The radius."),
                Parameter("model", .text, default: .null, help: "The model; by default all."),
                Parameter("sample", .text, default: .null, help: "The sample; by default all."),
            ])
    }
    static func inputs(_ config: Config, _ node: Node) throws -> [NodeInput] {
        func makers(_ kind: String, _ key: String) throws -> [String] {
            config.isSet(key)
                ? ["\(kind)-\(try config.text(key))"] : node.siblings(ofKind: kind)
        }
        return try makers("train", "model").map {
            NodeInput(
                role: "model",
                name: node.artifact("model", "\($0.dropFirst(6)).safetensors"),
                madeBy: node.command($0))
        }
            + makers("sample", "sample").map {
                NodeInput(
                    role: "sample",
                    name: node.artifact("sample", "\($0.dropFirst(7)).safetensors"),
                    madeBy: node.command($0))
            }
    }
    static func outputs(_ config: Config, _ node: Node) -> [String] {
        [node.artifact("attack", "\(node.stem).safetensors")]
    }
    static func run(_ config: any ResolvedConfig, _ work: any Workspace) throws -> JSON {
        try Toy.suffer(config, work)
        let (model, sample) = (try Toy.text(work, "model"), try Toy.text(work, "sample"))
        try work.create(work.outputs[0])
            .write("\(try config.number("epsilon")) \(sample) against \(model.prefix(100))")
        return ["success": .number(try config.number("epsilon"))]
    }
    static func present(_ summary: JSON, _ config: Config) -> [String] {
        ["success \(summary["success"]?.double ?? 0)"]
    }
}

enum ToyVisualize: Stage, StageComputation {
    typealias Computation = ToyVisualize
    static let kind = "visualize"
    static let summary = "Show the toys."
    static let discussion = "EXAMPLE\n  stage-visualize"
    static let readsRecords = true
    static var codeDigest: String { Toy.code(kind) }
    static func schema(_ json: JSON) -> Schema {
        Schema(
            kind, Toy.trouble + [Parameter("title", .text, default: "Toys", help: "The heading.")])
    }
    static func inputs(_ config: Config, _ node: Node) -> [NodeInput] {
        node.siblings(ofKind: "attack").map {
            NodeInput(
                role: $0, name: node.artifact("attack", "\($0.dropFirst(7)).safetensors"),
                madeBy: node.command($0))
        }
    }
    static func outputs(_ config: Config, _ node: Node) -> [String] {
        [node.report, node.artifact("grid", "")]
    }
    static func run(_ config: any ResolvedConfig, _ work: any Workspace) throws -> JSON {
        try Toy.suffer(config, work)
        let page = try work.create(work.outputs[0])
        try page.write("<h1>\(try config.text("title"))</h1>\n")
        for input in work.inputs {
            let success = try work.record(of: input.role)["summary"]?["success"]?.double ?? -1
            try page.write("<p>\(input.role) \(success) \(try Toy.text(work, input.role))</p>\n")
            try work.create(work.outputs[1] + "\(input.role).png").write(
                "png of \(input.role)")
        }
        return ["attacks": .integer(Int64(work.inputs.count))]
    }
    static func present(_ summary: JSON, _ config: Config) -> [String] {
        ["attacks \(summary["attacks"]?.int ?? 0)"]
    }
}
