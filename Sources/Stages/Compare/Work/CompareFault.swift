// What can keep two experiments from being compared.

import Faults

/// A fault of a comparison.
enum CompareFault: Fault, Equatable {
    /// The samples of the sides are of other data.
    case otherData(a: [String], b: [String])
    /// No image, norm or budget is shared; why, in sentences.
    case nothingShared([String], leftOut: Int)

    var message: String {
        switch self {
        case .otherData(let a, let b):
            "A attacked images of \(a.joined(separator: ", ")), and B of \(b.joined(separator: ", ")): "
                + "no image is on both sides"
        case .nothingShared(let why, let leftOut):
            "A and B have nothing that can be compared: " + why.joined(separator: "; ")
                + (leftOut > 0
                    ? "; \(leftOut) images of the same number and label are not the same picture"
                    : "")
        }
    }

    var remedy: String? {
        switch self {
        case .otherData: "name two experiments on one data set: `make compare A=mnist B=original`"
        case .nothingShared:
            "give both sides an attack of the same norm on the same sample, and one ε in common, such as "
                + "`make attack-fgsm SET=attack-fgsm.epsilons=0.1` (and EXPERIMENT=, ARTIFACTS= of that side)"
        }
    }
}
