// Layers that multiply by weights: the chain of the product with each operand at the end that the sign
// of its weight chooses. Rounding to nearest is monotone, so that is the least and the largest that the
// chain can give over the box, and both are given: they are the product at a vertex.

import Networks
import Tensors

extension Linear: BoundedLayer {
    func bounds(of step: ExecutedStep) -> [BoundPart]? {
        [.product(BoundedProduct(weight: step.parameters[0], bias: step.parameters[1]))]
    }
}

extension Convolution: BoundedLayer {
    func bounds(of step: ExecutedStep) -> [BoundPart]? {
        guard let maps = step.input.features.maps else { return nil }
        let shape = ConvolutionShape(
            inputHeight: maps.height, inputWidth: maps.width, inputChannels: inputs,
            outputChannels: outputs, kernel: (kernel[0], kernel[1]),
            stride: (stride[0], stride[1]), padding: padding,
            dilation: (dilation[0], dilation[1]), groups: groups)
        let bias = step.parameters.count > 1 ? step.parameters[1] : nil
        return [.product(BoundedProduct(shape, weight: step.parameters[0], bias: bias))]
    }
}
