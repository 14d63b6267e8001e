// What can be wrong with an ONNX file, or with a network in it that we cannot run: facts in the enum,
// sentences in `message` and `remedy`. Words of the file are cut and escaped, see `Shown`.

import Faults
import Formats

/// An ONNX file that cannot be read, or whose network cannot be built from our layers.
public struct ONNXFault: Fault, Equatable {
    /// The file's path, or the name given to its bytes.
    public let file: String
    /// What is wrong.
    public let problem: ONNXProblem

    /// File, what was expected and what was found.
    public var message: String { Shown.text("\(file): \(problem.sentence)") }
    /// What to do about it.
    public var remedy: String? { problem.remedy }
}

/// The facts of an `ONNXFault`.
public enum ONNXProblem: Error, Equatable {
    /// The bytes are no ONNX model, but of a kind that is known, or nothing that can be decoded.
    case notONNX(FileKind?)
    /// The bytes end within a field, or a field has a form that its number does not allow.
    case malformed(String)
    /// More than is read: what, how many are, how many were found.
    case limit(what: String, limit: Int, found: Int)
    /// The version of the operators is none that we know; nil where the file states none.
    case opset(Int64?)
    /// A tensor whose numbers lie in another file.
    case externalData(tensor: String, location: String)
    /// A tensor whose type, shape or bytes do not fit each other.
    case tensor(name: String, String)
    /// Names that are missing, double or form a loop.
    case graph(String)
    /// Not exactly one input or one output.
    case ends(what: String, names: [String])
    /// A size of the input that the file leaves open; whether that is rows and columns alone.
    case dynamicSize(input: String, shape: [String], isSpatial: Bool)
    /// An input of other sizes than those that are asked for: rows and columns, or [C, H, W].
    case wrongSize(input: String, shape: [String], asked: [Int])
    /// An operator that is not known here.
    case unknownOperator(node: String, operator: String, why: String)
    /// An operator that is known, with settings or inputs that are not; what is expected and found.
    case unsupported(node: String, operator: String, expected: String, found: String)
    /// A node that does not fit its inputs.
    case misfit(node: String, operator: String, String)

    var sentence: String {
        switch self {
        case .notONNX(let kind):
            "it is \(kind?.rawValue ?? "no ONNX model"), expected an ONNX model (.onnx)"
        case .malformed(let words): "it is no sound ONNX model: \(words)"
        case .limit(let what, let limit, let found):
            "\(what): \(found), more than the \(limit) that are read"
        case .opset(nil): "it does not say which version of ONNX's operators it uses"
        case .opset(let version?):
            "it uses version \(version) of ONNX's operators (opset), expected "
                + "\(ONNXFile.opsets.lowerBound)…\(ONNXFile.opsets.upperBound)"
        case .externalData(let tensor, let location):
            "the numbers of tensor \(Self.quoted(tensor)) are in another file, "
                + "\(Self.quoted(location)), expected them in this one"
        case .tensor(let name, let words): "tensor \(Self.quoted(name)): \(words)"
        case .graph(let words): "its graph: \(words)"
        case .ends(let what, let names):
            "it has \(names.count) \(what)s"
                + (names.isEmpty
                    ? ""
                    : " (\(names.prefix(8).map(Self.quoted).joined(separator: ", "))"
                        + (names.count > 8 ? ", …)" : ")")) + ", expected one"
        case .dynamicSize(let input, let shape, _):
            "its input \(Self.quoted(input)) is \(Self.sizes(shape)): the size of an image is left open"
        case .wrongSize(let input, let shape, let asked):
            "its input \(Self.quoted(input)) is \(Self.sizes(shape)), which is no image of the size asked "
                + "for, \(asked)"
        case .unknownOperator(let node, let name, let why):
            "node \(Self.quoted(node)) is a \(Shown.start(name))\(why.isEmpty ? ", which is not known here" : ": \(why)"); "
                + "known: \(ImportOperators.names.joined(separator: ", ")); and of constants: "
                + FoldedOperators.names.joined(separator: ", ")
        case .unsupported(let node, let name, let expected, let found):
            "node \(Self.quoted(node)) (\(Shown.start(name))): expected \(expected), found \(found)"
        case .misfit(let node, let name, let words):
            "node \(Self.quoted(node)) (\(Shown.start(name))): \(words)"
        }
    }

    var remedy: String? {
        switch self {
        case .notONNX, .graph, .tensor, .misfit, .unsupported, .limit: nil
        case .malformed: "fetch or export it again"
        case .opset: "export it anew, with opset_version=17"
        case .externalData:
            "save it as one file: in Python, onnx.save(onnx.load(\"net.onnx\"), \"whole.onnx\")"
        case .ends(let what, _):
            "export the classifier alone: one batch of images in, one row of logits an image out"
                + (what == "output" ? " (onnx.utils.extract_model cuts a part out)" : "")
        case .dynamicSize(_, _, true): "say the size, as in SIZE=224"
        case .dynamicSize:
            "say the shape of an image, as in SET=\"fetch-mine-net.image=3,224,224\""
        case .wrongSize(_, _, let asked):
            asked.count == 3
                ? "leave the image's shape out, or say that of the file" : "leave SIZE out"
        case .unknownOperator(_, let name, _):
            ImportOperators.quantised.contains(name)
                ? "export the network before it is quantised"
                : ImportOperators.reason(name).isEmpty
                    ? nil : "give a classifier of images, as in MODEL=net.onnx"
        }
    }

    /// Sizes as the file has them: "[N, 3, H, W]".
    private static func sizes(_ words: [String]) -> String {
        "[\(words.map { Shown.start($0, 40) }.joined(separator: ", "))]"
    }

    /// A name from the file between quotation marks.
    static func quoted(_ name: String) -> String { "“\(Shown.start(name))”" }
}
