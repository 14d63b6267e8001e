// A stage that was added later: this file and one line in the list of `Toys`. Everything else that is
// known of it (its program's name, its nodes, their order, what is cleaned) follows.

import Artifacts
import Formats
import StageKit
import StageWork

enum ToyTransfer: Stage, StageComputation {
    typealias Computation = ToyTransfer
    static let kind = "transfer"
    static let summary = "Show the toy's attacks to another toy."
    static let discussion = "EXAMPLE\n  stage-transfer"
    static var codeDigest: String { Toy.code(kind) }
    static func schema(_ json: JSON) -> Schema {
        Schema(kind, Toy.trouble + [Parameter("model", .text, help: "The model that answers.")])
    }
    static func inputs(_ config: Config, _ node: Node) throws -> [NodeInput] {
        [node.model(try config.text("model")) { _ in "model" }]
            + node.siblings(ofKind: "attack").map { node.attack(String($0.dropFirst(7)), role: $0) }
    }
    static func outputs(_ config: Config, _ node: Node) -> [String] {
        [node.artifact(Toy.setting("TOY_FOLDER") ?? "transfer", "\(node.stem).safetensors")]
    }
    static func run(_ config: any ResolvedConfig, _ work: any Workspace) throws -> JSON {
        try Toy.suffer(config, work)
        let file = try work.create(work.output(endingIn: ".safetensors"))
        for input in work.inputs {
            try file.write("\(input.role): \(Toy.text(work, input.role))\n")
        }
        return ["attacks": .integer(Int64(work.inputs.count - 1))]
    }
    static func present(_ summary: JSON, _ config: Config) -> [String] {
        ["attacks \(summary["attacks"]?.int ?? 0) shown"]
    }
}
