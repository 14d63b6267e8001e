// A data set in the four IDX files of MNIST: labelled images, as two splits.

import Datasets
import Formats
import StageWork
import Tensors

extension FetchComputation {
    static func dataset(_ config: any ResolvedConfig, _ work: any Workspace) throws -> JSON {
        let source = try Source.named(config.text("dataset"), .dataset, work)
        let finder = Finder(
            source: source, log: work.log,
            wheels: Wheels(in: work.temporaryFolder, log: work.log))
        var splits: [String: JSON] = [:]
        for split in ["train", "test"] {
            let images = try idx("\(split)-images", as: .images, by: finder, work)
            let labels = try idx("\(split)-labels", as: .labels, by: finder, work)
            let set = try LabelledImages(
                name: source.name, images: images, labels: labels, classes: source.classes)
            try work.write(
                work.output(endingIn: "-\(split).safetensors"),
                schema: "mirage.dataset", metadata: set.metadata.merging(["split": split]) { $1 },
                columns: [Column("images", set.images), Column("labels", set.labels)])
            splits[split] = [
                "count": .integer(Int64(set.count)),
                "image_shape": .array(set.imageShape.map { .integer(Int64($0)) }),
                "histogram": .array(set.histogram.map { .integer(Int64($0)) }),
            ]
        }
        return [
            "dataset": .string(source.name), "splits": .object(splits),
            "classes": .array(source.classes.map(JSON.string)),
        ]
    }

    private static func idx(
        _ role: String, as content: IDX.Content, by finder: Finder, _ work: any Workspace
    ) throws -> IDX {
        guard let file = finder.source.files.first(where: { $0.role == role }) else {
            throw StageFault(.software, "\(role) is not among the roles")
        }
        let local = work.holds(role) ? try work.open(role) : nil
        return try IDX(finder.find(file, local: local), as: content, named: file.name)
    }
}
