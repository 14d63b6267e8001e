// The digest of a stage's code covers the sources of the stage and of all that it uses, and nothing
// else: the same on every checkout, another after any edit that could matter.

import Artifacts
import AttackStage
import FetchStage
import Foundation
import PredictStage
import SampleStage
import StageKit
import Testing
import TrainStage
import TransferStage
import VisualizeStage

@Suite struct KitCodeDigestTests {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    static let base = [
        "Package.swift", "Sources/Stages/Kit", "Sources/Artifacts", "Sources/Formats",
        "Sources/Faults",
        "Sources/Tensors", "Sources/CKernels", "Sources/System",
    ]

    /// What the digest is made from, counted by other means: sha256 over the sorted lines
    /// "path sha256" of all files.
    static func digest(of folders: [String]) throws -> String {
        var paths: [String] = []
        for folder in folders {
            let below = FileManager.default.subpaths(atPath: "\(root)/\(folder)") ?? []
            paths += below.isEmpty ? [folder] : below.map { "\(folder)/\($0)" }
        }
        let lines = try paths.filter { path in
            var isFolder: ObjCBool = false
            let exists = FileManager.default.fileExists(
                atPath: "\(root)/\(path)", isDirectory: &isFolder)
            return exists && !isFolder.boolValue && !path.contains("/.")
        }.map { "\($0) \(try Digest(ofFile: "\(root)/\($0)"))" }
        return Digest(of: lines.sorted().joined(separator: "\n")).hex
    }

    @Test func aStageHasTheDigestOfItsClosure() throws {
        let images = ["Sources/Datasets", "Sources/Randomness"]
        let networks = images + ["Sources/Networks", "Sources/Stages/Networks"]
        #expect(
            try FetchStage.codeDigest
                == Self.digest(of: Self.base + networks + ["Sources/Stages/Fetch"]))
        #expect(
            try SampleStage.codeDigest
                == Self.digest(of: Self.base + images + ["Sources/Stages/Sample"]))
        #expect(
            try TrainStage.codeDigest
                == Self.digest(of: Self.base + networks + ["Sources/Stages/Train"]))
        #expect(
            try PredictStage.codeDigest
                == Self.digest(of: Self.base + networks + ["Sources/Stages/Predict"]))
        #expect(
            try AttackStage.codeDigest
                == Self.digest(
                    of: Self.base + networks + ["Sources/Attacks", "Sources/Stages/Attack"]))
        #expect(
            try TransferStage.codeDigest
                == Self.digest(of: Self.base + networks + ["Sources/Stages/Transfer"]))
        #expect(
            try VisualizeStage.codeDigest
                == Self.digest(
                    of: Self.base + ["Sources/Report", "Sources/Stages/Visualize"]))
    }

    @Test func stagesHaveDigestsOfTheirOwn() {
        let stages: [any Stage.Type] = [
            FetchStage.self, TrainStage.self, SampleStage.self, PredictStage.self,
            AttackStage.self, TransferStage.self, VisualizeStage.self,
        ]
        #expect(Set(stages.map { $0.codeDigest }).count == stages.count)
        #expect(
            stages.map { $0.kind } == [
                "fetch", "train", "sample", "predict", "attack", "transfer", "visualize",
            ])
    }
}
