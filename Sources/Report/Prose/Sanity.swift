// Checks that any evaluation of robustness should pass: where one fails, an attack or its settings
// are to be doubted before the network is praised. Each is decided by the figures of the study; what
// is expected of which attack stands in its card.

import AttackCards

/// One check, and how it went.
struct SanityCheck: Equatable {
    /// Whether the figures bear the rule out.
    enum Status: String {
        case passed = "passed"
        case failed = "failed"
        case notApplicable = "not applicable"
    }

    let rule: String
    let status: Status
    let evidence: String

    /// All checks on a study.
    static func all(_ study: Study) -> [SanityCheck] {
        let attacks = study.attacks.filter { !$0.eligible.isEmpty }
        return [
            nothing(attacks), steps(attacks), growth(attacks), unbounded(attacks), noise(attacks),
            transfer(attacks, study.transfers), rounding(attacks), gradients(attacks),
            together(attacks),
        ]
    }

    /// What no record can tell, and who does.
    static let note =
        "That gradients agree with central differences is not among these checks, since it needs the "
        + "network and not the records: the test suite (make test) checks it for every layer and "
        + "architecture."

    init(_ rule: String, _ status: Status, _ evidence: String) {
        (self.rule, self.status, self.evidence) = (rule, status, evidence)
    }

    /// The status that follows from cases: failures are named, up to a limit, else the successes are summed up; a
    /// further sentence ends either.
    init(
        _ rule: String, cases: [Case], absent: String, limit: Int = 4, further: String = "",
        sum: (Int) -> String
    ) {
        let failures = cases.filter { !$0.isGood }
        guard !cases.isEmpty else {
            self.init(rule, .notApplicable, absent + further)
            return
        }
        let told = failures.isEmpty ? cases : failures
        let shown = told.prefix(limit).map(\.text)
        let left = told.count - shown.count
        let list = shown.joined(separator: "; ") + (left > 0 ? "; and \(left) more" : "")
        self.init(
            rule, failures.isEmpty ? .passed : .failed,
            (failures.isEmpty
                ? "\(sum(cases.count)) \(list)."
                : "It does not hold in \(failures.count) of \(cases.count) cases: \(list).")
                + further)
    }

    /// One thing that a check looked at.
    struct Case {
        let isGood: Bool
        let text: String
    }

    // MARK: Common to them

    /// An attack and the best of others at a budget, on the images that the two share.
    struct Pairing {
        let epsilon: Double
        /// The images that it turned, those that the best of the others turned, and those that both
        /// saw and the network read correctly before.
        let own: Int, best: Int, images: Int
        /// The best of the others.
        let rival: AttackRun

        /// Whether neither turned an image, which says nothing.
        var isSilent: Bool { own == 0 && best == 0 }
    }

    /// For each budget that an attack shares with others: its successes, and the best of them.
    static func pairings(
        _ entry: Comparison.Entry, _ others: [Comparison.Entry], _ comparison: Comparison
    ) -> [Pairing] {
        entry.attack.levels.compactMap(\.epsilon).filter { $0 > 0 }.compactMap { epsilon in
            let all = others.compactMap { other -> Pairing? in
                let shared = comparison.isRight.indices.filter {
                    comparison.isRight[$0] && entry.places[$0] != nil && other.places[$0] != nil
                }
                guard !shared.isEmpty, other.attack.level(at: epsilon) != nil,
                    let own = entry.fooled(at: epsilon, of: shared),
                    let best = other.fooled(at: epsilon, of: shared)
                else { return nil }
                return Pairing(
                    epsilon: epsilon, own: own, best: best, images: shared.count,
                    rival: other.attack)
            }
            return all.max {
                Double($0.best - $0.own) / Double($0.images)
                    < Double($1.best - $1.own) / Double($1.images)
            }
        }
    }

    /// Whether an attack's card puts it among those of a kind.
    static func isOf(_ check: AttackCard.Check, _ attack: AttackRun) -> Bool {
        attack.card?.check == check
    }

    static func name(_ attack: AttackRun) -> String { AttackText(attack).short }

    static func place(_ attack: AttackRun) -> String {
        attack.model.isEmpty ? "" : "\(attack.model): "
    }

    static func rate(_ attack: AttackRun, _ hits: Int) -> String {
        rate(hits, of: attack.eligible.count)
    }

    static func rate(_ hits: Int, of images: Int) -> String {
        Numerals.percent(Statistics.share(hits, of: images))
    }
}
