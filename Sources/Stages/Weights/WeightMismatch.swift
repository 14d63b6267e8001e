// Why a dictionary of tensors is not the weights of an architecture.

import Formats
import Networks

/// What a dictionary lacks or has too much, read in one way.
struct WeightMismatch: Error {
    private let architecture: Architecture
    /// The shapes of its floats by name; those of the architecture for other things that it calls so.
    private let shapes: [String: [Int]]
    /// How many parameters it has, in whatever shape.
    let found: Int
    /// Parameters that are there, but not as floats.
    private let wrongTypes: [String]
    /// Parameters that several of the dictionary's names stand for.
    private let ambiguous: [String]

    /// Whether it fits after all. Names of others are only looked at where all parameters are there.
    var isNone: Bool {
        found == architecture.parameters.count && wrongTypes.isEmpty && ambiguous.isEmpty
            && fault == nil
    }

    /// What is wrong as `NetworkFault` tells it; nil when all floats are as they should be.
    private var fault: NetworkFault? {
        do {
            try architecture.check(shapes)
            return nil
        } catch {
            return error as? NetworkFault
        }
    }

    /// Of a file without any tensor.
    init(_ architecture: Architecture) {
        self.architecture = architecture
        (shapes, found, wrongTypes, ambiguous) = ([:], 0, [], [])
    }

    /// Compares a reading with the parameters.
    init(
        _ reading: WeightReading, _ dictionary: WeightDictionary, _ architecture: Architecture
    ) {
        let parameters = Dictionary(
            architecture.parameters.map { ($0.name, $0.shape) }, uniquingKeysWith: { $1 })
        var shapes: [String: [Int]] = [:]
        var (wrongTypes, ambiguous): ([String], Set<String>) = ([], [])
        for (name, index) in reading.names {
            let item = dictionary.items[index]
            let expected = parameters[name]
            if expected != nil, shapes[name] != nil { ambiguous.insert(name) }
            if item.isFloat {
                shapes[name] = item.shape
            } else if let expected {
                // It is there, and something else than missing.
                wrongTypes.append("\(name) holds \(item.type), expected floats")
                shapes[name] = expected
            }
        }
        self.architecture = architecture
        self.shapes = shapes
        found = parameters.keys.count { shapes[$0] != nil }
        self.wrongTypes = wrongTypes.sorted()
        self.ambiguous = ambiguous.sorted()
    }

    /// All that is wrong, in sentences.
    var words: String {
        var parts = fault.map { ["\($0)"] } ?? []
        if !wrongTypes.isEmpty {
            parts.append(wrongTypes.prefix(20).joined(separator: "; ") + ".")
        }
        if !ambiguous.isEmpty {
            parts.append(
                "Several names stand for \(ambiguous.prefix(20).joined(separator: ", ")).")
        }
        return parts.joined(separator: " ")
    }
}
