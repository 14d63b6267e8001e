// What a make says at its end is so: whatever stamps, clocks, other makes and other users did meanwhile,
// it looks at the contents, with its own settings, and fails by name where they are not there.

import Foundation
import Testing

@Suite struct PipelineLastWordTests {
    let ground: Playground

    init() throws {
        ground = try Playground()
        _ = try ground.built()
    }

    /// Who is not root, for tests of permissions; empty when we are not root ourselves.
    static let user =
        getuid() == 0 ? "setpriv --reuid=65534 --regid=65534 --clear-groups " : ""

    @Test func aStoreThatCannotBeWrittenShowsNoOldFigure() throws {
        try ground.config("attack-a", #"{"epsilon": 0.7}"#)
        _ = try ground.shell("chmod -R a+rX . && chmod -R a-w artifacts")
        defer { _ = try? ground.shell("chmod -R u+w artifacts") }
        let outcome = try ground.shell(
            "\(Self.user)\(Playground.make) attack-a", ["TOY_MARKS": "/dev/null"])
        #expect(outcome.status == 2)
        #expect(!outcome.says("success"), "\(outcome.output)")
        #expect(outcome.lines.last?.contains("Permission denied") == true, "\(outcome.output)")
    }

    @Test func timesSayNothing() throws {
        for time in ["2060-01-01", "1970-01-02", "2024-02-02 10:00:00"] {
            _ = try ground.shell("find . -exec touch -h -d '\(time)' {} +")
            #expect(try ground.built() == [], "\(time)")
            let epsilon = time.hasPrefix("2060") ? 0.3 : time.hasPrefix("1970") ? 0.4 : 0.5
            try ground.config("attack-a", "{\"epsilon\": \(epsilon)}")
            _ = try ground.shell("find . -exec touch -h -d '\(time)' {} +")
            let outcome = try ground.make("attack-a")
            #expect(outcome.status == 0 && outcome.says("success \(epsilon)"), "\(time)")
            #expect(try ground.built() == ["visualize"])
        }
    }

    @Test func aLookChangesNothing() throws {
        try ground.config("attack-a", #"{"epsilon": 0.7}"#)
        let all = "find artifacts -printf '%p %y %s %T@ %C@\\n' | sort"
        let before = try ground.shell(all).output
        for goal in ["why", "plan", "dag", "-n all", "-q all"] {
            _ = try ground.make(goal)
            #expect(try ground.shell(all).output == before, "\(goal)")
        }
        // What somebody else asks takes no work away either.
        #expect(try ground.built() == ["attack-a", "visualize"])
    }

    /// Each of two makes with different settings ends with its own result, or says that it has not.
    @Test func twoMakesWithOtherSettingsEachSpeakForThemselves() throws {
        try ground.config("attack-a", #"{"epsilon": 0.2, "sleep_ms": 60}"#)
        var ownWord = 0
        for round in 0..<6 {
            func run(_ epsilon: String, _ name: String) -> String {
                "\(Playground.make) attack-a SET=attack-a.epsilon=\(epsilon) > \(name) 2>&1; echo $? > \(name).status"
            }
            _ = try ground.shell(
                "(\(run("0.\(round)1", "one"))) & sleep 0.0\(round); (\(run("0.\(round)2", "two"))); wait"
            )
            for (name, epsilon) in [("one", "0.\(round)1"), ("two", "0.\(round)2")] {
                let said = String(decoding: ground.read(name) ?? Data(), as: UTF8.self)
                let status = String(
                    decoding: ground.read("\(name).status") ?? Data(), as: UTF8.self)
                if status == "0\n" {
                    let last = said.split(separator: "\n").last { $0.contains("success") }
                    #expect(last?.contains("success \(epsilon)") == true, "\(name): \(said)")
                    ownWord += 1
                } else {
                    // The other's setting is on record, or the other is just putting its names.
                    #expect(
                        said.contains("attack-a is not what these settings ask for: "),
                        "\(name): \(said)")
                }
            }
        }
        #expect(ownWord >= 3)
    }

    @Test func whatIsTakenAwayMeanwhileIsMissed() throws {
        try ground.config("attack-b", #"{"epsilon": 0.9, "sleep_ms": 700}"#)
        try ground.forgetMarks()
        let running = try ground.start("\(Playground.make) all", output: "log")
        for _ in 0..<400 where !ground.marks.contains("attack-b") { usleep(5_000) }
        _ = try ground.shell("rm -r artifacts/model")
        running.waitUntilExit()
        #expect(running.terminationStatus == 2)
        let log = String(decoding: ground.read("log") ?? Data(), as: UTF8.self)
        #expect(log.contains("train-mlp is not what these settings ask for"), "\(log)")
        #expect(try ground.built() == [])
    }

    @Test func keepGoingRunsWhatItCanAndListsAllFailures() throws {
        try ground.config("train-mlp", #"{"learning_rate": 0.3, "fail": true}"#)
        try ground.config("train-other", #"{"learning_rate": 0.2}"#)
        try ground.config("sample-odd", #"{"count": 999}"#)
        try ground.config("sample-5k", #"{"count": 4}"#)
        try ground.forgetMarks()
        let outcome = try ground.make("-k all")
        #expect(outcome.status == 2)
        #expect(ground.marks == ["sample-5k", "train-mlp", "train-other"])
        let end = outcome.lines.suffix(4).joined(separator: "\n")
        #expect(end.contains("train-mlp: the toy was told to fail"), "\(outcome.output)")
        #expect(end.contains("sample-odd: count: 999 is outside 1…100"), "\(outcome.output)")
        #expect(
            end.contains("not run, since they read from what failed: attack-a attack-b visualize"))
        // Without it the first failure is the last thing that is started.
        try ground.config("sample-5k", #"{"count": 3}"#)
        try ground.forgetMarks()
        #expect(try ground.make("-j1 all").status == 2)
        #expect(!ground.marks.contains("attack-a"))
    }

    @Test func aDryRunTellsTheTruth() throws {
        #expect(try ground.make("-n all").output == "")
        #expect(try ground.make("-q all").status == 0)
        try ground.remove("artifacts")
        let outcome = try ground.make("-n all")
        #expect(outcome.status == 0 && !outcome.says("is up to date"))
        let nodes = outcome.lines.map { $0.split(separator: " ").dropFirst().first ?? "" }
        #expect(
            nodes == ["fetch-toy", "train-mlp", "sample-5k", "attack-a", "attack-b", "visualize"])
        #expect(!ground.exists("artifacts"))
        #expect(try ground.make("-q all").status == 1)
    }

    @Test func equalWorkIsDoneOnceWhoeverAsks() throws {
        _ = try ground.shell(
            "cp -r pipeline/mnist pipeline/again && mv pipeline/again/train-mlp.json pipeline/again/train-net.json"
        )
        // Only the report is another: it names its experiment.
        #expect(try ground.built("all EXPERIMENT=again") == ["visualize"])
        let names = ground.visible()
        for (one, two) in [
            ("model/mlp.safetensors", "model/again/net.safetensors"),
            ("model/mlp.curve.json", "model/again/net.curve.json"),
            ("sample/5k.safetensors", "sample/again/5k.safetensors"),
            ("attack/a.safetensors", "attack/again/a.safetensors"),
        ] {
            #expect(names[one] != nil && names[one] == names[two], "\(two)")
        }
        #expect(
            try ground.make("why EXPERIMENT=again").lines.allSatisfy { $0.hasSuffix(": fresh") })
    }
}
