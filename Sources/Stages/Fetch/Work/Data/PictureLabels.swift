// What each picture shows: by its folder, by a table, or not said.

import Datasets
import Formats
import StageWork

/// The labels of pictures in folders.
struct PictureLabels {
    /// The names of the classes, by number.
    let classes: [String]
    private let numbers: ClassLabels?
    private var tables: [String: LabelTable] = [:]

    /// Reads the tables, and compares them with the folders.
    /// - Throws: `StageFault` for a picture or a class that one has and the other has not.
    init(
        _ plan: DataPlan, _ settings: DataSettings, _ listed: ClassNames?, _ work: any Workspace
    ) throws {
        var texts: [String: String] = [:]
        for (part, found) in plan.pictures where found.hasTable {
            let table = try LabelTable(work.open(DataPlan.role(part, "labels")), settings)
            try table.check(found.folder)
            for (text, line) in table.labels.values {
                let place = "\(Shown.text(table.file)):\(line)"
                texts[text] = texts[text].map { min($0, place) } ?? place
            }
            tables[found.prefix] = table
        }
        for name in plan.classes ?? [] { texts[name] = "a folder" }
        let places = texts.sorted { $0.key.isBefore($1.key) }.map {
            (text: $0.key, place: $0.value)
        }
        guard !places.isEmpty else {
            classes = listed?.all ?? []
            numbers = nil
            return
        }
        let labels = try ClassLabels(
            places, listed: listed, order: plan.classes, of: settings.path)
        (classes, numbers) = (labels.names, labels)
    }

    /// The class of a picture by its path below the data's folder.
    subscript(path: String, found: DataPlan.Pictures) -> Int {
        let name = path.dropFirst(found.prefix.count)
        let text =
            found.classes.isEmpty
            ? tables[found.prefix]?.labels[String(name)]?.text
            : name.split(separator: "/").first.map(String.init)
        return text.flatMap { numbers?[$0] } ?? LabelledImages.unknown
    }
}
