// `stage-visualize`: its settings, what it reads and makes, and what it says. What there is to show
// follows from the experiment's nodes: one more attack config is one more part of the page.

import Artifacts
import Formats
import Report
import StageKit
import VisualizeWork

/// The stage `visualize`.
package enum VisualizeStage: Stage {
    package typealias Computation = VisualizeComputation

    package static let kind = "visualize"
    package static let summary = "Write the report of an experiment, and its picture grids as PNG."
    package static let discussion = """
        stage-visualize --out artifacts
        stage-visualize --out artifacts --experiment original --examples 24

        The report is one HTML file that needs no network: artifacts/report.html, or
        artifacts/report-<experiment>.html.

        A class is called by its number, as in "goal": "fixed", "target": 207. The
        names of ImageNet's are in data/imagenet/labels.json, and
        `make classes NAME=retriever` lists the numbers of all whose names hold a word.
        """
    /// The page shows the records of all that it reads.
    package static let readsRecords = true

    /// The settings of a report.
    package static func schema(_ json: JSON) throws -> Schema {
        let noise = -1000.0...1000.0
        return Schema(
            "visualize",
            [
                Parameter(
                    "dataset", .text, default: .null,
                    help: "The data set to show; by default the one that the experiment fetches."),
                Parameter(
                    "splits", .texts, default: .array(["train", "test"]),
                    help: "Its parts, the first to be shown in pictures."),
                Parameter(
                    "fetched_networks", .texts, default: .array([]),
                    help: "Networks that were not trained but fetched, by fetch-<name>."),
                Parameter(
                    "network", .text, default: .null,
                    help: "The network to show in full; by default the first by name."),
                Parameter(
                    "papers", .texts, default: .array([]),
                    help: "Files of published tables, to be set beside ours."),
                Parameter(
                    "order", .texts, default: .array([]),
                    help: "Attacks to show first, in this order; the others follow by name."),
                Parameter(
                    "gallery", .integer(0...2000), default: 60, unit: "images",
                    help: "Images of the data set to show, spread over the classes."),
                Parameter(
                    "examples", .integer(0...200), default: 12, unit: "triptychs",
                    help: "Successes to show for each attack."),
                Parameter(
                    "failures", .integer(0...200), default: 8, unit: "images",
                    help: "Images that held to show for each attack."),
                Parameter(
                    "published_source", .text, default: "",
                    help: "Where the published noise table comes from."),
                Parameter(
                    "published_attacks", .texts, default: .array([]),
                    help: "Its rows: attacks of this experiment, as `noise-l1` or `fgsm@0.1`."),
                Parameter(
                    "published_mean", .numbers(noise), default: .array([]), help: "Its mean noise."),
                Parameter(
                    "published_max", .numbers(noise), default: .array([]),
                    help: "Its largest noise."),
                Parameter(
                    "published_min", .numbers(noise), default: .array([]),
                    help: "Its smallest noise."),
            ])
    }

    /// Everything that the experiment's nodes made.
    package static func inputs(_ config: Config, _ node: Node) throws -> [NodeInput] {
        try ReportInputs(config, node).all
    }

    /// The report, and whatever grids there turn out to be.
    package static func outputs(_ config: Config, _ node: Node) throws -> [String] {
        [node.report, node.artifact("grid", "")]
    }

    /// How large the report is, and what it has.
    package static func present(_ summary: JSON, _ config: Config) -> [String] {
        let bytes = summary["bytes"]?.int ?? 0
        func count(_ key: String, _ noun: String) -> String {
            Numerals.count(summary[key]?.int ?? 0, noun)
        }
        return [
            "\(Numerals.fixed(Double(bytes) / 1e6, 2)) MB, \(count("figures", "figure")), "
                + "\(count("tables", "table")), \(count("attacks", "attack")); "
                + "\(count("grids", "picture grid")) in grid/"
        ]
    }
}
