// Which pixels a network expects: from the user, from the network, or from labelled images; never a guess.

import Datasets
import Formats
import Foundation
import Networks
import StageNetworks
import Tensors
import Testing

@testable import FitWork

@Suite struct FitTests {
    @Test func aLeadMustBeMoreThanChance() {
        func leads(_ own: Int, _ others: Int, both: Int = 20) -> Bool {
            let shared = Array(repeating: true, count: both)
            return PixelTrial.leads(
                shared + Array(repeating: true, count: own)
                    + Array(repeating: false, count: others),
                shared + Array(repeating: false, count: own) + Array(repeating: true, count: others)
            )
        }
        // Two deviations of n tosses are 2·√n: a lead of 4 of 4, but not of 3 of 3.
        #expect(!leads(0, 0) && !leads(3, 0) && leads(4, 0))
        #expect(!leads(5, 4) && leads(40, 20) && !leads(20, 40))
        #expect(leads(4, 0, both: 0) && leads(4, 0, both: 5000))

        // 10 of 100 are what guessing among ten classes gives; P(X ≥ 19) is 0.0046, P(X ≥ 18) 0.010.
        #expect(!Guessing.isBeaten(18, of: 100, share: 0.1))
        #expect(Guessing.isBeaten(19, of: 100, share: 0.1))
        // Eight of eight are one in 256, seven of seven one in 128.
        #expect(Guessing.isBeaten(8, of: 8, share: 0.5) && !Guessing.isBeaten(7, of: 7, share: 0.5))
        // The larger class alone is no knowledge; ends do not vanish.
        #expect(!Guessing.isBeaten(36, of: 40, share: 0.9))
        #expect(!Guessing.isBeaten(198, of: 200, share: 0.99))
        #expect(Guessing.isBeaten(2, of: 2, share: 0.001))
        #expect(!Guessing.isBeaten(0, of: 0, share: 0.1) && !Guessing.isBeaten(5, of: 5, share: 1))
        #expect(
            Guessing.isBeaten(140, of: 1000, share: 0.1)
                && !Guessing.isBeaten(120, of: 1000, share: 0.1))
    }

    @Test func constantsTellTheirRangeOrNothing() {
        func range(_ mean: [Double], _ deviation: [Double]) -> String? {
            PixelChoice.range(Preprocessing(mean: mean, deviation: deviation))
        }
        #expect(range([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]) == "0..1")
        #expect(range([0], [1]) == "0..1" && range([0], [255]) == "0..255")
        #expect(range([127, 127, 127], [128, 128, 128]) == "0..255")
        // x·½ + ½ undoes −1…1.
        #expect(range([-1], [2]) == "-1..1")
        #expect(range([0.5], [2]) == nil)
    }

    @Test func theDrawHasAllClasses() throws {
        let labels = Array(repeating: 0, count: 50) + Array(repeating: 1, count: 50) + [-1, 2]
        let data = try LabelledImages(
            name: "d", images: Tensor(shape: [102, 1, 1, 1]), labels: labels,
            classes: ["a", "b", "c"])
        let drawn = ImageDraw.balanced(data, count: 21).map { labels[$0] }
        #expect(drawn.count { $0 == 0 } == 10 && drawn.count { $0 == 2 } == 1)
        #expect(Set(ImageDraw.balanced(data, count: 200)) == Set(0..<102).subtracting([100]))
    }

    /// A small pipeline with a network of digits that was trained on pixels of 0…1.
    private func ground() throws -> Playground {
        let ground = try PipelineRealTests.ground()
        try ground.config("fit-own", #"{"network": "raw", "dataset": "mnist"}"#)
        return ground
    }

    /// Fetches the pipeline's own trained network with a layer before it that undoes `scale`.
    private func fetch(_ first: String, in ground: Playground) throws {
        let trained = try ground.make("train-mlp")
        #expect(trained.status == 0, "\(trained.output)")
        let model = try SafeTensors(MappedFile(ground.path("artifacts/model/mlp.safetensors")))
        let layers = try Architecture(of: model).layersJSON.array ?? []
        let all = JSON.array((first.isEmpty ? [] : [try JSON.parse(first, named: "")]) + layers)
        try ground.config(
            "fetch-raw",
            """
            {"layers": \(all.canonical), "image": [1, 28, 28], "dataset": "mnist",
             "weights": "artifacts/model/mlp.safetensors"}
            """)
        let fetched = try ground.shell("bin/stage-fetch --node fetch-raw")
        #expect(fetched.status == 0, "\(fetched.output)")
    }

    @Test func theUsualOnesAreTriedAndTheBestMustStandOut() throws {
        let ground = try ground()
        try fetch("", in: ground)
        let given = try ground.shell("bin/stage-fit --pixels 0..255")
        #expect(given.status == 0 && given.says("pixels 0..255, as given"), "\(given.output)")
        let model = try SafeTensors(MappedFile(ground.path("artifacts/model/own.safetensors")))
        let first = try Architecture(of: model).layers.first as? Normalise
        #expect(first?.deviation == [1.0 / 255] && first?.mean == [0])
        // This network of one epoch answers alike for all ranges, or not: either way the table is shown.
        let tried = try ground.shell("bin/stage-fit")
        #expect(tried.says("PIXELS='0..1': "), "\(tried.output)")
        #expect(tried.says("PIXELS='mnist': "))
        #expect(tried.status == 0 || tried.says("say which it is, as in PIXELS="))
    }

    @Test func whatTheNetworkDoesItselfIsTaken() throws {
        let ground = try ground()
        try fetch(#"{"normalise": null, "mean": [33], "deviation": [78]}"#, in: ground)
        let outcome = try ground.shell("bin/stage-fit")
        #expect(outcome.status == 0, "\(outcome.output)")
        #expect(outcome.says("pixels 0..255, by the network's own first layer"))
        let model = try SafeTensors(MappedFile(ground.path("artifacts/model/own.safetensors")))
        let first = try Architecture(of: model).layers.first as? Normalise
        #expect(first?.mean == [33.0 * (1.0 / 255)], "\(first?.mean ?? [])")
    }

    @Test func slipsAreTold() throws {
        let ground = try ground()
        try fetch("", in: ground)
        for (words, message) in [
            ("imagenet", "imagenet is for 3 channels"), ("0..1 bgr", "no meaning for one channel"),
            ("0..1 0..255", "two ranges"), ("mean=a", "expected one number or 1"),
            ("deviation=0", "a deviation must be above 0"), ("256", "“256” is not known"),
            ("mnist mnist", "a second mean"), ("", "there is no word"),
        ] {
            let outcome = try ground.shell("bin/stage-fit --pixels='\(words)'")
            #expect(outcome.status == 64 && outcome.says(message), "\(outcome.output)")
        }
    }
}
