// What a record shows that should make its reader doubt it, whatever the attack.

/// Warnings that follow from the records of a run.
enum ResultWarnings {
    /// The share of gradients that may be 0 before low success rates say little.
    static let mostZeroGradients = 0.1

    /// In sentences; over all samples and budgets, so that no window or thread has a say.
    static func of(_ result: AttackResult) -> [String] {
        let attacked = result.isEligible.indices.filter { result.isEligible[$0] }
        let places = (0..<max(1, result.model.epsilons.count)).flatMap { index in
            attacked.map { index * result.samples + $0 }
        }
        var warnings: [String] = []
        let backward = places.reduce(0) { $0 + result.efforts[$1].backwardPasses }
        let zero = places.reduce(0) { $0 + result.efforts[$1].zeroGradients }
        if Double(zero) > mostZeroGradients * Double(backward) {
            let share = (1000 * Double(zero) / Double(backward)).rounded() / 10
            warnings.append(
                "\(share) % of the gradients were zero at every pixel: there the attack saw nothing, and "
                    + "a low rate of success says nothing about the network. Ask an attack that needs no "
                    + "gradients of the loss, such as square, or one that follows logits, such as "
                    + "apgd-dlr or fmn.")
        }
        let failed = Set(
            places.filter { result.events[$0] == .notANumber }.map { $0 % result.samples })
        let lost = attacked.filter(failed.contains)
        if !lost.isEmpty {
            let indices = lost.map { result.keys[$0] }
            let shown = indices.prefix(5).map(String.init).joined(separator: ", ")
            let more = indices.count > 5 ? " and \(indices.count - 5) more" : ""
            warnings.append(
                "A value that is not a number arose while \(lost.count) of the images were attacked, "
                    + "in the attack or in the network; what came of it was dropped. In the data set "
                    + "they are number \(shown)\(more).")
        }
        return warnings
    }
}
