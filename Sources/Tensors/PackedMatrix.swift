// The right-hand side of a product, laid out as the micro-kernels read it. Weights that serve many
// products are packed once.

import CKernels

/// How a stored matrix enters a product.
public enum Orientation: Sendable {
    /// As stored.
    case plain
    /// With rows and columns exchanged.
    case transposed
}

/// A matrix [k, n] packed into panels of columns for one engine's micro-kernels.
///
/// Layout: blocks of `depth` rows; within a block, panels of `nr` columns (the last one
/// `nr_narrow` where that holds the rest), each [rows of the block, columns of the panel]. Packing
/// only moves numbers, so it cannot change a result.
public struct PackedMatrix: Sendable {
    /// The summed axis.
    public private(set) var k: Int
    /// The columns of the product.
    public private(set) var n: Int
    private var storage: Tensor
    /// Floats of one row in all panels.
    private var rowWidth = 0
    /// Whose micro-kernels the panels fit; nil before anything is packed.
    private var instructionSet: InstructionSet?

    /// Rows of a block: a panel of a block stays in the first-level cache while the micro-kernels of
    /// its column stream past. A chain is carried from block to block through C.
    static let depth = Int(CK_DEPTH)

    /// An empty matrix, to be packed into later.
    public init() {
        (k, n) = (0, 0)
        storage = Tensor(shape: [0])
        instructionSet = nil
    }

    /// Packs `matrix`.
    public init(_ matrix: Tensor, _ orientation: Orientation, on engine: Engine) {
        self.init()
        pack(matrix, orientation, on: engine)
    }

    /// Packs `matrix`, reusing this value's memory.
    ///
    /// - Precondition: `matrix` has two axes.
    public mutating func pack(_ matrix: Tensor, _ orientation: Orientation, on engine: Engine) {
        precondition(
            matrix.shape.count == 2, "PackedMatrix: a matrix has two axes, not \(matrix.shape)")
        let (rows, columns) = (matrix.shape[0], matrix.shape[1])
        let view =
            orientation == .plain
            ? View(segments: [0], length: rows, rowStride: columns, n: columns, columnStride: 1)
            : View(segments: [0], length: columns, rowStride: 1, n: rows, columnStride: columns)
        pack(matrix, as: view, on: engine)
    }

    /// How the elements of a tensor stand in a matrix [segments · length, n]: row `length`·s + r,
    /// column j is element segments[s] + r·rowStride + j·columnStride.
    struct View: Sendable {
        var segments: [Int]
        var length: Int
        var rowStride: Int
        var n: Int
        var columnStride: Int
    }

    /// Packs the elements of a tensor as a view of it tells, reusing this value's memory.
    mutating func pack(_ tensor: Tensor, as view: View, on engine: Engine) {
        let newK = view.segments.count * view.length
        (k, n, instructionSet) = (newK, view.n, engine.instructionSet)
        let panels = ColumnPanels(n, engine.kernels)
        rowWidth = panels.rowWidth
        storage.reserve([k * rowWidth])
        let blocks = (k + Self.depth - 1) / Self.depth
        let (k, rowWidth) = (k, rowWidth)
        tensor.withFloats { source in
            storage.withMutableFloats { target in
                nonisolated(unsafe) let source = source.baseAddress
                nonisolated(unsafe) let target = target.baseAddress
                engine.workers.run(tasks: blocks * panels.count) { task in
                    guard let source, let target else { return }
                    let panel = panels[task % panels.count]
                    let first = task / panels.count * Self.depth
                    let rows = min(Self.depth, k - first)
                    var to = target + first * rowWidth + rows * panel.column
                    var row = first
                    while row < first + rows {
                        let (segment, within) = row.quotientAndRemainder(dividingBy: view.length)
                        let count = min(view.length - within, first + rows - row)
                        engine.kernels.pointee.pack_columns(
                            to,
                            source + view.segments[segment] + within * view.rowStride
                                + panel.column * view.columnStride,
                            view.rowStride, view.columnStride, panel.columns, panel.width, count)
                        to += count * panel.width
                        row += count
                    }
                }
            }
        }
    }

    /// Refuses what has not been packed, or by another engine's micro-kernels: they would read other panels.
    ///
    /// - Precondition: The matrix was packed by an engine of the same instruction set.
    func requirePacked(for engine: Engine, _ name: String) {
        precondition(
            instructionSet == engine.instructionSet,
            "\(name): the matrix was packed "
                + (instructionSet.map { "for \($0.rawValue)" } ?? "by nobody")
                + " and is used with \(engine.instructionSet.rawValue)")
    }

    /// Calls `body` with the packed floats and the width of one packed row.
    func withPanels<R>(_ body: (UnsafePointer<Float>?, Int) throws -> R) rethrows -> R {
        try storage.withFloats { try body($0.baseAddress, rowWidth) }
    }
}
