// `stage-compare`: its settings, what it reads and makes, and what it says. It is a node of no experiment: the two
// sides that it is given say which records it reads, and its name is made of theirs.

import Artifacts
import CompareWork
import Formats
import PipelineTool
import Report
import StageKit

/// The stage `compare`. `List` are the stages of the pipeline, which know whether a result is up to date.
package enum CompareStage<List: StageList>: Stage {
    package typealias Computation = CompareComputation

    package static var kind: String { "compare" }
    package static var summary: String {
        "Compare two experiments on the same images, as one page."
    }
    package static var discussion: String {
        """
        stage-compare --a mnist --b original
        stage-compare --a old/artifacts --b artifacts --gate 0.01

        A SIDE is an experiment (mnist), a store (old/artifacts, ./artifacts: whatever
        has a slash, or is a folder and no experiment), or an experiment of a store
        (old/artifacts:original). A store alone means its experiment \(Node.mainExperiment), or the
        one that --experiment names. An experiment alone is looked for in --out. What
        an experiment is, the records of its store say. Of a store beside --out nothing
        is changed.

        The page is <out>/compare-A--B.html. EXIT CODE 1: with --gate, B is worse than A
        by more than that, in some norm at some ε that both have: the share of the
        images that stand against all attacks of A, less that of B, or the same for the
        attacks that both ran, or for what is read before any attack. Or B was not tried with all that A was, such as an attack,
        a budget, a norm: --partial lets that pass. All other failures have codes from
        64 to 75.
        """
    }
    /// The page shows settings.
    package static var readsRecords: Bool { true }
    package static var standsAlone: Bool { true }

    /// The settings of a comparison.
    package static func schema(_ json: JSON) throws -> Schema {
        Schema(
            "compare",
            [
                Parameter("a", .text, default: "", help: "The side that is there: see above."),
                Parameter("b", .text, default: "", help: "The side that is judged."),
                Parameter(
                    "gate", .number(0...1), default: .null, unit: "share of the images",
                    help: "By how much B may be worse before the exit code is 1."),
                Parameter(
                    "partial", .flag, default: false,
                    help: "Whether the gate may hold although B was not tried with all that A was."),
                Parameter(
                    "pictures", .integer(0...60), default: 12, unit: "images",
                    help: "Images to show that one side alone loses, for each norm and side."),
            ])
    }

    private static func sides(_ config: Config, _ node: Node) throws -> [ComparedExperiment] {
        try zip(CompareRole.sides, ["a", "b"]).map {
            try ComparedExperiment($0, config.text($1), node)
        }
    }

    package static func node(alone config: Config, at place: Node) throws -> Node {
        let name = try sides(config, place).map(\.fileName).joined(separator: "--")
        return Node(
            experiment: place.experiment, name: "\(kind)-\(name)", artifacts: place.artifacts)
    }

    /// All attacks of both sides and what led to them.
    package static func inputs(_ config: Config, _ node: Node) throws -> [NodeInput] {
        try sides(config, node).flatMap { try SideInputs($0, stages: List.stages).all }
    }

    /// The page.
    package static func outputs(_ config: Config, _ node: Node) throws -> [String] {
        ["\(node.name).html"]
    }

    /// The figures, a row a norm and budget.
    package static func present(_ summary: JSON, _ config: Config) -> [String] {
        var lines: [String] = []
        if summary["identical"]?.bool == true {
            lines.append("A and B are the same: equal digests, no difference")
        }
        var table = TextTable([
            "norm", "attacks", "ε", "n", "A", "B", "B − A", "95 % low", "95 % high", "McNemar p",
        ])
        for row in summary["rows"]?.array ?? [] {
            let images = Double(row["images"]?.int ?? 0)
            func share(_ key: String) -> String {
                TextTable.percent(images > 0 ? Double(row[key]?.int ?? 0) / images : nil)
            }
            table.add(
                [
                    row["norm"]?.string ?? "", row["attacks"]?.string ?? "",
                    Numerals.budget(row["epsilon"]?.double ?? 0), "\(row["images"]?.int ?? 0)",
                    share("a"), share("b"),
                ]
                    + ["difference", "low", "high"].map {
                        TextTable.number((row[$0]?.double).map { $0 * 100 }, decimals: 2)
                    } + [TextTable.number(row["p"]?.double, decimals: 4)])
        }
        lines += table.lines
        if let left = summary["left_out"]?.int, left > 0 {
            lines.append("\(left) images are not the same picture on both sides, and were left out")
        }
        for words in summary["not_compared"]?.array ?? [] {
            lines.append("not compared: \(words.string ?? "")")
        }
        for words in summary["uneven"]?.array ?? [] {
            lines.append("not attacked alike: \(words.string ?? "")")
        }
        if shortfall(summary, config) == nil, let words = summary["gate_words"]?.string {
            lines.append(words)
        }
        return lines
    }

    package static func shortfall(_ summary: JSON, _ config: Config) -> String? {
        let failures = summary["failures"]?.array?.compactMap(\.string) ?? []
        guard !failures.isEmpty else { return nil }
        let words = summary["gate_words"]?.string ?? ""
        return ([words] + failures.map { "  " + $0 }).joined(separator: "\n")
    }
}
