// What the faults are done to: a store as it stands before, and one command on it.

import Foundation

/// A command on a store in a certain state.
struct CampaignScenario: Sendable {
    /// What a command is for, which says what its success means.
    enum Kind: Sendable {
        /// A stage: its artifacts and its record are those of a run without trouble.
        case stage
        /// It looks and changes nothing: it says what it says without trouble.
        case look
        /// It looks for Make, which may do more than it must.
        case rules
        /// It takes things away.
        case removal
    }

    let name: String
    let kind: Kind
    let command: String
    /// What is done to a complete store, in the playground, before the command.
    let preparation: String

    static let anew = CampaignScenario(
        name: "fetch into nothing", kind: .stage, command: "bin/stage-fetch",
        preparation: "rm -rf artifacts")
    static let train = CampaignScenario(
        name: "train anew", kind: .stage, command: "bin/stage-train",
        preparation: #"echo '{"learning_rate": 0.9}' > pipeline/mnist/train-mlp.json"#)
    static let visualize = CampaignScenario(
        name: "visualize anew", kind: .stage, command: "bin/stage-visualize",
        preparation: #"echo '{"title": "New"}' > pipeline/mnist/visualize.json"#)
    static let restore = CampaignScenario(
        name: "restore", kind: .stage,
        command: "bin/stage-attack --config pipeline/mnist/attack-a.json",
        preparation: "rm -rf artifacts/attack artifacts/records/attack-a.json")
    static let unchanged = CampaignScenario(
        name: "find unchanged", kind: .stage, command: "bin/stage-visualize",
        preparation: "touch artifacts/report.html")

    static let stages = [anew, train, visualize, restore, unchanged]

    static let tools = [
        CampaignScenario(
            name: "rules", kind: .rules, command: "bin/pipeline-tool rules",
            preparation: "bin/pipeline-tool lock"),
        CampaignScenario(
            name: "why", kind: .look, command: "bin/pipeline-tool why",
            preparation: "bin/pipeline-tool lock"),
        CampaignScenario(
            name: "check", kind: .look, command: "bin/pipeline-tool check",
            preparation: "bin/pipeline-tool lock"),
        CampaignScenario(
            name: "verify", kind: .look, command: "bin/pipeline-tool verify",
            preparation: "bin/pipeline-tool lock"),
        CampaignScenario(
            name: "gc", kind: .removal, command: "bin/pipeline-tool gc",
            preparation: "rm -rf artifacts/attack artifacts/records/attack-a.json"),
        CampaignScenario(
            name: "clean", kind: .removal, command: "bin/pipeline-tool clean",
            preparation: "true"),
    ]
}
