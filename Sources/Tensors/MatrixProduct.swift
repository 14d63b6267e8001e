// Matrix products: for every output one chain acc = fma(a[i,p], b[p,j], acc), p ascending.

import CKernels

extension Engine {
    /// c = a · b (+ bias): [m, k] · [k, n] → [m, n].
    ///
    ///     c[i, j] = fma(a[i, k−1], b[k−1, j], … fma(a[i, 0], b[0, j], bias[j] or +0) …)
    ///
    /// Row i of c depends on row i of a alone, bit for bit, whatever the other rows.
    ///
    /// - Parameters:
    ///   - a: The left matrix, [m, k], or [k, m] if transposed. Axes after the first are taken
    ///     as one.
    ///   - orientation: How `a` enters.
    ///   - b: The right matrix, packed by this engine.
    ///   - bias: One value a column, or nil for +0.
    ///   - activation: Applied to each finished chain before it is stored.
    ///   - c: Where the result goes; it takes the shape [m, n].
    ///   - scratch: Working memory, kept from call to call.
    /// - Precondition: The inner lengths agree, the bias has n values, and `b` was packed by an engine
    ///   of the same instruction set.
    public func multiply(
        _ a: Tensor, _ orientation: Orientation = .plain, by b: PackedMatrix,
        bias: Tensor? = nil, activation: Activation = .none, into c: inout Tensor,
        scratch: inout Tensor
    ) {
        let rows = a.shape.first ?? 1
        let columns = rows == 0 ? (orientation == .plain ? b.k : 0) : a.count / rows
        let (m, k) = orientation == .plain ? (rows, columns) : (columns, rows)
        precondition(
            k == b.k, "multiply: the left side is [\(m), \(k)], the right side [\(b.k), \(b.n)]")
        precondition(
            bias == nil || bias?.count == b.n,
            "multiply: the bias has \(bias?.count ?? 0) values, the result \(b.n) columns")
        b.requirePacked(for: self, "multiply")
        c.reserve([m, b.n])
        b.withPanels { panels, rowWidth in
            guard let panels else { return }
            run(
                a, orientation, .packed(panels, rowWidth: rowWidth), (m, b.n, k), bias, activation,
                into: &c, scratch: &scratch)
        }
    }

    /// c = a · b (+ bias): [m, k] · [k, n] → [m, n], the same chains as with a packed `b`.
    ///
    /// Blocks of `b` are packed as they are needed, or, for at most four rows of `a`, read where they lie: one
    /// copy of a large matrix then serves both directions.
    ///
    /// - Parameters:
    ///   - a: The left matrix [m, k]; axes after the first are taken as one.
    ///   - b: The right matrix, [k, n] or, transposed, [n, k].
    ///   - orientation: How `b` enters.
    ///   - bias: One value a column, or nil for +0.
    ///   - activation: Applied to each finished chain before it is stored.
    ///   - c: Where the result goes; it takes the shape [m, n].
    ///   - scratch: Working memory, kept from call to call.
    /// - Precondition: The inner lengths agree, and the bias has n values.
    public func multiply(
        _ a: Tensor, streaming b: Tensor, _ orientation: Orientation, bias: Tensor? = nil,
        activation: Activation = .none, into c: inout Tensor, scratch: inout Tensor
    ) {
        precondition(b.shape.count == 2, "multiply: a matrix has two axes, not \(b.shape)")
        let isPlain = orientation == .plain
        let (k, n) = isPlain ? (b.shape[0], b.shape[1]) : (b.shape[1], b.shape[0])
        let m = a.rowCount
        precondition(
            m == 0 || a.rowLength == k,
            "multiply: the left side is [\(m), \(a.rowLength)], the right side [\(k), \(n)]")
        precondition(
            bias == nil || bias?.count == n,
            "multiply: the bias has \(bias?.count ?? 0) values, the result \(n) columns")
        c.reserve([m, n])
        b.withFloats { b in
            // Without a step there is nothing to read.
            withUnsafePointer(to: Float(0)) { none in
                let right = RightSource.matrix(
                    b.baseAddress ?? none, rowStride: isPlain ? n : 1, columnStride: isPlain ? 1 : k
                )
                run(
                    a, .plain, right, (m, n, k), bias, activation, into: &c, scratch: &scratch)
            }
        }
    }

    /// A product with a stored left side; c has its shape.
    private func run(
        _ a: Tensor, _ orientation: Orientation, _ right: RightSource,
        _ sizes: (m: Int, n: Int, k: Int), _ bias: Tensor?, _ activation: Activation,
        into c: inout Tensor, scratch: inout Tensor
    ) {
        let (m, n, k) = sizes
        guard m > 0, n > 0 else { return }
        withOperands(a, bias ?? Tensor(shape: [n]), &c) { a, bias, c in
            if m <= Int(CK_SKINNY_ROWS),
                case .matrix(let b, let rowStride, let columnStride) = right
            {
                SkinnyProduct(
                    kernels: kernels, a: a, b: b, isPlain: columnStride == 1 && rowStride == n,
                    bias: bias, activation: activation, c: c, m: m, n: n, k: k
                ).run(on: workers)
                return
            }
            func run(_ left: LeftSource) {
                MacroKernel(
                    kernels: kernels, left: left, right: right, sink: .rows(c, stride: n), m: m,
                    n: n, k: k, bias: bias, activation: activation
                ).run(on: workers, scratch: &scratch)
            }
            switch orientation {
            case .plain: Windows.rows(m, of: k).withPatches(a) { run(.windows($0)) }
            case .transposed: run(.transposed(a, stride: m))
            }
        }
    }
}

/// At most `CK_SKINNY_ROWS` rows by a matrix that is not packed: reading it is all the work there is, so
/// every element is read once, where it lies. Raw operands, already checked.
private struct SkinnyProduct: @unchecked Sendable {
    let kernels: KernelTable
    let a: UnsafePointer<Float>
    let b: UnsafePointer<Float>
    /// Whether b is stored [k, n]; otherwise [n, k].
    let isPlain: Bool
    let bias: UnsafePointer<Float>
    let activation: Activation
    let c: UnsafeMutablePointer<Float>
    let m: Int, n: Int, k: Int

    func run(on workers: Workers) {
        // Stretches of rows of b where they are read along, a few columns where each is contiguous.
        let columns = isPlain ? 1024 : 16
        workers.run(tasks: (n + columns - 1) / columns) { task in
            multiply(columns: task * columns..<min((task + 1) * columns, n))
        }
    }

    private func multiply(columns: Range<Int>) {
        let (first, count) = (columns.lowerBound, columns.count)
        for row in 0..<m { (c + row * n + first).update(from: bias + first, count: count) }
        if isPlain {
            kernels.pointee.skinny_gemm(c + first, n, a, k, m, b + first, n, k, count)
        } else {
            kernels.pointee.skinny_gemm_transposed(
                c + first, n, a, k, m, b + first * k, k, k, count)
        }
        guard activation != .none else { return }
        for row in 0..<m {
            for column in columns { c[row * n + column] = activation(c[row * n + column]) }
        }
    }
}
