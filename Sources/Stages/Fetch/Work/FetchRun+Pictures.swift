// Pictures for a network of ImageNet: decoded, the shorter side resized to 256, the middle 224 × 224
// cut out, as those networks are evaluated.

import Artifacts
import Datasets
import Formats
import StageKit
import Tensors

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
                        role: role($0), file: folder.file($0), limit: Picture.fileLimit)
                }
        }
        let source = try Source.named(config.text("pictures"), .pictures)
        return [names, Source.listInput] + source.inputs
    }

    static func outputs(_ config: Config, _ node: Node) throws -> [String] {
        [node.artifact("dataset", "\(try config.text("dataset"))-test.safetensors")]
            + (config.isSet("folder") ? [] : ["download/"])
    }

    static func run(_ config: Config, _ node: Node, _ work: Workspace) throws -> JSON {
        let classes = try ClassNames(work.open("class names"))
        let (resize, crop) = (try config.integer("resize"), try config.integer("crop"))
        guard crop <= resize else {
            throw StageFault(
                .badData, "\(config.file): crop is \(crop), larger than resize, \(resize)",
                remedy: "choose crop 1…\(resize)")
        }
        let files = try self.files(config, work)
        var values: [UInt8] = []
        var remarks: [PictureRemark: Int] = [:]
        var faults: [String] = []
        for (index, file) in files.enumerated() {
            // One picture at a time is open and decoded; what is wrong with others is said as well.
            do {
                let content = try file.open()
                try withExtendedLifetime(content) {
                    values += planes(
                        of: try Picture.prepared(
                            decoding: content.bytes, side: resize, crop: crop,
                            named: content.name))
                    for remark in PictureRemark.of(content.bytes) {
                        remarks[remark, default: 0] += 1
                    }
                }
            } catch let fault as FormatFault {
                if case .system = fault { throw fault }
                faults.append(fault.description)
            }
            work.log.progress(done: index + 1, of: files.count, label: "pictures")
        }
        guard faults.isEmpty else { throw PictureFolder.fault(faults, of: files.count) }
        for remark in PictureRemark.allCases {
            guard let count = remarks[remark] else { continue }
            work.log.line("\(count) of \(files.count) pictures: \(remark.rawValue)")
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
            node.artifact("dataset", "\(dataset)-test.safetensors"), schema: "mirage.dataset",
            metadata: set.metadata.merging(["split": "test"]) { $1 },
            columns: [Column("images", set.images), Column("labels", set.labels)])
        return [
            "dataset": .string(dataset), "count": .integer(Int64(set.count)),
            "labelled": .integer(Int64(set.labels.count { $0 != LabelledImages.unknown })),
            "image_shape": .array(set.imageShape.map { .integer(Int64($0)) }),
        ]
    }

    /// What a run takes in, in order; each file is opened when it is its turn.
    private static func files(
        _ config: Config, _ work: Workspace
    ) throws -> [(name: String, label: Int?, open: () throws -> MappedFile)] {
        if config.isSet("folder") {
            let folder = try PictureFolder(config.text("folder"))
            if !folder.others.isEmpty {
                work.log.line("\(Shown.text(folder.path)): passed over are \(folder.otherWords)")
            }
            return folder.pictures.filter { work.holds(role($0)) }
                .map { name in (name, nil, { try work.open(role(name)) }) }
        }
        let source = try Source.named(config.text("pictures"), .pictures, work)
        return try work.downloads(of: source).map { download in
            (download.file.name, download.file.label, { download.content })
        }
    }

    static func present(_ summary: JSON) -> [String] {
        let shape = (summary["image_shape"]?.array ?? []).map { "\($0.int ?? 0)" }
        return [
            "\(summary["dataset"]?.string ?? ""): \(summary["count"]?.int ?? 0) pictures of "
                + "\(shape.joined(separator: " × ")), \(summary["labelled"]?.int ?? 0) with a label"
        ]
    }

    private static func role(_ file: String) -> String { "picture \(file)" }

    /// The bytes of [3, H, W] from those of [H, W, 3].
    private static func planes(of picture: Picture) -> [UInt8] {
        let pixels = picture.width * picture.height
        var planes = [UInt8](repeating: 0, count: 3 * pixels)
        for pixel in 0..<pixels {
            for channel in 0..<3 {
                planes[channel * pixels + pixel] = picture.pixels[3 * pixel + channel]
            }
        }
        return planes
    }
}
