// Operations that treat every element, or every row, alone. Work is cut into blocks of a fixed
// length, so the cut never depends on the number of threads.

import CKernels

extension Engine {
    /// The sum of each column of x [rows, columns], rows in order within chunks of 256, and the
    /// chunks' sums added in a binary tree: a bias gradient.
    public func columnSums(_ x: Tensor, into sums: inout Tensor) {
        precondition(x.shape.count == 2, "columnSums: a matrix has two axes, not \(x.shape)")
        let (rows, columns) = (x.shape[0], x.shape[1])
        let chunk = PartSums.rows
        let chunks = PartSums.count(of: rows, chunk: chunk)
        // The parts stand in the result, which keeps their memory.
        sums.reserve([chunks, columns])
        x.withFloats { x in
            sums.withMutableFloats { parts in
                guard let from = x.baseAddress, let to = parts.baseAddress else { return }
                nonisolated(unsafe) let (x, parts) = (from, to)
                workers.run(tasks: chunks) { [kernels] part in
                    kernels.pointee.column_sums(
                        parts + part * columns, x + part * chunk * columns,
                        min(chunk, rows - part * chunk), columns)
                }
                addParts(parts, count: chunks, length: columns)
            }
        }
        sums.setShape([columns], count: columns)
    }

    /// clamp(x + step·sign(gradient), 0, 1) row by row, where sign(0) = 0.
    ///
    /// - Parameters:
    ///   - x: The images.
    ///   - gradient: Of the same shape.
    ///   - steps: One step a row; negative steps go down.
    ///   - y: Where the result goes.
    /// - Precondition: The shapes agree, and there is a step for each row.
    public func signStep(
        _ x: Tensor, along gradient: Tensor, by steps: [Float], into y: inout Tensor
    ) {
        precondition(
            x.count == gradient.count && steps.count == x.rowCount,
            "signStep: \(x.shape), gradient \(gradient.shape), \(steps.count) steps")
        y.reserve(x.shape)
        let length = x.rowLength
        x.withFloats { x in
            gradient.withFloats { g in
                y.withMutableFloats { y in
                    guard let x = x.baseAddress, let g = g.baseAddress, let y = y.baseAddress
                    else { return }
                    for (row, step) in steps.enumerated() {
                        let start = row * length
                        kernels.pointee.sign_step(
                            y + start, x + start, g + start, length, step, 0, 1)
                    }
                }
            }
        }
    }

    /// rint(255·clamp(x, 0, 1)) / 255, ties to even: what an 8-bit picture keeps of x.
    public func roundedToBytes(_ x: Tensor) -> Tensor {
        var result = Tensor(shape: x.shape)
        x.withFloats { x in
            result.withMutableFloats { result in
                nonisolated(unsafe) let (x, result) = (x, result)
                blocks(of: result.count) { start, count in
                    guard let y = result.baseAddress, let x = x.baseAddress else { return }
                    kernels.pointee.round_to_bytes(y + start, x + start, count)
                }
            }
        }
        return result
    }

    /// One step of method 1 on a noise r, see `NoiseRegulariser`; afterwards `y` holds
    /// clamp(x + r, 0, 1).
    ///
    /// - Precondition: The four hold equally many elements.
    public func noiseStep(
        _ y: inout Tensor, noise r: inout Tensor, around x: Tensor, gradient g: Tensor,
        rate: Float, regulariser: NoiseRegulariser
    ) {
        precondition(
            y.count == x.count && r.count == x.count && g.count == x.count,
            "noiseStep: \(y.shape), \(r.shape), \(x.shape), \(g.shape)")
        let (kind, slope) = regulariser.kernelArguments
        x.withFloats { x in
            g.withFloats { g in
                r.withMutableFloats { r in
                    y.withMutableFloats { y in
                        nonisolated(unsafe) let (x, g, r, y) = (x, g, r, y)
                        blocks(of: x.count) { start, count in
                            guard let x = x.baseAddress.map({ $0 + start }),
                                let g = g.baseAddress.map({ $0 + start }),
                                let r = r.baseAddress.map({ $0 + start }),
                                let y = y.baseAddress.map({ $0 + start })
                            else { return }
                            kernels.pointee.noise_step(y, r, x, g, count, rate, kind, slope)
                        }
                    }
                }
            }
        }
    }
}

/// What method 1 adds to the gradient of its noise r.
public enum NoiseRegulariser: Equatable, Sendable {
    /// Nothing.
    case none
    /// `slope`·sign(r): the gradient of slope·Σ|r|.
    case l1(slope: Float)
    /// `slope`·r: the gradient of slope/2·Σr².
    case l2(slope: Float)

    var kernelArguments: (Int32, Float) {
        switch self {
        case .none: (Int32(CK_REGULARISE_NONE), 0)
        case .l1(let slope): (Int32(CK_REGULARISE_L1), slope)
        case .l2(let slope): (Int32(CK_REGULARISE_L2), slope)
        }
    }
}
