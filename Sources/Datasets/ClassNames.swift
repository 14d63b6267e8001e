// The names of classes in a file of their own: `data/imagenet/labels.json`.

import Formats

/// Names of classes by number.
public struct ClassNames: Sendable {
    /// All names; the index is the class.
    public let all: [String]
    /// The file that they were read from, for messages.
    public let file: String

    init(all: [String], file: String) { (self.all, self.file) = (all, file) }

    /// Where the names of a data set's classes lie.
    public static func path(_ dataset: String) -> String { "data/\(dataset)/labels.json" }

    /// Reads `{"0": "tench", "1": "goldfish", …}`: every number from 0 to the last, each once.
    /// - Throws: `FormatFault.json`; `DatasetFault.wrongNames`.
    public init(_ mapped: MappedFile) throws {
        file = mapped.name
        let json = try JSON.parse(Array(mapped.bytes), named: file)
        guard let members = json.object, !members.isEmpty else {
            throw DatasetFault.wrongNames(file: file, found: json.kind)
        }
        all = try (0..<members.count).map { number in
            guard let name = members["\(number)"] else {
                throw DatasetFault.wrongNames(
                    file: mapped.name,
                    found: "\(members.count) names, but none for class \(number)")
            }
            guard let text = name.string, !text.isEmpty else {
                throw DatasetFault.wrongNames(
                    file: mapped.name, found: "\(name.kind) for class \(number)")
            }
            return text
        }
    }
}
