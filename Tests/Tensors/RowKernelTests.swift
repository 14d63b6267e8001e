// Kernels over one row, in every width of registers that this machine has: each can be forced, and gives
// the written expression bit for bit. An AVX-512 machine runs its AVX2 versions here too.

import CKernels
import Testing

@testable import Tensors

private let lengths = [0, 1, 3, 8, 15, 16, 17, 31, 40, 784]

@Suite("Row kernels")
struct RowKernelTests {
    private func rows(_ set: InstructionSet) throws -> ck_rows {
        try #require(ck_rows_table(set.code)).pointee
    }

    @Test func everySetOfThisMachineHasItsOwn() {
        for set in InstructionSet.allCases {
            #expect((ck_rows_table(set.code) == nil) == (set.table == nil), "\(set)")
        }
        let wide = [InstructionSet.avx2, .avx512].compactMap { ck_rows_table($0.code) }
        #expect(Set(wide + [ck_rows_table(CK_REFERENCE)]).count == wide.count + 1)
    }

    @Test(arguments: InstructionSet.available)
    func productsOfRowsAreSummedInSixteenPartialSums(set: InstructionSet) throws {
        let kernels = try rows(set)
        for length in lengths {
            let (w, x) = (
                numbers([length + 1], "w").values, numbers([length + 1], "x", seed: 2).values
            )
            var partials = [Double](repeating: 0, count: 16)
            for index in 0..<length {
                partials[index % 16] += Double(w[index + 1]) * Double(x[index + 1])
            }
            for half in [8, 4, 2, 1] {
                for lane in 0..<half { partials[lane] += partials[lane + half] }
            }
            w.withUnsafeBufferPointer { w in
                x.withUnsafeBufferPointer { x in
                    guard let w = w.baseAddress, let x = x.baseAddress else { return }
                    // From an odd address; and so by the one that is chosen where nobody asks.
                    let found = kernels.dot(w + 1, x + 1, length)
                    #expect(found.bitPattern == partials[0].bitPattern, "\(set), length \(length)")
                    #expect(ck_dot(w + 1, x + 1, length).bitPattern == partials[0].bitPattern)
                }
            }
        }
    }

    /// The scale by Newton's steps, and the values that follow from it; in the third norm the steepest
    /// values one after the other.
    @Test(arguments: InstructionSet.available)
    func waysToHyperplanesAreTheWrittenSteps(set: InstructionSet) throws {
        let kernels = try rows(set)
        for length in lengths.dropFirst() {
            let t = numbers([length], "t").values.map { abs($0) }
            let w = numbers([length], "w", seed: 3).values
            for norm in 0..<3 {
                for gap in [-2.5, -0.1, 0, 1e-9, 0.3, 4, 1e4] {
                    let expected = Way(t, w, gap: gap).change(norm: norm)
                    var d = [Float](repeating: 7, count: length)
                    kernels.to_hyperplane(&d, t, w, length, gap, Int32(norm), nil, nil)
                    #expect(
                        d.map(\.bitPattern) == expected.map(\.bitPattern),
                        "\(set), length \(length), norm \(norm), gap \(gap)")
                    let lower = t.map { 0.75 * $0 }
                    let upper = t.map { min(1, $0 + 0.1) }
                    let nearer = Way(t, w, gap: gap, lower, upper).change(norm: norm)
                    kernels.to_hyperplane(&d, t, w, length, gap, Int32(norm), lower, upper)
                    #expect(
                        d.map(\.bitPattern) == nearer.map(\.bitPattern),
                        "\(set), length \(length), norm \(norm), gap \(gap), within bounds")
                }
            }
        }
    }

    @Test(arguments: InstructionSet.available)
    func stepsOfTheUnboundedVariableAreTheWrittenOnes(set: InstructionSet) throws {
        let kernels = try rows(set)
        let step = ck_adam_step(rate: 0.05, first: 1 / 0.19, second: 1 / 0.002)
        for length in lengths {
            var w = numbers([length], "w").values.enumerated().map { $1 * ($0 % 5 == 0 ? 50 : 4) }
            var (mean, square) = (
                numbers([length], "m").values, numbers([length], "s").values.map { $0 * $0 }
            )
            let dy = numbers([length], "dy").values
            var y = [Float](repeating: 7, count: length)
            kernels.to_pixels(&y, w, length)
            for index in 0..<length {
                let held = min(max(Double(w[index]), -44), 44)
                #expect(abs(Double(y[index]) - pixel(held)) <= 0x1p-24, "\(w[index])")
            }
            var expected = w
            for index in 0..<length {
                let here = Double(y[index])
                let slope = Double(dy[index]) * (2 * here * (1 - here))
                let m = 0.9 * Double(mean[index]) + 0.1 * slope
                let v = 0.999 * Double(square[index]) + 0.001 * slope * slope
                let size = (v * step.second).squareRoot() + 1e-8
                expected[index] = Float(Double(w[index]) - step.rate * (m * step.first) / size)
            }
            var pixels = y
            kernels.unbounded_step(&w, &mean, &square, &pixels, dy, length, step)
            #expect(w.map(\.bitPattern) == expected.map(\.bitPattern), "\(set), length \(length)")
            kernels.to_pixels(&y, expected, length)
            #expect(pixels.map(\.bitPattern) == y.map(\.bitPattern), "\(set), length \(length)")
        }
    }

    /// (tanh w + 1) / 2 by a series for e^(−2w): e^x = (e^(x / 1024))^1024.
    private func pixel(_ w: Double) -> Double {
        let x = -2 * w / 1024
        var (term, sum) = (1.0, 1.0)
        for n in 1...12 {
            term *= x / Double(n)
            sum += term
        }
        for _ in 0..<10 { sum *= sum }
        return 1 / (1 + sum)
    }
}

/// The least change to a hyperplane, in the words of the header.
private struct Way {
    private let t: [Double], w: [Double], weights: [Float]
    private let up: Bool, wanted: Double
    private let lower: [Double], upper: [Double]

    init(
        _ t: [Float], _ w: [Float], gap: Double, _ lower: [Float]? = nil, _ upper: [Float]? = nil
    ) {
        self.lower = (lower ?? t.map { _ in 0 }).map(Double.init)
        self.upper = (upper ?? t.map { _ in 1 }).map(Double.init)
        (self.t, self.w, weights) = (t.map(Double.init), w.map(Double.init), w)
        (up, wanted) = (gap > 0, abs(gap))
    }

    private func rises(_ index: Int) -> Bool { up ? w[index] > 0 : w[index] < 0 }
    private func room(_ index: Int) -> Double {
        rises(index) ? upper[index] - t[index] : t[index] - lower[index]
    }
    private func speed(_ index: Int, _ norm: Int) -> Double { norm == 0 ? 1 : abs(w[index]) }

    private func reduced(_ terms: [Double]) -> Double {
        var partials = [Double](repeating: 0, count: 16)
        for (index, term) in terms.enumerated() { partials[index % 16] += term }
        for half in [8, 4, 2, 1] {
            for lane in 0..<half { partials[lane] += partials[lane + half] }
        }
        return partials[0]
    }

    func change(norm: Int) -> [Float] {
        guard norm < 2 else { return steepestFirst() }
        var lambda = 0.0
        for _ in 0..<64 {
            let steps = t.indices.map { lambda * speed($0, norm) }
            let gain = reduced(t.indices.map { abs(w[$0]) * min(steps[$0], room($0)) })
            let slope = reduced(
                t.indices.map { steps[$0] < room($0) ? abs(w[$0]) * speed($0, norm) : 0 })
            if !(slope > 0) || wanted - gain <= wanted * 0x1p-40 { break }
            lambda += (wanted - gain) / slope
        }
        return t.indices.map { index in
            let step = min(lambda * speed(index, norm), room(index))
            return w[index] == 0 ? 0 : Float(rises(index) ? step : -step)
        }
    }

    private func steepestFirst() -> [Float] {
        var d = [Float](repeating: 0, count: t.count)
        var left = wanted
        let order = weights.indices.filter { weights[$0] != 0 }.sorted {
            (abs(weights[$1]), $0) < (abs(weights[$0]), $1)
        }
        for index in order where left > 0 {
            let size = abs(w[index])
            let step = min(left / size, room(index))
            d[index] = Float(rises(index) ? step : -step)
            left -= step * size
        }
        return d
    }
}
