// A playground in which one scenario is tried over and over, and the judge of what came out.

import Artifacts
import Foundation
import Testing

/// A scenario's playground, and what it is like without trouble.
final class CampaignBench {
    let scenario: CampaignScenario
    let ground: Playground
    /// Visible artifacts before the command.
    let before: [String: Data]
    /// The same after it.
    let after: [String: Data]
    /// The same after `make all`.
    let reference: [String: Data]
    /// What the command says.
    let words: String
    private var attempts = 0

    init(_ scenario: CampaignScenario) throws {
        self.scenario = scenario
        ground = try Playground()
        _ = try ground.built()
        let prepared = try ground.shell(
            "\(scenario.preparation); [ ! -e artifacts ] || cp -a artifacts base")
        try #require(prepared.status == 0, "\(prepared.output)")
        before = ground.visible()
        let outcome = try ground.ended(scenario.command)
        try #require(outcome.status == 0, "\(scenario.name): \(outcome.output)")
        words = outcome.output
        after = ground.visible()
        _ = try ground.built()
        reference = ground.visible()
    }

    /// Runs the command on the store as it was before.
    func attempt(_ environment: [String: String]) throws -> Playground.Outcome {
        let reset = "rm -rf artifacts; [ ! -e base ] || cp -a base artifacts"
        return try ground.ended(scenario.command, after: reset, environment)
    }

    /// How a failure has to look.
    struct Failure {
        var statuses: Set<Int32>
        /// One of these its message says.
        var says: [String] = []
        /// Whether it may leave temporary files, which the next run takes away.
        var mayLeaveFiles = false
    }

    /// What no message may say of a fault of the system.
    private static let accusations = [
        "damaged", "does not exist", "edited in place", "deterministic", "is no file of",
        "is no store", "malformed", "has no record", "ask for", "Fatal error",
    ]

    /// Judges an attempt, heals, and judges that.
    /// - Returns: whether there was a failure to heal, and what is wrong.
    func judge(
        _ outcome: Playground.Outcome, _ failure: Failure
    ) throws -> (wasHarmed: Bool, problems: [String]) {
        let isFailure = outcome.status != 0
        var problems =
            isFailure ? look(atFailure: outcome, failure) : look(atSuccess: outcome, failure)
        problems += ground.partial(between: before, and: after, all: scenario.kind != .removal)
        if !ground.temporaries.isEmpty, !failure.mayLeaveFiles {
            problems.append("left \(ground.temporaries)")
        }
        if isFailure || failure.mayLeaveFiles || !problems.isEmpty { problems += try heal() }
        return (isFailure, problems.isEmpty ? [] : problems + ["it said: \(outcome.output)"])
    }

    private func look(atFailure outcome: Playground.Outcome, _ failure: Failure) -> [String] {
        var problems: [String] = []
        if !failure.statuses.contains(outcome.status) {
            problems.append("ended with \(outcome.status)")
        }
        if !failure.says.isEmpty, !failure.says.contains(where: outcome.says) {
            problems.append("did not name the error")
        }
        for accusation in Self.accusations where outcome.says(accusation) {
            problems.append("said “\(accusation)”")
        }
        return problems
    }

    private func look(atSuccess outcome: Playground.Outcome, _ failure: Failure) -> [String] {
        switch scenario.kind {
        case .stage, .removal:
            return ground.visible() == after ? [] : ["succeeded with other artifacts"]
        case .look:
            let isExplained = failure.says.contains(where: outcome.says)
            return outcome.output == words || isExplained ? [] : ["said something else"]
        case .rules:
            // A node that could not be looked at is to be run, which settles it.
            let (found, wanted) = (outcome.lines, words.split(separator: "\n"))
            let isRight = zip(found, wanted).allSatisfy { found, wanted in
                guard !found.hasPrefix("BUSY := ") else { return wanted.hasPrefix("BUSY := ") }
                return found == wanted || found.hasPrefix("\(wanted) ; pipeline/make/run ")
            }
            return isRight && found.count == wanted.count ? [] : ["made other rules"]
        }
    }

    /// The next run, without trouble: the same command, and now and then all.
    private func heal() throws -> [String] {
        attempts += 1
        let isAll = scenario.kind == .removal || attempts % 8 == 0
        let outcome = isAll ? try ground.make() : try ground.ended(scenario.command)
        var problems = outcome.status == 0 ? [] : ["the next run fails: \(outcome.output)"]
        if ground.visible() != (isAll ? reference : after) {
            problems.append("the next run gives other artifacts")
        }
        if !ground.temporaries.isEmpty { problems.append("the next run leaves files") }
        return problems
    }
}

extension Playground {
    /// Runs a program, with an environment that only it gets; the status of one that a signal has
    /// ended is 128 and the signal's number.
    func ended(
        _ program: String, after preparation: String = ":", _ environment: [String: String] = [:]
    ) throws -> Outcome {
        let variables = environment.map { "\($0)='\($1)'" }.sorted().joined(separator: " ")
        let name = "output-\(UUID().uuidString)"
        let process = try start(
            "\(preparation); exec env \(variables) \(program)", output: name)
        process.waitUntilExit()
        let output = String(decoding: read(name) ?? Data(), as: UTF8.self)
        try remove(name)
        let isKilled = process.terminationReason == .uncaughtSignal
        return Outcome(status: process.terminationStatus + (isKilled ? 128 : 0), output: output)
    }

    /// What is half-done: artifacts that are neither the old nor the new ones, objects that do not hash
    /// to their names, and, if `all` is to be there, old artifacts that are gone.
    func partial(between old: [String: Data], and new: [String: Data], all: Bool) -> [String] {
        var problems: [String] = []
        let visible = visible()
        for (name, content) in visible where content != old[name] && content != new[name] {
            problems.append("\(name) is neither old nor new")
        }
        for name in old.keys where all && visible[name] == nil && new[name] != nil {
            problems.append("\(name) is gone")
        }
        let objects = path("artifacts/objects")
        for name in FileManager.default.subpaths(atPath: objects) ?? [] {
            let parts = name.split(separator: "/")
            guard parts.count == 2 else { continue }
            let digest = try? Digest(ofFile: "\(objects)/\(name)")
            if digest?.hex != String(parts[0] + parts[1].prefix { $0 != "." }) {
                problems.append("object \(name) is not what it is named")
            }
        }
        return problems
    }
}
