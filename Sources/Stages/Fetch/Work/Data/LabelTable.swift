// labels.csv: which picture shows what.

import Formats
import StageWork

/// A table of two columns that count, file and label.
struct LabelTable {
    /// What each file shows, and the line that says so.
    private(set) var labels: [String: (text: String, line: Int)] = [:]
    let file: String
    private let settings: DataSettings

    /// The names of columns; where several are there, the first of these counts.
    private static let fileColumns = [
        "file", "filename", "file_name", "image", "img", "picture", "path", "filepath",
        "image_path",
        "id", "image_id", "name",
    ]
    private static let labelColumns = [
        "label", "class", "category", "target", "class_name", "label_name", "classname", "y",
    ]

    /// Reads a table. Its first row is a header unless it names a picture; of more than two columns the
    /// header says which count.
    /// - Throws: `FormatFault.csv`; `StageFault` for a table without these columns, a file that stands in
    ///   it twice, or a path that leads out of the folder.
    init(_ mapped: MappedFile, _ settings: DataSettings) throws {
        (file, self.settings) = (mapped.name, settings)
        var table = try CSV(mapped.bytes, named: file)
        var columns: (file: Int, label: Int) = (0, 1)
        var isFirst = true
        while let (line, fields) = try table.next() {
            if isFirst {
                isFirst = false
                let suffixes = FolderContents.pictureSuffixes
                let isHeader = !fields.contains {
                    suffixes.contains(FolderListing.suffix(of: $0))
                }
                columns = try self.columns(fields, isHeader: isHeader)
                if isHeader { continue }
            }
            try add(fields[columns.file], fields[columns.label], line)
        }
        guard !labels.isEmpty else {
            throw StageFault(
                .badData, "\(Shown.text(file)) names no file",
                remedy: "write a line for each picture: file,label")
        }
    }

    private func columns(
        _ fields: [String], isHeader: Bool
    ) throws -> (file: Int, label: Int) {
        let names = fields.map { $0.lowercased() }
        if isHeader, let file = Self.fileColumns.lazy.compactMap(names.firstIndex(of:)).first,
            let label = Self.labelColumns.lazy.compactMap(names.firstIndex(of:)).first,
            file != label
        {
            return (file, label)
        }
        guard fields.count == 2 else {
            throw StageFault(
                .badData,
                "\(Shown.text(file)) has the columns "
                    + fields.prefix(8).map { Shown.start($0, 24) }.joined(separator: ", ")
                    + ", expected file and label",
                remedy: "write a header that names these two: file,label")
        }
        return (0, 1)
    }

    private mutating func add(_ path: String, _ label: String, _ line: Int) throws {
        func fault(_ what: String, _ remedy: String) -> StageFault {
            StageFault(.badData, "\(Shown.text(file)):\(line): \(what)", remedy: remedy)
        }
        let name = path.hasPrefix("./") ? String(path.dropFirst(2)) : path
        guard !name.isEmpty, !name.contains("/"), !name.contains("\\"), name != ".." else {
            throw fault(
                "\(name.isEmpty ? "an empty name" : Shown.start(path)) is no name of a file in the folder",
                "write the names alone, and give the folder that the pictures lie in: DATA=… (and the "
                    + "table as \"labels\", typed \(settings.typed("labels=FILE")))")
        }
        guard !label.isEmpty else {
            throw fault("\(Shown.start(name)) has no label", "write what it shows")
        }
        if let other = labels.updateValue((label, line), forKey: name) {
            throw fault(
                "\(Shown.start(name)) is named a second time, after line \(other.line)",
                "name each picture once")
        }
    }

    /// Compares the table with the pictures of a folder: each in the other, and once.
    /// - Throws: `StageFault` that lists what is missing on either side.
    func check(_ folder: String) throws {
        var unlabelled: [String] = []
        var (count, extra) = (0, 0)
        _ = try FolderContents(folder) { name in
            if labels[name] != nil {
                count += 1
            } else {
                extra += 1
                if unlabelled.count <= PictureFolder.listed { unlabelled.append(name) }
            }
        }
        if extra > 0 {
            let words = unlabelled.sorted { $0.isBefore($1) }.map { Shown.start($0) }
            throw StageFault(
                .badData,
                "\(Shown.text(file)) has no line for \(extra) of the \(extra + count) pictures of "
                    + "\(Shown.text(folder)):\(PictureFolder.list(words, of: extra))",
                remedy: "add a line for each (file,label), or take them away")
        }
        guard count < labels.count else { return }
        var present: Set<String> = []
        _ = try FolderContents(folder) { present.insert($0) }
        let missing = labels.filter { !present.contains($0.key) }.sorted {
            $0.value.line < $1.value.line
        }
        throw StageFault(
            .badData,
            "\(Shown.text(folder)) lacks \(missing.count) of the \(labels.count) pictures of "
                + "\(Shown.text(file)):"
                + PictureFolder.list(
                    missing.map { "line \($0.value.line): \(Shown.start($0.key))" }),
            remedy: "put them there (.jpg, .jpeg, .png, .webp), or take the lines out")
    }
}
