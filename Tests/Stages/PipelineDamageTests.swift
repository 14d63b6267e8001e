// What is deleted comes back, what is damaged is made again, and what a user edited is never lost.

import Foundation
import Testing

@Suite struct PipelineDamageTests {
    let ground: Playground
    let before: [String: Data]

    init() throws {
        ground = try Playground()
        _ = try ground.built()
        before = ground.visible()
    }

    /// The path of the object that a name stands for.
    func object(_ name: String) throws -> String {
        let link = ground.path("artifacts/\(name)")
        let target = try FileManager.default.destinationOfSymbolicLink(atPath: link)
        return URL(fileURLWithPath: target, relativeTo: URL(fileURLWithPath: link)).path
    }

    @Test func anythingDeletedIsRestored() throws {
        for name in before.keys.sorted() {
            try ground.remove("artifacts/\(name)")
            try ground.forgetMarks()
            let outcome = try ground.make()
            #expect(outcome.status == 0 && outcome.says(": restored"), "\(name)")
            #expect(ground.marks == [], "\(name)")
            #expect(ground.visible() == before, "\(name)")
        }
        for node in ["train-mlp", "attack-a"] {
            try ground.remove("artifacts/records/\(node).json")
            let outcome = try ground.make(node)
            #expect(outcome.lines.filter { $0.contains(": restored") }.count == 1, "\(node)")
        }
    }

    @Test func theWholeVisibleTreeIsRestored() throws {
        _ = try ground.shell(
            "cd artifacts && rm -rf records dataset model sample attack grid report.html")
        #expect(try ground.built() == [])
        #expect(ground.visible() == before)
    }

    @Test func notesAndKeysAreOnlyShortcuts() throws {
        for folder in [".verified", ".keys"] {
            try ground.remove("artifacts/\(folder)")
            #expect(try ground.built() == [], "\(folder)")
            #expect(ground.visible() == before)
        }
    }

    @Test(arguments: [
        "printf X >> $f", "printf X | dd of=$f conv=notrunc status=none", ": > $f", "rm -f $f",
    ])
    func aDamagedObjectIsMadeAgain(_ damage: String) throws {
        for (name, node) in [
            ("model/mlp.safetensors", "train-mlp"), ("attack/a.safetensors", "attack-a"),
        ] {
            let object = try object(name)
            // The times are put back, as a failing disk would leave them.
            _ = try ground.shell(
                "f='\(object)'; cp -p $f keep; chmod u+w $f; \(damage); [ ! -e $f ] || touch -r keep $f"
            )
            try ground.forgetMarks()
            let outcome = try ground.make()
            #expect(outcome.status == 0)
            #expect(outcome.says("making it again"), "\(outcome.output)")
            #expect(ground.marks == [node], "\(damage)")
            #expect(ground.visible() == before)
        }
    }

    @Test func aDamagedInputNamesTheCommandThatMakesIt() throws {
        let object = try object("model/mlp.safetensors")
        _ = try ground.shell(
            "chmod u+w '\(object)'; echo x > '\(object)'; rm -r artifacts/attack artifacts/.keys artifacts/records/attack-a.json"
        )
        let outcome = try ground.shell("bin/stage-attack --config pipeline/mnist/attack-a.json")
        #expect(outcome.status == 66)
        #expect(outcome.says("model/mlp.safetensors is damaged"))
        #expect(outcome.says("`make train-mlp` makes it again"))
    }

    @Test(arguments: ["model/mlp.safetensors", "attack/a.safetensors", "report.html"])
    func anEditIsRefusedAndKept(_ name: String) throws {
        let path = "artifacts/\(name)"
        _ = try ground.shell("cp \(path) copy; rm \(path); (cat copy; echo mine) > \(path)")
        let mine = ground.read(path)
        #expect(
            try ground.shell("touch pipeline/mnist.lock; bin/pipeline-tool verify").says(
                "\(name): it was edited; move"))
        let outcome = try ground.make()
        #expect(outcome.status != 0)
        let last = try #require(outcome.lines.last)
        #expect(last.contains("\(name) was edited in place") && last.contains("move it away"))
        #expect(ground.read(path) == mine)
        let node =
            name == "report.html" ? "visualize" : name.hasPrefix("model") ? "train-mlp" : "attack-a"
        let stage = node.prefix { $0 != "-" }
        let alone = try ground.shell("bin/stage-\(stage) --config pipeline/mnist/\(node).json")
        #expect(alone.status == 65)
        // The way out works, and nothing else was touched.
        _ = try ground.shell("mv \(path) mine")
        #expect(try ground.built() == [])
        #expect(ground.visible() == before)
    }

    @Test func filesOfOtherOriginAreLeftAlone() throws {
        try ground.write("notes", to: "artifacts/notes.txt")
        try ground.write("mine", to: "artifacts/model/mine.txt")
        try ground.config("train-mlp", #"{"learning_rate": 0.7}"#)
        _ = try ground.built()
        #expect(try ground.make("gc").status == 0)
        #expect(try ground.make("clean").status == 0)
        #expect(ground.read("artifacts/notes.txt") == Data("notes".utf8))
        #expect(ground.read("artifacts/model/mine.txt") == Data("mine".utf8))
        #expect(!ground.exists("artifacts/objects") && !ground.exists("artifacts/report.html"))
    }

    @Test func aFolderOrAForeignLinkInTheWayIsRefused() throws {
        _ = try ground.shell(
            "rm artifacts/attack/a.safetensors; mkdir artifacts/attack/a.safetensors")
        #expect(try ground.make().lines.last?.contains("is no file of this store") == true)
        _ = try ground.shell(
            "rmdir artifacts/attack/a.safetensors; ln -s /etc/hostname artifacts/attack/a.safetensors"
        )
        #expect(try ground.make().lines.last?.contains("is no file of this store") == true)
    }

    @Test func copiesOfObjectsMayBeReplaced() throws {
        _ = try ground.shell(
            "cp -RL artifacts copy && rm -rf copy/.??* && cp -R artifacts/.keys copy/ && rm -rf artifacts && mv copy artifacts"
        )
        #expect(try ground.built() == [])
        #expect(ground.visible() == before)
        _ = try object("model/mlp.safetensors")
    }

    @Test func verifyAndLockAgreeUntilSomethingChanges() throws {
        #expect(try ground.make("verify").says("`make lock` writes it"))
        #expect(try ground.make("lock").status == 0)
        let good = try ground.make("verify")
        #expect(good.status == 0 && good.says("all 10 artifacts"), "\(good.output)")
        #expect(try ground.shell("cd artifacts && sha256sum -c ../pipeline/mnist.lock").status == 0)
        let object = try object("attack/a.safetensors")
        _ = try ground.shell("chmod u+w '\(object)'; echo x >> '\(object)'")
        let bad = try ground.make("verify")
        #expect(bad.status != 0 && bad.says("attack/a.safetensors: its object is damaged"))
        _ = try ground.built()
        #expect(try ground.make("verify").status == 0)
        try ground.config("attack-a", #"{"epsilon": 0.9}"#)
        _ = try ground.built()
        let other = try ground.make("verify")
        #expect(other.status != 0 && other.says("and the lock says"))
        _ = try ground.shell("sed -i 1d pipeline/mnist.lock; echo broken >> pipeline/mnist.lock")
        #expect(try ground.make("verify").says("pipeline/mnist.lock, line 10"))
    }

    @Test func collectingFreesOnlyWhatNothingNames() throws {
        try ground.config("train-mlp", #"{"learning_rate": 0.7}"#)
        _ = try ground.built()
        let now = ground.visible()
        let outcome = try ground.make("gc")
        #expect(outcome.says("gc: freed ") && !outcome.says("freed 0 objects"))
        #expect(ground.visible() == now)
        #expect(try ground.built() == [])
        // What was freed is made again when it is wanted, not found missing.
        try ground.config("train-mlp", #"{"learning_rate": 0.1}"#)
        #expect(try ground.built() == ["attack-a", "attack-b", "train-mlp", "visualize"])
        #expect(ground.visible() == before)
    }

    @Test func collectingWaitsForStages() throws {
        try ground.config("train-mlp", #"{"sleep_ms": 1500}"#)
        let running = try ground.start("bin/stage-train", output: "log")
        try awaitMark("train-mlp")
        let outcome = try ground.shell("bin/pipeline-tool gc")
        #expect(outcome.status == 75 && outcome.says("a stage is running"))
        running.waitUntilExit()
        #expect(running.terminationStatus == 0)
        #expect(try ground.shell("bin/pipeline-tool gc").status == 0)
    }

    private func awaitMark(_ node: String) throws {
        try ground.forgetMarks()
        for _ in 0..<400 where !ground.marks.contains(node) { usleep(10_000) }
        try #require(ground.marks.contains(node))
    }
}
