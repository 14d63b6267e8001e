// The settings of pictures, and what is said of them.

import Artifacts
import Datasets
import FetchWork
import Formats
import StageKit

/// Images from JPEG and PNG files; labels where the list has them.
enum PictureFetch: Fetch {
    static var schema: Schema {
        Schema(
            "fetch pictures",
            [
                Parameter("pictures", .text, help: "a set of pictures of pipeline/sources.json"),
                Parameter(
                    "folder", .text, default: .null,
                    help: "a folder of your own JPEG and PNG files, instead"),
                Parameter(
                    "dataset", .text, default: "imagenet",
                    help: "whose classes they show; data/<dataset>/labels.json has the names"),
                Parameter(
                    "resize", .integer(1...4096), default: 256, unit: "pixels",
                    help: "the shorter side, before the crop"),
                Parameter(
                    "crop", .integer(1...4096), default: 224, unit: "pixels",
                    help: "the side of the middle square that is kept"),
            ])
    }

    static func inputs(_ config: Config, _ node: Node) throws -> [NodeInput] {
        let names = NodeInput(
            role: "class names", file: ClassNames.path(try config.text("dataset")),
            limit: Source.listLimit)
        if config.isSet("folder") {
            let folder = try PictureFolder(config.text("folder"))
            return [names]
                + folder.pictures.map {
                    NodeInput(
                        role: FetchComputation.pictureRole($0), file: folder.file($0),
                        limit: Picture.fileLimit)
                }
        }
        let source = try Source.named(config.text("pictures"), .pictures)
        return [names, Source.listInput] + source.inputs
    }

    static func outputs(_ config: Config, _ node: Node) throws -> [String] {
        [node.artifact("dataset", "\(try config.text("dataset"))-test.safetensors")]
            + (config.isSet("folder") ? [] : ["download/"])
    }

    static func present(_ summary: JSON) -> [String] {
        let shape = (summary["image_shape"]?.array ?? []).map { "\($0.int ?? 0)" }
        return [
            "\(summary["dataset"]?.string ?? ""): \(summary["count"]?.int ?? 0) pictures of "
                + "\(shape.joined(separator: " × ")), \(summary["labelled"]?.int ?? 0) with a label"
        ]
    }
}
