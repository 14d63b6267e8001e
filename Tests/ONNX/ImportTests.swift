// Each operator that the import knows, on small numbers that floats hold exactly.

import Formats
import Networks
import Tensors
import Testing

@testable import ONNX

@Suite struct ImportTests {
    /// y[o] = b[o] + Σ x[i]·w[i][o] of one row.
    private static func product(
        _ x: [Float], _ weight: (Int, Int) -> Float, outputs: Int, bias: [Float]? = nil
    ) -> [Float] {
        (0..<outputs).map { output in
            x.indices.reduce(bias?[output] ?? 0) { $0 + x[$1] * weight($1, output) }
        }
    }

    @Test func gemmTakesItsWeightEitherWay() throws {
        let x = pixels(6)
        for isTransposed in [false, true] {
            var model = ModelFixture(input: [nil, 6])
            let weight = model.weight("w", isTransposed ? [4, 6] : [6, 4])
            let bias = model.weight("b", [4])
            model.node("Gemm", ["x", "w", "b"], to: "y", ["transB": isTransposed ? 1 : 0])
            let network = try model.network()
            let expected = Self.product(
                x, { isTransposed ? weight[$1 * 6 + $0] : weight[$0 * 4 + $1] }, outputs: 4,
                bias: bias)
            #expect(try network.logits(x) == expected)
            #expect(network.notes.isEmpty)
        }
    }

    @Test func gemmScalesAndSaysSo() throws {
        var model = ModelFixture(input: [1, 6])
        let weight = model.weight("w", [6, 4])
        let bias = model.weight("b", [1, 4])
        model.node("Gemm", ["x", "w", "b"], to: "y", ["alpha": Float(0.5), "beta": Float(2)])
        let network = try model.network()
        let expected = Self.product(
            pixels(6), { weight[$0 * 4 + $1] / 2 }, outputs: 4, bias: bias.map { 2 * $0 })
        #expect(try network.logits(pixels(6)) == expected)
        #expect(network.notes.contains { $0.contains("alpha, 0.5") })
        #expect(network.notes.contains { $0.contains("beta, 2.0") })
    }

    @Test func anAddAfterMatMulIsItsBias() throws {
        var model = ModelFixture(input: [nil, 6])
        let weight = model.weight("fc.weight", [6, 4])
        let bias = model.weight("b", [4])
        model.node("MatMul", ["x", "fc.weight"], to: "m")
        model.node("Add", ["b", "m"], to: "y")
        let network = try model.network()
        #expect(network.kinds == ["linear"])
        #expect(network.parameters.keys.sorted() == ["fc.bias", "fc.weight"])
        #expect(
            try network.logits(pixels(6))
                == Self.product(pixels(6), { weight[$0 * 4 + $1] }, outputs: 4, bias: bias))
    }

    /// Only where nobody else reads the product, by whatever name.
    @Test func anAddOfWhatOthersReadTooIsNoBias() throws {
        var model = ModelFixture(input: [nil, 6])
        let weight = model.weight("w", [6, 4])
        let bias = model.weight("b", [4])
        model.node("MatMul", ["x", "w"], to: "m")
        model.node("Identity", ["m"], to: "i")
        model.node("Add", ["i", "b"], to: "a")
        model.node("Relu", ["m"], to: "r")
        model.node("Add", ["a", "r"], to: "y")
        let product = Self.product(pixels(6), { weight[$0 * 4 + $1] }, outputs: 4)
        let expected = zip(product, bias).map { ($0 + $1) + max(0, $0) }
        #expect(try model.network().logits(pixels(6)) == expected)
    }

    /// A convolution written out; maps [C, H, W].
    private static func convolved(
        _ x: [Float], _ shape: [Int], _ weight: [Float], _ kernel: [Int], groups: Int,
        stride: [Int], pads: [Int]
    ) -> [Float] {
        let (height, width) = (shape[1], shape[2])
        let (inputs, rows, columns) = (kernel[1], kernel[2], kernel[3])
        let outHeight = (height + pads[0] + pads[2] - rows) / stride[0] + 1
        let outWidth = (width + pads[1] + pads[3] - columns) / stride[1] + 1
        var result: [Float] = []
        for output in 0..<kernel[0] {
            let group = output / (kernel[0] / groups)
            for y in 0..<outHeight {
                for z in 0..<outWidth {
                    var sum: Float = 0
                    for input in 0..<inputs {
                        for row in 0..<rows {
                            for column in 0..<columns {
                                let (i, j) = (
                                    y * stride[0] + row - pads[0],
                                    z * stride[1] + column - pads[1]
                                )
                                guard (0..<height).contains(i), (0..<width).contains(j) else {
                                    continue
                                }
                                let channel = group * inputs + input
                                sum +=
                                    x[(channel * height + i) * width + j]
                                    * weight[
                                        ((output * inputs + input) * rows + row) * columns + column]
                            }
                        }
                    }
                    result.append(sum)
                }
            }
        }
        return result
    }

    struct Window: Sendable {
        var kernel: [Int], groups = 1, stride = [1, 1], pads = [0, 0, 0, 0], mode = "NOTSET"
        /// What is written into the file; nil: the pads themselves.
        var stated: [Int]?
    }

    @Test(arguments: [
        Window(kernel: [6, 4, 3, 3]),
        Window(kernel: [6, 4, 3, 2], stride: [2, 1], pads: [1, 0, 2, 1]),
        Window(kernel: [6, 2, 3, 3], groups: 2, pads: [1, 1, 1, 1]),
        Window(kernel: [4, 1, 3, 3], groups: 4, pads: [1, 1, 1, 1]),
        // Of 6 × 5 pixels by 2: 3 × 3 windows, one row of padding and two columns.
        Window(kernel: [6, 4, 3, 3], stride: [2, 2], pads: [0, 1, 1, 1], mode: "SAME_UPPER"),
        Window(kernel: [6, 4, 3, 3], stride: [2, 2], pads: [1, 1, 0, 1], mode: "SAME_LOWER"),
        Window(kernel: [6, 4, 3, 3], stride: [2, 2], mode: "VALID"),
    ])
    func convolutionsPadAndStrideAsTheFileSays(window: Window) throws {
        var model = ModelFixture(input: [nil, 4, 6, 5])
        let weight = model.weight("conv.weight", window.kernel)
        if window.mode == "NOTSET" {
            model.node(
                "Conv", ["x", "conv.weight"], to: "y",
                ["pads": window.pads, "strides": window.stride, "group": window.groups])
        } else {
            model.node(
                "Conv", ["x", "conv.weight"], to: "y",
                ["auto_pad": window.mode, "strides": window.stride, "group": window.groups])
        }
        let network = try model.network(.init(flattensOutput: true))
        let x = pixels(120)
        #expect(
            try network.logits(x)
                == Self.convolved(
                    x, [4, 6, 5], weight, window.kernel, groups: window.groups,
                    stride: window.stride, pads: window.pads))
        #expect(network.parameters["conv.weight"]?.values == weight)
    }

    @Test func aRowOfPixelsIsAnImageOfOneRow() throws {
        var model = ModelFixture(input: [nil, 3, 8])
        let weight = model.weight("w", [5, 3, 3])
        model.node("Conv", ["x", "w"], to: "y", ["strides": [2], "pads": [1, 1]])
        let network = try model.network(.init(flattensOutput: true))
        #expect(network.architecture.imageShape == [3, 1, 8])
        #expect(
            try network.logits(pixels(24))
                == Self.convolved(
                    pixels(24), [3, 1, 8], weight, [5, 3, 1, 3], groups: 1, stride: [1, 2],
                    pads: [0, 1, 0, 1]))
    }

    @Test func batchNormalizationStaysALayerOfItsOwn() throws {
        var model = ModelFixture(input: [nil, 2, 2, 2])
        model.weight("bn.weight", [2], [1.5, -2])
        model.weight("bn.bias", [2], [0.25, 1])
        model.weight("bn.running_mean", [2], [0.5, 0.25])
        model.weight("bn.running_var", [2], [4, 0.25])
        model.node(
            "BatchNormalization",
            ["x", "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var"], to: "y",
            ["epsilon": Float(0)])
        let network = try model.network(.init(flattensOutput: true))
        #expect(network.kinds == ["channels-last", "batch-norm", "flatten"])
        let x = pixels(8)
        let expected =
            x[..<4].map { ($0 - 0.5) / 2 * 1.5 + 0.25 } + x[4...].map { ($0 - 0.25) / 0.5 * -2 + 1 }
        #expect(try network.logits(x) == expected)
    }

    @Test func whatIsDoneToPixelsFirstIsTheirNormalisation() throws {
        var model = ModelFixture(input: [nil, 3, 2, 2])
        model.weight("mean", [1, 3, 1, 1], [0.5, 0.25, 0.125])
        model.weight("std", [3, 1, 1], [0.5, 0.25, 2])
        model.node("Constant", [], to: "two", ["value_float": Float(2)])
        model.node("Mul", ["x", "two"], to: "a")
        model.node("Sub", ["a", "mean"], to: "b")
        model.node("Div", ["b", "std"], to: "c")
        model.node("Relu", ["c"], to: "y")
        let network = try model.network(.init(flattensOutput: true))
        #expect(network.kinds == ["normalise", "relu", "flatten"])
        let layer = try #require(network.architecture.layers.first as? Normalise)
        #expect(layer.mean == [0.25, 0.125, 0.0625])
        #expect(layer.deviation == [0.25, 0.125, 1])
        let (means, deviations): ([Float], [Float]) = ([0.5, 0.25, 0.125], [0.5, 0.25, 2])
        let expected = pixels(12).enumerated().map {
            max(0, (2 * $1 - means[$0 / 4]) / deviations[$0 / 4])
        }
        #expect(try network.logits(pixels(12)) == expected)
        #expect(network.notes.contains { $0.hasPrefix("the normalisation of pixels") })
    }

    /// The same network as PyTorch and as TensorFlow write it.
    @Test func channelsLastAtTheEdgesIsResolved() throws {
        func network(isLast: Bool) throws -> ONNXNetwork {
            var model = ModelFixture(input: isLast ? [nil, 5, 6, 2] : [nil, 2, 5, 6])
            let kernel = [3, 2, 2, 3]
            model.weight("conv.weight", kernel)
            var dense = [Float](repeating: 0, count: 4 * 48)
            for (channel, place, output) in (0..<3).flatMap({ c in
                (0..<16).flatMap { p in (0..<4).map { (c, p, $0) } }
            }) {
                let row = isLast ? place * 3 + channel : channel * 16 + place
                dense[row * 4 + output] = Float((channel * 7 + place * 5 + output * 3) % 11) / 8
            }
            model.weight("dense", [48, 4], dense)
            model.integers("row", [-1, 48])
            if isLast { model.node("Transpose", ["x"], to: "t", ["perm": [0, 3, 1, 2]]) }
            model.node("Conv", [isLast ? "t" : "x", "conv.weight"], to: "c")
            model.node("Relu", ["c"], to: "r")
            if isLast { model.node("Transpose", ["r"], to: "u", ["perm": [0, 2, 3, 1]]) }
            model.node("Reshape", [isLast ? "u" : "r", "row"], to: "f")
            model.node("MatMul", ["f", "dense"], to: "y")
            return try model.network()
        }
        let (first, last) = (try network(isLast: false), try network(isLast: true))
        #expect(last.architecture.imageShape == [2, 5, 6])
        #expect(last.kinds == first.kinds)
        #expect(last.parameters.mapValues(\.values) == first.parameters.mapValues(\.values))
        #expect(try last.logits(pixels(60)) == first.logits(pixels(60)))
        #expect(last.notes.contains { $0.contains("[H, W, C] to [C, H, W]") })
        #expect(first.notes.isEmpty)
    }

    @Test func pools() throws {
        func pooled(_ kind: String, _ attributes: KeyValuePairs<String, Any>) throws -> [Float] {
            var model = ModelFixture(input: [nil, 1, 4, 4])
            model.node(kind, ["x"], to: "y", attributes)
            return try model.network(.init(flattensOutput: true)).logits(pixels(16))
        }
        let x = pixels(16)
        func window(_ row: Int, _ column: Int) -> [Float] {
            [
                x[row * 4 + column], x[row * 4 + column + 1], x[row * 4 + column + 4],
                x[row * 4 + column + 5],
            ]
        }
        let corners = [window(0, 0), window(0, 2), window(2, 0), window(2, 2)]
        #expect(
            try pooled("MaxPool", ["kernel_shape": [2, 2], "strides": [2, 2]])
                == corners.map { $0.max() ?? 0 })
        #expect(
            try pooled("AveragePool", ["kernel_shape": [2, 2], "strides": [2, 2]])
                == corners.map { $0.reduce(0, +) / 4 })
        let mean = x.reduce(0, +) / 16
        #expect(try pooled("AveragePool", ["kernel_shape": [4, 4]]) == [0, mean])
        #expect(try pooled("GlobalAveragePool", [:]) == [0, mean])
        #expect(try pooled("ReduceMean", ["axes": [2, 3], "keepdims": 0]) == [0, mean])
        #expect(try pooled("ReduceMean", ["axes": [-1, -2]]) == [0, mean])
    }

    @Test func aSkipConnectionIsAResidual() throws {
        var model = ModelFixture(input: [nil, 2, 3, 3])
        model.weight("a.weight", [2, 2, 1, 1], [1, 0.5, -0.5, 2])
        model.node("Relu", ["x"], to: "r")
        model.node("Conv", ["r", "a.weight"], to: "c")
        model.node("Add", ["c", "r"], to: "s")
        model.node("GlobalAveragePool", ["s"], to: "g")
        model.node("Flatten", ["g"], to: "y")
        let network = try model.network()
        let x = pixels(18)
        var sums: [Float] = [0, 0]
        for place in 0..<9 {
            let (a, b) = (x[place], x[9 + place])
            sums[0] += a + (a + 0.5 * b)
            sums[1] += b + (2 * b - 0.5 * a)
        }
        let logits = try network.logits(x)
        #expect(zip(logits, sums).allSatisfy { abs($0 - $1 / 9) < 1e-6 })
    }

    @Test func theLastSoftmaxIsLeftOutAndOneLogitIsTwoClasses() throws {
        var model = ModelFixture(input: [nil, 6])
        model.weight("w", [6, 1])
        model.node("Gemm", ["x", "w"], to: "g")
        let logit = try model.network().logits(pixels(6))
        #expect(logit.count == 2 && logit[0] == 0 && logit[1] != 0)
        model.node("Sigmoid", ["g"], to: "s")
        let network = try model.network()
        #expect(try network.logits(pixels(6)) == logit)
        #expect(network.notes.count == 2)
        // Whatever still follows it: a probability, which is never negative, would be class 1 always.
        model.node("Flatten", ["s"], to: "f")
        #expect(try model.network().logits(pixels(6)) == logit)
        var several = ModelFixture(input: [nil, 6])
        several.weight("w", [6, 3])
        several.node("Gemm", ["x", "w"], to: "g")
        let logits = try several.network().logits(pixels(6))
        several.node("Softmax", ["g"], to: "s", ["axis": 1])
        several.node("Identity", ["s"], to: "y")
        #expect(try several.network().logits(pixels(6)) == logits)
        // One that is not the last is a layer.
        several.node("Relu", ["y"], to: "z")
        let inner = try several.network()
        #expect(inner.kinds == ["linear", "softmax", "relu"])
        #expect(abs(try inner.logits(pixels(6)).reduce(0, +) - 1) < 1e-6)
    }

    /// What PyTorch writes for `x.view(x.size(0), -1)`.
    @Test func chainsOfShapesVanish() throws {
        var model = ModelFixture(input: [nil, 2, 3, 3])
        model.weight("w", [18, 4])
        model.node("Relu", ["x"], to: "r")
        model.node("Shape", ["r"], to: "shape")
        model.node(
            "Constant", [], to: "zero", ["value": ModelFixture.tensor("", [], integers: [0])])
        model.node("Gather", ["shape", "zero"], to: "count", ["axis": 0])
        model.integers("axes", [0])
        model.node("Unsqueeze", ["count", "axes"], to: "counts")
        model.integers("rest", [-1])
        model.node("Concat", ["counts", "rest"], to: "sizes", ["axis": 0])
        model.node("Reshape", ["r", "sizes"], to: "f")
        model.node("MatMul", ["f", "w"], to: "y")
        let network = try model.network()
        #expect(network.kinds == ["channels-last", "relu", "flatten", "linear"])
        #expect(network.architecture.classes == 4)
        #expect(network.operators["Gather"] == 1)
    }

    @Test func aRowBecomesTheImageThatTheGraphMakesOfIt() throws {
        var model = ModelFixture(input: [nil, 16])
        model.weight("w", [2, 1, 3, 3])
        model.integers("image", [-1, 1, 4, 4])
        model.node("Reshape", ["x", "image"], to: "i")
        model.node("Conv", ["i", "w"], to: "c")
        model.node("Flatten", ["c"], to: "y")
        #expect(try model.network().architecture.imageShape == [1, 4, 4])
        #expect(
            model.message(.init(imageShape: [4, 2, 2]))
                == "net.onnx: node “Conv_c” (Conv): expected maps [1, 4, 4], found an image [4, 2, 2] from the images"
        )
    }

    @Test func theUserSaysTheShapeOfAnImage() throws {
        var model = ModelFixture(input: [1, 16, 1])
        model.weight("w", [3, 16])
        model.node("Flatten", ["x"], to: "f")
        model.node("Gemm", ["f", "w"], to: "y", ["transB": 1])
        #expect(try model.network().architecture.imageShape == [16, 1, 1])
        #expect(
            try model.network(.init(imageShape: [1, 4, 4])).architecture.imageShape == [1, 4, 4])
    }

    @Test func sizesThatAreOpenAreAskedFor() throws {
        var model = ModelFixture(input: [nil, 2, nil, nil])
        model.node("GlobalAveragePool", ["x"], to: "y")
        #expect(
            model.message()
                == "net.onnx: its input “x” is [N, 2, N, N]: the size of an image is left open; say the size, as in SIZE=224"
        )
        #expect(try model.network(.init(size: [8, 6])).architecture.imageShape == [2, 8, 6])
    }

    @Test func channelsThatAreOpenAreAskedForOrThoseOfTheFirstConvolution() throws {
        var pooled = ModelFixture(input: [nil, nil, nil, nil])
        pooled.node("GlobalAveragePool", ["x"], to: "y")
        let words =
            "net.onnx: its input “x” is [N, N, N, N]: the size of an image is left open; say the shape of an image, as in SET=\"fetch-mine-net.image=3,224,224\""
        #expect(pooled.message() == words)
        #expect(pooled.message(.init(size: [8, 6])) == words)
        #expect(
            try pooled.network(.init(imageShape: [2, 8, 6])).architecture.imageShape == [2, 8, 6])

        var convolved = ModelFixture(input: [nil, nil, nil, nil])
        convolved.weight("w", [4, 3, 3, 3])
        convolved.node("Conv", ["x", "w"], to: "c")
        convolved.node("GlobalAveragePool", ["c"], to: "y")
        #expect(convolved.message().hasSuffix("left open; say the size, as in SIZE=224"))
        #expect(
            try convolved.network(.init(size: [8, 6])).architecture.imageShape == [3, 8, 6])
    }

    @Test func sizesThatContradictTheFileAreNamed() {
        var model = ModelFixture(input: [nil, 2, 8, 6])
        model.node("GlobalAveragePool", ["x"], to: "y")
        #expect(
            model.message(.init(size: [9, 6]))
                == "net.onnx: its input “x” is [N, 2, 8, 6], which is no image of the size asked for, [9, 6]; leave SIZE out"
        )
        #expect(
            model.message(.init(imageShape: [3, 8, 6]))
                == "net.onnx: its input “x” is [N, 2, 8, 6], which is no image of the size asked for, [3, 8, 6]; leave the image's shape out, or say that of the file"
        )
    }

    /// What is let in can be written and read again.
    @Test func aLongRowReadsBack() throws {
        var model = ModelFixture(input: [1, 70_000])
        model.weight("w", [2, 70_000])
        model.node("Gemm", ["x", "w"], to: "y", ["transB": 1])
        let network = try model.network().architecture
        let read = try Architecture(
            "read", imageShape: network.imageShape, written: network.written)
        #expect(read.written == network.written)
    }

    @Test func threadsAndBatchesChangeNoBit() throws {
        var model = ModelFixture(input: [nil, 3, 8, 8])
        model.weight("a.weight", [8, 3, 3, 3])
        model.weight("b.weight", [5, 8 * 36])
        model.node("Conv", ["x", "a.weight"], to: "c")
        model.node("Sigmoid", ["c"], to: "s")
        model.node("Flatten", ["s"], to: "f")
        model.node("Gemm", ["f", "b.weight"], to: "y", ["transB": 1])
        let network = try model.network()
        let images = pixels(7 * 192)
        let together = try network.logits(images, threads: 3)
        let alone = try (0..<7).flatMap {
            try network.logits(Array(images[($0 * 192)..<($0 * 192 + 192)]))
        }
        #expect(together.map(\.bitPattern) == alone.map(\.bitPattern))
    }
}
