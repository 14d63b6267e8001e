// `make -j2 all` stopped by Ctrl-C, by `kill` and by force, at many times.

import Foundation
import Testing

extension CampaignTests {
    @Test func makeStoppedAtAnyTime() throws {
        var tally = CampaignTally("kills of make")
        let ground = try Playground()
        for (node, text) in [
            ("fetch-toy", #"{"source": "data/toy.txt", "sleep_ms": 20}"#),
            ("train-mlp", #"{"learning_rate": 0.1, "sleep_ms": 20}"#),
            ("visualize", #"{"sleep_ms": 20}"#),
        ] { try ground.config(node, text) }
        _ = try ground.built()
        let reference = ground.visible()
        for round in 0..<(Self.isFull ? 60 : 3) {
            for (signal, status) in [("INT", 130), ("TERM", 143), ("KILL", 137)] {
                let pause =
                    Double(round * 3 + Int(status) % 3) * (Self.isFull ? 0.004 : 0.06) + 0.02
                _ = try ground.shell("rm -rf artifacts")
                // A group of its own, as a terminal gives to `make`.
                let outcome = try ground.shell(
                    "set -m; \(Playground.make) -j2 all >log 2>&1 & sleep \(pause); "
                        + "kill -\(signal) -- -$! 2>/dev/null; wait $!")
                var problems: [String] = []
                // GNU Make may lose count of its children meanwhile; it then ends with 2 and says so.
                let log = String(decoding: ground.read("log") ?? Data(), as: UTF8.self)
                let isMakes = outcome.status == 2 && log.contains("wait: No child processes")
                if ![0, Int32(status)].contains(outcome.status), !isMakes {
                    problems.append("ended with \(outcome.status)")
                }
                problems += ground.partial(between: [:], and: reference, all: false)
                if signal != "KILL", !ground.temporaries.isEmpty {
                    problems.append("left \(ground.temporaries)")
                }
                let next = try ground.make()
                if next.status != 0 { problems.append("the next run fails: \(next.output)") }
                if ground.visible() != reference {
                    problems.append("the next run gives other artifacts")
                }
                if !ground.temporaries.isEmpty { problems.append("the next run leaves files") }
                tally.count(
                    "\(signal) after \(pause) s", wasHarmed: outcome.status != 0,
                    problems.isEmpty ? [] : problems + ["it said: \(log)"])
            }
        }
        tally.finish(atLeast: 9)
    }
}
