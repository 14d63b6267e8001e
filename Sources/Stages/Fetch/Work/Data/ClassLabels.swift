// From what data call a class (a folder's name, a text in a table, a number) to its number in the list of
// classes.

import Datasets
import Formats
import StageWork

/// The classes of data, and what their numbers are.
struct ClassLabels {
    /// The names of the classes, by number.
    let names: [String]
    private let numbers: [String: Int]

    /// A whole number in digits, without zeros before it.
    static func number(_ text: String) -> Int? {
        guard !text.isEmpty, text.utf8.count < 10, text.utf8.allSatisfy({ (48...57).contains($0) }),
            text == "0" || text.utf8.first != 48
        else { return nil }
        return Int(text)
    }

    /// The number of a class that a text names.
    subscript(text: String) -> Int? { numbers[text] }

    /// Classes from what the data call them.
    /// - Parameters:
    ///   - texts: all that name classes, each with the place that says so, for messages.
    ///   - listed: the list of classes, where there is one; a name's place in it is its class. Where
    ///     all texts are whole numbers and are no names in the list, they are places in it.
    ///   - order: the classes in their order, where there is no list.
    ///   - path: the data, for messages.
    /// - Throws: `StageFault` for texts that the list does not have, and for one class only.
    init(
        _ texts: [(text: String, place: String)], listed: ClassNames?, order: [String]?,
        of path: String
    ) throws {
        guard let listed else {
            names = try order ?? Self.order(texts.map(\.text), of: path)
            numbers = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
            guard names.count > 1 else { throw Self.oneClass(names, of: path) }
            return
        }
        names = listed.all
        var numbers: [String: Int] = [:]
        var odd: [String] = []
        let areNumbers = texts.allSatisfy { Self.number($0.text) != nil }
        for (text, place) in texts {
            if let number = try listed.index(of: text) {
                numbers[text] = number
            } else if areNumbers, let number = Self.number(text), number < listed.all.count {
                numbers[text] = number
            } else {
                odd.append("\(place): \(Shown.start(text))")
            }
        }
        self.numbers = numbers
        guard odd.isEmpty else {
            throw StageFault(
                .badData,
                "\(Shown.text(listed.file)) does not list \(odd.count) of the \(texts.count) classes of "
                    + "\(Shown.text(path)):\(PictureFolder.list(odd))",
                remedy: "call them as the list does, or by their numbers, 0…\(listed.all.count - 1)"
            )
        }
    }

    /// Numbers stand for themselves; names are sorted as bytes.
    private static func order(_ texts: [String], of path: String) throws -> [String] {
        let numbers = texts.compactMap(number)
        guard numbers.count == texts.count else {
            return Set(texts).sorted { $0.isBefore($1) }
        }
        return try Self.numbered(numbers.max() ?? 0, of: path)
    }

    /// The names of classes that only have numbers: "0" to the largest.
    static func numbered(_ largest: Int, of path: String) throws -> [String] {
        guard largest < ClassNames.limit else {
            throw StageFault(
                .badData,
                "\(Shown.text(path)) has the label \(largest), expected 0…\(ClassNames.limit - 1)",
                remedy: "number the classes from 0, or list them: CLASSES=names.txt (the config's "
                    + "\"classes\")")
        }
        guard largest > 0 else { throw oneClass(["0"], of: path) }
        return (0...largest).map(String.init)
    }

    /// The fault of data that tell nothing apart.
    static func oneClass(_ names: [String], of path: String) -> StageFault {
        StageFault(
            .badData,
            "\(Shown.text(path)) has one class only, \(Shown.start(names.first ?? "")), and a network "
                + "tells several apart",
            remedy: "list all classes of the network: CLASSES=names.txt (the config's \"classes\")")
    }
}
