// Why a dictionary of tensors is not the weights of an architecture.

import Formats
import Networks

/// What a dictionary lacks or has too much, read in one way.
struct WeightMisfit: Error {
    /// How many parameters it has, in whatever shape.
    let found: Int
    /// What is wrong as `NetworkFault` tells it; nil when all floats are as they should be.
    let fault: NetworkFault?
    /// Parameters that are there, but not as floats.
    let wrongTypes: [String]
    /// Parameters that several of the dictionary's names stand for.
    let ambiguous: [String]

    /// Whether it fits after all.
    var isNone: Bool { fault == nil && wrongTypes.isEmpty && ambiguous.isEmpty }

    /// Of a file without any tensor.
    init(_ architecture: Architecture) {
        (found, wrongTypes, ambiguous) = (0, [], [])
        fault = .wrongParameters(
            architecture: architecture.name, missing: architecture.parameters.map(\.name),
            unexpected: [], misshaped: [])
    }

    /// Compares a reading with the parameters.
    init(
        _ reading: WeightReading, _ dictionary: WeightDictionary, _ architecture: Architecture
    ) {
        let parameters = Set(architecture.parameters.map(\.name))
        var shapes: [String: [Int]] = [:]
        var (wrongTypes, ambiguous): ([String], Set<String>) = ([], [])
        for (name, index) in reading.names {
            let item = dictionary.items[index]
            let isWanted = parameters.contains(name)
            if isWanted, shapes[name] != nil { ambiguous.insert(name) }
            if item.isFloat {
                shapes[name] = item.shape
            } else if isWanted {
                // It is there, and something else than missing.
                wrongTypes.append("\(name) holds \(item.type), expected floats")
                shapes[name] = architecture.parameters.first { $0.name == name }?.shape
            }
        }
        found = parameters.count { shapes[$0] != nil }
        self.wrongTypes = wrongTypes.sorted()
        self.ambiguous = ambiguous.sorted()
        do {
            try architecture.check(shapes)
            fault = nil
        } catch {
            fault = error as? NetworkFault
        }
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
