// Death at every instant. Each change that a stage makes to the disk is tried as its last, by
// SIGKILL and as a full disk; after each, nothing partial is visible and the next run ends as if
// nothing had happened.

import Foundation
import Testing

@Suite struct PipelineCrashTests {
    /// The command of each stage, in order.
    static let stages = [
        "stage-fetch", "stage-train", "stage-sample",
        "stage-attack --config pipeline/mnist/attack-a.json",
        "stage-attack --config pipeline/mnist/attack-b.json", "stage-visualize",
    ]

    @Test(arguments: [0, 1, 5]) func killedAtEveryChangeOfTheDisk(_ stage: Int) throws {
        let reference = try Playground.reference()
        let ground = try Playground()
        // What was there before: a complete run of another configuration.
        try ground.config("train-mlp", #"{"learning_rate": 0.9}"#)
        try ground.config("visualize", #"{"title": "Old"}"#)
        _ = try ground.built()
        let old = ground.visible()
        _ = try ground.shell("cp -a artifacts old; echo '{}' > pipeline/mnist/visualize.json")
        if stage != 5 { try ground.config("train-mlp", "{}") }
        if stage == 0 { try ground.write("hello again\n", to: "data/toy.txt") }

        var step = 1
        while true {
            _ = try ground.shell("rm -rf artifacts && cp -a old artifacts")
            let outcome = try ground.shell(
                "bin/\(Self.stages[stage])", ["TOY_DIE_AT": "\(step)"])
            if outcome.status == 0 { break }
            #expect(outcome.status == 9 || outcome.status == 137, "step \(step): \(outcome.output)")
            ground.expectNothingPartial("killed at step \(step)")
            for (name, content) in ground.visible()
            where !content.elementsEqual(old[name] ?? Data()) {
                // Whatever is no longer the old thing is the complete new one.
                #expect(!content.isEmpty && content != Data("dangling".utf8), "\(name) at \(step)")
            }
            // The next run resumes and leaves no temporary file.
            let next = try ground.shell("bin/\(Self.stages[stage])")
            #expect(next.status == 0, "after step \(step): \(next.output)")
            #expect(ground.temporaries == [], "step \(step)")
            step += 1
        }
        #expect(step > 20, "only \(step) changes of the disk were tried")
        try ground.write("hello data\n", to: "data/toy.txt")
        try ground.config("train-mlp", #"{"learning_rate": 0.1}"#)
        _ = try ground.built()
        #expect(ground.visible() == reference)
    }

    @Test func aFullDiskAtEveryChangeLeavesAllIntact() throws {
        let ground = try Playground()
        _ = try ground.built()
        let before = ground.visible()
        try ground.config("train-mlp", #"{"learning_rate": 0.9}"#)
        var step = 1
        while true {
            let outcome = try ground.shell("bin/stage-train", ["TOY_FULL_AT": "\(step)"])
            if outcome.status == 0 { break }
            #expect(outcome.status == 74, "step \(step): \(outcome.output)")
            #expect(outcome.lines.count == 1 && outcome.says("No space left on device"))
            #expect(outcome.says("make room on the disk"))
            ground.expectNothingPartial("full at step \(step)")
            #expect(ground.temporaries == [], "step \(step)")
            step += 1
            _ = try ground.shell("rm -rf artifacts/.keys")
            try ground.config("train-mlp", #"{"learning_rate": 0.1}"#)
            #expect(try ground.make("train-mlp").status == 0)
            #expect(ground.visible() == before, "step \(step)")
            try ground.config("train-mlp", #"{"learning_rate": 0.9}"#)
        }
        #expect(step > 15)
    }

    @Test func aLimitOnFileSizesIsAFullDisk() throws {
        let ground = try Playground()
        try ground.config("train-mlp", #"{"size": 300000}"#)
        _ = try ground.make("fetch-toy")
        let outcome = try ground.shell("ulimit -f 100; bin/stage-train")
        #expect(outcome.status == 74)
        #expect(outcome.says("cannot write model/mlp.safetensors: File too large"))
        #expect(!ground.exists("artifacts/model/mlp.safetensors"))
        #expect(try ground.built().contains("train-mlp"))
    }

    @Test func withoutPermissionTheMessageIsClearAndAllIsIntact() throws {
        let ground = try Playground()
        _ = try ground.built()
        let before = ground.visible()
        try ground.config("train-mlp", #"{"learning_rate": 0.9}"#)
        // Root may write anywhere, so the stage runs as somebody else then.
        let user = getuid() == 0 ? "setpriv --reuid=65534 --regid=65534 --clear-groups " : ""
        _ = try ground.shell("chmod -R a+rX . && chmod -R a-w artifacts && chmod a+w . marks")
        let stale = try ground.shell("\(user)bin/stage-train", ["TOY_MARKS": "/dev/null"])
        #expect(stale.status == 74, "\(stale.output)")
        #expect(stale.says("Permission denied") && stale.says("see that you may write there"))
        // What is up to date needs no writing.
        let fresh = try ground.shell("\(user)bin/stage-sample")
        #expect(fresh.status == 0 && fresh.says("unchanged"), "\(fresh.output)")
        #expect(ground.visible() == before)
        _ = try ground.shell("chmod -R u+w artifacts")
    }

    @Test(arguments: [SIGINT, SIGTERM]) func aStoppedStageLeavesNothing(_ signal: Int32) throws {
        let ground = try Playground()
        try ground.config("train-mlp", #"{"sleep_ms": 5000}"#)
        _ = try ground.make("fetch-toy")
        let process = try ground.start("exec bin/stage-train", output: "log")
        for _ in 0..<400 where !ground.marks.contains("train-mlp") { usleep(5_000) }
        #expect(try ground.shell("ls -A artifacts/.tmp").lines.count == 2)
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        #expect(process.terminationReason == .exit && process.terminationStatus == 128 + signal)
        let log = String(decoding: ground.read("log") ?? Data(), as: UTF8.self)
        #expect(log.contains("nothing is left half-written"))
        #expect(ground.temporaries == [])
        ground.expectNothingPartial("signal \(signal)")
    }

    @Test(arguments: ["INT", "TERM", "KILL"]) func makeStoppedAnywhereResumes(_ signal: String)
        throws
    {
        let reference = try Playground.reference()
        let ground = try Playground()
        for (node, text) in [
            ("fetch-toy", #"{"source": "data/toy.txt", "sleep_ms": 20}"#),
            ("train-mlp", #"{"learning_rate": 0.1, "sleep_ms": 20}"#),
            ("visualize", #"{"sleep_ms": 20}"#),
        ] { try ground.config(node, text) }
        for pause in stride(from: 0.03, to: 0.4, by: 0.06) {
            _ = try ground.shell("rm -rf artifacts")
            // A group of its own, as a terminal gives to `make`.
            _ = try ground.shell(
                "set -m; \(Playground.make) -j2 all >/dev/null 2>&1 & sleep \(pause); "
                    + "kill -\(signal) -- -$! 2>/dev/null; wait; true")
            ground.expectNothingPartial("\(signal) after \(pause) s")
            _ = try ground.built()
            let visible = ground.visible()
            for name in visible.keys where !name.hasPrefix("records") {
                #expect(visible[name] == reference[name], "\(name), \(signal) after \(pause) s")
            }
            #expect(Set(visible.keys) == Set(reference.keys))
        }
    }

    @Test func aReaderThatGoesAwayStopsNothing() throws {
        let reference = try Playground.reference()
        let ground = try Playground()
        _ = try ground.shell("\(Playground.make) all | head -1")
        ground.expectNothingPartial("make | head -1")
        _ = try ground.built()
        #expect(ground.visible() == reference)
        _ = try ground.shell("rm -rf artifacts; bin/stage-fetch | head -c 1")
        #expect(ground.exists("artifacts/records/fetch-toy.json"))
    }

    @Test func leftoversOfTheDeadAreSweptAndThoseOfTheLivingAreNot() throws {
        let ground = try Playground()
        try ground.config("train-mlp", #"{"sleep_ms": 1200}"#)
        _ = try ground.make("fetch-toy")
        let running = try ground.start("exec bin/stage-train", output: "log")
        for _ in 0..<400 where !ground.marks.contains("train-mlp") { usleep(5_000) }
        _ = try ground.shell(
            "mkdir -p artifacts/.tmp/999-0; touch artifacts/.tmp/999-0/.lock artifacts/.tmp/999-0/output-0"
        )
        #expect(try ground.shell("bin/stage-sample").status == 0)
        let left = try ground.shell("ls -A artifacts/.tmp").lines
        #expect(left.count == 2 && left[1].hasPrefix("\(running.processIdentifier)-"), "\(left)")
        running.waitUntilExit()
        #expect(running.terminationStatus == 0)
    }
}
