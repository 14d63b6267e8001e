// The statistics of a comparison against published worked examples.

import Testing

@testable import Report

@Suite struct PairedSharesTests {
    /// Counts as the papers give them: both, first alone, second alone, neither. B is the first here, so
    /// that B less A is the difference that they speak of.
    private func shares(_ table: [Int]) -> PairedShares {
        PairedShares(both: table[0], onlyA: table[2], onlyB: table[1], neither: table[3])
    }

    /// Newcombe 1998, method 10: (20, 12, 2, 16). Altman, Machin, Bryant and Gardner, Statistics with Confidence,
    /// 2nd edition, table 6.2: (14, 5, 0, 22), with three digits. Airway hyper-responsiveness before and after a
    /// transplantation (Bentur 2009), in Fagerland, Lydersen and Laake, Statistical Analysis of Contingency Tables,
    /// chapter 8: (1, 1, 7, 12), with three digits. The last is worked out from the formula by other means.
    @Test(arguments: [
        ([20, 12, 2, 16], 0.0562, 0.3292, 0.00005), ([14, 5, 0, 22], 0.011, 0.226, 0.0005),
        ([1, 1, 7, 12], -0.507, -0.026, 0.0005),
        ([36, 12, 2, 0], 0.05692958400323875, 0.3404276029749406, 1e-12),
    ])
    func intervalsAreThoseOfNewcombe(
        _ table: [Int], _ low: Double, _ high: Double, _ tolerance: Double
    ) {
        let found = shares(table)
        #expect(found.difference == Double(table[1] - table[2]) / Double(table.reduce(0, +)))
        #expect((found.interval.low - low).magnitude < tolerance)
        #expect((found.interval.high - high).magnitude < tolerance)
        // The other way round it is the same interval, turned.
        let turned = shares([table[0], table[2], table[1], table[3]]).interval
        #expect((turned.low + found.interval.high).magnitude < 1e-12)
    }

    @Test func edges() {
        // From the formula by other means.
        let cavo = shares([59, 6, 16, 80]).interval
        #expect((cavo.low + 0.11862119563870992).magnitude < 1e-12)
        #expect((cavo.high + 0.004625113933050047).magnitude < 1e-12)
        // Nothing differs, and the ends are Wilson's: z² / (54 + z²).
        let none = shares([54, 0, 0, 0]).interval
        #expect((none.high - 0.06641358809089637).magnitude < 1e-12 && none.low == -none.high)
        #expect(PairedShares().interval == (-1, 1) && PairedShares().difference == 0)
        #expect(PairedShares().probability == 1)
        for both in 0...4 {
            for onlyA in 0...4 {
                for onlyB in 0...4 {
                    let shares = PairedShares(both: both, onlyA: onlyA, onlyB: onlyB, neither: 1)
                    let (low, high) = shares.interval
                    #expect(-1 <= low && low <= shares.difference)
                    #expect(shares.difference <= high && high <= 1)
                }
            }
        }
    }

    /// By hand: (5, 0) is 2/32; (1, 7) is 2 (1 + 8)/256; (6, 16) is 0.0525 of the same chapter (Cavo 2012).
    @Test func mcNemarsTestIsExact() {
        #expect(Statistics.signTest(5, 0) == 0.0625)
        #expect(Statistics.signTest(1, 7) == 0.0703125)
        #expect((Statistics.signTest(16, 6) - 0.052478790283203125).magnitude < 1e-15)
        #expect(Statistics.signTest(0, 0) == 1 && Statistics.signTest(4, 4) == 1)
        #expect((Statistics.signTest(3, 4) - 1).magnitude < 1e-15)
        // The sum of all terms, counted in whole numbers, 4.434449263755176e-06.
        #expect((Statistics.signTest(121, 59) / 4.434449263755176e-06 - 1).magnitude < 1e-12)
        // Far beyond what 2^−n can be written as.
        #expect(Statistics.signTest(5000, 0) == 0)
        let even = Statistics.signTest(4950, 5050)
        #expect(0.3 < even && even < 0.34)
    }

    /// By hand: 0.01 · 4, 0.0166 · 3 are below 0.05, 0.03 · 2 is not, and what comes after it no longer counts.
    @Test func manyTestsAreCorrectedByHolm() {
        #expect(Statistics.holm([0.04, 0.0166, 0.03, 0.01]) == [false, true, false, true])
        #expect(Statistics.holm([0.04]) == [true] && Statistics.holm([0.05]) == [false])
        #expect(Statistics.holm([0.02, 0.02]) == [true, true] && Statistics.holm([]).isEmpty)
        #expect(Statistics.holm([0.026, 0.04]) == [false, false])
    }

    /// One in a hundred of a hundred is not more than 0.01, nor 29 of 100 more than 0.29.
    @Test func theGateIsExact() {
        for count in 1...99 {
            let shares = PairedShares(both: 0, onlyA: count, onlyB: 0, neither: 100 - count)
            let figure = PairedFigure(
                norm: "linf", modelA: "a", modelB: "b", isOfShared: false, epsilon: 0.1,
                shares: shares)
            #expect(!figure.isWorse(than: Double(count) / 100))
            #expect(figure.isWorse(than: Double(count) / 100 - 0.001))
        }
    }
}
