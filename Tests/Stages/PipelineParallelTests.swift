// Several stages, or several makes, at once; inputs edited while a stage runs; stages that fail.

import Foundation
import Testing

@Suite struct PipelineParallelTests {
    @Test(arguments: ["-j1", "-j8", "-j8 THREADS=3"]) func anyNumberOfJobsGivesTheSameBytes(
        _ jobs: String
    )
        throws
    {
        let reference = try Playground.reference()
        let ground = try Playground()
        _ = try ground.built("\(jobs) all")
        #expect(ground.visible() == reference)
    }

    @Test func twoMakesAtOnceGiveTheSameBytes() throws {
        let reference = try Playground.reference()
        for _ in 0..<4 {
            let ground = try Playground()
            let outcome = try ground.shell(
                "\(Playground.make) -j2 all & first=$!; \(Playground.make) -j2 all; second=$?; "
                    + "wait $first; exit $(($? + second))")
            #expect(outcome.status == 0, "\(outcome.output)")
            #expect(ground.visible() == reference)
            ground.expectNothingPartial("two makes")
            #expect(try ground.built() == [])
        }
    }

    @Test(arguments: [
        ("train-mlp", "pipeline/mnist/train-mlp.json", #"{"learning_rate": 0.7}"#),
        ("fetch-toy", "data/toy.txt", "edited\n"),
    ])
    func anEditDuringARunPoisonsNothing(_ node: String, _ file: String, _ text: String) throws {
        let ground = try Playground()
        let slow =
            node == "train-mlp"
            ? #"{"learning_rate": 0.1, "sleep_ms": 800}"#
            : #"{"source": "data/toy.txt", "sleep_ms": 800}"#
        try ground.config(node, slow)
        let original = ground.read(file)
        let running = try ground.start("\(Playground.make) all", output: "log")
        for _ in 0..<400 where !ground.marks.contains(node) { usleep(5_000) }
        try ground.write(text, to: file)
        running.waitUntilExit()
        // The run used what it had read, and says that this is no longer what is asked for.
        #expect(running.terminationStatus == 2)
        let log = String(decoding: ground.read("log") ?? Data(), as: UTF8.self)
        #expect(log.contains("\(node) is not what these settings ask for"), "\(log)")
        let first = ground.visible()
        #expect(try ground.built().contains(node))
        let second = ground.visible()
        #expect(second != first)
        // Back to the original: what the first run stored under its key is the original's result.
        try (original ?? Data()).write(to: ground.root.appending(path: file))
        #expect(try ground.built() == [])
        #expect(ground.visible() == first)
        let fresh = try Playground()
        try fresh.config(node, slow)
        _ = try fresh.built()
        #expect(fresh.visible() == first)
    }

    @Test(arguments: ["-j1", "-j4"]) func aFailureHasTheLastWord(_ jobs: String) throws {
        let ground = try Playground()
        _ = try ground.built()
        let before = ground.visible()
        try ground.config("train-mlp", #"{"learning_rate": 0.3, "fail": true}"#)
        try ground.config("sample-5k", #"{"count": 3, "sleep_ms": 300}"#)
        try ground.forgetMarks()
        let outcome = try ground.make("\(jobs) all")
        #expect(outcome.status == 2)
        let last = try #require(outcome.lines.last)
        #expect(
            last.contains("train-mlp: the toy was told to fail; tell it otherwise"),
            "\(outcome.output)")
        #expect(!ground.marks.contains("attack-a") && !ground.marks.contains("visualize"))
        for name in before.keys where !name.contains("sample") {
            #expect(ground.visible()[name] == before[name], "\(name)")
        }
        #expect(try ground.make("-q all").status == 1)
        // The next make does not remember the failure.
        try ground.config("train-mlp", #"{"learning_rate": 0.3}"#)
        #expect(try ground.built().contains("train-mlp"))
    }

    @Test func aWrongConfigHasTheLastWord() throws {
        let ground = try Playground()
        try ground.config("attack-a", #"{"epsilon": 25}"#)
        let outcome = try ground.make("-j2 all")
        #expect(
            outcome.lines.last?.contains(
                "attack-a: epsilon: 25 is outside 0…1; did you mean 25/255 = 0.098? (pipeline/mnist/attack-a.json)"
            )
                == true, "\(outcome.output)")
        // It is known before any work, whichever node asks for it, and keeps nobody else.
        #expect(ground.marks.isEmpty && !outcome.says("rules:"))
        #expect(try ground.make("visualize").status == 2 && ground.marks.isEmpty)
        #expect(try ground.make("attack-b").status == 0)
        let typo = try ground.make("attack-b SET=attack-b.epsilom=1")
        #expect(typo.says("did you mean attack-b.epsilon?"), "\(typo.output)")
        #expect(try ground.make("why").says("attack-a: cannot be made: epsilon: 25 is outside"))
        #expect(try ground.make("plan").says("attack-a: would fail: epsilon: 25 is outside"))
        try ground.forgetMarks()
        #expect(try ground.make("-k all SET=attack-b.epsilon=0.5").status == 2)
        #expect(ground.marks.contains("attack-b"))
    }

    @Test func twoResultsForOneKeyAreALoudError() throws {
        let ground = try Playground()
        try ground.config("train-mlp", #"{"random": true}"#)
        _ = try ground.built()
        let before = ground.visible()
        let outcome = try ground.shell("bin/stage-train --force")
        #expect(outcome.status == 70)
        #expect(outcome.says("model/mlp.safetensors") && outcome.says("is not deterministic"))
        #expect(ground.visible() == before)
        // A deterministic stage passes the same check.
        #expect(try ground.shell("bin/stage-sample --force").says("sample-5k: ran"))
    }

    @Test func anExperimentHasNamesOfItsOwn() throws {
        let ground = try Playground()
        _ = try ground.built()
        let before = ground.visible()
        _ = try ground.shell(
            "cp -r pipeline/mnist pipeline/original; echo '{\"epsilon\": 0.5}' > pipeline/original/attack-a.json"
        )
        #expect(
            try ground.built("all EXPERIMENT=original")
                // What mnist has done already is given this experiment's names.
                == ["attack-a", "visualize"])
        for name in before.keys { #expect(ground.visible()[name] == before[name], "\(name)") }
        for name in [
            "model/original/mlp.safetensors", "records/original/attack-a.json",
            "grid/original/attack-a.png", "report-original.html",
        ] {
            #expect(ground.visible()[name] != nil, "\(name)")
        }
        #expect(try ground.make("lock EXPERIMENT=original").says("pipeline/original.lock"))
        #expect(try ground.make("verify EXPERIMENT=original").status == 0)
        #expect(try ground.make("all").output == "mnist is up to date in artifacts/\n")
        #expect(
            try ground.make("all EXPERIMENT=none").says(
                "There is no experiment pipeline/none/; there are: mnist original"))
    }

    @Test func sourcesAreBuiltOnceWhenTheirContentChanges() throws {
        let ground = try Playground()
        _ = try ground.shell(
            "mkdir -p Sources tools .build/release && cp -P bin/* .build/release/ && echo a > Sources/a.swift && echo b > Package.swift; "
                + "printf '#!/bin/bash\\necho \"$@\" >> builds\\n' > tools/swift; printf '#!/bin/bash\\n' > tools/pkg-config; chmod +x tools/*"
        )
        let path = [
            "PATH": "\(ground.path("tools")):\(ProcessInfo.processInfo.environment["PATH"] ?? "")"
        ]
        func builds(_ what: String) throws -> Int {
            let outcome = try ground.shell("make all", path)
            #expect(outcome.status == 0, "\(what): \(outcome.output)")
            return String(decoding: ground.read("builds") ?? Data(), as: UTF8.self).split(
                separator: "\n"
            ).count
        }
        #expect(try builds("first") == 1)
        #expect(try builds("again") == 1)
        _ = try ground.shell("touch Sources/a.swift Package.swift Makefile")
        #expect(try builds("touched") == 1)
        _ = try ground.shell("echo c > Sources/a.swift")
        #expect(try builds("changed") == 2)
        #expect(try builds("after the change") == 2)
        _ = try ground.shell("mv Sources/a.swift Sources/b.swift")
        #expect(try builds("renamed") == 3)
    }
}
