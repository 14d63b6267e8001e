// The experiment of photographs from end to end, on seeded weights of the real network and two
// pictures of the user's own: its artifacts agree with each other, and all threads and instruction sets agree.

import Formats
import Foundation
import Networks
import Tensors
import Testing

@Suite struct ImageNetTests {
    /// The repository's experiment in a playground, with EfficientNet-Lite0's first weights of a seed.
    private func ground() throws -> Playground {
        let ground = try Playground { $0 }
        let files = FileManager.default
        for folder in ["data/imagenet", "photos", "pipeline/imagenet"] {
            try files.createDirectory(
                atPath: ground.path(folder), withIntermediateDirectories: true)
        }
        let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        for name in ["data/imagenet/labels.json", "pipeline/sources.json"] {
            try files.copyItem(
                at: repository.appending(path: name), to: ground.root.appending(path: name))
        }
        for name in [
            "fetch-network", "fetch-imagenet", "sample-pictures", "predict-network",
            "attack-original",
        ] {
            try files.copyItem(
                at: repository.appending(path: "pipeline/imagenet/\(name).json"),
                to: ground.root.appending(path: "pipeline/imagenet/\(name).json"))
        }
        try ground.write(
            #"{"dataset": "imagenet", "splits": ["test"], "fetched_networks": ["network"], "gallery": 0}"#,
            to: "pipeline/imagenet/visualize.json")
        let weights = Architecture.efficientNetLite0.initialParameters(seed: 3)
        let bytes = SafeTensorsWriter.file(
            metadata: [:], tensors: weights.map { ($0.key, .f32, $0.value.shape) },
            data: weights.mapValues { $0.withBytes(Array.init) })
        try Data(bytes).write(to: ground.root.appending(path: "own.safetensors"))
        for (name, tone) in [("bright", 200), ("dark", 20)] {
            let pixels = (0..<240 * 260).flatMap { (place: Int) -> [UInt8] in
                [UInt8(place % 260 / 3), UInt8(place / 260 / 3), UInt8(tone)]
            }
            let png = try PNG(width: 260, height: 240, channels: .rgb, pixels: pixels)
                .stored(named: name)
            try Data(png).write(to: ground.root.appending(path: "photos/\(name).png"))
        }
        return ground
    }

    @Test func ownPicturesAndOwnWeightsGoThroughToTheReport() throws {
        let ground = try ground()
        let values = "WEIGHTS=own.safetensors IMAGES=photos"
        let outcome = try ground.make("imagenet \(values) THREADS=2")
        #expect(outcome.status == 0, "\(outcome.output)")
        #expect(outcome.says("your own file, not pinned"))
        #expect(outcome.says("bright.png") && outcome.says("no image has a label"))

        let prediction = try JSON.parse(
            [UInt8](try #require(ground.read("artifacts/prediction/imagenet/network.json"))),
            named: "prediction")
        let attack = try SafeTensors(
            MappedFile(ground.path("artifacts/attack/imagenet/original.safetensors")))
        let (classes, sure) = (
            try attack.int64s("clean_top_class", shape: [2, 5]),
            try attack.floats("clean_top_confidence", shape: [2, 5])
        )
        for image in 0..<2 {
            for place in 0..<5 {
                let guess = prediction["images"]?[image]?["top"]?[place]
                #expect(guess?["class"]?.int == Int(classes[5 * image + place]))
                #expect(guess?["confidence"]?.double.map { Float($0) } == sure[5 * image + place])
            }
        }
        let logits = try SafeTensors(
            MappedFile(ground.path("artifacts/prediction/imagenet/network.safetensors"))
        ).floats("logits", shape: [2, 1000])
        for image in 0..<2 {
            let own = logits[image * 1000..<(image + 1) * 1000]
            #expect(own.indices.max { own[$0] < own[$1] } == image * 1000 + Int(classes[5 * image]))
        }
        #expect(try attack.int64s("label") == attack.int64s("clean_class"))
        #expect(attack.metadata["predicted_labels"] == "2")
        #expect(try attack.floats("extra.unclipped_class", shape: [1, 2]).allSatisfy { $0 >= 0 })
        let page = String(
            decoding: try #require(ground.read("artifacts/report-imagenet.html")), as: UTF8.self)
        for words in [
            "What the network sees", "bright.png", "Nobody has said which of the 1,000 classes",
            "It was not trained here", "as in the original script",
        ] { #expect(page.contains(words), "\(words)") }
        #expect(page.utf8.count < 10_000_000)

        // The same values again: nothing to do. Without them other work would be.
        let again = try ground.make("imagenet \(values)")
        #expect(again.status == 0 && again.output == "imagenet is up to date in artifacts/\n")
        #expect(
            try ground.make("why EXPERIMENT=imagenet").says(
                "fetch-network: stale, config `weights`"))

        let before = ground.visible()
        for flags in ["--threads 1", "--threads 3", "--instruction-set portable"] {
            for stage in [
                "predict --config pipeline/imagenet/predict-network.json",
                "attack --config pipeline/imagenet/attack-original.json",
            ] {
                let outcome = try ground.shell("bin/stage-\(stage) --force --quiet \(flags)")
                #expect(outcome.status == 0, "\(outcome.output)")
            }
        }
        #expect(ground.visible() == before)
    }

    @Test func withoutANetworkAndWithoutPipItIsSaidWhatToDo() throws {
        let ground = try ground()
        // A search path without python3, and a list whose mirror nobody answers.
        try ground.write(
            """
            {"vgg16": {"kind": "network", "places": ["data/vgg16/", "http://127.0.0.1:9/"], "files":
              {"weights": {"name": "w.pth", "bytes": 5, "sha256": "\(String(repeating: "0", count: 64))"}}},
             "imagenet-20": {"kind": "pictures", "places": ["data/p/", "pip:foolbox==3.3.4/foolbox/data/"], "files":
              {"a": {"name": "a.jpg", "bytes": 5, "sha256": "\(String(repeating: "0", count: 64))"}}}}
            """, to: "pipeline/sources.json")
        let pictures = try ground.shell(
            "mkdir empty; PATH=$PWD/empty bin/stage-fetch --config pipeline/imagenet/fetch-imagenet.json"
        )
        #expect(pictures.status == 66, "\(pictures.output)")
        for words in [
            "a.jpg of imagenet-20 is in none of the places", "get it by hand", "data/p/a.jpg",
            "cannot start python3",
        ] {
            #expect(pictures.says(words), "\(words): \(pictures.output)")
        }
        let network = try ground.shell(
            "bin/stage-fetch --config pipeline/imagenet/fetch-network.json --network vgg16")
        #expect(network.status == 66, "\(network.output)")
        #expect(network.says("data/vgg16/w.pth") && network.says("the connection failed"))
        #expect(!ground.exists("artifacts/model") && !ground.exists("artifacts/download"))
        let unknown = try ground.shell(
            "bin/stage-fetch --config pipeline/imagenet/fetch-network.json --network alexnet")
        #expect(unknown.status == 65 && unknown.says("knows no network “alexnet”, only vgg16"))
        // A file of the user's own that is not the pinned one is not passed over.
        try FileManager.default.createDirectory(
            atPath: ground.path("data/vgg16"), withIntermediateDirectories: true)
        try ground.write("wrong", to: "data/vgg16/w.pth")
        let wrong = try ground.shell(
            "bin/stage-fetch --config pipeline/imagenet/fetch-network.json --network vgg16")
        #expect(wrong.status == 65 && wrong.says("data/vgg16/w.pth is not the file that"))
    }
}
