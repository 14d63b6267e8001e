// What can go wrong before anything is certified.

import Faults

/// A certificate that cannot be asked for.
public enum CertificateFault: Fault, Equatable {
    /// A layer whose bounds are not known to hold.
    case noRule(layer: String, kind: String, method: CertificateMethod, known: [String])
    /// A claim about any order of summation, of a layer whose answers other runtimes round differently.
    case executedOnly(layer: String, kind: String)
    /// A ball that is not certified.
    case wrongBall(String)
    /// A radius that is none.
    case wrongEpsilon(Float, sample: Int)
    /// A resolution of the search that is none.
    case wrongResolution(Float)
    /// Not one label and one radius an image.
    case wrongCount(images: Int, labels: Int, epsilons: Int)
    /// A pixel outside [0, 1].
    case wrongPixel(Float, sample: Int)
    /// A network whose linear bounds need too much memory at once.
    case tooLarge(neurons: Int, most: Int)

    /// What, where, expected, found.
    public var message: String {
        switch self {
        case .noRule(let layer, let kind, let method, let known):
            "Layer \(layer) is a \(kind), for which \(method.rawValue) has no proven bound; known: "
                + known.joined(separator: ", ") + "."
        case .executedOnly(let layer, let kind):
            "Layer \(layer) is a \(kind), which other runtimes round in their own way: a certificate "
                + "can hold for the executed network only."
        case .wrongBall(let name):
            "There are certificates for the norms linf and l2, not for \(name)."
        case .wrongEpsilon(let epsilon, let sample):
            "Sample \(sample) has the radius \(epsilon); expected a finite number from 0."
        case .wrongResolution(let resolution):
            "The resolution of a search is \(resolution); expected a finite number above 0."
        case .wrongCount(let images, let labels, let epsilons):
            "There are \(images) images, \(labels) labels and \(epsilons) radii; expected one each."
        case .wrongPixel(let value, let sample):
            "Sample \(sample) has a pixel of \(value); expected 0…1."
        case .tooLarge(let neurons, let most):
            "The network has \(neurons) neurons; linear bounds are for at most \(most). Intervals "
                + "(the method ibp) have no such limit."
        }
    }
}
