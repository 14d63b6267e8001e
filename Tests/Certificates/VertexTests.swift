// Intervals are attained: the network, run at the vertex that the signs of its weights choose, gives their
// ends to the bit.

import Networks
import Randomness
import Tensors
import Testing

@testable import Certificates

/// One layer that multiplies, and what comes before and after it for its shape's sake.
struct ProductCase: CustomTestStringConvertible, Sendable {
    let name: String
    let image: [Int]
    let layers: [any Layer]
    var testDescription: String { name }

    static let all = [
        ProductCase(
            name: "dense", image: [1, 1, 7], layers: [Linear("a", inputs: 7, outputs: 40)]),
        ProductCase(
            name: "wide", image: [1, 30, 30], layers: [Linear("a", inputs: 900, outputs: 3)]),
        convolution("convolution", 2, 3, kernel: 3),
        convolution("padding", 3, 5, kernel: 3, padding: 1),
        convolution("stride", 1, 17, kernel: 4, stride: 2, padding: 1),
        convolution("groups", 4, 6, kernel: 2, padding: 1, groups: 2),
        convolution("depthwise", 3, 3, kernel: 3, padding: 1, groups: 3),
        ProductCase(
            name: "gaps and uneven padding", image: [2, 6, 5],
            layers: [
                ChannelsLast(),
                Convolution(
                    "a", inputs: 2, outputs: 2, kernel: [2, 3], stride: [2, 1],
                    padding: Padding(top: 0, left: 2, bottom: 1, right: 1), dilation: [3, 2]),
                Flatten(),
            ]),
        ProductCase(
            name: "no bias", image: [2, 4, 4],
            layers: [
                ChannelsLast(), Convolution("a", inputs: 2, outputs: 2, kernel: 2, bias: false),
                Flatten(),
            ]),
        ProductCase(
            name: "folded normalisation", image: [2, 4, 4],
            layers: [
                ChannelsLast(), Convolution("a", inputs: 2, outputs: 3, kernel: 2, bias: false),
                BatchNorm("bn", channels: 3), Flatten(),
            ]),
        ProductCase(
            name: "folded scale of either sign", image: [1, 1, 5],
            layers: [Linear("a", inputs: 5, outputs: 6), Affine("s", channels: 6)]),
        ProductCase(
            name: "scale by itself", image: [3, 4, 4],
            layers: [ChannelsLast(), Affine("s", channels: 3), Flatten()]),
        ProductCase(
            name: "normalisation by itself", image: [3, 4, 4],
            layers: [ChannelsLast(), BatchNorm("bn", channels: 3), Flatten()]),
        ProductCase(
            name: "normalised pixels", image: [3, 4, 4],
            layers: [
                Normalise(mean: [0.5, 0.4, 0.1], deviation: [0.2, 0.3, 7]), Flatten(),
            ]),
    ]

    private static func convolution(
        _ name: String, _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1,
        padding: Int = 0, groups: Int = 1
    ) -> ProductCase {
        ProductCase(
            name: name, image: [inputs, 5, 6],
            layers: [
                ChannelsLast(),
                Convolution(
                    "a", inputs: inputs, outputs: outputs, kernel: kernel, stride: stride,
                    padding: padding, groups: groups), Flatten(),
            ])
    }
}

@Suite("Intervals at their vertex")
struct VertexTests {
    /// Boxes of either sign: a few floats wide, ordinary, and of one float.
    private func box(_ shape: [Int], _ kind: Int, seed: UInt64) -> Box {
        let count = Tensor.count(of: shape)
        let middle = draws(count, "middle", seed: seed)
        let width = draws(count, "width", seed: seed).map(abs)
        let ends: [(Float, Float)] = zip(middle, width).map { middle, width in
            switch kind {
            case 0: (middle, middle.nextUp.nextUp)
            case 1: (middle - width, middle + width)
            default: (middle, middle)
            }
        }
        return Box(
            lower: tensor([1] + shape, ends.map(\.0)), upper: tensor([1] + shape, ends.map(\.1)))
    }

    @Test(arguments: ProductCase.all) func endsAreTheNetworkAtAVertex(_ product: ProductCase) throws
    {
        let architecture = try Architecture(
            "test", imageShape: product.image, layers: product.layers)
        for seed in 0..<6 as Range<UInt64> {
            let parameters =
                seed % 2 == 0
                ? drawnParameters(architecture, seed: seed)
                : hostileParameters(architecture, seed: seed)
            let network = try Network(architecture, parameters: parameters, engine: engine)
            let pass = IntervalPass(
                plan: try BoundPlan(network, for: .ibp), scope: .executed, engine: engine)
            for kind in 0..<3 {
                let box = box(product.image, kind, seed: seed)
                let (values, broken) = pass.boxes(of: box)
                #expect(broken.isEmpty)
                try check(network, box, values[pass.plan.logits])
            }
        }
    }

    /// Runs the network at the two vertices of each output.
    private func check(_ network: Network, _ box: Box, _ found: Box) throws {
        var gradients = network.makePass()
        _ = try gradients.logits(of: box.lower)
        let (l, u) = (box.lower.values, box.upper.values)
        let (lower, upper) = (found.lower.values, found.upper.values)
        for output in 0..<network.classes {
            var chosen = Tensor(shape: [1, network.classes])
            chosen.withMutableFloats { $0[output] = 1 }
            let weights = try gradients.pixelGradient(chosen).values
            let low = weights.indices.map { weights[$0] < 0 ? u[$0] : l[$0] }
            let high = weights.indices.map { weights[$0] < 0 ? l[$0] : u[$0] }
            let pair = tensor([2] + network.imageShape, low + high)
            let executed = try network.logits(pair).map { $0[output] }
            for (value, end) in zip(executed, [lower[output], upper[output]]) {
                // A zero's sign is no part of a bound.
                let isSame = value == end && (value == 0 || value.bitPattern == end.bitPattern)
                #expect(isSame, "output \(output): \(value), bound \(end)")
            }
        }
    }

    /// Where w·l and w·u round to one float, what is left after a cancellation still differs: the sign of
    /// w chooses the end, not a comparison of products.
    @Test func endsAreChosenBySignsNotByProducts() throws {
        var found = 0
        for k in 1..<200 {
            // Products beyond 2 lie half as dense as their factors.
            let (w, l) = (Float(1.1) + Float(3 * k) * 0x1p-23, Float(1.9) + Float(5 * k) * 0x1p-23)
            for sign: Float in [1, -1] {
                for u in [l.nextUp, l.nextUp.nextUp] where w * l == w * u {
                    found += 1
                    let network = try network(
                        [Linear("a", inputs: 2, outputs: 1)], image: [1, 1, 2],
                        [
                            "a.weight": tensor([1, 2], [-sign * w * l, sign * w]),
                            "a.bias": tensor([1], [0]),
                        ])
                    let pass = IntervalPass(
                        plan: try BoundPlan(network, for: .ibp), scope: .executed, engine: engine)
                    let (values, _) = pass.boxes(
                        of: Box(
                            lower: tensor([1, 1, 1, 2], [1, l]),
                            upper: tensor([1, 1, 1, 2], [1, u])))
                    let ends = try network.logits(tensor([2, 1, 1, 2], [1, l, 1, u])).map { $0[0] }
                    #expect(values[1].lower.values == [min(ends[0], ends[1])])
                    #expect(values[1].upper.values == [max(ends[0], ends[1])])
                }
            }
        }
        #expect(found > 100)
    }
}
