// What adding an attack takes beside its card: this file, and one line in a list of attacks.

import Networks
import Tensors

@testable import Attacks

/// Steps along the gradient's signs, the first half of ε long and each next one half of the one before.
struct HalfSigns: GradientAttack {
    static let facts = AttackFacts("half-signs", norms: [.linf], budget: .each)

    @Setting(8, in: 1...24, unit: "steps", "steps, each half as long as the one before")
    var steps: Int

    func step(_ batch: inout Batch<Void>, on oracle: inout some GradientOracle) throws {
        let logits = try oracle.logits(at: batch)
        batch.finish(whereFooledBy: logits.argmaxOfRows())
        let gradient = try oracle.lossGradient(logits, of: batch)
        batch.step(along: gradient) {
            $0.direction * $0.epsilon / Float(2 << $0.iterations)
        }
        batch.finish(after: steps)
    }
}
