// How far a chain of floats can be from the real sum that it stands for.

import Tensors

extension ProductIntervals {
    /// E = Σ_k ½ulp(max(|L_k|, |U_k|)) over the partial sums of the executed chain, for one output: each
    /// step rounds a number whose magnitude is at most that, by at most half the spacing of floats there.
    ///
    /// The kernel added the spacings in float, K additions of positive numbers: what it lost is within K
    /// roundings.
    func executedError(_ place: Int, depth: Int) -> Double {
        error.withFloats { Double($0[place]) } * 0x1p-24 * (1 + Double(depth) * 0x1p-23)
    }

    /// |b| + Σ|w|·max(|x|), from above.
    func size(_ place: Int, depth: Int) -> Double {
        size.withFloats { Double($0[place]) } * (1 + Double(depth + 2) * 0x1p-23)
            + Double(depth + 1) * 0x1p-149
    }

    /// γ_{K+1}·S + 2Kη: what any order of the sum, fused or not, can be from the real one; infinite where
    /// it could leave the floats on its way.
    func anyError(_ place: Int, depth: Int) -> Double {
        let (size, steps) = (size(place, depth: depth), Double(depth + 1) * 0x1p-24)
        guard size < 0x1p127, steps < 0.25 else { return .infinity }
        return (steps / (1 - steps) * size + 2 * Double(depth) * 0x1p-149) * (1 + 0x1p-40)
    }

    /// What any order of the sum can give: the executed vertex is within one such error of the real sum
    /// there, and what another order gives within one more.
    func anyBox(depth: Int) -> Box {
        Box(lower: lower, upper: upper).widened { 2 * anyError($0, depth: depth) }
    }
}
