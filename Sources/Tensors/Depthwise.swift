// Convolutions with one kernel a channel. Replaced by tuned kernels.

extension Engine {
    func depthwise(
        _ x: Tensor, shape: ConvolutionShape, weight: Tensor, bias: Tensor?,
        activation: Activation, into y: inout Tensor
    ) {
        y = shape.forwardByReference(x, weight: Self.plain(weight, shape), bias: bias)
        y = Tensor(shape: y.shape, values: y.values.map { activation($0) })
    }

    func depthwiseInputGradient(
        _ dy: Tensor, shape: ConvolutionShape, weight: Tensor, into dx: inout Tensor
    ) {
        dx = shape.inputGradientByReference(dy, weight: Self.plain(weight, shape))
    }

    func depthwiseWeightGradient(
        _ dy: Tensor, x: Tensor, shape: ConvolutionShape, into dw: inout Tensor
    ) {
        let plain = shape.weightGradientByReference(dy, x: x, images: 0..<x.rowCount)
        let (taps, channels) = (shape.kernelHeight * shape.kernelWidth, shape.inputChannels)
        dw.reserve([taps, channels])
        dw.withMutableFloats { to in
            plain.withFloats { from in
                for c in 0..<channels {
                    for t in 0..<taps { to[t * channels + c] = from[c * taps + t] }
                }
            }
        }
    }

    private static func plain(_ weight: Tensor, _ shape: ConvolutionShape) -> Tensor {
        var plain = Tensor(shape: shape.weightShape)
        let (taps, channels) = (shape.kernelHeight * shape.kernelWidth, shape.inputChannels)
        plain.withMutableFloats { to in
            weight.withFloats { from in
                for c in 0..<channels {
                    for t in 0..<taps { to[c * taps + t] = from[t * channels + c] }
                }
            }
        }
        return plain
    }
}
