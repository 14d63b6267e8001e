// Takes files out of a tar archive while it comes in, piece by piece: ustar, with the long names of
// GNU and of POSIX (pax). Nothing is written anywhere, no link is followed, and only files that were
// asked for are kept in memory. Sources: POSIX.1-2017, "pax"; the manual of GNU tar.

/// A tar archive, read from front to back; feed it pieces of any size, then call `finish`.
public final class TarReader {
    /// The most entries that an archive may have.
    public static let entryLimit = 200_000
    /// The most bytes of a name, or of a pax header.
    static let headerLimit = 1 << 20

    private enum State {
        case header
        /// Content of an entry, and the bytes after it that fill up its last block.
        case content(left: Int, padding: Int)
        case padding(Int)
        case ended
    }

    /// What becomes of the content of an entry.
    private enum Purpose {
        case none
        case file(String)
        case longName
        case pax
    }

    private let name: String
    private let limit: (String) -> Int?
    private var state = State.header
    private var purpose = Purpose.none
    private var buffer: [UInt8] = []
    /// A name or a size that an entry before the next one gives to it.
    private var (nextName, nextSize): (String?, Int?) = (nil, nil)
    private var entries = 0
    private var position = 0
    private var files: [String: [UInt8]] = [:]

    /// A reader that has been fed nothing yet.
    /// - Parameters:
    ///   - named: the archive's name, for messages.
    ///   - limit: how many bytes a file of this name may have; nil for one that is passed over.
    public init(named: String, limit: @escaping (String) -> Int?) {
        (name, self.limit) = (named, limit)
    }

    /// Takes the next piece.
    /// - Throws: `FormatFault.tar`.
    public func feed(_ piece: UnsafeRawBufferPointer) throws {
        var rest = piece[...]
        while !rest.isEmpty {
            switch state {
            case .header:
                let part = rest.prefix(TarHeader.size - buffer.count)
                buffer += part
                rest = rest.dropFirst(part.count)
                position += part.count
                if buffer.count == TarHeader.size { try endHeader() }
            case .content(let left, let padding):
                let part = rest.prefix(left)
                if case .none = purpose {} else { buffer += part }
                rest = rest.dropFirst(part.count)
                position += part.count
                state = .content(left: left - part.count, padding: padding)
                if part.count == left { try endContent(padding) }
            case .padding(let left):
                let part = min(left, rest.count)
                rest = rest.dropFirst(part)
                position += part
                state = part == left ? .header : .padding(left - part)
            case .ended: return
            }
        }
    }

    /// The files that were asked for, by name.
    /// - Throws: `FormatFault.tar` where the archive ends inside an entry.
    public func finish() throws -> [String: [UInt8]] {
        switch state {
        case .header where buffer.isEmpty && entries > 0, .padding, .ended: return files
        case .header where entries == 0: throw fault(.notTar)
        default: throw fault(.truncated)
        }
    }

    private func endHeader() throws {
        defer { buffer = [] }
        let start = position - TarHeader.size
        guard
            let header = try TarHeader(buffer, { self.fault($0, at: start) }, isFirst: entries == 0)
        else {
            state = .ended
            return
        }
        entries += 1
        guard entries <= Self.entryLimit else { throw fault(.entries(limit: Self.entryLimit)) }
        let size = header.isExtension ? header.size : nextSize ?? header.size
        purpose = try purpose(of: header, size, at: start)
        if !header.isExtension { (nextName, nextSize) = (nil, nil) }
        let hasContent = header.hasContent && size > 0
        let padding = (TarHeader.size - size % TarHeader.size) % TarHeader.size
        state = .content(left: size, padding: padding)
        buffer = []
        if !hasContent { try endContent(0) }
    }

    private func purpose(of header: TarHeader, _ size: Int, at start: Int) throws -> Purpose {
        switch header.type {
        case .longName, .pax:
            guard size <= Self.headerLimit else {
                throw fault(
                    .size(name: "a header", limit: Self.headerLimit, found: size), at: start)
            }
            return header.type == .pax ? .pax : .longName
        case .other: return .none
        case .file, .folder, .link, .sparse: break
        }
        let path = try TarHeader.path(
            nextName ?? header.name(or: { fault(.text($0), at: start) })
        ) { fault(.path($0), at: start) }
        guard header.type != .folder, let limit = limit(path) else { return .none }
        guard header.type == .file else {
            throw fault(.notAFile(name: path, isLink: header.type == .link), at: start)
        }
        guard size <= limit else {
            throw fault(.size(name: path, limit: limit, found: size), at: start)
        }
        guard files[path] == nil else { throw fault(.twice(path), at: start) }
        return .file(path)
    }

    private func endContent(_ padding: Int) throws {
        let content = buffer
        buffer = []
        state = padding > 0 ? .padding(padding) : .header
        switch purpose {
        case .none: break
        case .file(let path): files[path] = content
        case .longName:
            let bytes = content.prefix { $0 != 0 }
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw fault(.text(Array(bytes)))
            }
            nextName = text
        case .pax:
            let records = try TarHeader.records(content) { fault(.pax) }
            nextName = records["path"] ?? nextName
            if let text = records["size"] {
                guard let size = Int(text), (0...TarHeader.sizeLimit).contains(size) else {
                    throw fault(.pax)
                }
                nextSize = size
            }
        }
        purpose = .none
    }

    private func fault(_ problem: TarProblem, at place: Int? = nil) -> FormatFault {
        .tar(file: name, at: place ?? position, problem)
    }
}
