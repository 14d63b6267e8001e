// A network as the steps that bounds are carried through.

import Networks
import Tensors

/// How a layer is bounded. Every part is monotone in each operand, with each operand occurring once: a
/// larger operand never gives a smaller result (or, where a weight is negative, never a larger one).
enum BoundPart: Sendable {
    /// Chains of fused multiply-adds.
    case product(BoundedProduct)
    /// Numbers in other places.
    case gather(Places, sources: [Int])
    /// An operation that grows with all that it reads, run by itself at both ends; and how linear
    /// bounds see it, if they do.
    case growing(ExecutedStep, Relaxation?)
}

/// How linear bounds see an operation that grows with what it reads.
enum Relaxation: Sendable {
    /// x > 0 ? x : slope·x with a slope in 0…1; the product rounded.
    case rectifier(slope: Float)
    /// 1 / (1 + e^−x), rounded.
    case sigmoid
    /// tanh x, rounded.
    case tanh
    /// The largest number of each window.
    case largest(PoolingWindows)
    /// The sum of two, rounded.
    case sum
}

/// One part of a layer, and the values that it reads and gives.
struct BoundNode: Sendable {
    let layer: String
    let kind: String
    let part: BoundPart
    let input: Int
    let others: [Int]
    let output: Int
}

/// The nodes of a network in the order in which they run. Value 0 is the image; the logits come last.
struct BoundPlan: Sendable {
    private(set) var nodes: [BoundNode] = []
    /// By value.
    private(set) var grids: [Grid]
    private var numbers = [0: 0]
    private(set) var logits = 0

    /// - Throws: `CertificateFault.noRule` for the first layer that the method has no rule for.
    init(_ network: Network, for method: CertificateMethod) throws {
        grids = [Grid(.image(network.imageShape))]
        for step in network.executedSteps {
            let parts = (step.layer as? any BoundedLayer)?.bounds(of: step) ?? []
            guard let last = parts.indices.last,
                method == .ibp || parts.allSatisfy(\.hasLinearBounds)
            else {
                throw CertificateFault.noRule(
                    layer: step.layer.name, kind: step.layer.kind, method: method,
                    known: BoundRules.known(for: method))
            }
            let others = step.others.compactMap { numbers[$0.number] }
            guard var value = numbers[step.input.number], others.count == step.others.count else {
                preconditionFailure("layer \(step.layer.name) reads what nothing gives")
            }
            for (place, part) in parts.enumerated() {
                let output = grids.count
                grids.append(
                    place == last ? Grid(step.output.features) : part.grid(after: grids[value]))
                nodes.append(
                    BoundNode(
                        layer: step.layer.name, kind: step.layer.kind, part: part, input: value,
                        others: place == 0 ? others : [], output: output))
                value = output
            }
            numbers[step.output.number] = value
            logits = value
        }
    }

    /// How many numbers all values hold.
    var neurons: Int { grids.map(\.count).reduce(0, +) }

    /// The values whose own bounds decide how what reads them is relaxed. What an activation gave is none
    /// of them: its box is as good as that of what it read.
    var relaxed: Set<Int> {
        let made = nodes.filter { $0.part.isRelaxed && !$0.part.isPooled }.map(\.output)
        return Set(nodes.filter(\.part.isRelaxed).map(\.input)).subtracting(made)
    }
}

extension BoundPart {
    /// Whether linear bounds replace it by lines that the box of its input decides.
    var isRelaxed: Bool {
        switch self {
        case .growing(_, .rectifier), .growing(_, .sigmoid), .growing(_, .tanh),
            .growing(_, .largest):
            true
        case .growing(_, .sum), .growing(_, nil), .product, .gather: false
        }
    }

    fileprivate var isPooled: Bool {
        if case .growing(_, .largest) = self { return true }
        return false
    }

    fileprivate var hasLinearBounds: Bool {
        if case .growing(_, nil) = self { return false }
        return true
    }

    /// What a part gives that is not the layer's last.
    fileprivate func grid(after input: Grid) -> Grid {
        guard case .product(let product) = self else { return input }
        return Grid(
            .maps(
                channels: product.shape.outputChannels, height: product.shape.outputHeight,
                width: product.shape.outputWidth))
    }
}
