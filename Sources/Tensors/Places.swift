// Numbers brought to other places within each sample, some of them more than once or not at all.

import CKernels

/// For each number of a result the place in a sample that it is read from, and the way back.
public struct Places: Sendable {
    /// Numbers of a sample that is read.
    public let source: Int
    /// By number of the result.
    private let places: [UInt32]
    /// By place: where its readers begin in `readers`, and one more.
    private let starts: [UInt32]
    /// Numbers of the result, ascending for each place.
    private let readers: [UInt32]

    /// Numbers of a result.
    public var count: Int { places.count }

    /// Whether each number stays where it is.
    public var isIdentity: Bool { count == source && places.enumerated().allSatisfy { $0 == $1 } }

    /// Describes which places are read.
    ///
    /// - Precondition: Every place is one of 0..<source; there are fewer than 2³² of either.
    public init(_ places: [Int], of source: Int) {
        precondition(
            max(source, places.count) < Int(UInt32.max)
                && places.allSatisfy { (0..<source).contains($0) },
            "Places: \(places.count) places of a sample of \(source)")
        self.source = source
        self.places = places.map { UInt32($0) }
        var starts = [UInt32](repeating: 0, count: source + 1)
        for place in places { starts[place + 1] += 1 }
        for place in 0..<source { starts[place + 1] += starts[place] }
        var next = starts
        var readers = [UInt32](repeating: 0, count: places.count)
        for (number, place) in places.enumerated() {
            readers[Int(next[place])] = UInt32(number)
            next[place] += 1
        }
        (self.starts, self.readers) = (starts, readers)
    }

    fileprivate func withPlaces(_ body: (UnsafePointer<UInt32>) -> Void) {
        places.withUnsafeBufferPointer { if let start = $0.baseAddress { body(start) } }
    }

    fileprivate func withReaders(
        _ body: (UnsafePointer<UInt32>, UnsafePointer<UInt32>) -> Void
    ) {
        starts.withUnsafeBufferPointer { starts in
            readers.withUnsafeBufferPointer { readers in
                guard let starts = starts.baseAddress else { return }
                body(starts, readers.baseAddress ?? starts)
            }
        }
    }
}

extension Engine {
    /// y[n, i] = x[n, places[i]], sample by sample. y becomes [N] + `axes`.
    ///
    /// - Precondition: x is a batch of samples of the places' size, and the axes hold their results.
    public func gather(_ x: Tensor, at places: Places, axes: [Int], into y: inout Tensor) {
        let samples = x.rowCount
        precondition(
            x.count == samples * places.source && Tensor.count(of: axes) == places.count,
            "gather: \(places.count) of \(places.source) from \(x.shape) to \(axes)")
        y.reserve([samples] + axes)
        guard y.count > 0 else { return }
        let (kernels, count, source) = (layerKernels, places.count, places.source)
        places.withPlaces { places in
            withPointers(x, x, &y) { x, _, y in
                nonisolated(unsafe) let (x, y, places) = (x, y, places)
                eachBlock(of: samples, count) { sample, first, length in
                    kernels.gather(
                        y + sample * count + first, x + sample * source, places + first, length)
                }
            }
        }
    }

    /// The gradient of `gather` at x: dx[n, j] = Σ dy[n, i] over the i that read place j, ascending,
    /// from +0. dx becomes [N] + `axes`.
    ///
    /// - Precondition: dy is a batch of results, and the axes hold a sample.
    public func gatherGradient(
        _ dy: Tensor, at places: Places, axes: [Int], into dx: inout Tensor
    ) {
        let samples = dy.rowCount
        precondition(
            dy.count == samples * places.count && Tensor.count(of: axes) == places.source,
            "gatherGradient: \(places.count) of \(places.source) from \(dy.shape) to \(axes)")
        dx.reserve([samples] + axes)
        guard dx.count > 0, dy.count > 0 else { return }
        let (kernels, count, source) = (layerKernels, places.count, places.source)
        places.withReaders { starts, readers in
            withPointers(dy, dy, &dx) { dy, _, dx in
                nonisolated(unsafe) let (dy, dx) = (dy, dx)
                nonisolated(unsafe) let (starts, readers) = (starts, readers)
                eachBlock(of: samples, source) { sample, first, length in
                    kernels.gather_sums(
                        dx + sample * source + first, dy + sample * count, starts + first, readers,
                        length)
                }
            }
        }
    }

    /// Calls `body(sample, first, length)` for blocks of 0..<length of every sample.
    private func eachBlock(
        of samples: Int, _ length: Int, _ body: @escaping @Sendable (Int, Int, Int) -> Void
    ) {
        let blocks = (length + Self.block - 1) / Self.block
        workers.run(tasks: samples * blocks) { task in
            let first = task % blocks * Self.block
            body(task / blocks, first, min(Self.block, length - first))
        }
    }
}
