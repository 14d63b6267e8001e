// Convolutions by the scalar specification, without packing: what the tests hold the others to.

import CKernels

extension ConvolutionShape {
    /// y = convolution of x [N, H, W, C] with a weight [O, C / groups, KH, KW], in plain loops.
    public func forwardByReference(_ x: Tensor, weight: Tensor, bias: Tensor? = nil) -> Tensor {
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
    public func inputGradientByReference(_ dy: Tensor, weight: Tensor) -> Tensor {
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
    public func weightGradientByReference(_ dy: Tensor, x: Tensor, images: Range<Int>) -> Tensor {
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
            stride_x: strideWidth, pad_top: padding.top, pad_left: padding.left, groups: groups)
    }
}
