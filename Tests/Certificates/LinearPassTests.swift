// Linear bounds: by hand, against the same network written as fully connected layers, and with branches.

import Networks
import Randomness
import Tensors
import Testing

@testable import Certificates

@Suite("Linear bounds")
struct LinearPassTests {
    private func certificate(
        _ network: Network, _ image: Tensor, _ epsilon: Float, label: Int,
        method: CertificateMethod = .crown, scope: CertificateScope = .executed
    ) throws -> Certificate {
        try Certifier(network, method: method, scope: scope).certificates(
            of: image, labels: [label], ball: .linf, epsilons: [epsilon])[0]
    }

    /// h₁ = x₁ + x₂ − 1 and h₂ = x₁ − x₂ over [¼, ¾]² are each in [−½, ½]: below a ReLU of them lies 0, as
    /// u = −l, and above it h/2 + ¼. So 1 + ReLU(h₁) − 2·ReLU(h₂) is at least ½ − h₂ ≥ 0;
    /// 1 − ReLU(h₁) + 2·ReLU(h₂) at least ¾ − h₁/2 ≥ ½; and 1 − ReLU(h₁) − 2·ReLU(h₂) at least
    /// ¼ − h₁/2 − h₂ = ¾ − 3x₁/2 + x₂/2 ≥ −¼, where intervals say −½.
    @Test func areThoseWorkedOutByHand() throws {
        let cases: [(signs: [Float], margin: Double)] = [
            ([1, -2], 0), ([-1, 2], 0.5), ([-1, -2], -0.25),
        ]
        for (signs, expected) in cases {
            let network = try network(
                [
                    Linear("a", inputs: 2, outputs: 2), ReLU("r"),
                    Linear("b", inputs: 2, outputs: 2),
                ],
                image: [1, 1, 2],
                [
                    "a.weight": tensor([2, 2], [1, 1, 1, -1]), "a.bias": tensor([2], [-1, 0]),
                    "b.weight": tensor([2, 2], signs + [0, 0]), "b.bias": tensor([2], [1, 0]),
                ])
            let found = try certificate(
                network, tensor([1, 1, 1, 2], [0.5, 0.5]), 0.25, label: 0)
            #expect(abs(found.margin - expected) < 1e-6, "\(signs): \(found.margin)")
        }
    }

    /// The weight matrix of a convolution on maps in the order of memory.
    private func matrix(of step: ExecutedStep) throws -> (weight: Tensor, bias: Tensor) {
        let (inputs, outputs) = (step.input.features.count, step.output.features.count)
        let zero = step.run(Tensor(shape: [1, inputs])).values
        var weight = [Float](repeating: 0, count: inputs * outputs)
        for k in 0..<inputs {
            var unit = Tensor(shape: [1, inputs])
            unit.withMutableFloats { $0[k] = 1 }
            for (o, value) in step.run(unit).values.enumerated() {
                weight[o * inputs + k] = value - zero[o]
            }
        }
        return (tensor([outputs, inputs], weight), tensor([outputs], zero))
    }

    /// Integers, so that differences of outputs are weights exactly.
    private func integers(_ architecture: Architecture, seed: UInt64) -> [String: Tensor] {
        drawnParameters(architecture, seed: seed).mapValues { tensor in
            Tensor(shape: tensor.shape, values: tensor.values.map { ($0 * 2).rounded() })
        }
    }

    static let spatial: [[any Layer]] = [
        [
            ChannelsLast(),
            Convolution("c1", inputs: 2, outputs: 9, kernel: 3, stride: 2, padding: 1),
            ReLU("r1"), Convolution("c2", inputs: 9, outputs: 3, kernel: 2, padding: 1), ReLU("r2"),
            Flatten(), Linear("f", inputs: 3 * 5 * 5, outputs: 4),
        ],
        [
            ChannelsLast(), Convolution("c1", inputs: 2, outputs: 4, kernel: 3, groups: 2),
            LeakyReLU("r1", slope: 0.25),
            Convolution("c2", inputs: 4, outputs: 4, kernel: 2, groups: 4),
            ReLU("r2"), Flatten(), Linear("f", inputs: 4 * 4 * 5, outputs: 4), ReLU("r3"),
            Linear("g", inputs: 4, outputs: 12),
        ],
    ]

    @Test(arguments: spatial.indices) func convolutionsAreTheirMatrices(_ index: Int) throws {
        let image = [2, 7, 8]
        for seed in 0..<4 as Range<UInt64> {
            let architecture = try Architecture(
                "test", imageShape: image, layers: Self.spatial[index])
            let network = try Network(
                architecture, parameters: integers(architecture, seed: seed), engine: engine)
            var layers: [any Layer] = []
            var parameters: [String: Tensor] = [:]
            for (number, step) in network.executedSteps.enumerated() {
                guard !(step.layer is ReLU || step.layer is LeakyReLU) else {
                    layers.append(step.layer)
                    continue
                }
                let name = "m\(number)"
                (parameters["\(name).weight"], parameters["\(name).bias"]) = try matrix(of: step)
                layers.append(
                    Linear(
                        name, inputs: step.input.features.count,
                        outputs: step.output.features.count))
            }
            let dense = try made(layers, parameters, image)
            let picture = images(1, image, seed: seed)
            for epsilon: Float in [0, 0.001, 0.02, 0.2] {
                let expected = try certificate(dense, picture, epsilon, label: 1).margin
                let found = try certificate(network, picture, epsilon, label: 1).margin
                // Zeros around the image count in E, and are no weights of the matrices.
                #expect(
                    abs(found - expected) < 0.05 + 1e-4 * abs(expected),
                    "ε \(epsilon): \(found), as matrices \(expected)")
            }
        }
    }

    private func made(
        _ layers: [any Layer], _ parameters: [String: Tensor], _ image: [Int]
    ) throws -> Network {
        try Network(
            try Architecture("dense", imageShape: image, layers: layers), parameters: parameters,
            engine: engine)
    }

    /// The number with the largest lower end need not be the one with the largest upper end.
    @Test func aMaximumIsBelowTheLargestUpperEnd() throws {
        let network = try network(
            [
                ChannelsLast(), MaxPool("p", kernel: 2), Flatten(),
                Linear("a", inputs: 1, outputs: 2),
            ], image: [1, 2, 2],
            ["a.weight": tensor([2, 1], [1, 1]), "a.bias": tensor([2], [0, 0])])
        let node = try BoundPlan(network, for: .crown).nodes[0]
        for (upper, most) in [(Float(0.75), 0.75 as Double?), (0.25, nil), (0.5, nil)] {
            let box = Box(
                lower: tensor([1, 4], [0.1, 0.5, 0, 0]),
                upper: tensor([1, 4], [upper, 0.6, 0.1, 0.2]))
            let found = node.bounds(of: box, others: [], in: .executed, on: engine)
            guard case .largest(let lines) = found?.lines else {
                Issue.record("no lines of a maximum")
                return
            }
            #expect(lines.best == [1] && lines.most == [most])
            #expect(found?.box.upper.values == [max(upper, 0.6)])
        }
    }

    /// Networks of all layers with linear bounds: no image of the box is below the margin, and intervals
    /// never say more.
    static let mixed: [(String, [any Layer])] = [
        (
            "pools",
            [
                ChannelsLast(), Convolution("c1", inputs: 2, outputs: 3, kernel: 3, padding: 1),
                MaxPool("p1", kernel: 2), ReLU("r1"),
                Convolution("c2", inputs: 3, outputs: 4, kernel: 2), ReLU("r2"),
                MaxPool("p2", kernel: 2, stride: 1, padding: 1), Flatten(),
                Linear("f", inputs: 4 * 9, outputs: 3),
            ]
        ),
        (
            "a shortcut",
            [
                ChannelsLast(), Convolution("c0", inputs: 2, outputs: 3, kernel: 3, padding: 1),
                BatchNorm("b0", channels: 3), ReLU("r0"),
                Convolution("c1", inputs: 3, outputs: 3, kernel: 3, padding: 1), ReLU("r1"),
                Convolution("c2", inputs: 3, outputs: 3, kernel: 3, padding: 1),
                Residual("add", of: "r0"), ReLU("r2"), Flatten(),
                Linear("f", inputs: 3 * 36, outputs: 3),
            ]
        ),
        (
            "sigmoid and tanh",
            [
                Normalise(mean: [0.5, 0.25], deviation: [0.5, 0.25]),
                Convolution("c1", inputs: 2, outputs: 3, kernel: 3, stride: 2), Sigmoid("s"),
                Flatten(), Linear("f", inputs: 12, outputs: 8), Tanh("t"),
                Linear("g", inputs: 8, outputs: 3),
            ]
        ),
        (
            "layouts",
            [
                Reorder("o", order: [1, 0]), ChannelsLast(), BatchNorm("b", channels: 2), ReLU("r"),
                Convolution("c1", inputs: 2, outputs: 8, kernel: 3, padding: 1), LeakyReLU("l"),
                Permute(
                    "shuffle", axes: [2, 2, 2, 6, 6], order: [0, 3, 1, 4, 2], shape: [2, 12, 12]),
                Flatten(), Linear("f", inputs: 288, outputs: 6), ReLU("q"),
                Unflatten("u", shape: [1, 2, 3]),
                Convolution("d", inputs: 1, outputs: 2, kernel: 2),
                ReLU("v"), Flatten("w"), Linear("g", inputs: 4, outputs: 3),
                Affine("s", channels: 3),
            ]
        ),
    ]

    @Test(arguments: mixed.indices) func noSampledImageIsBelowTheMargin(_ index: Int) throws {
        let (_, layers) = Self.mixed[index]
        let architecture = try Architecture("test", imageShape: [2, 6, 6], layers: layers)
        var isBetter = false
        for seed in 0..<6 as Range<UInt64> {
            let network = try Network(
                architecture, parameters: drawnParameters(architecture, seed: seed, scale: 0.6),
                engine: engine)
            let picture = images(1, [2, 6, 6], seed: seed)
            for epsilon: Float in [0, 1e-6, 0.01, 0.1] {
                let box = Box(around: picture, epsilon)
                let (l, u) = (box.lower.values, box.upper.values)
                var random = Stream(seed: seed, name: "samples")
                let samples = (0..<60).flatMap { sample in
                    zip(l, u).map { l, u in
                        sample % 2 == 0
                            ? (random.below(2) == 0 ? l : u)
                            : min(max(l + random.uniform() * (u - l), l), u)
                    }
                }
                let logits = try network.logits(tensor([60, 2, 6, 6], samples))
                for label in 0..<3 {
                    let least =
                        logits.map { row in
                            (0..<3).filter { $0 != label }.map {
                                Double(row[label]) - Double(row[$0])
                            }
                            .min() ?? 0
                        }.min() ?? 0
                    let ibp = try certificate(network, picture, epsilon, label: label, method: .ibp)
                    let crown = try certificate(network, picture, epsilon, label: label)
                    #expect(crown.margin <= least && ibp.margin <= crown.margin)
                    // Without a radius the image alone is left, and roundings.
                    #expect(epsilon > 0 || crown.margin >= least - 1e-4)
                    if crown.margin > ibp.margin + 0.01 { isBetter = true }
                }
            }
        }
        #expect(isBetter)
    }
}
