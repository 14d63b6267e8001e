// Where the macro-kernel reads its operands: stored matrices, packed ones, and windows of images,
// which are packed as they are needed and never stored.

import CKernels

/// The left side [m, k] of a product, a panel of `mr` rows at a time.
enum LeftSource {
    /// Row i is a window. A stored matrix is the windows of one pixel, see `ck_patches`.
    case windows(UnsafePointer<ck_patches>)
    /// A matrix stored [k, m], with so much from one step to the next.
    case transposed(UnsafePointer<Float>, stride: Int)

    /// Runs of so many channels are read in place: shorter ones cost too much between them.
    static let channelsInPlace = 16
    private static let mostSegments = Int(CK_DEPTH) / channelsInPlace + 1

    /// Floats of a packed panel, or of the indirection buffer of one.
    static func panelLength(_ kernels: KernelTable) -> Int {
        let bytes = mostSegments * MemoryLayout<ck_segment>.stride
        return max(kernels.pointee.mr * Int(CK_DEPTH), bytes / MemoryLayout<Float>.stride)
    }

    /// Packs a panel of `rows` rows from step `start` on, or, where they are read in place, fills its
    /// indirection buffer and returns how many segments that has.
    func prepare(
        _ memory: UnsafeMutablePointer<Float>, first: Int, rows: Int, start: Int, depth: Int,
        _ kernels: KernelTable
    ) -> Int {
        switch self {
        case .transposed(let a, let stride):
            kernels.pointee.pack_rows(memory, a + start * stride + first, 1, stride, rows, depth)
            return 0
        case .windows(let patches):
            guard Self.isInPlace(patches.pointee) else {
                kernels.pointee.pack_im2col(memory, patches, first, rows, start, depth)
                return 0
            }
            let entries = UnsafeMutableRawPointer(memory).bindMemory(
                to: ck_segment.self, capacity: Self.mostSegments)
            return kernels.pointee.fill_indirection(entries, patches, first, rows, start, depth)
        }
    }

    /// Rows that lie a multiple of 4 KiB apart would share one set of the first-level cache; those
    /// are packed.
    private static func isInPlace(_ patches: ck_patches) -> Bool {
        patches.run_pixels == 1 && patches.run_channels >= channelsInPlace
            && patches.channels * patches.step_x % 1024 != 0
    }
}

/// The right side [k, n] of a product, a panel of columns at a time.
enum RightSource {
    /// Panels of a `PackedMatrix`, so many floats a step.
    case packed(UnsafePointer<Float>, rowWidth: Int)
    /// A stored matrix: step p, column j at b[p·rowStride + j·columnStride].
    case matrix(UnsafePointer<Float>, rowStride: Int, columnStride: Int)
    /// Step p is a window, column j an element of it.
    case windows(UnsafePointer<ck_patches>)

    var isPacked: Bool { if case .packed = self { true } else { false } }

    /// A packed panel of `depth` steps, in `memory` unless it was packed before.
    func panel(
        _ panel: ColumnPanels.Panel, _ start: Int, _ depth: Int,
        memory: UnsafeMutablePointer<Float>, _ kernels: KernelTable
    ) -> UnsafePointer<Float> {
        switch self {
        case .packed(let b, let rowWidth):
            return b + start * rowWidth + depth * panel.column
        case .matrix(let b, let rowStride, let columnStride):
            kernels.pointee.pack_columns(
                memory, b + start * rowStride + panel.column * columnStride, rowStride,
                columnStride, panel.columns, panel.width, depth)
        case .windows(let patches):
            kernels.pointee.pack_im2col_transposed(
                memory, patches, start, depth, panel.column, panel.columns, panel.width)
        }
        return UnsafePointer(memory)
    }
}

/// How n columns fall into panels: of `nr` columns, the last one of `nr_narrow` where that holds it.
struct ColumnPanels: Sendable {
    let n: Int
    private let full: Int, narrow: Int

    init(_ n: Int, _ kernels: KernelTable) {
        (self.n, full, narrow) = (n, kernels.pointee.nr, kernels.pointee.nr_narrow)
    }

    struct Panel {
        /// The first column, and how many there are; the packed panel is `width` floats a step.
        let column: Int, columns: Int, width: Int
        let isFull: Bool
    }

    var count: Int { (n + full - 1) / full }

    /// Floats of one step in all panels.
    var rowWidth: Int { count == 0 ? 0 : (count - 1) * full + self[count - 1].width }

    subscript(index: Int) -> Panel {
        let left = n - index * full
        let isFull = left > narrow
        let width = isFull ? full : narrow
        return Panel(column: index * full, columns: min(width, left), width: width, isFull: isFull)
    }

    /// The columns of consecutive panels.
    func elements(of panels: Range<Int>) -> Range<Int> {
        panels.lowerBound * full..<min(panels.upperBound * full, n)
    }
}
