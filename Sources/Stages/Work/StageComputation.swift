// What a stage computes, apart from how it talks. The digest of a stage's code covers the module that
// holds its `StageComputation` and all that this module imports, and nothing else: help, tables, messages of
// the store, settings and their documentation may be reworded, and no result is made again.
//
// That is sound because everything else that a result depends on is in its key by content: which
// settings there are shows in the resolved config, which files are read in the inputs.

import Formats

/// The work of one stage.
///
/// It lies in a module of its own, `Sources/Stages/<Name>/Work/`, that cannot import `StageKit`.
public protocol StageComputation: Sendable {
    /// The digest of the sources: the module's generated `CodeDigest.value`.
    static var codeDigest: String { get }

    /// Reads the inputs, writes the outputs and gives the record's summary: figures that follow from
    /// config and inputs alone, whatever the machine, the time or the number of threads.
    /// - Throws: a `Fault` for what is wrong with config or inputs.
    static func run(_ config: any ResolvedConfig, _ work: any Workspace) throws -> JSON
}

/// A config with every default filled in, as a run reads it. All of it is part of the run's key.
///
/// Each of these throws for a key that the stage's schema does not declare, or as another kind.
public protocol ResolvedConfig: Sendable {
    /// All settings by key.
    var json: JSON { get }
    /// Where it was read from, for messages only.
    var file: String { get }
    /// Whether an optional setting has a value.
    func isSet(_ key: String) -> Bool
    /// A number.
    func number(_ key: String) throws -> Double
    /// A number, rounded once to 32 bits.
    func float(_ key: String) throws -> Float
    /// A whole number.
    func integer(_ key: String) throws -> Int
    /// A list of numbers.
    func numbers(_ key: String) throws -> [Double]
    /// A text, or one word of a choice.
    func text(_ key: String) throws -> String
    /// A list of texts.
    func texts(_ key: String) throws -> [String]
    /// A list or an object.
    func structure(_ key: String) throws -> JSON
    /// True or false.
    func flag(_ key: String) throws -> Bool
}

extension ResolvedConfig {
    /// A list of whole numbers.
    ///
    /// - Throws: `StageFault` with exit code 64 for one with a fraction.
    public func wholeNumbers(_ key: String) throws -> [Int] {
        try numbers(key).map { number in
            guard let whole = Int(exactly: number) else {
                throw StageFault(.usage, "\(file): \(key): \(number) is no whole number")
            }
            return whole
        }
    }
}
