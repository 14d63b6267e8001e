// A folder of data: which of the layouts it has.

import Formats
import StageWork

extension DataPlan {
    init(folder path: String, _ settings: DataSettings) throws {
        var draw = DataDraw(seed: settings.seed, limit: settings.limit(for: .flat))
        let top = try FolderContents(path) { draw.add($0) }
        let parts = top.folders.filter { DataPart(word: $0) != nil }
        guard !parts.isEmpty, parts.count == top.folders.count, top.pictures == 0 else {
            let layout = try Self.layout(of: top, settings)
            self.init(layout: layout)
            try add(.whole, top, prefix: "", draw: &draw, settings)
            try finish(settings)
            return
        }
        // Each folder is a part.
        let test = ["test", "val", "valid", "validation"].lazy.compactMap { word in
            parts.first { $0.lowercased() == word }
        }.first
        let train = parts.first { DataPart(word: $0) == .train }
        var contents: [(DataPart, String, FolderContents, DataDraw)] = []
        for (part, name) in [(DataPart.test, test), (.train, train)] {
            guard let name else { continue }
            var draw = DataDraw(seed: settings.seed, limit: settings.limit(for: .flat))
            let folder = try FolderContents(top.file(name)) { draw.add("\(name)/\($0)") }
            contents.append((part, name, folder, draw))
        }
        let layouts = try contents.map { try Self.layout(of: $0.2, settings) }
        guard let layout = layouts.first, layouts.allSatisfy({ $0 == layout }) else {
            throw StageFault(
                .badData,
                "\(Shown.text(path)): "
                    + zip(contents, layouts).map { "\($0.1)/ is \($1.words)" }.joined(
                        separator: ", and "),
                remedy: "name one of them: DATA=\(Shown.text(top.file(contents[0].1)))")
        }
        self.init(layout: layout)
        for name in parts where name != test && name != train {
            notes.append(
                "\(Shown.text(top.file(name))) is left out: \(test ?? "test") is the test split")
        }
        for (part, name, folder, draw) in contents {
            var draw = draw
            try add(part, folder, prefix: "\(name)/", draw: &draw, settings)
        }
        try finish(settings)
    }

    /// The layout of a folder.
    private static func layout(
        of folder: FolderContents, _ settings: DataSettings
    ) throws -> DataLayout {
        if let layout = settings.layout { return layout }
        let bins = Set(CIFAR.Kind.allCases.flatMap { $0.files.train + $0.files.test })
        let candidates: [(DataLayout, Bool)] = [
            (.cifar, folder.files.contains { bins.contains($0) }),
            (.idx, folder.files.contains { IDXName($0) != nil }),
            (.npz, !folder.files("npz").isEmpty), (.npy, !folder.files("npy").isEmpty),
            (.safetensors, !folder.files("safetensors").isEmpty), (.flat, folder.pictures > 0),
            (.classes, !folder.folders.isEmpty),
        ]
        let found = candidates.filter(\.1).map(\.0)
        guard let first = found.first else {
            throw StageFault(
                .missingInput,
                "\(Shown.text(folder.path)) has no data that are read: \(folder.words)",
                remedy: "give a folder of pictures (.jpg, .jpeg, .png, .webp), a folder of them a "
                    + "class, or arrays: make mine MODEL=net.onnx DATA=photos/")
        }
        guard found.count == 1 else {
            throw StageFault(
                .badData,
                "\(Shown.text(folder.path)) could be "
                    + found.map(\.words).joined(separator: ", or ") + ": \(folder.words)",
                remedy: "say which by \"layout\": "
                    + found.map { "\"\($0.rawValue)\"" }.joined(separator: " or ")
                    + ", typed " + settings.typed("layout=\(first.rawValue)"))
        }
        return first
    }

    private mutating func add(
        _ part: DataPart, _ folder: FolderContents, prefix: String, draw: inout DataDraw,
        _ settings: DataSettings
    ) throws {
        switch layout {
        case .classes: try addClasses(part, folder, prefix, settings)
        case .flat: try addFlat(part, folder, prefix, &draw, settings)
        default: try addArrays(part, folder, settings)
        }
    }

    /// Checks the parts against what is asked for, and lists the pictures among the files.
    private mutating func finish(_ settings: DataSettings) throws {
        guard layout.isPictures else { return }
        try refuseLabels(settings, unless: layout == .flat && pictures[.whole] != nil)
        try refuseOneClass(settings)
        var parts = pictures
        if let train = parts[.train], parts[.test] == nil, settings.share != nil {
            parts = [.whole: train]
        }
        pictures = try Self.arranged(parts, settings)
        // Those of the training split that nobody asked for are not read.
        if !settings.hasTrain, let train = pictures.removeValue(forKey: .train) {
            notes.append(
                "\(Shown.text(train.folder)), the training split, is left out: \"train\": true "
                    + "brings it in, typed \(settings.typed("train=true"))")
        }
        noteOrder(settings)
        var bad: [String] = []
        for part in DataPart.allCases {
            guard let found = pictures[part] else { continue }
            for path in found.drawn {
                let file = FolderListing.file(path, in: settings.path)
                let status = FolderListing.status(of: Array(path.utf8), in: settings.path)
                if let fault = FolderListing.fault(status, file: file) { bad.append("\(fault)") }
                files.append(File(role: Self.role(path), path: file, limit: Picture.fileLimit))
            }
        }
        guard bad.isEmpty else { throw PictureFolder.fault(bad, of: files.count) }
        guard Set(files.map(\.role)).count == files.count else {
            throw StageFault(
                .badData,
                "\(Shown.text(settings.path)) has two pictures whose names differ only in how an accent is "
                    + "coded",
                remedy: "rename one of them")
        }
        // The listing is an input by the role alone; it needs some file to stand on.
        if let first = files.first(where: { $0.role.hasPrefix("picture ") }) {
            files.append(File(role: listing, path: first.path, limit: first.limit))
        }
    }

    /// The parts that a run works on: either the whole, or a test split and where it is asked for a
    /// training split.
    /// - Throws: `StageFault` where these are not there, or a share is asked of what is split already.
    static func arranged<T>(
        _ parts: [DataPart: T], _ settings: DataSettings
    ) throws -> [DataPart: T] {
        let path = Shown.text(settings.path)
        if parts[.whole] != nil {
            guard settings.share != nil || !settings.hasTrain else {
                throw StageFault(
                    .badData, "\(path) is not split into train and test, and \"train\" is true",
                    remedy: "leave \"train\" out, or give the share of the test split, as in "
                        + "\"test\": 0.2, typed \(settings.typed("test=0.2"))")
            }
            return parts
        }
        guard parts[.test] != nil else {
            throw StageFault(
                .badData, "\(path) has a training split and no test split",
                remedy:
                    "give the share of its images that becomes one, as in \"test\": 0.2, typed "
                    + "\(settings.typed("test=0.2")), or name the images themselves: DATA=…/train")
        }
        guard settings.share == nil else {
            throw StageFault(
                .badData, "\(path) has a test split already, and \"test\" asks for a share of it",
                remedy: "leave \"test\" out")
        }
        guard parts[.train] != nil || !settings.hasTrain else {
            throw StageFault(
                .badData, "\(path) has no training split, and \"train\" is true",
                remedy: "leave \"train\" out")
        }
        return parts
    }
}
