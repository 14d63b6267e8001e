// Draws files from folders of any size in bounded memory. Each file's key follows from the seed and its
// own name, so that neither the system's order nor the number of files matters: the draw is that of the
// least keys.

import Randomness

/// The files with the least keys among those that it was shown.
struct DataDraw {
    /// A file, by its path below the data's folder.
    struct File { let path: String, key: UInt64 }

    private let seed: UInt64
    private let limit: Int
    private var least: [File] = []
    /// No file with this key or a larger one is among the least.
    private var bound: UInt64?
    /// How many files it was shown.
    private(set) var count = 0

    init(seed: UInt64, limit: Int) { (self.seed, self.limit) = (seed, limit) }

    mutating func add(_ path: String) {
        count += 1
        var random = Stream(seed: seed, name: "fetch/limit/\(path)")
        let key = UInt64(random.next()) << 32 | UInt64(random.next())
        if let bound, key > bound { return }
        least.append(File(path: path, key: key))
        if least.count >= max(1024, 2 &* limit), limit < .max / 2 { cut() }
    }

    private mutating func cut() {
        least.sort { $0.key != $1.key ? $0.key < $1.key : $0.path.isBefore($1.path) }
        guard least.count > limit else { return }
        least.removeLast(least.count - limit)
        bound = least.last?.key
    }

    /// The paths drawn, sorted as bytes.
    mutating func paths() -> [String] {
        cut()
        return least.map(\.path).sorted { $0.isBefore($1) }
    }

    /// `count` of `total` images, in their order.
    static func indices(_ count: Int, of total: Int, seed: UInt64) -> [Int] {
        guard count < total else { return Array(0..<total) }
        var random = Stream(seed: seed, name: "fetch/limit")
        return random.permutation(of: total).prefix(count).sorted()
    }

    /// Which of `total` images make up the test split, and which the training split, each in their order.
    static func split(_ total: Int, share: Double, seed: UInt64) -> (test: [Int], train: [Int]) {
        let count = Int((Double(total) * share).rounded())
        var random = Stream(seed: seed, name: "fetch/split")
        let order = random.permutation(of: total)
        return (order.prefix(count).sorted(), order.dropFirst(count).sorted())
    }
}

extension String {
    /// Whether it comes before another as bytes: the order of Python's strings.
    func isBefore(_ other: String) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }
}
