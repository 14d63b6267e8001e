// Matrix products: for every output one chain acc = fma(a[i,p], b[p,j], acc), p ascending. Tiles,
// blocks and threads choose which outputs are computed together, never the chain.

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
    ///   - scratch: Memory for the packed left side, kept from call to call.
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
        guard m > 0, b.n > 0 else { return }
        let start = bias ?? Tensor(shape: [b.n])
        guard k > 0 else {
            Self.fill(&c, with: start, activation)
            return
        }
        let rowStride = orientation == .plain ? columns : 1
        let columnStride = orientation == .plain ? 1 : columns

        // A band of rows at a time bounds the scratch memory, whatever m is.
        let band = kernels.mr * Self.panelsPerBand
        scratch.reserve([min(band, (m + kernels.mr - 1) / kernels.mr * kernels.mr) * k])
        a.withFloats { a in
            start.withFloats { start in
                c.withMutableFloats { c in
                    scratch.withMutableFloats { scratch in
                        b.withPanels { panels, rowWidth in
                            guard let a = a.baseAddress, let c = c.baseAddress,
                                let packed = scratch.baseAddress, let panels,
                                let start = start.baseAddress
                            else { return }
                            var first = 0
                            while first < m {
                                let product = Product(
                                    kernels: kernels, a: a + first * rowStride,
                                    rowStride: rowStride, columnStride: columnStride,
                                    packed: packed, b: panels, bRowWidth: rowWidth,
                                    panels: b.panels, bias: start, activation: activation,
                                    c: c + first * b.n, m: min(band, m - first), n: b.n, k: k)
                                product.run(on: workers)
                                first += band
                            }
                        }
                    }
                }
            }
        }
    }

    /// Rows of a product over nothing: the bias alone.
    static func fill(_ c: inout Tensor, with bias: Tensor, _ activation: Activation) {
        let (rows, columns) = (c.rowCount, c.rowLength)
        c.withMutableFloats { c in
            bias.withFloats { bias in
                for i in 0..<rows {
                    for j in 0..<columns { c[i * columns + j] = activation(bias[j]) }
                }
            }
        }
    }

    /// c = a · b (+ bias) by the scalar specification, without packing: for tests.
    public static func multiplyByReference(
        _ a: Tensor, _ aOrientation: Orientation, by b: Tensor, _ bOrientation: Orientation,
        bias: Tensor? = nil
    ) -> Tensor {
        let (aRow, aColumn) = aOrientation == .plain ? (a.shape[1], 1) : (1, a.shape[1])
        let (bRow, bColumn) = bOrientation == .plain ? (b.shape[1], 1) : (1, b.shape[1])
        let m = aOrientation == .plain ? a.shape[0] : a.shape[1]
        let k = aOrientation == .plain ? a.shape[1] : a.shape[0]
        let n = bOrientation == .plain ? b.shape[1] : b.shape[0]
        var c = Tensor(shape: [m, n])
        let start = bias ?? Tensor(shape: [n])
        c.withMutableFloats { c in
            a.withFloats { a in
                b.withFloats { b in
                    start.withFloats { start in
                        ck_product_reference(
                            c.baseAddress, n, a.baseAddress, aRow, aColumn, b.baseAddress, bRow,
                            bColumn, start.baseAddress, m, n, k)
                    }
                }
            }
        }
        return c
    }

    /// Panels of rows in a band: enough that a band of the deepest layer keeps every core busy.
    private static let panelsPerBand = 168
}

/// One band of a product: raw operands, already checked.
private struct Product: @unchecked Sendable {
    let kernels: ck_kernels
    let a: UnsafePointer<Float>
    let rowStride: Int, columnStride: Int
    let packed: UnsafeMutablePointer<Float>
    let b: UnsafePointer<Float>
    let bRowWidth: Int
    let panels: [PackedMatrix.Panel]
    let bias: UnsafePointer<Float>
    let activation: Activation
    let c: UnsafeMutablePointer<Float>
    let m: Int, n: Int, k: Int

    /// Panels of rows and of columns that one task takes, at most: small enough to share evenly,
    /// large enough that a packed block is read many times.
    private static let rowPanelsPerTask = 10
    private static let columnPanelsPerTask = 2

    func run(on workers: Workers) {
        let rowPanels = (m + kernels.mr - 1) / kernels.mr
        let rowTasks = (rowPanels + Self.rowPanelsPerTask - 1) / Self.rowPanelsPerTask
        let columnTasks = (panels.count + Self.columnPanelsPerTask - 1) / Self.columnPanelsPerTask
        workers.run(tasks: rowTasks) { task in
            for panel in share(task, of: rowTasks, items: rowPanels) { pack(panel) }
        }
        workers.run(tasks: rowTasks * columnTasks) { task in
            multiply(
                rows: share(task / columnTasks, of: rowTasks, items: rowPanels),
                columns: share(task % columnTasks, of: columnTasks, items: panels.count))
        }
    }

    /// Packs one panel of rows over the whole of k.
    private func pack(_ panel: Int) {
        let row = panel * kernels.mr
        kernels.pack_rows(
            packed + row * k, a + row * rowStride, rowStride, columnStride,
            min(kernels.mr, m - row), k)
    }

    private func multiply(rows: Range<Int>, columns: Range<Int>) {
        var first = 0
        while first < k {
            let depth = min(PackedMatrix.depth, k - first)
            let step = ProductStep(
                kernels: kernels, depth: depth, isFirst: first == 0, isLast: first + depth == k,
                bias: bias, activation: activation)
            for column in columns {
                let panel = panels[column]
                let bPanel = b + first * bRowWidth + depth * panel.offset
                for rowPanel in rows {
                    let row = rowPanel * kernels.mr
                    step.tile(
                        .packed(packed + row * k + first * kernels.mr), bPanel, panel, c + row * n,
                        stride: n, rows: min(kernels.mr, m - row))
                }
            }
            first += depth
        }
    }
}
