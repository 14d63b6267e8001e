// The least budget within which another attack succeeds.

import Networks
import Tensors

/// A search for the least ε at which a fixed-budget attack reaches the goal, image by image.
///
/// ε starts at the share `first` of the norm's largest sensible budget and doubles until the attack
/// succeeds; then the gap between the largest ε that failed and the least that worked is halved
/// `bisections` times. Success need not be monotone in ε, so this is an upper bound on the least ε;
/// but every ε that is reported was tried and did work, and the image is the one that it gave. Where
/// even the largest budget fails the sample has failed.
///
/// All samples of a window share the passes, each within its own budget. The other attack's settings
/// stand beside those of the search in the config. foolbox's `dataset_attack` and eval scripts search
/// over one list of epsilons for all images; here every image has its own bisection.
public struct LeastEpsilon: Attack {
    /// "least-epsilon".
    public static let name = "least-epsilon"
    /// One line.
    public static let summary =
        "Least epsilon: bisection over the budget of another attack, image by image."
    /// The budget is what it looks for.
    public static let usesEpsilons = false
    /// Those of the other attack.
    public static let norms = Norm.allCases
    /// As far as the other attack draws.
    public static let isRandom = true
    /// The search; the other attack's come with it.
    public static let settings = [
        Setting(
            "of", .choice(inners.map { $0.name }),
            default: .text(ProjectedGradientDescent.name), help: "the attack within each budget"),
        Setting(
            "first", .number(1e-6...1), default: .number(1.0 / 64),
            help: "the first budget, as a share of the norm's largest"),
        Setting(
            "bisections", .integer(0...24), default: .integer(8),
            help: "halvings of the gap between failure and success"),
    ]

    /// The attacks that a bisection can be over: those with a budget that work image by image.
    private static var inners: [any Attack.Type] {
        AttackCatalogue.all.filter { $0.usesEpsilons && !$0.dependsOnCompany }
    }

    private let inner: any Attack
    private let first: Float
    private let bisections: Int

    /// Takes its settings and the other attack's.
    public init(_ values: SettingValues) {
        let name = values.text("of")
        let kind = Self.inners.first { $0.name == name } ?? ProjectedGradientDescent.self
        // The least ε along one gradient is a search that FGSM has of its own.
        inner = kind.init(values.restricted(to: kind.settings, without: ["least_epsilon"]))
        first = values.float("first")
        bisections = values.integer("bisections")
    }

    /// Its own and those of the attack that `of` names.
    public static func settings(choosing chosen: (String) -> String?) -> [Setting] {
        let name = chosen("of")
        // Of a name that is none of them `of` itself will be refused.
        let kind = inners.first { $0.name == name } ?? ProjectedGradientDescent.self
        return settings + kind.settings
    }

    /// What the other attack warns of.
    public func warnings(_ flags: Flags, attacked: Int, of samples: Int) -> [String] {
        inner.warnings(flags, attacked: attacked, of: samples)
    }

    /// What the other attack refuses.
    public func check(_ model: ThreatModel, classes: Int, imageShape: [Int]) throws {
        let kind = type(of: inner)
        guard kind.norms.contains(model.norm) else {
            throw AttackFault.wrongNorm(
                attack: kind.name, norm: model.norm.rawValue, known: kind.norms.map(\.rawValue))
        }
        guard kind.goals.names.contains(model.goal.name) else {
            throw AttackFault.wrongGoal(
                attack: kind.name, goal: model.goal.name, known: kind.goals.names)
        }
        guard model.restarts == 1 || kind.isRandom else {
            throw AttackFault.restartsOfNothingRandom(attack: kind.name)
        }
        try inner.check(model, classes: classes, imageShape: imageShape)
    }

    /// Where a sample's search stands.
    private struct Search {
        var epsilon: Float
        var failed: Float = 0
        var found: (epsilon: Float, image: Tensor)?
        var halvings = 0
        var iterations = 0
        var isOver = false
    }

    /// Every round tries one budget for each sample of a window.
    public func propose(for queue: AttackQueue, on oracle: inout Oracle<some ClassifierPass>) throws
    {
        while true {
            let batch = queue.take(queue.window)
            guard !batch.samples.isEmpty else { return }
            let most = queue.model.norm.budgets(count: batch.images.rowLength).upperBound
            var searches = batch.samples.map { _ in Search(epsilon: first * most) }
            while true {
                let open = searches.indices.filter { !searches[$0].isOver }
                guard !open.isEmpty else { break }
                let attempts = try queue.attempt(
                    inner, on: batch.rows(open), within: open.map { searches[$0].epsilon },
                    on: &oracle)
                for (row, attempt) in zip(open, attempts) {
                    advance(&searches[row], attempt, most: most)
                }
            }
            for (row, sample) in batch.samples.enumerated() {
                let search = searches[row]
                let image = search.found?.image ?? batch.images.rows(row..<row + 1)
                queue.note("least_epsilon", search.found?.epsilon ?? .infinity, for: sample)
                queue.deliver(sample, image: image, row: 0, iterations: search.iterations)
            }
        }
    }

    private func advance(_ search: inout Search, _ attempt: Attempt, most: Float) {
        search.iterations += attempt.iterations
        if attempt.isFooled {
            search.found = (search.epsilon, attempt.image)
        } else {
            search.failed = search.epsilon
        }
        guard let found = search.found else {
            search.isOver = search.epsilon == most
            search.epsilon = min(most, 2 * search.epsilon)
            return
        }
        search.isOver = search.halvings == bisections
        search.halvings += 1
        search.epsilon = search.failed + (found.epsilon - search.failed) / 2
    }
}
