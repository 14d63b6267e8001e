// The two lines of an activation, exactly: above and below every float of the interval.

import Networks
import Randomness
import Tensors
import Testing

@testable import Certificates

@Suite("Lines of activations")
struct ActivationLineTests {
    /// Intervals of all sizes around 0, on either side of it, and of one float.
    private func intervals(_ count: Int, reach: Float) -> [(Float, Float)] {
        var random = Stream(seed: 2, name: "intervals")
        return (0..<count).map { index in
            let scale = Float(sign: .plus, exponent: -Int(random.below(30)), significand: reach)
            let ends = [(2 * random.uniform() - 1) * scale, (2 * random.uniform() - 1) * reach]
            if index % 11 == 0 { return (ends[0], ends[0].nextUp) }
            if index % 13 == 0 { return (ends[0], ends[0]) }
            return (ends.min() ?? 0, ends.max() ?? 0)
        }
    }

    /// The sign of line(z) − value.
    private func side(_ line: Line, _ z: Float, _ value: Float) -> Int {
        var difference = Exact(line.offset, -Double(value))
        difference.add(line.slope, times: Double(z))
        return difference.sign
    }

    /// Whether the lines hold at the ends, next to them, around 0 and at some floats between.
    private func hold(
        _ lines: ActivationLines, _ l: Float, _ u: Float, _ values: ([Float]) -> [Float]
    ) -> Bool {
        var random = Stream(seed: UInt64(l.bitPattern), name: "points")
        let inside = (0..<20).map { _ in min(max(l + random.uniform() * (u - l), l), u) }
        let points = ([l, u, l.nextUp, u.nextDown, 0, 0x1p-149, -0x1p-149] + inside).filter {
            l <= $0 && $0 <= u
        }
        return zip(points, values(points)).allSatisfy { z, value in
            side(lines.low, z, value) <= 0 && side(lines.high, z, value) >= 0
        }
    }

    @Test(arguments: [Float(0), 0.01, 0.3, 1, 0x1p-140]) func ofARectifier(_ slope: Float) {
        let edges: [(Float, Float)] = [(-0x1p-149, 0x1p-149), (-1, 0), (0, 1), (-0.0, 0)]
        for (l, u) in intervals(1500, reach: 3) + edges {
            let lines = ActivationLines.rectifier(slope, l, u)
            #expect(
                hold(lines, l, u) { $0.map { $0 > 0 ? $0 : slope * $0 } }, "\(l)…\(u): \(lines)")
        }
    }

    private func executed(_ function: ElementwiseFunction?, _ x: [Float]) -> [Float] {
        var y = Tensor(shape: [0])
        let x = tensor([1, x.count], x)
        if let function {
            engine.apply(function, to: x, into: &y)
        } else {
            engine.sigmoid(x, into: &y)
        }
        return y.values
    }

    @Test func ofTheSigmoidAndTanh() {
        for reach: Float in [0.5, 6, 40, 300] {
            for (l, u) in intervals(500, reach: reach) {
                let (sigmoid, tanh) = (ActivationLines.sigmoid(l, u), ActivationLines.tanh(l, u))
                #expect(hold(sigmoid, l, u) { executed(nil, $0) }, "\(l)…\(u): \(sigmoid)")
                #expect(hold(tanh, l, u) { executed(.tanh, $0) }, "\(l)…\(u): \(tanh)")
            }
        }
    }

    /// Lines that are too far away would be true and of no use.
    @Test func linesAreNear() {
        for (l, u) in intervals(2000, reach: 6) {
            for lines in [ActivationLines.sigmoid(l, u), .tanh(l, u), .rectifier(0, l, u)] {
                let middle = Double(l) + (Double(u) - Double(l)) / 2
                let gap =
                    lines.high.slope * middle + lines.high.offset
                    - (lines.low.slope * middle + lines.low.offset)
                #expect(gap <= (Double(u) - Double(l)) + 1e-6)
            }
        }
    }
}

/// What intervals take for granted of the sigmoid and tanh: that they never fall. All floats are
/// pipeline/checks/monotone.sh's; here every 4,099th and its neighbour.
@Suite("Activations that never fall")
struct MonotoneTests {
    @Test func neighboursAreInOrder() {
        let negative = stride(
            from: Float(-0.0).bitPattern, through: Float(-200).bitPattern, by: 4099)
        let positive = stride(from: Float(0).bitPattern, through: Float(200).bitPattern, by: 4099)
        let x = (Array(negative) + Array(positive)).map { Float(bitPattern: $0) }
        let more = tensor([1, x.count], x.map(\.nextUp))
        let own = tensor([1, x.count], x)
        var (low, high) = (Tensor(shape: [0]), Tensor(shape: [0]))
        engine.sigmoid(own, into: &low)
        engine.sigmoid(more, into: &high)
        #expect(zip(low.values, high.values).allSatisfy { $0 <= $1 })
        engine.apply(.tanh, to: own, into: &low)
        engine.apply(.tanh, to: more, into: &high)
        #expect(zip(low.values, high.values).allSatisfy { $0 <= $1 })
    }
}
