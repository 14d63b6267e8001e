// A stage that is added to the list of a pipeline (Tests/Toys/ToyTransfer.swift is one) is known to
// Make and to every goal without another line anywhere.

import Testing

@Suite struct PipelineNewStageTests {
    @Test func aStageInTheListIsKnownEverywhere() throws {
        let ground = try Playground()
        try ground.config("transfer-t", #"{"model": "mlp"}"#)
        let made = try ground.built()
        #expect(made.contains("transfer-t") && made.count == 7)
        #expect(ground.exists("artifacts/transfer/t.safetensors"))

        // Its node: what it reads, in the right order, its figures, its help.
        let drawing = try ground.make("dag").output
        #expect(drawing.contains("transfer-t ◀─ train-mlp, attack-a, attack-b"), "\(drawing)")
        #expect(try ground.make("transfer-t").says("attacks 2 shown"))
        let help = try ground.shell("bin/stage-transfer --help")
        #expect(help.says("SETTINGS of transfer, from the config"))

        // Stale by its own code alone, restored by its key, made after what it reads.
        #expect(try ground.built("all", ["TOY_CODE_transfer": "edited"]) == ["transfer-t"])
        #expect(try ground.built().isEmpty)
        #expect(try ground.make("why").says("transfer-t: fresh"))
        try ground.config("train-mlp", #"{"learning_rate": 0.3}"#)
        #expect(try ground.built().contains("transfer-t"))

        // What it makes may get other names without any change of what it computes.
        let moved = ["TOY_FOLDER": "elsewhere"]
        #expect(try ground.built("all", moved) == ["transfer-t"])
        #expect(ground.exists("artifacts/elsewhere/t.safetensors"))
        #expect(!ground.exists("artifacts/transfer/t.safetensors"))
        #expect(try ground.built("all", moved).isEmpty)
        #expect(try ground.built() == ["transfer-t"])

        _ = try ground.make("clean")
        #expect(!ground.exists("artifacts/transfer/t.safetensors"))
    }
}
