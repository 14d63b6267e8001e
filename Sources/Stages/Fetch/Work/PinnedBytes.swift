// The bytes of a pinned file as they come in: inflated, counted and hashed on the way, and handed
// out only if they are the very ones that were pinned.

import Digests
import Formats

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Why bytes are not the pinned ones, as part of a sentence after the place's name.
struct WrongBytes: Error, CustomStringConvertible {
    let description: String

    init(description: String) { self.description = description }

    /// Any fault of a file in these words: the faults of `Formats` name the file themselves.
    init(_ error: any Error) {
        description =
            switch error {
            case FormatFault.gzip(_, let problem): "it is not a sound gzip file: \(problem)"
            case FormatFault.system(_, let action, let code):
                "it cannot be \(action == "open" ? "opened" : "read"): \(String(cString: strerror(code)))"
            case FormatFault.notAFile: "it is not a regular file"
            default: "\(error)"
            }
    }
}

/// One file, fed piece by piece; it holds at most the bytes that the pin says.
final class PinnedBytes {
    private let file: Source.File
    private let place: String
    private let digest = DigestStream()
    private var inflater: GzipInflater?
    private var start: [UInt8] = []
    private var bytes: [UInt8] = []
    /// Bytes taken in, compressed or not.
    private(set) var received = 0

    init(_ file: Source.File, from place: String) {
        self.file = file
        self.place = place
        // A size in a list is only a claim: beyond this, memory grows with what really comes.
        bytes.reserveCapacity(min(file.bytes, 1 << 20))
    }

    /// Takes the next piece.
    /// - Throws: `WrongBytes` as soon as the file cannot be the pinned one; `FormatFault.gzip`.
    func feed(_ piece: UnsafeRawBufferPointer) throws {
        received += piece.count
        guard received <= file.bytes + 65_536 else {
            throw WrongBytes(description: "it is larger than \(file.bytes) bytes")
        }
        guard start.count >= 2 || start.count + piece.count >= 2 else {
            start += piece
            return
        }
        if start.count < 2 {
            let whole = start + piece
            start = Array(whole.prefix(2))
            if GzipInflater.matches(start) {
                inflater = try GzipInflater(named: place, limit: file.bytes)
            }
            try whole.withUnsafeBytes(take)
        } else {
            try take(piece)
        }
    }

    private func take(_ piece: UnsafeRawBufferPointer) throws {
        guard let inflater else { return try keep(piece) }
        try inflater.feed(piece, output: keep)
    }

    private func keep(_ piece: UnsafeRawBufferPointer) throws {
        guard bytes.count + piece.count <= file.bytes else {
            throw WrongBytes(description: "it holds more than the \(file.bytes) bytes expected")
        }
        digest.update(piece)
        if bytes.count + piece.count > bytes.capacity {
            bytes.reserveCapacity(min(file.bytes, max(2 * bytes.capacity, piece.count)))
        }
        bytes += piece
    }

    /// The whole file, inflated.
    /// - Throws: `WrongBytes` where size or digest differ; `FormatFault.gzip` for one cut short.
    func finish() throws -> [UInt8] {
        if received < 2 { try start.withUnsafeBytes(keep) }
        try inflater?.finish()
        guard bytes.count == file.bytes else {
            throw WrongBytes(
                description: "it holds \(bytes.count) bytes, expected \(file.bytes)\(hint)")
        }
        let found = digest.finish()
        guard found == file.digest else {
            throw WrongBytes(
                description: "its SHA-256 is \(found.short)…, expected \(file.digest.short)…\(hint)"
            )
        }
        return bytes
    }

    /// Images in the place of labels, and the reverse, are worth a word.
    private var hint: String {
        let wantsImages = file.role.hasSuffix("images")
        let asImages = (try? IDX(bytes, as: .images, named: place)) != nil
        let asLabels = (try? IDX(bytes, as: .labels, named: place)) != nil
        if wantsImages && asLabels { return " (these are labels, not images: are files swapped?)" }
        if !wantsImages && asImages { return " (these are images, not labels: are files swapped?)" }
        if asImages || asLabels {
            return
                " (a sound \(asImages ? "image" : "label") file, but another one: are files swapped?)"
        }
        return ""
    }
}
