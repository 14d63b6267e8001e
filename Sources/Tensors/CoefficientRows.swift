// Linear expressions on their way back through a network, eight side by side: coefficients of a product's
// outputs turned into coefficients of its inputs, and values replaced by lines.

import CKernels

/// Coefficients of some values in eight linear expressions that go backward side by side.
public typealias CoefficientRows = [SIMD8<Double>]

extension BoundedProduct {
    /// `to` += the coefficients of the inputs in `target`, from those of the outputs, of which the ones
    /// outside `source` are 0: acc = acc + coefficient·w over (kh, kw, o) ascending, each rounded.
    ///
    /// - Precondition: A row for each number, and regions within the maps.
    public func pull(
        _ from: CoefficientRows, in source: PixelRegion, to: inout CoefficientRows,
        in target: PixelRegion, on engine: Engine
    ) {
        precondition(
            from.count == outputs && to.count == inputs
                && source.isWithin(shape.outputHeight, shape.outputWidth)
                && target.isWithin(shape.inputHeight, shape.inputWidth),
            "pull: \(from.count) and \(to.count) rows, \(source) and \(target), of \(shape)")
        var (description, source, target) = (description, source.kernel, target.kernel)
        from.withDoubles { from in
            to.withMutableDoubles { to in
                engine.kernels.pointee.pull_rows(
                    to, from, backward, &description, &source, &target)
            }
        }
    }

    /// Adds, to one of the eight, the coefficients of `scale` times an output's product: `to` += scale·w
    /// of its window, (kh, kw, c) ascending.
    ///
    /// - Precondition: The output exists, and `to` holds a row for each input.
    public func addRow(
        of output: Int, times scale: Double, to: inout CoefficientRows, lane: Int
    ) {
        precondition(
            (0..<outputs).contains(output) && to.count == inputs && (0..<8).contains(lane),
            "addRow: output \(output) of \(outputs), \(to.count) rows for \(inputs)")
        let pixel = output / shape.outputChannels
        let (outs, ins) = (shape.outputChannels / shape.groups, shape.inputChannels / shape.groups)
        let (group, own) = (output % shape.outputChannels / outs, output % outs)
        let (oy, ox) = (pixel / shape.outputWidth, pixel % shape.outputWidth)
        for kh in 0..<shape.kernelHeight {
            let y = oy * shape.strideHeight + kh * shape.dilationHeight - shape.padding.top
            guard (0..<shape.inputHeight).contains(y) else { continue }
            for kw in 0..<shape.kernelWidth {
                let x = ox * shape.strideWidth + kw * shape.dilationWidth - shape.padding.left
                guard (0..<shape.inputWidth).contains(x) else { continue }
                let place = (y * shape.inputWidth + x) * shape.inputChannels + group * ins
                let weight =
                    (((group * shape.kernelHeight + kh) * shape.kernelWidth + kw) * outs + own)
                    * ins
                for c in 0..<ins { to[place + c][lane] += scale * backward[weight + c] }
            }
        }
    }

    /// The pixels of the input that a region of the output reads.
    public func reach(of region: PixelRegion) -> PixelRegion {
        region.reach(
            stride: (shape.strideHeight, shape.strideWidth),
            before: (shape.padding.top, shape.padding.left),
            window: shape.reach, within: (shape.inputHeight, shape.inputWidth))
    }
}

/// Lines below and above each of a number of values, see `ck_lines`.
public struct BoundLines: Sendable {
    /// The slope below; with `highSlopes` empty for 1.
    public var lowSlopes: [Double]
    /// The slope above.
    public var highSlopes: [Double]
    /// What is added below.
    public var lowOffsets: [Double]
    /// What is added above.
    public var highOffsets: [Double]
    /// A bound on the sum of the magnitudes of either line's terms.
    public var sizes: [Double]

    /// Lines of so many values, all zero.
    public init(count: Int, hasSlopes: Bool) {
        let zeros = [Double](repeating: 0, count: count)
        (lowOffsets, highOffsets, sizes) = (zeros, zeros, zeros)
        (lowSlopes, highSlopes) = hasSlopes ? (zeros, zeros) : ([], [])
    }
}

/// What eight linear expressions have gathered beside their coefficients.
public struct BoundSums: Sendable {
    /// The constants.
    public var constant = SIMD8<Double>(repeating: 0)
    /// The magnitudes of all terms so far, to bound the rounding of everything.
    public var total = SIMD8<Double>(repeating: 0)

    /// Nothing yet.
    public init() {}
}

extension Engine {
    /// Replaces values by their lines: where a coefficient is 0 or more by the lower one, otherwise by the
    /// upper one; see `ck_kernels.relax_rows`.
    ///
    /// - Precondition: The places are among those of rows and lines.
    public func relax(
        _ rows: inout CoefficientRows, _ places: Range<Int>, by lines: BoundLines,
        into sums: inout BoundSums
    ) {
        precondition(
            places.lowerBound >= 0 && places.upperBound <= min(rows.count, lines.sizes.count),
            "relax: \(places) of \(rows.count) rows and \(lines.sizes.count) lines")
        let first = places.lowerBound
        rows.withMutableDoubles { rows in
            lines.withKernelLines(from: first) { lines in
                withUnsafeMutableBytes(of: &sums.constant) { constant in
                    withUnsafeMutableBytes(of: &sums.total) { total in
                        var lines = lines
                        kernels.pointee.relax_rows(
                            rows + 8 * first, places.count, &lines,
                            constant.baseAddress?.assumingMemoryBound(to: Double.self),
                            total.baseAddress?.assumingMemoryBound(to: Double.self))
                    }
                }
            }
        }
    }

    /// 1 / (1 + e^−x) in double, within a relative 2⁻⁵⁰; beyond ±104 that of ±104.
    public static func wideSigmoid(_ x: Double) -> Double { ck_wide_sigmoid(x) }
}

extension BoundLines {
    fileprivate func withKernelLines(from first: Int, _ body: (ck_lines) -> Void) {
        lowSlopes.withUnsafeBufferPointer { lowSlopes in
            highSlopes.withUnsafeBufferPointer { highSlopes in
                lowOffsets.withUnsafeBufferPointer { low in
                    highOffsets.withUnsafeBufferPointer { high in
                        sizes.withUnsafeBufferPointer { sizes in
                            func start(_ numbers: UnsafeBufferPointer<Double>) -> UnsafePointer<
                                Double
                            >? {
                                numbers.isEmpty ? nil : numbers.baseAddress.map { $0 + first }
                            }
                            body(
                                ck_lines(
                                    low_slope: start(lowSlopes), high_slope: start(highSlopes),
                                    low_offset: start(low), high_offset: start(high),
                                    size: start(sizes)))
                        }
                    }
                }
            }
        }
    }
}

extension [SIMD8<Double>] {
    fileprivate func withDoubles(_ body: (UnsafePointer<Double>) -> Void) {
        withUnsafeBytes {
            if let start = $0.baseAddress { body(start.assumingMemoryBound(to: Double.self)) }
        }
    }

    fileprivate mutating func withMutableDoubles(_ body: (UnsafeMutablePointer<Double>) -> Void) {
        withUnsafeMutableBytes {
            if let start = $0.baseAddress { body(start.assumingMemoryBound(to: Double.self)) }
        }
    }
}
