// Operators that bring numbers to other places, and those that work on three spatial axes or spread
// pixels.

import Networks
import Tensors
import Testing

@testable import ONNX

@Suite struct PlaceImportTests {
    private static func logits(
        _ kind: String, _ attributes: KeyValuePairs<String, Any> = [:], inputs: [String] = ["x"],
        axes: [Int?] = [nil, 4, 2, 3], opset: Int64 = 11,
        _ prepare: (inout ModelFixture) -> Void = { _ in }
    ) throws -> [Float] {
        var model = ModelFixture(input: axes, opset: opset)
        prepare(&model)
        model.node(kind, inputs, to: "y", attributes)
        let count = axes.dropFirst().reduce(1) { $0 * ($1 ?? 1) }
        return try model.network(.init(flattensOutput: true)).logits(pixels(count))
    }

    /// x[c][h][w] of maps [4, 2, 3].
    private static func at(_ c: Int, _ h: Int, _ w: Int) -> Float {
        pixels(24)[(c * 2 + h) * 3 + w]
    }

    private static func maps(
        _ channels: [Int], _ rows: [Int], _ columns: [Int]
    ) -> [Float] {
        channels.flatMap { c in rows.flatMap { h in columns.map { at(c, h, $0) } } }
    }

    private static let all = [0, 1, 2, 3]

    @Test func bordersOfTheImagesOwnNumbers() throws {
        func border(_ mode: String, _ pads: [Int]) throws -> [Float] {
            try Self.logits("Pad", ["mode": mode, "pads": pads], opset: 10)
        }
        let pads = [0, 0, 1, 2, 0, 0, 1, 1]
        #expect(
            try border("reflect", pads) == Self.maps(Self.all, [1, 0, 1, 0], [2, 1, 0, 1, 2, 1]))
        #expect(try border("edge", pads) == Self.maps(Self.all, [0, 0, 1, 1], [0, 0, 0, 1, 2, 2]))
        #expect(
            try border("wrap", pads) == Self.maps(Self.all, [1, 0, 1, 0], [1, 2, 0, 1, 2, 0]))
        #expect(
            try border("edge", [0, 1, 0, -1, 0, 0, 0, 0])
                == Self.maps([0, 0, 1, 2, 3], [0, 1], [1, 2]))
        #expect(throws: ONNXFault.self) { try border("reflect", [0, 0, 2, 0, 0, 0, 0, 0]) }
        #expect(throws: ONNXFault.self) { try border("edge", [1, 0, 0, 0, 0, 0, 0, 0]) }
        #expect(throws: ONNXFault.self) { try border("edge", [0, 0, 0, -3, 0, 0, 0, 0]) }
    }

    @Test func copiesPartsAndSteps() throws {
        let tiled = try Self.logits("Tile", inputs: ["x", "r"]) { $0.integers("r", [1, 2, 1, 2]) }
        #expect(tiled == Self.maps(Self.all + Self.all, [0, 1], [0, 1, 2, 0, 1, 2]))
        #expect(throws: ONNXFault.self) {
            try Self.logits("Tile", inputs: ["x", "r"]) { $0.integers("r", [2, 1, 1, 1]) }
        }
        let spread = try Self.logits("Expand", inputs: ["x", "r"], axes: [nil, 4, 1, 3]) {
            $0.integers("r", [1, 5, 1])
        }
        let row = pixels(12)
        #expect(
            spread == Self.all.flatMap { c in (0..<15).map { row[3 * c + $0 % 3] } })
        let some = try Self.logits("Gather", ["axis": 1], inputs: ["x", "i"]) {
            $0.integers("i", [3, -4, 3])
        }
        #expect(some == Self.maps([3, 0, 3], [0, 1], [0, 1, 2]))
        let one = try Self.logits("Gather", ["axis": 3], inputs: ["x", "i"]) {
            $0.model.graph.initializer.append(ModelFixture.tensor("i", [], integers: [1]))
        }
        #expect(one == Self.maps(Self.all, [0, 1], [1]))
        #expect(throws: ONNXFault.self) {
            try Self.logits("Gather", ["axis": 1], inputs: ["x", "i"]) { $0.integers("i", [4]) }
        }
        let stepped = try Self.logits("Slice", inputs: ["x", "s", "e", "a", "t"]) {
            $0.integers("s", [-1, 0])
            $0.integers("e", [Int64.min, Int64.max])
            $0.integers("a", [3, 1])
            $0.integers("t", [-1, 3])
        }
        #expect(stepped == Self.maps([0, 3], [0, 1], [2, 1, 0]))
    }

    @Test func pixelsOfChannelsAndBack() throws {
        let x = pixels(24)
        func place(_ c: Int, _ h: Int, _ w: Int) -> Float { x[(c * 2 + h) * 3 + w] }
        let shuffled = (0..<4).flatMap { h in
            (0..<6).map { w in place(h % 2 * 2 + w % 2, h / 2, w / 2) }
        }
        #expect(try Self.logits("DepthToSpace", ["blocksize": 2]) == shuffled)
        #expect(try Self.logits("DepthToSpace", ["blocksize": 2, "mode": "CRD"]) == shuffled)
        let wide = pixels(48)
        let deep = try Self.logits("DepthToSpace", ["blocksize": 2], axes: [nil, 8, 2, 3])
        let crossed = try Self.logits(
            "DepthToSpace", ["blocksize": 2, "mode": "CRD"], axes: [nil, 8, 2, 3])
        for place in 0..<48 {
            let (c, h, w) = (place / 24, place / 6 % 4, place % 6)
            let tap = h % 2 * 2 + w % 2
            #expect(deep[place] == wide[((tap * 2 + c) * 2 + h / 2) * 3 + w / 2])
            #expect(crossed[place] == wide[((c * 4 + tap) * 2 + h / 2) * 3 + w / 2])
        }
        var model = ModelFixture(input: [nil, 4, 2, 3], opset: 11)
        model.node("DepthToSpace", ["x"], to: "d", ["blocksize": 2])
        model.node("SpaceToDepth", ["d"], to: "y", ["blocksize": 2])
        #expect(try model.network(.init(flattensOutput: true)).logits(x) == x)
        // As PyTorch exports it.
        var torch = ModelFixture(input: [nil, 8, 2, 3], opset: 11)
        torch.integers("blocks", [0, 2, 2, 2, 2, 3])
        torch.integers("maps", [0, 2, 4, 6])
        torch.node("Reshape", ["x", "blocks"], to: "r")
        torch.node("Transpose", ["r"], to: "t", ["perm": [0, 1, 4, 2, 5, 3]])
        torch.node("Reshape", ["t", "maps"], to: "m")
        torch.node("MaxPool", ["m"], to: "y", ["kernel_shape": [1, 1]])
        #expect(try torch.network(.init(flattensOutput: true)).logits(wide) == crossed)
    }

    @Test func transpositionsOfAnyAxes() throws {
        for order in [[0, 3, 1, 2], [0, 2, 1, 3], [0, 1, 3, 2], [0, 3, 2, 1]] {
            // After a Relu, since an image that is transposed first of all is one of [H, W, C].
            let found = try Self.logits("Transpose", ["perm": order], inputs: ["r"]) {
                $0.node("Relu", ["x"], to: "r")
            }
            let sizes = order.map { [1, 4, 2, 3][$0] }
            for place in 0..<24 {
                var index = [0, 0, 0, 0]
                index[order[1]] = place / (sizes[2] * sizes[3])
                index[order[2]] = place / sizes[3] % sizes[2]
                index[order[3]] = place % sizes[3]
                #expect(found[place] == Self.at(index[1], index[2], index[3]), "\(order)")
            }
        }
        #expect(throws: ONNXFault.self) {
            try Self.logits("Transpose", ["perm": [1, 0, 2, 3]], axes: [2, 4, 2, 3])
        }
    }

    /// Each pixel spread over its window, by hand.
    @Test(
        arguments: [
            ([2, 2], [1, 1], [0, 0, 0, 0], [0, 0], 1),
            ([3, 2], [2, 3], [1, 0, 0, 1], [1, 0], 1),
            ([2, 2], [2, 2], [0, 0, 0, 0], [0, 0], 2),
        ] as [([Int], [Int], [Int], [Int], Int)])
    func transposedConvolutions(
        kernel: [Int], stride: [Int], pads: [Int], more: [Int], groups: Int
    ) throws {
        var model = ModelFixture(input: [nil, 4, 2, 3], opset: 11)
        let weight = model.weight("w", [4, 2] + kernel)
        let bias = model.weight("b", [2 * groups])
        model.node(
            "ConvTranspose", ["x", "w", "b"], to: "y",
            ["strides": stride, "pads": pads, "output_padding": more, "group": groups])
        let height = stride[0] + kernel[0] + more[0] - pads[0] - pads[2]
        let width = 2 * stride[1] + kernel[1] + more[1] - pads[1] - pads[3]
        var expected = (0..<2 * groups).flatMap {
            Array(repeating: Double(bias[$0]), count: height * width)
        }
        for place in 0..<24 {
            let (c, h, w) = (place / 6, place / 3 % 2, place % 3)
            for tap in 0..<2 * kernel[0] * kernel[1] {
                let (o, i, j) = (
                    tap / (kernel[0] * kernel[1]), tap / kernel[1] % kernel[0], tap % kernel[1]
                )
                let (y, z) = (h * stride[0] + i - pads[0], w * stride[1] + j - pads[1])
                guard (0..<height).contains(y), (0..<width).contains(z) else { continue }
                let output = c / (4 / groups) * 2 + o
                expected[(output * height + y) * width + z] +=
                    Double(pixels(24)[place])
                    * Double(weight[c * 2 * kernel[0] * kernel[1] + tap])
            }
        }
        let found = try model.network(.init(flattensOutput: true)).logits(pixels(24))
        #expect(FunctionImportTests.close(found, expected))
    }

    /// Convolutions and pools over volumes, beside the same written out.
    @Test(arguments: [0, 1]) func volumes(pad: Int) throws {
        let (x, sizes) = (pixels(2 * 4 * 3 * 3).map(Double.init), [4, 3, 3])
        let pads = Array(repeating: pad, count: 6)
        let kernel = [2, 2, 2]
        let strides = [2, 1, 1]
        let counts = zip(sizes, strides).map { ($0 + 2 * pad - 2) / $1 + 1 }
        func windows(_ body: ([(place: Int, tap: Int)]) -> Double) -> [Double] {
            (0..<counts.reduce(1, *)).map { window in
                let starts = [
                    window / (counts[1] * counts[2]) * 2, window / counts[2] % counts[1],
                    window % counts[2],
                ].map { $0 - pad }
                var taps: [(Int, Int)] = []
                for tap in 0..<8 {
                    let place = [starts[0] + tap / 4, starts[1] + tap / 2 % 2, starts[2] + tap % 2]
                    guard zip(place, sizes).allSatisfy({ (0..<$1).contains($0) }) else { continue }
                    taps.append(((place[0] * 3 + place[1]) * 3 + place[2], tap))
                }
                return body(taps)
            }
        }
        func found(_ kind: String, _ inputs: [String] = ["x"], counts: Int? = nil) throws -> [Float]
        {
            var model = ModelFixture(input: [nil, 2, 4, 3, 3], opset: 11)
            model.weight("w", [3, 2, 2, 2, 2])
            model.weight("b", [3], [0.5, 0, -1])
            model.node("Relu", ["x"], to: "r")
            model.node(
                kind, ["r"] + inputs.dropFirst(), to: "y",
                ["kernel_shape": kernel, "strides": strides, "pads": pads])
            if let counts {
                model.model.graph.node[1].attribute.append(
                    ModelFixture.attribute("count_include_pad", counts))
            }
            return try model.network(.init(flattensOutput: true)).logits(pixels(72))
        }
        let weight = (0..<48).map { Double(($0 * 37 + 11) % 29 - 14) / 16 }
        let bias = [0.5, 0, -1]
        var convolved: [Double] = []
        for o in 0..<3 {
            convolved += windows { taps in
                var sum: Double = bias[o]
                for c in 0..<2 {
                    for (place, tap) in taps {
                        sum += x[c * 36 + place] * weight[(o * 2 + c) * 8 + tap]
                    }
                }
                return sum
            }
        }
        #expect(FunctionImportTests.close(try found("Conv", ["x", "w", "b"]), convolved))
        func pooled(_ body: ([Double]) -> Double) -> [Double] {
            (0..<2).flatMap { c in windows { body($0.map { x[c * 36 + $0.place] }) } }
        }
        #expect(
            FunctionImportTests.close(try found("MaxPool"), pooled { $0.max() ?? 0 }))
        #expect(
            FunctionImportTests.close(
                try found("AveragePool"), pooled { $0.reduce(0, +) / Double($0.count) }))
        #expect(
            FunctionImportTests.close(
                try found("AveragePool", counts: 1), pooled { $0.reduce(0, +) / 8 }))
    }
}
