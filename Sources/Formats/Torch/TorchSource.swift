// What both formats come down to: a value, the heap that it points into, and where each storage is.

/// A checkpoint whose pickles have been run.
struct TorchSource {
    /// Where the storages are.
    enum Places {
        /// In entries of an archive that start with this.
        case archive(ZipDirectory, prefix: String)
        /// At these offsets, by key.
        case stream([String: Range<Int>])
    }

    /// The most bytes that a compressed pickle may inflate to.
    static let pickleLimit = 64 << 20

    let file: MappedFile
    /// What the texts of the pickle point into: the file itself, unless the pickle is compressed.
    let words: MappedFile
    let root: PickleValue
    let heap: PickleHeap
    let places: Places
    /// Parts of the archive whose checksum is another than the archive states.
    private(set) var mismatched: [String] = []

    /// An archive NAME/data.pkl, NAME/data/KEY and others.
    init(zip file: MappedFile) throws {
        self.file = file
        let directory = try ZipDirectory(file, care: .whatIsUsed)
        if let kind = FileKind(namesInArchive: directory.entries.keys) {
            throw FormatFault.torch(file: file.name, at: nil, .other(kind))
        }
        let pickles = directory.entries.keys.filter {
            $0.hasSuffix("/data.pkl") && $0.utf8.filter { $0 == UInt8(ascii: "/") }.count == 1
        }
        guard let name = pickles.first, pickles.count == 1 else {
            throw FormatFault.torch(
                file: file.name, at: nil,
                .zip("it has \(pickles.count) parts NAME/data.pkl, expected one"))
        }
        let prefix = String(name.dropLast("data.pkl".count))
        if directory.entries[prefix + "byteorder"] != nil {
            let order = try TorchSource.part(prefix + "byteorder", of: directory, limit: 100)
            guard order.file.bytes[order.range].elementsEqual("little".utf8) else {
                throw FormatFault.torch(
                    file: file.name, at: order.range.startIndex,
                    .pickle(
                        expected: "the byte order little",
                        found: TorchProblem.shown(order.file.bytes[order.range])))
            }
        }
        let pickle = try TorchSource.part(name, of: directory, limit: TorchSource.pickleLimit)
        words = pickle.file
        if !pickle.isSound { mismatched.append(name) }
        // A compressed storage may be larger than the file; what it claims is compared when it is read.
        var machine = Unpickler(
            ByteReader(words.bytes, pickle.range, named: file.name), storageLimit: .max / 2)
        root = try machine.load()
        heap = machine.heap
        places = .archive(directory, prefix: prefix + "data/")
    }

    /// A part of the archive that is not a storage: within the file, or inflated in memory.
    private static func part(
        _ name: String, of directory: ZipDirectory, limit: Int
    ) throws -> (file: MappedFile, range: Range<Int>, isSound: Bool) {
        let content = try directory.content(name)
        let (file, range): (MappedFile, Range<Int>)
        if content.inflated == nil {
            (file, range) = (directory.file, content.bytes)
        } else {
            guard content.size <= limit else {
                throw FormatFault.torch(
                    file: directory.file.name, at: content.bytes.lowerBound,
                    .limit(what: "bytes of \(name)", limit: limit, found: content.size))
            }
            let bytes = try directory.bytes(of: content, named: name)
            file = MappedFile(copying: bytes, named: directory.file.name)
            range = 0..<bytes.count
        }
        let sum = ZipDirectory.checksum(UnsafeRawBufferPointer(rebasing: file.bytes[range]))
        return (file, range, content.crc == 0 || sum == content.crc)
    }

    /// Pickles of the magic number, the version, the writer's system, the value and the keys of the
    /// storages; then for each key the number of elements (8 bytes) and the elements.
    init(legacy file: MappedFile) throws {
        (self.file, words) = (file, file)
        let mark: [UInt8] = [138, 10, 108, 252, 156, 70, 249, 32, 106, 168, 80, 25]
        guard file.bytes.first == 0x80,
            file.bytes.count < 14 || file.bytes[2..<14].elementsEqual(mark)
        else {
            throw FormatFault.torch(
                file: file.name, at: 0,
                FileKind(file.bytes).map(TorchProblem.other)
                    ?? .notCheckpoint(Array(file.bytes.prefix(4))))
        }
        var machine = Unpickler(
            ByteReader(file.bytes, 0..<file.bytes.count, named: file.name),
            storageLimit: file.bytes.count)
        func fault(_ expected: String, _ found: PickleValue) -> FormatFault {
            machine.reader.fault(.pickle(expected: expected, found: found.kind))
        }
        let magic = try machine.load()
        guard case .text(let bytes) = magic, file.bytes[bytes].elementsEqual(mark.dropFirst(2))
        else { throw fault("PyTorch's magic number", magic) }
        let version = try machine.load()
        guard case .integer(1001) = version else { throw fault("the version 1001", version) }
        try TorchSource.checkSystem(try machine.load(), machine)
        root = try machine.load()
        heap = machine.heap
        let keys = try machine.load()
        guard case .list(let index) = keys else { throw fault("a list of storages", keys) }

        var storages: [String: PickleHeap.Storage] = [:]
        for storage in heap.storages.reversed() {
            storages[TorchSource.key(storage, file)] = storage
        }
        var reader = machine.reader
        var ranges: [String: Range<Int>] = [:]
        for value in machine.heap.tuples[index] {
            guard case .text(let range) = value else { throw fault("the key of a storage", value) }
            let key = TorchProblem.shown(file.bytes[range])
            guard let storage = storages[key] else {
                throw reader.fault(.storage(key: key, "no tensor uses it, so its type is unknown"))
            }
            let place = reader.position
            guard ranges[key] == nil else {
                throw reader.fault(.storage(key: key, "it is listed twice"))
            }
            let count = try reader.number(Int64.self, of: "the size of storage \"\(key)\"")
            guard count == storage.count else {
                throw reader.fault(
                    .storage(
                        key: key, "it has \(count) elements, the pickle says \(storage.count)"),
                    at: place)
            }
            ranges[key] = try reader.take(
                storage.count * storage.type.size, of: "storage \"\(key)\"")
        }
        // Whatever follows is nothing that PyTorch would read either.
        places = .stream(ranges)
    }

    /// The key of a storage as text.
    static func key(_ storage: PickleHeap.Storage, _ words: MappedFile) -> String {
        TorchProblem.shown(words.bytes[storage.key])
    }

    /// The older format says which byte order its writer had.
    private static func checkSystem(_ value: PickleValue, _ machine: Unpickler) throws {
        guard case .dictionary(let index) = value else {
            throw machine.reader.fault(
                .pickle(expected: "a dictionary about the writer's system", found: value.kind))
        }
        for (key, value) in machine.heap.dictionaries[index] {
            guard case .text(let name) = key,
                machine.reader.bytes[name].elementsEqual("little_endian".utf8)
            else { continue }
            guard case .bool(true) = value else {
                throw machine.reader.fault(
                    .pickle(expected: "little_endian True", found: "another byte order"))
            }
        }
    }
}
