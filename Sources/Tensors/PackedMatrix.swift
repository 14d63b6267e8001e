// The right-hand side of a product, laid out as the tiles read it. Weights that serve many
// products are packed once.

import CKernels

/// How a stored matrix enters a product.
public enum Orientation: Sendable {
    /// As stored.
    case plain
    /// With rows and columns exchanged.
    case transposed
}

/// A matrix [k, n] packed into panels of columns for one engine's tiles.
///
/// Layout: blocks of `depth` rows; within a block, panels of `nr` columns (the last one
/// `nr_narrow` where that holds the rest), each [rows of the block, columns of the panel]. Packing
/// only moves numbers, so it cannot change a result.
public struct PackedMatrix: Sendable {
    /// The summed axis.
    public private(set) var k: Int
    /// The columns of the product.
    public private(set) var n: Int
    private(set) var panels: [Panel]
    private var storage: Tensor
    /// Whose tiles the panels fit; nil before anything is packed.
    private var instructionSet: InstructionSet?

    /// Rows of a block: a panel of a block stays in the first-level cache while the tiles of
    /// its column stream past. A chain is carried from block to block through C.
    static let depth = Int(CK_DEPTH)

    struct Panel: Sendable {
        let column: Int, columns: Int, width: Int
        /// The panel's first float within a row of the packed matrix: blocks scale it by depth.
        let offset: Int
        let isWide: Bool
    }

    /// An empty matrix, to be packed into later.
    public init() {
        (k, n, panels) = (0, 0, [])
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
        if (newK, view.n) != (k, n) || instructionSet != engine.instructionSet {
            (k, n) = (newK, view.n)
            panels = Self.panels(columns: n, kernels: engine.kernels)
            instructionSet = engine.instructionSet
        }
        let rowWidth = panels.last.map { $0.offset + $0.width } ?? 0
        storage.reserve([k * rowWidth])
        let blocks = (k + Self.depth - 1) / Self.depth
        let (panels, k) = (panels, k)
        tensor.withFloats { source in
            storage.withMutableFloats { target in
                nonisolated(unsafe) let source = source.baseAddress
                nonisolated(unsafe) let target = target.baseAddress
                engine.workers.run(tasks: blocks * panels.count) { task in
                    guard let source, let target else { return }
                    let panel = panels[task % panels.count]
                    let first = task / panels.count * Self.depth
                    let rows = min(Self.depth, k - first)
                    var to = target + first * rowWidth + rows * panel.offset
                    var row = first
                    while row < first + rows {
                        let (segment, within) = row.quotientAndRemainder(dividingBy: view.length)
                        let count = min(view.length - within, first + rows - row)
                        engine.kernels.pack_columns(
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

    /// Refuses what has not been packed, or by another engine's tiles: they would read other panels.
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
        let rowWidth = panels.last.map { $0.offset + $0.width } ?? 0
        return try storage.withFloats { try body($0.baseAddress, rowWidth) }
    }

    static func panels(columns: Int, kernels: ck_kernels) -> [Panel] {
        var panels: [Panel] = []
        var column = 0
        var offset = 0
        while column < columns {
            let left = columns - column
            let isWide = left > kernels.nr_narrow
            let width = isWide ? kernels.nr : kernels.nr_narrow
            panels.append(
                Panel(
                    column: column, columns: min(width, left), width: width, offset: offset,
                    isWide: isWide))
            column += width
            offset += width
        }
        return panels
    }
}
