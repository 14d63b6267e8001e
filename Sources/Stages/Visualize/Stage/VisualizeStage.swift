// Writes the report of an experiment, and its picture grids as files. What there is to show
// follows from the experiment's nodes: one more attack config is one more part of the page.

import Artifacts
import Formats
import Report
import StageKit

/// The stage `visualize`.
public enum VisualizeStage: Stage {
    /// The stage's name.
    public static let kind = "visualize"
    /// One line for `--help`.
    public static let summary = "Write the report of an experiment, and its picture grids as PNG."
    /// Examples for `--help`.
    public static let discussion = """
        stage-visualize --out artifacts
        stage-visualize --out artifacts --experiment original --examples 24

        The report is one HTML file that needs no network: artifacts/report.html, or
        artifacts/report-<experiment>.html.

        A class is called by its number, as in "goal": "fixed", "target": 207. The
        names of ImageNet's are in data/imagenet/labels.json, and
        `make classes NAME=retriever` lists the numbers of all whose names hold a word.
        """
    /// The digest of the sources of this stage.
    public static var codeDigest: String { VisualizeStageDigest.code }
    /// The page shows the records of all that it reads.
    public static let readsRecords = true

    /// The settings of a report.
    public static func schema(_ json: JSON) throws -> Schema {
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

    /// Everything that the experiment's nodes made, except the weights.
    public static func inputs(_ config: Config, _ node: Node) throws -> [NodeInput] {
        let plan = try ReportPlan(config, node)
        return plan.inputs
    }

    /// The report, and whatever grids there turn out to be.
    public static func outputs(_ config: Config, _ node: Node) throws -> [String] {
        [node.report, node.artifact("grid", "")]
    }

    /// Reads, renders, writes.
    public static func run(_ config: Config, _ node: Node, _ work: Workspace) throws -> JSON {
        let plan = try ReportPlan(config, node)
        let reader = StudyReader(
            contents: plan.contents, layout: plan.layout, open: work.open,
            record: { try work.record(of: $0) })
        var study = try reader.study()
        study.published = try plan.published()
        let report = study.rendered()
        try work.create(node.report).write(report.html)
        for grid in report.grids {
            let name = node.artifact("grid", "\(grid.name).png")
            try work.create(name).write(grid.bitmap.file(named: name))
        }
        return [
            "bytes": .integer(Int64(report.html.utf8.count)),
            "figures": .integer(Int64(report.figures)), "tables": .integer(Int64(report.tables)),
            "attacks": .integer(Int64(study.attacks.count)),
            "grids": .integer(Int64(report.grids.count)),
        ]
    }

    /// How large the report is, and what it has.
    public static func present(_ summary: JSON, _ config: Config) -> [String] {
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

/// The generated digest under a name of its own: inside the stage, `codeDigest` is the protocol's.
private enum VisualizeStageDigest {
    static let code = codeDigest
}

extension Bitmap {
    /// The picture as a PNG file, written by libpng without filters and compression: the store names
    /// it by its hash, which should not follow from the version of zlib.
    func file(named name: String) throws -> [UInt8] {
        let bytes = pixels.flatMap { [$0.red, $0.green, $0.blue] }
        return try PNG(width: width, height: height, channels: .rgb, pixels: bytes).stored(
            named: name)
    }
}
