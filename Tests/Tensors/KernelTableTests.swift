// Every kernel of the tables beside its scalar reference, bit for bit: odd lengths and addresses,
// guard values around each output, zeros of both signs, denormals, infinities and NaN.

import CKernels
import Randomness
import Testing

@testable import Tensors

@Suite("Kernels and their references")
struct KernelTableTests {
    /// Lengths with every tail of every vector width.
    private static let sizes = Array(1...70) + [127, 200, 1003]

    /// A kernel that is added must have a reference, and a comparison here.
    @Test func everyKernelHasAReferenceAndAComparison() {
        let about: Set = ["name", "mr", "nr", "nr_narrow"]
        for set in InstructionSet.available {
            guard let table = set.table, let rows = ck_rows_table(set.code)?.pointee else {
                continue
            }
            for (table, cases) in [
                (Mirror(reflecting: table), Set(kernelCases.keys)),
                (Mirror(reflecting: rows), Set(rowCases.keys)),
            ] {
                #expect(Set(table.children.compactMap(\.label)).subtracting(about) == cases)
                for child in table.children where !about.contains(child.label ?? "") {
                    let kernel = Mirror(reflecting: child.value)
                    #expect(kernel.children.count == 1, "\(set) has no \(child.label ?? "")")
                }
            }
        }
    }

    @Test(arguments: kernelCases.keys.sorted()) func matchesItsReference(_ name: String) throws {
        let run = try #require(kernelCases[name])
        for inputs in Self.inputs {
            let expected = run(ck_kernels_reference, inputs)
            for set in InstructionSet.available where set != .reference {
                #expect(
                    run(try #require(set.table), inputs) == expected, "\(set) \(name) \(inputs)")
            }
        }
    }

    @Test(arguments: rowCases.keys.sorted()) func ofARowMatchesItsReference(_ name: String) throws {
        let run = try #require(rowCases[name])
        let reference = try #require(ck_rows_table(CK_REFERENCE)).pointee
        for inputs in Self.inputs {
            let expected = run(reference, inputs)
            for set in InstructionSet.available where set != .reference {
                let rows = try #require(ck_rows_table(set.code)).pointee
                #expect(run(rows, inputs) == expected, "\(set) \(name) \(inputs)")
            }
        }
    }

    private static let inputs = sizes.flatMap { size in
        [false, true].map { Inputs(size: size, hasNonFinite: $0) }
    }
}

/// What a comparison computes with: arrays that depend on their names and on these two alone.
struct Inputs: CustomStringConvertible {
    let size: Int
    /// Whether one value in twelve is infinite, NaN or the largest.
    let hasNonFinite: Bool

    var description: String { "size \(size)\(hasNonFinite ? ", with NaN and ∞" : "")" }

    func floats(_ count: Int, _ name: String) -> [Float] {
        var values = numbers([count], name, seed: UInt64(size)).values
        let special: [Float] = [
            .nan, .infinity, -.infinity, .greatestFiniteMagnitude, 6, .leastNormalMagnitude,
        ]
        var random = Stream(seed: UInt64(size), name: name + "/special")
        for index in values.indices where hasNonFinite && random.below(12) == 0 {
            values[index] = special[Int(random.below(UInt32(special.count)))]
        }
        return values
    }

    func doubles(_ count: Int, _ name: String) -> [Double] { floats(count, name).map(Double.init) }
}

/// The bits of a result of `count` floats at an odd address. A kernel may write nothing else. Every
/// NaN counts as equal to every other: which one an operation gives is the CPU's own choice.
func output(
    _ count: Int, from start: [Float]? = nil, _ kernel: (UnsafeMutablePointer<Float>) -> Void
) -> [UInt32] {
    let edge = 17
    let inner = start ?? [Float](repeating: 55, count: count)
    let guards = [Float](repeating: 77, count: edge)
    var memory = guards + inner + guards
    memory.withUnsafeMutableBufferPointer { $0.baseAddress.map { kernel($0 + edge) } }
    let outside = memory[..<edge] + memory[(edge + count)...]
    #expect(outside.allSatisfy { $0 == 77 }, "wrote outside its elements")
    return memory[edge..<edge + count].map { ($0.isNaN ? .nan : $0).bitPattern }
}

/// The bits of doubles, the lower half first.
func bits(_ values: [Double]) -> [UInt32] {
    values.flatMap { value -> [UInt32] in
        let bits = (value.isNaN ? .nan : value).bitPattern
        return [UInt32(truncatingIfNeeded: bits), UInt32(bits >> 32)]
    }
}

private typealias RowCase = @Sendable (ck_rows, Inputs) -> [UInt32]

private let rowCases: [String: RowCase] = [
    "dot": { kernels, inputs in
        let n = inputs.size
        return bits([kernels.dot(inputs.floats(n, "w"), inputs.floats(n, "x"), n)])
    },
    // Points are in the box; gaps go both ways, to where the box ends and beyond.
    "to_hyperplane": { kernels, inputs in
        let n = inputs.size
        let t = numbers([n], "t", seed: UInt64(n)).values.map(abs)
        let w = inputs.floats(n, "w")
        let (lower, upper) = (t.map { 0.75 * $0 }, t.map { min(1, $0 + 0.1) })
        return (0..<3).flatMap { norm in
            [-1e4, -2.5, -0.0, 1e-9, 0.3, 40, .infinity].flatMap { gap in
                output(n) { kernels.to_hyperplane($0, t, w, n, gap, Int32(norm), nil, nil) }
                    + output(n) {
                        kernels.to_hyperplane($0, t, w, n, gap, Int32(norm), lower, upper)
                    }
            }
        }
    },
    "to_pixels": { kernels, inputs in
        let w = inputs.floats(inputs.size, "w").map { $0 * 50 }
        return output(w.count) { kernels.to_pixels($0, w, w.count) }
    },
    "unbounded_step": { kernels, inputs in
        let n = inputs.size
        let step = ck_adam_step(rate: 0.05, first: 1 / 0.19, second: 1 / 0.002)
        var (mean, square) = (inputs.floats(n, "m"), inputs.floats(n, "v").map { $0 * $0 })
        var y = numbers([n], "y").values.map(abs)
        let dy = inputs.floats(n, "dy")
        let moved = output(n, from: inputs.floats(n, "w")) {
            kernels.unbounded_step($0, &mean, &square, &y, dy, n, step)
        }
        return moved + [mean, square, y].flatMap { values in output(n, from: values) { _ in } }
    },
]
