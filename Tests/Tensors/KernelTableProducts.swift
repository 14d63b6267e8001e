// The cases of packing and products. Panels have another size in every table: what is compared is
// the whole matrix, put together from a table's own panels.

import CKernels
import Testing

@testable import Tensors

/// Rows and columns of the products, and the summed axis: the size, as far as a block goes.
private let (m, n) = (19, 37)
private func depth(_ inputs: Inputs) -> Int { min(inputs.size, Int(CK_DEPTH)) }

/// Calls `body` for stretches of at most `width` of `count` items.
private func stretches(_ count: Int, _ width: Int, _ body: (_ first: Int, _ items: Int) -> Void) {
    for first in stride(from: 0, to: count, by: width) { body(first, min(width, count - first)) }
}

/// The lines of packed panels [steps][width], one after another; what pads a panel must be zeros.
private func lines(_ panel: [Float], width: Int, lines: Int, steps: Int) -> [[Float]] {
    for line in lines..<width {
        #expect((0..<steps).allSatisfy { panel[$0 * width + line].bitPattern == 0 })
    }
    return (0..<lines).map { line in (0..<steps).map { panel[$0 * width + line] } }
}

private typealias Windows = (patches: ck_patches, count: Int, length: Int)

/// Two images of windows 3 × 3 with a pad of one: tap by tap (with one channel of three left out on
/// each side where `isByRow` is false), or a row of the kernel at a time.
private func withWindows<R>(_ inputs: Inputs, isByRow: Bool, _ body: (Windows) -> R) -> R {
    let (height, width) = (4, 5 + inputs.size % 3)
    let own = 1 + inputs.size % 19
    let channels = isByRow ? own : own + 2
    let images = inputs.floats(2 * height * width * channels, "images")
    let taps = (0..<(isByRow ? 3 : 9)).map {
        isByRow ? ck_tap(y: $0 - 1, x: -1) : ck_tap(y: $0 / 3 - 1, x: $0 % 3 - 1)
    }
    return images.withUnsafeBufferPointer { images in
        taps.withUnsafeBufferPointer { taps in
            let step = 1 + inputs.size % 2
            let out = ((height - 1) / step + 1, (width - 1) / step + 1)
            let patches = ck_patches(
                images: images.baseAddress, height: height, width: width, channels: channels,
                out_height: out.0, out_width: out.1, step_y: step, step_x: step,
                taps: taps.baseAddress, runs: taps.count, run_pixels: isByRow ? 3 : 1,
                run_channels: own, first_channel: isByRow ? 0 : 1)
            return body((patches, 2 * out.0 * out.1, 9 * own))
        }
    }
}

/// c = clamp(init + a·b) by the micro-kernels of one width; `run` gets a panel of rows, of columns,
/// and where to start from and to write to.
private func product(
    _ kernels: ck_kernels, _ inputs: Inputs, rows: Int, width: Int, k: Int,
    _ run: (
        _ first: Int, _ rows: Int, _ b: [Float], _ columns: Int,
        _ start: UnsafePointer<Float>, _ c: UnsafeMutablePointer<Float>
    ) -> Void
) -> [UInt32] {
    let b = inputs.floats(k * n, "b")
    let start = inputs.floats(rows * n, "start")
    return output(rows * n) { c in
        start.withUnsafeBufferPointer { start in
            stretches(n, width) { column, columns in
                var panel = [Float](repeating: 55, count: width * k)
                kernels.pack_columns(&panel, Array(b[column...]), n, 1, columns, width, k)
                stretches(rows, kernels.mr) { first, rows in
                    guard let from = start.baseAddress else { return }
                    let place = first * n + column
                    run(first, rows, panel, columns, from + place, c + place)
                }
            }
        }
    }
}

private func packed(_ kernels: ck_kernels, _ inputs: Inputs, isFull: Bool) -> [UInt32] {
    let k = depth(inputs)
    let a = inputs.floats(m * k, "a")
    let run = isFull ? kernels.micro_kernel : kernels.micro_kernel_narrow
    return product(
        kernels, inputs, rows: m, width: isFull ? kernels.nr : kernels.nr_narrow, k: k
    ) { first, rows, b, columns, start, c in
        var panel = [Float](repeating: 55, count: kernels.mr * k)
        kernels.pack_rows(&panel, Array(a[(first * k)...]), k, 1, rows, k)
        run?(k, panel, b, start, n, c, n, rows, columns, -0.5, 6)
    }
}

/// A table's segments of rows of windows: the reference's have one row.
private func segments(
    _ kernels: ck_kernels, _ windows: Windows, first: Int, rows: Int, from: Int, k: Int
) -> [ck_segment] {
    var patches = windows.patches
    var segments = [ck_segment](repeating: ck_segment(), count: k)
    let count = kernels.fill_indirection(&segments, &patches, first, rows, from, k)
    return Array(segments[..<count])
}

private func indirect(_ kernels: ck_kernels, _ inputs: Inputs, isFull: Bool) -> [UInt32] {
    let run = isFull ? kernels.indirect_micro_kernel : kernels.indirect_micro_kernel_narrow
    return withWindows(inputs, isByRow: false) { windows in
        let (from, k) = (windows.length / 5, windows.length - windows.length / 5)
        return product(
            kernels, inputs, rows: windows.count, width: isFull ? kernels.nr : kernels.nr_narrow,
            k: k
        ) { first, rows, b, columns, start, c in
            let buffer = segments(kernels, windows, first: first, rows: rows, from: from, k: k)
            run?(buffer, buffer.count, b, start, n, c, n, rows, columns, -0.5, 6)
        }
    }
}

let productCases: [String: KernelCase] = [
    "pack_rows": { kernels, inputs in
        let k = depth(inputs)
        let a = inputs.floats(m * k, "a")
        return [(k, 1), (1, m)].flatMap { row, step in
            var all: [[Float]] = []
            stretches(m, kernels.mr) { first, rows in
                var panel = [Float](repeating: 55, count: kernels.mr * k)
                kernels.pack_rows(&panel, Array(a[(first * row)...]), row, step, rows, k)
                all += lines(panel, width: kernels.mr, lines: rows, steps: k)
            }
            return all.joined().map(\.bitPattern)
        }
    },
    "pack_columns": { kernels, inputs in
        let k = depth(inputs)
        let b = inputs.floats(k * n, "b")
        return [(n, 1), (1, k)].flatMap { step, column in
            [kernels.nr, kernels.nr_narrow].flatMap { width in
                var all: [[Float]] = []
                stretches(n, width) { first, columns in
                    var panel = [Float](repeating: 55, count: width * k)
                    kernels.pack_columns(
                        &panel, Array(b[(first * column)...]), step, column, columns, width, k)
                    all += lines(panel, width: width, lines: columns, steps: k)
                }
                return all.joined().map(\.bitPattern)
            }
        }
    },
    "micro_kernel": { packed($0, $1, isFull: true) },
    "micro_kernel_narrow": { packed($0, $1, isFull: false) },
    "indirect_micro_kernel": { indirect($0, $1, isFull: true) },
    "indirect_micro_kernel_narrow": { indirect($0, $1, isFull: false) },
    "fill_indirection": { kernels, inputs in
        withWindows(inputs, isByRow: false) { windows in
            let (from, k) = (windows.length / 3, (windows.length + 1) / 2)
            var found: [UInt32] = []
            stretches(windows.count, kernels.mr) { first, rows in
                let all = segments(kernels, windows, first: first, rows: rows, from: from, k: k)
                for row in 0..<rows {
                    for segment in all {
                        let line = withUnsafeBytes(of: segment.rows) {
                            $0.bindMemory(to: UnsafePointer<Float>.self)[row]
                        }
                        found.append(UInt32(segment.length))
                        found += (0..<segment.length).map { line[$0].bitPattern }
                    }
                }
            }
            return found
        }
    },
    "pack_im2col": { kernels, inputs in
        [false, true].flatMap { isByRow in
            withWindows(inputs, isByRow: isByRow) { windows in
                var patches = windows.patches
                let (from, k) = (windows.length / 3, (windows.length + 1) / 2)
                var all: [[Float]] = []
                stretches(windows.count, kernels.mr) { first, rows in
                    // It may write the floats of one more step.
                    var panel = [Float](repeating: 55, count: kernels.mr * (k + 1))
                    kernels.pack_im2col(&panel, &patches, first, rows, from, k)
                    all += lines(panel, width: kernels.mr, lines: rows, steps: k)
                }
                return all.joined().map(\.bitPattern)
            }
        }
    },
    "pack_im2col_transposed": { kernels, inputs in
        [false, true].flatMap { isByRow in
            withWindows(inputs, isByRow: isByRow) { windows in
                var patches = windows.patches
                let (first, steps) = (windows.count / 4, windows.count / 2)
                var all: [[Float]] = []
                stretches(windows.length, kernels.nr) { from, elements in
                    var panel = [Float](repeating: 55, count: kernels.nr * steps)
                    kernels.pack_im2col_transposed(
                        &panel, &patches, first, steps, from, elements, kernels.nr)
                    all += lines(panel, width: kernels.nr, lines: elements, steps: steps)
                }
                return all.joined().map(\.bitPattern)
            }
        }
    },
    "transpose": { kernels, inputs in
        let (rows, columns) = (m, inputs.size)
        let from = inputs.floats(rows * (columns + 2), "from")
        return output(columns * (rows + 3)) {
            kernels.transpose($0, rows + 3, from, columns + 2, rows, columns)
        }
    },
    "plane_product": { kernels, inputs in
        let (k, count, slack) = (7, inputs.size, Int(CK_PLANE_SLACK))
        let offsets = [0, 3, 40]
        let planes = inputs.floats(k * (count + 41) + 40 + 2 * slack, "planes")
        return (1...4).flatMap { channels -> [UInt32] in
            let w = inputs.floats(offsets.count * k * channels, "w")
            // Each channel's pixels; what follows them may be anything.
            var y = [Float](repeating: 55, count: channels * (count + slack))
            kernels.plane_product(
                &y, count + slack, planes, count + 41, offsets, offsets.count, k, w, channels,
                count)
            return (0..<channels).flatMap { channel in
                let first = channel * (count + slack)
                return output(count, from: Array(y[first..<first + count])) { _ in }
            }
        }
    },
    "skinny_gemm": { kernels, inputs in
        let k = inputs.size
        let (a, b) = (inputs.floats(Int(CK_SKINNY_ROWS) * k, "a"), inputs.floats(k * n, "b"))
        return (1...Int(CK_SKINNY_ROWS)).flatMap { rows in
            output(rows * n, from: inputs.floats(rows * n, "c")) {
                kernels.skinny_gemm($0, n, a, k, rows, b, n, k, n)
            }
        }
    },
    "skinny_gemm_transposed": { kernels, inputs in
        let k = inputs.size
        let (a, b) = (inputs.floats(Int(CK_SKINNY_ROWS) * k, "a"), inputs.floats(k * n, "b"))
        return (1...Int(CK_SKINNY_ROWS)).flatMap { rows in
            output(rows * n, from: inputs.floats(rows * n, "c")) {
                kernels.skinny_gemm_transposed($0, n, a, k, rows, b, k, k, n)
            }
        }
    },
]
