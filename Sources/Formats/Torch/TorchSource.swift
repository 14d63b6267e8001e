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

    let file: MappedFile
    let root: PickleValue
    let heap: PickleHeap
    let places: Places

    /// An archive NAME/data.pkl, NAME/data/KEY and others.
    init(zip file: MappedFile) throws {
        self.file = file
        let directory = try ZipDirectory(file)
        let pickles = directory.entries.keys.filter {
            $0.hasSuffix("/data.pkl") && $0.utf8.filter { $0 == UInt8(ascii: "/") }.count == 1
        }
        guard let pickle = pickles.first, pickles.count == 1 else {
            throw FormatFault.torch(
                file: file.name, at: nil,
                .zip("it has \(pickles.count) parts NAME/data.pkl, expected one"))
        }
        let prefix = String(pickle.dropLast("data.pkl".count))
        if directory.entries[prefix + "byteorder"] != nil {
            let order = file.bytes[try directory.content(prefix + "byteorder")]
            guard order.elementsEqual("little".utf8) else {
                throw FormatFault.torch(
                    file: file.name, at: order.startIndex,
                    .pickle(
                        expected: "the byte order little", found: TorchProblem.shown(order)))
            }
        }
        let range = try directory.content(pickle)
        var machine = Unpickler(ByteReader(file.bytes, range, named: file.name))
        root = try machine.load()
        guard machine.reader.position == range.upperBound else {
            throw machine.reader.fault(
                .pickle(
                    expected: "the end of data.pkl",
                    found: "\(range.upperBound - machine.reader.position) more bytes"))
        }
        heap = machine.heap
        places = .archive(directory, prefix: prefix + "data/")
    }

    /// Pickles of the magic number, the version, the writer's system, the value and the keys of the
    /// storages; then for each key the number of elements (8 bytes) and the elements.
    init(legacy file: MappedFile) throws {
        self.file = file
        guard file.bytes.first == 0x80 else {
            throw FormatFault.torch(
                file: file.name, at: 0, .notCheckpoint(Array(file.bytes.prefix(4))))
        }
        var machine = Unpickler(
            ByteReader(file.bytes, 0..<file.bytes.count, named: file.name))
        func fault(_ expected: String, _ found: PickleValue) -> FormatFault {
            machine.reader.fault(.pickle(expected: expected, found: found.kind))
        }
        let magic = try machine.load()
        guard case .text(let bytes) = magic,
            file.bytes[bytes].elementsEqual([108, 252, 156, 70, 249, 32, 106, 168, 80, 25])
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
                storage.count * storage.dtype.size, of: "storage \"\(key)\"")
        }
        guard reader.position == reader.end else {
            throw reader.fault(
                .pickle(
                    expected: "the end of the file",
                    found: "\(reader.end - reader.position) more bytes"))
        }
        places = .stream(ranges)
    }

    /// The key of a storage as text.
    static func key(_ storage: PickleHeap.Storage, _ file: MappedFile) -> String {
        TorchProblem.shown(file.bytes[storage.key])
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

/// The state dict in a checkpoint: the value itself, or what lies under a usual key.
struct StateDictionary {
    /// The keys that led to it.
    private(set) var path: [String] = []
    /// Names, and indices into `PickleHeap.tensors`.
    private(set) var tensors: [(name: String, index: Int)] = []
    /// Names of what is no tensor.
    private(set) var others: [String] = []

    init(_ source: TorchSource) throws {
        func fault(_ problem: TorchProblem) -> FormatFault {
            .torch(file: source.file.name, at: nil, problem)
        }
        func text(_ key: PickleValue) throws -> String {
            guard case .text(let range) = key else {
                throw fault(.pickle(expected: "names as keys", found: key.kind))
            }
            guard range.count <= Unpickler.nameLimit,
                let name = String(validating: source.file.bytes[range], as: UTF8.self)
            else {
                throw fault(
                    .pickle(
                        expected: "a name of at most \(Unpickler.nameLimit) bytes of UTF-8",
                        found: TorchProblem.shown(source.file.bytes[range])))
            }
            return name
        }
        var value = source.root
        var pairs: [(name: String, value: PickleValue)] = []
        descent: while true {
            guard case .dictionary(let index) = value else {
                throw fault(.noStateDict(found: value.kind))
            }
            var names: Set<String> = []
            pairs = try source.heap.dictionaries[index].map { (try text($0.key), $0.value) }
            for (name, _) in pairs where !names.insert(name).inserted {
                throw fault(.tensor(name: TorchProblem.shown(name.utf8), "its name is given twice"))
            }
            for wrapper in TorchCheckpoint.wrappers where path.count < 3 {
                let inner = pairs.first { $0.name == wrapper }?.value
                if case .dictionary? = inner, let inner {
                    path.append(wrapper)
                    value = inner
                    continue descent
                }
            }
            break
        }
        for (name, value) in pairs {
            if case .tensor(let index) = value {
                tensors.append((name, index))
            } else {
                others.append(name)
            }
        }
        guard !tensors.isEmpty else {
            throw fault(
                .noStateDict(found: "a dictionary of \(pairs.count) entries without a tensor"))
        }
    }
}
