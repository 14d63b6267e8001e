// The search for the weight of a loss, which Carlini–Wagner's attack and others share.

/// The search for the weight c of an attack that trades distance for success: bisection, sample by
/// sample, with an early end of descents that lead nowhere.
struct WeightSearch: SettingGroup {
    @Setting(9, in: 1...100, unit: "searches", "values of the weight c that are tried")
    var searches: Int
    @Setting var steps: Int
    @Setting(0.01, in: 1e-9...1e3, "the step size of the descent") var stepSize: Double
    @Setting(1e-3, in: 1e-9...1e9, "the first c") var initialConstant: Double
    @Setting(true, "end a search when a tenth of its steps has not lowered the loss")
    var abortEarly: Bool

    init(steps standard: Int) {
        _steps = Setting(standard, in: 1...1_000_000, unit: "steps", "steps of a search")
    }

    /// Where a sample's search stands.
    struct State: Sendable {
        /// The weight c.
        fileprivate(set) var weight: Double
        /// The least size that has succeeded; infinite before any has.
        fileprivate(set) var least = Double.infinity
        /// Steps of this search.
        fileprivate(set) var step = 0
        /// Whether it takes part in the next step.
        fileprivate(set) var isMoving = true
        fileprivate var lower = 0.0
        fileprivate var upper = Double.infinity
        fileprivate var searches = 0
        fileprivate var hasFound = false
        fileprivate var checkpoint = Double.infinity
    }

    /// What comes next.
    enum Move { case step, restart, finish }

    /// Before the first step.
    func begin() -> State { State(weight: initialConstant) }

    /// Takes what was found at a point: its size, by how much the margin still counts, and whether it
    /// succeeds.
    func look(_ state: inout State, _ size: Double, _ excess: Double, isFooled: Bool) -> Move {
        let steps = steps
        if isFooled {
            state.hasFound = true
            state.least = min(state.least, size)
        }
        state.isMoving = true
        var isOver = state.step == steps
        if abortEarly && state.step > 0 && state.step % max(1, steps / 10) == 0 {
            let loss = size + state.weight * excess
            isOver = isOver || loss > 0.9999 * state.checkpoint
            state.checkpoint = loss
        }
        guard isOver else {
            state.step += 1
            return .step
        }
        state.isMoving = false
        state.searches += 1
        if state.searches == searches { return .finish }
        if state.hasFound { state.upper = state.weight } else { state.lower = state.weight }
        // No larger than what times a gradient is still a float.
        state.weight =
            state.upper.isFinite
            ? (state.lower + state.upper) / 2 : min(1e20, 10 * state.weight)
        (state.step, state.hasFound, state.checkpoint) = (0, false, .infinity)
        return .restart
    }
}
