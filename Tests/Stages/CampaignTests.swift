// The fault campaign: everything that a disk, a system, a clock, a stranger or a user's Ctrl-C can do
// to a run, done to the toy pipeline, and after each try the question whether anything is wrong. What
// may happen is that a program fails as it should, harms nothing, and the next run heals; or that it
// succeeds, with exactly the bytes of a run without trouble.
//
// `make test` runs a small, fixed part; `make campaign` all of it (MIRAGE_CAMPAIGN=full).

import Foundation
import Requirements
import Testing

@Suite struct CampaignTests {
    /// Whether all is to be tried, instead of a part that takes seconds.
    static let isFull = variable("MIRAGE_CAMPAIGN") == "full"

    /// Whether a part that this machine cannot do is a failure, instead of being left out.
    static let isRequired = Requirement.campaign.isRequired

    static func variable(_ name: String) -> String {
        ProcessInfo.processInfo.environment[name] ?? ""
    }

    /// Says that a part is left out.
    static func leaveOut(_ part: String, _ why: String) {
        print("campaign: \(part): left out, \(why)")
        if isRequired { Issue.record("\(part) is required, and left out: \(why)") }
    }

    /// Some of many cases, spread evenly over them and the same in each run; all where they are few.
    static func some<C: RandomAccessCollection>(_ most: Int, of cases: C) -> [C.Element] {
        guard cases.count > most, most > 0 else { return Array(cases) }
        return (0..<most).map { number in
            let place = (2 * number + 1) * cases.count / (2 * most)
            return cases[cases.index(cases.startIndex, offsetBy: place)]
        }
    }
}

/// What a part of the campaign has come to.
struct CampaignTally {
    let part: String
    private(set) var tried = 0
    /// Tries after which a program had failed, or something was damaged, and the next run made all good.
    private(set) var healed = 0
    private(set) var wrong = 0
    private(set) var details: [String] = []

    init(_ part: String) { self.part = part }

    /// Counts a try.
    /// - Parameters:
    ///   - what: what was tried, for the message.
    ///   - wasHarmed: whether there was something to heal.
    ///   - problems: what is wrong, none if nothing is.
    mutating func count(_ what: String, wasHarmed: Bool, _ problems: [String]) {
        tried += 1
        if !problems.isEmpty {
            wrong += 1
            details.append("\(what): \(problems.joined(separator: "; "))")
        } else if wasHarmed {
            healed += 1
        }
    }

    mutating func add(_ other: CampaignTally) {
        tried += other.tried
        healed += other.healed
        wrong += other.wrong
        details += other.details
    }

    /// Prints the counts; nothing may be wrong, and enough must have been tried.
    func finish(atLeast least: Int, _ place: SourceLocation = #_sourceLocation) {
        print("campaign: \(part): \(tried) tried, \(healed) healed, \(wrong) wrong")
        let first = details.prefix(CampaignTests.isFull ? 200 : 5).joined(separator: "\n\n")
        #expect(wrong == 0, "\(first)", sourceLocation: place)
        #expect(tried >= least, "only \(tried) were tried", sourceLocation: place)
    }
}
