// The cases of the kernels over windows: pooling and depthwise convolutions.

import CKernels
import Testing

@testable import Tensors

/// Windows of two images, with as many channels as the size says (at most 130): overlapping, with
/// gaps, larger than the image, with uneven padding, and the usual two by two.
private func windows(_ inputs: Inputs) -> (shape: ck_windows, inside: Int, outputs: Int) {
    let sizes: [(height: Int, width: Int, kernel: (Int, Int), stride: (Int, Int), pad: (Int, Int))]
    sizes = [
        (1, 1, (1, 1), (1, 1), (0, 0)), (5, 9, (3, 3), (1, 1), (1, 1)),
        (7, 6, (2, 2), (2, 2), (0, 0)), (7, 8, (5, 3), (2, 3), (2, 1)),
        (3, 9, (3, 2), (3, 1), (0, 1)), (4, 4, (6, 6), (1, 2), (4, 3)),
    ]
    let size = sizes[inputs.size % sizes.count]
    let channels = min(inputs.size, 130)
    let out = (
        (size.height + 2 * size.pad.0 - size.kernel.0) / size.stride.0 + 1,
        (size.width + 2 * size.pad.1 - size.kernel.1) / size.stride.1 + 1
    )
    let shape = ck_windows(
        height: size.height, width: size.width, channels: channels, out_height: out.0,
        out_width: out.1, kernel_height: size.kernel.0, kernel_width: size.kernel.1,
        stride_y: size.stride.0, stride_x: size.stride.1, pad_top: size.pad.0,
        pad_left: size.pad.1)
    return (shape, 2 * size.height * size.width * channels, 2 * out.0 * out.1 * channels)
}

let windowCases: [String: KernelCase] = [
    "max_pool": { kernels, inputs in
        var (shape, inside, outputs) = windows(inputs)
        let x = inputs.floats(inside, "x")
        return output(outputs) { kernels.max_pool($0, x, &shape, 0, 2 * shape.out_height) }
    },
    "max_pool_gradient": { kernels, inputs in
        var (shape, inside, outputs) = windows(inputs)
        // Ties: the first of equals gets the gradient.
        let x = inputs.floats(inside, "x").map { $0 > 0.25 && $0 < 1 ? 0.5 : $0 }
        var y = [Float](repeating: 0, count: outputs)
        ck_kernels_reference.max_pool(&y, x, &shape, 0, 2 * shape.out_height)
        return output(inside) {
            kernels.max_pool_gradient(
                $0, inputs.floats(outputs, "dy"), x, y, &shape, 0, 2 * shape.height)
        }
    },
    "average_pool": { kernels, inputs in
        var (shape, inside, outputs) = windows(inputs)
        let x = inputs.floats(inside, "x")
        return output(outputs) { kernels.average_pool($0, x, &shape, 0, 2 * shape.out_height) }
    },
    "average_pool_gradient": { kernels, inputs in
        var (shape, inside, outputs) = windows(inputs)
        let dy = inputs.floats(outputs, "dy")
        return output(inside) {
            kernels.average_pool_gradient($0, dy, &shape, 0, 2 * shape.height)
        }
    },
    "depthwise": { kernels, inputs in
        let (shape, inside, outputs) = windows(inputs)
        let (channels, count) = (shape.channels, shape.kernel_height * shape.kernel_width)
        let taps = (0..<count).map {
            ck_tap(
                y: $0 / shape.kernel_width - shape.pad_top,
                x: $0 % shape.kernel_width - shape.pad_left)
        }
        let weights = Array(0..<count)
        let (w, bias) = (inputs.floats(count * channels, "w"), inputs.floats(channels, "bias"))
        let x = inputs.floats(inside, "x")
        return [(-Float.infinity, Float.infinity), (0, 0.75)].flatMap { lower, upper in
            output(outputs) { y in
                taps.withUnsafeBufferPointer { taps in
                    weights.withUnsafeBufferPointer { weights in
                        var plan = ck_depthwise(
                            height: shape.height, width: shape.width, channels: channels,
                            out_height: shape.out_height, out_width: shape.out_width,
                            step_y: shape.stride_y, step_x: shape.stride_x,
                            taps: taps.baseAddress, weights: weights.baseAddress, count: count,
                            image_stride: shape.out_height * shape.out_width * channels,
                            row_stride: shape.out_width * channels, pixel_stride: channels)
                        kernels.depthwise(
                            y, x, w, bias, &plan, lower, upper, 0, 2 * shape.out_height)
                    }
                }
            }
        }
    },
    "depthwise_weights": { kernels, inputs in
        var (shape, inside, outputs) = windows(inputs)
        let (x, dy) = (inputs.floats(inside, "x"), inputs.floats(outputs, "dy"))
        let count = shape.kernel_height * shape.kernel_width * shape.channels
        return output(count) { kernels.depthwise_weights($0, x, dy, &shape, 2, shape.channels) }
    },
]
