// The least budget within which another attack succeeds.

import Tensors

/// Bisection over the budget of another attack, image by image; see `LeastEpsilon.md`.
///
/// Every ε that is reported was tried and did work, and the image is the one that it gave. The other
/// attack's settings stand beside those of the search in the config.
public struct LeastEpsilon: GradientAttack {
    /// The budget is what it looks for. It draws as far as the other attack does.
    public static let facts = AttackFacts(
        "least-epsilon", norms: Norm.allCases, budget: .least, drawsAtRandom: true)

    @Setting(PGD.name, among: inners.map { $0.name }, "the attack within each budget")
    var of: String
    @Setting(1.0 / 64, in: 1e-6...1, "the first budget, as a share of the norm's largest")
    var first: Float
    @Setting(8, in: 0...24, "halvings of the gap between failure and success")
    var bisections: Int

    private var inner: any Attack = PGD()

    /// Over PGD.
    public init() {}

    /// The attacks that a bisection can be over: those with a budget that work image by image.
    private static var inners: [any Attack.Type] {
        AttackCatalogue.all.filter { $0.usesEpsilons && !$0.dependsOnCompany }
    }

    private static func inner(_ name: String?) -> any Attack.Type {
        // Of a name that is none of them `of` itself will be refused.
        inners.first { $0.name == name } ?? PGD.self
    }

    /// Its own and those of the attack that `of` names.
    public static func settings(choosing chosen: (String) -> String?) -> [SettingDescription] {
        settings + inner(chosen("of")).settings
    }

    /// The other attack. The least ε along one gradient is a search that FGSM has of its own, and a line of
    /// answers would end at whatever budget comes last.
    public mutating func prepare(_ values: SettingValues) {
        inner = Self.inner(of).init(
            values.replacing("least_epsilon", with: .flag(false))
                .replacing("answers", with: .integer(0)))
    }

    /// What the other attack warns of.
    public func warnings(_ flags: Flags, attacked: Int, of samples: Int) -> [String] {
        inner.warnings(flags, attacked: attacked, of: samples)
    }

    /// What the other attack refuses.
    public func check(_ model: ThreatModel, classes: Int, imageShape: [Int]) throws {
        try model.requireSuited(type(of: inner))
        try inner.check(model, classes: classes, imageShape: imageShape)
    }

    /// Where a run's search stands.
    public struct State: Sendable {
        var epsilon: Float
        var failed: Float = 0
        var found: (epsilon: Float, image: Tensor)?
        var halvings = 0
    }

    private static func most(_ model: ThreatModel, _ length: Int) -> Float {
        model.norm.budgets(count: length).upperBound
    }

    /// The first budget.
    public func start(_ run: inout Run) -> State {
        State(epsilon: first * Self.most(run.model, run.image.count))
    }

    /// One budget for each run.
    public func step(_ batch: inout Batch<State>, on oracle: inout some GradientOracle) throws {
        let rows = batch.open
        let attempts = try oracle.attempt(
            inner, on: rows, of: batch, within: rows.map { batch[$0].state.epsilon })
        for (row, attempt) in zip(rows, attempts) {
            batch[row].iterations += attempt.iterations
            if advance(
                &batch[row].state, attempt, most: Self.most(batch.model, batch.length))
            {
                continue
            }
            let found = batch[row].state.found
            batch.note("least_epsilon", found?.epsilon ?? .infinity, row)
            batch.finish(row, at: found?.image ?? batch.originals, row: found == nil ? row : 0)
        }
    }

    /// Twice the budget until one works, then half the gap; false when the search is over.
    private func advance(_ state: inout State, _ attempt: Attempt, most: Float) -> Bool {
        if attempt.isFooled {
            state.found = (state.epsilon, attempt.image)
        } else {
            state.failed = state.epsilon
        }
        guard let found = state.found else {
            if state.epsilon == most { return false }
            state.epsilon = min(most, 2 * state.epsilon)
            return true
        }
        if state.halvings == bisections { return false }
        state.halvings += 1
        state.epsilon = state.failed + (found.epsilon - state.failed) / 2
        return true
    }
}
