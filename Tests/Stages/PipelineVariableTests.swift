// The variables of Make are values: whatever is in them, nothing of it is run, nothing outside is touched,
// and where a value cannot be what it should, a sentence says so.

import Foundation
import Testing

@Suite struct PipelineVariableTests {
    let ground: Playground

    init() throws {
        ground = try Playground()
        _ = try ground.shell("mkdir pipeline/photos && echo '{}' > pipeline/photos/visualize.json")
        try ground.write(#"{"source": "data/toy.txt"}"#, to: "pipeline/photos/fetch-imagenet.json")
    }

    /// Words that a shell, Make or a program could take for something else.
    static let values = [
        "a'b", "a\"b", "a$b", "a$$b", "a;touch x;b", "a&touch x&b", "(a)", "a:b", "a%b", "a#b",
        "a\\b", "a b", "-a", "--out=x", "$(shell touch x)", "${shell touch x}", "`touch x`",
        "$(touch x)", "x -j'>x;'", "| touch x", "*", "~", "a,b", "!x", "a\tb",
    ]

    /// A value as a word of a shell's command line.
    static func word(_ text: String) -> String {
        "'" + text.replacing("'", with: "'\\''") + "'"
    }

    /// Runs make and expects that nothing came of what is in the value.
    private func make(_ variable: String, _ value: String, _ goal: String) throws
        -> Playground.Outcome
    {
        let before = try ground.shell("ls -A | grep -v ^output-; ls -A pipeline bin data").output
        let outcome = try ground.make("\(goal) \(Self.word("\(variable)=\(value)"))")
        let after = try ground.shell("ls -A | grep -v ^output-; ls -A pipeline bin data").output
        let new = Set(after.split(separator: "\n")).subtracting(before.split(separator: "\n"))
        let usual: Set<Substring> = [
            "mnist.lock", "artifacts", "marks", Substring(variable == "ARTIFACTS" ? value : ""),
        ]
        #expect(new.isSubset(of: usual), "\(variable)=\(value): \(new)")
        #expect(!ground.exists("x"))
        return outcome
    }

    @Test(arguments: values) func aFolderOfArtifactsMayHaveAnyName(_ name: String) throws {
        #expect(try make("ARTIFACTS", name, "all").status == 0)
        #expect(try make("ARTIFACTS", name, "all").says("up to date in \(name)/"))
        for goal in ["why", "attack-a", "lock", "verify", "gc"] {
            let outcome = try make("ARTIFACTS", name, goal)
            #expect(outcome.status == 0, "\(goal): \(outcome.output)")
        }
        let place = Self.word("./\(name)")
        #expect(try ground.shell("ls \(place)/report.html").status == 0)
        #expect(try make("ARTIFACTS", name, "clean").status == 0)
        #expect(try ground.shell("ls -A \(place)").output == "")
    }

    @Test(arguments: values) func othersAreRefusedWithASentence(_ value: String) throws {
        for (variable, words) in [
            ("EXPERIMENT", "is no name of an experiment"), ("THREADS", "expected a whole number"),
            ("BIN", "does not exist"), ("IMAGES", "are for photographs"),
            ("MODEL", "are for photographs"), ("WEIGHTS", "are for photographs"), ("SET", "SET"),
            ("NODE", "mnist has no node"),
        ] {
            let goal = ["BIN": "why BIN=bin", "NODE": "config"][variable] ?? "why"
            let outcome = try make(variable, value, goal)
            #expect(outcome.status == 2, "\(variable)=\(value): \(outcome.output)")
            #expect(outcome.says(words), "\(variable)=\(value): \(outcome.output)")
        }
    }

    @Test(arguments: values) func aValueOfAConfigArrivesAsItIs(_ value: String) throws {
        let outcome = try make("IMAGES", value, "fetch-imagenet EXPERIMENT=photos")
        // The toy knows no folder, and says so of the very key.
        #expect(
            outcome.status == 2 && outcome.says("fetch-imagenet has no key folder"),
            "\(outcome.output)")
        guard !value.contains(" "), !value.contains("\t") else { return }
        let set = try make("SET", "train-mlp.comment=\(value)", "train-mlp")
        #expect(set.status == 0, "\(set.output)")
        let record = String(
            decoding: ground.read("artifacts/records/train-mlp.json") ?? Data(), as: UTF8.self)
        let shown = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        #expect(record.contains("\"comment\": \"\(shown)\""), "\(record)")
    }

    @Test func severalSettingsAreDividedAtSpaces() throws {
        let outcome = try ground.make(
            #"attack-a SET="  attack-a.epsilon=0.5   train-mlp.learning_rate=0.3 ""#)
        #expect(outcome.status == 0 && outcome.says("success 0.5"), "\(outcome.output)")
        try ground.config("attack-eps0.1", #"{"epsilon": 0.1}"#)
        let dotted = try ground.make("attack-eps0.1 SET=attack-eps0.1.epsilon=0.25")
        #expect(dotted.status == 0 && dotted.says("success 0.25"), "\(dotted.output)")
        let space = try ground.make(#"all SET="train-mlp.comment=two words""#)
        #expect(space.status == 2 && space.says("a config of your own"), "\(space.output)")
        #expect(try ground.make("all SET=nobody.comment=a").says("SET: nobody is no node of mnist"))
    }

    /// What is wrong in SET is told of SET, with the word that was meant.
    @Test func aSlipInSetIsNamed() throws {
        try ground.config("attack-a", #"{"epsilon": 0.2, "model": "mlp", "sample": "5k"}"#)
        for (set, words) in [
            (
                "attack-a.epsilom=1",
                "SET: attack-a.epsilom: attack-a has no key epsilom; did you mean attack-a.epsilon?"
            ),
            ("atack-a.epsilon=1", "SET: atack-a is no node of mnist; did you mean attack-a?"),
            (
                "attack-a.model=mpl",
                "no node makes model/mpl.safetensors, its model: mnist has no node train-mpl; "
                    + "did you mean mlp, of train-mlp?"
            ),
            (
                "attack-a.sample=6k",
                "mnist has no node sample-6k; did you mean 5k, of sample-5k?"
            ),
            ("attack-a.epsilon=7", "epsilon: 7 is outside 0…1"),
        ] {
            let outcome = try ground.make("attack-a SET=\(set)")
            #expect(outcome.status == 2 && outcome.says(words), "\(set): \(outcome.output)")
            #expect(!outcome.says("--") && !outcome.says("`make train-mpl"), "\(outcome.output)")
        }
    }

    @Test func aLineBreakAndAnUnknownVariableAreRefused() throws {
        let broken = try ground.shell("\(Playground.make) all ARTIFACTS=$'a\\ntouch x'")
        #expect(broken.status == 2 && broken.says("ARTIFACTS has a line break in it"))
        let typo = try ground.make("all EXPERMENT=mnist")
        #expect(
            typo.status == 2 && typo.says("There is no variable EXPERMENT; there are: EXPERIMENT"))
        #expect(try ground.make("all EXPERIMENT=./mnist").says("is no name of an experiment"))
        #expect(!ground.exists("x") && !ground.exists("artifacts"))
    }

    @Test func theEnvironmentCountsUnderItsOwnNamesOnly() throws {
        let stray = ["ARTIFACTS": "stray", "EXPERIMENT": "photos", "BIN": "nowhere", "SET": "x"]
        let outcome = try ground.make("all", stray)
        #expect(outcome.status == 0 && ground.exists("artifacts/report.html"), "\(outcome.output)")
        #expect(!ground.exists("stray"))
        #expect(try ground.make("all", ["MIRAGE_ARTIFACTS": "own"]).status == 0)
        #expect(ground.exists("own/report.html"))
    }

    @Test func aConfigOfAnOddNameIsRefused() throws {
        for name in ["attack-a b", "attack-$(touch x)", "attack-a;b", "attack-é", "-n"] {
            try ground.config(name, "{}")
            let outcome = try ground.make("all")
            #expect(outcome.status == 2, "\(name)")
            #expect(outcome.says("cannot be a node's name"), "\(name): \(outcome.output)")
            try ground.remove("pipeline/mnist/\(name).json")
        }
        #expect(!ground.exists("x"))
    }

    @Test func adviceHasTheVariablesOfTheCall() throws {
        _ = try ground.make("all ARTIFACTS='my store' EXPERIMENT=mnist")
        _ = try ground.shell("rm -r 'my store/model'; cp -r pipeline/mnist pipeline/other")
        let stage = try ground.shell(
            "bin/stage-attack --config pipeline/mnist/attack-a.json --out 'my store'")
        #expect(stage.says("`make train-mlp ARTIFACTS='my store'` makes it"), "\(stage.output)")
        let other = try ground.shell(
            "bin/stage-attack --config pipeline/other/attack-a.json --out 'my store'")
        #expect(
            other.says("`make train-mlp EXPERIMENT=other ARTIFACTS='my store'` makes it"),
            "\(other.output)")
        let verify = try ground.make("verify EXPERIMENT=other ARTIFACTS='my store'")
        #expect(verify.says("`make lock EXPERIMENT=other ARTIFACTS='my store'` writes it"))
        // It works when it is typed.
        #expect(try ground.make("train-mlp ARTIFACTS='my store'").status == 0)
    }
}
