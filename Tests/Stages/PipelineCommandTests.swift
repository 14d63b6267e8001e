// The command line of a stage: flags from the schema, help, and exit codes with their messages.

import Foundation
import Testing

@Suite struct PipelineCommandTests {
    /// A command line, the exit code and the words that its output must have.
    static let cases: [(String, Int32, [String])] = [
        ("stage-fetch", 0, ["fetch-toy: ran", "bytes 11"]),
        ("stage-fetch --quiet", 0, []),
        ("stage-fetch --version", 0, ["stage-fetch 1.0 (code toy)"]),
        (
            "stage-train --help", 0,
            [
                "--learning-rate (number 0…1; per step; default 0.1)", "EXAMPLE", "--threads",
                "--quiet",
            ]
        ),
        ("stage-sample --help", 0, ["--count (integer 1…100; must be given)"]),
        (
            "stage-train", 66,
            ["dataset/toy-train.safetensors does not exist; `make fetch-toy` makes it"]
        ),
        (
            "stage-train --learning-rat 1", 64,
            ["unknown flag --learning-rat; did you mean --learning-rate?"]
        ),
        ("stage-train --learning-rate", 64, ["--learning-rate needs a value (number 0…1)"]),
        (
            "stage-train --learning-rate 25", 64,
            ["learning_rate: 25 is outside 0…1; did you mean 25/255 = 0.098?"]
        ),
        (
            "stage-train --learning-rate=abc", 64,
            ["expected a number, or a fraction such as \"8/255\", found \"abc\""]
        ),
        ("stage-train stray", 64, ["unexpected \"stray\"; settings are written --name value"]),
        ("stage-train --describe", 64, ["stage-train has nothing to describe", "--help"]),
        ("stage-train --threads 0", 64, ["--threads 0"]),
        ("stage-train --threads many", 64, ["threads"]),
        ("stage-sample --count 101", 64, ["count: 101 is outside 1…100"]),
        (
            "stage-attack", 64,
            ["mnist has 2 nodes of stage-attack; name one:", "--node attack-a", "--node attack-b"]
        ),
        (
            "stage-attack --config none.json", 66,
            ["none.json does not exist", "there are: --node attack-a, --node attack-b"]
        ),
        (
            "stage-attack --config pipeline/mnist/train-mlp.json", 64,
            ["is the config of stage-train, and this is stage-attack"]
        ),
        ("stage-train --experiment none", 66, ["pipeline/none/ has no config for stage-train"]),
        (
            "stage-attack --node attack-aa", 66,
            ["mnist has no node attack-aa; did you mean attack-a?"]
        ),
        (
            "stage-attack --node train-mlp", 64,
            ["train-mlp is a node of stage-train, and this is stage-attack", "--node attack-b"]
        ),
        (
            "stage-attack --node attack-a --config x.json", 64,
            ["--config and --node are given", "leave one of them out"]
        ),
        ("pipeline-tool show --node nobody", 64, ["mnist has no node nobody", "train-mlp"]),
        ("pipeline-tool verify", 66, ["pipeline/mnist.lock does not exist; `make lock` writes it"]),
        ("pipeline-tool lock", 66, ["is not up to date", "`make all`"]),
        (
            "pipeline-tool why --experiment none", 66,
            ["There is no experiment pipeline/none/; there are: mnist"]
        ),
        ("stage-fetch --out pipeline/mnist/train-mlp.json", 74, ["pipeline/mnist/train-mlp.json"]),
    ]

    @Test(arguments: cases.indices) func exitCodesAndMessages(_ index: Int) throws {
        let (command, status, words) = Self.cases[index]
        let outcome = try Playground().shell("bin/\(command)")
        #expect(outcome.status == status, "\(command): \(outcome.output)")
        for word in words { #expect(outcome.says(word), "\(command): \(outcome.output)") }
        if words.isEmpty { #expect(outcome.output == "") }
    }

    @Test func configsSayWhereTheyAreWrong() throws {
        let ground = try Playground()
        for (text, words) in [
            (
                #"{"learning_rte": 0.1}"#,
                "learning_rte: unknown key; did you mean learning_rate? (pipeline/mnist/train-mlp.json)"
            ),
            ("{\n  \"learning_rate\": }", "pipeline/mnist/train-mlp.json:2:"),
            ("[]", "a config is an object"),
            (#"{"learning_rate": true}"#, "expected a number"),
            (#"{"fail": 1}"#, "fail: expected true or false, found 1"),
        ] {
            try ground.config("train-mlp", text)
            let outcome = try ground.shell("bin/stage-train")
            #expect(outcome.status == 65 && outcome.says(words), "\(text): \(outcome.output)")
        }
        try ground.config("sample-5k", "{}")
        #expect(
            try ground.shell("bin/stage-sample").says(
                "count: missing; it has no default (How many bytes.)"))
        try ground.config("fetch-toy", #"{"source": "data/none"}"#)
        let missing = try ground.shell("bin/stage-fetch")
        #expect(missing.status == 66 && missing.says("data/none does not exist"))
    }

    @Test func helpAndTheDrawingNameEverything() throws {
        let ground = try Playground()
        // A line for each goal, which begins with its name and goes on with what it does.
        let help = try ground.make("help").output.split(separator: "\n")
        let told = help.map { $0.split(separator: " ", maxSplits: 1) }
        for goal in [
            "all", "why", "plan", "verify", "lock", "gc", "clean", "dag", "bench", "format", "test",
            "open", "deps", "help", "campaign", "classes", "catalogue", "config", "schemas",
        ] {
            let lines = told.filter { $0.first.map(String.init) == goal }
            #expect(lines.count == 1 && lines[0].count == 2, "\(goal)")
            #expect(lines.first?.last?.contains { $0.isLetter } == true, "\(goal)")
        }
        let nodes = try #require(help.first { $0.hasPrefix("Nodes of mnist: ") })
        #expect(
            nodes.dropFirst("Nodes of mnist: ".count).split(separator: " ").sorted() == [
                "attack-a", "attack-b", "fetch-toy", "sample-5k", "train-mlp", "visualize",
            ])
        #expect(try ground.make("dag").says("attack-a  ◀─ train-mlp, sample-5k"))
        #expect(try ground.make("dag DOT=1").says("\"train-mlp\" -> \"attack-a\";"))
    }

    @Test func anOldMakeIsToldWhatToInstall() throws {
        let ground = try Playground()
        _ = try ground.shell("sed -i 's/grouped-target/no-such-feature/' Makefile")
        let outcome = try ground.make()
        #expect(outcome.status == 2 && outcome.says("GNU Make 4.3 or newer is needed"))
    }
}
