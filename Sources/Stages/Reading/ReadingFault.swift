// What can be wrong with the artifacts that a page is made of.

import Faults

/// A fault of an artifact that is read for a page.
package enum ReadingFault: Fault, Equatable {
    /// A part of an artifact is not what its schema says.
    case malformed(file: String, what: String, expected: String, found: String)
    /// An attack was run on a sample that the experiment does not have.
    case foreignSample(file: String, sample: String, known: [String])

    package var message: String {
        switch self {
        case .malformed(let file, let what, let expected, let found):
            "\(file): \(what) should be \(expected), and is \(found); "
                + "make the artifact again, or report a fault of the stage that wrote it"
        case .foreignSample(let file, let sample, let known):
            "\(file) was made from \(sample), which is no sample of this experiment "
                + "(\(known.isEmpty ? "it has none" : known.joined(separator: ", "))); "
                + "run the attack again on one of its samples"
        }
    }
}
