// Arrays in files: which file is what, by its name.

import Formats
import StageWork

/// Bounds of arrays.
enum ArrayLimits {
    /// The most bytes of a file, compressed or not.
    static let file = 4 << 30
    /// The most pixel values that a split may have.
    static let values = 1 << 30
    /// The most images and labels.
    static let images = 1 << 28
}

/// What the name of an IDX file says: `train-images-idx3-ubyte.gz`, `t10k-labels.idx1-ubyte`.
struct IDXName {
    let content: IDX.Content
    let part: DataPart

    init?(_ name: String) {
        let words = name.lowercased().split { "-._".contains($0) }.map(String.init)
        guard words.contains(where: { $0 == "ubyte" }) else { return nil }
        if words.contains("images"), words.contains("idx3") {
            content = .images
        } else if words.contains("labels"), words.contains("idx1") {
            content = .labels
        } else {
            return nil
        }
        part = words.lazy.compactMap { DataPart(word: $0) }.first ?? .whole
    }
}

extension DataPlan {
    /// The files of a folder of arrays.
    mutating func addArrays(
        _ part: DataPart, _ folder: FolderContents, _ settings: DataSettings
    ) throws {
        try refuseLabels(settings, unless: false)
        let found: [Found] =
            switch layout {
            case .cifar: try cifar(folder, settings)
            case .idx:
                try pairs(
                    folder, "images-idx3-ubyte and labels-idx1-ubyte",
                    folder.files.compactMap { name in
                        IDXName(name).map { (name, $0.content == .images, $0.part) }
                    })
            case .npy:
                try pairs(
                    folder, "images.npy and labels.npy",
                    folder.files("npy").compactMap { name in
                        ArrayName(String(name.dropLast(4))).map {
                            (name, $0.content == .images, $0.part)
                        }
                    })
            default: try archives(folder, settings)
            }
        let taken = Set(found.map(\.name))
        let left = folder.files.filter { !taken.contains($0) }
        if !left.isEmpty {
            notes.append(
                "\(Shown.text(folder.path)): passed over are "
                    + left.prefix(12).map { Shown.start($0) }.joined(separator: ", ")
                    + (left.count > 12 ? " and \(left.count - 12) more" : ""))
        }
        for file in found {
            let own = part == .whole ? file.part : part
            // Labels of a training split that nobody asked for still say which classes there are.
            guard own != .train || settings.hasTrain || file.what != "images" else { continue }
            let role = Self.role(own, file.what)
            guard !files.contains(where: { $0.role == role }) else {
                throw StageFault(
                    .badData, "\(Shown.text(folder.path)) has several files of the \(role)",
                    remedy: "name the folder of those that count: DATA=…")
            }
            files.append(
                File(role: role, path: folder.file(file.name), limit: ArrayLimits.file))
        }
    }

    /// A file, what it holds, and the part that its name says.
    private typealias Found = (part: DataPart, what: String, name: String)

    /// Images and labels, one file each, of each part.
    private func pairs(
        _ folder: FolderContents, _ expected: String,
        _ files: [(name: String, isImages: Bool, part: DataPart)]
    ) throws -> [Found] {
        let path = Shown.text(folder.path)
        var found: [Found] = []
        for part in DataPart.allCases {
            let words = part == .whole ? "" : " of the \(part.rawValue) split"
            let own = files.filter { $0.part == part }
            guard !own.isEmpty else { continue }
            var byContent: [Bool: String] = [:]
            for file in own {
                if let other = byContent.updateValue(file.name, forKey: file.isImages) {
                    throw StageFault(
                        .badData,
                        "\(path) has two files of \(file.isImages ? "images" : "labels")\(words): "
                            + "\(Shown.start(other)) and \(Shown.start(file.name))",
                        remedy: "keep one of them there")
                }
            }
            guard let images = byContent[true] else {
                throw StageFault(
                    .missingInput,
                    "\(path) has the labels \(Shown.start(byContent[false] ?? ""))\(words), and no images",
                    remedy: "put both there: \(expected)")
            }
            guard let labels = byContent[false] else {
                throw StageFault(
                    .missingInput,
                    "\(path) has the images \(Shown.start(images))\(words), and no labels",
                    remedy: "put both there: \(expected)")
            }
            found += [(part, "images", images), (part, "labels", labels)]
        }
        guard !found.isEmpty else {
            throw StageFault(
                .missingInput, "\(path) has no images and labels: \(folder.words)",
                remedy: "call them as in \(expected)")
        }
        return found
    }

    /// The files of CIFAR's binary version.
    private func cifar(
        _ folder: FolderContents, _ settings: DataSettings
    ) throws -> [Found] {
        let kind: CIFAR.Kind =
            folder.files.contains { ["train.bin", "test.bin"].contains($0) } ? .cifar100 : .cifar10
        let wanted = kind.files.test + (settings.hasTrain ? kind.files.train : [])
        let missing = wanted.filter { !folder.files.contains($0) }
        guard missing.isEmpty else {
            throw StageFault(
                .missingInput,
                "\(Shown.text(folder.path)) lacks \(missing.joined(separator: ", ")) of CIFAR's "
                    + "binary version: \(folder.words)",
                remedy: "unpack the whole archive there, or name the archive: DATA=…tar.gz")
        }
        let names = folder.files.contains(kind.names) ? [kind.names] : []
        return (wanted + names).map { (.whole, $0, $0) }
    }

    /// One archive, or one a part.
    private func archives(
        _ folder: FolderContents, _ settings: DataSettings
    ) throws -> [Found] {
        let names = folder.files(layout.rawValue)
        let path = Shown.text(folder.path)
        guard let only = names.first else {
            throw StageFault(
                .missingInput, "\(path) has no .\(layout.rawValue) file: \(folder.words)",
                remedy: "put one there, or name the file itself: DATA=…")
        }
        if names.count == 1 { return [(.whole, "archive", only)] }
        var found: [DataPart: String] = [:]
        for name in names {
            let words = name.lowercased().split { "_-. ".contains($0) }.map(String.init)
            guard let part = words.lazy.compactMap({ DataPart(word: $0) }).first,
                found.updateValue(name, forKey: part) == nil
            else {
                throw StageFault(
                    .badData,
                    "\(path) has \(names.count) .\(layout.rawValue) files, and they are not one for "
                        + "train and one for test: "
                        + names.prefix(8).map { Shown.start($0) }.joined(separator: ", "),
                    remedy: "name the one that holds the data: DATA=…")
            }
        }
        return DataPart.allCases.compactMap { part in
            found[part].map { (part, "archive", $0) }
        }
    }
}
