import CKernels
import Testing

@testable import Tensors

@Suite("Batch normalisation")
struct NormalisationTests {
    private static let channels = [1, 3, 5, 16, 17, 33]

    @Test(arguments: channels) func channelsAreScaledAndShifted(channels: Int) {
        let (x, scale) = (numbers([2, 3, 5, channels], "x"), numbers([channels], "scale"))
        let shift = numbers([channels], "shift")
        for engine in engines {
            var (plain, moved) = (Tensor(shape: [0]), Tensor(shape: [0]))
            engine.scaleChannels(x, by: scale, shift: nil, into: &plain)
            engine.scaleChannels(x, by: scale, shift: shift, into: &moved)
            #expect(plain.shape == x.shape)
            for (index, value) in x.values.enumerated() {
                let c = index % channels
                let product = value * scale.values[c]
                #expect(plain.values[index].bitPattern == product.bitPattern)
                let sum = shift.values[c].addingProduct(value, scale.values[c])
                #expect(moved.values[index].bitPattern == sum.bitPattern)
            }
        }
    }

    /// More rows than a chunk, an uneven number of chunks.
    @Test(arguments: channels) func statisticsAreThoseOfTheirDefinition(channels: Int) {
        for rows in [1, 7, 256, 257, 700] {
            let x = numbers([rows, channels], "x")
            let (values, chunks) = (x.values, (rows + 255) / 256)
            func total(_ term: (Int) -> Double) -> Double {
                let parts = (0..<chunks).map { chunk in
                    (chunk * 256..<min(rows, (chunk + 1) * 256)).reduce(0) { $0 + term($1) }
                }
                return chunks == 3 ? (parts[0] + parts[1]) + parts[2] : parts.reduce(0, +)
            }
            for engine in engines {
                let (mean, variance) = engine.batchStatistics(x)
                for c in 0..<channels {
                    let average = total { Double(values[$0 * channels + c]) } / Double(rows)
                    let spread = total {
                        let d = Double(values[$0 * channels + c]) - average
                        return d * d
                    }
                    #expect(mean.values[c].bitPattern == Float(average).bitPattern)
                    #expect(
                        variance.values[c].bitPattern == Float(spread / Double(rows)).bitPattern)
                }
            }
        }
    }

    /// A tiny spread on a large mean: one pass over squares in Float would lose all of it.
    @Test func aTinyVarianceSurvivesALargeMean() {
        let x = Tensor(shape: [1000, 1], values: (0..<1000).map { 4096 + Float($0 % 2) / 1024 })
        let (mean, variance) = Engine(threads: 2).batchStatistics(x)
        #expect(mean.values == [Float(4096 + 0.5 / 1024)])
        #expect(variance.values == [0.25 / 1024 / 1024])
    }

    @Test(arguments: channels) func instructionSetsAndThreadsMoveNoBit(channels: Int) {
        let x = numbers([3, 20, 20, channels], "x")
        let dy = numbers([3, 20, 20, channels], "dy")
        let (weight, bias) = (numbers([channels], "weight"), numbers([channels], "bias"))
        func run(_ engine: Engine) -> [[UInt32]] {
            let (mean, variance) = engine.batchStatistics(x)
            var tensors = (0..<4).map { _ in Tensor(shape: [0]) }
            engine.batchNormalise(
                x, mean: mean, variance: variance, weight: weight, bias: bias, epsilon: 1e-5,
                into: &tensors[0])
            var (dx, dw, db) = (Tensor(shape: [0]), Tensor(shape: [0]), Tensor(shape: [0]))
            engine.batchNormaliseGradient(
                dy, x: x, mean: mean, variance: variance, weight: weight, epsilon: 1e-5, into: &dx,
                weightGradient: &dw, biasGradient: &db)
            return [mean.bits, variance.bits, tensors[0].bits, dx.bits, dw.bits, db.bits]
        }
        let expected = run(engines[0])
        for engine in engines { #expect(run(engine) == expected, "\(engine.instructionSet)") }
        for threads in [1, 2, 3, 5, 8] {
            #expect(run(Engine(threads: threads)) == expected, "\(threads) threads")
        }
    }

    /// Values and all three gradients against a forward pass in Double that has its own statistics.
    @Test func gradientsMatchCentralDifferences() {
        let (rows, channels, epsilon) = (12, 3, 1e-3)
        let (x, dy) = (numbers([rows, channels], "x"), numbers([rows, channels], "dy"))
        let (weight, bias) = (numbers([channels], "weight"), numbers([channels], "bias"))
        func forward(_ x: [Double], _ weight: [Double], _ bias: [Double]) -> [Double] {
            var y = x
            for c in 0..<channels {
                let column = (0..<rows).map { x[$0 * channels + c] }
                let mean = column.reduce(0, +) / Double(rows)
                let squares = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
                let deviation = (squares / Double(rows) + epsilon).squareRoot()
                for row in 0..<rows {
                    y[row * channels + c] = (column[row] - mean) / deviation * weight[c] + bias[c]
                }
            }
            return y
        }
        func loss(_ y: [Double]) -> Double {
            zip(y, dy.values).reduce(0) { $0 + $1.0 * Double($1.1) }
        }
        let (x64, w64, b64) = (
            x.values.map(Double.init), weight.values.map(Double.init), bias.values.map(Double.init)
        )
        let engine = Engine(threads: 2)
        let (mean, variance) = engine.batchStatistics(x)
        var y = Tensor(shape: [0])
        engine.batchNormalise(
            x, mean: mean, variance: variance, weight: weight, bias: bias, epsilon: Float(epsilon),
            into: &y)
        for (found, expected) in zip(y.values, forward(x64, w64, b64)) {
            #expect(abs(Double(found) - expected) <= 1e-6 * max(1, abs(expected)))
        }
        var (dx, dw, db) = (Tensor(shape: [0]), Tensor(shape: [0]), Tensor(shape: [0]))
        engine.batchNormaliseGradient(
            dy, x: x, mean: mean, variance: variance, weight: weight, epsilon: Float(epsilon),
            into: &dx, weightGradient: &dw, biasGradient: &db)
        expectGradient(dx, at: x64) { loss(forward($0, w64, b64)) }
        expectGradient(dw, at: w64) { loss(forward(x64, $0, b64)) }
        expectGradient(db, at: b64) { loss(forward(x64, w64, $0)) }
    }
}
