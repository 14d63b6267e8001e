// First weights for training by intervals.

import Randomness
import Tensors

extension Architecture {
    /// `initialParameters`, but that every weight of a convolution or linear layer is a normal deviate times
    /// √(2π) / fanIn, drawn in pairs from the stream named after the parameter: then the widths of intervals
    /// neither grow nor shrink from layer to layer (Shi, Wang, Zhang, Yi and Hsieh, "Fast Certified Robust
    /// Training with Short Warmup", 2021). Drawn by plain training they grow by a factor a layer.
    public func intervalParameters(seed: UInt64) -> [String: Tensor] {
        var parameters = initialParameters(seed: seed)
        for layer in layers where layer is Convolution || layer is Linear {
            guard let weight = layer.parameters.first,
                case .uniform(let fanIn) = weight.initializer
            else { continue }
            var random = Stream(seed: seed, name: "train/initial/\(weight.name)")
            let deviation = 2.506_628_274_631_000_2 / Double(fanIn)
            parameters[weight.name]?.withMutableFloats { values in
                for index in stride(from: 0, to: values.count, by: 2) {
                    let pair = random.normalPair()
                    values[index] = Float(deviation * pair.0)
                    if index + 1 < values.count { values[index + 1] = Float(deviation * pair.1) }
                }
            }
        }
        return parameters
    }
}
