// `stage-compare` and `make compare` on real stores of small experiments.

import Artifacts
import Formats
import Foundation
import Testing

@Suite struct CompareTests {
    /// Two experiments on one data set, the second trained less; both made.
    private func ground() throws -> Playground {
        let ground = try PipelineRealTests.ground()
        _ = try ground.shell("mkdir pipeline/second pipeline/third pipeline/less")
        try ground.write(
            #"{"extends": "mnist", "keep": ["fetch-mnist", "train-mlp", "sample-5k", "attack-*"], "change": {"train-mlp": {"seed": 2, "epochs": 1}}}"#,
            to: "pipeline/second/experiment.json")
        try ground.write(
            #"{"extends": "second", "change": {"attack-fgsm": {"epsilons": [0.3]}}, "drop": ["attack-noise-none"]}"#,
            to: "pipeline/third/experiment.json")
        for goals in ["attack-fgsm attack-noise-none", "second"] {
            let outcome = try ground.make(goals)
            #expect(outcome.status == 0, "\(outcome.output)")
        }
        return ground
    }

    /// All files of a folder with content and time of change.
    private func state(_ folder: String, _ ground: Playground) throws -> String {
        try ground.shell(
            "cd \(folder) && find . -printf '%p %y %s %T@ %l\\n' | sort && find . -type f | sort | xargs sha256sum"
        ).output
    }

    @Test func twoExperimentsAreComparedOnTheSameImages() throws {
        let ground = try ground()
        let first = try ground.make("compare A=mnist B=second")
        #expect(first.status == 0 && first.says("compare-mnist--second: ran"), "\(first.output)")
        #expect(first.says("open artifacts/compare-mnist--second.html"))
        let again = try ground.make("compare A=mnist B=second")
        #expect(
            again.status == 0 && again.says("compare-mnist--second: unchanged"), "\(again.output)")

        // The record names every input of both sides, and each record behind them.
        let bytes = try #require(ground.read("artifacts/records/compare-mnist--second.json"))
        let record = try JSON.parse(Array(bytes), named: "record")
        let roles = (record["inputs"]?.array ?? []).compactMap { $0["role"]?.string }
        for side in ["A", "B"] {
            for what in [
                "result of attack-fgsm", "result of attack-noise-none", "sample of sample-5k",
                "model/*.safetensors of train-mlp", "dataset/mnist-test.safetensors of fetch-mnist",
            ] {
                #expect(roles.contains("\(side): \(what)"), "\(side) \(what): \(roles)")
            }
            #expect(roles.contains("record of \(side): train-mlp"))
        }
        // The figures are those of the attacks' own columns.
        func counts(_ name: String) throws -> [Bool] {
            let file = try SafeTensors(MappedFile(ground.path("artifacts/attack/\(name)")))
            let (label, clean) = (try file.int64s("label"), try file.int64s("clean_class"))
            let success = try file.uint8s("success")
            return label.indices.map { label[$0] == clean[$0] && success[$0] == 0 }
        }
        let (a, b) = (try counts("fgsm.safetensors"), try counts("second/fgsm.safetensors"))
        let row = try #require(
            record["summary"]?["rows"]?.array?.first {
                $0["norm"]?.string == "linf" && $0["epsilon"]?.double == 0.1
            })
        #expect(row["images"]?.int == 40 && row["a"]?.int == a.count { $0 })
        #expect(row["b"]?.int == b.count { $0 })
        #expect(row["only_a"]?.int == zip(a, b).count { $0 && !$1 })

        // What was made before a config was changed, or with other settings, is not taken for what is asked for
        // now; made anew it is another comparison; without the change the page comes back.
        let config = try #require(ground.read("pipeline/mnist/attack-fgsm.json"))
        try ground.config(
            "attack-fgsm",
            #"{"attack": "fgsm", "model": "mlp", "sample": "5k", "epsilons": [0.1], "goal": "untargeted", "least_epsilon": true, "seed": 1}"#
        )
        for sides in ["--a mnist --b second", "--a ./artifacts --b second --gate 1"] {
            let stale = try ground.shell("bin/stage-compare \(sides)")
            #expect(stale.status == 65, "\(stale.output)")
            #expect(
                stale.says("attack-fgsm is not what these settings ask for: ")
                    && stale.says("`make attack-fgsm` makes it anew"), "\(stale.output)")
        }
        #expect(try ground.make("attack-fgsm").status == 0)
        let half = try ground.make("compare A=mnist B=second")
        #expect(
            half.status == 2 && half.says("`make attack-fgsm EXPERIMENT=second` makes it anew"),
            "\(half.output)")
        #expect(try ground.make("second").status == 0)
        let changed = try ground.make("compare A=mnist B=second")
        #expect(changed.says("compare-mnist--second: ran"), "\(changed.output)")
        try ground.write(
            String(decoding: config, as: UTF8.self), to: "pipeline/mnist/attack-fgsm.json")
        #expect(try ground.make("second").status == 0)
        #expect(try ground.make("attack-fgsm SET=attack-fgsm.epsilons=0.2").status == 0)
        #expect(try ground.make("compare A=mnist B=second").status == 2)
        #expect(try ground.make("attack-fgsm").status == 0)
        #expect(try ground.make("compare A=mnist B=second").says("compare-mnist--second: restored"))
        #expect(try ground.make("gc").status == 0)
        #expect(try ground.make("compare A=mnist B=second").says("unchanged"))
        #expect(
            try ground.make("clean").status == 0
                && !ground.exists("artifacts/compare-mnist--second.html"))
    }

    @Test func anotherStoreIsOnlyRead() throws {
        let ground = try ground()
        _ = try ground.shell("cp -a artifacts 'old store' && rm -rf 'old store/.verified'")
        let before = try state("'old store'", ground)
        let same = try ground.make("compare A='old store' B=artifacts")
        #expect(same.status == 0 && same.says("A and B are the same"), "\(same.output)")
        #expect(try state("'old store'", ground) == before)
        let other = try ground.make("compare A='old store:second' B=mnist")
        #expect(other.status == 0 && !other.says("are the same"), "\(other.output)")
        let named = try ground.make("compare A='./old store' B=./artifacts EXPERIMENT=second")
        #expect(named.status == 0 && named.says("are the same"), "\(named.output)")
        // A result that is damaged there is named with the command that makes it anew.
        let file = try ground.shell("readlink -f 'old store/attack/fgsm.safetensors'").output
        let path = file.trimmingCharacters(in: .whitespacesAndNewlines)
        _ = try ground.shell("chmod u+w '\(path)' && printf x >>'\(path)'")
        let damaged = try state("'old store'", ground)
        let refused = try ground.shell("bin/stage-compare --a 'old store' --b second")
        #expect(refused.status == 66, "\(refused.output)")
        #expect(
            refused.says("attack/fgsm.safetensors is damaged")
                && refused.says("make attack-fgsm ARTIFACTS='old store'"), "\(refused.output)")
        #expect(try state("'old store'", ground) == damaged)
    }

    @Test func theGateEndsWithOne() throws {
        let ground = try ground()
        // The network that was trained less is worse somewhere, or better: one of the two ways fails.
        let ways = try [("mnist", "second"), ("second", "mnist")].map {
            try ground.shell("bin/stage-compare --a \($0.0) --b \($0.1) --gate 0")
        }
        #expect(ways.contains { $0.status == 1 }, "\(ways)")
        for way in ways where way.status == 1 {
            #expect(way.says("The gate does not hold") && way.says("McNemar p"), "\(way.output)")
        }
        let worse = ways[0].status == 1 ? "A=mnist B=second" : "A=second B=mnist"
        let made = try ground.make("compare \(worse) GATE=0")
        #expect(made.status == 2 && made.says("Error 1") && made.says("The gate does not hold"))
        #expect(try ground.make("compare \(worse) GATE=1 PARTIAL=1").says("The gate holds"))
        // What B was not tried with cannot hold.
        try ground.write(
            #"{"extends": "second", "drop": ["attack-noise-none"]}"#,
            to: "pipeline/less/experiment.json"
        )
        #expect(try ground.make("less").status == 0)
        let less = try ground.shell("bin/stage-compare --a second --b less --gate 1")
        #expect(less.status == 1 && less.says("B was not tried with all that A was"))
        #expect(less.says("only A has attacks of that kind (noise-none)"), "\(less.output)")
        #expect(try ground.make("compare A=second B=less GATE=1").status == 2)
        #expect(try ground.make("compare A=second B=less GATE=1 PARTIAL=1").says("The gate holds"))
        #expect(try ground.make("compare A=less B=second GATE=1").says("The gate holds"))
        #expect(
            try ground.make("compare A=less B=second PARTIAL=no").says("expected 1, or nothing"))
        for gate in ["2", "-0.1", "x", "$(touch x)", "1%"] {
            let outcome = try ground.shell(
                "bin/stage-compare --a mnist --b second --gate=\(PipelineVariableTests.word(gate))")
            #expect(outcome.status == 64 && outcome.says("gate"), "\(outcome.output)")
        }
    }

    @Test func whatCannotBeComparedIsSaid() throws {
        let ground = try ground()
        for (arguments, status, words) in [
            ("", 64, ["A is not given", "make compare A=mnist B=original"]),
            ("--a mnist", 64, ["B is not given"]),
            ("--a mnist --b secnd", 66, ["B=secnd", "did you mean second?"]),
            ("--a mnist --b nowhere/else", 66, ["there is no folder nowhere/else"]),
            ("--a mnist --b ./data", 65, ["./data is no store of Mirage"]),
            (
                "--a mnist --b third", 66,
                ["no attack of the experiment third", "make all EXPERIMENT=third"]
            ),
            (
                "--a mnist --b artifacts:none", 66,
                ["no attack of the experiment none", "artifacts:mnist"]
            ),
            ("--a mnist --b mnist --node x", 64, ["--config and --node"]),
            ("--a mnist --b second --out new", 66, ["make all", "ARTIFACTS=new"]),
            ("--a mnist --b second --gat 1", 64, ["--gat", "did you mean --gate?"]),
        ] as [(String, Int32, [String])] {
            let outcome = try ground.shell("bin/stage-compare \(arguments)")
            #expect(outcome.status == status, "\(arguments): \(outcome.output)")
            for word in words { #expect(outcome.says(word), "\(arguments): \(outcome.output)") }
        }
        #expect(try ground.make("third").status == 0)
        let budgets = try ground.shell("bin/stage-compare --a mnist --b third")
        #expect(budgets.status == 65 && budgets.says("no ε in common"), "\(budgets.output)")
        // A network that was trained anew, and attacks that have not seen it.
        #expect(try ground.make("train-mlp SET=train-mlp.epochs=1").status == 0)
        let stale = try ground.shell("bin/stage-compare --a mnist --b second")
        #expect(
            stale.status == 65 && stale.says("was made from another model/mlp.safetensors")
                && stale.says("`make attack-fgsm` makes it anew"), "\(stale.output)")
        try ground.remove("artifacts/records/second/attack-noise-none.json")
        let missing = try ground.shell("bin/stage-compare --a second --b second")
        #expect(
            missing.status == 66
                && missing.says("`make attack-noise-none EXPERIMENT=second` makes it"),
            "\(missing.output)")
    }

    @Test(arguments: PipelineVariableTests.values)
    func valuesAreNeverRun(_ value: String) throws {
        let ground = try PipelineRealTests.ground()
        for variable in ["A", "B", "GATE"] {
            let given = ["A": "mnist", "B": "mnist", "GATE": "0"].merging([variable: value]) { $1 }
            let words = given.map { PipelineVariableTests.word("\($0)=\($1)") }
            let outcome = try ground.make("compare \(words.joined(separator: " "))")
            #expect(outcome.status == 2 && outcome.says("compare: "), "\(outcome.output)")
            #expect(!ground.exists("x") && !ground.exists("artifacts"))
        }
    }

    @Test func variablesBelongToTheirGoal() throws {
        let ground = try PipelineRealTests.ground()
        let elsewhere = try ground.make("why A=mnist")
        #expect(
            elsewhere.status == 2 && elsewhere.says("A, B, GATE and PARTIAL are for make compare"))
        let set = try ground.make("compare A=mnist B=mnist SET=attack-fgsm.seed=2")
        #expect(set.status == 2 && set.says("SET counts for nothing there"), "\(set.output)")
        #expect(try ground.make("help").says("compare"))
    }
}
