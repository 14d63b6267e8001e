// Settings that the iterative fast gradient methods share.

/// How many steps there are and how far they go.
struct IterativeSteps: SettingGroup {
    @Setting(10, in: 1...1_000_000, unit: "steps", "gradient steps of a run") var steps: Int
    @Setting(0.2, in: 1e-9...1e3, "how far a step goes, in the unit of step_unit")
    var stepSize: Float
    @Setting(
        StepUnit.epsilon,
        "whether step_size is a share of epsilon, or counted in pixel units 0…1")
    var stepUnit: StepUnit
    @Setting(true, "end a sample's run at the first point that reaches the goal")
    var stopEarly: Bool

    /// How far a step goes within a budget, in pixel units.
    var width: @Sendable (_ epsilon: Float) -> Float {
        let (unit, size) = (stepUnit, stepSize)
        return { unit.width(size, $0) }
    }
}

/// What a step size is counted in.
enum StepUnit: String, CaseIterable, SettingValue {
    /// A share of ε.
    case epsilon
    /// Pixel units.
    case pixels

    /// The width of a step in pixel units.
    func width(_ size: Float, _ epsilon: Float) -> Float {
        self == .epsilon ? size * epsilon : size
    }
}
