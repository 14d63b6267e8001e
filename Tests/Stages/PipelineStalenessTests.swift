// When nothing has changed, nothing runs; when something has, exactly what depends on it.

import Foundation
import Testing

@Suite struct PipelineStalenessTests {
    let ground: Playground
    let everything = [
        "attack-a", "attack-b", "fetch-toy", "sample-5k", "train-mlp", "visualize",
    ]

    init() throws {
        ground = try Playground()
        #expect(try ground.built() == everything)
    }

    /// Runs `make all` and expects that it did not even start a stage.
    func expectQuiet(_ what: String, _ arguments: String = "all") throws {
        let outcome = try ground.make(arguments)
        #expect(outcome.status == 0)
        #expect(outcome.output == "mnist is up to date in artifacts/\n", "\(what)")
    }

    @Test func aSecondMakeStartsNothingAndIsQuick() throws {
        try expectQuiet("nothing happened")
        #expect(try ground.make("-q all").status == 0)
        // Processor time, which other tests at the same moment cannot stretch; the best of seven.
        let times = try (0..<7).map { _ in
            let words = try ground.shell("TIMEFORMAT='%U %S'; time \(Playground.make) all").lines
                .last
            return words?.split(separator: " ").compactMap { Double($0) }.reduce(0, +) ?? 1
        }
        #expect(try #require(times.min()) < 0.15)
        #expect(try #require(times.min()) > 0)
    }

    @Test(arguments: [
        "pipeline/mnist/train-mlp.json", "data/toy.txt", "Makefile", "pipeline/make/run",
        "artifacts/report.html", "artifacts/records/train-mlp.json", "bin/stage-train",
    ])
    func aTouchRunsNothing(_ file: String) throws {
        _ = try ground.shell("touch \(file)")
        try expectQuiet("touched \(file)")
        #expect(try ground.make("-q all").status == 0)
    }

    @Test func commentsAndSpacesChangeNothing() throws {
        try ground.config("train-mlp", "// slower\n{ \"learning_rate\" : 1e-1 /* per step */ }\n")
        try expectQuiet("a comment in a config")
        try ground.config("attack-b", "{\"epsilon\":   \"8 / 255\"}")
        try expectQuiet("a space in a config")
        _ = try ground.shell("printf '\\n# a comment\\n' >> Makefile")
        try expectQuiet("a comment in the Makefile")
    }

    @Test func aParameterRunsItsStageAndWhatDiffersAfterIt() throws {
        try ground.config("train-mlp", #"{"learning_rate": 0.5}"#)
        #expect(try ground.make("-q all").status == 1)
        #expect(try ground.built() == ["attack-a", "attack-b", "train-mlp", "visualize"])
        // This one changes nothing in what comes out, so nothing after it runs.
        try ground.config("train-mlp", #"{"learning_rate": 0.5, "comment": "x"}"#)
        #expect(try ground.built() == ["train-mlp"])
        // One attack only.
        try ground.config("attack-a", #"{"epsilon": 0.3}"#)
        #expect(try ground.built() == ["attack-a", "visualize"])
        try expectQuiet("after all that")
    }

    @Test func aParameterPutBackIsRestored() throws {
        let before = ground.visible()
        try ground.config("train-mlp", #"{"learning_rate": 0.5}"#)
        _ = try ground.built()
        #expect(ground.visible() != before)
        try ground.config("train-mlp", #"{"learning_rate": 0.1}"#)
        try ground.forgetMarks()
        let outcome = try ground.make()
        #expect(outcome.says("train-mlp: restored") && outcome.says("visualize: restored"))
        #expect(ground.marks == [])
        #expect(ground.visible() == before)
    }

    @Test(arguments: [
        ("fetch", ["fetch-toy"]), ("train", ["train-mlp"]), ("sample", ["sample-5k"]),
        ("visualize", ["visualize"]),
        // The report says nothing of code, so where results stay it does.
        ("attack", ["attack-a", "attack-b"]),
    ])
    func changedCodeRunsItsStages(_ kind: String, _ expected: [String]) throws {
        #expect(try ground.built("all", ["TOY_CODE_\(kind)": "edited"]) == expected)
        let again = try ground.make("all", ["TOY_CODE_\(kind)": "edited"])
        #expect(again.output == "mnist is up to date in artifacts/\n")
    }

    @Test func contentWithAnOldTimeIsNoticed() throws {
        _ = try ground.shell(
            "touch -r data/toy.txt keep && echo 'other data' > data/toy.txt && touch -r keep data/toy.txt"
        )
        #expect(try ground.built() == everything)
        let model = String(
            decoding: ground.read("artifacts/model/mlp.safetensors") ?? Data(), as: UTF8.self)
        #expect(model.contains("other data"))
    }

    @Test func anOptionalFileThatAppearsIsNoticed() throws {
        try ground.write("more", to: "data/extra.txt")
        // The fetch runs again, and gives the same datasets.
        #expect(try ground.built() == ["fetch-toy"])
    }

    @Test func aNewConfigIsANewNode() throws {
        try ground.config("attack-c", "{}")
        #expect(try ground.built() == ["attack-c", "visualize"])
        #expect(try ground.make("attack-c").says("success 0.1"))
        try ground.remove("pipeline/mnist/attack-c.json")
        #expect(try ground.built() == [])
        #expect(!ground.exists("artifacts/grid/attack-c.png"))
    }

    @Test func aNodeByNameShowsItsFiguresAlsoWhenNothingRan() throws {
        let outcome = try ground.make("attack-a")
        #expect(outcome.output == "attack-a: attack/a.safetensors\n  success 0.2\n")
        try ground.config("attack-a", #"{"epsilon": 0.4}"#)
        let changed = try ground.make("attack-a")
        #expect(changed.lines.filter { $0.contains("success 0.4") }.count == 1)
    }

    @Test func aRunByHandIsThatOfMake() throws {
        let before = ground.visible()
        try ground.remove("artifacts")
        for line in ["fetch", "train", "sample", "attack --config pipeline/mnist/attack-a.json"] {
            #expect(try ground.shell("bin/stage-\(line) --out artifacts/ --threads 3").status == 0)
        }
        for name in ["model/mlp.safetensors", "attack/a.safetensors", "records/attack-a.json"] {
            #expect(ground.visible()[name] == before[name], "\(name)")
        }
        #expect(try ground.built() == ["attack-b", "visualize"])
        // A flag that the config does not have is undone by the next make.
        #expect(try ground.shell("bin/stage-train --learning-rate 0.9").status == 0)
        #expect(try ground.built() == [])
        #expect(ground.visible() == before)
    }

    @Test func whyAndPlanNameWhatDiffers() throws {
        try ground.config("attack-a", #"{"epsilon": 0.3}"#)
        let why = try ground.make("why").output
        #expect(why.contains("attack-a: stale, config `epsilon` 0.2 → 0.3"))
        #expect(why.contains("attack-b: fresh\n"))
        #expect(why.contains("visualize: fresh so far; it reads from attack-a, which is not"))
        let plan = try ground.make("plan").output
        #expect(plan.contains("attack-a: would be run"))
        #expect(plan.contains("train-mlp: nothing to do"))
        #expect(plan.contains("visualize: depends on what attack-a gives"))
        let code = try ground.make("why", ["TOY_CODE_sample": "edited"]).output
        #expect(code.contains("sample-5k: stale, code"))
        try ground.write("other", to: "data/toy.txt")
        #expect(
            try ground.make("why").output.contains("fetch-toy: stale, input source (data/toy.txt)"))
    }
}
