// Weights under the names of another program: matched layer by layer, by order and shape.

import Networks

/// Matches the tensors of a dictionary with parameters whose names it does not have.
///
/// Names fall into layers at their last dot: `features.conv1.weight` is the part `weight` of
/// `features.conv1`. A layer of the file can stand for one of the architecture if both have parts of the
/// same names and shapes, or of other names and shapes that are all different.
///
/// 1. Where the file keeps the order in which the network was written down (a PyTorch checkpoint does),
///    the first layer is the first, and so on to the last.
/// 2. Else, or where that fails, each layer must have only one in the file that can stand for it.
/// 3. Names without layers, in a file that keeps the order: one tensor after the other, by shape, if no
///    two of one shape follow each other (a scale and a shift could be either).
///
/// Nothing may be left over on either side.
enum WeightOrder {
    /// A layer: its parts, each with its shape and its place in the list that it is from.
    private struct Group {
        var parts: [(name: String, shape: [Int], place: Int)] = []
    }

    /// The items by parameter; nil where they do not match, or not in one way only.
    static func match(
        _ dictionary: WeightDictionary, isOrdered: Bool, _ architecture: Architecture
    ) -> [String: Int]? {
        let parameters = architecture.parameters
        let items = dictionary.items.enumerated().filter { $0.element.isFloat }
        guard items.count == parameters.count else { return nil }
        let theirs = groups(items.map { ($0.element.name, $0.element.shape, $0.offset) })
        let ours = groups(parameters.enumerated().map { ($1.name, $1.shape, $0) })
        if theirs.count == ours.count {
            let places = isOrdered ? inOrder(theirs, ours) : nil
            if let places = places ?? alone(theirs, ours) {
                return Dictionary(
                    uniqueKeysWithValues: places.map { (parameters[$0.key].name, $0.value) })
            }
        }
        let isPlain = !items.contains { $0.element.name.contains(".") }
        let isClear = zip(parameters, parameters.dropFirst()).allSatisfy { $0.shape != $1.shape }
        guard isOrdered, isPlain, isClear,
            zip(items, parameters).allSatisfy({ $0.element.shape == $1.shape })
        else { return nil }
        return Dictionary(
            zip(parameters.map(\.name), items.map(\.offset)), uniquingKeysWith: { $1 })
    }

    private static func groups(_ tensors: [(name: String, shape: [Int], place: Int)]) -> [Group] {
        var (groups, places): ([Group], [Substring: Int]) = ([], [:])
        for (name, shape, place) in tensors {
            let dot = name.lastIndex(of: ".")
            let layer = dot.map { name[..<$0] } ?? name[...]
            let part = dot.map { String(name[name.index(after: $0)...]) } ?? ""
            if places[layer] == nil {
                places[layer] = groups.count
                groups.append(Group())
            }
            groups[places[layer] ?? 0].parts.append((part, shape, place))
        }
        return groups
    }

    /// The place of their part for each of our places; nil where they cannot be one layer.
    private static func pairs(_ theirs: Group, _ ours: Group) -> [Int: Int]? {
        guard theirs.parts.count == ours.parts.count else { return nil }
        var pairs: [Int: Int] = [:]
        for own in ours.parts {
            let named = theirs.parts.filter { $0.name == own.name }
            let fitting = named.isEmpty ? theirs.parts.filter { $0.shape == own.shape } : named
            guard fitting.count == 1, fitting[0].shape == own.shape else { return nil }
            pairs[own.place] = fitting[0].place
        }
        return Set(pairs.values).count == pairs.count ? pairs : nil
    }

    private static func inOrder(_ theirs: [Group], _ ours: [Group]) -> [Int: Int]? {
        var all: [Int: Int] = [:]
        for (their, own) in zip(theirs, ours) {
            guard let pairs = pairs(their, own) else { return nil }
            all.merge(pairs) { $1 }
        }
        return all
    }

    private static func alone(_ theirs: [Group], _ ours: [Group]) -> [Int: Int]? {
        var all: [Int: Int] = [:]
        for own in ours {
            let fitting = theirs.compactMap { pairs($0, own) }
            guard fitting.count == 1 else { return nil }
            all.merge(fitting[0]) { $1 }
        }
        return Set(all.values).count == all.count ? all : nil
    }
}
