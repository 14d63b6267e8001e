// Pictures for a network of ImageNet: decoded, the shorter side resized to 256, the middle 224 × 224
// cut out, as those networks are evaluated.

import Artifacts
import Datasets
import Formats
import StageKit
import Tensors

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Images from JPEG and PNG files; labels where the list has them.
enum PictureFetch: Fetch {
    /// The most pictures that are taken from a folder: all are held in memory.
    static let limit = 200
    private static let suffixes = ["jpg", "jpeg", "png"]

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
            role: "class names", file: ClassNames.path(try config.text("dataset")))
        if config.isSet("folder") {
            let folder = try config.text("folder")
            return [names]
                + (try files(of: folder).map {
                    NodeInput(role: role($0), file: path(folder, $0))
                })
        }
        let source = try Source.named(config.text("pictures"), .pictures)
        return [names, NodeInput(role: "sources", file: Source.list)] + source.inputs
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
        for (index, file) in files.enumerated() {
            let picture = try Picture(decoding: Array(file.content.bytes), named: file.content.name)
                .prepared(side: resize, crop: crop, named: file.content.name)
            values += planes(of: picture)
            work.log.progress(done: index + 1, of: files.count, label: "pictures")
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

    /// What a run takes in, in order.
    private static func files(
        _ config: Config, _ work: Workspace
    ) throws -> [(name: String, label: Int?, content: MappedFile)] {
        if config.isSet("folder") {
            let folder = try config.text("folder")
            return try files(of: folder).filter { work.holds(role($0)) }
                .map { ($0, nil, try work.open(role($0))) }
        }
        let source = try Source.named(config.text("pictures"), .pictures, work)
        return try work.downloads(of: source).map { ($0.file.name, $0.file.label, $0.content) }
    }

    static func present(_ summary: JSON) -> [String] {
        let shape = (summary["image_shape"]?.array ?? []).map { "\($0.int ?? 0)" }
        return [
            "\(summary["dataset"]?.string ?? ""): \(summary["count"]?.int ?? 0) pictures of "
                + "\(shape.joined(separator: " × ")), \(summary["labelled"]?.int ?? 0) with a label"
        ]
    }

    // MARK: A folder of the user's own

    private static func role(_ file: String) -> String { "picture \(file)" }

    private static func path(_ folder: String, _ file: String) -> String {
        folder.hasSuffix("/") ? folder + file : "\(folder)/\(file)"
    }

    /// The names of its pictures, sorted; files of other kinds are passed over.
    private static func files(of folder: String) throws -> [String] {
        let names = try Disk.names(in: folder)
        let pictures = names.filter { name in
            !name.hasPrefix(".")
                && suffixes.contains { name.lowercased().hasSuffix(".\($0)") }
        }
        guard !pictures.isEmpty else {
            let found =
                access(folder, F_OK) != 0
                ? "it does not exist"
                : !Disk.isFolder(folder)
                    ? "it is a file"
                    : names.isEmpty ? "it is empty" : "it has \(names.count) files of other kinds"
            throw StageFault(
                .missingInput, "\(folder) has no picture (.jpg, .jpeg, .png): \(found)",
                remedy: "name a folder of pictures, as in: make imagenet IMAGES=photos")
        }
        guard pictures.count <= limit else {
            throw StageFault(
                .badData, "\(folder) has \(pictures.count) pictures, more than \(limit)",
                remedy: "choose fewer: each is attacked several times")
        }
        return pictures
    }

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
