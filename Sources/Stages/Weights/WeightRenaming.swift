// Names in a file of weights, changed to those of the architecture by a table of the user's.

import Formats
import StageWork

/// A table of names: of tensors (`"w1": "fc1.weight"`), or of what they begin with up to a dot
/// (`"features.conv1": "conv1"` is for `features.conv1.weight` too); an empty new name takes the
/// beginning away. The longest that fits counts.
public struct WeightRenaming: Sendable {
    private let table: [String: String]

    /// No name is changed.
    public static let none = WeightRenaming(table: [:])

    /// Whether no name is changed.
    var isNone: Bool { table.isEmpty }

    private init(table: [String: String]) { self.table = table }

    /// The table of a config.
    ///
    /// - Throws: `StageFault` for what is no table of texts.
    public init(_ json: JSON, in file: String) throws {
        guard let members = json.object, members.values.allSatisfy({ $0.string != nil }) else {
            throw StageFault(
                .badData, "\(file): rename is no table of names",
                remedy: "such as \"rename\": {\"features.conv1\": \"conv1\"}")
        }
        table = members.compactMapValues(\.string)
    }

    /// The name in the architecture.
    func name(_ name: String) -> String {
        var start = name[...]
        while true {
            if let new = table[String(start)] {
                let rest = name[start.endIndex...]
                return new.isEmpty ? String(rest.drop { $0 == "." }) : new + rest
            }
            guard let dot = start.lastIndex(of: ".") else { return name }
            start = start[..<dot]
        }
    }

    /// A dictionary under the new names.
    func applied(to dictionary: WeightDictionary) -> WeightDictionary {
        WeightDictionary(
            path: dictionary.path,
            items: dictionary.items.map {
                .init(name: name($0.name), shape: $0.shape, type: $0.type, isFloat: $0.isFloat)
            })
    }

    /// Refuses a table with a name that no dictionary has.
    func checkUsed(in dictionaries: [WeightDictionary], file: String) throws {
        let unused = table.keys.filter { key in
            !dictionaries.contains { dictionary in
                dictionary.items.contains { $0.name == key || $0.name.hasPrefix(key + ".") }
            }
        }
        guard let first = unused.min() else { return }
        let names = dictionaries.max { $0.items.count < $1.items.count }?.items.map(\.name) ?? []
        throw StageFault(
            .badData, "\(file): rename names \(Shown.start(first)), which is not in it",
            remedy: "it has \(names.prefix(40).map { Shown.start($0) }.joined(separator: ", "))")
    }
}
