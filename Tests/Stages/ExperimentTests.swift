// Experiments that extend, change, drop, add and multiply nodes: what comes out, from which file each key
// is, and what is said of a file that is wrong.

import Foundation
import Testing

@Suite struct ExperimentTests {
    let ground: Playground

    init() throws {
        ground = try Playground()
        try FileManager.default.createDirectory(
            at: ground.root.appending(path: "pipeline/more"), withIntermediateDirectories: true)
    }

    private func experiment(_ text: String, _ name: String = "more") throws {
        try FileManager.default.createDirectory(
            at: ground.root.appending(path: "pipeline/\(name)"), withIntermediateDirectories: true)
        try ground.write(text, to: "pipeline/\(name)/experiment.json")
    }

    /// The nodes of `more`.
    private func nodes() throws -> [String] {
        let outcome = try ground.shell("bin/pipeline-tool config --experiment more")
        #expect(outcome.status == 0, "\(outcome.output)")
        return outcome.lines.map { String($0.prefix { $0 != " " }) }
    }

    /// The config of a node of `more`, without spaces before the comments.
    private func config(_ node: String, _ options: String = "") throws -> String {
        let outcome = try ground.shell(
            "bin/pipeline-tool config --experiment more --node \(node) \(options) | tr -s ' '")
        #expect(outcome.status == 0, "\(outcome.output)")
        return outcome.output
    }

    /// Extends, drops, changes one and a group, adds, takes over from a third, multiplies; and has a file.
    private func full() throws {
        try experiment(
            """
            {
              "$schema": "../../.build/schemas/experiment.json", // for the editor
              "extends": "mnist",
              "drop": ["attack-b"],
              "change": {
                "*-*": { "sleep_ms": 1 },
                "train-mlp": { "learning_rate": 0.5, "comment": "changed" }
              },
              "nodes": {
                "attack-c": { "epsilon": 0.25 },
                "attack-d": { "sleep_ms": 2 },
                "train-net": { "extends": "third/train-base", "comment": null, "learning_rate": 0.75 }
              },
              "matrix": {
                "attack-c": { "epsilon": [0.5, 1], "fail": { "no": false } },
                "attack-d": { "epsilon": { "eighth": "1/8" } }
              }
            }
            """)
        try experiment(
            #"{"nodes": {"train-base": {"learning_rate": 0.2, "comment": "third", "size": 3}}}"#,
            "third")
        try ground.write(#"{"count": 2}"#, to: "pipeline/more/sample-5k.json")
        try ground.write(#"{"epsilon": 0.9}"#, to: "pipeline/more/attack-own.json")
    }

    @Test func allPartsTogether() throws {
        try full()
        #expect(
            try nodes() == [
                "attack-a", "attack-c-0.5-no", "attack-c-1-no", "attack-d-eighth", "attack-own",
                "fetch-toy", "sample-5k", "train-mlp", "train-net", "visualize",
            ])
        let outcome = try ground.make("all EXPERIMENT=more")
        #expect(outcome.status == 0, "\(outcome.output)")
        // Names and artifacts are those of any node.
        #expect(ground.exists("artifacts/attack/more/c-0.5-no.safetensors"))
        #expect(try ground.make("attack-a EXPERIMENT=more").says("success 0.2"))
        #expect(try ground.make("attack-c-0.5-no").says("success 0.5"))
        #expect(
            try ground.shell("bin/stage-attack --node attack-d-eighth --experiment more").says(
                "attack-d-eighth: unchanged"))
        #expect(
            try ground.shell("bin/stage-attack --config pipeline/more/attack-own.json").says(
                "success 0.9"))
    }

    @Test func eachKeySaysWhereItIsFrom() throws {
        try full()
        #expect(
            try config("train-mlp", "--set train-mlp.size=7") == """
                // train-mlp of more
                {
                 "comment": "changed", // pipeline/more/experiment.json
                 "dataset": "toy", // default
                 "fail": false, // default
                 "learning_rate": 0.5, // pipeline/more/experiment.json
                 "random": false, // default
                 "size": 7, // SET
                 "sleep_ms": 1, // pipeline/more/experiment.json
                 "wait_for": "" // default
                }

                """)
        let net = try config("train-net")
        #expect(net.contains("\"size\": 3, // pipeline/third/experiment.json"), "\(net)")
        #expect(net.contains("\"comment\": \"\", // default"), "\(net)")
        #expect(net.contains("\"learning_rate\": 0.75, // pipeline/more/experiment.json"), "\(net)")
        #expect(
            try config("attack-a").contains("\"epsilon\": 0.2, // pipeline/mnist/attack-a.json"))
        // A file of this experiment stands in place of the node that it would take over.
        let sample = try config("sample-5k")
        #expect(sample.contains("\"count\": 2, // pipeline/more/sample-5k.json"), "\(sample)")
        #expect(sample.contains("\"sleep_ms\": 0, // default"), "\(sample)")
        // What is printed is a config.
        _ = try ground.shell(
            "make SKIP_BUILD=1 BIN=bin config NODE=train-net EXPERIMENT=more > new && mv new pipeline/mnist/train-net.json && rm pipeline/more/experiment.json"
        )
        #expect(try ground.shell("bin/stage-train --node train-net --quiet").status == 66)
        #expect(
            try ground.shell("bin/pipeline-tool config --node train-net").says("\"size\": 3"))
    }

    @Test func makeFindsTheExperimentOfANode() throws {
        try full()
        #expect(try ground.make("config NODE=attack-own").says("// attack-own of more"))
        #expect(try ground.make("attack-own").says("attack/more/own.safetensors"))
        let typo = try ground.make("attack-onw")
        #expect(typo.status == 2 && typo.says("no goal attack-onw, nor a node of that name"))
        #expect(typo.says("did you mean attack-own?"), "\(typo.output)")
        let elsewhere = try ground.make("attack-own EXPERIMENT=mnist")
        #expect(
            elsewhere.says(
                "mnist has no node attack-own; more has it: `make attack-own EXPERIMENT=more`"),
            "\(elsewhere.output)")
        let none = try ground.make("config NODE=attack-onw")
        #expect(none.status == 2 && none.says("did you mean attack-own?"), "\(none.output)")
    }

    /// What stands in `pipeline/more/experiment.json`, and the words that it is refused with.
    static let wrong: [(String, [String])] = [
        ("[]", ["more/experiment.json: a config is an object", "this is a list"]),
        ("{", ["pipeline/more/experiment.json:1:"]),
        (
            #"{"extend": "mnist"}"#,
            ["extend: unknown key; did you mean extends?", "more/experiment.json"]
        ),
        (#"{"extends": 3}"#, ["extends: expected the name of an experiment, found 3"]),
        (#"{"extends": "../mnist"}"#, ["extends: expected the name of an experiment"]),
        (#"{"extends": "mnits"}"#, ["there is no experiment pipeline/mnits/; did you mean mnist?"]),
        (#"{"extends": "more"}"#, ["extends goes in a circle: more → more"]),
        (#"{"extends": "first"}"#, ["extends goes in a circle: more → first → second → more"]),
        (
            #"{"nodes": {"attack-x": {"extends": "first"}}}"#,
            ["goes in a circle: more → first → second → more"]
        ),
        (
            #"{"drop": ["attack-a"]}"#,
            ["drop is about nodes of another experiment", "\"extends\": \"mnist\""]
        ),
        (#"{"extends": "mnist", "drop": "attack-a"}"#, ["drop: expected a list of nodes"]),
        (
            #"{"extends": "mnist", "drop": ["attack-aa"]}"#,
            ["drop: mnist has no node attack-aa; did you mean attack-a?"]
        ),
        (
            #"{"extends": "mnist", "keep": ["predict-*"]}"#,
            ["keep: mnist has no node predict-*", "make config EXPERIMENT=mnist"]
        ),
        (#"{"extends": "mnist", "keep": ["$(id)"]}"#, ["keep: \"$(id)\" names no nodes"]),
        (
            #"{"extends": "mnist", "change": {"attack-q": {}}}"#,
            ["change: mnist has no node attack-q; did you mean attack-a?"]
        ),
        (
            #"{"extends": "mnist", "change": {"attack-a": 1}}"#,
            ["change: attack-a: expected an object of keys and values, found 1"]
        ),
        (#"{"extends": "mnist", "change": []}"#, ["change: expected an object, { \"node\""]),
        (
            #"{"extends": "mnist", "drop": ["attack-a"], "change": {"attack-a": {"epsilon": 1}}}"#,
            ["attack-a is not taken over from mnist", "do not drop it"]
        ),
        (
            #"{"extends": "mnist", "change": {"attack-*": {"epsilon": 1}, "*-a": {"epsilon": 0}}}"#,
            ["\"*-a\" and \"attack-*\" both give epsilon of attack-a"]
        ),
        (
            #"{"extends": "mnist", "nodes": {"attack-a": {}}}"#,
            ["attack-a is taken over from mnist already; write its keys under change"]
        ),
        (
            #"{"nodes": {"attack-own": {}}}"#,
            [
                "attack-own is defined twice: pipeline/more/attack-own.json, and nodes of pipeline/more/experiment.json"
            ]
        ),
        (#"{"nodes": {"a b": {}}}"#, ["nodes: a b cannot be a node's name"]),
        (
            #"{"nodes": {"shoot-it": {}}}"#,
            ["pipeline/more/experiment.json, shoot-it belongs to no stage", "fetch, train, sample"]
        ),
        (
            #"{"nodes": {"attack-x": {"extends": "mnist/attack-y"}}}"#,
            ["attack-x: extends: mnist has no node attack-y; did you mean attack-a?"]
        ),
        (
            #"{"nodes": {"attack-x": {"extends": "a/b/c"}}}"#,
            ["extends: expected another experiment (mnist)"]
        ),
        (
            #"{"matrix": {"attack-own": {"epsilon": []}}}"#,
            ["epsilon: expected at least one value, found []"]
        ),
        (#"{"matrix": {"attack-own": {"epsilon": 1}}}"#, ["epsilon: expected a list of values"]),
        (#"{"matrix": {"attack-own": {}}}"#, ["matrix: attack-own: expected a key and its values"]),
        (
            #"{"matrix": {"attack-own": {"epsilon": ["8/255"]}}}"#,
            ["epsilon: 8/255 cannot be part of a node's name; give the values names"]
        ),
        (
            #"{"matrix": {"attack-own": {"epsilon": [[0.1]]}}}"#,
            ["[0.1] cannot be part of a node's name"]
        ),
        (#"{"matrix": {"attack-own": {"epsilon": [0.1, 0.10]}}}"#, ["epsilon has 0.1 twice"]),
        (
            #"{"matrix": {"attack-none": {"epsilon": [0.1]}}}"#,
            ["there is no node attack-none here"]
        ),
        (
            #"{"matrix": {"attack-own": {"epsilon": [1]}, "attack-*": {"epsilon": [1]}}}"#,
            ["both multiply attack-own"]
        ),
        (
            #"{"nodes": {"attack-own-1": {}}, "matrix": {"attack-own": {"epsilon": [1]}}}"#,
            [
                "attack-own-1 is defined twice: nodes, and matrix of pipeline/more/experiment.json"
            ]
        ),
        (
            #"{"extends": "mnist", "nodes": {"attack-a-1": {"extends": "mnist/attack-b"}}, "matrix": {"attack-a": {"epsilon": [1]}}}"#,
            ["attack-a-1 is defined twice: nodes, and matrix of pipeline/more/experiment.json"]
        ),
        (
            #"{"extends": "empty"}"#, ["extends: pipeline/empty/ has no nodes", "add one"]
        ),
    ]

    @Test(arguments: wrong.indices) func aWrongFileIsRefused(_ index: Int) throws {
        let (text, words) = Self.wrong[index]
        try experiment(text)
        try ground.write("{}", to: "pipeline/more/attack-own.json")
        try experiment(#"{"extends": "second"}"#, "first")
        try experiment(#"{"extends": "more"}"#, "second")
        try experiment("{}", "empty")
        for command in [
            "make SKIP_BUILD=1 BIN=bin all EXPERIMENT=more",
            "bin/pipeline-tool why --experiment more",
        ] {
            let outcome = try ground.shell(command)
            #expect([2, 64, 65].contains(outcome.status), "\(text): \(outcome.output)")
            for word in words { #expect(outcome.says(word), "\(text): \(outcome.output)") }
        }
        // What is wrong elsewhere keeps nobody from the main experiment.
        #expect(try ground.shell("bin/pipeline-tool why").status == 0)
        #expect(!ground.exists("artifacts/objects"))
    }

    /// A key is refused with the file that it is from, whatever it went through.
    @Test func aWrongKeyNamesItsFile() throws {
        try experiment(
            #"{"extends": "mnist", "change": {"attack-a": {"epsilom": 1}, "attack-b": {"sleep_ms": null}}}"#
        )
        let why = try ground.shell("bin/pipeline-tool why --experiment more")
        #expect(
            why.says(
                "attack-a: cannot be made: epsilom: unknown key; did you mean epsilon? (pipeline/more/experiment.json)"
            ),
            "\(why.output)")
        #expect(
            why.says(
                "pipeline/more/experiment.json: null takes sleep_ms away from attack-b, which has no such key"
            ),
            "\(why.output)")
        try ground.config("train-mlp", #"{"learning_rate": 25}"#)
        let train = try ground.shell("bin/stage-train --experiment more")
        #expect(
            train.status == 65 && train.says("(pipeline/mnist/train-mlp.json)"), "\(train.output)")
        try experiment(#"{"nodes": {"sample-x": {}}}"#)
        #expect(
            try ground.shell("bin/stage-sample --experiment more").says(
                "count: missing; it has no default (How many bytes.); add it (pipeline/more/experiment.json, sample-x)"
            ))
        #expect(
            try ground.shell("bin/stage-sample --config pipeline/more/experiment.json").says(
                "describes an experiment, not a node; there are: --node sample-x --experiment more")
        )
    }

    @Test func aMatrixIsNotWithoutBounds() throws {
        let values = (0..<50).map { "\"\($0)\": \(Double($0) / 50)" }.joined(separator: ", ")
        try experiment(
            "{\"nodes\": {\"attack-x\": {}}, \"matrix\": {\"attack-x\": {\"epsilon\": {\(values)}, \"sleep_ms\": {\(values)}}}}"
        )
        #expect(
            try ground.shell("bin/pipeline-tool why --experiment more").says(
                "matrix: more than 2000 nodes of attack-x"))
        // One of many nodes, each multiplied in bounds: all of them together are not.
        try experiment(
            "{\"nodes\": {\"attack-x\": {}, \"attack-y\": {}}, \"matrix\": {\"attack-x\": {\"epsilon\": {\(values)}}}}",
            "many")
        try experiment(
            "{\"extends\": \"many\", \"matrix\": {\"attack-*\": {\"sleep_ms\": {\((0..<60).map { "\"\($0)\": \($0)" }.joined(separator: ", "))}}}}"
        )
        #expect(
            try ground.shell("bin/pipeline-tool why --experiment more").says(
                "pipeline/more/experiment.json: matrix: more than 2000 nodes"))
    }

    /// Experiments and commands are goals too.
    @Test(arguments: [("mor", "more"), ("plna", "plan")])
    func aMistypedGoalIsAnyOfThem(_ typed: String, _ meant: String) throws {
        try full()
        #expect(try ground.make(typed).says("did you mean \(meant)?"))
    }

    /// The cause of a node that cannot be found is said: the experiment that has it may be damaged.
    @Test func aDamagedExperimentIsNamedWhereItsNodeIsMissed() throws {
        try experiment(#"{"kep": []}"#)
        for command in [
            "make SKIP_BUILD=1 BIN=bin attack-q", "bin/pipeline-tool config --node attack-q",
        ] {
            let outcome = try ground.shell(command)
            #expect(
                outcome.says("pipeline/more/ could not be read: kep: unknown key"),
                "\(outcome.output)")
        }
    }

    @Test func nextCommandsKeepWhatWasGiven() throws {
        try full()
        #expect(
            try ground.make("attack-own EXPERIMENT=mnist ARTIFACTS=mine").says(
                "`make attack-own EXPERIMENT=more ARTIFACTS=mine`"))
        #expect(
            try ground.shell("bin/pipeline-tool config --node attack-a --experiment nope").says(
                "There is no experiment pipeline/nope/"))
        #expect(
            try ground.shell("bin/stage-attack --node attack-own").says(
                "more has it: --node attack-own --experiment more"))
        #expect(
            try ground.shell("bin/stage-attack --experiment mroe").says(
                "did you mean --experiment more?"))
        #expect(
            try ground.shell("bin/stage-attack --experiment mroe --node attack-own").says(
                "did you mean --experiment more?"))
        #expect(
            try ground.shell("bin/pipeline-tool config --node attack-a --set attack-aa.epsilon=1")
                .says(
                    "SET: attack-aa is no node of mnist; did you mean attack-a?"))
        #expect(try ground.shell("bin/pipeline-tool check --node nope").status == 64)
    }

    /// A name that is a goal of Make's own would be made in place of it, or for ever.
    @Test(arguments: ["clean", "Makefile", "run.attack-a", "attack-a"])
    func noExperimentHasTheNameOfAGoal(_ name: String) throws {
        try experiment(#"{"extends": "mnist"}"#, name)
        for goals in ["all", "plan"] {
            let outcome = try ground.make(goals)
            guard goals == "all" || name != "attack-a" else { continue }
            #expect(
                outcome.status == 2 && outcome.says("pipeline/\(name)/ has the name of a"),
                "\(outcome.output)")
        }
    }

    /// A fetch belongs to all experiments: what another one makes under its name is not read by mistake.
    @Test func anInputIsMadeByTheNodeThatIsNamed() throws {
        let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().path
        let real = try Playground { $0 }
        _ = try real.shell(
            "cp -r '\(repository)/pipeline/mnist' '\(repository)/pipeline/sources.json' pipeline/; "
                + "mkdir pipeline/more")
        try real.write(
            #"{"extends": "mnist", "change": {"fetch-mnist": {"dataset": "fashion-mnist"}}}"#,
            to: "pipeline/more/experiment.json")
        let why = try real.shell("bin/pipeline-tool why --experiment more")
        #expect(
            why.says(
                "train-mlp: cannot be made: train-mlp reads dataset/mnist-train.safetensors, and fetch-mnist of more makes dataset/fashion-mnist-train.safetensors"
            ), "\(why.output)")
        #expect(try real.shell("bin/pipeline-tool why").status == 0)
    }

    /// The example of pipeline/README.md, with the real stages and the experiments that it names.
    @Test func theExampleOfTheReadmeIsRight() throws {
        let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().path
        let page = try String(contentsOfFile: "\(repository)/pipeline/README.md", encoding: .utf8)
        let after = try #require(
            page.components(separatedBy: "such as `mnist-adam`:").last)
        let example = after.components(separatedBy: "```")[1].dropFirst("json".count)
        let real = try Playground { $0 }
        for name in ["mnist", "attacks"] {
            _ = try real.shell("cp -r '\(repository)/pipeline/\(name)' pipeline/")
        }
        _ = try real.shell(
            "cp '\(repository)/pipeline/sources.json' pipeline/; mkdir pipeline/mnist-adam")
        try real.write(String(example), to: "pipeline/mnist-adam/experiment.json")
        let why = try real.shell("bin/pipeline-tool why --experiment mnist-adam")
        #expect(why.status == 0 && !why.says("cannot be made"), "\(why.output)")
        #expect(why.lines.count == 8, "\(why.output)")
        let train = try real.shell(
            "bin/pipeline-tool config --node train-mlp --experiment mnist-adam"
        ).output
        #expect(train.contains("\"beta1\": 0.9,") && !train.contains("momentum"), "\(train)")
    }
}
