// Sums over a whole batch. They are cut by shape alone into chunks, whose parts are added in a
// binary tree, so that threads may share them without moving a bit.

import CKernels

/// How a long sum is cut, and in which order its parts are added.
enum PartSums {
    /// Rows of a chunk in a sum over rows.
    static let rows = 256

    /// Images of a chunk in a sum over windows: as many as make 1,024 windows, at least one.
    static func images(windowsOfImage: Int) -> Int {
        max(1, (1024 + windowsOfImage - 1) / max(1, windowsOfImage))
    }

    /// Chunks of so many items; one that is empty where there are none.
    static func count(of items: Int, chunk: Int) -> Int { max(1, (items + chunk - 1) / chunk) }

    /// Calls `add(left, right)`, for left += right, in the order of the tree over `count` parts:
    /// neighbours at distance 1, 2, 4, … The sum is then part 0.
    static func inTree(_ count: Int, _ add: (_ left: Int, _ right: Int) -> Void) {
        var distance = 1
        while distance < count {
            for left in stride(from: 0, to: count - distance, by: 2 * distance) {
                add(left, left + distance)
            }
            distance *= 2
        }
    }
}

extension Engine {
    /// Adds `count` parts of equal length in the tree of `PartSums`: the sum replaces the first.
    func addParts(_ parts: UnsafeMutablePointer<Float>, count partCount: Int, length: Int) {
        nonisolated(unsafe) let parts = parts
        blocks(of: length) { [kernels] start, count in
            PartSums.inTree(partCount) { left, right in
                let to = parts + left * length + start
                kernels.pointee.add(to, to, parts + right * length + start, count)
            }
        }
    }
}
