// `make mine`: a network and pictures of the user's own, from the command line to the report.

import Formats
import Foundation
import Testing

@Suite struct MineTests {
    /// The small pipeline with a trained network of its own in files, a folder of pictures with a
    /// sub-folder a class, and the experiments for networks of one's own.
    private func ground() throws -> Playground {
        let ground = try PipelineRealTests.ground()
        let trained = try ground.make("train-mlp")
        #expect(trained.status == 0, "\(trained.output)")
        // A copy of the object, not of the link to it.
        try #require(ground.read("artifacts/model/mlp.safetensors"))
            .write(to: ground.root.appending(path: "own.safetensors"))
        try ground.write(
            #"{"image": [1, 28, 28], "layers": [{"dense": 300}, "relu", {"dense": 100}, "relu", {"dense": 10}]}"#,
            to: "net.json")
        let data = try SafeTensors(
            MappedFile(ground.path("artifacts/dataset/mnist-test.safetensors")))
        let images = try data.floats("images")
        for (index, label) in try data.int64s("labels").prefix(20).enumerated() {
            let folder = ground.root.appending(path: "photos/\(label)")
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true)
            let pixels = images[index * 784..<(index + 1) * 784].map { UInt8($0 * 255) }
            try Data(
                PNG(width: 28, height: 28, channels: .grey, pixels: pixels).stored(named: "a")
            ).write(to: folder.appending(path: "\(index).png"))
        }
        for name in ["mine", "mine-l2", "mine-l1", "mine-l0"] {
            try FileManager.default.copyItem(
                at: Playground.repository.appending(path: "pipeline/\(name)"),
                to: ground.root.appending(path: "pipeline/\(name)"))
        }
        return ground
    }

    private static let own = "MODEL=net.json WEIGHTS=own.safetensors DATA=photos/"

    @Test func aNetworkOfOnesOwnGetsItsReport() throws {
        let ground = try ground()
        let words = "\(Self.own) PIXELS=0..1 EPSILONS=0.05,0.2"
        let outcome = try ground.make("mine \(words)")
        #expect(outcome.status == 0, "\(outcome.output)")
        #expect(outcome.says("all of them take about"), "\(outcome.output)")
        let report = try #require(ground.read("artifacts/report-mine.html"))
        let page = String(decoding: report, as: UTF8.self)
        #expect(page.contains("This network, before any attack"))
        #expect(page.contains("as it was told"))
        let again = try ground.make("mine \(words)")
        #expect(again.status == 0 && !again.says(": ran"), "\(again.output)")

        // Another beside it, which keeps its settings.
        let second = try ground.make("mine NAME=second \(words)")
        #expect(second.status == 0, "\(second.output)")
        #expect(ground.exists("artifacts/report-second.html"))
        #expect(ground.read("artifacts/report-mine.html") == report)
        let later = try ground.make("second")
        #expect(later.status == 0 && !later.says(": ran"), "\(later.output)")
        // It is written over by the same name, but not under -n, and only while nobody has made it their own.
        let file = "pipeline/second/experiment.json"
        let before = ground.read(file)
        let dry = try ground.make("mine NAME=second \(Self.own) PIXELS=0..1 EPSILONS=0.125 -n")
        #expect(dry.status == 0 && ground.read(file) == before, "\(dry.output)")
        let none = try ground.make("mine NAME=third \(words) -n")
        #expect(none.status == 0 && !ground.exists("pipeline/third"), "\(none.output)")
        let other = try ground.make("mine NAME=second \(Self.own) PIXELS=0..1 EPSILONS=0.125")
        #expect(other.status == 0, "\(other.output)")
        let text = String(decoding: try #require(ground.read(file)), as: UTF8.self)
        #expect(text.contains("0.125"), "\(text)")
        try ground.write(text.replacing("// Written", with: "// My own. Written"), to: file)
        let kept = try ground.make("mine NAME=second \(words)")
        #expect(kept.status != 0 && kept.says("`make second` runs it"), "\(kept.output)")
    }

    @Test func slipsAreToldBeforeAnyWork() throws {
        let ground = try ground()
        let cases: [(String, String)] = [
            ("mine", "make mine MODEL=net.onnx DATA=photos/"),
            ("mine NORM=l3 \(Self.own)", "NORM=l3 is no norm that is known"),
            ("mine NAME=all \(Self.own)", "is a goal of Make"),
            ("mine NAME=fit-mine \(Self.own)", "is a node of mine"),
            ("mine NAME=../up \(Self.own)", "is no name"),
            ("mine NAME=mnist \(Self.own)", "pipeline/mnist/ is an experiment of its own"),
            ("mine MODEL=own.safetensors DATA=photos", "MODEL=net.json WEIGHTS=own.safetensors"),
            ("mine MODEL=net.json DATA=photos", "WEIGHTS=net.pth"),
            ("mine MODEL=absent.onnx DATA=photos", "absent.onnx"),
            ("mine \(Self.own)x", "photos/x"),
            ("mine \(Self.own) PIXELS=wrong", "“wrong” is not known"),
            ("mine \(Self.own) EPSILONS=a,b", "epsilons"),
            ("mine \(Self.own) SIZE=0", "size"),
            ("fetch-mnist DATA=photos", "are for a network of your own"),
            ("all EXPERIMENT=mine \(Self.own) NAME=second", "NAME and NORM are for the goal mine"),
            ("all EXPERIMENT=mine \(Self.own) NORM=l2", "NAME and NORM are for the goal mine"),
            ("mine-l2 \(Self.own) NAME=second", "NAME and NORM are for the goal mine"),
            (
                "all EXPERIMENT=mine \(Self.own) IMAGES=photos",
                "the pictures of your own network are DATA"
            ),
            ("mine \(Self.own) SIZE=28", "this network says which images it reads"),
            ("all MODEL=net.json", "make mine MODEL=net.onnx"),
            ("mine MODEL=lenet-5 DATA=photos", "lenet-5 comes without weights"),
            ("mine MODEL=lenet5 DATA=photos", "did you mean lenet-5?"),
            ("mine MODEL=a.npz DATA=photos", "name an .onnx file, a .json file"),
            ("why EXPERIMENT=mine SET='atack-*.epsilons=1'", "means no node"),
            ("why EXPERIMENT=mine SET='attack-*.epsilonz=1'", "did you mean epsilons?"),
        ]
        for (words, message) in cases {
            let outcome = try ground.make(words)
            #expect(outcome.status != 0 && outcome.says(message), "\(words): \(outcome.output)")
        }
        for hostile in [
            "$(touch pwned)", "`touch pwned`", "; touch pwned", "$$(shell touch pwned)",
        ] {
            for variable in [
                "MODEL", "DATA", "CLASSES", "PIXELS", "NORM", "EPSILONS", "SIZE", "NAME",
            ] {
                _ = try ground.shell(
                    "\(Playground.make) mine \(Self.own) \(variable)='\(hostile)'")
                #expect(!ground.exists("pwned"), "\(variable)=\(hostile)")
            }
        }
    }
}
