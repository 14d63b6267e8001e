import Testing

@testable import Tensors

@Suite("Pixel limits")
struct PixelLimitsTests {
    private let engine = Engine(threads: 2)

    /// Two channels of two pixels; the second pixel of the first and the first of the second may change.
    private let limits = PixelLimits(
        mayChange: [false, true, true, false], bounds: [0.25...0.5, 0...0.75], shape: [2, 1, 2])

    @Test func theyHoldTheOriginalAndTheBoundsOfItsChannel() {
        let x: [Float] = [0.9, 0.9, 0.5, 0.1]
        #expect((0..<4).map { limits.lower($0, around: x[$0]) } == [0.9, 0.25, 0, 0.1])
        #expect((0..<4).map { limits.upper($0, around: x[$0]) } == [0.9, 0.9, 0.75, 0.1])
        #expect((0..<4).map { limits.clamped(0.6, $0, around: x[$0]) } == [0.9, 0.6, 0.6, 0.1])
        #expect((0..<4).map { limits.clamped(1, $0, around: x[$0]) } == [0.9, 0.9, 0.75, 0.1])
        #expect(
            (0..<4).map { limits.value(at: 0.5, $0, around: x[$0]) } == [0.9, 0.575, 0.375, 0.1])
        #expect((0..<4).map(limits.mayChange) == [false, true, true, false])
        #expect(limits.freeCount(of: 4) == 2 && limits.place(ofFree: 1) == 2)
        #expect(limits.spread([3, 4]) == [0, 3, 4, 0])
        var rows = Tensor(shape: [2, 4], values: [1, 2, 3, 4, 5, 6, 7, 8])
        limits.clearHeld(&rows)
        #expect(rows.values == [0, 2, 3, 0, 0, 6, 7, 0])
        var points = Tensor(shape: [2, 4], values: [9, 9, 9, 9, 0, 0, 0, 0])
        limits.clamp(1, of: &points, around: Tensor(shape: [1, 4], values: x), row: 0)
        #expect(points.values == [9, 9, 9, 9, 0.9, 0.25, 0, 0.1])
    }

    @Test func theBoxIsAllThatIs() {
        #expect(PixelLimits.box.count == nil && PixelLimits.box.freeCount(of: 7) == 7)
        #expect(PixelLimits.box.value(at: 0.3, 5, around: 0.9) == 0.3)
        #expect(PixelLimits.box.clamped(-1, 5, around: 0.9) == 0)
        #expect(PixelLimits.box.spread([1, 2]) == [1, 2])
    }

    /// Where pixels are held a projection is that of the others by themselves.
    @Test(arguments: [Ball.linf, .l2, .l1, .l0]) func heldPixelsCountForNothing(ball: Ball) {
        let epsilon: Float = ball == .linf ? 0.1 : ball == .l0 ? 5 : 0.7
        for seed in UInt64(0)..<40 {
            let x = numbers([1, 30], "x", seed: seed).values.map(abs)
            let aim = numbers([1, 30], "aim", seed: seed).values.map { 3 * $0 }
            let free = (0..<30).filter { ($0 + Int(seed)) % 3 != 0 }
            func project(_ x: [Float], _ aim: [Float], _ limits: PixelLimits) -> [Float] {
                var y = Tensor(shape: [1, aim.count], values: aim)
                var scratch = Tensor(shape: [0])
                engine.project(
                    &y, around: Tensor(shape: [1, x.count], values: x), in: ball,
                    within: [epsilon], limits: limits, scratch: &scratch)
                return y.values
            }
            let all = project(
                x, aim,
                PixelLimits(
                    mayChange: (0..<30).map(free.contains), bounds: nil, shape: [1, 1, 30]))
            let alone = project(free.map { x[$0] }, free.map { aim[$0] }, .box)
            for index in 0..<30 {
                if let place = free.firstIndex(of: index) {
                    #expect(abs(all[index] - alone[place]) < 1e-6)
                } else {
                    #expect(all[index].bitPattern == x[index].bitPattern)
                }
            }
        }
    }

    /// In narrow bounds the L1 projection gives back what the bounds take, so that the budget is used up.
    @Test func theSparseProjectionKnowsTheBounds() {
        let x = Tensor(shape: [1, 3], values: [0.5, 0.5, 0.5])
        let limits = PixelLimits(mayChange: nil, bounds: [0.4...0.6], shape: [1, 1, 3])
        var (y, scratch) = (Tensor(shape: [1, 3], values: [1, 0.9, 0]), Tensor(shape: [0]))
        engine.project(&y, around: x, in: .l1, within: [0.25], limits: limits, scratch: &scratch)
        // 0.1, 0.05 … : 0.5, 0.4 and −0.5 shrink by λ = 0.4 − 0.05 where the second is inside.
        for (found, expected) in zip(y.values, [0.6, 0.55, 0.4] as [Float]) {
            #expect(abs(found - expected) < 1e-6)
        }
        #expect(engine.distances(from: x, to: y)[0].l1 <= 0.25)
    }

    /// A step in L1 goes to the steepest values as far as the bounds allow, then to the next.
    @Test func theSparseStepFillsTheBounds() {
        let x = Tensor(shape: [1, 4], values: [0.5, 0.5, 0.5, 0.5])
        let gradient = Tensor(shape: [1, 4], values: [4, -3, 2, 1])
        let limits = PixelLimits(mayChange: nil, bounds: [0.25...0.625], shape: [1, 1, 4])
        var (y, scratch) = (x, Tensor(shape: [0]))
        engine.step(
            &y, along: gradient, around: x, in: .l1, by: [0.4375], within: [.infinity],
            limits: limits, scratch: &scratch)
        #expect(y.values == [0.625, 0.25, 0.5625, 0.5])
    }

    /// Where bounds stop some values, others go farther to the hyperplane.
    @Test func waysToHyperplanesKnowTheBounds() {
        let x = Tensor(shape: [1, 3], values: [0.5, 0.5, 0.9])
        let limits = PixelLimits(
            mayChange: nil, bounds: [0.25...0.625, 0...1, 0...0.75], shape: [3, 1, 1])
        var d = Tensor(shape: [1, 3])
        d.goToHyperplane(
            0, from: x, along: Tensor(shape: [1, 3], values: [1, 1, 1]), row: 0, gap: 0.5,
            in: .linf, limits: limits, around: x)
        #expect(d.values == [0.125, 0.375, 0])
    }
}
