// The cases of the kernels that bound products.

import CKernels
import Testing

@testable import Tensors

/// A product of one image: of one pixel, with padding, with strides, with gaps and in groups.
private func product(_ inputs: Inputs) -> ck_convolution {
    let size = min(inputs.size, 70)
    func shape(
        _ side: (Int, Int), _ channels: Int, _ outputs: Int, _ kernel: (Int, Int),
        _ stride: (Int, Int), _ dilation: Int, _ pad: Int, _ groups: Int
    ) -> ck_convolution {
        func windows(_ length: Int, _ kernel: Int, _ stride: Int) -> Int {
            (length + 2 * pad - dilation * (kernel - 1) - 1) / stride + 1
        }
        return ck_convolution(
            images: 1, height: side.0, width: side.1, channels: channels,
            out_height: windows(side.0, kernel.0, stride.0),
            out_width: windows(side.1, kernel.1, stride.1), out_channels: outputs,
            kernel_height: kernel.0, kernel_width: kernel.1, stride_y: stride.0,
            stride_x: stride.1, pad_top: pad, pad_left: pad, groups: groups,
            dilation_y: dilation, dilation_x: dilation)
    }
    return switch inputs.size % 4 {
    case 0: shape((1, 1), size, 2 * size + 1, (1, 1), (1, 1), 1, 0, 1)
    case 1: shape((5, 4), 3, size, (3, 2), (2, 1), 1, 1, 1)
    case 2: shape((4, 5), size, size, (2, 2), (1, 2), 2, 2, size)
    default: shape((4, 4), 2 * (size % 13 + 1), 2 * (size % 19 + 1), (3, 3), (1, 1), 1, 1, 2)
    }
}

extension ck_convolution {
    fileprivate var inputs: Int { height * width * channels }
    fileprivate var outputs: Int { out_height * out_width * out_channels }
    fileprivate var depth: Int { kernel_height * kernel_width * channels / groups }
}

let boundCases: [String: KernelCase] = [
    "interval_product": { kernels, inputs in
        var shape = product(inputs)
        let (a, b) = (inputs.floats(shape.inputs, "a"), inputs.floats(shape.inputs, "b"))
        let (l, u) = (zip(a, b).map { min($0, $1) }, zip(a, b).map { max($0, $1) })
        // Weights of 0 count for nothing.
        let w = inputs.floats(shape.depth * shape.out_channels, "w")
            .map { $0 > 0 && $0 < 0.2 ? 0 : $0 }
        let bias = inputs.size % 3 == 0 ? nil : inputs.floats(shape.out_channels, "bias")
        var patch = [Float](repeating: 0, count: 2 * shape.depth)
        return [true, false].flatMap { hasErrors in
            output(4 * shape.outputs) { to in
                var to = ck_interval_results(
                    lower: to, upper: to + shape.outputs,
                    error: hasErrors ? to + 2 * shape.outputs : nil,
                    size: hasErrors ? to + 3 * shape.outputs : nil)
                kernels.interval_product(&to, l, u, w, bias, &shape, &patch)
            }
        }
    },
    "relax_rows": { kernels, inputs in
        let n = inputs.size
        var rows = inputs.doubles(8 * n, "rows")
        var (constant, total) = (inputs.doubles(8, "constant"), inputs.doubles(8, "total"))
        let lines = ["a", "b", "c", "d", "e"].map { inputs.doubles(n, $0) }
        for hasSlopes in [true, false] {
            lines[0].withUnsafeBufferPointer { a in
                lines[1].withUnsafeBufferPointer { b in
                    lines[2].withUnsafeBufferPointer { c in
                        lines[3].withUnsafeBufferPointer { d in
                            lines[4].withUnsafeBufferPointer { e in
                                var own = ck_lines(
                                    low_slope: hasSlopes ? a.baseAddress : nil,
                                    high_slope: hasSlopes ? b.baseAddress : nil,
                                    low_offset: c.baseAddress, high_offset: d.baseAddress,
                                    size: e.baseAddress)
                                kernels.relax_rows(&rows, n, &own, &constant, &total)
                            }
                        }
                    }
                }
            }
        }
        return bits(rows + constant + total)
    },
    "pull_rows": { kernels, inputs in
        var shape = product(inputs)
        let from = inputs.doubles(8 * shape.outputs, "from")
        let w = inputs.doubles(shape.depth * shape.out_channels, "w")
        var to = inputs.doubles(8 * shape.inputs, "to")
        var whole = ck_region(top: 0, left: 0, bottom: shape.out_height, right: shape.out_width)
        var target = ck_region(top: 0, left: 0, bottom: shape.height, right: shape.width)
        kernels.pull_rows(&to, from, w, &shape, &whole, &target)
        var part = ck_region(
            top: shape.out_height / 2, left: 0, bottom: shape.out_height,
            right: (shape.out_width + 1) / 2)
        target.top = shape.height / 3
        kernels.pull_rows(&to, from, w, &shape, &part, &target)
        return bits(to)
    },
]
