import Testing

@testable import Tensors

@Suite("Convolutions")
struct ConvolutionTests {
    /// Awkward sizes: one pixel, kernels as large as the padded image, channels on both sides of
    /// every panel width, strides that leave a rest, groups, uneven padding.
    static let shapes: [ConvolutionShape] = {
        typealias Shape = ConvolutionShape
        var shapes = [
            Shape(
                inputHeight: 1, inputWidth: 1, inputChannels: 1, outputChannels: 1, kernel: (1, 1)),
            Shape(
                inputHeight: 1, inputWidth: 1, inputChannels: 3, outputChannels: 5,
                kernel: (3, 3), padding: Padding(1, 1)),
            Shape(
                inputHeight: 2, inputWidth: 3, inputChannels: 5, outputChannels: 17,
                kernel: (5, 5), padding: Padding(2, 2)),
            Shape(
                inputHeight: 6, inputWidth: 5, inputChannels: 1, outputChannels: 33,
                kernel: (5, 5), padding: Padding(2, 2)),
            Shape(
                inputHeight: 9, inputWidth: 8, inputChannels: 3, outputChannels: 7,
                kernel: (3, 3), stride: (2, 2),
                padding: Padding(top: 0, left: 0, bottom: 1, right: 1)),
            Shape(
                inputHeight: 7, inputWidth: 9, inputChannels: 17, outputChannels: 5,
                kernel: (4, 4), stride: (2, 2), padding: Padding(1, 1)),
            Shape(
                inputHeight: 8, inputWidth: 7, inputChannels: 6, outputChannels: 9,
                kernel: (2, 3), stride: (3, 2), groups: 3),
            Shape(
                inputHeight: 5, inputWidth: 6, inputChannels: 12, outputChannels: 10,
                kernel: (3, 3), padding: Padding(1, 1), groups: 2),
            Shape(
                inputHeight: 4, inputWidth: 4, inputChannels: 2, outputChannels: 3,
                kernel: (1, 1), stride: (2, 2)),
            Shape(
                inputHeight: 3, inputWidth: 40, inputChannels: 4, outputChannels: 6,
                kernel: (3, 3), padding: Padding(1, 1)),
            Shape(
                inputHeight: 6, inputWidth: 6, inputChannels: 70, outputChannels: 40,
                kernel: (3, 3), padding: Padding(1, 1)),
        ]
        // Gaps: as wide as the image, with strides that some pixels lie between, in groups, a channel.
        for (channels, groups, stride) in [
            (1, 1, 1), (3, 1, 2), (17, 1, 2), (20, 1, 1), (6, 3, 3), (6, 6, 2),
        ] {
            shapes.append(
                Shape(
                    inputHeight: 9, inputWidth: 8, inputChannels: channels,
                    outputChannels: groups == 1 ? 7 : 6, kernel: (3, 2), stride: (stride, 1),
                    padding: Padding(top: 2, left: 0, bottom: 1, right: 3), dilation: (2, 3),
                    groups: groups))
            shapes.append(
                Shape(
                    inputHeight: 7, inputWidth: 7, inputChannels: channels,
                    outputChannels: groups == 1 ? 5 : 6, kernel: (3, 3), stride: (2, stride),
                    padding: Padding(2, 2), dilation: (2, 2), groups: groups))
        }
        for channels in [1, 2, 3, 4, 5] {
            shapes.append(
                Shape(
                    inputHeight: 5, inputWidth: 17, inputChannels: channels,
                    outputChannels: 2 * channels, kernel: (3, 5), stride: (1, 2),
                    padding: Padding(1, 2)))
        }
        return shapes
    }()

    private func rectified(_ y: Tensor, _ activation: Activation) -> Tensor {
        Tensor(
            shape: y.shape,
            values: y.values.map { value in
                switch activation {
                case .none: value
                case .relu: 0 > value ? 0 : value
                case .relu6: 0 > value ? 0 : (value > 0.5 * 12 ? 6 : value)
                }
            })
    }

    @Test(arguments: shapes) func forwardMatchesThePlainLoops(shape: ConvolutionShape) {
        let weight = numbers(shape.weightShape, "w")
        let bias = numbers([shape.outputChannels], "b")
        for images in [0, 1, 3] {
            let x = numbers([images] + shape.inputSizes, "x")
            for (bias, activation) in [(nil, .none), (bias, Activation.relu), (bias, .relu6)] {
                let expected = rectified(
                    shape.forwardByReference(x, weight: weight, bias: bias), activation)
                for engine in engines {
                    var weights = ConvolutionWeights(shape)
                    weights.pack(weight, givesInputGradient: false, on: engine)
                    var (y, scratch) = (Tensor(shape: [0]), Tensor(shape: [0]))
                    engine.convolve(
                        x, by: weights, bias: bias, activation: activation, into: &y,
                        scratch: &scratch)
                    #expect(y.shape == expected.shape)
                    #expect(y.bits == expected.bits, "\(engine.instructionSet) \(shape)")
                }
            }
        }
    }

    @Test(arguments: shapes) func inputGradientMatchesThePlainLoops(shape: ConvolutionShape) {
        let weight = numbers(shape.weightShape, "w")
        for images in [0, 1, 3] {
            let dy = numbers([images] + shape.outputSizes, "dy")
            let expected = shape.inputGradientByReference(dy, weight: weight)
            for engine in engines {
                var weights = ConvolutionWeights(shape)
                weights.pack(weight, givesInputGradient: true, on: engine)
                var (dx, scratch) = (Tensor(shape: [0]), Tensor(shape: [0]))
                engine.convolutionInputGradient(dy, by: weights, into: &dx, scratch: &scratch)
                #expect(dx.shape == expected.shape)
                #expect(dx.bits == expected.bits, "\(engine.instructionSet) \(shape)")
            }
        }
    }

    @Test(arguments: shapes) func weightGradientMatchesThePlainLoops(shape: ConvolutionShape) {
        for images in [0, 1, 3] {
            let x = numbers([images] + shape.inputSizes, "x")
            let dy = numbers([images] + shape.outputSizes, "dy")
            let expected = shape.weightGradientByReference(dy, x: x, images: 0..<images)
            for engine in engines {
                var (dw, scratch) = (Tensor(shape: [0]), Tensor(shape: [0]))
                engine.convolutionWeightGradient(
                    dy, x: x, shape: shape, into: &dw, scratch: &scratch)
                #expect(dw.shape == expected.shape)
                #expect(dw.bits == expected.bits, "\(engine.instructionSet) \(shape)")
            }
        }
    }

    /// Seven chunks of two images: parts 0…6 are added as ((0 + 1) + (2 + 3)) + ((4 + 5) + 6).
    @Test func manyImagesAreSummedInChunksAndATree() {
        let shape = ConvolutionShape(
            inputHeight: 26, inputWidth: 22, inputChannels: 2, outputChannels: 3, kernel: (3, 3),
            padding: Padding(1, 1))
        let x = numbers([13] + shape.inputSizes, "x")
        let dy = numbers([13] + shape.outputSizes, "dy")
        var parts = (0..<7).map { chunk in
            shape.weightGradientByReference(
                dy, x: x, images: chunk * 2..<min(13, chunk * 2 + 2)
            ).values
        }
        func add(_ left: Int, _ right: Int) {
            parts[left] = zip(parts[left], parts[right]).map { $0 + $1 }
        }
        add(0, 1)
        add(2, 3)
        add(4, 5)
        add(0, 2)
        add(4, 6)
        add(0, 4)
        for engine in engines where engine.instructionSet != .reference {
            var (dw, scratch) = (Tensor(shape: [0]), Tensor(shape: [0]))
            engine.convolutionWeightGradient(dy, x: x, shape: shape, into: &dw, scratch: &scratch)
            #expect(dw.bits == parts[0].map(\.bitPattern), "\(engine.instructionSet)")
        }
    }

    /// Many tasks of rows and of columns, deeper than a block, several strips of planes.
    @Test(arguments: [
        ConvolutionShape(
            inputHeight: 30, inputWidth: 28, inputChannels: 40, outputChannels: 72, kernel: (3, 3),
            padding: Padding(1, 1)),
        ConvolutionShape(
            inputHeight: 75, inputWidth: 70, inputChannels: 3, outputChannels: 64, kernel: (3, 3),
            padding: Padding(1, 1)),
        ConvolutionShape(
            inputHeight: 31, inputWidth: 33, inputChannels: 20, outputChannels: 24, kernel: (3, 3),
            stride: (2, 2), padding: Padding(1, 1)),
    ])
    func threadsMoveNoBit(shape: ConvolutionShape) {
        let weight = numbers(shape.weightShape, "w")
        let x = numbers([2] + shape.inputSizes, "x")
        let dy = numbers([2] + shape.outputSizes, "dy")
        var expected: [[UInt32]]?
        for threads in [1, 2, 3, 5, 8] {
            let engine = Engine(threads: threads)
            var weights = ConvolutionWeights(shape)
            weights.pack(weight, givesInputGradient: true, on: engine)
            for _ in 0..<4 {
                var (y, dx, dw) = (Tensor(shape: [0]), Tensor(shape: [0]), Tensor(shape: [0]))
                var scratch = Tensor(shape: [0])
                engine.convolve(x, by: weights, into: &y, scratch: &scratch)
                engine.convolutionInputGradient(dy, by: weights, into: &dx, scratch: &scratch)
                engine.convolutionWeightGradient(
                    dy, x: x, shape: shape, into: &dw, scratch: &scratch)
                let found = [y.bits, dx.bits, dw.bits]
                if expected == nil { expected = found }
                #expect(found == expected, "\(threads) threads")
            }
        }
        if let expected {
            #expect(expected[0] == shape.forwardByReference(x, weight: weight).bits)
            #expect(expected[1] == shape.inputGradientByReference(dy, weight: weight).bits)
        }
    }

    @Test func anImageDependsOnItselfAlone() {
        let shape = ConvolutionShape(
            inputHeight: 9, inputWidth: 7, inputChannels: 5, outputChannels: 20, kernel: (3, 3),
            stride: (2, 1), padding: Padding(1, 1))
        let weight = numbers(shape.weightShape, "w")
        let x = numbers([9] + shape.inputSizes, "x")
        for engine in engines {
            var weights = ConvolutionWeights(shape)
            weights.pack(weight, givesInputGradient: true, on: engine)
            var (y, dx, scratch) = (Tensor(shape: [0]), Tensor(shape: [0]), Tensor(shape: [0]))
            engine.convolve(x, by: weights, into: &y, scratch: &scratch)
            engine.convolutionInputGradient(y, by: weights, into: &dx, scratch: &scratch)
            for image in [0, 4, 8] {
                let rows = image..<image + 1
                var (alone, back) = (Tensor(shape: [0]), Tensor(shape: [0]))
                engine.convolve(x.rows(rows), by: weights, into: &alone, scratch: &scratch)
                #expect(alone.bits == y.rows(rows).bits)
                engine.convolutionInputGradient(
                    y.rows(rows), by: weights, into: &back, scratch: &scratch)
                #expect(back.bits == dx.rows(rows).bits)
            }
        }
    }

    @Test func weightsMayBePackedAgainByAnotherEngine() {
        let shape = ConvolutionShape(
            inputHeight: 6, inputWidth: 5, inputChannels: 6, outputChannels: 20, kernel: (3, 3))
        let (w, x) = (numbers(shape.weightShape, "w"), numbers([2, 6, 5, 6], "x"))
        let expected = shape.forwardByReference(x, weight: w)
        let back = shape.inputGradientByReference(expected, weight: w)
        var weights = ConvolutionWeights(shape)
        for engine in engines + engines.reversed() {
            weights.pack(w, givesInputGradient: true, on: engine)
            var (y, scratch) = (Tensor(shape: [0]), Tensor(shape: [0]))
            engine.convolve(x, by: weights, into: &y, scratch: &scratch)
            #expect(y.bits == expected.bits, "\(engine.instructionSet)")
            engine.convolutionInputGradient(expected, by: weights, into: &y, scratch: &scratch)
            #expect(y.bits == back.bits, "\(engine.instructionSet)")
        }
    }

    /// Weights that were packed by nobody, for other tiles, or without the gradient that is asked for
    /// (of six channels, and of two: lanes along channels, and along pixels) are not passed over.
    @Test(arguments: 0..<4) func weightsThatWereNotPackedForItAreRefused(mistake: Int) async {
        await #expect(processExitsWith: .failure) { [mistake] in
            let shape = ConvolutionShape(
                inputHeight: 4, inputWidth: 4, inputChannels: mistake == 3 ? 2 : 6,
                outputChannels: 3, kernel: (3, 3))
            var weights = ConvolutionWeights(shape)
            let w = numbers(shape.weightShape, "w")
            var (y, scratch) = (Tensor(shape: [0]), Tensor(shape: [0]))
            switch mistake {
            case 0: break
            case 1: weights.pack(w, givesInputGradient: false, on: engines[0])
            default: weights.pack(w, givesInputGradient: false, on: engines[1])
            }
            if mistake < 2 {
                engines[1].convolve(
                    numbers([1, 4, 4, 6], "x"), by: weights, into: &y, scratch: &scratch)
            } else {
                engines[1].convolutionInputGradient(
                    numbers([1, 2, 2, 3], "dy"), by: weights, into: &y, scratch: &scratch)
            }
        }
    }

    @Test func aKernelThatDoesNotFitGivesNothing() {
        let shape = ConvolutionShape(
            inputHeight: 2, inputWidth: 2, inputChannels: 6, outputChannels: 3, kernel: (5, 5))
        let engine = Engine(threads: 2)
        var weights = ConvolutionWeights(shape)
        weights.pack(numbers(shape.weightShape, "w"), givesInputGradient: true, on: engine)
        var (y, scratch) = (Tensor(shape: [0]), Tensor(shape: [0]))
        engine.convolve(numbers([3, 2, 2, 6], "x"), by: weights, into: &y, scratch: &scratch)
        #expect(y.shape == [3, 0, 0, 3])
    }

    @Test(arguments: [
        (1, 700, 300), (1, 7, 1), (2, 9, 1100), (3, 65, 33), (4, 300, 50), (40, 300, 65),
        (400, 33, 20),
    ])
    func streamedWeightsGiveTheSameBits(m: Int, k: Int, n: Int) {
        let (a, bias) = (numbers([m, k], "a"), numbers([n], "bias"))
        for orientation in [Orientation.plain, .transposed] {
            let b = numbers(orientation == .plain ? [k, n] : [n, k], "b")
            let expected = rectified(
                Engine.multiplyByReference(a, .plain, by: b, orientation, bias: bias), .relu)
            for engine in engines where engine.instructionSet != .reference {
                var (c, scratch) = (Tensor(shape: [0]), Tensor(shape: [0]))
                engine.multiply(
                    a, streaming: b, orientation, bias: bias, activation: .relu, into: &c,
                    scratch: &scratch)
                #expect(c.bits == expected.bits, "\(engine.instructionSet) streamed")
                engine.multiply(
                    a, by: PackedMatrix(b, orientation, on: engine), bias: bias,
                    activation: .relu, into: &c, scratch: &scratch)
                #expect(c.bits == expected.bits, "\(engine.instructionSet) packed")
            }
        }
    }
}
