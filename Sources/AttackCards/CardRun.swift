// Words that are true of some runs only: conditions, and values that are filled in.

/// A run of an attack, as far as its card asks.
public struct CardRun {
    /// Whether a class is to be reached.
    public var isTargeted: Bool
    /// The value of a setting, `norm` among them; flags are `yes` and `no`.
    public var setting: (_ key: String) -> String?
    /// The text for a value that is not simply a setting; nil where there is none.
    public var value: (_ insert: CardInsert) -> String?

    /// A run by what it answers.
    public init(
        isTargeted: Bool, setting: @escaping (_ key: String) -> String?,
        value: @escaping (_ insert: CardInsert) -> String?
    ) {
        (self.isTargeted, self.setting, self.value) = (isTargeted, setting, value)
    }
}

/// Something that is true of a run or not.
public enum CardCondition: Equatable, Sendable {
    /// A class is to be reached.
    case targeted
    /// Any wrong class will do.
    case untargeted
    /// The setting has one of the values. Of a run without the setting it is false.
    case isOne(key: String, of: [String])
    /// The setting has another value. Of a run without the setting it is false.
    case isNone(key: String, of: [String])

    /// The setting that it asks about; nil where it asks about the goal.
    public var key: String? {
        switch self {
        case .targeted, .untargeted: nil
        case .isOne(let key, _), .isNone(let key, _): key
        }
    }

    /// Whether it is true of a run.
    public func isTrue(of run: CardRun) -> Bool {
        switch self {
        case .targeted: run.isTargeted
        case .untargeted: !run.isTargeted
        case .isOne(let key, let values): run.setting(key).map(values.contains) ?? false
        case .isNone(let key, let values): run.setting(key).map { !values.contains($0) } ?? false
        }
    }
}

/// Words and when they are true.
public struct CardItem<Value: Equatable & Sendable>: Equatable, Sendable {
    /// All of them have to hold; none for what is always true.
    public let conditions: [CardCondition]
    /// The words.
    public let value: Value
    /// The line of the file that they begin in, from 1.
    public let line: Int

    /// Whether the words are true of a run.
    public func isTrue(of run: CardRun) -> Bool { conditions.allSatisfy { $0.isTrue(of: run) } }
}

/// A place in a text where a value of the run is put, in braces.
public enum CardInsert: Equatable, Sendable {
    /// `{steps}`, `{steps or many}`: a setting, and a word for runs without it.
    case setting(String, or: String?)
    /// `{values}`: how many values an image has, pixels times channels.
    case values
    /// `{gamma of values}`: a setting that is a share, times that number, rounded down.
    case share(String)
    /// `{short name of of}`: the short name of the attack that a setting names.
    case shortName(String)

    /// The setting that it is made from.
    public var key: String? {
        switch self {
        case .setting(let key, _), .share(let key), .shortName(let key): key
        case .values: nil
        }
    }
}

/// A sentence or several, with places for values.
public struct CardSentence: Equatable, Sendable {
    /// A part of it.
    public enum Part: Equatable, Sendable {
        /// Words as they are.
        case words(String)
        /// A value.
        case insert(CardInsert)
    }

    /// The parts in order.
    public let parts: [Part]
    /// The text as the card has it, with its braces.
    public let source: String

    /// The text of a run; nil where it lacks a value.
    public func text(of run: CardRun) -> String? {
        var text = ""
        for part in parts {
            switch part {
            case .words(let words): text += words
            case .insert(.setting(let key, or: let word)):
                guard let value = run.setting(key) ?? word else { return nil }
                text += value
            case .insert(let insert):
                guard let value = run.value(insert) else { return nil }
                text += value
            }
        }
        return text
    }
}

/// A formula, to be seen and to be heard.
public struct CardFormula: Equatable, Sendable {
    /// A part of it.
    public indirect enum Part: Equatable, Sendable {
        /// Signs as they are.
        case plain(String)
        /// A symbol, between stars.
        case symbol(String)
        /// What is set below the line, in brackets right behind something: `*z*[y]`.
        case below([Part])
    }

    /// The parts in order.
    public let parts: [Part]
    /// The formula as the card has it.
    public let source: String
    /// The same in words, for those who hear it.
    public let spoken: String
}
