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
    private static let suffixes = PictureFormat.jpegAndPNG.flatMap(\.suffixes)

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
        func look(_ name: [UInt8], _ known: FolderListing.Kind?) {
            let text = String(validating: name, as: UTF8.self)
            let suffix = FolderListing.suffix(of: Shown.bytes(name))
            let isPicture =
                name.first != UInt8(ascii: ".") && PictureFolder.suffixes.contains(suffix)
            guard isPicture else {
                let kind = known ?? FolderListing.kind(of: name, in: path)
                others[FolderListing.words(name, suffix: suffix, kind), default: 0] += 1
                return
            }
            guard let text else {
                bad.append(
                    "\(FolderListing.file(Shown.bytes(name), in: path)) has a name that is no text "
                        + "(UTF-8): rename it")
                return
            }
            let file = FolderListing.file(text, in: path)
            let status = FolderListing.status(of: name, in: path)
            if let fault = FolderListing.fault(status, file: file) {
                bad.append("\(fault)")
            } else {
                pictures.append(text)
            }
        }
        do {
            try FolderListing.forEach(in: path, look)
        } catch FormatFault.system(_, _, let code) where code == ENOENT || code == ENOTDIR {
            throw PictureFolder.missing(
                path, code == ENOENT ? "it does not exist" : "it is a file")
        }
        (self.pictures, self.others) = (pictures.sorted(), others)
        guard bad.isEmpty else {
            throw PictureFolder.fault(bad.sorted(), of: bad.count + pictures.count)
        }
        guard !pictures.isEmpty else {
            throw PictureFolder.missing(
                path, others.isEmpty ? "it is empty" : "it has only \(otherWords)")
        }
        guard pictures.count <= PictureFolder.limit else {
            throw StageFault(
                .badData,
                "\(Shown.text(path)) has \(pictures.count) pictures, more than \(PictureFolder.limit)",
                remedy: "choose fewer: each is attacked several times")
        }
    }

    /// The path of a picture.
    package func file(_ name: String) -> String { FolderListing.file(name, in: path) }

    /// What else is there, in words: "3 × .txt, 1 × folder"; empty where there is nothing.
    var otherWords: String { FolderListing.words(others) }

    private static func missing(_ path: String, _ why: String) -> StageFault {
        StageFault(
            .missingInput, "\(Shown.text(path)) has no picture (.jpg, .jpeg, .png): \(why)",
            remedy: "name a folder of pictures, as in: make imagenet IMAGES=photos")
    }

    /// One fault for several files: each in a line of its own, up to `listed` of them.
    static func fault(_ words: [String], of pictures: Int) -> StageFault {
        if let only = words.first, words.count == 1 { return StageFault(.badData, only) }
        return StageFault(
            .badData, "\(words.count) of \(pictures) pictures cannot be read:" + list(words))
    }

    /// Each in a line of its own, up to `listed` of them; `total` where there are more than are given.
    static func list(_ words: [String], of total: Int? = nil) -> String {
        let left = (total ?? words.count) - listed
        return words.prefix(listed).map { "\n  " + $0 }.joined()
            + (left > 0 ? "\n  and \(left) more" : "")
    }
}
