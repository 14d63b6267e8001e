// What can be wrong in a config or in a flag: facts in the cases, one sentence each.

import Faults

/// A config that cannot be used as it is.
public enum ConfigFault: Fault, Equatable {
    /// The file holds something else than an object.
    case notAnObject(file: String, found: String)
    /// A key that the stage does not know.
    case unknown(key: String, nearest: String?, known: [String], file: String)
    /// A key without a default is not given.
    case missing(key: String, help: String, file: String)
    /// A value of another kind.
    case wrongKind(key: String, expected: String, found: String, file: String)
    /// A number outside its range; `guess` is what may have been meant.
    case outOfRange(key: String, found: String, range: String, guess: String?, file: String)
    /// A word that is none of those allowed.
    case notAChoice(key: String, found: String, choices: [String], file: String)
    /// Code asked for a key that its schema does not have, or as another kind.
    case undeclared(key: String, asked: String)

    /// What stands for a file's name when a value was given as a flag.
    public static let commandLine = "the command line"

    /// Whether the value was given as a flag.
    public var isOfCommandLine: Bool {
        switch self {
        case .unknown(_, _, _, let file), .wrongKind(_, _, _, let file),
            .outOfRange(_, _, _, _, let file), .notAChoice(_, _, _, let file):
            file == ConfigFault.commandLine
        case .notAnObject, .missing, .undeclared: false
        }
    }

    /// 64 for a flag, 65 for a file.
    public var code: FaultCode { isOfCommandLine ? .usage : .badData }

    /// Which key, what was expected, what was found and where.
    public var message: String {
        switch self {
        case .notAnObject(let file, let found):
            "\(file): a config is an object, { \"key\": value, … }; this is \(found)"
        case .unknown(let key, let nearest?, _, let file):
            "\(key): unknown key; did you mean \(nearest)? (\(file))"
        case .unknown(let key, nil, let known, let file):
            "\(key): unknown key; the keys here are \(known.sorted().joined(separator: ", ")) (\(file))"
        case .missing(let key, let help, let file):
            "\(key): missing; it has no default (\(help)); add it (\(file))"
        case .wrongKind(let key, let expected, let found, let file):
            "\(key): expected \(expected), found \(found) (\(file))"
        case .outOfRange(let key, let found, let range, let guess, let file):
            "\(key): \(found) is outside \(range)"
                + (guess.map { "; did you mean \($0)?" } ?? "") + " (\(file))"
        case .notAChoice(let key, let found, let choices, let file):
            "\(key): \"\(found)\" is none of \(choices.joined(separator: ", "))"
                + (Spelling.nearest(to: found, among: choices).map { "; did you mean \($0)?" } ?? "")
                + " (\(file))"
        case .undeclared(let key, let asked):
            "\(key): read as \(asked), which its schema does not declare"
        }
    }
}
