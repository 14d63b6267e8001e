// The weights of a convolution in the layouts that its products read.

import CKernels

/// A weight [O, C / groups, KH, KW] packed for the forward product and for the gradient at the
/// input, group by group.
public struct ConvolutionWeights: Sendable {
    /// The sizes.
    public let shape: ConvolutionShape
    /// For each group the matrix [(kh, kw, c), o]; empty for depthwise shapes.
    private(set) var forward: [PackedMatrix]
    /// The input gradient in sub-pixel form: each phase is a convolution with stride 1.
    let phases: [SubPixelPhase]
    /// For each phase and group the matrix [(tap, o), c], or plain where c is at most four.
    private(set) var backward: [BackwardWeight]
    /// Tap by tap, [KH·KW, C]; of depthwise shapes only.
    private(set) var depthwise = Tensor(shape: [0])

    /// Whose micro-kernels the weights were packed for, and whether for the input gradient too.
    private var packing: (instructionSet: InstructionSet, givesInputGradient: Bool)?

    enum BackwardWeight: Sendable {
        case packed(PackedMatrix)
        /// [(tap, o), c] in that order.
        case planes(Tensor)
    }

    /// At most so many input channels a group make the lanes of the gradient run along pixels.
    static let planeChannels = 4

    /// Describes weights that are to be packed.
    public init(_ shape: ConvolutionShape) {
        self.shape = shape
        phases = shape.isDepthwise ? [] : SubPixelPhase.all(of: shape)
        forward = Array(
            repeating: PackedMatrix(), count: shape.isDepthwise ? 0 : shape.groups)
        let isThin = shape.inputChannels / shape.groups <= Self.planeChannels
        backward = Array(
            repeating: isThin ? .planes(Tensor(shape: [0])) : .packed(PackedMatrix()),
            count: phases.count * shape.groups)
    }

    /// Takes a weight, reusing this value's memory.
    ///
    /// - Parameters:
    ///   - weight: [O, C / groups, KH, KW], as in a PyTorch `state_dict`.
    ///   - givesInputGradient: Whether `convolutionInputGradient` will be asked for.
    ///   - engine: What will compute with it.
    /// - Precondition: The weight has the shape that was described.
    public mutating func pack(_ weight: Tensor, givesInputGradient: Bool, on engine: Engine) {
        precondition(
            weight.shape == shape.weightShape,
            "ConvolutionWeights: \(weight.shape) for a weight of shape \(shape.weightShape)")
        packing = (engine.instructionSet, givesInputGradient || shape.isDepthwise)
        let taps = shape.kernelHeight * shape.kernelWidth
        if shape.isDepthwise {
            depthwise.reserve([taps, shape.inputChannels])
            let channels = shape.inputChannels
            weight.withFloats { w in
                depthwise.withMutableFloats { to in
                    guard let w = w.baseAddress, let to = to.baseAddress else { return }
                    engine.kernels.pointee.transpose(to, channels, w, taps, channels, taps)
                }
            }
            return
        }
        let (ins, outs) = (shape.inputChannels / shape.groups, shape.outputChannels / shape.groups)
        for group in 0..<shape.groups {
            let start = group * outs * ins * taps
            forward[group].pack(
                weight,
                as: .init(
                    segments: (0..<taps).map { start + $0 }, length: ins, rowStride: taps, n: outs,
                    columnStride: ins * taps), on: engine)
            guard givesInputGradient else { continue }
            for (index, phase) in phases.enumerated() {
                let view = PackedMatrix.View(
                    segments: phase.taps.map { start + $0.weight }, length: outs,
                    rowStride: ins * taps, n: ins, columnStride: taps)
                backward[index * shape.groups + group].pack(weight, as: view, on: engine)
            }
        }
    }
}

extension ConvolutionWeights {
    /// Refuses weights that have not been packed for what they are to do: their memory is empty, or
    /// of another engine's micro-kernels.
    ///
    /// - Precondition: They were packed by an engine of the same instruction set, and for the gradient
    ///   at the input if that is what is asked of them.
    func requirePacked(for engine: Engine, inputGradient: Bool, _ name: String) {
        guard let packing else {
            preconditionFailure("\(name): the weights of \(shape.weightShape) were never packed")
        }
        precondition(
            packing.instructionSet == engine.instructionSet,
            "\(name): the weights were packed for \(packing.instructionSet.rawValue) and are used "
                + "with \(engine.instructionSet.rawValue)")
        precondition(
            !inputGradient || packing.givesInputGradient,
            "\(name): the weights were packed without givesInputGradient")
    }
}

extension ConvolutionWeights.BackwardWeight {
    fileprivate mutating func pack(_ weight: Tensor, as view: PackedMatrix.View, on engine: Engine)
    {
        switch self {
        case .packed(var matrix):
            self = .planes(Tensor(shape: [0]))  // lets go of it, so that it is not copied
            matrix.pack(weight, as: view, on: engine)
            self = .packed(matrix)
        case .planes(var plain):
            self = .planes(Tensor(shape: [0]))
            plain.reserve([view.segments.count * view.length, view.n])
            weight.withFloats { w in
                plain.withMutableFloats { plain in
                    var place = 0
                    for segment in view.segments {
                        for row in 0..<view.length {
                            for column in 0..<view.n {
                                plain[place] =
                                    w[segment + row * view.rowStride + column * view.columnStride]
                                place += 1
                            }
                        }
                    }
                }
            }
            self = .planes(plain)
        }
    }
}
