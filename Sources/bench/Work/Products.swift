// Matrix products, as in gemm.py.

import Randomness
import Tensors

/// The products of `gemm.py`.
struct Product {
    let name: String
    let m: Int, n: Int, k: Int
    let left: Orientation, right: Orientation
    let hasBias: Bool

    static let all = [
        Product(
            name: "gemm-1024", m: 1024, n: 1024, k: 1024, left: .plain, right: .plain,
            hasBias: false),
        Product(
            name: "forward-256x784x300", m: 256, n: 300, k: 784, left: .plain, right: .transposed,
            hasBias: true),
        Product(
            name: "input-gradient-256x300x784", m: 256, n: 784, k: 300, left: .plain, right: .plain,
            hasBias: false),
        Product(
            name: "weight-gradient-300x256x784", m: 300, n: 784, k: 256, left: .transposed,
            right: .plain, hasBias: false),
    ]

    var flops: Double { 2 * Double(m) * Double(n) * Double(k) }

    /// Packing both sides counts: a product starts from plain matrices.
    func time(on engine: Engine, runs: Int) -> Timing {
        let a = Self.random(left == .plain ? [m, k] : [k, m])
        let b = Self.random(right == .plain ? [k, n] : [n, k])
        let bias = hasBias ? Self.random([n]) : nil
        var (packed, c, scratch) = (PackedMatrix(), Tensor(shape: [0]), Tensor(shape: [0]))
        return Timing(runs: runs, repeats: flops > 1e9 ? 10 : 100) {
            packed.pack(b, right, on: engine)
            engine.multiply(a, left, by: packed, bias: bias, into: &c, scratch: &scratch)
        }
    }

    private static func random(_ shape: [Int]) -> Tensor {
        var stream = Stream(seed: 1, name: "bench")
        return Tensor(
            shape: shape,
            values: (0..<Tensor.count(of: shape)).map { _ in 2 * stream.uniform() - 1 })
    }
}
