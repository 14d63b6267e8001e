// Times that say nothing: all in the future, in 1970, or within one second. What a change of a config
// asks for is made all the same, and nothing twice.

import Foundation
import Testing

extension CampaignTests {
    @Test func clocksThatLie() throws {
        var tally = CampaignTally("clocks")
        // As `touch -d` reads them.
        let times = ["2100-01-01", "1970-01-01", "@$now", "2038-01-19 03:14:08", "1901-01-01"]
        let changes: [(node: String, text: String, ran: [String])] = [
            (
                "train-mlp", #"{"learning_rate": 0.9}"#,
                ["attack-a", "attack-b", "train-mlp", "visualize"]
            ),
            ("attack-a", #"{"epsilon": 0.3}"#, ["attack-a", "visualize"]),
            ("sample-5k", #"{"count": 3}"#, ["attack-a", "attack-b", "sample-5k", "visualize"]),
            ("visualize", #"{"title": "Old"}"#, ["visualize"]),
        ]
        for (node, text, ran) in Self.isFull ? changes : Array(changes.prefix(1)) {
            let fresh = try Playground()
            try fresh.config(node, text)
            _ = try fresh.built()
            let reference = fresh.visible()
            for time in Self.isFull ? times : Array(times.prefix(3)) {
                for isEditDated in [false, true] {
                    let problems = try change(
                        node, to: text, at: time, isEditDated, ran, reference)
                    tally.count(
                        "\(node) with all times at \(time)\(isEditDated ? ", the edit's too" : "")",
                        wasHarmed: false, problems)
                }
            }
        }
        tally.finish(atLeast: 6)
    }

    private func change(
        _ node: String, to text: String, at time: String, _ isEditDated: Bool, _ ran: [String],
        _ reference: [String: Data]
    ) throws -> [String] {
        let ground = try Playground()
        _ = try ground.built()
        // Not the Makefile, of whose time Make itself complains. One second for all of them.
        let touch =
            "now=$(date +%s); find artifacts data pipeline bin -exec touch -h -d \"\(time)\" {} +"
        _ = try ground.shell(touch)
        try ground.config(node, text)
        if isEditDated { _ = try ground.shell(touch) }
        var problems: [String] = []
        try ground.forgetMarks()
        let first = try ground.make("-j2 all")
        if first.status != 0 { problems.append("fails: \(first.output)") }
        if ground.marks != ran { problems.append("ran \(ground.marks)") }
        if ground.visible() != reference { problems.append("other artifacts") }
        let second = try ground.make()
        if second.output != "mnist is up to date in artifacts/\n" {
            problems.append("then: \(second.output)")
        }
        return problems
    }
}
