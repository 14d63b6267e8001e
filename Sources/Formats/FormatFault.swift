// What can be wrong with a file from outside: facts in the enums, sentences in `description`.
// Every parser of this module throws this one type; none traps, whatever the bytes.

import Faults

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A file that cannot be read, or whose bytes are not what its format demands.
public enum FormatFault: Fault, Equatable {
    /// The system refused `action` ("open", "map", "write") on `file` with this errno.
    case system(file: String, action: String, code: Int32)
    /// A path that should be a regular file is a directory, a pipe or a device.
    case notAFile(file: String)
    /// JSON text is malformed at a line and column, both counted from 1.
    case json(file: String, line: Int, column: Int, JSONProblem)
    /// A safetensors file is malformed, or lacks what its schema promises.
    case safeTensors(file: String, SafeTensorsProblem)
    /// An IDX file (the format of MNIST) is malformed.
    case idx(file: String, IDXProblem)
    /// A NumPy array (.npy) is malformed, or of elements that are not read.
    case npy(file: String, NPYProblem)
    /// A table (CSV) is malformed at a line, counted from 1.
    case csv(file: String, line: Int, CSVProblem)
    /// A file of CIFAR's records is malformed.
    case cifar(file: String, CIFARProblem)
    /// A tar archive is malformed; `at` is an offset in bytes, uncompressed.
    case tar(file: String, at: Int, TarProblem)
    /// A gzip file cannot be inflated.
    case gzip(file: String, GzipProblem)
    /// A PNG file cannot be decoded, or pixels cannot be encoded.
    case png(file: String, PNGProblem)
    /// A JPEG file cannot be decoded.
    case jpeg(file: String, JPEGProblem)
    /// A WebP file cannot be decoded.
    case webP(file: String, WebPProblem)
    /// A file is no picture, or one that cannot be brought to the size wanted.
    case picture(file: String, PictureProblem)
    /// A PyTorch checkpoint is malformed or wants to run code; `at` is an offset in bytes.
    case torch(file: String, at: Int?, TorchProblem)

    /// 74 where the system refused, 65 for what a file holds.
    public var code: FaultCode { if case .system = self { .inputOutput } else { .badData } }

    /// Which file, where, what was expected and what was found. Words of the file that a terminal
    /// would obey are escaped, see `Shown`.
    public var message: String { Shown.text(sentence) }

    private var sentence: String {
        switch self {
        case .system(let file, let action, let code):
            "cannot \(action) \(file): \(String(cString: strerror(code)))"
        case .notAFile(let file): "\(file) is not a regular file"
        case .json(let file, let line, let column, let problem):
            "\(file):\(line):\(column): \(problem)"
        case .safeTensors(let file, let problem):
            "\(file) is not the safetensors file expected: \(problem)"
        case .idx(let file, let problem): "\(file) is not the IDX file expected: \(problem)"
        case .npy(let file, let problem): "\(file): \(problem)"
        case .csv(let file, let line, let problem): "\(file):\(line): \(problem)"
        case .cifar(let file, let problem): "\(file): \(problem)"
        case .tar(let file, let place, let problem): "\(file), byte \(place): \(problem)"
        case .gzip(let file, let problem): "\(file) is not a sound gzip file: \(problem)"
        case .png(let file, let problem): "\(file): \(problem)"
        case .jpeg(let file, let problem): "\(file): \(problem)"
        case .webP(let file, let problem): "\(file): \(problem)"
        case .picture(let file, let problem): "\(file): \(problem)"
        case .torch(let file, let place, let problem):
            "\(file)\(place.map { ", byte \($0)" } ?? ""): \(problem)"
        }
    }
}
