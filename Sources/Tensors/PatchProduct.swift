// The product behind a convolution: windows of images, packed as they are needed, times packed
// weights. Nothing of the size of all windows is ever stored.

import CKernels

/// The product of m windows with a packed matrix [k, n]: raw operands, already checked.
struct PatchProduct: @unchecked Sendable {
    let kernels: ck_kernels
    let patches: ck_patches
    /// How many windows.
    let m: Int
    /// The packed weights.
    let b: UnsafePointer<Float>
    let bRowWidth: Int
    let panels: [PackedMatrix.Panel]
    let n: Int, k: Int
    let bias: UnsafePointer<Float>
    let activation: Activation
    let output: Output

    /// Where window m's n results go.
    enum Output {
        /// Row after row, `stride` apart.
        case rows(UnsafeMutablePointer<Float>, stride: Int)
        /// To the pixels of a phase, of an image of that many channels and pixels a row.
        case pixels(
            UnsafeMutablePointer<Float>, ConvolutionPhase, shape: ConvolutionShape)
    }

    /// Panels of rows that one task takes: their block stays in the second-level cache.
    private static let rowPanelsPerTask = 8
    /// With fewer tasks than this the columns are shared too.
    private static let tasksWanted = 8

    private var rowPanels: Int { (m + kernels.mr - 1) / kernels.mr }

    /// Working memory of one thread: packed rows or the places of rows, and rows of the result.
    static func scratchLength(_ kernels: ck_kernels, columns: Int) -> Int {
        rowPanelsPerTask * (panelLength(kernels) + kernels.mr * columns) + 64
    }

    /// A packed panel, or the segments of one.
    private static func panelLength(_ kernels: ck_kernels) -> Int {
        let bytes = mostSegments * MemoryLayout<ck_segment>.stride
        return max(kernels.mr * Int(CK_DEPTH), bytes / MemoryLayout<Float>.stride)
    }

    /// Runs of so many channels are read in place: shorter ones cost too much between them.
    static let channelsInPlace = 16
    private static let mostSegments = Int(CK_DEPTH) / channelsInPlace + 1

    /// Whether tiles read the windows in place. Rows that lie a multiple of 4 KiB apart would share
    /// one set of the first-level cache; those are packed.
    private var isInPlace: Bool {
        kernels.fill_indirection != nil && patches.run_pixels == 1
            && patches.run_channels >= Self.channelsInPlace
            && patches.channels * patches.step_x % 1024 != 0
    }

    func run(on workers: Workers, scratch: UnsafeMutablePointer<Float>) {
        let rowTasks = (rowPanels + Self.rowPanelsPerTask - 1) / Self.rowPanelsPerTask
        guard rowTasks > 0 else { return }
        let columnTasks = min(panels.count, (Self.tasksWanted + rowTasks - 1) / rowTasks)
        let length = Self.scratchLength(kernels, columns: n)
        nonisolated(unsafe) let scratch = scratch
        workers.run(tasks: rowTasks * columnTasks) { task, slot in
            multiply(
                rows: share(task / columnTasks, of: rowTasks, items: rowPanels),
                columns: share(task % columnTasks, of: columnTasks, items: panels.count),
                scratch: scratch + slot * length)
        }
    }

    private func multiply(
        rows: Range<Int>, columns: Range<Int>, scratch: UnsafeMutablePointer<Float>
    ) {
        let mr = kernels.mr
        let first = rows.lowerBound * mr
        let count = min(rows.upperBound * mr, m) - first
        // Rows of the result: in place, or beside the packed block until they are complete.
        let length = Self.panelLength(kernels)
        let local = scratch + Self.rowPanelsPerTask * length + 64
        let (c, cStride): (UnsafeMutablePointer<Float>, Int) =
            switch output {
            case .rows(let target, let stride): (target + first * stride, stride)
            case .pixels: (local, n)
            }
        if k == 0 {
            for row in 0..<count { (c + row * cStride).update(from: bias, count: n) }
        }
        withUnsafePointer(to: patches) { patches in
            for start in stride(from: 0, to: k, by: Int(CK_DEPTH)) {
                let depth = min(Int(CK_DEPTH), k - start)
                var sources: [ProductStep.Rows] = []
                for panel in 0..<rows.count {
                    sources.append(
                        source(
                            patches, scratch + panel * length, first: first + panel * mr,
                            rows: min(mr, count - panel * mr), start: start, depth: depth))
                }
                let step = ProductStep(
                    kernels: kernels, depth: depth, isFirst: start == 0,
                    isLast: start + depth == k, bias: bias, activation: activation)
                for column in columns {
                    let panel = panels[column]
                    let bPanel = b + start * bRowWidth + depth * panel.offset
                    for rowPanel in 0..<rows.count {
                        step.tile(
                            sources[rowPanel], bPanel, panel,
                            c + rowPanel * mr * cStride, stride: cStride,
                            rows: min(mr, count - rowPanel * mr))
                    }
                }
            }
        }
        if case .pixels(let target, let phase, let shape) = output {
            for column in columns {
                scatter(
                    local + panels[column].column, panels[column].columns, first: first,
                    count: count, to: target + panels[column].column, phase, shape)
            }
        }
    }

    /// A panel of windows, packed or in place.
    private func source(
        _ patches: UnsafePointer<ck_patches>, _ memory: UnsafeMutablePointer<Float>, first: Int,
        rows: Int, start: Int, depth: Int
    ) -> ProductStep.Rows {
        guard isInPlace else {
            kernels.pack_im2col(memory, patches, first, rows, start, depth)
            return .packed(memory)
        }
        let segments = UnsafeMutableRawPointer(memory).bindMemory(
            to: ck_segment.self, capacity: Self.mostSegments)
        let count = kernels.fill_indirection(segments, patches, first, rows, start, depth)
        return .lines(segments, count: count)
    }

    /// Moves finished rows to their pixels.
    private func scatter(
        _ rows: UnsafePointer<Float>, _ columns: Int, first: Int, count: Int,
        to target: UnsafeMutablePointer<Float>, _ phase: ConvolutionPhase,
        _ shape: ConvolutionShape
    ) {
        for row in 0..<count {
            let (line, c) = (first + row).quotientAndRemainder(dividingBy: phase.outWidth)
            let (image, r) = line.quotientAndRemainder(dividingBy: phase.outHeight)
            let iy = image * shape.inputHeight + phase.y + r * shape.strideHeight
            let pixel = iy * shape.inputWidth + phase.x + c * shape.strideWidth
            (target + pixel * shape.inputChannels).update(from: rows + row * n, count: columns)
        }
    }
}
