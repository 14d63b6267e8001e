// The stage visualize: what it reads follows from the experiment's nodes, what it reads becomes a
// study without loss, and what is wrong with its inputs is said.

import Artifacts
import AttackStage
import Faults
import Formats
import Report
import SampleStage
import StageKit
import StageWork
import StudyReading
import Testing
import VisualizeStage

@testable import VisualizeWork

@Suite struct VisualizeTests {
    private static let siblings = [
        "attack-fgsm", "attack-noise-l1", "attack-noise-none", "fetch-mnist", "sample-5k",
        "train-mlp",
        "visualize",
    ]

    private func inputs(
        _ config: JSON = [:], experiment: String = "mnist", siblings: [String] = siblings
    ) throws -> [NodeInput] {
        let node = Node(experiment: experiment, name: "visualize", siblings: siblings)
        return try VisualizeStage.inputs(resolved(config), node)
    }

    private func resolved(_ config: JSON) throws -> Config {
        try VisualizeStage.schema(config).resolve(config, file: "visualize.json")
    }

    /// What the run makes of the inputs that the stage announces.
    private func contents(_ inputs: [NodeInput]) -> ReportContents {
        ReportContents(
            inputs.map { RunInput(role: $0.role, name: $0.name) }, experiment: "mnist")
    }

    @Test func inputsFollowFromTheNodes() throws {
        let inputs = try inputs()
        #expect(
            inputs.map(\.name) == [
                "dataset/mnist-train.safetensors", "dataset/mnist-test.safetensors",
                "model/mlp.curve.json", "model/mlp.safetensors",
                "sample/5k.safetensors", "attack/fgsm.safetensors", "attack/noise-l1.safetensors",
                "attack/noise-none.safetensors",
            ])
        #expect(Set(inputs.map(\.role)).count == inputs.count)
        #expect(inputs.first?.source == .artifact(madeBy: "make fetch-mnist"))
        #expect(try self.inputs(siblings: ["visualize"]).isEmpty)
    }

    @Test func otherExperimentsHaveFoldersOfTheirOwn() throws {
        let inputs = try inputs(experiment: "original")
        #expect(inputs[0].name == "dataset/mnist-train.safetensors")
        #expect(inputs[2].name == "model/original/mlp.curve.json")
        #expect(inputs[2].source == .artifact(madeBy: "make train-mlp EXPERIMENT=original"))
    }

    @Test func networksTransfersAndTablesAreFound() throws {
        let nodes = ["train-a", "train-b", "attack-x", "transfer-t", "visualize"]
        let inputs = try inputs(
            ["network": "b", "papers": ["pipeline/mnist/tables/p.json"]], siblings: nodes)
        #expect(
            inputs.map(\.name) == [
                "model/b.curve.json", "model/b.safetensors", "model/a.curve.json",
                "model/a.safetensors", "attack/x.safetensors",
                "transfer/t.safetensors", "pipeline/mnist/tables/p.json",
            ])
        #expect(inputs.last?.source == .file(optional: false, limit: .max))
        let contents = contents(inputs)
        #expect(contents.networks == ["train-b", "train-a"])
        #expect(contents.attacks == ["attack-x"] && contents.transfers == ["transfer-t"])
        #expect(contents.papers == ["pipeline/mnist/tables/p.json"])
        #expect(contents.splits.isEmpty && contents.samples.isEmpty)
    }

    @Test func tablesOfPapersAreReadAndChecked() throws {
        func read(_ text: String) throws -> PaperTable {
            try PaperReader(MappedFile(copying: Array(text.utf8), named: "p.json")).table()
        }
        func table(_ columns: String, _ rows: String) -> String {
            #"{"title": "T", "source": "S", "columns": [\#(columns)], "rows": [\#(rows)], "differences": ["d"]}"#
        }
        let column = #"{"title": "E", "format": "percent"}"#
        let cell = #"{"paper": 0.5, "node": "attack-a", "figure": "error", "epsilon": 0.25}"#
        let good = try read(table(column, #"{"title": "r", "cells": [\#(cell)]} // said\#n"#))
        #expect(good.columns[0].format == .percent && good.differences == ["d"])
        #expect(good.rows[0].cells[0].published == 0.5)
        #expect(
            good.rows[0].cells[0].ours == .init(node: "attack-a", figure: "error", epsilon: 0.25))
        for (text, word) in [
            ("[]", "object"), ("{}", "columns"), (table("", ""), "at least one"),
            (table(#"{"title": "E", "format": "bold"}"#, ""), "percent, number, whole, fine"),
            (table(column, #"{"title": "r", "cells": []}"#), "the row r should be 1 cells"),
            (table(column, #"{"title": "r", "cell": []}"#), "cell"),
            (
                table(
                    column,
                    #"{"title": "r", "cells": [{"node": "attack-a", "figure": "eror"}]}"#), "error"
            ),
            (
                table(
                    column, #"{"title": "r", "cells": [{"node": "sample-a", "figure": "x"}]}"#),
                "train-, attack- or transfer-"
            ),
        ] {
            do {
                _ = try read(text)
                Issue.record("accepted: \(text)")
            } catch let fault as VisualizeFault {
                #expect(fault.description.contains(word), "\(fault)")
            }
        }
    }

    @Test func theOrderOfAttacksCanBeChosen() throws {
        let contents = contents(try inputs(["order": ["noise-none", "missing", "fgsm"]]))
        #expect(contents.attacks == ["attack-noise-none", "attack-fgsm", "attack-noise-l1"])
        #expect(contents.splits == ["train", "test"] && contents.networks == ["train-mlp"])
        #expect(contents.samples.map(\.node) == ["sample-5k"])
        #expect(contents.samples.map(\.artifact) == ["sample/5k.safetensors"])
    }

    @Test func publishedTablesAreReadByColumns() throws {
        func published(_ config: JSON = [:]) throws -> PublishedNoise? {
            try VisualizeComputation.published(resolved(config))
        }
        let table = try published([
            "published_source": "them", "published_attacks": ["noise-l1", "fgsm@0.1"],
            "published_mean": [0.0155, 0.0373817], "published_max": [1.003, 0.1],
            "published_min": [-1, -0.1],
        ])
        #expect(table?.source == "them")
        #expect(table?.rows.map(\.attack) == ["noise-l1", "fgsm"])
        #expect(table?.rows.map(\.epsilon) == [nil, 0.1])
        #expect(table?.rows[1].noise == Noise(mean: 0.0373817, max: 0.1, min: -0.1))
        #expect(try published() == nil)
        #expect(throws: VisualizeFault.raggedTable(file: "visualize.json", lengths: [1, 0, 0, 0])) {
            _ = try published(["published_attacks": ["fgsm"]])
        }
    }

    @Test func theTerminalSaysWhereAndHowLarge() throws {
        let config = try VisualizeStage.schema([:]).resolve([:], file: "visualize.json")
        let summary: JSON = [
            "bytes": 342_555, "figures": 20, "tables": 1, "attacks": 4,
            "grids": 6,
        ]
        #expect(
            VisualizeStage.present(summary, config) == [
                "0.34 MB, 20 figures, 1 table, 4 attacks; 6 picture grids in grid/"
            ])
    }

    @Test func messagesSayWhatToDo() {
        let table: [(any Fault, String)] = [
            (
                ReadingFault.malformed(file: "a", what: "`b`", expected: "c", found: "d"),
                "a: `b` should be c, and is d; make the artifact again, or report a fault of the stage that wrote it"
            ),
            (
                ReadingFault.foreignSample(file: "a", sample: "b", known: []),
                "a was made from b, which is no sample of this experiment (it has none); "
                    + "run the attack again on one of its samples"
            ),
            (
                VisualizeFault.wrongTable(file: "a", what: "`b`", expected: "c", found: "d"),
                "a: `b` should be c, and found is d; correct the file"
            ),
            (
                VisualizeFault.foreignNode(file: "a", node: "attack-b"),
                "a: there is no node attack-b in this experiment; correct the file, or add "
                    + "pipeline/<experiment>/attack-b.json"
            ),
            (
                VisualizeFault.raggedTable(file: "a", lengths: [1, 2]),
                "a: the lists published_attacks, published_mean, published_max and published_min have "
                    + "1, 2 entries; they are the columns of one table, so give each the same number"
            ),
        ]
        for (fault, message) in table { #expect(fault.description == message) }
    }

    @Test func settingsAreReadable() {
        let found = settings(from: ["b": [0.1, 2], "a": true, "c": nil, "d": "x", "e": 0.5])
        #expect(found.map(\.key) == ["a", "b", "d", "e"])
        #expect(found.map(\.value) == ["yes", "0.1, 2", "x", "0.5"])
    }
}
