// The stage transfer through the real Makefile: what it stores agrees with what the attacks stored, the
// report shows it, and what does not belong together is refused.

import Formats
import Foundation
import Testing

@Suite struct TransferTests {
    private static let networks = ["mlp", "soft"]

    /// Two networks, an attack with two budgets on each, and one without a budget.
    private func ground() throws -> Playground {
        let ground = try PipelineRealTests.ground()
        try ground.config(
            "train-soft",
            #"{"dataset": "mnist", "architecture": "softmax-regression", "epochs": 2, "batch_size": 50, "learning_rate": 0.1, "momentum": 0.9, "weight_decay": 0, "seed": 1}"#
        )
        try ground.config(
            "attack-fgsm-soft",
            #"{"attack": "fgsm", "model": "soft", "sample": "5k", "epsilons": [0.1, "64/255"], "goal": "untargeted", "seed": 1}"#
        )
        try ground.config(
            "transfer-both",
            #"{"sample": "5k", "attacks": ["fgsm", "fgsm-soft", "noise-none"], "models": ["mlp", "soft"]}"#
        )
        return ground
    }

    private func artifact(_ name: String, in ground: Playground) throws -> SafeTensors {
        try SafeTensors(MappedFile(ground.path("artifacts/\(name).safetensors")))
    }

    @Test func answersAgreeWithTheAttacksOwn() throws {
        let ground = try ground()
        let shown = try ground.make("transfer-both")
        #expect(shown.status == 0, "\(shown.output)")
        #expect(shown.says("adversarial images that each network misreads"))
        let transfer = try artifact("transfer/both", in: ground)
        try transfer.requireSchema("mirage.transfer")
        let labels = try transfer.int64s("label", shape: [40])
        let clean = try transfer.int64s("clean", shape: [2, 40])
        for (name, source, levels) in [("fgsm", 0, 2), ("fgsm-soft", 1, 2), ("noise-none", 0, 1)] {
            let attack = try artifact("attack/\(name)", in: ground)
            let answers = try transfer.int64s("\(name).answer", shape: [levels, 2, 40])
            var own: [Int64] = []
            for level in 0..<levels {
                let start = (level * 2 + source) * 40
                own += answers[start..<start + 40]
            }
            let final = try attack.int64s("final_class")
            #expect(own == final, "\(name)")
            let success = try attack.uint8s("success")
            #expect(try transfer.uint8s("\(name).success", shape: [levels, 40]) == success)
            let before = try attack.int64s("clean_class")
            #expect(Array(clean[source * 40..<(source + 1) * 40]) == before)
            // What fooled its own network is misread there, every image of it.
            for place in success.indices where success[place] != 0 {
                #expect(own[place] != labels[place % 40])
            }
        }

        #expect(try ground.make("all").status == 0)
        let page = try String(
            contentsOf: ground.root.appending(path: "artifacts/report.html"), encoding: .utf8)
        for words in ["From one network to another", "fgsm-soft, ε 0.1 (soft)", "transfer-both"] {
            #expect(page.contains(words), "\(words)")
        }
        let before = ground.visible()
        for threads in [1, 3] {
            let again = try ground.shell("bin/stage-transfer --force --quiet --threads \(threads)")
            #expect(again.status == 0, "\(again.output)")
        }
        #expect(ground.visible() == before)
        #expect(try ground.make("-q all").status == 0)
    }

    @Test func whatDoesNotBelongTogetherIsRefused() throws {
        let ground = try ground()
        try ground.config("sample-other", #"{"dataset": "mnist", "count": 40, "seed": 2}"#)
        #expect(try ground.make("attack-fgsm sample-other").status == 0)
        for (line, status, words) in [
            (
                "--attacks fgsm --models mlp --sample other", 65,
                ["another sample (5k)", "sample/other"]
            ),
            ("--attacks none --models mlp", 66, ["mnist has no node attack-none"]),
            ("--attacks fgsm --models none", 66, ["mnist has no node train-none"]),
            ("--attacks fgsm,fgsm --models mlp", 64, ["attacks names fgsm twice"]),
            ("--attack fgsm", 64, ["--attack", "--attacks"]),
        ] as [(String, Int32, [String])] {
            let outcome = try ground.shell("bin/stage-transfer \(line)")
            #expect(outcome.status == status, "\(line): \(outcome.output)")
            for word in words { #expect(outcome.says(word), "\(line): \(outcome.output)") }
        }
        try ground.config("transfer-both", #"{"sample": "5k", "attacks": [], "models": ["mlp"]}"#)
        let empty = try ground.shell("bin/stage-transfer")
        #expect(empty.status == 64 && empty.says("attacks is an empty list"), "\(empty.output)")
    }
}
