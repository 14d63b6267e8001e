// Pictures in folders: one folder a class, or all in one.

import Formats
import StageWork

extension DataPlan {
    /// A part whose folders are classes.
    mutating func addClasses(
        _ part: DataPart, _ folder: FolderContents, _ prefix: String, _ settings: DataSettings
    ) throws {
        let path = Shown.text(folder.path)
        guard !folder.folders.isEmpty else {
            throw StageFault(
                .missingInput, "\(path) has no folder of pictures a class: \(folder.words)",
                remedy: "put the pictures of each class into a folder of its name")
        }
        try merge(classes: Self.sorted(folder.folders), of: folder, settings)
        // Of a training split that nobody asked for, the names of the classes are enough.
        guard part != .train || settings.hasTrain else {
            notes.append(
                "\(path), the training split, is left out: \"train\": true brings it in, typed "
                    + settings.typed("train=true"))
            return
        }
        var draw = DataDraw(seed: settings.seed, limit: settings.limit(for: layout))
        var others = folder.others
        for name in folder.files { others["." + FolderListing.suffix(of: name), default: 0] += 1 }
        if folder.pictures > 0 { others["picture beside the folders"] = folder.pictures }
        var empty: [String] = []
        for name in folder.folders {
            let inside = try FolderContents(folder.file(name)) {
                draw.add("\(prefix)\(name)/\($0)")
            }
            if inside.pictures == 0 {
                empty.append("\(Shown.text(inside.path)): \(inside.words)")
            }
            for (words, count) in inside.others { others[words, default: 0] += count }
            if !inside.folders.isEmpty { others["folder", default: 0] += inside.folders.count }
            for name in inside.files {
                others["." + FolderListing.suffix(of: name), default: 0] += 1
            }
        }
        guard empty.isEmpty else {
            throw StageFault(
                .missingInput,
                "\(path) has no pictures (.jpg, .jpeg, .png, .webp) for \(empty.count) of its "
                    + "\(folder.folders.count) classes:\(PictureFolder.list(empty))",
                remedy: "put pictures into each, or take those folders away")
        }
        if !others.isEmpty {
            notes.append("\(path): passed over are \(FolderListing.words(others))")
        }
        pictures[part] = Pictures(
            folder: folder.path, prefix: prefix, classes: Self.sorted(folder.folders),
            total: draw.count, drawn: draw.paths(), hasTable: false)
        noteDraw(part, settings)
    }

    /// The names of folders in the order of their classes: by their numbers, where these are 0 to the
    /// last; else as bytes, as PyTorch's ImageFolder sorts.
    static func sorted(_ folders: [String]) -> [String] {
        let numbers = folders.compactMap(ClassLabels.number)
        guard Set(numbers) == Set(folders.indices) else {
            return folders.sorted { $0.isBefore($1) }
        }
        return folders.indices.map(String.init)
    }

    /// Says which order counts where numbers and PyTorch's ImageFolder disagree: from eleven classes on.
    mutating func noteOrder(_ settings: DataSettings) {
        guard let classes, settings.classes == nil else { return }
        let bytes = classes.sorted { $0.isBefore($1) }
        guard let place = classes.indices.first(where: { classes[$0] != bytes[$0] }) else { return }
        notes.append(
            "\(Shown.text(settings.path)): its folders are the numbers 0…\(classes.count - 1) and count "
                + "as such: class \(place) is the folder \(classes[place]), and not \(bytes[place]), as "
                + "PyTorch's ImageFolder has it (0, 1, 10, …); for a network trained that way list the "
                + "folders in its order: CLASSES=names.txt (the config's \"classes\")")
    }

    /// The classes are those of the training split, or of the first part without one; no other part has
    /// more.
    private mutating func merge(
        classes new: [String], of folder: FolderContents, _ settings: DataSettings
    ) throws {
        // The test split comes first.
        guard let old = classes else {
            classes = new
            return
        }
        let known = Set(new)
        let odd = old.filter { !known.contains($0) }
        guard odd.isEmpty || settings.classes != nil else {
            throw StageFault(
                .badData,
                "\(Shown.text(folder.path)) lacks \(odd.count) of the \(old.count) classes of the test "
                    + "split:\(PictureFolder.list(odd.map { Shown.start($0) }))",
                remedy:
                    "list all classes in their order: CLASSES=names.txt (the config's \"classes\")")
        }
        classes = new
    }

    func refuseOneClass(_ settings: DataSettings) throws {
        guard let classes, classes.count == 1, settings.classes == nil else { return }
        throw StageFault(
            .badData,
            "\(Shown.text(settings.path)) has one class only, \(Shown.start(classes[0])), and a "
                + "network tells several apart",
            remedy: "give it a folder for each class, or list all classes of the network: "
                + "CLASSES=names.txt (the config's \"classes\")")
    }

    /// A part whose pictures lie in one folder, with a table of labels or without.
    mutating func addFlat(
        _ part: DataPart, _ folder: FolderContents, _ prefix: String, _ draw: inout DataDraw,
        _ settings: DataSettings
    ) throws {
        let path = Shown.text(folder.path)
        guard folder.pictures > 0 else {
            throw StageFault(
                .missingInput,
                "\(path) has no picture (.jpg, .jpeg, .png, .webp): \(folder.words)",
                remedy: "name a folder of pictures: make mine MODEL=net.onnx DATA=photos/")
        }
        let own = folder.files.contains(Self.tableName) ? folder.file(Self.tableName) : nil
        let table = part == .whole ? settings.labels ?? own : own
        guard table != nil || settings.classes != nil else {
            throw StageFault(
                .badData,
                "\(path) has pictures in one folder (\(folder.pictures)), and neither labels nor a list "
                    + "of classes",
                remedy:
                    "put \(Self.tableName) beside them (a line each: file,label), or, to attack "
                    + "them without labels, list the network's classes: CLASSES=names.txt "
                    + "(the config's \"classes\")")
        }
        if table == nil {
            notes.append("\(path) has no \(Self.tableName): its pictures have no labels")
        }
        if part != .train || settings.hasTrain, let table {
            files.append(
                File(role: Self.role(part, "labels"), path: table, limit: CSV.fileLimit))
        }
        var others = folder.others
        for name in folder.files where folder.file(name) != table {
            others["." + FolderListing.suffix(of: name), default: 0] += 1
        }
        if !folder.folders.isEmpty { others["folder"] = folder.folders.count }
        if !others.isEmpty {
            notes.append("\(path): passed over are \(FolderListing.words(others))")
        }
        pictures[part] = Pictures(
            folder: folder.path, prefix: prefix, classes: [], total: draw.count,
            drawn: draw.paths(), hasTable: table != nil)
        noteDraw(part, settings)
    }

    /// The table of labels beside pictures.
    static let tableName = "labels.csv"

    private mutating func noteDraw(_ part: DataPart, _ settings: DataSettings) {
        guard let found = pictures[part], found.drawn.count < found.total else { return }
        notes.append(
            "\(Shown.text(found.folder)): \(found.drawn.count) of \(found.total) pictures are taken, "
                + "drawn by the seed; \"limit\" sets how many, typed "
                + settings.typed("limit=\(min(found.total, DataSettings.largestPictureLimit))"))
    }
}
