// How a stage says that it cannot go on: an exit code, what is wrong, and the way out.

import Artifacts
import Formats

/// A fault that ends a run.
public struct StageFault: Error, CustomStringConvertible {
    /// Exit codes of sysexits.
    public enum Code: Int32, Sendable {
        case usage = 64
        case badData = 65
        case missingInput = 66
        case software = 70
        case inputOutput = 74
        case tryAgain = 75
    }

    /// The exit code.
    public let code: Code
    /// What is wrong, where, what was expected and what was found.
    public let what: String
    /// What to do about it.
    public let remedy: String?

    /// A fault with its way out.
    public init(_ code: Code, _ what: String, remedy: String? = nil) {
        self.code = code
        // Faults of the modules below are sentences; what follows here goes on.
        self.what = what.hasSuffix(".") && !what.hasSuffix("..") ? String(what.dropLast()) : what
        self.remedy = remedy
    }

    /// What is wrong and what to do, as one sentence.
    public var description: String { remedy.map { "\(what); \($0)" } ?? what }

    /// Gives any error of the modules below its exit code; what is unknown is a fault of ours.
    public init(_ error: any Error) {
        switch error {
        case let fault as StageFault: self = fault
        case let fault as StoreFault:
            self.init(Code(rawValue: fault.exitCode) ?? .software, fault.description)
        case let fault as ConfigFault:
            self.init(fault.isOfCommandLine ? .usage : .badData, fault.description)
        case let fault as FormatFault:
            if case .system = fault {
                self.init(.inputOutput, fault.description)
            } else {
                self.init(.badData, fault.description)
            }
        default: self.init(.software, String(describing: error))
        }
    }
}
