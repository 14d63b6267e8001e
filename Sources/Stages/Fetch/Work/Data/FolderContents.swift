// What lies in a folder of data, told from the names alone: folders, pictures, files that may hold arrays.

import Datasets
import Formats
import StageWork

/// The contents of a folder, looked through once in bounded memory.
struct FolderContents {
    let path: String
    /// Names of folders, sorted as bytes; hidden ones are left out.
    private(set) var folders: [String] = []
    /// Names of files that may be data or tables, sorted as bytes.
    private(set) var files: [String] = []
    /// How many pictures there are.
    private(set) var pictures = 0
    /// What else is there, and how often.
    private(set) var others: [String: Int] = [:]

    /// What the names of pictures end in.
    static let pictureSuffixes = PictureFormat.allCases.flatMap(\.suffixes)
    private static let fileSuffixes = [
        "csv", "npy", "npz", "safetensors", "bin", "gz", "tgz", "tar", "txt",
    ]
    private static let fileLimit = 10_000

    /// Looks through a folder; opens no file. `picture` gets the name of each picture.
    /// - Throws: `FormatFault.system` where it cannot be listed; `StageFault` for pictures and folders
    ///   whose names are no text, all at once.
    init(_ path: String, picture: (String) -> Void = { _ in }) throws {
        self.path = path
        var bad: [String] = []
        var badCount = 0
        try FolderListing.forEach(in: path) { name, known in
            let suffix = Self.suffix(of: name)
            let isHidden = name.first == UInt8(ascii: ".") || name.elementsEqual("__MACOSX".utf8)
            let isPicture = !isHidden && Self.pictureSuffixes.contains(suffix) && known != .folder
            let kind = isPicture ? known : try known ?? FolderListing.knownKind(of: name, in: path)
            guard !isHidden, isPicture || kind == .folder || Self.mayBeData(name, suffix) else {
                let words = FolderListing.words(
                    isHidden ? [46] : name, suffix: Shown.bytes(suffix.utf8), kind ?? .file)
                others[others.count < 1000 ? words : "other file", default: 0] += 1
                return
            }
            guard let text = String(validating: name, as: UTF8.self) else {
                badCount += 1
                if bad.count <= PictureFolder.listed {
                    bad.append(FolderListing.file(Shown.bytes(name), in: Shown.text(path)))
                }
                return
            }
            if isPicture {
                pictures += 1
                picture(text)
            } else if kind == .folder {
                folders.append(text)
                guard folders.count <= ClassNames.limit else {
                    throw StageFault(
                        .badData,
                        "\(Shown.text(path)) has more than \(ClassNames.limit) folders, too many "
                            + "for classes")
                }
            } else {
                files.append(text)
                guard files.count <= Self.fileLimit else {
                    throw StageFault(
                        .badData,
                        "\(Shown.text(path)) has more than \(Self.fileLimit) files that may hold data "
                            + "(the last is \(Shown.start(text)))",
                        remedy: "name a folder of pictures, or of the arrays of one data set")
                }
            }
        }
        guard bad.isEmpty else {
            throw StageFault(
                .badData,
                "\(Shown.text(path)) has names that are no text (UTF-8); rename:"
                    + PictureFolder.list(bad.sorted { $0.isBefore($1) }, of: badCount))
        }
        guard Set(folders).count == folders.count else {
            throw StageFault(
                .badData,
                "\(Shown.text(path)) has two folders whose names differ only in how an accent is coded",
                remedy: "rename one of them")
        }
        folders.sort { $0.isBefore($1) }
        files.sort { $0.isBefore($1) }
    }

    /// What follows the last dot, in small letters, without making a string of the whole name.
    private static func suffix(of name: [UInt8]) -> String {
        guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot > 0 else { return "" }
        return String(decoding: name[(dot + 1)...], as: UTF8.self).lowercased()
    }

    private static func mayBeData(_ name: [UInt8], _ suffix: String) -> Bool {
        fileSuffixes.contains(suffix) || name.suffix(5).elementsEqual("ubyte".utf8)
    }

    /// The path of something in it.
    func file(_ name: String) -> String { FolderListing.file(name, in: path) }

    /// The files of a suffix.
    func files(_ suffix: String) -> [String] {
        files.filter { $0.lowercased().hasSuffix("." + suffix) }
    }

    /// What is there in words, for a message that something else was expected.
    var words: String {
        var all = others
        if !folders.isEmpty { all["folder", default: 0] += folders.count }
        if pictures > 0 { all["picture", default: 0] += pictures }
        for name in files {
            all["." + (name.split(separator: ".").last.map(String.init) ?? ""), default: 0] += 1
        }
        return all.isEmpty ? "it is empty" : "it has \(FolderListing.words(all))"
    }
}
