// Layers in JSON: "relu", or an object whose one word says what the layer is.

import Formats
import Networks
import StageWork

extension WrittenLayer {
    /// Reads `"relu"` or `{"conv": 16, "kernel": 3, "name": "conv1"}`.
    ///
    /// - Parameters:
    ///   - json: The layer.
    ///   - place: Where it stands, for messages: "train-mine.json: layers[2]".
    /// - Throws: `StageFault` with exit code 65 for what is no layer.
    public init(_ json: JSON, at place: String) throws {
        func fault(_ what: String) -> StageFault {
            StageFault(
                .badData, "\(place): \(what)",
                remedy: "a layer is \"relu\" or {\"conv\": 16, \"kernel\": 3}; there are: "
                    + Layers.words.joined(separator: ", "))
        }
        if let word = json.string {
            guard Layers.words.contains(word) else { throw fault("there is no layer \(word)") }
            self.init(word)
            return
        }
        guard var members = json.object else { throw fault("found \(json.kind)") }
        let words = members.keys.filter(Layers.words.contains).sorted()
        guard let word = words.first, words.count == 1, let value = members[word] else {
            throw fault(
                words.isEmpty
                    ? "none of its keys is a layer (\(members.keys.sorted().joined(separator: ", ")))"
                    : "it is several layers at once: \(words.joined(separator: ", "))")
        }
        members[word] = nil
        let name = members.removeValue(forKey: "name")
        if let name, name.string == nil { throw fault("its name is \(name.kind)") }
        func read(_ key: String, _ json: JSON) throws -> LayerValue {
            guard let value = LayerValue(json) else {
                throw fault(
                    "\(key) is \(json.kind), expected a number, a text, true, false or a list")
            }
            return value
        }
        self.init(
            word, name: name?.string, value: value.isNull ? nil : try read(word, value),
            settings: Dictionary(
                uniqueKeysWithValues: try members.map { ($0.key, try read($0.key, $0.value)) }))
    }

    /// The layer as it is read.
    public var json: JSON {
        guard name != nil || value != nil || !settings.isEmpty else { return .string(word) }
        var members = settings.mapValues(\.json)
        members[word] = value?.json ?? .null
        if let name { members["name"] = .string(name) }
        return .object(members)
    }
}

extension LayerValue {
    fileprivate init?(_ json: JSON) {
        switch json {
        case .integer(let number): self = .integer(Int(number))
        case .number(let number): self = .number(number)
        case .bool(let flag): self = .flag(flag)
        case .string(let text): self = .text(text)
        case .array(let items):
            let values = items.compactMap(LayerValue.init)
            guard values.count == items.count else { return nil }
            self = .list(values)
        case .null, .object: return nil
        }
    }

    fileprivate var json: JSON {
        switch self {
        case .integer(let number): .integer(Int64(number))
        case .number(let number): .number(number)
        case .flag(let flag): .bool(flag)
        case .text(let text): .string(text)
        case .list(let items): .array(items.map(\.json))
        }
    }
}
