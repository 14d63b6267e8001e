// A value against its parameter: kind, range, and the slip that is worth guessing (pixel values
// of 0…255 where 0…1 is meant).

import Formats

extension Parameter {
    /// Checks a JSON value and gives its canonical form: numbers as floating point, fractions
    /// worked out.
    /// - Throws: `ConfigFault`.
    func check(_ value: JSON, file: String) throws -> JSON {
        switch kind {
        case .number(let range): return .number(try number(value, in: range, file))
        case .integer(let range): return .integer(try integer(value, in: range, file))
        case .numbers(let range):
            guard let items = value.array else { throw wrongKind(value, "a list of numbers", file) }
            return .array(try items.map { .number(try number($0, in: range, file)) })
        case .text:
            guard let text = value.string else { throw wrongKind(value, "a text", file) }
            return .string(text)
        case .choice(let words):
            guard let text = value.string, words.contains(text) else {
                throw ConfigFault.notAChoice(
                    key: name, found: value.string ?? value.canonical, choices: words, file: file)
            }
            return .string(text)
        case .flag:
            guard let flag = value.bool else { throw wrongKind(value, "true or false", file) }
            return .bool(flag)
        case .texts:
            guard let items = value.array, items.allSatisfy({ $0.string != nil }) else {
                throw wrongKind(value, "a list of texts", file)
            }
            return value
        case .structure:
            guard value.array != nil || value.object != nil else {
                throw wrongKind(value, "a list or an object", file)
            }
            return value
        case .variants(let key, let variants):
            guard let members = value.object else {
                throw wrongKind(
                    value, "an object such as {\"\(key)\": \"\(variants[0].word)\", …}", file)
            }
            return try check(members, by: key, variants, file)
        }
    }

    /// Checks a value given on the command line: lists are separated by commas.
    /// - Throws: `ConfigFault`.
    func read(_ text: String) throws -> JSON {
        let file = ConfigFault.commandLine
        func scalar(_ text: Substring) -> JSON {
            let trimmed = String(text.drop { $0 == " " })
            if let value = Int64(trimmed) { return .integer(value) }
            return Double(trimmed).map { .number($0) } ?? .string(trimmed)
        }
        let items = text.isEmpty ? [] : text.split(separator: ",", omittingEmptySubsequences: false)
        switch kind {
        case .number, .integer: return try check(scalar(text[...]), file: file)
        case .numbers: return try check(.array(items.map(scalar)), file: file)
        case .text, .choice: return try check(.string(text), file: file)
        case .texts: return try check(.array(items.map { .string(String($0)) }), file: file)
        case .structure, .variants:
            guard let value = try? JSON.parse(text, named: file) else {
                throw wrongKind(.string(text), "JSON, a list or an object", file)
            }
            return try check(value, file: file)
        case .flag:
            let value: JSON = text == "true" ? true : text == "false" ? false : .string(text)
            return try check(value, file: file)
        }
    }

    private func number(_ value: JSON, in range: ClosedRange<Double>, _ file: String) throws
        -> Double
    {
        guard let number = value.double ?? value.string.flatMap(Parameter.fraction) else {
            throw wrongKind(value, "a number, or a fraction such as \"8/255\"", file)
        }
        guard range.contains(number) else {
            let shown = value.string ?? Parameter.words(number)
            throw ConfigFault.outOfRange(
                key: name, found: shown, range: Parameter.words(range),
                guess: value.string == nil ? Parameter.guess(number, in: range) : nil, file: file)
        }
        return number
    }

    private func integer(_ value: JSON, in range: ClosedRange<Int64>, _ file: String) throws
        -> Int64
    {
        var found: Int64?
        if case .integer(let whole) = value { found = whole }
        if case .number(let number) = value { found = Int64(exactly: number) }
        guard let found else { throw wrongKind(value, "a whole number", file) }
        guard range.contains(found) else {
            throw ConfigFault.outOfRange(
                key: name, found: found.description, range: Parameter.words(range), guess: nil,
                file: file)
        }
        return found
    }

    /// The value of "8/255"; nil when the text is no such fraction.
    static func fraction(_ text: String) -> Double? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let over = Double(parts[0].filter { $0 != " " }),
            let under = Double(parts[1].filter { $0 != " " }), under != 0
        else { return nil }
        let value = over / under
        return value.isFinite ? value : nil
    }

    /// Pixels are 0…1 here and 0…255 in many papers: for a value that fits only the second
    /// reading, the same value in the first.
    static func guess(_ value: Double, in range: ClosedRange<Double>) -> String? {
        guard range.upperBound <= 1, value > 1, value <= 255, range.contains(value / 255) else {
            return nil
        }
        let rounded = (value / 255 * 1000).rounded() / 1000
        return "\(words(value))/255 = \(words(rounded))"
    }

    private func wrongKind(_ value: JSON, _ expected: String, _ file: String) -> ConfigFault {
        .wrongKind(key: name, expected: expected, found: value.canonical, file: file)
    }
}
