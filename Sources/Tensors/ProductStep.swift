// One block of a product's summed axis, tile by tile: where every chain starts, goes on and ends.

import CKernels

/// One block of the summed axis.
///
/// The first block starts every chain at the bias; later ones take it up from C, where the one
/// before has left it; the last applies the activation.
struct ProductStep {
    let kernels: ck_kernels
    /// Steps of the block.
    let depth: Int
    let isFirst: Bool, isLast: Bool
    /// One value a column of C.
    let bias: UnsafePointer<Float>
    let activation: Activation

    /// What a tile reads its rows from.
    enum Rows {
        /// A packed panel.
        case packed(UnsafePointer<Float>)
        /// Their places, segment after segment.
        case lines(UnsafePointer<ck_segment>, count: Int)
    }

    /// One tile.
    ///
    /// - Parameters:
    ///   - a: The rows.
    ///   - b: A packed panel of columns.
    ///   - panel: Which columns those are.
    ///   - c: The first row of the result, at column 0.
    ///   - stride: From one row of the result to the next.
    ///   - rows: How many rows the tile has.
    func tile(
        _ a: Rows, _ b: UnsafePointer<Float>, _ panel: PackedMatrix.Panel,
        _ c: UnsafeMutablePointer<Float>, stride: Int, rows: Int
    ) {
        let target = c + panel.column
        let (from, fromStride): (UnsafePointer<Float>, Int) =
            isFirst ? (bias + panel.column, 0) : (UnsafePointer(target), stride)
        let (lower, upper) = isLast ? activation.bounds : Activation.none.bounds
        switch a {
        case .packed(let a):
            let tile = panel.isWide ? kernels.micro_kernel : kernels.micro_kernel_narrow
            tile?(
                depth, a, b, from, fromStride, target, stride, rows, panel.columns, lower, upper)
        case .lines(let segments, let count):
            let tile =
                panel.isWide ? kernels.indirect_micro_kernel : kernels.indirect_micro_kernel_narrow
            tile?(
                segments, count, b, from, fromStride, target, stride, rows, panel.columns, lower,
                upper)
        }
    }
}

extension Activation {
    /// What is below or above them becomes equal to them.
    var bounds: (lower: Float, upper: Float) {
        switch self {
        case .none: (-.infinity, .infinity)
        case .relu: (0, .infinity)
        case .relu6: (0, 6)
        }
    }

    /// The same for one number; a NaN stays.
    func callAsFunction(_ x: Float) -> Float {
        let raised = bounds.lower > x ? bounds.lower : x
        return raised > bounds.upper ? bounds.upper : raised
    }
}

/// The items of one of `shares` nearly equal parts: no task is left with a crumb.
func share(_ index: Int, of shares: Int, items: Int) -> Range<Int> {
    index * items / shares..<(index + 1) * items / shares
}
