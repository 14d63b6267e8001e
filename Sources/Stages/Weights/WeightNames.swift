// Where in a file the weights of a network are, and what their names are there. People save networks in
// many wrappings: trained in parallel, compiled, averaged, in a checkpoint with an optimizer. One rule
// for all of them:
//
// 1. Every dictionary of the file up to three keys deep is looked at. One that fits the architecture
//    (every parameter is there under its name, as floats and in its shape, and no other floats) is the
//    one; nothing else about it counts.
// 2. Its names may have a prefix, made of the words in `prefixes`, each as often as it likes. First
//    the names are tried as they are, then without each prefix that enough of them share (fewer words
//    first, then in the order of the list; what is without the prefix is passed over), then with each
//    name freed of its own words, also of those in the middle that wrappers of parts leave there.
// 3. Where several dictionaries fit, those are preferred all of whose keys are in `wrappers`: the one
//    with fewer keys, then in the order of that list. Under other keys there must be exactly one.
//
// Entries that are no floats (counts of batches, texts, whole numbers) are always passed over.

import Formats
import Networks
import StageWork

/// A dictionary of tensors in a file of weights.
struct WeightDictionary {
    /// A tensor by its name in the file.
    struct Item {
        let name: String
        let shape: [Int]
        /// The type of its elements in a word or two.
        let type: String
        let isFloat: Bool
    }

    /// The keys that lead to it; empty for the file's own.
    let path: [String]
    let items: [Item]

    /// The keys as people write them: `["model"]["ema"]`.
    var title: String {
        path.isEmpty
            ? "the outermost dictionary" : path.map { "[\"\(Shown.start($0))\"]" }.joined()
    }
}

/// A dictionary that fits an architecture, and which of its names stands for which parameter.
struct WeightChoice {
    let dictionary: WeightDictionary
    /// The prefix that was left out.
    let prefix: String
    /// Indices into `dictionary.items`, by parameter.
    let items: [String: Int]
}

/// The rule by which weights are found.
enum WeightNames {
    /// What wrappers put before the names of the network within: PyTorch's DataParallel (and its
    /// averages), torch.compile, Lightning and others.
    static let prefixes = [
        "module.", "_orig_mod.", "model.", "net.", "network.", "_forward_module.",
        "_fsdp_wrapped_module.",
    ]
    /// The keys under which weights usually lie, the best first.
    static let wrappers = [
        "state_dict", "model_state_dict", "model", "net", "network", "weights", "params", "module",
        "model_state", "net_state_dict", "ema", "model_ema", "ema_state_dict", "state_dict_ema",
        "ema_model", "params_ema", "shadow_params",
    ]

    /// The rule in one sentence, for messages.
    static var rule: String {
        "weights are looked for in every dictionary up to three keys deep, first under "
            + wrappers.joined(separator: ", ") + "; their names may begin with "
            + prefixes.joined(separator: ", ") + " in any order and number"
    }

    /// All ways to read a dictionary that may fit, in the order in which they are tried: the prefix
    /// left out, and for each remaining name its item.
    static func readings(
        of dictionary: WeightDictionary, for architecture: Architecture
    ) -> [WeightReading] {
        let items = dictionary.items
        var readings = [
            WeightReading(
                prefix: "", names: items.enumerated().map { ($0.element.name, $0.offset) })
        ]
        var counts: [String: Int] = [:]
        for item in items {
            var (prefix, rest) = ("", item.name[...])
            for _ in 0..<8 {
                guard let word = prefixes.first(where: { rest.hasPrefix($0) }) else { break }
                prefix += word
                rest = rest.dropFirst(word.count)
                counts[prefix, default: 0] += 1
            }
        }
        let needed = architecture.parameters.count
        func rank(_ prefix: String) -> [Int] {
            let words = prefix.split(separator: ".").map { prefixes.firstIndex(of: "\($0).") ?? 0 }
            return [words.count] + words
        }
        let shared = counts.filter { $0.value >= needed }.keys
            .sorted { rank($0).lexicographicallyPrecedes(rank($1)) }
        for prefix in shared.prefix(40) {
            readings.append(
                WeightReading(
                    prefix: prefix,
                    names: items.enumerated().filter { $0.element.name.hasPrefix(prefix) }
                        .map { (String($0.element.name.dropFirst(prefix.count)), $0.offset) }))
        }
        let ownNames = items.enumerated().map { (freed($0.element.name), $0.offset) }
        if zip(ownNames, items).contains(where: { $0.0 != $1.name }) {
            readings.append(WeightReading(prefix: "the words of wrappers", names: ownNames))
        }
        return readings
    }

    /// A name without the words of wrappers at its start, and without those in its middle that can be
    /// no part of a network: what a wrapped part of a network is called.
    private static func freed(_ name: String) -> String {
        var rest = name[...]
        while let word = prefixes.first(where: { rest.hasPrefix($0) }) {
            rest = rest.dropFirst(word.count)
        }
        return ["._orig_mod.", "._fsdp_wrapped_module.", ".module."].reduce(String(rest)) {
            $0.replacing($1, with: ".")
        }
    }

    /// The dictionary of a file that fits, by the rule above.
    /// - Throws: `WeightMismatch` where none does; `StageFault` where it cannot be told which one is meant.
    static func choose(
        among dictionaries: [WeightDictionary], for architecture: Architecture, file: String
    ) throws -> (choice: WeightChoice, alsoFitting: [WeightDictionary]) {
        var fitting: [(rank: [Int], choice: WeightChoice)] = []
        var unusual: [WeightChoice] = []
        var nearest: WeightMismatch?
        for dictionary in dictionaries where !dictionary.items.isEmpty {
            var choice: WeightChoice?
            for reading in readings(of: dictionary, for: architecture) {
                let mismatch = WeightMismatch(reading, dictionary, architecture)
                if mismatch.isNone {
                    choice = WeightChoice(
                        dictionary: dictionary, prefix: reading.prefix,
                        items: Dictionary(reading.names, uniquingKeysWith: { first, _ in first }))
                    break
                }
                if mismatch.found > nearest?.found ?? -1 { nearest = mismatch }
            }
            guard let choice else { continue }
            let ranks = dictionary.path.map { wrappers.firstIndex(of: $0) }
            if ranks.contains(nil) {
                unusual.append(choice)
            } else {
                fitting.append(([ranks.count] + ranks.compactMap { $0 }, choice))
            }
        }
        fitting.sort { $0.rank.lexicographicallyPrecedes($1.rank) }
        if let first = fitting.first {
            let others = fitting.dropFirst().map(\.choice.dictionary) + unusual.map(\.dictionary)
            return (first.choice, others)
        }
        if let only = unusual.first {
            guard unusual.count == 1 else {
                throw StageFault(
                    .badData,
                    "\(file) has \(unusual.count) dictionaries that are weights of "
                        + "\(architecture.name): "
                        + unusual.prefix(8).map(\.dictionary.title).joined(separator: ", "),
                    remedy: "save the one that you mean alone, by torch.save")
            }
            return (only, [])
        }
        throw nearest ?? WeightMismatch(architecture)
    }
}

/// One way to read a dictionary: its names without a prefix, each with the index of its item.
struct WeightReading {
    let prefix: String
    let names: [(name: String, item: Int)]
}
