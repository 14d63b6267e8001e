// A setting that is an object of settings: which ones, a word in it decides.

import Formats

extension Parameter {
    /// One form of an object of settings.
    public struct Variant: Sendable {
        /// The word that stands for it.
        public let word: String
        /// One line on what it is.
        public let help: String
        /// Its settings, but for the word.
        public let parameters: [Parameter]

        /// Describes a form of an object.
        public init(_ word: String, _ parameters: [Parameter], help: String) {
            (self.word, self.help, self.parameters) = (word, help, parameters)
        }
    }

    /// The setting whose word decides about the others.
    static func deciding(_ key: String, _ variants: [Variant]) -> Parameter {
        Parameter(
            key, .choice(variants.map(\.word)),
            help: variants.map { "\($0.word): \($0.help)" }.joined(separator: "; "))
    }

    /// Checks such an object, each of its keys with the object's own name before it ("robust.epsilon"),
    /// and fills in what it leaves out.
    /// - Throws: `ConfigFault`.
    func check(
        _ members: [String: JSON], by key: String, _ variants: [Variant], _ file: String
    ) throws -> JSON {
        func full(_ parameter: Parameter) -> Parameter {
            Parameter(
                "\(name).\(parameter.name)", parameter.kind, default: parameter.defaultValue,
                unit: parameter.unit, isLeftOut: parameter.isLeftOut, help: parameter.help)
        }
        let choice = full(Parameter.deciding(key, variants))
        guard let given = members[key], !given.isNull else {
            throw ConfigFault.missing(
                key: choice.name, help: variants.map(\.word).joined(separator: ", "), file: file)
        }
        let word = try choice.check(given, file: file)
        let own = variants.first { .string($0.word) == word }?.parameters ?? []
        let checked = try Schema(name, [choice] + own.map(full)).resolve(
            .object(
                Dictionary(uniqueKeysWithValues: members.map { ("\(name).\($0.key)", $0.value) })),
            file: file)
        return .object(
            Dictionary(
                uniqueKeysWithValues: (checked.json.object ?? [:]).map {
                    (String($0.key.dropFirst(name.count + 1)), $0.value)
                }))
    }
}
