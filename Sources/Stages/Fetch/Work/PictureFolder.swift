// A folder of the user's own pictures: which of its files are taken, and what else is there.

import Formats
import StageWork

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The files of a folder, by what they are for us. Folders in it are not looked into.
package struct PictureFolder {
    /// The most pictures that are taken: each is attacked several times.
    static let limit = 200
    /// How many faults a message lists.
    static let listed = 20
    private static let suffixes = ["jpg", "jpeg", "png"]

    package let path: String
    /// Names of pictures, sorted.
    package let pictures: [String]
    /// What else is there and how often: ".txt", "hidden files", "folders".
    let others: [String: Int]

    /// Looks at every name in a folder, and opens no file.
    /// - Throws: `StageFault` where it is none, cannot be read, has no pictures or too many, or where
    ///   pictures are no regular files or have names that are no text: all of these at once.
    package init(_ path: String) throws {
        self.path = path
        var (pictures, bad): ([String], [String]) = ([], [])
        var others: [String: Int] = [:]
        for name in try PictureFolder.names(in: path) {
            let text = String(validating: name, as: UTF8.self)
            let suffix = PictureFolder.suffix(of: Shown.bytes(name))
            let isPicture =
                name.first != UInt8(ascii: ".") && PictureFolder.suffixes.contains(suffix)
            guard isPicture else {
                others[PictureFolder.kind(of: name, suffix: suffix, in: path), default: 0] += 1
                continue
            }
            guard let text else {
                bad.append(
                    "\(PictureFolder.file(Shown.bytes(name), in: path)) has a name that is no text "
                        + "(UTF-8): rename it")
                continue
            }
            let file = PictureFolder.file(text, in: path)
            // What is not there any more is the opener's to tell.
            let status = PictureFolder.status(of: name, in: path)
            if let status, status.st_mode & S_IFMT != S_IFREG {
                bad.append("\(FormatFault.notAFile(file: file))")
            } else if let status, status.st_size > Picture.fileLimit {
                bad.append(
                    "\(FormatFault.picture(file: file, .fileSize(Int(status.st_size))))")
            } else {
                pictures.append(text)
            }
        }
        (self.pictures, self.others) = (pictures.sorted(), others)
        guard bad.isEmpty else {
            throw PictureFolder.fault(bad.sorted(), of: bad.count + pictures.count)
        }
        guard !pictures.isEmpty else {
            throw StageFault(
                .missingInput,
                "\(Shown.text(path)) has no picture (.jpg, .jpeg, .png): "
                    + (others.isEmpty ? "it is empty" : "it has only \(otherWords)"),
                remedy: "name a folder of pictures, as in: make imagenet IMAGES=photos")
        }
        guard pictures.count <= PictureFolder.limit else {
            throw StageFault(
                .badData,
                "\(Shown.text(path)) has \(pictures.count) pictures, more than \(PictureFolder.limit)",
                remedy: "choose fewer: each is attacked several times")
        }
    }

    /// The path of a picture.
    package func file(_ name: String) -> String { PictureFolder.file(name, in: path) }

    /// What else is there, in words: "3 × .txt, 1 × folder"; empty where there is nothing.
    var otherWords: String {
        others.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(12)
            .map { "\($0.value) × \($0.key)" }.joined(separator: ", ")
    }

    /// One fault for several files: each in a line of its own, up to `listed` of them.
    static func fault(_ words: [String], of pictures: Int) -> StageFault {
        if let only = words.first, words.count == 1 { return StageFault(.badData, only) }
        let left = words.count - listed
        return StageFault(
            .badData,
            "\(words.count) of \(pictures) pictures cannot be read:"
                + words.prefix(listed).map { "\n  " + $0 }.joined()
                + (left > 0 ? "\n  and \(left) more" : ""))
    }

    // MARK: The system

    private static func file(_ name: String, in folder: String) -> String {
        folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
    }

    private static func suffix(of name: String) -> String {
        name.split(separator: ".", omittingEmptySubsequences: false).dropFirst().last?.lowercased()
            ?? ""
    }

    private static func kind(of name: [UInt8], suffix: String, in folder: String) -> String {
        if name.first == UInt8(ascii: ".") { return "hidden file" }
        guard let status = status(of: name, in: folder) else { return "link to nowhere" }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: return "folder"
        case S_IFREG:
            return suffix.isEmpty ? "file without a suffix" : "." + Shown.start(suffix, 12)
        default: return "special file"
        }
    }

    /// What the system says of a file, links followed; nil where there is none.
    private static func status(of name: [UInt8], in folder: String) -> stat? {
        var status = stat()
        let path = Array(file("", in: folder).utf8) + name + [0]
        return stat(path.map(CChar.init(bitPattern:)), &status) == 0 ? status : nil
    }

    /// The names in a folder as the system has them: bytes, which need not be text.
    private static func names(in path: String) throws -> [[UInt8]] {
        guard let folder = opendir(path) else {
            let code = errno
            let shown = Shown.text(path)
            guard code == ENOENT || code == ENOTDIR else {
                throw FormatFault.system(file: path, action: "list", code: code)
            }
            throw StageFault(
                .missingInput,
                "\(shown) has no picture (.jpg, .jpeg, .png): "
                    + (code == ENOENT ? "it does not exist" : "it is a file"),
                remedy: "name a folder of pictures, as in: make imagenet IMAGES=photos")
        }
        defer { closedir(folder) }
        var names: [[UInt8]] = []
        while true {
            errno = 0
            guard let entry = readdir(folder) else {
                guard errno == 0 else {
                    throw FormatFault.system(file: path, action: "list", code: errno)
                }
                return names
            }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if name != Array(".".utf8), name != Array("..".utf8) { names.append(name) }
        }
    }
}
