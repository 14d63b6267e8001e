// What arrays are called: `x_train`, `test_images`, `labels`, `arr_0`.

/// What the name of an array, or of its file, says of it.
struct ArrayName: Equatable {
    enum Content: String { case images, labels }

    let content: Content
    let part: DataPart

    private static let images: Set = [
        "images", "image", "imgs", "img", "x", "data", "inputs", "input", "features", "arr_0",
    ]
    private static let labels: Set = [
        "labels", "label", "y", "targets", "target", "classes", "arr_1",
    ]

    /// Reads a name, split at its signs; nil for one that says neither images nor labels.
    init?(_ name: String) {
        var words = name.lowercased().split { "_-. /".contains($0) }.map(String.init)
        var part = DataPart.whole
        if words.count == 1, let word = words.first, let split = Self.glued(word) { words = split }
        for (index, word) in words.enumerated() {
            guard let named = DataPart(word: word) else { continue }
            part = named
            words.remove(at: index)
            break
        }
        let rest = words.joined(separator: "_")
        guard Self.images.contains(rest) || Self.labels.contains(rest) else { return nil }
        (self.part, content) = (part, Self.images.contains(rest) ? .images : .labels)
    }

    /// `xtrain` and `ytest`.
    private static func glued(_ word: String) -> [String]? {
        guard let first = word.first, "xy".contains(first), word.count > 1 else { return nil }
        return [String(first), String(word.dropFirst())]
    }
}

/// A part of data: the whole where nothing splits it, or a split.
enum DataPart: String, CaseIterable {
    case whole, test, train

    /// The part that a folder or a name stands for.
    init?(word: String) {
        switch word.lowercased() {
        case "train", "training": self = .train
        case "test", "t10k", "val", "valid", "validation": self = .test
        default: return nil
        }
    }
}
