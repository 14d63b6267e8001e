// How the user's data lie at their path, told from names alone: no file is opened, so that it can be asked
// before a run, and a folder of a million pictures is an answer of a second.

import Datasets
import Digests
import Formats
import StageWork

/// What is read of the data, and what each file is for.
package struct DataPlan {
    /// A file that is read.
    package struct File: Equatable {
        package let role: String, path: String
        /// The most bytes that it may have.
        package let limit: Int
    }

    /// The pictures of a part.
    struct Pictures {
        /// The folder they lie in, and its path below that of the data, with a slash, or nothing.
        let folder: String, prefix: String
        /// Names of the folders that are classes, in their order; none for pictures in one folder.
        let classes: [String]
        /// How many there are.
        let total: Int
        /// Those that are taken in, as paths below the data's folder.
        var drawn: [String]
        /// Whether there is a table of labels.
        let hasTable: Bool
    }

    let layout: DataLayout
    /// What the run reads, beside class names and a model.
    package internal(set) var files: [File] = []
    /// The pictures of each part, where the data are pictures.
    var pictures: [DataPart: Pictures] = [:]
    /// The names of the classes, where folders say them.
    var classes: [String]?
    /// What is to be said of what was found, a line each.
    var notes: [String] = []

    /// The role of a picture.
    static func role(_ path: String) -> String { "picture \(path)" }

    /// The role of what a run reads for a part: "test images".
    static func role(_ part: DataPart, _ what: String) -> String {
        part == .whole ? what : "\(part.rawValue) \(what)"
    }

    /// Looks at what lies at the path.
    /// - Throws: `StageFault` for what cannot be data; `FormatFault.system` where it cannot be read.
    package init(_ settings: DataSettings) throws {
        let path = settings.path
        switch try FolderListing.knownKind(of: path) {
        case .file: self = try DataPlan(file: path, settings)
        case .folder: self = try DataPlan(folder: path, settings)
        case .special: throw FormatFault.notAFile(file: path)
        case .nothing:
            throw StageFault(
                .missingInput, "\(Shown.text(path)), the data, does not exist",
                remedy: "name a folder or a file of your own: make mine MODEL=net.onnx DATA=photos/"
            )
        }
    }

    init(layout: DataLayout) { self.layout = layout }

    /// A file of its own.
    private init(file: String, _ settings: DataSettings) throws {
        let name = file.lowercased()
        let layouts: [(suffix: String, layout: DataLayout)] = [
            (".npz", .npz), (".npy", .npy), (".safetensors", .safetensors), (".tar.gz", .cifar),
            (".tgz", .cifar), (".tar", .cifar),
        ]
        let layout = layouts.first { name.hasSuffix($0.suffix) }?.layout
        guard let layout, settings.layout == nil || settings.layout == layout else {
            throw StageFault(
                .badData,
                "\(Shown.text(file)) is a file, but none that holds "
                    + (settings.layout.map { "\($0.words), as layout says" } ?? "data that are read"),
                remedy: "give a folder, or a file .npz, .npy (with labels=…), .safetensors or "
                    + ".tar.gz (of CIFAR): DATA=… (the config's \"data\")")
        }
        self.init(layout: layout)
        if layout == .npy {
            guard let labels = settings.labels else {
                throw StageFault(
                    .badData, "\(Shown.text(file)) are images without labels",
                    remedy: "name their file as \"labels\", "
                        + "\(settings.typed("labels=FILE")), or give the folder that both lie in")
            }
            files = [
                File(role: "images", path: file, limit: ArrayLimits.file),
                File(role: "labels", path: labels, limit: ArrayLimits.file),
            ]
        } else {
            files = [File(role: "archive", path: file, limit: ArrayLimits.file)]
        }
        try refuseLabels(settings, unless: layout == .npy)
    }

    func refuseLabels(_ settings: DataSettings, unless isUsed: Bool) throws {
        guard let labels = settings.labels, !isUsed else { return }
        throw StageFault(
            .badData,
            "\(Shown.text(labels)), the labels, goes with pictures in one folder or with one .npy "
                + "file, and \(Shown.text(settings.path)) is \(layout.words)",
            remedy: "leave \"labels\" out")
    }

    /// A digest of all that was found. It is part of the run's key: a picture or a class that comes or goes
    /// makes another run, also where it is not drawn.
    package var listing: String {
        let parts = DataPart.allCases.compactMap { part in
            pictures[part].map { found -> JSON in
                [
                    "part": .string(part.rawValue), "total": .integer(Int64(found.total)),
                    "classes": .array(found.classes.map(JSON.string)),
                ]
            }
        }
        let all: JSON = [
            "layout": .string(layout.rawValue), "parts": .array(parts),
            "notes": .array(notes.map(JSON.string)),
            "classes": .array((classes ?? []).map(JSON.string)),
        ]
        return "listing \(Digest(of: all.canonical).hex)"
    }
}
