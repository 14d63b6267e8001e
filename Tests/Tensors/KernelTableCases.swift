// What each kernel is run on, beside its reference. A case gives the bits of all its results.

import CKernels
import Testing

@testable import Tensors

typealias KernelCase = @Sendable (ck_kernels, Inputs) -> [UInt32]

let kernelCases: [String: KernelCase] = elementCases.merging(trainingCases) { $1 }
    .merging(channelCases) { $1 }.merging(windowCases) { $1 }.merging(productCases) { $1 }
    .merging(boundCases) { $1 }

private let elementCases: [String: KernelCase] = [
    "relu": { kernels, inputs in
        let x = inputs.floats(inputs.size, "x")
        return output(x.count) { kernels.relu($0, x, x.count) }
    },
    "relu_backward": { kernels, inputs in
        let (y, dy) = (inputs.floats(inputs.size, "y"), inputs.floats(inputs.size, "dy"))
        return output(y.count) { kernels.relu_backward($0, dy, y, y.count) }
    },
    "relu6": { kernels, inputs in
        let x = inputs.floats(inputs.size, "x").map { $0 * 9 }
        return output(x.count) { kernels.relu6($0, x, x.count) }
    },
    "relu6_backward": { kernels, inputs in
        let y = inputs.floats(inputs.size, "y").map { $0 == 1 ? 6 : $0 * 9 }
        return output(y.count) {
            kernels.relu6_backward($0, inputs.floats(y.count, "dy"), y, y.count)
        }
    },
    "sigmoid": { kernels, inputs in
        let x = inputs.floats(inputs.size, "x").map { $0 * 110 }
        return output(x.count) { kernels.sigmoid($0, x, x.count) }
    },
    "sigmoid_backward": { kernels, inputs in
        let (y, dy) = (inputs.floats(inputs.size, "y"), inputs.floats(inputs.size, "dy"))
        return output(y.count) { kernels.sigmoid_backward($0, dy, y, y.count) }
    },
    "add": { kernels, inputs in
        let (a, b) = (inputs.floats(inputs.size, "a"), inputs.floats(inputs.size, "b"))
        return output(a.count) { kernels.add($0, a, b, a.count) }
    },
    "sign_step": { kernels, inputs in
        let (x, g) = (inputs.floats(inputs.size, "x"), inputs.floats(inputs.size, "g"))
        return output(x.count) { kernels.sign_step($0, x, g, x.count, 0.1, 0, 1) }
    },
    "noise_step": { kernels, inputs in
        let n = inputs.size
        let (x, g) = (inputs.floats(n, "x"), inputs.floats(n, "g"))
        return [CK_REGULARISE_NONE, CK_REGULARISE_L1, CK_REGULARISE_L2].flatMap { kind in
            var r = inputs.floats(n, "r")
            let y = output(n) { kernels.noise_step($0, &r, x, g, n, 0.3, Int32(kind), 0.05) }
            return y + output(n, from: r) { _ in }
        }
    },
    "project_linf": { kernels, inputs in
        let (far, x) = (inputs.floats(inputs.size, "far"), inputs.floats(inputs.size, "x"))
        return [0, 0x1p-149, 0.1, .infinity].flatMap { epsilon in
            output(x.count) { kernels.project_linf($0, far, x, x.count, epsilon) }
        }
    },
    "round_to_bytes": { kernels, inputs in
        let x = inputs.floats(inputs.size, "x")
        return output(x.count) { kernels.round_to_bytes($0, x, x.count) }
    },
    "from_bytes": { kernels, inputs in
        let bytes = (0..<inputs.size).map { UInt8(truncatingIfNeeded: $0 &* 89) }
        return output(bytes.count) { kernels.from_bytes($0, bytes, bytes.count) }
    },
    "distances": { kernels, inputs in
        var found = ck_distances()
        let (x, y) = (inputs.floats(inputs.size, "x"), inputs.floats(inputs.size, "y"))
        kernels.distances(&found, x, y, x.count)
        return bits([
            found.l0, found.l1, found.l2, found.linf, found.sum, found.min, found.max,
        ])
    },
]

private let trainingCases: [String: KernelCase] = [
    "dropout": { kernels, inputs in
        let x = inputs.floats(inputs.size, "x")
        var mask = ck_mask(key: (0xa409_3822, 0x299f_31d0), counter: (1, 2, 3), threshold: 1 << 22)
        return output(x.count) { kernels.dropout($0, x, 40, x.count, &mask, 4 / 3) }
    },
    "sgd_step": { kernels, inputs in
        let n = inputs.size
        return [false, true].flatMap { nesterov in
            var v = inputs.floats(n, "v")
            let w = output(n, from: inputs.floats(n, "w")) {
                kernels.sgd_step($0, &v, inputs.floats(n, "g"), n, 0.1, 0.9, 1e-4, nesterov)
            }
            return w + output(n, from: v) { _ in }
        }
    },
    "adam_step": { kernels, inputs in
        let n = inputs.size
        var adam = ck_adam(
            step: 0.01, root: 0.3, beta1: 0.9, rest1: 0.1, beta2: 0.999, rest2: 0.001,
            epsilon: 1e-8, decay: 1e-4)
        var (m, v) = (inputs.floats(n, "m"), inputs.floats(n, "v").map { $0 * $0 })
        let w = output(n, from: inputs.floats(n, "w")) {
            kernels.adam_step($0, &m, &v, inputs.floats(n, "g"), n, &adam)
        }
        return w + output(n, from: m) { _ in } + output(n, from: v) { _ in }
    },
]

/// A few rows of as many channels as the size says.
private let channelCases: [String: KernelCase] = [
    "scale_channels": { kernels, inputs in
        let (rows, n) = (5, inputs.size)
        let (x, scale) = (inputs.floats(rows * n, "x"), inputs.floats(n, "scale"))
        let shift = inputs.floats(n, "shift")
        return output(rows * n) { kernels.scale_channels($0, x, scale, shift, rows, n) }
            + output(rows * n) { kernels.scale_channels($0, x, scale, nil, rows, n) }
    },
    "normalise": { kernels, inputs in
        let (rows, n) = (5, inputs.size)
        let (x, mean) = (inputs.floats(rows * n, "x"), inputs.floats(n, "mean"))
        let (scale, shift) = (inputs.floats(n, "scale"), inputs.floats(n, "shift"))
        return output(rows * n) { kernels.normalise($0, x, mean, scale, shift, rows, n) }
    },
    "normalise_gradient": { kernels, inputs in
        let (rows, n) = (5, inputs.size)
        let (x, dy) = (inputs.floats(rows * n, "x"), inputs.floats(rows * n, "dy"))
        let (mean, slope) = (inputs.floats(n, "mean"), inputs.floats(n, "slope"))
        let (scale, shift) = (inputs.floats(n, "scale"), inputs.floats(n, "shift"))
        return output(rows * n) {
            kernels.normalise_gradient($0, dy, x, mean, slope, scale, shift, rows, n)
        }
    },
    "channel_sums": { kernels, inputs in
        var sums = [Double](repeating: 55, count: inputs.size)
        kernels.channel_sums(&sums, inputs.floats(5 * inputs.size, "x"), 5, inputs.size)
        return bits(sums)
    },
    "channel_squares": { kernels, inputs in
        var sums = [Double](repeating: 55, count: inputs.size)
        let mean = inputs.doubles(inputs.size, "mean")
        kernels.channel_squares(&sums, inputs.floats(5 * inputs.size, "x"), mean, 5, inputs.size)
        return bits(sums)
    },
    "channel_products": { kernels, inputs in
        let n = inputs.size
        var sums = [Double](repeating: 55, count: n)
        kernels.channel_products(
            &sums, inputs.floats(5 * n, "dy"), inputs.floats(5 * n, "x"), inputs.floats(n, "mean"),
            5, n)
        return bits(sums)
    },
    "column_sums": { kernels, inputs in
        let n = inputs.size
        return [0, 7].flatMap { rows in
            output(n) { kernels.column_sums($0, inputs.floats(rows * n, "x"), rows, n) }
        }
    },
]
