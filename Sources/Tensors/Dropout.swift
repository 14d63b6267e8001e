// Dropout by counters: whether an element is kept is a pure function of key, counter and place, so
// no mask has to be stored, and the gradient draws the same one again.

import CKernels

extension Engine {
    /// y = kept ? x·(1 / (1 − rate)) : 0, also its own gradient.
    ///
    /// Element e of the whole tensor uses word e mod 4 of the Philox4x32-10 block with counter
    /// (⌊e / 4⌋, counter.0, counter.1, counter.2), and is kept if that word's upper 24 bits times
    /// 2⁻²⁴ are at least `rate`. With key = the halves of a seed and counter = (step, the halves
    /// of a name's hash, lower first) that is draw e of `Randomness.Stream`.
    ///
    /// - Parameters:
    ///   - x: At most 2³⁴ elements.
    ///   - rate: The share of elements that become zero, in 0...1; with 1 all do.
    ///   - key: The seed's lower and upper half.
    ///   - counter: What tells this mask from others.
    ///   - y: Where the result goes.
    /// - Precondition: The rate is in 0...1.
    public func dropout(
        _ x: Tensor, rate: Float, key: (UInt32, UInt32), counter: (UInt32, UInt32, UInt32),
        into y: inout Tensor
    ) {
        precondition((0...1).contains(rate), "dropout: the rate \(rate) is not in 0...1")
        // u·2⁻²⁴ ≥ rate for an integer u: u ≥ ⌈rate·2²⁴⌉, and the product is exact.
        let threshold = UInt32((rate * 0x1p24).rounded(.up))
        let mask = ck_mask(key: key, counter: counter, threshold: threshold)
        let scale = 1 / (1 - rate)
        y.reserve(x.shape)
        x.withFloats { x in
            y.withMutableFloats { target in
                guard let x = x.baseAddress, let y = target.baseAddress else { return }
                nonisolated(unsafe) let (from, to) = (x, y)
                blocks(of: target.count) { [kernels] start, count in
                    withUnsafePointer(to: mask) {
                        kernels.pointee.dropout(to + start, from + start, start, count, $0, scale)
                    }
                }
            }
        }
    }
}
