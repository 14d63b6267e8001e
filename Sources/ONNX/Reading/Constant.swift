// A tensor whose numbers are known when a network is imported: a weight, or one of the small ones
// from which exporters work out shapes.

import Networks

/// A constant: its shape and numbers. Numbers that are all the same are held once, since a file of a
/// few bytes can ask for any number of them (ConstantOfShape).
struct Constant: Sendable {
    /// The type that arithmetic rounds to.
    enum Element: Sendable {
        /// A float of 32 bits; halves and bfloat16 are widened to it, which is exact.
        case float
        /// A float of 64 bits.
        case double
        /// Any kind of integer, and truth as 0 and 1.
        case integer
    }

    enum Storage: Sendable {
        case floats([Float])
        case doubles([Double])
        case integers([Int64])
        /// As many as the shape says of this number, which is exact for its element.
        case same(Double, Element)
    }

    let shape: [Int]
    let storage: Storage

    /// - Precondition: As many numbers as the shape has places.
    init(shape: [Int], _ storage: Storage) { (self.shape, self.storage) = (shape, storage) }

    /// A row of integers.
    init(_ values: [Int]) {
        self.init(shape: [values.count], .integers(values.map { Int64($0) }))
    }

    /// How many numbers there are.
    var count: Int { shape.reduce(1, *) }

    var element: Element {
        switch storage {
        case .floats: .float
        case .doubles: .double
        case .integers: .integer
        case .same(_, let element): element
        }
    }

    /// The number at a place in row-major order.
    func double(at index: Int) -> Double {
        switch storage {
        case .floats(let values): Double(values[index])
        case .doubles(let values): values[index]
        case .integers(let values): Double(values[index])
        case .same(let value, _): value
        }
    }

    /// The integer at a place; of a float, what is before its point.
    func integer(at index: Int) -> Int64? {
        switch storage {
        case .integers(let values): values[index]
        default: Int64(exactly: double(at: index).rounded(.towardZero))
        }
    }

    /// The same numbers under another shape.
    ///
    /// - Precondition: It has as many places.
    func reshaped(_ shape: [Int]) -> Constant { Constant(shape: shape, storage) }

    /// The number, if all are the same and there is one at all.
    var single: Double? {
        switch storage {
        case .same(let value, _): return count > 0 ? value : nil
        default:
            guard count > 0 else { return nil }
            let first = double(at: 0)
            return (1..<count).allSatisfy { double(at: $0) == first } ? first : nil
        }
    }

    /// All as 32-bit floats, in order: doubles and integers rounded to the nearest, ties to even.
    var floats: [Float] {
        switch storage {
        case .floats(let values): values
        case .same(let value, _): Array(repeating: Float(value), count: count)
        default: (0..<count).map { Float(double(at: $0)) }
        }
    }

    /// All as integers that index or size things.
    ///
    /// - Throws: `ONNXProblem.tensor` where there are more than a shape has, or floats.
    func sizes(_ name: String) throws(ONNXProblem) -> [Int] {
        guard count <= 4096 else {
            throw .limit(what: "sizes in \(ONNXProblem.quoted(name))", limit: 4096, found: count)
        }
        guard element == .integer else {
            throw .tensor(name: name, "expected whole numbers, found floats")
        }
        return (0..<count).map { Int(clamping: integer(at: $0) ?? 0) }
    }
}

/// Shapes from outside.
enum ShapeLimits {
    /// The most numbers of one tensor: as many as a network may have in writing.
    static let count = Architecture.mostFeatures
    /// The most axes.
    static let rank = 16

    /// The number of places of a shape.
    ///
    /// - Throws: `ONNXProblem.tensor` for sizes below zero, more than `rank` axes or `count` places.
    static func count(of shape: [Int], _ name: String) throws(ONNXProblem) -> Int {
        guard shape.count <= rank else {
            throw .tensor(
                name: name, "it has \(shape.count) axes, more than the \(rank) that are read")
        }
        var product = 1
        for size in shape {
            guard size >= 0 else { throw .tensor(name: name, "its shape is \(shape)") }
            // Sizes beside a zero count as well: they may be multiplied without it later.
            let (next, overflows) = product.multipliedReportingOverflow(by: max(size, 1))
            guard !overflows, next <= count else {
                throw .tensor(
                    name: name,
                    "its shape is \(shape), more than the \(count) numbers that are read")
            }
            product = next
        }
        return shape.contains(0) ? 0 : product
    }
}
