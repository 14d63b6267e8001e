// What can be wrong with what a report is told to show.

import Faults

/// A fault of the report's config, or of the tables that it shows.
enum VisualizeFault: Fault, Equatable {
    /// A part of a published table's file is not as it should be.
    case wrongTable(file: String, what: String, expected: String, found: String)
    /// A published table asks for a node that the experiment does not have.
    case foreignNode(file: String, node: String)
    /// The columns of the published table differ in length.
    case raggedTable(file: String, lengths: [Int])

    var message: String {
        switch self {
        case .wrongTable(let file, let what, let expected, let found):
            "\(file): \(what) should be \(expected), and found is \(found); correct the file"
        case .foreignNode(let file, let node):
            "\(file): there is no node \(node) in this experiment; "
                + "correct the file, or add pipeline/<experiment>/\(node).json"
        case .raggedTable(let file, let lengths):
            "\(file): the lists published_attacks, published_mean, published_max and "
                + "published_min have \(lengths.map(String.init).joined(separator: ", ")) entries; "
                + "they are the columns of one table, so give each the same number"
        }
    }
}
