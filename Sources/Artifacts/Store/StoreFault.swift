// What can go wrong with the store and its files: facts in the cases, then what is wrong and the
// way out in words.

import Faults

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A store operation that did not happen; nothing was left half-done.
public enum StoreFault: Fault, Equatable {
    /// The system refused `action` on `path` with this errno.
    case system(path: String, action: String, code: Int32)
    /// A file that the store would replace holds bytes that are nowhere else.
    case editedInPlace(path: String)
    /// Something else than a file or a link stands where an artifact belongs.
    case inTheWay(path: String)
    /// An artifact that a stage reads does not exist.
    case missing(name: String, madeBy: String)
    /// An artifact's object is not there, or its bytes do not hash to its name.
    case damaged(name: String, Digest, found: Digest?, madeBy: String)
    /// A file outside the store that a stage reads does not exist.
    case missingFile(path: String)
    /// What should be a regular file is a folder, a pipe, a device or a socket.
    case notAFile(path: String)
    /// A file outside the store is larger than what is read of its kind.
    case tooLarge(path: String, bytes: Int, limit: Int)
    /// A folder of the store is a link to elsewhere.
    case linkInside(path: String)
    /// A folder holds other things and no marker, so that nothing may be written or deleted in it.
    case notAStore(path: String, holding: String)
    /// A JSON file of the store does not say what it should.
    case malformed(path: String, why: String)
    /// One key gave two different results.
    case twoResults(name: String, stored: Digest, made: Digest)
    /// A folder of exports holds files that no export has made, or that were changed since.
    case foreignExport(path: String, holding: [String])
    /// Another process holds the lock that this one needs.
    case busy(what: String)

    /// 65 bad data, 66 missing input, 70 a fault in the program, 74 the system refused, 75 try again.
    public var code: FaultCode {
        switch self {
        case .system: .inputOutput
        case .editedInPlace, .inTheWay, .malformed, .notAFile, .tooLarge, .linkInside, .notAStore,
            .foreignExport:
            .badData
        case .missing, .damaged, .missingFile: .missingInput
        case .twoResults: .software
        case .busy: .tryAgain
        }
    }

    /// What is wrong with which file.
    public var message: String {
        switch self {
        case .system(let path, let action, let code):
            "cannot \(action) \(path): \(String(cString: strerror(code)))"
        case .editedInPlace(let path):
            "\(path) was edited in place, and its bytes are nowhere else, so it is not overwritten"
        case .inTheWay(let path):
            "\(path) is no file of this store, and an artifact belongs there"
        case .missing(let name, _), .missingFile(let name): "\(name) does not exist"
        case .damaged(let name, let digest, let found?, _):
            "\(name) is damaged: its object \(digest.short)… hashes to \(found.short)…"
        case .damaged(let name, let digest, nil, _):
            "\(name) is damaged: its object \(digest.short)… is not there"
        case .notAFile(let path): "\(path) is not a regular file"
        case .tooLarge(let path, let bytes, let limit):
            "\(path) has \(bytes) bytes, more than the \(limit) that are read of such a file"
        case .linkInside(let path):
            "\(path) is a link, and in a store no link is followed, so that nothing outside it can "
                + "be changed"
        case .notAStore(let path, let found):
            "\(path) is no store of artifacts: it has no \(Store.marker), and holds \(found)"
        case .malformed(let path, let why): "\(path) is malformed: \(why)"
        case .twoResults(let name, let stored, let made):
            "\(name): the same code, config and inputs gave \(stored.short)… before and "
                + "\(made.short)… now"
        case .foreignExport(let path, let names):
            "\(path)/ holds \(names.count == 1 ? "a file" : "\(names.count) files") that no export has made, or "
                + "that changed since: \(names.prefix(3).joined(separator: ", "))"
        case .busy(let what): what
        }
    }

    /// The way out, which works when it is typed.
    public var remedy: String? {
        switch self {
        case .system(_, _, let code):
            "\(StoreFault.advice(code)), then run the same command again; all that was there is intact"
        case .editedInPlace: "move it away (or delete it), then run the same command again"
        case .inTheWay: "move it away, then run the same command again"
        case .missing(_, let madeBy): "`\(madeBy)` makes it"
        case .damaged(_, _, _, let madeBy): "`\(madeBy)` makes it again"
        case .missingFile(let path):
            // What belongs to the repository; other files below data/ are the user's own.
            path.hasPrefix("pipeline/") || path.hasPrefix("data/") && path.hasSuffix("/labels.json")
                ? "restore it by `git checkout \(path)`"
                : "put it there, or name another in the config (`make config NODE=…` shows where), or "
                    + "for one run by SET=node.key=value"
        case .notAFile: "name one that is"
        case .tooLarge: "name a smaller one"
        case .linkInside:
            "delete the link. To keep artifacts elsewhere, move the whole folder there and let the "
                + "folder itself be the link, or name it by ARTIFACTS="
        case .notAStore: "name an empty or a new folder, such as ARTIFACTS=artifacts"
        case .malformed: "delete it, then run the same command again"
        case .twoResults:
            "the stage is not deterministic, which is a fault in it: nothing was replaced"
        case .foreignExport: "move what is to be kept elsewhere, then run the same command again"
        case .busy: "wait until it has ended, then run the same command again"
        }
    }

    private static func advice(_ code: Int32) -> String {
        switch code {
        case ENOSPC, EDQUOT, EFBIG:
            "make room on the disk (`make gc`, with the same ARTIFACTS=, frees what nothing uses)"
        case EACCES, EPERM: "see that you may write there"
        case EROFS: "mount it writable, or choose another folder with --out"
        case EMFILE, ENFILE: "allow more open files (`ulimit -n 4096`)"
        case ENOLCK, EOPNOTSUPP: "keep the store on a file system that has locks"
        case EIO: "look after the disk (the system's log says more)"
        default: "see to that"
        }
    }
}
