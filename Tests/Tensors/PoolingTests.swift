import CKernels
import Testing

@testable import Tensors

@Suite("Pooling")
struct PoolingTests {
    /// One pixel, windows as large as the padded image, overlapping windows, gaps, uneven padding,
    /// odd sizes under the usual two by two, channels on both sides of every vector width.
    static let shapes: [PoolingShape] = {
        var shapes: [PoolingShape] = []
        for (index, channels) in [1, 3, 5, 16, 17, 33].enumerated() {
            let odd = index % 2
            shapes += [
                PoolingShape(
                    inputHeight: 1, inputWidth: 1, channels: channels, kernel: (1, 1),
                    stride: (1, 1)),
                PoolingShape(
                    inputHeight: 1, inputWidth: 2, channels: channels, kernel: (3, 3),
                    stride: (2, 2), padding: (1, 1)),
                PoolingShape(
                    inputHeight: 4 + odd, inputWidth: 7 - odd, channels: channels, kernel: (2, 2),
                    stride: (2, 2)),
                PoolingShape(
                    inputHeight: 7, inputWidth: 6, channels: channels, kernel: (3, 3),
                    stride: (2, 2), padding: (1, 1)),
                PoolingShape(
                    inputHeight: 6, inputWidth: 7, channels: channels, kernel: (2, 3),
                    stride: (1, 1), padding: Padding(top: 0, left: 2, bottom: 1, right: 0)),
                PoolingShape(
                    inputHeight: 9, inputWidth: 8, channels: channels, kernel: (2, 1),
                    stride: (3, 4)),
                PoolingShape(
                    inputHeight: 3, inputWidth: 3, channels: channels, kernel: (5, 4),
                    stride: (1, 1)),
            ]
        }
        return shapes
    }()

    /// The places (in elements of the batch) of a window's pixels, in order of the taps.
    private func places(_ shape: PoolingShape, window: Int, channel: Int) -> [Int] {
        let ox = window % shape.outputWidth
        let oy = window / shape.outputWidth % shape.outputHeight
        let n = window / shape.outputWidth / shape.outputHeight
        var places: [Int] = []
        for kh in 0..<shape.kernelHeight {
            for kw in 0..<shape.kernelWidth {
                let y = oy * shape.strideHeight + kh - shape.padding.top
                let x = ox * shape.strideWidth + kw - shape.padding.left
                guard (0..<shape.inputHeight).contains(y) && (0..<shape.inputWidth).contains(x)
                else { continue }
                places.append(
                    ((n * shape.inputHeight + y) * shape.inputWidth + x) * shape.channels + channel)
            }
        }
        return places
    }

    /// Few distinct values, so that ties are everywhere.
    private func ties(_ shape: [Int]) -> Tensor {
        Tensor(
            shape: shape,
            values: numbers(shape, "ties").values.map {
                $0 < -0.5 ? -0.0 : $0 < 0 ? 0 : $0 < 0.3 ? -.infinity : 0.25
            })
    }

    @Test(arguments: shapes) func maximaAndTheirGradientsAreWhatTheDefinitionSays(
        shape: PoolingShape
    ) {
        for images in [0, 1, 3] {
            for x in [
                numbers([images] + shape.inputSizes, "x"), ties([images] + shape.inputSizes),
            ] {
                let dy = numbers([images] + shape.outputSizes, "dy")
                var y = [Float](repeating: 0, count: dy.count)
                var dx = [Float](repeating: 0, count: x.count)
                for index in y.indices {
                    let window = index / shape.channels
                    let places = places(shape, window: window, channel: index % shape.channels)
                    // The first of the largest: `max(by:)` would give the last.
                    var best = places[0]
                    for place in places where x.values[place] > x.values[best] { best = place }
                    y[index] = x.values[best]
                    dx[best] += dy.values[index]  // windows come in ascending order
                }
                for engine in engines {
                    var (found, gradient) = (Tensor(shape: [0]), Tensor(shape: [0]))
                    engine.maxPool(x, shape: shape, into: &found)
                    #expect(found.shape == [images] + shape.outputSizes)
                    #expect(found.bits == y.map(\.bitPattern), "\(engine.instructionSet)")
                    engine.maxPoolGradient(dy, x: x, y: found, shape: shape, into: &gradient)
                    #expect(gradient.shape == [images] + shape.inputSizes)
                    #expect(gradient.bits == dx.map(\.bitPattern), "\(engine.instructionSet)")
                }
            }
        }
    }

    @Test(arguments: shapes) func meansAndTheirGradientsAreWhatTheDefinitionSays(
        shape: PoolingShape
    ) {
        let count = Float(shape.kernelHeight * shape.kernelWidth)
        for images in [0, 1, 3] {
            let x = numbers([images] + shape.inputSizes, "x")
            let dy = numbers([images] + shape.outputSizes, "dy")
            var y = [Float](repeating: 0, count: dy.count)
            var dx = [Float](repeating: 0, count: x.count)
            for index in y.indices {
                let window = index / shape.channels
                let places = places(shape, window: window, channel: index % shape.channels)
                y[index] = places.reduce(0) { $0 + x.values[$1] } / count
                for place in places { dx[place] += dy.values[index] }
            }
            dx = dx.map { $0 / count }
            for engine in engines {
                var (found, gradient) = (Tensor(shape: [0]), Tensor(shape: [0]))
                engine.averagePool(x, shape: shape, into: &found)
                #expect(found.bits == y.map(\.bitPattern), "\(engine.instructionSet)")
                engine.averagePoolGradient(dy, shape: shape, into: &gradient)
                #expect(gradient.bits == dx.map(\.bitPattern), "\(engine.instructionSet)")
            }
        }
    }

    /// A NaN is larger than anything; the first of several takes the gradient.
    @Test func notANumberPassesThroughTheMaximum() {
        let shape = PoolingShape(
            inputHeight: 2, inputWidth: 4, channels: 17, kernel: (2, 2), stride: (2, 2))
        for set in [(2, 2), (1, 2)] {
            let windows = PoolingShape(
                inputHeight: 2, inputWidth: 4, channels: 17, kernel: (2, 2), stride: set)
            var x = numbers([1] + shape.inputSizes, "x")
            x.withMutableFloats {
                $0[1 * 17 + 4] = .nan  // pixel (0, 1), channel 4
                $0[4 * 17 + 4] = .nan  // pixel (1, 0), channel 4
                $0[4 * 17 + 5] = .nan
            }
            for engine in engines {
                var (y, dx) = (Tensor(shape: [0]), Tensor(shape: [0]))
                engine.maxPool(x, shape: windows, into: &y)
                let dy = Tensor(shape: y.shape, values: (0..<y.count).map { Float($0 + 1) })
                engine.maxPoolGradient(dy, x: x, y: y, shape: windows, into: &dx)
                for channel in 0..<17 {
                    #expect(y.values[channel].isNaN == (channel == 4 || channel == 5))
                    #expect(!y.values[17 + channel].isNaN)
                }
                #expect(dx.values[1 * 17 + 4] == 5)
                #expect(dx.values[4 * 17 + 4] == 0)
                #expect(dx.values[4 * 17 + 5] == 6)
            }
        }
    }

    @Test func globalMeansAddInOrderAndDivideOnce() {
        let x = numbers([3, 4, 5, 18], "x")
        let dy = numbers([3, 18], "dy")
        for engine in engines {
            var (y, dx) = (Tensor(shape: [0]), Tensor(shape: [0]))
            engine.globalAveragePool(x, into: &y)
            #expect(y.shape == [3, 18])
            let expected = (0..<54).map { index -> Float in
                let start = index / 18 * 20 * 18 + index % 18
                var total: Float = 0
                for pixel in 0..<20 { total += x.values[start + pixel * 18] }
                return total / 20
            }
            #expect(y.bits == expected.map(\.bitPattern), "\(engine.instructionSet)")
            engine.globalAveragePoolGradient(dy, height: 4, width: 5, into: &dx)
            #expect(dx.shape == x.shape)
            let spread = (0..<x.count).map { index -> Float in
                let total: Float = 0 + dy.values[index / 360 * 18 + index % 18]
                return total / 20
            }
            #expect(dx.bits == spread.map(\.bitPattern), "\(engine.instructionSet)")
        }
    }

    @Test(arguments: [1, 2, 3, 5, 8]) func threadsMoveNoBit(threads: Int) {
        let shapes = [
            PoolingShape(
                inputHeight: 33, inputWidth: 31, channels: 40, kernel: (2, 2), stride: (2, 2)),
            PoolingShape(
                inputHeight: 33, inputWidth: 31, channels: 40, kernel: (3, 3), stride: (2, 2),
                padding: (1, 1)),
        ]
        func run(_ engine: Engine, _ shape: PoolingShape) -> [[UInt32]] {
            let x = numbers([6] + shape.inputSizes, "x")
            let dy = numbers([6] + shape.outputSizes, "dy")
            var (y, dx, mean) = (Tensor(shape: [0]), Tensor(shape: [0]), Tensor(shape: [0]))
            engine.maxPool(x, shape: shape, into: &y)
            engine.maxPoolGradient(dy, x: x, y: y, shape: shape, into: &dx)
            engine.averagePool(x, shape: shape, into: &mean)
            return [y.bits, dx.bits, mean.bits]
        }
        for shape in shapes {
            #expect(run(Engine(threads: threads), shape) == run(Engine(threads: 1), shape))
        }
    }

    /// Against central differences; pixels lie further apart than the step, so that no maximum
    /// changes its place.
    @Test func gradientsMatchCentralDifferences() {
        let shape = PoolingShape(
            inputHeight: 5, inputWidth: 4, channels: 2, kernel: (3, 2), stride: (2, 1),
            padding: (1, 0))
        let order = (0..<80).map { ($0 * 37) % 80 }
        let x = Tensor(shape: [2] + shape.inputSizes, values: order.map { Float($0) / 64 })
        let dy = numbers([2] + shape.outputSizes, "dy")
        func loss(_ x: [Double], _ pool: ([Double]) -> Double) -> Double {
            dy.values.enumerated().reduce(0) { total, element in
                let (window, channel) = (element.offset / 2, element.offset % 2)
                let pixels = places(shape, window: window, channel: channel).map { x[$0] }
                return total + Double(element.element) * pool(pixels)
            }
        }
        let engine = Engine(threads: 1)
        var (y, dx) = (Tensor(shape: [0]), Tensor(shape: [0]))
        engine.maxPool(x, shape: shape, into: &y)
        engine.maxPoolGradient(dy, x: x, y: y, shape: shape, into: &dx)
        let point = x.values.map(Double.init)
        expectGradient(dx, at: point) { loss($0) { $0.max() ?? 0 } }
        engine.averagePoolGradient(dy, shape: shape, into: &dx)
        expectGradient(dx, at: point) { loss($0) { $0.reduce(0, +) / 6 } }
    }
}
