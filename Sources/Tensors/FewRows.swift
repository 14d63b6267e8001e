// Products of a handful of rows with a large matrix: reading the matrix is all the work there is,
// so every element of it is read once, where it lies.

import CKernels

extension Engine {
    /// The streamed product for at most `CK_SKINNY_ROWS` rows of `a`: the same chains, nothing packed.
    ///
    /// - Precondition: The lengths agree, and `c` has the shape of the result.
    func multiplyFewRows(
        _ a: Tensor, _ b: Tensor, isPlain: Bool, _ bias: Tensor, _ activation: Activation,
        into c: inout Tensor
    ) {
        let (m, n, k) = (a.rowCount, bias.count, a.rowLength)
        a.withFloats { a in
            b.withFloats { b in
                bias.withFloats { bias in
                    c.withMutableFloats { c in
                        guard let a = a.baseAddress, let b = b.baseAddress,
                            let bias = bias.baseAddress, let c = c.baseAddress
                        else { return }
                        FewRows(
                            kernels: kernels, a: a, b: b, isPlain: isPlain, bias: bias,
                            activation: activation, c: c, m: m, n: n, k: k
                        ).run(on: workers)
                    }
                }
            }
        }
    }
}

/// Raw operands, already checked.
private struct FewRows: @unchecked Sendable {
    let kernels: ck_kernels
    let a: UnsafePointer<Float>
    let b: UnsafePointer<Float>
    /// Whether b is stored [k, n]; otherwise [n, k].
    let isPlain: Bool
    let bias: UnsafePointer<Float>
    let activation: Activation
    let c: UnsafeMutablePointer<Float>
    let m: Int, n: Int, k: Int

    func run(on workers: Workers) {
        // Stretches of lines where b is read line by line, a few lines where it is read across.
        let columns = isPlain ? 1024 : 16
        workers.run(tasks: (n + columns - 1) / columns) { task in
            multiply(columns: task * columns..<min((task + 1) * columns, n))
        }
    }

    private func multiply(columns: Range<Int>) {
        let (first, count) = (columns.lowerBound, columns.count)
        for row in 0..<m { (c + row * n + first).update(from: bias + first, count: count) }
        if isPlain {
            kernels.skinny_gemm(c + first, n, a, k, m, b + first, n, k, count)
        } else {
            kernels.skinny_gemm_transposed(c + first, n, a, k, m, b + first * k, k, k, count)
        }
        guard activation != .none else { return }
        for row in 0..<m {
            for column in columns { c[row * n + column] = activation(c[row * n + column]) }
        }
    }
}
