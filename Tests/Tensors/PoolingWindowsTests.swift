// Pooling with gaps, uneven divisors and windows beyond the padding, against plain loops here.

import Testing

@testable import Tensors

@Suite("Pooling with gaps and divisors")
struct PoolingWindowsTests {
    /// Channels on both sides of every vector width; gaps, windows beyond the padding, both divisors.
    static let cases: [PoolingWindows] = [1, 3, 16, 17, 33].flatMap { channels in
        [true, false].flatMap { counts in
            [
                PoolingWindows(
                    input: [6, 7, channels], output: [3, 7], kernel: [3, 2], stride: [2, 1],
                    dilation: [2, 2], padding: Padding(top: 2, left: 1, bottom: 1, right: 1),
                    countsPadding: counts),
                PoolingWindows(
                    input: [6, 6, channels], output: [4, 4], kernel: [3, 3], stride: [2, 2],
                    dilation: [1, 1], padding: Padding(1, 1), countsPadding: counts),
                PoolingWindows(
                    input: [5, 4, channels], output: [2, 2], kernel: [2, 1], stride: [3, 3],
                    dilation: [3, 1], padding: Padding(), countsPadding: counts),
            ]
        }
    }

    /// Places of a window's pixels within the image, in order; and how many lie within the padding.
    private func window(_ w: PoolingWindows, _ index: Int) -> (places: [Int], padded: Int) {
        let (ox, oy) = (index % w.output[1], index / w.output[1] % w.output[0])
        let n = index / w.output[1] / w.output[0]
        var (places, padded) = ([Int](), 0)
        for kh in 0..<w.kernel[0] {
            for kw in 0..<w.kernel[1] {
                let y = oy * w.stride[0] + kh * w.dilation[0] - w.padding.top
                let x = ox * w.stride[1] + kw * w.dilation[1] - w.padding.left
                if y < w.input[0] + w.padding.bottom && x < w.input[1] + w.padding.right {
                    padded += 1
                }
                guard (0..<w.input[0]).contains(y) && (0..<w.input[1]).contains(x) else { continue }
                places.append(((n * w.input[0] + y) * w.input[1] + x) * w.input[2])
            }
        }
        return (places, padded)
    }

    @Test(arguments: cases.indices) func meansAndTheirGradients(index: Int) {
        let w = Self.cases[index]
        let (outputs, channels) = (w.output + [w.input[2]], w.input[2])
        for images in [0, 1, 3] {
            let (x, dy) = (numbers([images] + w.input, "x"), numbers([images] + outputs, "dy"))
            var y = [Float](repeating: 0, count: dy.count)
            var dx = [Float](repeating: 0, count: x.count)
            for e in y.indices {
                let (places, padded) = window(w, e / channels)
                let divisor = Float(w.countsPadding ? padded : places.count)
                let c = e % channels
                y[e] = places.reduce(0) { $0 + x.values[$1 + c] } / divisor
                for place in places { dx[place + c] += dy.values[e] / divisor }
            }
            for engine in engines {
                var (found, gradient) = (Tensor(shape: [0]), Tensor(shape: [0]))
                engine.averagePool(x, windows: w, into: &found)
                #expect(found.shape == [images] + outputs)
                #expect(found.bits == y.map(\.bitPattern), "\(engine.instructionSet)")
                engine.averagePoolGradient(dy, windows: w, into: &gradient)
                #expect(gradient.shape == [images] + w.input)
                #expect(gradient.bits == dx.map(\.bitPattern), "\(engine.instructionSet)")
            }
        }
    }

    @Test(arguments: cases.indices) func maximaAndTheirGradients(index: Int) {
        let w = Self.cases[index]
        let (outputs, channels) = (w.output + [w.input[2]], w.input[2])
        for isTied in [false, true] {
            var x = numbers([2] + w.input, "x")
            if isTied {
                x = Tensor(
                    shape: x.shape, values: x.values.map { $0 < -0.5 ? -0.0 : $0 < 0 ? 0 : 0.25 })
            }
            let dy = numbers([2] + outputs, "dy")
            var y = [Float](repeating: 0, count: dy.count)
            var dx = [Float](repeating: 0, count: x.count)
            for e in y.indices {
                let places = window(w, e / channels).places.map { $0 + e % channels }
                var best = places[0]
                for place in places where x.values[place] > x.values[best] { best = place }
                y[e] = x.values[best]
                dx[best] += dy.values[e]
            }
            for engine in engines {
                var (found, gradient) = (Tensor(shape: [0]), Tensor(shape: [0]))
                engine.maxPool(x, windows: w, into: &found)
                #expect(found.bits == y.map(\.bitPattern), "\(engine.instructionSet)")
                engine.maxPoolGradient(dy, x: x, y: found, windows: w, into: &gradient)
                #expect(gradient.bits == dx.map(\.bitPattern), "\(engine.instructionSet)")
            }
        }
    }

    @Test(arguments: [1, 2, 3, 5, 8]) func threadsMoveNoBit(threads: Int) {
        let w = PoolingWindows(
            input: [33, 31, 40], output: [16, 27], kernel: [3, 3], stride: [2, 1],
            dilation: [1, 2], padding: Padding(), countsPadding: false)
        let (x, dy) = (numbers([5] + w.input, "x"), numbers([5, 16, 27, 40], "dy"))
        func run(_ engine: Engine) -> [[UInt32]] {
            var (y, dx, mean) = (Tensor(shape: [0]), Tensor(shape: [0]), Tensor(shape: [0]))
            engine.maxPool(x, windows: w, into: &y)
            engine.maxPoolGradient(dy, x: x, y: y, windows: w, into: &dx)
            engine.averagePool(x, windows: w, into: &mean)
            let bits = [y.bits, dx.bits, mean.bits]
            engine.averagePoolGradient(dy, windows: w, into: &dx)
            return bits + [dx.bits]
        }
        #expect(run(Engine(threads: threads)) == run(Engine(threads: 1)))
    }
}
