// A fault of a stage, or one of the modules below with its place added.

import Faults

/// A fault that ends a run.
public struct StageFault: Fault {
    /// The codes, for short.
    public typealias Code = FaultCode

    /// The exit code.
    public let code: FaultCode
    /// What is wrong, where, what was expected and what was found; without a full stop, since the
    /// remedy may follow.
    public let message: String
    /// What to do about it.
    public let remedy: String?

    /// A fault with its way out.
    public init(_ code: FaultCode, _ message: String, remedy: String? = nil) {
        self.code = code
        self.message =
            message.hasSuffix(".") && !message.hasSuffix("..")
            ? String(message.dropLast()) : message
        self.remedy = remedy
    }

    /// Any error as a fault; what is no `Fault` is one of the program itself.
    /// - Parameters:
    ///   - error: The error.
    ///   - file: The file that it is about, where the message does not name it.
    public init(_ error: any Error, in file: String? = nil) {
        let place = file.map { "\($0): " } ?? ""
        if let fault = error as? any Fault {
            self.init(fault.code, place + fault.message, remedy: fault.remedy)
        } else {
            self.init(.software, place + String(describing: error))
        }
    }
}
