// Products and convolutions by the scalar specification, without packing.

import CKernels

@testable import Tensors

extension ConvolutionShape {
    /// y = convolution of x [N, H, W, C] with a weight [O, C / groups, KH, KW], in plain loops.
    func forwardByReference(_ x: Tensor, weight: Tensor, bias: Tensor? = nil) -> Tensor {
        var y = Tensor(shape: [x.rowCount] + outputSizes)
        var shape = description(images: x.rowCount)
        let start = bias ?? Tensor(shape: [outputChannels])
        y.withMutableFloats { y in
            x.withFloats { x in
                weight.withFloats { w in
                    start.withFloats { bias in
                        ck_convolution_reference(
                            y.baseAddress, x.baseAddress, w.baseAddress, bias.baseAddress, &shape)
                    }
                }
            }
        }
        return y
    }

    /// dx from dy [N, OH, OW, O], in plain loops.
    func inputGradientByReference(_ dy: Tensor, weight: Tensor) -> Tensor {
        var dx = Tensor(shape: [dy.rowCount] + inputSizes)
        var shape = description(images: dy.rowCount)
        dx.withMutableFloats { dx in
            dy.withFloats { dy in
                weight.withFloats { w in
                    ck_convolution_input_reference(
                        dx.baseAddress, dy.baseAddress, w.baseAddress, &shape)
                }
            }
        }
        return dx
    }

    /// The part of dw that a range of images gives, one chain an element, in plain loops.
    func weightGradientByReference(_ dy: Tensor, x: Tensor, images: Range<Int>) -> Tensor {
        var dw = Tensor(shape: weightShape)
        var shape = description(images: x.rowCount)
        dw.withMutableFloats { dw in
            dy.withFloats { dy in
                x.withFloats { x in
                    ck_convolution_weight_reference(
                        dw.baseAddress, dy.baseAddress, x.baseAddress, &shape, images.lowerBound,
                        images.upperBound)
                }
            }
        }
        return dw
    }

    private func description(images: Int) -> ck_convolution {
        ck_convolution(
            images: images, height: inputHeight, width: inputWidth, channels: inputChannels,
            out_height: outputHeight, out_width: outputWidth, out_channels: outputChannels,
            kernel_height: kernelHeight, kernel_width: kernelWidth, stride_y: strideHeight,
            stride_x: strideWidth, pad_top: padding.top, pad_left: padding.left, groups: groups,
            dilation_y: dilationHeight, dilation_x: dilationWidth)
    }
}

extension Engine {
    /// c = a · b (+ bias) by the scalar specification, without packing.
    static func multiplyByReference(
        _ a: Tensor, _ aOrientation: Orientation, by b: Tensor, _ bOrientation: Orientation,
        bias: Tensor? = nil
    ) -> Tensor {
        let (aRow, aColumn) = aOrientation == .plain ? (a.shape[1], 1) : (1, a.shape[1])
        let (bRow, bColumn) = bOrientation == .plain ? (b.shape[1], 1) : (1, b.shape[1])
        let m = aOrientation == .plain ? a.shape[0] : a.shape[1]
        let k = aOrientation == .plain ? a.shape[1] : a.shape[0]
        let n = bOrientation == .plain ? b.shape[1] : b.shape[0]
        var c = Tensor(shape: [m, n])
        let start = bias ?? Tensor(shape: [n])
        c.withMutableFloats { c in
            a.withFloats { a in
                b.withFloats { b in
                    start.withFloats { start in
                        ck_product_reference(
                            c.baseAddress, n, a.baseAddress, aRow, aColumn, b.baseAddress, bRow,
                            bColumn, start.baseAddress, m, n, k)
                    }
                }
            }
        }
        return c
    }
}
