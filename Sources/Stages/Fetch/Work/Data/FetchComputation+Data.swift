// Data of the user's own, as they have them: recognised by what lies there, brought to one shape, and
// written as a test split and, where one is asked for, a training split.

import Datasets
import Formats
import Networks
import StageNetworks
import StageWork
import Tensors

extension FetchComputation {
    static func data(_ config: any ResolvedConfig, _ work: any Workspace) throws -> JSON {
        let settings = try DataSettings(config, of: work.node)
        let plan = try DataPlan(settings)
        if plan.layout.isPictures, !work.holds(plan.listing) {
            throw StageFault(
                .tryAgain, "\(Shown.text(settings.path)) changed while it was read",
                remedy: "type the command again")
        }
        let listed = try settings.classes.map { _ in try ClassNames(listIn: work.open("classes")) }
        let model = settings.model ?? ""
        let wanted = try settings.model.map { _ in try imageShape(work.open("model"), of: model) }
        var fit = try PixelFit(settings, wanted: wanted, of: model)
        work.log.line("\(Shown.text(settings.path)) is \(plan.layout.words)")
        var notes = plan.notes
        var parts: [DataPart: RawImages]
        let classes: [String]
        if plan.layout.isPictures {
            let labels = try PictureLabels(plan, settings, listed, work)
            classes = labels.classes
            parts = try plan.pictures.mapValues {
                try pictures($0, labels, &fit, settings, work)
            }
        } else {
            let arrays = try DataArrays(plan, settings, work)
            notes += arrays.notes
            parts = arrays.parts
            if let train = parts[.train], parts[.test] == nil, parts[.whole] == nil,
                settings.share != nil
            {
                parts = [.whole: train]
            }
            parts = try DataPlan.arranged(parts, settings)
            for part in DataPart.allCases where parts[part]?.count == 0 {
                throw noImages(part == .train ? "train" : "test", settings)
            }
            classes =
                try listed?.all ?? arrays.classes
                ?? ClassLabels.numbered(arrays.largest, of: settings.path)
            try checkClasses(classes, listed, largest: arrays.largest, settings)
            for (part, images) in parts { parts[part] = try fit.fitted(images, of: settings.path) }
        }
        notes += fit.notes
        let splits = try split(parts, settings)
        return try write(splits, classes, plan.layout, notes, settings, work)
    }

    /// The labels of arrays must be classes, of which there are two at least.
    private static func checkClasses(
        _ classes: [String], _ listed: ClassNames?, largest: Int, _ settings: DataSettings
    ) throws {
        guard !classes.isEmpty else {
            throw StageFault(
                .badData,
                "\(Shown.text(settings.path)) names no classes: its list of them is empty",
                remedy: "list all classes: CLASSES=names.txt (the config's \"classes\")")
        }
        guard largest < classes.count else {
            throw StageFault(
                .badData,
                "\(Shown.text(settings.path)) has the label \(largest), expected 0…\(classes.count - 1), "
                    + "the classes"
                    + (listed.map { " of \(Shown.text($0.file))" } ?? " that it names"),
                remedy: "list all classes: CLASSES=names.txt (the config's \"classes\")")
        }
        guard listed != nil || classes.count > 1 else {
            throw ClassLabels.oneClass(classes, of: settings.path)
        }
    }

    /// The shape of the images that a network takes, as its file says it.
    private static func imageShape(_ file: MappedFile, of model: String) throws -> [Int] {
        let tensors = try SafeTensors(file)
        // A network of the catalogue says only its name.
        let known = (try? Architecture(of: tensors))?.imageShape
        guard
            let text = tensors.metadata["image_shape"]
                ?? known.map({ JSON.array($0.map { .integer(Int64($0)) }).canonical })
        else {
            throw StageFault(
                .badData,
                "\(Shown.text(file.name)) does not say what images it takes: its metadata has no "
                    + "\"image_shape\"",
                remedy: "fetch the network afresh, or give \"resize\" and \"crop\" and leave "
                    + "\"model\" out")
        }
        let shape = try JSON.parse(text, named: file.name).array?.map { $0.int ?? 0 } ?? []
        guard shape.count == 3, shape.allSatisfy({ (1...4096).contains($0) }) else {
            throw tensors.fault(
                .wrongMetadata(
                    "image_shape", expected: "[C, H, W], each 1 to 4096", found: Shown.start(text)))
        }
        guard shape[0] == 1 || shape[0] == 3 else {
            // A row of pixels is no picture before somebody says how many of them are a line.
            let sides = (1...4096).first { $0 * $0 == shape[0] || 3 * $0 * $0 == shape[0] }
            throw StageFault(
                .badData,
                "\(model) takes images \(shape), and pictures have 1 or 3 channels",
                remedy: sides.map {
                    "where these are \($0) × \($0) pixels, say so: SIZE=\($0) (the config's \"size\")"
                } ?? "name a network on pictures")
        }
        return shape
    }

    /// The pictures of a part, decoded and fitted.
    private static func pictures(
        _ found: DataPlan.Pictures, _ labels: PictureLabels, _ fit: inout PixelFit,
        _ settings: DataSettings, _ work: any Workspace
    ) throws -> RawImages {
        var values: [UInt8] = []
        var first: (shape: [Int], name: String)?
        var others: [String] = []
        func sides(_ shape: [Int]) -> String { "\(shape[1]) × \(shape[2])" }
        let files = found.drawn.map { path in
            PictureFile(name: path, label: nil) { try work.open(DataPlan.role(path)) }
        }
        try PictureReader.read(files, work.log) { content in
            let picture = try Picture(
                decoding: content.bytes, as: PictureFormat.allCases, named: content.name)
            let (shape, bytes) = try fit.planes(of: picture, named: content.name)
            if let first, first.shape != shape {
                others.append("\(Shown.text(content.name)): \(sides(shape))")
                return
            }
            first = first ?? (shape, content.name)
            guard bytes.count <= ArrayLimits.values / found.drawn.count else {
                throw PixelFit.tooMany(found.drawn.count, shape, settings)
            }
            values += bytes
        }
        if let first, !others.isEmpty {
            throw StageFault(
                .badData,
                "the pictures have several sizes: \(Shown.text(first.name)) is \(sides(first.shape)) "
                    + "(rows × columns), unlike \(others.count) of \(files.count):"
                    + PictureFolder.list(others),
                remedy: "say what they become, as in \"resize\": 256 and \"crop\": 224, typed "
                    + "\(settings.typed("resize=256", "crop=224")), or name a \"model\"")
        }
        return RawImages(
            shape: first?.shape ?? [3, 1, 1], values: .bytes(values),
            labels: found.drawn.map { labels[$0, found] },
            names: found.drawn.map { String($0.dropFirst(found.prefix.count)) })
    }

    /// The splits to be written, in this order.
    private static func split(
        _ parts: [DataPart: RawImages], _ settings: DataSettings
    ) throws -> [(name: String, images: RawImages)] {
        if let whole = parts[.whole] {
            guard let share = settings.share else { return [("test", whole)] }
            let (test, train) = DataDraw.split(whole.count, share: share, seed: settings.seed)
            guard !test.isEmpty, !train.isEmpty else {
                throw StageFault(
                    .badData,
                    "a share of \(share) of \(whole.count) images leaves the "
                        + "\(test.isEmpty ? "test" : "training") split without any",
                    remedy: "choose another share for \"test\", as in \(settings.typed("test=0.5"))"
                )
            }
            return [("test", whole.gathered(test)), ("train", whole.gathered(train))]
        }
        return [DataPart.test, .train].compactMap { part in
            parts[part].map { (part.rawValue, $0) }
        }
    }

    private static func noImages(_ split: String, _ settings: DataSettings) -> StageFault {
        StageFault(
            .badData, "\(Shown.text(settings.path)) has no images in its \(split) split",
            remedy: "give some")
    }

    private static func write(
        _ splits: [(name: String, images: RawImages)], _ classes: [String], _ layout: DataLayout,
        _ notes: [String], _ settings: DataSettings, _ work: any Workspace
    ) throws -> JSON {
        var written: [String: JSON] = [:]
        for (name, images) in splits {
            let set = try LabelledImages(
                name: settings.name, images: images.tensor, labels: images.labels,
                classes: classes, names: images.names)
            guard set.count > 0 else {
                throw noImages(name, settings)
            }
            try work.write(
                work.output(endingIn: "-\(name).safetensors"), schema: "mirage.dataset",
                metadata: set.metadata.merging(["split": name]) { $1 },
                columns: [Column("images", set.images), Column("labels", set.labels)])
            written[name] = [
                "count": .integer(Int64(set.count)),
                "labelled": .integer(Int64(set.labels.count { $0 != LabelledImages.unknown })),
                "image_shape": .array(set.imageShape.map { .integer(Int64($0)) }),
                "histogram": .array(set.histogram.map { .integer(Int64($0)) }),
            ]
        }
        return [
            "dataset": .string(settings.name), "layout": .string(layout.rawValue),
            "splits": .object(written), "classes": .array(classes.map(JSON.string)),
            "notes": .array(notes.map(JSON.string)),
        ]
    }
}
