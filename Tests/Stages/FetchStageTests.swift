// Fetch and sample as Make runs them, on the real MNIST files of data/, into a store of their own.

import Artifacts
import Datasets
import FetchStage
import Formats
import Foundation
import SampleStage
import StageKit
import Tensors
import Testing

@testable import FetchWork

@Suite(.serialized) struct FetchStageTests {
    /// Runs a stage on settings into the store of this test.
    func run<S: Stage>(_ stage: S.Type, _ node: Node, _ settings: JSON, in store: Store) throws
        -> Record
    {
        let config = try S.schema(settings).resolve(settings, overrides: [:], file: "test.json")
        return try Runner<S>(
            store: store, node: node, config: config, threads: 2,
            log: Log(node: node.name, quiet: true)
        ).run().record
    }

    /// A store that is gone after the test.
    func withStore(_ body: (Store, String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "mirage-fetch-\(UUID().uuidString)")
        let path = folder.path
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(Store(path), path)
    }

    let fetch = Node(experiment: "mnist", name: "fetch-mnist")
    let sample = Node(experiment: "mnist", name: "sample-5k")

    @Test func bringsInMNISTAndSamplesIt() throws {
        try withStore { store, folder in
            let record = try run(FetchStage.self, fetch, ["dataset": "mnist"], in: store)
            #expect(record.summary["splits"]?["train"]?["count"] == 60_000)
            #expect(
                record.summary["splits"]?["train"]?["histogram"]
                    == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949])
            #expect(
                record.summary["splits"]?["test"]?["histogram"]
                    == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009])
            #expect(
                FetchStage.present(
                    record.summary,
                    try FetchStage.schema([:]).resolve(
                        ["dataset": "mnist"], overrides: [:], file: "t"))
                    == [
                        "mnist: train 60000 images of 1 × 28 × 28, test 10000 images of 1 × 28 × 28"
                    ])

            // The file as any other program would read it.
            let file = try SafeTensors(MappedFile("\(folder)/dataset/mnist-test.safetensors"))
            try file.requireSchema("mirage.dataset")
            #expect(file.metadata["dataset"] == "mnist" && file.metadata["split"] == "test")
            #expect(file.metadata["classes"] == #"["0","1","2","3","4","5","6","7","8","9"]"#)
            #expect(try file.entry("images", .f32).shape == [10_000, 1, 28, 28])
            let test = try LabelledImages(reading: file, as: "mirage.dataset")
            #expect(test.labels.prefix(10) == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9])
            // Every pixel is its byte over 255, by a true division.
            let raw = try IDX(
                GzipInflater.inflate(
                    MappedFile.read("data/mnist/t10k-images-idx3-ubyte.gz"), named: "x",
                    limit: 7_840_016),
                as: .images, named: "x")
            test.images.withFloats { pixels in
                raw.withElements { bytes in
                    let differ = stride(from: 0, to: bytes.count, by: 7).first {
                        pixels[$0] != Float(bytes[$0]) / 255
                    }
                    #expect(differ == nil && pixels.count == bytes.count)
                }
            }

            try checkSamples(of: test, in: store, folder)
        }
    }

    private func checkSamples(of test: LabelledImages, in store: Store, _ folder: String) throws {
        let settings: JSON = ["dataset": "mnist", "count": 500, "seed": 1]
        let record = try run(SampleStage.self, sample, settings, in: store)
        let file = try SafeTensors(MappedFile("\(folder)/sample/5k.safetensors"))
        try file.requireSchema("mirage.sample")
        #expect(file.metadata["count"] == "500" && file.metadata["seed"] == "1")
        let indices = try file.int64s("indices", shape: [500]).map(Int.init)
        #expect(Set(indices).count == 500 && indices.allSatisfy { (0..<10_000).contains($0) })
        #expect(indices != indices.sorted())
        let drawn = try LabelledImages(reading: file, as: "mirage.sample")
        #expect(drawn.labels == indices.map { test.labels[$0] })
        #expect(drawn.images.values == test.images.gather(indices).values)
        #expect(record.summary["count"] == 500 && record.summary["of"] == 10_000)

        // More images are the same ones and some more; another seed gives others.
        let more = try test.sample(1000, seed: 1).indices
        #expect(Array(more.prefix(500)) == indices)
        #expect(try test.sample(500, seed: 2).indices != indices)
        // In another experiment the sample lies elsewhere, of the same data and with the same bits.
        let other = Node(experiment: "original", name: "sample-5k")
        let twin = try run(SampleStage.self, other, settings, in: store)
        #expect(twin.outputs.map(\.name) == ["sample/original/5k.safetensors"])
        #expect(twin.outputs.map(\.digest) == record.outputs.map(\.digest))

        #expect {
            try run(
                SampleStage.self, sample, ["dataset": "mnist", "count": 10_001, "seed": 1],
                in: store)
        } throws: {
            StageFault($0).code == .badData
                && "\($0)".contains("A sample of 10001 images was asked of mnist, which has 10000")
        }
    }

    @Test func namesTheCommandThatIsMissing() throws {
        try withStore { store, _ in
            let settings: JSON = ["dataset": "mnist", "count": 5, "seed": 1]
            #expect { try run(SampleStage.self, sample, settings, in: store) } throws: {
                "\($0)".contains("make fetch-mnist") && StageFault($0).code == .missingInput
            }
        }
    }

    @Test func namesTheDataSetsThereAre() throws {
        try withStore { store, folder in
            #expect { try run(FetchStage.self, fetch, ["dataset": "letters"], in: store) } throws: {
                "\($0)".contains("no data set “letters”, only fashion-mnist, mnist")
            }
            #expect(access("\(folder)/dataset", F_OK) != 0)
        }
    }

    /// The pins of Fashion-MNIST are those of the files that Debian packages, where those are installed.
    @Test(.enabled(if: access("/usr/share/datasets/fashion-mnist", F_OK) == 0))
    func bringsInFashionMNIST() throws {
        let list = try JSON.parse(
            MappedFile.read(Source.list), named: Source.list, comments: true)
        let source = try Source("fashion-mnist", .dataset, in: list, named: Source.list)
        let log = Log(node: "fetch", quiet: true)
        let finder = Finder(source: source, log: log, wheels: Wheels(in: "/nonexistent", log: log))
        for file in source.files where file.role.hasPrefix("test") {
            let path = "/usr/share/datasets/fashion-mnist/" + file.name
            guard access(path, F_OK) == 0 else { continue }
            #expect(try finder.find(file, local: nil).count == file.bytes)
        }
        #expect(source.classes.count == 10 && source.classes.last == "Ankle boot")
    }
}
