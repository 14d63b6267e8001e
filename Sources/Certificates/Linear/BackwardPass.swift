// Eight linear expressions on their way back to the pixels.

import Tensors

/// The coefficients of each value in eight linear expressions, which bound eight numbers from below.
///
/// Invariant, for every expression r, up to rounding that `slack` bounds: for every image of the ball, with
/// the coefficients as they are stored,
///
///     number[r] ≥ constant[r] + Σ over values v that wait of coefficients[v][r] · v.
///
/// Going through a node replaces its output by a lower bound in terms of its inputs: the lower line where
/// a coefficient is 0 or more, the upper one otherwise.
struct BackwardPass {
    private let plan: BoundPlan
    private let engine: Engine
    /// By value; of those that wait only what is in their region is meant.
    private var rows: [CoefficientRows]
    private var regions: [PixelRegion?]
    private var sums = BoundSums()

    init(_ plan: BoundPlan, on engine: Engine) {
        (self.plan, self.engine) = (plan, engine)
        rows = plan.grids.map { CoefficientRows(repeating: zero, count: $0.count) }
        regions = plan.grids.map { _ in nil }
    }

    // MARK: The start

    /// Lower bounds for expressions of one value's numbers.
    ///
    /// - Parameters:
    ///   - seeds: Of each expression, at most eight, the numbers and their coefficients.
    ///   - value: Which value the numbers are of.
    ///   - lines: Those of the nodes up to the one that gives the value.
    ///   - image: The ends of the pixels, as lines without slopes.
    /// - Returns: One for each seed.
    mutating func lowerBounds(
        of seeds: [[(place: Int, coefficient: Double)]], in value: Int, by lines: [NodeLines],
        image: BoundLines
    ) -> [Double] {
        sums = BoundSums()
        let last = lines.count - 1
        if case .product(let product) = plan.nodes[last].part, case .lines(let own) = lines[last] {
            start(seeds, product, own, plan.nodes[last].input)
        } else {
            let grid = plan.grids[value]
            let pixels = seeds.joined().map { grid.pixel(of: $0.place) }
            prepare(value, pixels.reduce(pixels.first ?? grid.whole) { $0.joined($1) })
            for (lane, seed) in seeds.enumerated() {
                for (place, coefficient) in seed { rows[value][place][lane] += coefficient }
            }
            go(through: last, lines[last])
        }
        for node in (0..<last).reversed() { go(through: node, lines[node]) }
        finish(image)
        return seeds.indices.map { sums.constant[$0] }
    }

    /// The first step from a product's outputs, of which few have a coefficient.
    private mutating func start(
        _ seeds: [[(place: Int, coefficient: Double)]], _ product: BoundedProduct,
        _ lines: BoundLines, _ input: Int
    ) {
        let grid = Grid(product.outputShape)
        let pixels = seeds.joined().map { grid.pixel(of: $0.place) }
        let region = pixels.reduce(pixels.first ?? grid.whole) { $0.joined($1) }
        prepare(input, seen(product.reach(of: region), of: product, in: input))
        for (lane, seed) in seeds.enumerated() {
            for (place, coefficient) in seed {
                let offset = coefficient >= 0 ? lines.lowOffsets[place] : lines.highOffsets[place]
                sums.constant[lane] += coefficient * offset
                sums.total[lane] += coefficient.magnitude * lines.sizes[place]
                product.addRow(of: place, times: coefficient, to: &rows[input], lane: lane)
            }
        }
    }

    // MARK: The way

    private mutating func go(through index: Int, _ lines: NodeLines) {
        let node = plan.nodes[index]
        guard let region = regions[node.output] else { return }
        if case .lines(let own) = lines { relax(node.output, region, by: own) }
        regions[node.output] = nil
        switch (node.part, lines) {
        case (.product(let product), _):
            let target = product.reach(of: region)
            prepare(node.input, seen(target, of: product, in: node.input))
            let engine = engine
            rows.lend(node.output, node.input) { from, to in
                product.pull(from, in: region, to: &to, in: target, on: engine)
            }
        case (.gather(_, let sources), _):
            prepare(node.input, plan.grids[node.input].whole)
            let places = plan.grids[node.output].places(of: region)
            rows.lend(node.output, node.input) { from, to in
                for place in places.joined() { to[sources[place]] += from[place] }
            }
        case (.growing(_, .largest(let windows)), .largest(let own)):
            pass(region, through: windows, own, node)
        default:
            for input in [node.input] + node.others {
                add(node.output, region, to: input, keeping: !node.others.isEmpty)
            }
        }
    }

    private mutating func relax(_ value: Int, _ region: PixelRegion, by lines: BoundLines) {
        for places in plan.grids[value].places(of: region) {
            engine.relax(&rows[value], places, by: lines, into: &sums)
        }
    }

    /// Passes coefficients on as they are.
    private mutating func add(
        _ output: Int, _ region: PixelRegion, to input: Int, keeping: Bool
    ) {
        let (from, to) = (plan.grids[output], plan.grids[input])
        if !keeping, regions[input] == nil, from == to {
            rows.swapAt(output, input)
            regions[input] = region
            return
        }
        prepare(input, from == to ? region : to.whole)
        let places = from.places(of: region)
        rows.lend(output, input) { from, to in
            for place in places.joined() { to[place] += from[place] }
        }
    }

    private mutating func pass(
        _ region: PixelRegion, through windows: PoolingWindows, _ lines: LargestLines,
        _ node: BoundNode
    ) {
        let target = region.reach(
            stride: (windows.stride[0], windows.stride[1]),
            before: (windows.padding.top, windows.padding.left),
            window: (
                windows.dilation[0] * (windows.kernel[0] - 1) + 1,
                windows.dilation[1] * (windows.kernel[1] - 1) + 1
            ), within: (windows.input[0], windows.input[1]))
        let grid = plan.grids[node.input]
        let isSame = [grid.height, grid.width, grid.channels] == windows.input
        prepare(node.input, isSame ? target : grid.whole)
        let places = plan.grids[node.output].places(of: region)
        var sums = self.sums
        rows.lend(node.output, node.input) { from, to in
            for place in places.joined() {
                let coefficients = from[place]
                sums.total += magnitudes(coefficients) * lines.sizes[place]
                guard let most = lines.most[place] else {
                    to[lines.best[place]] += coefficients
                    continue
                }
                // A NaN is in neither half's zeros, and so stays.
                to[lines.best[place]] += coefficients.replacing(
                    with: 0, where: coefficients .< zero)
                sums.constant +=
                    coefficients.replacing(with: 0, where: coefficients .>= zero) * most
            }
        }
        self.sums = sums
    }

    // MARK: The end

    /// Puts the pixels at their ends, and takes away what rounding can have added.
    private mutating func finish(_ image: BoundLines) {
        if let region = regions[0] { relax(0, region, by: image) }
        regions[0] = nil
        for lane in 0..<8 {
            sums.constant[lane] =
                (sums.constant[lane] - slack(sums.total[lane])).nextDown
        }
    }

    /// 4γ_M·T·(1 + 2⁻²⁰) + 2⁻⁹⁰⁰ with M = 3·(all numbers) + 64 roundings of a relative 2⁻⁵³: see README.
    private func slack(_ total: Double) -> Double {
        let steps = Double(3 * plan.neurons + 64) * 0x1p-53
        return 4 * (steps / (1 - steps)) * total * (1 + 0x1p-20) + 0x1p-900
    }

    // MARK: Rows

    /// A region of a product's input as one of the value that it reads, which may be a vector to others.
    private func seen(
        _ region: PixelRegion, of product: BoundedProduct, in value: Int
    ) -> PixelRegion {
        Grid(product.inputShape) == plan.grids[value] ? region : plan.grids[value].whole
    }

    /// Makes a region of a value wait, with zeros where nothing waited.
    private mutating func prepare(_ value: Int, _ region: PixelRegion) {
        let grid = plan.grids[value]
        let before = regions[value]
        let joined = before.map { $0.joined(region) } ?? region
        guard joined != before else { return }
        rows[value].withUnsafeMutableBufferPointer { rows in
            for line in joined.rows {
                let isHeld = before?.rows.contains(line) ?? false
                for column in joined.columns {
                    if isHeld, before?.columns.contains(column) ?? false { continue }
                    let first = (line * grid.width + column) * grid.channels
                    for place in first..<first + grid.channels { rows[place] = zero }
                }
            }
        }
        regions[value] = joined
    }
}

extension [CoefficientRows] {
    /// Lends the rows of one value, to be read, and those of another, to be written.
    fileprivate mutating func lend(
        _ output: Int, _ input: Int, _ body: (CoefficientRows, inout CoefficientRows) -> Void
    ) {
        var to: CoefficientRows = []
        swap(&to, &self[input])
        body(self[output], &to)
        swap(&to, &self[input])
    }
}

private let zero = SIMD8<Double>(repeating: 0)

/// Lane by lane.
private func magnitudes(_ x: SIMD8<Double>) -> SIMD8<Double> {
    x.replacing(with: -x, where: x .< zero)
}

extension BoundedProduct {
    fileprivate var inputShape: (height: Int, width: Int, channels: Int) {
        (shape.inputHeight, shape.inputWidth, shape.inputChannels)
    }
    fileprivate var outputShape: (height: Int, width: Int, channels: Int) {
        (shape.outputHeight, shape.outputWidth, shape.outputChannels)
    }
}
