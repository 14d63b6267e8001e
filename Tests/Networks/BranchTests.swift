// Layers that read others than the one before them: the shapes, the plans and the sums of gradients.

import Tensors
import Testing

@testable import Networks

@Suite("Branches")
struct BranchTests {
    private func message(_ layers: [any Layer]) -> String? {
        #expect(throws: NetworkFault.self) {
            try Architecture("broken", imageShape: [1, 8, 8], layers: layers)
        }?.description
    }

    private let conv = Convolution("conv1", inputs: 1, outputs: 4, kernel: 3)

    @Test func aBranchNamesALayerBeforeIt() {
        #expect(
            message([ChannelsLast(), conv, Branch("b", of: "conv7")])
                == "broken: layer b takes what an earlier layer gave; found “conv7”.")
        #expect(
            message([ChannelsLast(), Branch("b", of: "conv1"), conv])
                == "broken: layer b takes what an earlier layer gave; found “conv1”, which does not "
                + "come before it.")
        #expect(
            message([ChannelsLast(), Branch("b", of: "b")])
                == "broken: layer b takes what an earlier layer gave; found “b”, which does not come "
                + "before it.")
    }

    @Test func theShapesOfBranchesAreChecked() {
        #expect(
            message([ChannelsLast(), conv, Concat("cat", with: ["pixels"])])
                == "broken: layer cat takes maps [C, H, W] of one height and width, channels last, or "
                + "vectors; found [4, 6, 6] from layer conv1 and [1, 8, 8] from layer pixels.")
        #expect(
            message([ChannelsLast(), conv, Flatten(), Multiply("product", by: "conv1")])
                == "broken: layer product takes two inputs of one shape, or maps and one number a "
                + "channel; found [144] from layer flatten and [4, 6, 6] from layer conv1.")
        #expect(
            message([ChannelsLast(), conv, Branch("b", of: "pixels"), BatchNorm("bn", channels: 4)])
                == "broken: layer bn takes [4, H, W], channels last, or [4]; found [1, 8, 8] from "
                + "layer b.")
        #expect(
            message([ChannelsLast(), conv, Subtract("sub", by: "pixels")])
                == "broken: layer sub takes two inputs of one shape; found [4, 6, 6] from layer conv1 "
                + "and [1, 8, 8] from layer pixels.")
    }

    @Test func whatALayerTakesIsWhatItsBranchGives() throws {
        let architecture = try Architecture(
            "fork", imageShape: [1, 8, 8],
            layers: [
                ChannelsLast(), conv, MaxPool("pool", kernel: 6), Branch("b", of: "conv1"),
                Convolution("conv2", inputs: 4, outputs: 2, kernel: 6), Flatten(),
            ])
        #expect(architecture.inputs.map(\.shape)[3...] == [[4, 6, 6], [4, 6, 6], [2, 1, 1]])
        #expect(
            architecture.features.map(\.shape)[3...] == [[4, 1, 1], [4, 6, 6], [2, 1, 1], [2]])
        #expect(architecture.forwardFLOPs == 2 * (36 * 4 * 9 + 2 * 4 * 36))
    }

    private func plan(_ layers: [any Layer]) throws -> Plan {
        let architecture = try Architecture("plan", imageShape: [1, 2, 2], layers: layers)
        return Plan(architecture, in: RunSetting(engine: Engine(threads: 1), trainingSeed: nil))
    }

    /// tanh is in place, but not where its branch still reads what it would overwrite; and of three
    /// readers the last one's gradient comes first.
    @Test func aValueOfSeveralReadersIsSparedAndGetsTheSumOfTheirGradients() throws {
        let plan = try plan([
            Linear("fc1", inputs: 4, outputs: 5), Tanh("tanh"), Branch("b", of: "fc1"),
            Clip("clip", lower: -1, upper: 1), Multiply("product", by: "fc1"),
            Residual("sum", of: "tanh"), Linear("fc2", inputs: 5, outputs: 3),
        ])
        #expect(
            plan.forward.map(\.description) == [
                "run fc1 b0[1,2,2] → b4[5]", "run tanh b4[5] → b5[5]", "run clip b4[5] → b6[5]",
                "run product b6[5], b4[5] → b7[5]", "run sum b7[5], b5[5] → b7[5]",
                "run fc2 b7[5] → b1[3]",
            ])
        #expect(
            plan.backward.map(\.description) == [
                "input gradient fc2 b2[3] → b7[5]",
                "input gradient product b7[5], b4[5] → b8[5]",
                "other gradient 0 product b7[5], b6[5] → b9[5]",
                "input gradient clip b8[5], b6[5] → b8[5]",
                "run sum b8[5], b9[5] → b8[5]", "input gradient tanh b7[5], b5[5] → b7[5]",
                "run sum b7[5], b8[5] → b7[5]", "input gradient fc1 b7[5] → b3[1,2,2]",
            ])
    }

    /// A product takes in what follows it only where nobody else reads its results.
    @Test func aBranchKeepsAProductFromBeingFused() throws {
        let layers: [any Layer] = [
            Linear("fc1", inputs: 4, outputs: 5), Affine("affine", channels: 5), ReLU("relu"),
        ]
        let last = Linear("fc2", inputs: 5, outputs: 3)
        #expect(
            try plan(layers + [last]).forward.map(\.description)
                == ["run fc1+affine+relu b0[1,2,2] → b4[5]", "run fc2 b4[5] → b1[3]"])
        let branched = layers + [Residual("sum", of: "fc1"), last]
        #expect(
            try plan(branched).forward.map(\.description) == [
                "run fc1 b0[1,2,2] → b4[5]", "run affine b4[5] → b5[5]", "run relu b5[5] → b5[5]",
                "run sum b5[5], b4[5] → b6[5]", "run fc2 b6[5] → b1[3]",
            ])
    }

    /// A branch that leads nowhere has no gradient, and a branch back to the pixels has one.
    @Test func aDeadBranchMovesNothing() throws {
        let layers: [any Layer] = [
            Flatten("pixels"), Linear("fc1", inputs: 4, outputs: 4), Tanh("dead"),
            Branch("b", of: "fc1"), Multiply("product", by: "pixels"),
            Linear("fc2", inputs: 4, outputs: 3),
        ]
        let alive = try Architecture("alive", imageShape: [1, 2, 2], layers: layers)
        let without = try Architecture(
            "without", imageShape: [1, 2, 2],
            layers: layers.filter { !["dead", "b"].contains($0.name) })
        let task = noise(3, [1, 2, 2])
        let dlogits = Tensor(shape: [3, 3], values: [1, -2, 0.5, 0.25, 1, -1, 3, 0, 1])
        let found = try [alive, without].map { architecture in
            var pass = try Network(
                architecture, parameters: alive.initialParameters(seed: 2),
                engine: Engine(threads: 1)
            ).makePass()
            let logits = try pass.logits(of: task.images)
            return [logits.bits, try pass.pixelGradient(dlogits).bits]
        }
        #expect(found[0] == found[1])
    }
}
