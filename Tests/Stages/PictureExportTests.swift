// `make export-<attack>`: pictures that say what they are, with the bytes that the 8-bit check looked at.

import Artifacts
import Formats
import Foundation
import StageKit
import Tensors
import Testing

@testable import PipelineTool

@Suite struct PictureExportTests {
    /// A network that is right about some digits and not about all of them attacked.
    private static func ground() throws -> Playground {
        let ground = try PipelineRealTests.ground()
        try ground.config(
            "attack-fgsm",
            #"{"attack": "fgsm", "model": "mlp", "sample": "5k", "epsilons": [0.1, "64/255"], "goal": "untargeted", "labels": "predicted", "least_epsilon": false}"#
        )
        return ground
    }

    private static func names(_ ground: Playground, _ folder: String = "mnist/fgsm") -> [String] {
        ((try? FileManager.default.contentsOfDirectory(
            atPath: ground.path("artifacts/export/\(folder)")))
            ?? []).sorted()
    }

    @Test func picturesAreTheSuccessesToTheLevel() throws {
        let ground = try Self.ground()
        let outcome = try ground.make("export-fgsm")
        #expect(outcome.status == 0, "\(outcome.output)")
        let attack = try SafeTensors(MappedFile(ground.path("artifacts/attack/fgsm.safetensors")))
        let success = try attack.uint8s("success", shape: [2, 40])
        let (index, label) = (try attack.int64s("index"), try attack.int64s("label"))
        let answer = try attack.int64s("final_class")
        let images = try attack.floats("adversarial")
        var expected: Set<String> = []
        for place in success.indices where success[place] == 1 {
            let row = place % 40
            let name =
                "\(index[row])_\(label[row])-as-\(answer[place])_fgsm_eps-\(place < 40 ? "0.1" : "0.2509804").png"
            expected.insert(name)
            let png = try PNG(
                decoding: Array(ground.read("artifacts/export/mnist/fgsm/\(name)") ?? Data()),
                named: name
            )
            #expect(png.width == 28 && png.height == 28 && png.channels == .grey)
            #expect(
                png.pixels.map { Float($0) / 255 }
                    == images[place * 784..<(place + 1) * 784].map {
                        Float(($0 * 255).rounded(.toNearestOrEven)) / 255
                    })
        }
        #expect(!expected.isEmpty && success.contains(0))
        #expect(outcome.says("export: \(expected.count) picture"), "\(outcome.output)")
        #expect(Set(Self.names(ground)) == expected.union(["index.csv", "SHA256SUMS"]))
        let table = String(
            decoding: ground.read("artifacts/export/mnist/fgsm/index.csv") ?? Data(), as: UTF8.self)
        #expect(table.split(separator: "\n").count == expected.count + 1)
        for name in expected { #expect(table.contains("\n\(name),")) }
        #expect(
            try ground.shell("cd artifacts/export/mnist/fgsm && sha256sum --quiet -c SHA256SUMS")
                .status
                == 0)

        // The same again, in place of the first; not in the way of gc and clean, and gone with the latter.
        let before = ground.read("artifacts/export/mnist/fgsm/SHA256SUMS")
        #expect(try ground.make("export-fgsm").status == 0)
        #expect(ground.read("artifacts/export/mnist/fgsm/SHA256SUMS") == before)
        #expect(try ground.make("gc").status == 0)
        #expect(Self.names(ground).count == expected.count + 2)
        try ground.write("mine", to: "artifacts/export/mnist/fgsm/notes.txt")
        let refused = try ground.make("export-fgsm")
        #expect(
            refused.status == 2 && refused.says("artifacts/export/mnist/fgsm/ holds a file")
                && refused.says("notes.txt"),
            "\(refused.output)")
        try ground.remove("artifacts/export/mnist/fgsm/notes.txt")
        #expect(try ground.make("clean").output == "")
        #expect(!ground.exists("artifacts/export"))
    }

    @Test func anUnknownAttackGetsTheNearest() throws {
        let ground = try Self.ground()
        let outcome = try ground.make("export-fgms")
        #expect(outcome.status == 2, "\(outcome.output)")
        #expect(outcome.says("there is no attack fgms to export"), "\(outcome.output)")
        #expect(outcome.says("did you mean export-fgsm?"), "\(outcome.output)")
        let other = try ground.make("export-zzzzzzzz")
        #expect(other.says("mnist has fgsm noise-none"), "\(other.output)")
        #expect(!ground.exists("artifacts/export"))
        for node in ["sample-5k", "attack-none"] {
            let refused = try ground.shell("bin/pipeline-tool export --node=\(node)")
            #expect(
                refused.status == 64 && refused.says("mnist has no node \(node)"),
                "\(refused.output)")
        }
        let stale = try ground.shell("bin/pipeline-tool export --node=attack-fgsm")
        #expect(stale.status != 0 && !ground.exists("artifacts/export"), "\(stale.output)")
    }

    /// An attack of two rows, whose names ask for care.
    private static func attack(
        classes: [String], index: [Int64] = [5, 6], epsilons: String = "[]", channels: Int = 1
    ) throws -> SafeTensors {
        let size = channels * 4
        let wholes = { (values: [Int64]) in
            values.flatMap { withUnsafeBytes(of: $0.littleEndian, Array.init) }
        }
        let floats = { (values: [Float]) in
            values.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init) }
        }
        let data: [(String, DType, [Int], [UInt8])] = [
            (
                "adversarial", .f32, [1, 2, channels, 2, 2],
                floats((0..<2 * size).map { Float($0) / Float(2 * size) })
            ),
            ("success", .u8, [1, 2], [1, 1]), ("success_8bit", .u8, [1, 2], [1, 0]),
            ("index", .i64, [2], wholes(index)), ("label", .i64, [2], wholes([0, 1])),
            ("final_class", .i64, [1, 2], wholes([1, 0])),
            ("final_confidence", .f32, [1, 2], floats([0.5, 0.25])),
            ("l2", .f32, [1, 2], floats([1, 2])), ("linf", .f32, [1, 2], floats([0.5, 0.125])),
        ]
        let file = SafeTensorsWriter.file(
            metadata: [
                "schema": "mirage.attack", "version": "1", "epsilons": epsilons,
                "classes": JSON.array(classes.map(JSON.string)).canonical,
            ], tensors: data.map { ($0.0, $0.1, $0.2) },
            data: Dictionary(uniqueKeysWithValues: data.map { ($0.0, $0.3) }))
        return try SafeTensors(MappedFile(copying: file, named: "a.safetensors"))
    }

    private static func export(_ file: SafeTensors) throws -> PictureExport {
        try PictureExport(file, of: Node(experiment: "mnist", name: "attack-cw-l2"))
    }

    @Test func namesAreSafeOnAnyDisk() throws {
        for (classes, names) in [
            (["0", "1"], ["5_0-as-1_cw-l2.png", "6_1-as-0_cw-l2.png"]),
            (
                ["tench, Tinca tinca", "../..\\=CON:é?"],
                ["5_tench-Tinca-tinca-as-CON_cw-l2.png", "6_CON-as-tench-Tinca-tinca_cw-l2.png"]
            ),
            (["猫", ""], ["5_class-0-as-class-1_cw-l2.png", "6_class-1-as-class-0_cw-l2.png"]),
            (
                [String(repeating: "x", count: 300), "b"],
                [
                    "5_\(String(repeating: "x", count: 40))-as-b_cw-l2.png",
                    "6_b-as-\(String(repeating: "x", count: 40))_cw-l2.png",
                ]
            ),
        ] {
            let export = try Self.export(Self.attack(classes: classes))
            #expect(export.files.map(\.name) == ["index.csv"] + names)
        }
        // One index twice, and classes that a disk may not tell apart.
        let twins = try Self.export(
            Self.attack(classes: ["a", "A"], index: [5, 5], epsilons: "[0.05]"))
        #expect(
            twins.files.dropFirst().map(\.name)
                == ["5_a-as-A_cw-l2_eps-0.05.png", "5_A-as-a_cw-l2_eps-0.05_row-1.png"])
    }

    @Test func theTableSaysWhatThePicturesAre() throws {
        let export = try Self.export(Self.attack(classes: ["=1+1", "b, c"], epsilons: "[0.05]"))
        let table = String(decoding: try export.files[0].bytes(), as: UTF8.self)
        #expect(
            table == """
                file,index,label,label_name,answer,answer_name,confidence,epsilon,survives_8bit,l2,linf
                5_1-1-as-b-c_cw-l2_eps-0.05.png,5,0,'=1+1,1,"b, c",0.5,0.05,1,1,0.5
                6_b-c-as-1-1_cw-l2_eps-0.05.png,6,1,"b, c",0,'=1+1,0.25,0.05,0,2,0.125

                """)
    }

    @Test func coloursStandSideBySide() throws {
        let export = try Self.export(Self.attack(classes: ["0", "1"], channels: 3))
        let png = try PNG(decoding: try export.files[2].bytes(), named: "b.png")
        #expect(png.channels == .rgb && png.width == 2)
        // The second image is 12/24 … 23/24, plane by plane.
        #expect(
            png.pixels
                == [12, 16, 20, 13, 17, 21, 14, 18, 22, 15, 19, 23].map {
                    PictureExport.level(Float($0) / 24)
                })
        let fault = #expect(throws: (any Error).self) {
            try Self.export(Self.attack(classes: ["0", "1"], channels: 2))
        }
        #expect("\(fault.map { "\($0)" } ?? "")".contains("2 channels"))
    }

    @Test func noTwoAttacksShareAFolder() {
        let nodes = [("mnist", "attack-fgsm"), ("fgsm", "attack-fgsm"), ("fgsm", "attack-mnist")]
        #expect(
            nodes.map { PictureExport.folder(of: Node(experiment: $0.0, name: $0.1)) }
                == ["mnist/fgsm", "fgsm/fgsm", "fgsm/mnist"])
    }

    /// Ties to even, as the kernel has it.
    @Test func levelsAreTheKernels() {
        for (x, level) in [
            (0, 0), (1, 255), (0.5, 128), (-1, 0), (2, 255), (0.0019607844, 0), (.nan, 0),
            (-.infinity, 0), (.infinity, 255),
        ] as [(Float, UInt8)] {
            #expect(PictureExport.level(x) == level, "\(x)")
        }
        let engine = Engine(threads: 1)
        let values = (0...100_000).map { Float($0) / 100_000 }
        let rounded = engine.roundedToBytes(Tensor(shape: [values.count], values: values)).values
        #expect(values.map { Float(PictureExport.level($0)) / 255 } == rounded)
    }
}
