// One side of a comparison: the attacks of an experiment, and the records of all that led to them.

/// An experiment in a store, to be set beside another.
public struct ComparedSide: Sendable {
    /// As the user named it: `mnist`, `old/artifacts`; see `title(_:)`.
    public var title: String
    /// The experiment, as its records say.
    public var experiment: String
    /// Its attacks. Their `dataset` is the name alone: contents are compared picture by picture.
    public var attacks: [AttackRun] = []
    /// The names of the classes.
    public var classes: [String] = []
    /// The nodes behind the attacks, and the attacks.
    public var nodes: [ComparedNode] = []

    /// A side of which only the name is known; the rest is filled in.
    public init(title: String, experiment: String) {
        (self.title, self.experiment) = (title, experiment)
    }

    /// What a page calls a side that the user has named so: the same, but of a path from the root only the last two
    /// parts, `…/old/artifacts`, since the folders above them are no business of who reads the page.
    public static func title(_ name: String) -> String {
        guard name.hasPrefix("/") else { return name }
        let parts = name.split(separator: "/")
        return (parts.count > 2 ? "…/" : "/") + parts.suffix(2).joined(separator: "/")
    }

    /// The data sets that its samples were drawn from.
    public var datasets: [String] { Set(attacks.map(\.dataset)).sorted() }
}

/// A node of one side, as its record tells it.
public struct ComparedNode: Sendable {
    /// Such as `train-mlp`.
    public var name: String
    /// Such as `train`.
    public var stage: String
    /// What was asked: the value as it is shown, and as the record has it.
    public var settings: [String: (shown: String, exact: String)]
    /// What it wrote: the name without experiment and node, and the digest.
    public var outputs: [(name: String, digest: String)]

    /// A node from its parts.
    public init(
        name: String, stage: String, settings: [String: (shown: String, exact: String)],
        outputs: [(name: String, digest: String)]
    ) {
        (self.name, self.stage, self.settings) = (name, stage, settings)
        self.outputs = outputs
    }
}

/// Two nodes that do the same on two sides; nil where a side has none.
struct NodePair {
    let a: ComparedNode?, b: ComparedNode?

    /// The name, or both.
    var name: String {
        guard let a, let b, a.name != b.name else { return a?.name ?? b?.name ?? "" }
        return "\(a.name) / \(b.name)"
    }

    /// The settings that are not the same, by key; nil on the side that has no such key.
    var differences: [(key: String, a: String?, b: String?)] {
        guard let a, let b else { return [] }
        return Set(a.settings.keys).union(b.settings.keys).sorted().compactMap { key in
            let (one, other) = (a.settings[key], b.settings[key])
            guard one?.exact != other?.exact else { return nil }
            // Where the shown values hide the difference, the exact ones show it.
            return one?.shown == other?.shown
                ? (key, one?.exact, other?.exact) : (key, one?.shown, other?.shown)
        }
    }

    /// The digests of what they wrote, by name; nil on the side that wrote no such thing.
    var outputs: [(name: String, a: String?, b: String?)] {
        func digests(_ node: ComparedNode?) -> [String: String] {
            Dictionary((node?.outputs ?? []).map { ($0.name, $0.digest) }) { first, _ in first }
        }
        let (one, other) = (digests(a), digests(b))
        return Set(one.keys).union(other.keys).sorted().map { ($0, one[$0], other[$0]) }
    }

    /// Whether both wrote the same.
    var isSame: Bool { a != nil && b != nil && outputs.allSatisfy { $0.a == $0.b } }

    /// The nodes of two sides: by name, then what is left alone of a stage on both sides, such as the one
    /// network of each, whatever it is called.
    static func all(_ a: [ComparedNode], _ b: [ComparedNode]) -> [NodePair] {
        var others = b
        func take(where isIt: (ComparedNode) -> Bool) -> ComparedNode? {
            others.firstIndex(where: isIt).map { others.remove(at: $0) }
        }
        var pairs = a.map { node in NodePair(a: node, b: take { $0.name == node.name }) }
        for place in pairs.indices where pairs[place].b == nil {
            guard let node = pairs[place].a, node.stage != "attack" else { continue }
            let alone = pairs.count { $0.b == nil && $0.a?.stage == node.stage }
            guard alone == 1, others.count(where: { $0.stage == node.stage }) == 1 else { continue }
            pairs[place] = NodePair(a: node, b: take { $0.stage == node.stage })
        }
        return pairs + others.map { NodePair(a: nil, b: $0) }
    }
}
