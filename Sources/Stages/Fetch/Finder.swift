// Looks for a pinned file in place after place. When all fail there is one message that lists
// them all, with what to do by hand.

import Artifacts
import Formats
import StageKit

/// The search for the files of one data set.
struct Finder {
    let source: Source
    let log: Log
    var patience = Patience.standard

    /// The bytes of a file, from the first place that has them.
    ///
    /// - Parameter local: The file in the data set's own folder, if it is there: read already, so
    ///   that what is checked is what the key names.
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
                guard let found = isOwn ? local : try? MappedFile(copying: MappedFile.read(path), named: path) else {
                    tried.append("\(path): no such file")
                    continue
                }
                do {
                    return try check(found, against: file, from: path)
                } catch where isOwn {
                    throw StageFault(
                        .badData, "\(path) is not the file that \(Source.list) pins: \(error)",
                        remedy: "move it away (the mirrors are then tried) or put the right one there"
                    )
                }
            } catch let fault as StageFault {
                throw fault
            } catch {
                tried.append("\(path): \(error)")
            }
        }
        let list = tried.map { "\n  " + $0 }.joined()
        throw StageFault(
            .missingInput, "\(file.name) of \(source.dataset) was not found; tried:\(list)\n",
            remedy: "get it by hand (SHA-256 of the uncompressed file: \(file.digest)) and put it at "
                + "\(source.places.first { !Source.isMirror($0) } ?? "")\(file.name)")
    }

    private func check(
        _ found: MappedFile, against file: Source.File, from path: String
    ) throws -> [UInt8] {
        let bytes = PinnedBytes(file, from: path)
        try bytes.feed(found.bytes)
        return try bytes.finish()
    }
}
