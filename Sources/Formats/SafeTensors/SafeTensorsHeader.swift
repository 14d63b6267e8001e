// The JSON header of a safetensors file, checked against the size of the data that follows it.

/// Tensors and metadata as a header states them; offsets count from the start of the data.
struct SafeTensorsHeader {
    /// What is wrong with it.
    struct Problem: Error { var problem: SafeTensorsProblem }

    let metadata: [String: String]
    /// Sorted by name.
    let entries: [SafeTensors.Entry]

    init(_ bytes: [UInt8], named: String, dataSize: Int) throws(Problem) {
        let json: JSON
        do { json = try JSON.parse(bytes, named: named) } catch {
            throw Problem(problem: .header("\(error)"))
        }
        guard case .object(var members) = json else {
            throw Problem(problem: .header("it is \(json.kind), expected an object"))
        }
        metadata = try Self.metadata(members.removeValue(forKey: "__metadata__"))
        var found: [SafeTensors.Entry] = []
        for name in members.keys.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            found.append(try Self.entry(name, members[name] ?? .null))
        }
        entries = found

        // Back to back, from the first byte of the data to the last: neither overlap nor gap.
        var end = 0
        let byOffset = entries.sorted {
            ($0.bytes.lowerBound, $0.bytes.upperBound) < ($1.bytes.lowerBound, $1.bytes.upperBound)
        }
        for entry in byOffset {
            guard entry.bytes.lowerBound == end else {
                throw Problem(
                    problem: .gap(tensor: entry.name, expected: end, found: entry.bytes.lowerBound))
            }
            end = entry.bytes.upperBound
        }
        guard end == dataSize else {
            throw Problem(problem: .dataSize(expected: end, found: dataSize))
        }
    }

    private static func metadata(_ json: JSON?) throws(Problem) -> [String: String] {
        guard let json else { return [:] }
        guard let members = json.object else {
            throw Problem(problem: .header("__metadata__ is \(json.kind), expected an object"))
        }
        var strings: [String: String] = [:]
        for (key, value) in members {
            guard let string = value.string else {
                throw Problem(problem: .header("the metadata holds a value that is not a string"))
            }
            strings[key] = string
        }
        return strings
    }

    private static func entry(_ name: String, _ json: JSON) throws(Problem) -> SafeTensors.Entry {
        guard json.object?.count == 3, let type = json["dtype"]?.string,
            let shape = integers(json["shape"]), let offsets = integers(json["data_offsets"]),
            offsets.count == 2, offsets[0] <= offsets[1]
        else {
            throw Problem(
                problem: .entry(
                    tensor: name,
                    "expected dtype (a string), shape (sizes) and data_offsets (first, end), all from 0 up"
                ))
        }
        guard let dtype = DType(rawValue: type) else {
            throw Problem(problem: .unknownType(tensor: name, type))
        }
        guard let size = byteCount(shape, dtype) else {
            throw Problem(problem: .entry(tensor: name, "the shape \(shape) has too many elements"))
        }
        guard size == offsets[1] - offsets[0] else {
            throw Problem(
                problem: .length(tensor: name, expected: size, found: offsets[1] - offsets[0]))
        }
        return SafeTensors.Entry(
            name: name, dtype: dtype, shape: shape, bytes: offsets[0]..<offsets[1])
    }

    /// A list of integers from 0 up, or nil.
    private static func integers(_ json: JSON?) -> [Int]? {
        guard let array = json?.array else { return nil }
        let values = array.compactMap(\.int).filter { $0 >= 0 }
        return values.count == array.count ? values : nil
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
