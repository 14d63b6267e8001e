// Links planted at every place where the programs look, as a stranger's archive may hold them. Nothing
// behind a link is read into the store, written or deleted.

import Foundation
import Testing

extension CampaignTests {
    private static let places = [
        ".tmp", ".tmp/1-0", ".tmp/.guard", ".make", ".make/mnist", ".keys", ".keys/ab", ".verified",
        ".verified/objects", ".verified/outside", "records", "records/original", "objects",
        "objects/ab", ".lock", ".mirage-store", "model", "grid", "dataset", "report.html",
        "records/train-mlp.json", "model/mlp.safetensors", "attack/a.safetensors",
        "grid/attack-a.png",
    ]

    private static let commands =
        ["rules", "why", "check", "verify", "gc"].map { "bin/pipeline-tool \($0)" }
        + ["bin/stage-train", "bin/stage-visualize"].flatMap { [$0, "\($0) --force"] }
        + ["\(Playground.make) all", "bin/pipeline-tool clean", "\(Playground.make) clean"]

    @Test func linksAtEveryPlace() throws {
        var tally = CampaignTally("links")
        let ground = try Playground()
        _ = try ground.built()
        let reference = ground.visible()
        // A config that is not made yet, so that there is something to do.
        try ground.config("train-mlp", #"{"learning_rate": 0.9}"#)
        _ = try ground.shell("bin/pipeline-tool lock; cp -a artifacts base")
        try makeDecoys(ground)
        let targets = [
            "documents", "documents/letter", "documents/nothing", "documents/1-0", "twin",
        ]
        for (number, place) in Self.places.enumerated() {
            for target in Self.isFull ? targets : [targets[number % targets.count]] {
                try plant(ground, place, target)
                let before = try decoys(ground)
                // One after the other, so that each command meets each kind of place.
                let count = Self.commands.count
                let turns = Self.isFull ? 0..<count : (3 * number)..<(3 * number + 3)
                for command in turns.map({ Self.commands[$0 % count] }) {
                    let outcome = try ground.ended(command)
                    var problems = judge(outcome, command)
                    if try decoys(ground) != before {
                        problems.append("changed something outside, or read it into the store")
                        try makeDecoys(ground)
                        try plant(ground, place, target)
                    }
                    tally.count(
                        "\(command) with \(place) → \(target)", wasHarmed: false,
                        problems.isEmpty ? [] : problems + ["it said: \(outcome.output)"])
                }
                // The way out: without the link all is as ever.
                try ground.config("train-mlp", #"{"learning_rate": 0.1}"#)
                let next = try ground.shell(
                    "[ ! -L artifacts/\(place) ] || rm artifacts/\(place); \(Playground.make) all")
                tally.count(
                    "\(place) → \(target), taken away", wasHarmed: true,
                    next.status == 0 && ground.visible() == reference
                        ? [] : ["all then fails: \(next.output)"])
                try ground.config("train-mlp", #"{"learning_rate": 0.9}"#)
            }
        }
        tally.finish(atLeast: 90)
    }

    /// Files elsewhere: some with names as the pipeline gives them, and a second store.
    private func makeDecoys(_ ground: Playground) throws {
        _ = try ground.shell(
            """
            rm -rf documents twin; cp -a base twin; mkdir -p documents/{ab,1-0,mnist,objects/ab}
            for folder in documents documents/{ab,1-0,mnist,objects/ab}; do
                for file in letter output-0 .lock text name x.tmp train-mlp.json mlp.safetensors; do
                    echo precious >$folder/$file
                done
            done
            : >documents/mnist/train-mlp
            find documents twin -exec touch -h -d 2001-01-01 {} +
            """)
    }

    /// Every name, time, size and content of them.
    ///
    /// What of them is in the store too; grep follows no link that it meets below a folder.
    private func decoys(_ ground: Playground) throws -> String {
        try ground.shell(
            "find documents twin -printf '%p %y %s %T@ %C@ %m %l\\n' | sort; "
                + "find documents twin -type f -exec cksum {} + | sort; "
                + "grep -rls precious artifacts/ || true"
        ).output
    }

    private func plant(_ ground: Playground, _ place: String, _ target: String) throws {
        let inner = target == "twin" ? "twin/\(place)" : target
        _ = try ground.shell(
            "rm -rf artifacts; cp -a base artifacts; rm -rf artifacts/\(place); "
                + "mkdir -p $(dirname artifacts/\(place)); ln -s \"$PWD/\(inner)\" artifacts/\(place)"
        )
    }

    private func judge(
        _ outcome: Playground.Outcome, _ command: String
    ) -> [String] {
        var problems: [String] = []
        let isMake = command.hasPrefix("make")
        if ![0, 65, 66, 75].contains(outcome.status), !(isMake && outcome.status == 2) {
            problems.append("ended with \(outcome.status)")
        }
        if outcome.status != 0, outcome.output.isEmpty { problems.append("said nothing") }
        return problems
    }
}
