// What can be wrong with labelled images.

import Faults
import Formats

/// Images and labels that do not make a data set.
public enum DatasetFault: Fault, Equatable {
    /// Images that are not [N, C, H, W].
    case wrongShape(dataset: String, found: [Int])
    /// Not one label an image.
    case unequalCounts(dataset: String, images: Int, labels: Int)
    /// A label that is no class.
    case wrongLabel(dataset: String, label: Int, index: Int, classes: Int)
    /// A list of class names that is not one.
    case wrongClasses(file: String)
    /// A file of class names that is not one.
    case wrongNames(file: String, found: String)
    /// A list of class names that is not one.
    case wrongList(file: String, found: String)
    /// A name that several classes have.
    case repeatedName(file: String, name: String, first: Int, second: Int)
    /// Fewer images than a sample is to have.
    case tooFew(dataset: String, wanted: Int, found: Int)

    /// One sentence: what, where, expected, found.
    public var message: String {
        switch self {
        case .wrongShape(let dataset, let found):
            "\(dataset): images have shape \(found), expected [N, C, H, W]."
        case .unequalCounts(let dataset, let images, let labels):
            "\(dataset): there are \(images) images but \(labels) labels; "
                + "the files do not belong together."
        case .wrongLabel(let dataset, let label, let index, let classes):
            "\(dataset): label \(label) of image \(index) is not a class, "
                + (classes > 0 ? "expected 0…\(classes - 1)." : "for the list of classes is empty.")
        case .wrongClasses(let file):
            "\(file): the metadata entry classes is not a list of names."
        case .wrongNames(let file, let found):
            "\(file): expected an object of names by number, {\"0\": …, \"1\": …}; found \(found)."
        case .wrongList(let file, let found):
            "\(file): expected the names of classes, one a line, or in JSON as [\"cat\", …] or "
                + "{\"0\": \"cat\", …}; found \(found)."
        case .repeatedName(let file, let name, let first, let second):
            "\(Shown.start(name)) is the name of class \(first) and of class \(second) in \(file); "
                + "call them by their numbers."
        case .tooFew(let dataset, let wanted, let found):
            "A sample of \(wanted) images was asked of \(dataset), which has \(found); "
                + "choose count 0…\(found)."
        }
    }
}
