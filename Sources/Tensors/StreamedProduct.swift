// Products with a large matrix that is not kept packed: its blocks are packed as they are used.
// One copy of the weights is then all that memory has to hold, for both directions.

import CKernels

extension Engine {
    /// c = a · b (+ bias): [m, k] · [k, n] → [m, n], the same chains as with a packed `b`.
    ///
    /// Each block of `b` is packed once for up to `bandOfStreamed` rows of `a`, so a large matrix
    /// and few rows cost little more than reading the matrix.
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
        guard m > 0, n > 0 else { return }
        let start = bias ?? Tensor(shape: [n])
        guard k > 0 else {
            Self.fill(&c, with: start, activation)
            return
        }
        if m <= Int(CK_SKINNY_ROWS) {
            multiplyFewRows(a, b, isPlain: isPlain, start, activation, into: &c)
            return
        }
        let band = kernels.mr * Self.panelsOfStreamed
        let rowsOfScratch = min(band, (m + kernels.mr - 1) / kernels.mr * kernels.mr)
        let block = Int(CK_DEPTH) * kernels.nr
        scratch.reserve([rowsOfScratch * k + workers.threads * block])
        a.withFloats { a in
            b.withFloats { b in
                start.withFloats { start in
                    c.withMutableFloats { c in
                        scratch.withMutableFloats { scratch in
                            guard let a = a.baseAddress, let b = b.baseAddress,
                                let c = c.baseAddress, let start = start.baseAddress,
                                let packed = scratch.baseAddress
                            else { return }
                            for first in stride(from: 0, to: m, by: band) {
                                StreamedProduct(
                                    kernels: kernels, a: a + first * k, packed: packed,
                                    blocks: packed + rowsOfScratch * k, block: block, b: b,
                                    rowStride: isPlain ? n : 1, columnStride: isPlain ? 1 : k,
                                    panels: PackedMatrix.panels(columns: n, kernels: kernels),
                                    bias: start, activation: activation, c: c + first * n,
                                    m: min(band, m - first), n: n, k: k
                                ).run(on: workers)
                            }
                        }
                    }
                }
            }
        }
    }

    /// Panels of rows that share one packing of a block.
    private static let panelsOfStreamed = 24
}

/// One band of rows: raw operands, already checked.
private struct StreamedProduct: @unchecked Sendable {
    let kernels: ck_kernels
    let a: UnsafePointer<Float>
    let packed: UnsafeMutablePointer<Float>
    /// One packed block of b for each thread.
    let blocks: UnsafeMutablePointer<Float>
    let block: Int
    let b: UnsafePointer<Float>
    let rowStride: Int, columnStride: Int
    let panels: [PackedMatrix.Panel]
    let bias: UnsafePointer<Float>
    let activation: Activation
    let c: UnsafeMutablePointer<Float>
    let m: Int, n: Int, k: Int

    func run(on workers: Workers) {
        let rowPanels = (m + kernels.mr - 1) / kernels.mr
        workers.run(tasks: rowPanels) { panel in
            let row = panel * kernels.mr
            kernels.pack_rows(packed + row * k, a + row * k, k, 1, min(kernels.mr, m - row), k)
        }
        workers.run(tasks: panels.count) { column, slot in
            multiply(panels[column], rowPanels: rowPanels, block: blocks + slot * block)
        }
    }

    private func multiply(
        _ panel: PackedMatrix.Panel, rowPanels: Int, block: UnsafeMutablePointer<Float>
    ) {
        for first in stride(from: 0, to: k, by: Int(CK_DEPTH)) {
            let depth = min(Int(CK_DEPTH), k - first)
            let step = ProductStep(
                kernels: kernels, depth: depth, isFirst: first == 0, isLast: first + depth == k,
                bias: bias, activation: activation)
            kernels.pack_columns(
                block, b + first * rowStride + panel.column * columnStride, rowStride,
                columnStride, panel.columns, panel.width, depth)
            for rowPanel in 0..<rowPanels {
                let row = rowPanel * kernels.mr
                step.tile(
                    .packed(packed + row * k + first * kernels.mr), block, panel, c + row * n,
                    stride: n,
                    rows: min(kernels.mr, m - row))
            }
        }
    }
}
