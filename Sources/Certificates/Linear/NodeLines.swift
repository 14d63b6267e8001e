// What linear bounds know of each node for one image.

import Networks
import Tensors

/// How one node's outputs are replaced by its inputs, from the boxes of one image.
enum NodeLines {
    /// By lines, and then by what the lines are over: the product of a product, the two sides of a sum,
    /// the input of an activation.
    case lines(BoundLines)
    /// By one number of a window, or by a constant.
    case largest(LargestLines)
    /// By themselves, in other places.
    case moved
}

/// Maxima of windows: each is at least the number with the largest lower end, and at most that number
/// where no other can be larger, else at most the largest upper end.
struct LargestLines {
    /// By window: the place of the number with the largest lower end.
    var best: [Int] = []
    /// By window: the largest upper end; nil where `best` is always the largest.
    var most: [Double?] = []
    /// By window: the largest magnitude that it can have.
    var sizes: [Double] = []
}

extension BoundNode {
    /// The lines of this node, and the box of what it gives, for one image; nil where some end is not
    /// finite.
    func bounds(
        of input: Box, others: [Box], in scope: CertificateScope, on engine: Engine
    ) -> (box: Box, lines: NodeLines)? {
        switch part {
        case .product(let product):
            let found = product.intervals(
                lower: input.lower, upper: input.upper, hasErrors: true, on: engine)
            let box =
                scope == .any
                ? found.anyBox(depth: product.depth) : Box(lower: found.lower, upper: found.upper)
            guard box.broken().isEmpty, let lines = product.lines(found, in: scope) else {
                return nil
            }
            return (box, .lines(lines))
        case .gather:
            return (part.box(of: input, others: others, in: scope, on: engine), .moved)
        case .growing(_, let relaxation):
            let box = part.box(of: input, others: others, in: scope, on: engine)
            guard box.broken().isEmpty, let relaxation else { return nil }
            switch relaxation {
            case .rectifier(let slope):
                return (box, .lines(input.lines { .rectifier(slope, $0, $1) }))
            case .sigmoid: return (box, .lines(input.lines { .sigmoid($0, $1) }))
            case .tanh: return (box, .lines(input.lines { .tanh($0, $1) }))
            case .largest(let windows): return (box, .largest(input.largest(of: windows)))
            case .sum: return (box, .lines(box.sumLines(of: [input] + others)))
            }
        }
    }
}

extension BoundedProduct {
    /// W·x + b − E and W·x + b + E, the constants rounded outwards; nil where an error is not finite.
    fileprivate func lines(_ found: ProductIntervals, in scope: CertificateScope) -> BoundLines? {
        var lines = BoundLines(count: outputs, hasSlopes: false)
        for place in 0..<outputs {
            let error =
                scope == .any
                ? found.anyError(place, depth: depth) : found.executedError(place, depth: depth)
            let size = found.size(place, depth: depth)
            guard error.isFinite, size.isFinite else { return nil }
            let bias = Double(self.bias[place % shape.outputChannels])
            lines.lowOffsets[place] = (bias - error).nextDown
            lines.highOffsets[place] = (bias + error).nextUp
            lines.sizes[place] = size + error
        }
        return lines
    }
}

extension Box {
    /// Pixels at their ends: constants below and above.
    var ends: BoundLines {
        var ends = BoundLines(count: lower.count, hasSlopes: false)
        ends.lowOffsets = lower.values.map(Double.init)
        ends.highOffsets = upper.values.map(Double.init)
        ends.sizes = ends.sizes.indices.map(size)
        return ends
    }

    /// The lines of an activation of each number.
    fileprivate func lines(_ line: (Float, Float) -> ActivationLines) -> BoundLines {
        var lines = BoundLines(count: lower.count, hasSlopes: true)
        lower.withFloats { lower in
            upper.withFloats { upper in
                for place in lower.indices {
                    let both = line(lower[place], upper[place])
                    lines.lowSlopes[place] = both.low.slope
                    lines.lowOffsets[place] = both.low.offset
                    lines.highSlopes[place] = both.high.slope
                    lines.highOffsets[place] = both.high.offset
                    let most = Double(max(lower[place].magnitude, upper[place].magnitude))
                    lines.sizes[place] =
                        max(both.low.size(most), both.high.size(most)) * (1 + 0x1p-40)
                }
            }
        }
        return lines
    }

    /// x + y − ½ulp and x + y + ½ulp, at the largest magnitude of the sum, which is this box.
    fileprivate func sumLines(of sides: [Box]) -> BoundLines {
        var lines = BoundLines(count: lower.count, hasSlopes: false)
        for place in lines.sizes.indices {
            let error = Double(Float(size(place)).ulp) / 2
            (lines.lowOffsets[place], lines.highOffsets[place]) = (-error, error)
            lines.sizes[place] =
                (sides.map { $0.size(place) }.reduce(0, +) + error) * (1 + 0x1p-40)
        }
        return lines
    }

    fileprivate func largest(of windows: PoolingWindows) -> LargestLines {
        let (height, width, channels) = (windows.input[0], windows.input[1], windows.input[2])
        var found = LargestLines()
        let (lower, upper) = (lower.values, upper.values)
        for oy in 0..<windows.output[0] {
            for ox in 0..<windows.output[1] {
                for channel in 0..<channels {
                    var places: [Int] = []
                    for ky in 0..<windows.kernel[0] {
                        for kx in 0..<windows.kernel[1] {
                            let y =
                                oy * windows.stride[0] + ky * windows.dilation[0]
                                - windows.padding.top
                            let x =
                                ox * windows.stride[1] + kx * windows.dilation[1]
                                - windows.padding.left
                            guard (0..<height).contains(y), (0..<width).contains(x) else {
                                continue
                            }
                            places.append((y * width + x) * channels + channel)
                        }
                    }
                    found.add(places, lower, upper)
                }
            }
        }
        return found
    }
}

extension LargestLines {
    fileprivate mutating func add(_ places: [Int], _ lower: [Float], _ upper: [Float]) {
        let chosen = places.max { lower[$0] < lower[$1] } ?? 0
        let isAlone = places.allSatisfy { $0 == chosen || upper[$0] <= lower[chosen] }
        let most = places.map { Double(upper[$0]) }.max() ?? 0
        best.append(chosen)
        self.most.append(isAlone ? nil : most)
        sizes.append(
            places.map { Double(max(lower[$0].magnitude, upper[$0].magnitude)) }.max() ?? 0)
    }
}

extension Line {
    /// The sum of the magnitudes of its terms where |z| is at most this.
    fileprivate func size(_ most: Double) -> Double { slope.magnitude * most + offset.magnitude }
}
