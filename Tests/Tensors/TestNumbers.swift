// Numbers for tests, and comparison by bits.

import CKernels
import Randomness
import Testing

@testable import Tensors

/// Values in ±1 with an exact zero, a negative zero and a tiny number among them.
func numbers(_ shape: [Int], _ name: String, seed: UInt64 = 1) -> Tensor {
    var random = Stream(seed: seed, name: name)
    let special: [Float] = [0, -0.0, 0x1p-130, -0x1p-149, 1]
    var values = (0..<Tensor.count(of: shape)).map { _ in 2 * random.uniform() - 1 }
    for index in values.indices where random.below(16) == 0 {
        values[index] = special[Int(random.below(UInt32(special.count)))]
    }
    return Tensor(shape: shape, values: values)
}

extension Tensor {
    /// The bit patterns, so that == is equality of bits: it tells −0 from 0 and NaN is itself.
    var bits: [UInt32] { values.map(\.bitPattern) }
}

extension InstructionSet {
    /// Its kernels by value; nil where this machine does not have it.
    var table: ck_kernels? { kernels?.pointee }
}

/// One engine for each instruction set that this machine has.
let engines = InstructionSet.available.compactMap { Engine($0, workers: Workers(threads: 2)) }

/// Checks a gradient against central differences of `function`, element by element. A NaN fails.
func expectGradient(
    _ gradient: Tensor, at point: [Double], step: Double = 1e-4, relative: Double = 1e-5,
    _ function: ([Double]) -> Double, sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(gradient.count == point.count, sourceLocation: sourceLocation)
    var moved = point
    for (index, found) in gradient.values.enumerated() {
        moved[index] = point[index] + step
        let above = function(moved)
        moved[index] = point[index] - step
        let below = function(moved)
        moved[index] = point[index]
        let expected = (above - below) / (2 * step)
        let tolerance = relative * max(1, abs(expected))
        #expect(
            abs(Double(found) - expected) <= tolerance, "element \(index)",
            sourceLocation: sourceLocation)
    }
}
