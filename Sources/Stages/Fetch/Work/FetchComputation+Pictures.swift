// Pictures for a network of ImageNet: decoded, the shorter side resized to 256, the middle 224 × 224
// cut out, as those networks are evaluated; labels where the list has them.

import Datasets
import Formats
import StageWork
import Tensors

extension FetchComputation {
    static func pictures(_ config: any ResolvedConfig, _ work: any Workspace) throws -> JSON {
        let classes = try ClassNames(work.open("class names"))
        let (resize, crop) = (try config.integer("resize"), try config.integer("crop"))
        guard crop <= resize else {
            throw StageFault(
                .badData, "\(config.file): crop is \(crop), larger than resize, \(resize)",
                remedy: "choose crop 1…\(resize)")
        }
        let files = try pictureFiles(config, work)
        var values: [UInt8] = []
        try PictureReader.read(files, work.log) { content in
            values +=
                try Picture.prepared(
                    decoding: content.bytes, side: resize, crop: crop, named: content.name
                ).planes
        }
        let images = values.withUnsafeBytes {
            Pixels.fromBytes($0, shape: [files.count, 3, crop, crop])
        }
        let dataset = try config.text("dataset")
        let set = try LabelledImages(
            name: dataset, images: images,
            labels: files.map { $0.label ?? LabelledImages.unknown }, classes: classes.all,
            names: files.map(\.name))
        try work.write(
            work.output(endingIn: "-test.safetensors"), schema: "mirage.dataset",
            metadata: set.metadata.merging(["split": "test"]) { $1 },
            columns: [Column("images", set.images), Column("labels", set.labels)])
        return [
            "dataset": .string(dataset), "count": .integer(Int64(set.count)),
            "labelled": .integer(Int64(set.labels.count { $0 != LabelledImages.unknown })),
            "image_shape": .array(set.imageShape.map { .integer(Int64($0)) }),
        ]
    }

    /// What a run takes in, in order.
    private static func pictureFiles(
        _ config: any ResolvedConfig, _ work: any Workspace
    ) throws -> [PictureFile] {
        if config.isSet("folder") {
            let folder = try PictureFolder(config.text("folder"))
            if !folder.others.isEmpty {
                work.log.report([
                    "folder": .string(folder.path), "others": .string(folder.otherWords),
                ])
            }
            return folder.pictures.filter { work.holds(pictureRole($0)) }.map { name in
                PictureFile(name: name, label: nil) { try work.open(pictureRole(name)) }
            }
        }
        let source = try Source.named(config.text("pictures"), .pictures, work)
        return try work.downloads(of: source).map { download in
            PictureFile(name: download.file.name, label: download.file.label) { download.content }
        }
    }

    /// The role of a picture in a folder of the user's own.
    package static func pictureRole(_ file: String) -> String { "picture \(file)" }
}
