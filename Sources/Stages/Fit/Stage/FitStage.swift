// `stage-fit`: its settings, what it reads and makes, and what it says.

import Artifacts
import FitWork
import Formats
import StageKit

/// `stage-fit`: a network and data in, the network with its preprocessing and the names of its classes out.
package enum FitStage: Stage {
    package typealias Computation = FitComputation

    package static let kind = "fit"
    package static let summary =
        "Find out which pixels a network expects, and put it together with data."
    package static let discussion = """
        EXAMPLES
          stage-fit --experiment mine --pixels imagenet
          stage-fit --experiment mine --pixels '0..255 bgr'
          stage-fit --experiment mine --pixels 'mean=0.1307 deviation=0.3081'

        What a network expects of its pixels is part of the network: range, mean and
        deviation, the order of colours. It is taken from --pixels; else from the
        network's own first layer; else the usual ones are tried on labelled images, and
        the best is taken only if it stands out.
        """

    package static func schema(_ json: JSON) throws -> Schema {
        Schema(
            "fit",
            [
                Parameter("network", .text, help: "the network, as fetched by fetch-<network>"),
                Parameter("dataset", .text, help: "the data set, as fetched by fetch-<dataset>"),
                Parameter(
                    "pixels", .text, default: .null,
                    help:
                        "what the network reads: 0..1, 0..255, -1..1, imagenet, cifar10, mnist, or "
                        + "mean=… deviation=…; and bgr; default: found out"),
                Parameter(
                    "images", .integer(1...1_000_000), default: 500,
                    help: "how many labelled images the usual ones are tried on"),
            ] + effort("quick", images: 500, least: 10, flops: 3e10, passes: 700)
                + effort("costly", images: 50, least: 2, flops: 3e9, passes: 3500))
    }

    /// How many images a kind of attacks is to have.
    private static func effort(
        _ name: String, images: Int64, least: Int64, flops: Double, passes: Double
    ) -> [Parameter] {
        [
            Parameter(
                "\(name)_images", .integer(1...1_000_000), default: .integer(images),
                help: "the most images for \(name) attacks"),
            Parameter(
                "\(name)_least", .integer(1...1_000_000), default: .integer(least),
                help: "the least, however large the network is"),
            Parameter(
                "\(name)_flops", .number(1...1e18), default: .number(flops), unit: "FLOPs",
                help: "in between, the work of one pass over all of them"),
            Parameter(
                "\(name)_passes", .number(0...1e9), default: .number(passes),
                help: "passes for an image that those attacks need, for the time that is told"),
        ]
    }

    package static func inputs(_ config: Config, _ node: Node) throws -> [NodeInput] {
        [
            node.model(try config.text("network")) { _ in "model" },
            node.dataset(try config.text("dataset"), "test", role: "data"),
        ]
    }

    package static func outputs(_ config: Config, _ node: Node) throws -> [String] {
        [
            node.artifact("model", "\(node.stem).safetensors"),
            node.artifact("model", "\(node.stem).curve.json"),
        ]
    }

    /// What was chosen, why, and how often the network is right.
    package static func present(_ summary: JSON, _ config: Config) -> [String] {
        let choice = summary["preprocessing"]
        let why =
            switch choice?["reason"]?.string {
            case "given": "as given"
            case "graph": "by the network's own first layer"
            default: "the best of those tried"
            }
        var lines = [
            "\(summary["architecture"]?.string ?? ""): pixels \(choice?["pixels"]?.string ?? ""), \(why)"
        ]
        for trial in choice?["tried"]?.array ?? [] {
            lines.append(
                "  \(trial["pixels"]?.string ?? ""): \(trial["correct"]?.int ?? 0) of "
                    + "\(trial["of"]?.int ?? 0) right")
        }
        if let correct = summary["test_correct"]?.int {
            lines.append(
                "accuracy on \(summary["test_images"]?.int ?? 0) images: "
                    + "\(TextTable.percent(summary["test_accuracy"]?.double)) (\(correct) right)")
        }
        return lines
    }
}
