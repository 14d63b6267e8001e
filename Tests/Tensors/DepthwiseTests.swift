import CKernels
import Testing

@testable import Tensors

@Suite("Depthwise convolutions")
struct DepthwiseTests {
    private static func shape(
        _ height: Int, _ width: Int, _ channels: Int, _ kernel: (Int, Int), _ stride: (Int, Int),
        _ padding: Padding
    ) -> ConvolutionShape {
        ConvolutionShape(
            inputHeight: height, inputWidth: width, inputChannels: channels,
            outputChannels: channels, kernel: kernel, stride: stride, padding: padding,
            groups: channels)
    }

    /// One pixel, kernels larger than the image, channels on both sides of every vector width,
    /// strides that leave a rest or gaps, uneven padding, more taps than a table holds.
    static let shapes: [ConvolutionShape] = {
        var shapes = [
            shape(1, 1, 2, (1, 1), (1, 1), Padding()),
            shape(1, 1, 3, (3, 3), (1, 1), Padding(1, 1)),
            shape(2, 3, 5, (5, 5), (1, 1), Padding(2, 2)),
            shape(2, 3, 17, (5, 5), (2, 2), Padding(2, 2)),
            shape(9, 8, 33, (3, 3), (2, 2), Padding(top: 0, left: 0, bottom: 1, right: 1)),
            shape(7, 9, 70, (4, 3), (3, 2), Padding(1, 2)),
            shape(6, 6, 16, (2, 2), (3, 3), Padding()),
            shape(9, 9, 6, (8, 8), (1, 2), Padding(4, 3)),
            shape(3, 30, 35, (3, 3), (1, 1), Padding(1, 1)),
            shape(2, 2, 2051, (2, 2), (1, 1), Padding(1, 0)),
        ]
        for width in 1...15 {
            shapes.append(shape(4, width, 2 + width, (3, 3), (1, 1), Padding(1, 1)))
            shapes.append(shape(5, 16 - width, 49 + width, (3, 5), (2, 2), Padding(1, 2)))
        }
        return shapes
    }()

    /// Tap-major as the kernels take it, from [C, 1, KH, KW].
    private func tapMajor(_ weight: Tensor, _ shape: ConvolutionShape) -> Tensor {
        let (taps, channels) = (shape.kernelHeight * shape.kernelWidth, shape.inputChannels)
        let values = weight.values
        return Tensor(
            shape: [taps, channels],
            values: (0..<taps * channels).map { values[$0 % channels * taps + $0 / channels] })
    }

    private func sizes(_ engine: Engine, _ shape: ConvolutionShape) -> Bool {
        engine.instructionSet != .reference || shape.flops < 60_000
    }

    @Test(arguments: shapes) func forwardMatchesThePlainLoops(shape: ConvolutionShape) {
        let weight = numbers(shape.weightShape, "w")
        let bias = numbers([shape.inputChannels], "b")
        for images in [0, 1, 3] {
            let x = numbers([images] + shape.inputSizes, "x")
            for (bias, activation) in [
                (nil, Activation.none), (bias, .none), (bias, .relu), (bias, .relu6),
            ] {
                let plain = shape.forwardByReference(x, weight: weight, bias: bias)
                let expected = plain.values.map { value -> UInt32 in
                    switch activation {
                    case .none: value.bitPattern
                    case .relu: (0 > value ? 0 : value).bitPattern
                    case .relu6: (0 > value ? 0 : value > 6 ? 6 : value).bitPattern
                    }
                }
                for engine in engines where sizes(engine, shape) {
                    var y = Tensor(shape: [0])
                    engine.depthwise(
                        x, shape: shape, weight: tapMajor(weight, shape), bias: bias,
                        activation: activation, into: &y)
                    #expect(y.shape == [images] + shape.outputSizes)
                    #expect(y.bits == expected, "\(engine.instructionSet) \(activation)")
                }
            }
        }
    }

    @Test(arguments: shapes) func inputGradientMatchesThePlainLoops(shape: ConvolutionShape) {
        let weight = numbers(shape.weightShape, "w")
        for images in [0, 1, 3] {
            let dy = numbers([images] + shape.outputSizes, "dy")
            let expected = shape.inputGradientByReference(dy, weight: weight).bits
            for engine in engines where sizes(engine, shape) {
                var dx = Tensor(shape: [0])
                engine.depthwiseInputGradient(
                    dy, shape: shape, weight: tapMajor(weight, shape), into: &dx)
                #expect(dx.shape == [images] + shape.inputSizes)
                #expect(dx.bits == expected, "\(engine.instructionSet)")
            }
        }
    }

    @Test(arguments: shapes) func weightGradientMatchesThePlainLoops(shape: ConvolutionShape) {
        for images in [0, 1, 3] {
            let x = numbers([images] + shape.inputSizes, "x")
            let dy = numbers([images] + shape.outputSizes, "dy")
            let plain = shape.weightGradientByReference(dy, x: x, images: 0..<images)
            for engine in engines where sizes(engine, shape) {
                var dw = Tensor(shape: [0])
                engine.depthwiseWeightGradient(dy, x: x, shape: shape, into: &dw)
                #expect(dw.bits == tapMajor(plain, shape).bits, "\(engine.instructionSet)")
            }
        }
    }

    /// 30 × 30 windows: two images a chunk.
    @Test func manyImagesAreSummedInChunksAndATree() {
        let shape = Self.shape(30, 30, 19, (3, 3), (1, 1), Padding(1, 1))
        let x = numbers([7] + shape.inputSizes, "x")
        let dy = numbers([7] + shape.outputSizes, "dy")
        let parts = [0..<2, 2..<4, 4..<6, 6..<7].map {
            shape.weightGradientByReference(dy, x: x, images: $0).values
        }
        let expected = parts[0].indices.map {
            (parts[0][$0] + parts[1][$0]) + (parts[2][$0] + parts[3][$0])
        }
        let plain = Tensor(shape: shape.weightShape, values: expected)
        for engine in engines where engine.instructionSet != .reference {
            var dw = Tensor(shape: [0])
            engine.depthwiseWeightGradient(dy, x: x, shape: shape, into: &dw)
            #expect(dw.bits == tapMajor(plain, shape).bits, "\(engine.instructionSet)")
        }
    }

    @Test(arguments: [1, 2, 3, 5, 8]) func threadsMoveNoBit(threads: Int) {
        let shape = Self.shape(31, 29, 130, (5, 5), (2, 2), Padding(2, 2))
        let x = numbers([5] + shape.inputSizes, "x")
        let dy = numbers([5] + shape.outputSizes, "dy")
        let weight = numbers([25, 130], "w")
        func run(_ engine: Engine) -> [[UInt32]] {
            var (y, dx, dw) = (Tensor(shape: [0]), Tensor(shape: [0]), Tensor(shape: [0]))
            engine.depthwise(
                x, shape: shape, weight: weight, bias: nil, activation: .relu6, into: &y)
            engine.depthwiseInputGradient(dy, shape: shape, weight: weight, into: &dx)
            engine.depthwiseWeightGradient(dy, x: x, shape: shape, into: &dw)
            return [y.bits, dx.bits, dw.bits]
        }
        #expect(run(Engine(threads: threads)) == run(Engine(threads: 1)))
    }

    @Test func anImageDependsOnItselfAlone() {
        let shape = Self.shape(6, 7, 40, (3, 3), (1, 1), Padding(1, 1))
        let x = numbers([9] + shape.inputSizes, "x")
        let weight = numbers([9, 40], "w")
        for engine in engines {
            var (all, one) = (Tensor(shape: [0]), Tensor(shape: [0]))
            engine.depthwise(
                x, shape: shape, weight: weight, bias: nil, activation: .none, into: &all)
            for image in [0, 4, 8] {
                engine.depthwise(
                    x.rows(image..<image + 1), shape: shape, weight: weight, bias: nil,
                    activation: .none, into: &one)
                #expect(one.bits == all.rows(image..<image + 1).bits)
            }
        }
    }

    /// Both gradients against central differences of Σ dy·y, the forward pass in Double.
    @Test func gradientsMatchCentralDifferences() {
        let shape = Self.shape(
            5, 4, 3, (3, 2), (2, 1), Padding(top: 1, left: 0, bottom: 0, right: 1))
        let (x, dy) = (numbers([2] + shape.inputSizes, "x"), numbers([2] + shape.outputSizes, "dy"))
        let weight = numbers([6, 3], "w")
        func loss(_ x: [Double], _ w: [Double]) -> Double {
            var total = 0.0
            for (index, d) in dy.values.enumerated() {
                let (c, window) = (index % 3, index / 3)
                let ox = window % shape.outputWidth
                let oy = window / shape.outputWidth % shape.outputHeight
                let n = window / shape.outputWidth / shape.outputHeight
                for tap in 0..<6 {
                    let (iy, ix) = (2 * oy + tap / 2 - 1, ox + tap % 2)
                    guard (0..<5).contains(iy) && (0..<4).contains(ix) else { continue }
                    total += Double(d) * x[((n * 5 + iy) * 4 + ix) * 3 + c] * w[tap * 3 + c]
                }
            }
            return total
        }
        let (x64, w64) = (x.values.map(Double.init), weight.values.map(Double.init))
        let engine = Engine(threads: 1)
        var (dx, dw) = (Tensor(shape: [0]), Tensor(shape: [0]))
        engine.depthwiseInputGradient(dy, shape: shape, weight: weight, into: &dx)
        engine.depthwiseWeightGradient(dy, x: x, shape: shape, into: &dw)
        expectGradient(dx, at: x64) { loss($0, w64) }
        expectGradient(dw, at: w64) { loss(x64, $0) }
    }

    /// Odd addresses, guard values on both sides, rows from the middle of a batch.
    @Test(arguments: InstructionSet.available)
    func kernelsKeepToTheirElements(set: InstructionSet) throws {
        let kernels = try #require(set.table)
        for channels in [3, 16, 37] {
            let taps = (0..<9).map { ck_tap(y: $0 / 3 - 1, x: $0 % 3 - 1) }
            let rows = Array(0..<9)
            func run(_ kernels: ck_kernels) -> [Float] {
                let x = [0] + numbers([2 * 5 * 9 * channels], "x").values
                let w = [0] + numbers([9 * channels], "w").values
                var y = [Float](repeating: 55, count: 2 + 2 * 5 * 9 * channels)
                taps.withUnsafeBufferPointer { taps in
                    rows.withUnsafeBufferPointer { rows in
                        var shape = ck_depthwise(
                            height: 5, width: 9, channels: channels, out_height: 5, out_width: 9,
                            step_y: 1,
                            step_x: 1, taps: taps.baseAddress, weights: rows.baseAddress, count: 9,
                            image_stride: 45 * channels, row_stride: 9 * channels,
                            pixel_stride: channels)
                        x.withUnsafeBufferPointer { x in
                            w.withUnsafeBufferPointer { w in
                                y.withUnsafeMutableBufferPointer { y in
                                    guard let x = x.baseAddress, let w = w.baseAddress,
                                        let y = y.baseAddress
                                    else { return }
                                    kernels.depthwise(
                                        y + 1, x + 1, w + 1, w + 1, &shape, 0, .infinity, 3, 4)
                                }
                            }
                        }
                    }
                }
                return y
            }
            let y = run(kernels)
            let written = 1 + 27 * channels..<1 + 63 * channels
            #expect(y.indices.allSatisfy { written.contains($0) || y[$0] == 55 }, "\(channels)")
            #expect(y.map(\.bitPattern) == run(ck_kernels_reference).map(\.bitPattern))
        }
    }
}
