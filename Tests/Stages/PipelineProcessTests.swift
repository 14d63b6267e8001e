// A stage as a process: signals, standard streams, the umask, terminals, programs that it starts, and
// what the system refuses.

import Foundation
import Testing

@testable import StageKit

@Suite struct PipelineProcessTests {
    let ground: Playground

    init() throws { ground = try Playground() }

    @Test func anIgnoredSignalStaysIgnored() throws {
        _ = try ground.make("fetch-toy")
        try ground.config("train-mlp", #"{"sleep_ms": 700}"#)
        for (signal, arrange) in [
            ("HUP", "trap '' HUP"), ("INT", "trap '' INT"), ("TERM", "trap '' TERM"),
        ] {
            try ground.forgetMarks()
            let outcome = try ground.shell(
                """
                rm -rf artifacts/model artifacts/records/train-mlp.json artifacts/.keys
                (\(arrange); exec bin/stage-train --force) & child=$!
                while ! grep -q train-mlp marks 2>/dev/null; do sleep 0.01; done
                kill -\(signal) $child; wait $child
                """)
            #expect(
                outcome.status == 0 && outcome.says("train-mlp: ran"),
                "\(signal): \(outcome.output)")
        }
    }

    /// Whatever the instant, it ends as stopped or as done, and nothing is left.
    @Test func aStopAtAnyMomentOfPublishingEndsCleanly() throws {
        _ = try ground.make("all")
        var statuses: Set<Int32> = []
        for round in 0..<40 {
            try ground.config(
                "train-mlp", "{\"learning_rate\": 0.\(100 + round), \"size\": 200000}")
            let process = try ground.start("exec bin/stage-train", output: "log")
            usleep(UInt32(2_000 + round * 700))
            kill(process.processIdentifier, SIGINT)
            process.waitUntilExit()
            let log = String(decoding: ground.read("log") ?? Data(), as: UTF8.self)
            // Before the program has begun to listen, the signal ends it as any other.
            let status =
                process.terminationReason == .uncaughtSignal ? 130 : process.terminationStatus
            statuses.insert(status)
            #expect([0, 130].contains(status), "round \(round): \(status) \(log)")
            #expect(!log.contains("cannot"), "round \(round): \(log)")
            #expect(ground.temporaries == [] || log.isEmpty, "round \(round)")
            ground.expectNothingPartial("round \(round)")
        }
        #expect(statuses.contains(130))
        #expect(try ground.make("all").status == 0 && ground.temporaries == [])
    }

    @Test func closedStreamsDoNoHarm() throws {
        let reference = try Playground.reference()
        for closed in ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"] {
            _ = try ground.shell("rm -rf artifacts")
            for stage in PipelineCrashTests.stages {
                let outcome = try ground.shell("bin/\(stage) \(closed)")
                #expect(outcome.status == 0, "\(stage) \(closed)")
            }
            #expect(ground.visible() == reference, "\(closed)")
        }
    }

    @Test(arguments: ["022", "077", "027", "002"]) func theUmaskIsHonoured(_ mask: String) throws {
        #expect(try ground.shell("umask \(mask); \(Playground.make) all").status == 0)
        let forbidden = try ground.shell(
            "find artifacts ! -type l -perm /\(mask) ! -path artifacts -print")
        #expect(forbidden.output == "", "\(forbidden.output)")
        let objects = try ground.shell("find artifacts/objects -type f -perm /222").output
        #expect(objects == "", "\(objects)")
    }

    @Test func aDumbTerminalGetsPlainLines() throws {
        _ = try ground.make("fetch-toy")
        try ground.config("train-mlp", #"{"sleep_ms": 100}"#)
        let command = "script -qec 'bin/stage-train --force' /dev/null"
        guard try ground.shell("command -v script").status == 0 else { return }
        let dumb = try ground.shell(command, ["TERM": "dumb", "NO_COLOR": "1"])
        #expect(dumb.status == 0 && !dumb.says("\u{1B}"), "\(dumb.output)")
        #expect(dumb.says("working 50%"))
        let other = try ground.shell(command, ["TERM": "xterm", "NO_COLOR": "1"])
        // A line is redrawn, but nothing is coloured.
        #expect(other.says("\u{1B}[K") && !other.output.contains(/\u{1B}\[[0-9;]*m/))
    }

    @Test func aProgramThatIsStartedGetsSignalsAndIsEnded() throws {
        #expect(
            try ChildProcess.run(["sh", "-c", "echo out; echo err >&2"]).words
                == Array("out\nerr\n".utf8))
        #expect(try ChildProcess.run(["sh", "-c", "exit 3"]).status == 3)
        #expect(try ChildProcess.run(["sh", "-c", "kill -TERM $$"]).status == 143)
        #expect(throws: StageFault.self) { try ChildProcess.run(["no-such-program"]) }
        // No signal is blocked or ignored in it.
        let masks = try ChildProcess.run(["grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"])
        let ignored = String(decoding: masks.words, as: UTF8.self)
        #expect(ignored.contains("SigBlk:\t0000000000000000"), "\(ignored)")
        let much = try ChildProcess.run(["sh", "-c", "head -c 300000 /dev/zero"])
        #expect(much.status == 0 && much.words.count == 65_536)
    }

    @Test func controlCharactersDoNotReachTheTerminal() throws {
        _ = try ground.shell("printf 'hello' > $'data/a\\e[31mb\\rc'")
        try ground.config("fetch-toy", #"{"source": "data/a\u001b[31mb\rd"}"#)
        let outcome = try ground.shell("bin/stage-fetch")
        #expect(outcome.status == 66 && !outcome.says("\u{1B}") && !outcome.says("\r"))
        #expect(outcome.says(#"data/a\u{1B}[31mb\rd does not exist"#), "\(outcome.output)")
        let flag = try ground.shell("bin/stage-train --learning-rate $'\\e[31m'")
        #expect(flag.status == 64 && !flag.says("\u{1B}"), "\(flag.output)")
    }

    @Test(arguments: [
        "mkfifo data/odd", "ln -s /dev/zero data/odd", "ln -s /dev/tty data/odd", "mkdir data/odd",
    ])
    func whatIsNoFileIsNeverWaitedFor(_ make: String) throws {
        _ = try ground.shell("rm -rf data/odd; \(make)")
        try ground.config("fetch-toy", #"{"source": "data/odd"}"#)
        let data = try ground.shell("timeout 10 bin/stage-fetch")
        #expect([65, 74].contains(data.status), "\(make): \(data.output)")
        #expect(data.says("data/odd"), "\(data.output)")
        let config = try ground.shell(
            "mv data/odd pipeline/mnist/train-odd.json; timeout 10 bin/stage-train --config pipeline/mnist/train-odd.json"
        )
        #expect([65, 74].contains(config.status), "\(make): \(config.output)")
        #expect(try ground.shell("timeout 20 \(Playground.make) all").status == 2)
    }

    /// A system error keeps its name and its exit code.
    @Test func systemErrorsKeepTheirNames() throws {
        _ = try ground.make("all")
        let few = try ground.shell("ulimit -n 3; bin/stage-train")
        #expect(few.status == 74 || few.status == 127, "\(few.output)")
        guard !PipelineLastWordTests.user.isEmpty else { return }
        // Unreadable objects are neither damaged nor absent.
        _ = try ground.shell("chmod -R a+rwX . && chmod 000 artifacts/objects/*")
        let why = try ground.shell("\(PipelineLastWordTests.user)bin/pipeline-tool why")
        #expect(why.says("Permission denied") && !why.says("damaged") && !why.says("missing"))
        let gc = try ground.shell("\(PipelineLastWordTests.user)bin/pipeline-tool gc")
        #expect(gc.status == 74 && gc.says("Permission denied"), "\(gc.output)")
        _ = try ground.shell("chmod 755 artifacts/objects/*; chmod 000 artifacts/records")
        let records = try ground.shell("\(PipelineLastWordTests.user)bin/pipeline-tool gc")
        #expect(records.status == 74 && records.says("artifacts/records"), "\(records.output)")
        _ = try ground.shell("chmod 755 artifacts/records")
        #expect(try ground.make("all").status == 0)
    }
}
