// One bit flipped in every kind of file of a store. `make verify` finds it, `make all` heals what can be
// made again, and what may be a user's edit is refused and kept, with a way out that works.

import Foundation
import Testing

@testable import Artifacts

extension CampaignTests {
    /// How the times of the file look after the flip.
    enum Trace: String, CaseIterable {
        /// As after any write.
        case new
        /// The time of writing put back.
        case restored
        /// As if nothing had been written: rot below the file system, which no note can see.
        case none
    }

    @Test func flippedBits() throws {
        var tally = CampaignTally("bit flips")
        let ground = try Playground()
        _ = try ground.built()
        _ = try ground.shell("bin/pipeline-tool lock && cp -a artifacts base")
        let reference = ground.visible()
        let files = try filesOfAStore(ground)
        let some = Self.isFull ? files : Self.some(13, of: files) + ["report.html"]
        for (number, name) in some.enumerated() {
            let size = ground.read("artifacts/\(name)")?.count ?? 0
            let places = Self.isFull ? Self.some(3, of: 0..<size) : [size * (number % 5) / 5]
            for (turn, place) in places.enumerated() {
                for trace in Self.isFull ? Trace.allCases : [Trace.allCases[(number + 1) % 3]] {
                    _ = try ground.shell("rm -rf artifacts && cp -a base artifacts")
                    let bit = (number + turn) % 8
                    let flip = Flip(name: name, place: place, bit: bit, trace: trace)
                    let problems = try flip.judge(ground, reference)
                    tally.count("\(flip)", wasHarmed: true, problems)
                }
            }
        }
        tally.finish(atLeast: 14)
    }

    /// Files of a store, one kind after the other; those that stages hold locks on have no content.
    private func filesOfAStore(_ ground: Playground) throws -> [String] {
        try ground.shell("cd artifacts && find . -type f -size +0 | sed 's/^..//' | sort").lines
            .map(String.init)
            // The words in the marker are for people; that it is there is what counts.
            .filter { $0 != ".mirage-store" }
            // Visible copies, as `cp -RL` makes of links.
            + ["model/mlp.safetensors", "grid/attack-a.png", "sample/5k.safetensors"]
    }
}

/// A flipped bit.
private struct Flip: CustomStringConvertible {
    let name: String
    let place: Int
    let bit: Int
    let trace: CampaignTests.Trace

    var description: String { "\(name), byte \(place), bit \(bit), traces: \(trace)" }

    /// Whether it may be what a user wrote: then it must not be lost.
    private var mayBeAnEdit: Bool {
        !name.hasPrefix("objects") && !name.hasPrefix("records") && !name.hasPrefix(".")
    }

    func judge(_ ground: Playground, _ reference: [String: Data]) throws -> [String] {
        let path = ground.path("artifacts/\(name)")
        let store = Store(ground.path("artifacts"))
        // Notes of this copy of the store, so that there is something to mislead.
        _ = try ground.shell(
            "cp -L --remove-destination artifacts/\(name) copy; "
                + (mayBeAnEdit ? "cp --remove-destination copy artifacts/\(name); " : "")
                + "bin/pipeline-tool check")
        try apply(path, store)
        let flipped = ground.read("artifacts/\(name)")

        var problems: [String] = []
        let found = try ground.ended("bin/pipeline-tool verify")
        // A note that is needed has been written anew before verify comes to look at it.
        let isHealed =
            name.hasPrefix(CachedDigest.folder) && ground.read("artifacts/\(name)") != flipped
        if found.status == 0, !isHealed { problems.append("verify does not find it") }
        if mayBeAnEdit {
            let refused = try ground.make()
            if refused.status == 0 || !refused.says("\(name) was edited in place") {
                problems.append("not refused as edited: \(refused.output)")
            }
            if ground.read("artifacts/\(name)") != flipped { problems.append("the edit is lost") }
            _ = try ground.shell("mv artifacts/\(name) mine")
        }
        let healed = try ground.make()
        if healed.status != 0 { problems.append("all fails: \(healed.output)") }
        var again = try ground.ended("bin/pipeline-tool verify")
        if again.status != 0, again.says("`make gc` takes it away") {
            _ = try ground.make("gc")
            again = try ground.ended("bin/pipeline-tool verify")
        }
        if again.status != 0 { problems.append("verify after it: \(again.output)") }
        if ground.visible() != reference { problems.append("other artifacts after it") }
        return problems
    }

    private func apply(_ path: String, _ store: Store) throws {
        let digest = try Digest(ofFile: path)
        _ = chmod(path, 0o644)
        var status = stat()
        _ = stat(path, &status)
        var bytes = [UInt8](FileManager.default.contents(atPath: path) ?? Data())
        bytes[place] ^= 1 << UInt8(bit)
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try file.seek(toOffset: UInt64(place))
        try file.write(contentsOf: [bytes[place]])
        try file.close()
        guard trace != .new else { return }
        var times = [status.st_atim, status.st_mtim]
        _ = utimensat(AT_FDCWD, path, &times, 0)
        guard trace == .none, !name.hasPrefix(".") else { return }
        // The note says what it would say had the system never heard of the change.
        guard let signature = try store.tree.signature(name) else { return }
        CachedDigest(store, name).write(digest, signature)
    }
}
