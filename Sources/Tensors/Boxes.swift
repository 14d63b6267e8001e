// Copies of parts of feature maps: padding, cropping, and channels side by side. No number is computed.

/// Where a batch of maps [N, H, W, C] comes to lie in maps of another size: row y becomes row
/// y + `top`, and so on. What falls outside is left out.
public struct BoxCopy: Equatable, Sendable {
    /// [H, W, C] of what is copied.
    public var from: [Int]
    /// [H, W, C] of where it goes.
    public var to: [Int]
    /// Rows, columns and channels by which it moves; negative ones crop.
    public var offset: [Int]

    /// Describes a copy.
    ///
    /// - Precondition: Three sizes each, none negative.
    public init(from: [Int], to: [Int], offset: [Int]) {
        precondition(
            from.count == 3 && to.count == 3 && offset.count == 3
                && (from + to).allSatisfy { $0 >= 0 },
            "BoxCopy: \(from) into \(to) at \(offset)")
        (self.from, self.to, self.offset) = (from, to, offset)
    }

    /// The same the other way round: what was cropped is not brought back.
    public var reversed: BoxCopy { BoxCopy(from: to, to: from, offset: offset.map(-)) }

    /// The places along an axis of the target that the source reaches.
    fileprivate func reached(_ axis: Int) -> Range<Int> {
        let lower = min(max(0, offset[axis]), to[axis])
        return lower..<max(lower, min(to[axis], offset[axis] + from[axis]))
    }
}

extension Engine {
    /// Copies a box into maps of another size.
    ///
    /// - Parameters:
    ///   - x: [N, H, W, C].
    ///   - box: The sizes and the place.
    ///   - value: What everything else becomes; nil where that is to stay as it is.
    ///   - y: Where it goes; without a value it has its size already.
    /// - Precondition: The batches have the sizes of the box.
    public func copy(_ x: Tensor, box: BoxCopy, filling value: Float?, into y: inout Tensor) {
        let images = Self.images(of: x, box.from, "copy")
        if value != nil { y.reserve([images] + box.to) }
        precondition(
            y.count == images * Tensor.count(of: box.to),
            "copy: \(y.shape) is no batch of \(box.to)")
        let (rows, columns, channels) = (box.reached(0), box.reached(1), box.reached(2))
        let (toHeight, toWidth, toChannels) = (box.to[0], box.to[1], box.to[2])
        guard y.count > 0 else { return }
        let isWholeLine = columns.count == toWidth && channels.count == toChannels
        x.withFloats { x in
            y.withMutableFloats { y in
                guard let target = y.baseAddress else { return }
                nonisolated(unsafe) let to = target
                nonisolated(unsafe) let from = x.baseAddress ?? UnsafePointer(target)
                bands(of: images * toHeight, elementsPerRow: toWidth * toChannels) { first, count in
                    for line in first..<first + count {
                        let start = to + line * toWidth * toChannels
                        let isReached = rows.contains(line % toHeight)
                        if let value, !(isReached && isWholeLine) {
                            start.update(repeating: value, count: toWidth * toChannels)
                        }
                        guard isReached, !channels.isEmpty else { continue }
                        let row =
                            line / toHeight * box.from[0] + line % toHeight - box.offset[0]
                        for column in columns {
                            let pixel = row * box.from[1] + column - box.offset[1]
                            (start + column * toChannels + channels.lowerBound).update(
                                from: from + pixel * box.from[2] + channels.lowerBound
                                    - box.offset[2],
                                count: channels.count)
                        }
                    }
                }
            }
        }
    }
}
