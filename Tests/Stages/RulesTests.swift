// The graph as Make gets it: exact edges, nothing that Make or a shell could take for a sign, and goals
// that need no graph before anything is built.

import Foundation
import Testing

@Suite struct RulesTests {
    /// Two models; each attack reads one of them.
    private func twoModels() throws -> Playground {
        let ground = try Playground()
        try ground.remove("pipeline/mnist/train-mlp.json")
        try ground.config("train-a", #"{"learning_rate": 0.1}"#)
        try ground.config("train-b", #"{"learning_rate": 0.2}"#)
        try ground.config("attack-a", #"{"model": "a"}"#)
        try ground.config("attack-b", #"{"model": "b"}"#)
        return ground
    }

    @Test func theEdgesAreExact() throws {
        let ground = try twoModels()
        let rules = try ground.shell("bin/pipeline-tool rules")
        #expect(
            rules.lines.filter { $0.hasPrefix("run.attack") } == [
                "run.attack-a: run.train-a run.sample-5k ; pipeline/make/run attack-a stage-attack 2 train-a sample-5k",
                "run.attack-b: run.train-b run.sample-5k ; pipeline/make/run attack-b stage-attack 2 train-b sample-5k",
            ], "\(rules.output)")
        // Make sees the same graph: for one attack the other's training is no matter.
        let dry = try ground.make("-n attack-a")
        #expect(dry.says("run train-a") && !dry.says("train-b"), "\(dry.output)")
        // What is done has no recipe, and keeps its edges.
        #expect(try ground.built().count == 7)
        _ = try ground.shell("echo '{\"learning_rate\": 0.3}' > pipeline/mnist/train-b.json")
        let later = try ground.shell("bin/pipeline-tool rules").lines
        #expect(later.contains("run.attack-a: run.train-a run.sample-5k"))
        #expect(later.contains("BUSY := train-b attack-b visualize"))
    }

    /// The training of b goes on only when attack a has begun: it never would, if that waited for it.
    @Test func anAttackStartsBeforeAnotherTrainingEnds() throws {
        let ground = try twoModels()
        try ground.config("train-b", #"{"learning_rate": 0.2, "wait_for": "attack-a"}"#)
        #expect(try ground.built("-j2 all").contains("attack-b"))
    }

    @Test func theRulesHoldNamesAlone() throws {
        let ground = try twoModels()
        try ground.config("attack-x_1.5-Y", #"{"model": "a"}"#)
        let rules = try ground.shell("bin/pipeline-tool rules").output
        for line in rules.split(separator: "\n") where line != ".PHONY: $(NODES:%=run.%)" {
            let signs = line.drop { $0 == "#" }.filter {
                !$0.isLetter && !$0.isNumber && !" .,:;=_-/`".contains($0)
            }
            #expect(signs.isEmpty, "\(line)")
        }
        #expect(try ground.make("all").status == 0)
    }

    /// A clean clone: no programs, no artifacts. Whoever calls `swift` here fails.
    @Test func helpCleanAndADryRunNeedNoBuild() throws {
        let ground = try Playground()
        _ = try ground.shell(
            "rm -r bin; mkdir -p Sources tools; echo a > Sources/a.swift; echo b > Package.swift; "
                + "printf '#!/bin/bash\\ntouch built; exit 1\\n' > tools/swift; chmod +x tools/swift"
        )
        let path = [
            "PATH": "\(ground.path("tools")):\(ProcessInfo.processInfo.environment["PATH"] ?? "")"
        ]
        let help = try ground.shell("make help", path)
        #expect(help.status == 0 && help.says("Experiments: mnist"), "\(help.output)")
        #expect(help.says("The nodes are known once the programs are built"), "\(help.output)")
        let clean = try ground.shell("make clean", path)
        #expect(
            clean.status == 0 && clean.says("nothing has been made in artifacts/"),
            "\(clean.output)")
        for goal in ["all", "attack-a", "why", "mnist", "verify config NODE=attack-a"] {
            let dry = try ground.shell("make -n \(goal)", path)
            #expect(dry.status == 0, "\(goal): \(dry.output)")
            if goal != "mnist" {
                #expect(dry.says("first of all, since nothing is built"), "\(dry.output)")
            }
            #expect(dry.output.contains("pipeline/make/"), "\(goal): \(dry.output)")
        }
        #expect(try ground.shell("make -q all", path).status == 1)
        #expect(!ground.exists("built") && !ground.exists(".build") && !ground.exists("artifacts"))
        // What has been made is not left lying for want of a program.
        _ = try ground.shell("mkdir artifacts; touch artifacts/.mirage-store")
        #expect(try ground.shell("make clean", path).status == 2)
        #expect(ground.exists("built"))
    }
}
