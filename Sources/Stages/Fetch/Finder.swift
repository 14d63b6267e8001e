// Looks for a pinned file in place after place. When all fail there is one message that lists
// them all, with what to do by hand.

import Artifacts
import Formats
import StageKit

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The search for the files of one data set.
struct Finder {
    let source: Source
    let log: Log
    var patience = Patience.standard

    /// The bytes of a file, from the first place that has them.
    ///
    /// - Parameters:
    ///   - file: The file, known by its pins.
    ///   - local: The file in the data set's own folder, if it is there: read already, so that what
    ///     is checked is what the key names.
    /// - Returns: The file, inflated.
    /// - Throws: `StageFault`. A file of the user's own that is damaged is not passed over.
    func find(_ file: Source.File, local: MappedFile?) throws -> [UInt8] {
        var tried: [String] = []
        for place in source.places {
            let path = place + file.name
            do {
                if Source.isMirror(place) {
                    log.line("\(file.name): asking \(place)")
                    return try Download.bytes(of: file, from: path, patience: patience)
                }
                let isOwn = !place.hasPrefix("/")
                guard let found = try isOwn ? local : copy(of: path) else {
                    tried.append("\(path): there is no such file")
                    continue
                }
                do {
                    return try check(found, against: file, from: path)
                } catch  where isOwn {
                    throw StageFault(
                        .badData,
                        "\(path) is not the file that \(Source.list) pins: \(WrongBytes(error))",
                        remedy:
                            "move it away (the mirrors are then tried) or put the right one there"
                    )
                }
            } catch let fault as StageFault {
                throw fault
            } catch {
                tried.append("\(path): \(WrongBytes(error))")
            }
        }
        let list = tried.map { "\n  " + $0 }.joined()
        throw StageFault(
            .missingInput,
            "\(file.name) of \(source.dataset) is in none of the places where it could be",
            remedy: "get it by hand and put it at "
                + "\(source.places.first { !Source.isMirror($0) } ?? "")\(file.name) "
                + "(inflated, it has \(file.bytes) bytes and the SHA-256 \(file.digest)); tried were:\(list)"
        )
    }

    /// The file at a path, or nil where there is none.
    private func copy(of path: String) throws -> MappedFile? {
        do {
            return MappedFile(copying: try MappedFile.read(path), named: path)
        } catch FormatFault.system(_, _, code: ENOENT) {
            return nil
        }
    }

    private func check(
        _ found: MappedFile, against file: Source.File, from path: String
    ) throws -> [UInt8] {
        let bytes = PinnedBytes(file, from: path)
        try bytes.feed(found.bytes)
        return try bytes.finish()
    }
}
