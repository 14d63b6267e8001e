// How every module says that it cannot go on. A fault that reaches the user becomes one line,
// "what is wrong; what to do about it", and an exit code of sysexits; who throws it says all three,
// so that nobody above has to know the type.

/// The exit codes of `sysexits.h` that the programs end with.
public enum FaultCode: Int32, Sendable {
    /// A flag or a value on the command line is wrong (EX_USAGE).
    case usage = 64
    /// A file or a config does not hold what it should (EX_DATAERR).
    case badData = 65
    /// A file that is read is not there (EX_NOINPUT).
    case missingInput = 66
    /// The program itself is at fault (EX_SOFTWARE).
    case software = 70
    /// The system refused to read or write (EX_IOERR).
    case inputOutput = 74
    /// It may work later: another process is in the way (EX_TEMPFAIL).
    case tryAgain = 75
}

/// An error that is put before the user as it is.
///
/// A type that adopts it needs to give `message` only; what it then says is that something which was
/// read is wrong, and that there is no more to say about it.
public protocol Fault: Error, Sendable, CustomStringConvertible {
    /// The exit code of a program that ends with it; `.badData` unless the type says otherwise.
    var code: FaultCode { get }
    /// What is wrong, where, what was expected and what was found.
    var message: String { get }
    /// What to do about it, such as the command to type; nil where the message says it all.
    var remedy: String? { get }
}

extension Fault {
    /// 65: most faults are those of data.
    public var code: FaultCode { .badData }
    /// No remedy beyond what the message says.
    public var remedy: String? { nil }
    /// Message and remedy in one line.
    public var description: String { remedy.map { "\(message); \($0)" } ?? message }
}
