// A sample of the user's own: a file of the form that `stage-sample` writes, such as a page's "Try it" hands
// out, is attacked as one of the store is.

import AttackStage
import Formats
import Foundation
import SampleStage
import Testing

@Suite struct AttackSampleFileTests {
    @Test func aSampleMayBeAFile() throws {
        let store = try MadeStore()
        defer { store.remove() }
        try store.run(MadeDataset.self, "fetch-made", ["dataset": "made"])
        try store.run(MadeModel.self, "train-m", ["dataset": "made"])
        try store.run(SampleStage.self, "sample-s", ["dataset": "made", "count": 8, "seed": 1])
        let file = store.folder.appending(path: "own.safetensors").path()
        let sample = try store.artifact("sample/s.safetensors")
        try Data(sample.file.contents).write(to: URL(filePath: file))
        func config(_ sample: String) -> JSON {
            [
                "attack": "uniform-noise", "model": "m", "sample": .string(sample),
                "epsilons": [0.25],
                "goal": "untargeted", "labels": "predicted",
            ]
        }
        try store.run(AttackStage.self, "attack-stored", config("s"))
        try store.run(AttackStage.self, "attack-own", config(file))
        let (stored, own) = (
            try store.artifact("attack/stored.safetensors"),
            try store.artifact("attack/own.safetensors")
        )
        #expect(try own.floats("adversarial") == stored.floats("adversarial"))
        #expect(try own.int64s("index") == sample.int64s("indices"))
        #expect(try own.text("sample_sha256") == stored.text("sample_sha256"))
    }

    @Test func whatIsNoSampleIsRefused() throws {
        let store = try MadeStore()
        defer { store.remove() }
        try store.run(MadeDataset.self, "fetch-made", ["dataset": "made"])
        try store.run(MadeModel.self, "train-m", ["dataset": "made"])
        func fault(_ sample: String) -> String {
            let config: JSON = [
                "attack": "fgsm", "model": "m", "sample": .string(sample), "epsilons": [0.25],
                "goal": "untargeted",
            ]
            return String(describing: store.fault(AttackStage.self, "attack-own", config))
        }
        #expect(fault("nowhere.safetensors").contains("nowhere.safetensors"))
        let other = store.folder.appending(path: "other.safetensors")
        try Data("no tensors".utf8).write(to: other)
        #expect(fault(other.path()).contains("other.safetensors"))
        let set = try store.artifact("dataset/made-test.safetensors")
        try Data(set.file.contents).write(to: other)
        #expect(fault(other.path()).contains("mirage.sample"))
    }
}
