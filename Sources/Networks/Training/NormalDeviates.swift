// Normal deviates from a named stream: the same bits on every machine.

import Randomness
import Tensors

extension Stream {
    /// Two normal deviates by Marsaglia's polar method (1964): products, a square root and a
    /// correctly rounded logarithm.
    public mutating func normalPair() -> (Double, Double) {
        while true {
            let (a, b) = (2 * Double(uniform()) - 1, 2 * Double(uniform()) - 1)
            let square = a * a + b * b
            guard square > 0 && square < 1 else { continue }
            let factor = (-2 * Double(Elementary.log(Float(square))) / square).squareRoot()
            return (a * factor, b * factor)
        }
    }
}
