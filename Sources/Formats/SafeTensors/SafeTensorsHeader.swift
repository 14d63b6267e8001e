// The JSON header of a safetensors file, checked against the size of the data that follows it. It is
// read where it lies in the file, and only names, types, shapes and places are kept: a header costs
// no more memory than what it says.

/// Tensors and metadata as a header states them; offsets count from the start of the data.
struct SafeTensorsHeader {
    /// What is wrong with it.
    struct Problem: Error {
        let problem: SafeTensorsProblem

        init(_ problem: SafeTensorsProblem) { self.problem = problem }
    }

    /// The most tensors and the most texts that are read: networks have thousands.
    static let tensorLimit = 400_000, textLimit = 100_000
    /// The most dimensions of a tensor.
    static let dimensionLimit = 64

    private(set) var metadata: [String: String] = [:]
    /// Sorted by name.
    private(set) var entries: [SafeTensors.Entry] = []
    /// Tensors of types that we do not know, sorted by name.
    private(set) var foreign: [SafeTensors.ForeignEntry] = []

    init(_ bytes: UnsafeRawBufferPointer, named: String, dataSize: Int) throws(Problem) {
        var cursor = JSONCursor(bytes)
        do {
            guard let kind = cursor.kind() else {
                throw cursor.failure(bytes.isEmpty ? .empty : .unexpected("byte"))
            }
            guard kind == "an object" else {
                throw Problem(.header("it is \(kind), expected an object"))
            }
            try read(&cursor)
            try cursor.finish()
        } catch let problem as Problem {
            throw problem
        } catch let failure as JSONCursor.Failure {
            let (line, column) = JSON.position(of: failure.offset, in: bytes)
            let fault = FormatFault.json(
                file: named, line: line, column: column, failure.problem)
            throw Problem(.header("\(fault)"))
        } catch {
            throw Problem(.header("\(error)"))
        }
        try checkPlaces(dataSize)
        entries.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        foreign.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    private mutating func read(_ cursor: inout JSONCursor) throws {
        // Names that Swift holds for equal, such as é in one or two characters, are one name too.
        var names: Set<String> = []
        try cursor.members { name, place, cursor in
            guard names.insert(name).inserted else {
                throw JSONCursor.Failure(offset: place, problem: .duplicateKey(name))
            }
            if name == "__metadata__" {
                metadata = try Self.metadata(&cursor)
            } else {
                guard names.count <= Self.tensorLimit else {
                    throw Problem(.header("it names more than \(Self.tensorLimit) tensors"))
                }
                try readTensor(name, &cursor)
            }
        }
    }

    private static func metadata(_ cursor: inout JSONCursor) throws -> [String: String] {
        let kind = cursor.kind() ?? "nothing"
        guard kind == "an object" else {
            throw Problem(.header("__metadata__ is \(kind), expected an object"))
        }
        var texts: [String: String] = [:]
        try cursor.members { key, place, cursor in
            guard cursor.kind() == "a string" else {
                throw Problem(.header("the metadata holds a value that is not a string"))
            }
            guard texts.updateValue(try cursor.string(), forKey: key) == nil else {
                throw JSONCursor.Failure(offset: place, problem: .duplicateKey(key))
            }
            guard texts.count <= textLimit else {
                throw Problem(.header("its metadata has more than \(textLimit) texts"))
            }
        }
        return texts
    }

    private mutating func readTensor(_ name: String, _ cursor: inout JSONCursor) throws {
        var type: String?
        var shape: [Int]?
        var offsets: [Int]?
        func misfit() -> Problem {
            Problem(
                .entry(
                    tensor: name,
                    "expected dtype (a string), shape (sizes) and data_offsets (first, end), all from 0 up"
                ))
        }
        guard cursor.kind() == "an object" else { throw misfit() }
        try cursor.members { key, place, cursor in
            let isFirst =
                switch key {
                case "dtype": type == nil
                case "shape": shape == nil
                case "data_offsets": offsets == nil
                default: throw misfit()
                }
            guard isFirst else {
                throw JSONCursor.Failure(offset: place, problem: .duplicateKey(key))
            }
            guard cursor.kind() == (key == "dtype" ? "a string" : "a list") else { throw misfit() }
            guard key != "dtype" else { return type = try cursor.string() }
            let numbers: [Int]
            do { numbers = try cursor.counts(limit: Self.dimensionLimit) } catch { throw misfit() }
            if key == "shape" { shape = numbers } else { offsets = numbers }
        }
        guard let type, let shape, let offsets, offsets.count == 2, offsets[0] <= offsets[1] else {
            throw misfit()
        }
        let place = offsets[0]..<offsets[1]
        guard let dtype = DType(rawValue: type) else {
            guard type.utf8.count <= 20 else { throw misfit() }
            foreign.append(.init(name: name, type: type, shape: shape, bytes: place))
            return
        }
        guard let size = Self.byteCount(shape, dtype) else {
            throw Problem(.entry(tensor: name, "the shape \(shape) has too many elements"))
        }
        guard size == place.count else {
            throw Problem(.length(tensor: name, expected: size, found: place.count))
        }
        entries.append(.init(name: name, dtype: dtype, shape: shape, bytes: place))
    }

    /// Back to back, from the first byte of the data to the last: neither overlap nor gap.
    private func checkPlaces(_ dataSize: Int) throws(Problem) {
        var end = 0
        var places = entries.map { ($0.bytes, $0.name) }
        places += foreign.map { ($0.bytes, $0.name) }
        places.sort {
            ($0.0.lowerBound, $0.0.upperBound) < ($1.0.lowerBound, $1.0.upperBound)
        }
        for (bytes, name) in places {
            guard bytes.lowerBound == end else {
                throw Problem(.gap(tensor: name, expected: end, found: bytes.lowerBound))
            }
            end = bytes.upperBound
        }
        guard end == dataSize else { throw Problem(.dataSize(expected: end, found: dataSize)) }
    }

    /// The bytes that a shape takes, or nil when they overflow.
    static func byteCount(_ shape: [Int], _ dtype: DType) -> Int? {
        var count = dtype.size
        for size in shape {
            let (product, overflows) = count.multipliedReportingOverflow(by: size)
            if overflows { return nil }
            count = product
        }
        return count
    }
}
