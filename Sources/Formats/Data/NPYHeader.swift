// The header of an .npy file: a Python literal of three keys, such as
// {'descr': '<f4', 'fortran_order': False, 'shape': (60000, 28, 28), }. Only literals of that form are
// read, and nothing is ever evaluated.

/// What the header of an .npy file says.
struct NPYHeader {
    /// The axes, outermost first.
    let shape: [Int]
    /// Whether the first index runs fastest.
    let isFortran: Bool
    let type: DType

    /// Reads the text of a header.
    /// - Throws: `FormatFault.npy`.
    init(_ text: ArraySlice<UInt8>, named: String) throws {
        var literal = Literal(bytes: text, position: text.startIndex, named: named)
        var (type, isFortran, shape): (DType?, Bool?, [Int]?)
        try literal.skip("{")
        while !literal.takes("}") {
            let key = try literal.string()
            try literal.skip(":")
            switch key {
            case "descr": type = try NPYHeader.type(literal.type(), named)
            case "fortran_order": isFortran = try literal.truth()
            case "shape": shape = try literal.shape()
            default: throw literal.fault("'descr', 'fortran_order' or 'shape'")
            }
            if !literal.takes(",") {
                try literal.skip("}")
                break
            }
        }
        try literal.end()
        func given<T>(_ value: T?, _ key: String) throws -> T {
            guard let value else { throw FormatFault.npy(file: named, .missing(key: key)) }
            return value
        }
        self.type = try given(type, "descr")
        self.isFortran = try given(isFortran, "fortran_order")
        self.shape = try given(shape, "shape")
    }

    private static func type(_ text: String, _ named: String) throws -> DType {
        let types: [String: DType] = [
            "b1": .bool, "u1": .u8, "u2": .u16, "u4": .u32, "u8": .u64, "i1": .i8, "i2": .i16,
            "i4": .i32, "i8": .i64, "f2": .f16, "f4": .f32, "f8": .f64,
        ]
        let (order, name) = (text.first, String(text.dropFirst()))
        if name.hasPrefix("O") || text.hasPrefix("O") {
            throw FormatFault.npy(file: named, .objects)
        }
        guard let type = types[name], let order, "<>=|".contains(order) else {
            throw FormatFault.npy(file: named, .type(text))
        }
        guard order != ">" || type.size == 1 else {
            throw FormatFault.npy(file: named, .byteOrder(text))
        }
        return type
    }
}

/// A Python literal, read from front to back.
private struct Literal {
    let bytes: ArraySlice<UInt8>
    var position: Int
    let named: String
    /// No array has more axes than NumPy allows.
    static let axes = 64

    func fault(_ expected: String) -> FormatFault {
        .npy(file: named, .header(at: position - bytes.startIndex, expected: expected))
    }

    private mutating func passSpace() {
        while position < bytes.endIndex, [9, 10, 13, 32].contains(bytes[position]) { position += 1 }
    }

    /// Passes over one sign, if it is next.
    mutating func takes(_ sign: Character) -> Bool {
        passSpace()
        guard position < bytes.endIndex, bytes[position] == sign.asciiValue else { return false }
        position += 1
        return true
    }

    mutating func skip(_ sign: Character) throws {
        guard takes(sign) else { throw fault("\(sign)") }
    }

    mutating func end() throws {
        passSpace()
        guard position == bytes.endIndex else { throw fault("nothing more") }
    }

    /// A string in either kind of quotes, without escapes.
    mutating func string() throws -> String {
        passSpace()
        guard position < bytes.endIndex, [34, 39].contains(bytes[position]) else {
            throw fault("a string in quotes")
        }
        let rest = bytes[(position + 1)...]
        guard let close = rest.firstIndex(of: bytes[position]) else {
            throw fault("a string that ends")
        }
        defer { position = close + 1 }
        return String(decoding: rest[..<close], as: UTF8.self)
    }

    /// The type of the elements; those with fields are a list.
    mutating func type() throws -> String {
        passSpace()
        guard position < bytes.endIndex, bytes[position] != UInt8(ascii: "[") else {
            throw fault("one type for all elements, such as '<f4'")
        }
        return try string()
    }

    mutating func truth() throws -> Bool {
        passSpace()
        for (word, value) in [("True", true), ("False", false)]
        where bytes[position...].starts(with: word.utf8) {
            position += word.utf8.count
            return value
        }
        throw fault("True or False")
    }

    /// (60000, 28, 28), (5,) or ().
    mutating func shape() throws -> [Int] {
        try skip("(")
        var shape: [Int] = []
        while !takes(")") {
            shape.append(try number())
            guard shape.count <= Self.axes else { throw fault("at most \(Self.axes) axes") }
            if !takes(",") {
                try skip(")")
                break
            }
        }
        return shape
    }

    private mutating func number() throws -> Int {
        passSpace()
        let digits = bytes[position...].prefix { (48...57).contains($0) }
        guard let number = Int(String(decoding: digits, as: UTF8.self)) else {
            throw fault("a length of at most \(Int.max)")
        }
        position += digits.count
        return number
    }
}
