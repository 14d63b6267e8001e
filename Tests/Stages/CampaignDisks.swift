// Disks that are full, of many sizes: too small for a part of what `make all` writes, in bytes or in
// files; then there is room, and the next run goes on.

import Foundation
import Testing

extension CampaignTests {
    @Test func fullDisks() throws {
        let ground = try Playground()
        try ground.config("train-mlp", #"{"size": 20000}"#)
        _ = try ground.built()
        let old = ground.visible()
        _ = try ground.shell("mv artifacts base && mkdir artifacts")
        let isAllowed =
            try ground.shell(
                "unshare -m mount -t tmpfs -o size=64k none artifacts"
            ).status == 0
        guard isAllowed else {
            return Self.leaveOut("full disks", "only root may mount small ones here")
        }
        var tally = CampaignTally("full disks")
        // A disk for a complete store and a bit, on which a config then changes; and an empty one.
        for hasOld in [false, true] {
            let node = hasOld ? "sample-5k" : "train-mlp"
            try ground.config("sample-5k", hasOld ? #"{"count": 3}"# : #"{"count": 5}"#)
            let reference = try reference(of: ground)
            for limit in limits(hasOld) {
                let script = Self.script(limit, hasOld)
                let outcome = try ground.shell("unshare -m bash -c '\(script)'")
                // The old store alone may be too large for the disk.
                guard outcome.status != 98 else { continue }
                let problems = try judge(
                    ground, outcome, from: hasOld ? old : [:], to: reference)
                tally.count(
                    "\(limit)\(hasOld ? ", \(node) changed" : "")",
                    wasHarmed: ground.read("status") != Data("0\n".utf8), problems)
            }
        }
        tally.finish(atLeast: 8)
    }

    private func limits(_ hasOld: Bool) -> [String] {
        let (pages, files) = hasOld ? (60..<100, 70..<110) : (1..<100, 2..<110)
        let (fewPages, fewFiles) =
            Self.isFull
            ? (Self.some(25, of: pages), Self.some(25, of: files))
            : (Self.some(4, of: pages), Self.some(3, of: files))
        return fewPages.map { "size=\($0 * 4)k" } + fewFiles.map { "size=10m,nr_inodes=\($0)" }
    }

    private func reference(of ground: Playground) throws -> [String: Data] {
        _ = try ground.shell("rmdir artifacts; cp -a base artifacts")
        _ = try ground.built()
        defer { _ = try? ground.shell("rm -rf artifacts; mkdir artifacts") }
        return ground.visible()
    }

    /// What happens on the small disk: its store is copied away as it is after the failure, and after
    /// the next run.
    private static func script(_ limit: String, _ hasOld: Bool) -> String {
        """
        rm -rf middle end; mount -t tmpfs -o \(limit) none artifacts || exit 99
        \(hasOld ? "cp -a base/. artifacts/ || exit 98" : "")
        \(Playground.make) all >log 2>&1; echo $? >status
        cp -a artifacts middle
        mount -o remount,size=50m,nr_inodes=10000 artifacts || exit 97
        \(Playground.make) all >log2 2>&1 || exit 1
        cp -a artifacts end
        """
    }

    private func judge(
        _ ground: Playground, _ outcome: Playground.Outcome, from old: [String: Data],
        to new: [String: Data]
    ) throws -> [String] {
        func said(_ log: String) -> String {
            String(decoding: ground.read(log) ?? Data(), as: UTF8.self)
        }
        var problems: [String] = []
        if outcome.status != 0 {
            problems.append("ended with \(outcome.status): \(outcome.output)\(said("log2"))")
        }
        let status = String(decoding: ground.read("status") ?? Data(), as: UTF8.self)
        if status != "0\n", !said("log").contains("No space left on device") {
            problems.append("did not name the error (\(status)): \(said("log"))")
        }
        for (folder, isLast) in [("middle", false), ("end", true)] {
            _ = try ground.shell("rmdir artifacts; mv \(folder) artifacts")
            problems += ground.partial(between: old, and: new, all: true)
            if isLast, ground.visible() != new { problems.append("other artifacts at the end") }
            if !ground.temporaries.isEmpty { problems.append("left \(ground.temporaries)") }
            _ = try ground.shell("rm -rf artifacts; mkdir artifacts")
        }
        return problems.isEmpty ? [] : problems + ["it said: \(said("log"))"]
    }
}
