// Bisection between a radius that is certified and one that is not.

/// The search for one image. It first asks for 0, then for the ceiling, and then for floats between.
struct RadiusSearch: Sendable {
    private let ceiling: Float
    private let resolution: Float
    /// The largest radius that was certified.
    private(set) var certified: Float?
    /// The least radius above that which was not.
    private var refused: Float?

    init(ceiling: Float, resolution: Float) {
        (self.ceiling, self.resolution) = (ceiling, resolution)
    }

    /// The radius to try next; nil at the end.
    var next: Float? {
        guard let certified else { return refused == nil ? 0 : nil }
        guard let refused else { return certified < ceiling ? ceiling : nil }
        let middle = certified + (refused - certified) / 2
        let isBetween = certified < middle && middle < refused
        return isBetween && refused - certified > resolution ? middle : nil
    }

    /// Takes the answer for `next`.
    mutating func take(_ isCertified: Bool) {
        guard let tried = next else { return }
        if isCertified { certified = tried } else { refused = tried }
    }
}
