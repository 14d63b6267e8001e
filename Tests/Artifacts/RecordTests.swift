import Formats
import Testing

@testable import Artifacts

@Suite struct RecordTests {
    static func recipe(
        experiment: String = "mnist", node: String = "train-mlp", stage: String = "train",
        code: String = "c0de", config: JSON = ["rate": 0.1],
        inputs: [Record.Input] = [
            .init(role: "train", name: "dataset/a.safetensors", digest: Digest(of: "a")),
            .init(role: "extra", name: "data/x", digest: nil),
        ]
    ) -> Recipe {
        Recipe(
            experiment: experiment, node: node, stage: stage, code: code, config: config,
            inputs: inputs)
    }

    /// Written down once: it must never change as long as the format's number stays.
    @Test func theKeyIsTheHashOfAKnownText() {
        let text =
            #"{"code":"c0de","config":{"rate":0.1},"format":2,"inputs":["#
            + #"{"role":"extra","sha256":null},"#
            + #"{"role":"train","sha256":"ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"}],"#
            + #""stage":"train"}"#
        #expect(Self.recipe().key == Digest(of: text))
    }

    @Test func everyPartIsInTheKeyAndTheOrderOfInputsIsNot() {
        let recipe = Self.recipe()
        let others = [
            Self.recipe(stage: "x"),
            Self.recipe(code: "x"), Self.recipe(config: ["rate": 0.2]), Self.recipe(inputs: []),
            Self.recipe(
                inputs: recipe.inputs.map {
                    .init(role: $0.role, name: $0.name, digest: Digest(of: "b"))
                }),
            Self.recipe(
                inputs: recipe.inputs.map {
                    .init(role: $0.role + "x", name: $0.name, digest: $0.digest)
                }),
        ]
        #expect(Set(others.map(\.key)).union([recipe.key]).count == others.count + 1)
        #expect(Self.recipe(inputs: recipe.inputs.reversed()).key == recipe.key)
    }

    @Test func namesAreNotInTheKey() {
        let inputs = Self.recipe().inputs.map {
            Record.Input(role: $0.role, name: "other/" + $0.name, digest: $0.digest)
        }
        let other = Self.recipe(experiment: "x", node: "train-x", inputs: inputs)
        #expect(other.key == Self.recipe().key)
        // But the record keeps them.
        #expect(other.differences(from: Self.recipe()).count == 4)
    }

    @Test(arguments: [
        ("mnist", "train-mlp", "model/mlp.curve.json", "model/*.curve.json"),
        ("original", "train-mlp", "model/original/mlp.safetensors", "model/*.safetensors"),
        ("original", "visualize", "report-original.html", "report.html"),
        ("mnist", "visualize", "grid/fgsm.png", "grid/fgsm.png"),
        ("attacks", "visualize", "grid/attacks/fgsm.png", "grid/fgsm.png"),
        ("", "fetch-mnist", "dataset/mnist-train.safetensors", "dataset/mnist-train.safetensors"),
        ("", "fetch-network", "download/network.pth", "download/*.pth"),
        ("x", "attack-eps0.1", "attack/x/eps0.1.safetensors", "attack/*.safetensors"),
    ]) func aRoleIsANameWithoutNodeAndExperiment(
        _ experiment: String, _ node: String, _ name: String, _ role: String
    ) {
        let naming = Naming(experiment: experiment, node: node)
        #expect(naming.role(of: name) == role)
        #expect(naming.name(of: role) == name)
    }

    @Test func aResultIsGivenTheNamesOfWhoAsks() throws {
        let record = Record(
            recipe: Self.recipe(experiment: "original"),
            outputs: [
                .init(name: "model/original/mlp.safetensors", digest: Digest(of: "a"), bytes: 1)
            ], summary: ["loss": 1])
        let json = try JSON.parse(KeyedResult(record).json.pretty, named: "k")
        let result = try #require(KeyedResult(json))
        #expect(result == KeyedResult(record))
        let other = result.record(of: Self.recipe(experiment: "mnist", node: "train-net"))
        #expect(other.outputs.map(\.name) == ["model/net.safetensors"])
        #expect(other.summary == ["loss": 1])
    }

    /// One digit changed, anywhere: what parses is not yet true.
    @Test func aRecordWithAChangedFigureIsRefused() throws {
        let record = Record(
            recipe: Self.recipe(),
            outputs: [.init(name: "model/a", digest: Digest(of: "a"), bytes: 1)],
            summary: ["accuracy": 0.9176])
        let text = record.json.pretty.replacing("0.9176", with: "0.9976")
        #expect(text != record.json.pretty)
        #expect(
            throws: StoreFault.malformed(
                path: "r", why: "its content does not hash to what it says of itself")
        ) { try Record(try JSON.parse(text, named: "r"), path: "r") }
        let key = KeyedResult(record).json.pretty.replacing("0.9176", with: "0.9976")
        #expect(KeyedResult(try JSON.parse(key, named: "k")) == nil)
    }

    @Test func anAccountHasNoKeyAndNoCode() throws {
        let record = Record(
            recipe: Self.recipe(), outputs: [], summary: ["loss": 1])
        let other = Record(
            recipe: Self.recipe(code: "another"), outputs: [], summary: ["loss": 1])
        #expect(record.account == other.account && record.json != other.json)
        #expect(record.account["key"] == nil && record.account["summary"]?["loss"]?.int == 1)
    }

    @Test func differencesAreNamed() {
        let recipe = Self.recipe()
        #expect(recipe.differences(from: recipe) == [])
        let other = Self.recipe(
            code: "x", config: ["rate": 0.2, "new": 1],
            inputs: [.init(role: "train", name: "dataset/a.safetensors", digest: Digest(of: "b"))])
        #expect(
            other.differences(from: recipe) == [
                "code", "config `new` (none) → 1", "config `rate` 0.1 → 0.2",
                "input extra (data/x) absent → (none)",
                "input train (dataset/a.safetensors) ca978112ca1b → 3e23e8160039",
            ])
    }

    @Test func aRecordReadsBackAsItWas() throws {
        let record = Record(
            recipe: Self.recipe(),
            outputs: [
                .init(name: "model/b.safetensors", digest: Digest(of: "b"), bytes: 1),
                .init(name: "model/a.json", digest: Digest(of: "a"), bytes: 2),
            ], summary: ["loss": 0.5, "rows": [1, 2.5]])
        #expect(record.outputs.map(\.name) == ["model/a.json", "model/b.safetensors"])
        let read = try Record(try JSON.parse(record.json.pretty, named: "r.json"), path: "r.json")
        #expect(read == record)
        #expect(read.json.pretty == record.json.pretty)
    }

    static let faults: [(JSON, String)] = [
        ([:], "its schema is not mirage.record"),
        (["schema": "mirage.record", "version": 3], "this program reads version 2 only"),
        (
            ["schema": "mirage.record", "version": 2],
            "its content does not hash to what it says of itself"
        ),
        (
            JSON.object(["schema": "mirage.record", "version": 2]).addingOwnDigest(),
            "it has no text \"experiment\""
        ),
    ]

    @Test(arguments: faults.indices) func whatIsNoRecordIsRefused(_ index: Int) {
        let (json, why) = Self.faults[index]
        #expect(throws: StoreFault.malformed(path: "r.json", why: why)) {
            try Record(json, path: "r.json")
        }
    }

    @Test func aRecordWhoseKeyIsNotThatOfItsPartsIsRefused() throws {
        let record = Record(
            recipe: Self.recipe(),
            outputs: [.init(name: "model/a", digest: Digest(of: "a"), bytes: 1)], summary: .null)
        var members = try #require(record.json.object)
        members["code"] = "another"
        members["self"] = nil
        #expect(
            throws: StoreFault.malformed(path: "r", why: "its key is not the hash of its parts")
        ) {
            try Record(JSON.object(members).addingOwnDigest(), path: "r")
        }
        members = try #require(record.json.object)
        members["self"] = nil
        for name in ["../a", "objects/a", "a//b", "/a", ".keys/a", "a/../b", "", "a\nb"] {
            members["outputs"] = [
                ["name": .string(name), "sha256": .string(Digest(of: "a").hex), "bytes": 1]
            ]
            #expect(throws: StoreFault.self, "\(name)") {
                try Record(JSON.object(members).addingOwnDigest(), path: "r")
            }
        }
    }

    @Test func namesWithoutAFolderAreFiles() {
        #expect(ArtifactName.isRealFile("report.html") && !ArtifactName.isRealFile("grid/a.png"))
        #expect(ArtifactName.suffix("model/mlp.curve.json") == ".json")
        #expect(ArtifactName.suffix("model.d/mlp") == "")
    }
}
