// The one contraction behind dense products, convolutions and their gradients: loops around a
// micro-kernel, as in BLIS (F. Van Zee, R. van de Geijn, "BLIS: A Framework for Rapidly
// Instantiating BLAS Functionality", 2015), between two sources and a sink.

import CKernels

/// c[i, j] = activation(chain over p ascending, from bias[j], of fma(left[i, p], right[p, j], ·)).
///
/// Blocks, panels and threads choose which elements are computed together, never the chain: a block of the
/// summed axis takes every chain up from C, where the block before has left it.
struct MacroKernel: @unchecked Sendable {
    let kernels: KernelTable
    let left: LeftSource
    let right: RightSource
    let sink: Sink
    /// Rows and columns of c, and steps of the summed axis.
    let m: Int, n: Int, k: Int
    /// n values.
    let bias: UnsafePointer<Float>
    var activation = Activation.none
    /// Steps after which chains start anew, as a part of c of its own; nil for one chain an element.
    var chunk: Int?

    /// Where c goes.
    enum Sink {
        /// Row i of part q stands at c + i·stride + q·partStride.
        case rows(UnsafeMutablePointer<Float>, stride: Int, partStride: Int = 0)
        /// Row i goes to pixel i of a sub-pixel phase, of an image of that shape.
        case subPixels(UnsafeMutablePointer<Float>, SubPixelPhase, shape: ConvolutionShape)
    }

    /// With fewer tasks a thread than this the columns are shared too; each share prepares its rows anew.
    private static let tasksPerThread = 3
    /// Steps of a block: its packed panels stay in the nearest caches.
    private static let depth = Int(CK_DEPTH)
    /// What packing may write past the end of the last panel.
    private static let slack = 64

    private var rowPanels: Int { (m + kernels.pointee.mr - 1) / kernels.pointee.mr }
    private var columnPanels: ColumnPanels { ColumnPanels(n, kernels) }
    /// Row panels of a task. With packed columns so few that a block of them stays in the
    /// second-level cache; where columns are packed as they are needed, more share that work.
    private var panelsPerTask: Int { right.isPacked ? 12 : 32 }
    /// Floats of a prepared panel of rows.
    private var panelLength: Int { LeftSource.panelLength(kernels) }

    /// Working memory of one thread: a block of rows, a panel of columns, rows that go to sub-pixels.
    private var slotLength: Int {
        let rows = min(panelsPerTask, rowPanels)
        var length = rows * panelLength + Self.slack
        if !right.isPacked { length += Self.depth * kernels.pointee.nr }
        if case .subPixels = sink { length += rows * kernels.pointee.mr * n }
        return (length + 15) / 16 * 16
    }

    /// Computes c; `scratch` is kept from call to call.
    func run(on workers: Workers, scratch: inout Tensor) {
        let parts = chunk.map { max(1, (k + $0 - 1) / $0) } ?? 1
        guard rowPanels > 0, n > 0 else { return }
        // As many for each thread, where the rows allow it.
        let least = (rowPanels + panelsPerTask - 1) / panelsPerTask
        let rowTasks = min(
            rowPanels, (least + workers.threads - 1) / workers.threads * workers.threads)
        let panels = columnPanels.count
        let wanted =
            (Self.tasksPerThread * workers.threads + parts * rowTasks - 1) / (parts * rowTasks)
        let columnTasks = min(panels, wanted)
        let length = slotLength
        scratch.reserve([workers.threads * length])
        scratch.withMutableFloats { scratch in
            guard let base = scratch.baseAddress else { return }
            nonisolated(unsafe) let memory = base
            workers.run(tasks: parts * rowTasks * columnTasks) { task, slot in
                let (rest, columns) = task.quotientAndRemainder(dividingBy: columnTasks)
                let (part, rows) = rest.quotientAndRemainder(dividingBy: rowTasks)
                multiply(
                    part: part, rows: share(rows, of: rowTasks, items: rowPanels),
                    columns: share(columns, of: columnTasks, items: panels),
                    memory: memory + slot * length)
            }
        }
    }

    /// Some panels of rows by some panels of columns, over all steps of a part.
    private func multiply(
        part: Int, rows: Range<Int>, columns: Range<Int>, memory: UnsafeMutablePointer<Float>
    ) {
        let (mr, panels) = (kernels.pointee.mr, columnPanels)
        let first = rows.lowerBound * mr
        let count = min(rows.upperBound * mr, m) - first
        let packedColumns = memory + min(panelsPerTask, rowPanels) * panelLength + Self.slack
        let c: UnsafeMutablePointer<Float>
        let stride: Int
        switch sink {
        case .rows(let target, let rowStride, let partStride):
            (c, stride) = (target + first * rowStride + part * partStride, rowStride)
        case .subPixels:
            // Rows are complete before they go to their pixels.
            (c, stride) = (
                packedColumns + (right.isPacked ? 0 : Self.depth * kernels.pointee.nr), n
            )
        }
        let steps = chunk.map { part * $0..<min((part + 1) * $0, k) } ?? 0..<k
        if steps.isEmpty {
            for row in 0..<count {
                for column in panels.elements(of: columns) {
                    c[row * stride + column] = activation(bias[column])
                }
            }
        }
        for start in Swift.stride(from: steps.lowerBound, to: steps.upperBound, by: Self.depth) {
            let depth = min(Self.depth, steps.upperBound - start)
            let block = Block(
                kernels: kernels, depth: depth, isFirst: start == steps.lowerBound,
                isLast: start + depth == steps.upperBound, bias: bias, activation: activation)
            var segments = 0
            for panel in 0..<rows.count {
                segments = left.prepare(
                    memory + panel * panelLength, first: first + panel * mr,
                    rows: min(mr, count - panel * mr), start: start, depth: depth, kernels)
            }
            for column in columns {
                let panel = panels[column]
                let b = right.panel(panel, start, depth, memory: packedColumns, kernels)
                for rowPanel in 0..<rows.count {
                    block.multiply(
                        memory + rowPanel * panelLength, segments: segments, b, panel,
                        c + rowPanel * mr * stride, stride: stride,
                        rows: min(mr, count - rowPanel * mr))
                }
            }
        }
        if case .subPixels(let target, let phase, let shape) = sink {
            let (start, elements) = (
                panels.elements(of: columns).lowerBound, panels.elements(of: columns).count
            )
            phase.scatter(
                c + start, stride: n, count: elements, rows: first..<first + count,
                to: target + start, shape)
        }
    }
}

/// One block of the summed axis: where every chain starts, goes on and ends.
private struct Block {
    let kernels: KernelTable
    let depth: Int
    let isFirst: Bool, isLast: Bool
    let bias: UnsafePointer<Float>
    let activation: Activation

    /// One micro-kernel: a prepared panel of rows (with segments: an indirection buffer) by a packed
    /// panel of columns, onto `c`, which begins at column 0.
    func multiply(
        _ a: UnsafePointer<Float>, segments: Int, _ b: UnsafePointer<Float>,
        _ panel: ColumnPanels.Panel, _ c: UnsafeMutablePointer<Float>, stride: Int, rows: Int
    ) {
        let target = c + panel.column
        let (from, fromStride): (UnsafePointer<Float>, Int) =
            isFirst ? (bias + panel.column, 0) : (UnsafePointer(target), stride)
        let (lower, upper) = isLast ? activation.bounds : Activation.none.bounds
        if segments == 0 {
            let run =
                panel.isFull ? kernels.pointee.micro_kernel : kernels.pointee.micro_kernel_narrow
            run?(depth, a, b, from, fromStride, target, stride, rows, panel.columns, lower, upper)
        } else {
            let run =
                panel.isFull
                ? kernels.pointee.indirect_micro_kernel
                : kernels.pointee.indirect_micro_kernel_narrow
            let entries = UnsafeRawPointer(a).assumingMemoryBound(to: ck_segment.self)
            run?(
                entries, segments, b, from, fromStride, target, stride, rows, panel.columns, lower,
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
