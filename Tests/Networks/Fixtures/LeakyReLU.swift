// What it takes to add a layer, shown by one that only the tests have: this file, and a line in
// `LayerCase.all`, which checks values and gradients against double and bits on every engine.

import Tensors

@testable import Networks

/// y = x > 0 ? x : slope·x (Maas, Hannun and Ng 2013), for a slope above 0; the gradient at exactly 0
/// is slope·dy.
struct LeakyReLU: Layer {
    let name: String
    let kind = "leaky-relu"
    let slope: Float

    init(_ name: String, slope: Float) { (self.name, self.slope) = (name, slope) }

    func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        LeakyReLUOperation(slope: slope)
    }
}

/// In place: y has the sign of x, so the gradient needs nothing else.
private struct LeakyReLUOperation: Operation {
    let slope: Float
    let isInPlace = true
    let inputGradientReads = Reads.output

    func forward(_ x: Tensor, into y: inout Tensor, context: inout OperationContext) {
        y.withMutableFloats { y in
            for i in y.indices where !(y[i] > 0) { y[i] *= slope }
        }
    }

    func inputGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor, context: inout OperationContext
    ) {
        y.withFloats { y in
            dx.withMutableFloats { dx in
                for i in dx.indices where !(y[i] > 0) { dx[i] *= slope }
            }
        }
    }
}

extension LeakyReLU: DoubleLayer {
    func double(_ sample: [Double]) -> [Double] { sample.map { $0 > 0 ? $0 : Double(slope) * $0 } }
}
