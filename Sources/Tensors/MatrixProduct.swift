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
    ///   - c: Where the result goes; it takes the shape [m, n].
    ///   - scratch: Memory for the packed left side, kept from call to call.
    /// - Precondition: The inner lengths agree, and the bias has n values.
    public func multiply(
        _ a: Tensor, _ orientation: Orientation = .plain, by b: PackedMatrix,
        bias: Tensor? = nil, into c: inout Tensor, scratch: inout Tensor
    ) {
        let rows = a.shape.first ?? 1
        let columns = rows == 0 ? (orientation == .plain ? b.k : 0) : a.count / rows
        let (m, k) = orientation == .plain ? (rows, columns) : (columns, rows)
        precondition(
            k == b.k, "multiply: the left side is [\(m), \(k)], the right side [\(b.k), \(b.n)]")
        precondition(
            bias == nil || bias?.count == b.n,
            "multiply: the bias has \(bias?.count ?? 0) values, the result \(b.n) columns")
        c.reserve([m, b.n])
        guard m > 0, b.n > 0 else { return }
        let start = bias ?? Tensor(shape: [b.n])
        guard k > 0 else {
            c.withMutableFloats { c in
                start.withFloats { start in
                    for i in 0..<m { for j in 0..<b.n { c[i * b.n + j] = start[j] } }
                }
            }
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
                                    panels: b.panels, bias: start, c: c + first * b.n,
                                    m: min(band, m - first), n: b.n, k: k)
                                product.run(on: workers)
                                first += band
                            }
                        }
                    }
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
            for panel in Self.share(task, of: rowTasks, items: rowPanels) { pack(panel) }
        }
        workers.run(tasks: rowTasks * columnTasks) { task in
            multiply(
                rows: Self.share(task / columnTasks, of: rowTasks, items: rowPanels),
                columns: Self.share(task % columnTasks, of: columnTasks, items: panels.count))
        }
    }

    /// The items of one of `shares` nearly equal parts: no task is left with a crumb.
    private static func share(_ index: Int, of shares: Int, items: Int) -> Range<Int> {
        index * items / shares..<(index + 1) * items / shares
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
            for column in columns {
                let panel = panels[column]
                let bPanel = b + first * bRowWidth + depth * panel.offset
                let tile = panel.isWide ? kernels.tile_wide : kernels.tile_narrow
                for rowPanel in rows {
                    let row = rowPanel * kernels.mr
                    let target = c + row * n + panel.column
                    // The chain starts at the bias and is carried through C from then on.
                    let (from, stride): (UnsafePointer<Float>, Int) =
                        first == 0 ? (bias + panel.column, 0) : (UnsafePointer(target), n)
                    tile?(
                        depth, packed + row * k + first * kernels.mr, bPanel, from, stride,
                        target, n, min(kernels.mr, m - row), panel.columns)
                }
            }
            first += depth
        }
    }
}
