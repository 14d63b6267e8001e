// What can go wrong with a network that comes from outside or is being trained.

import Faults

/// A network that cannot be built, loaded or trusted.
public enum NetworkFault: Fault, Equatable {
    /// No architecture of this name.
    case unknownArchitecture(String, known: [String])
    /// A layer that cannot take what the layer before it gives.
    case misfit(architecture: String, layer: String, expected: String, found: String)
    /// A layer that is written down otherwise than its kind is.
    case wrongForm(layer: String, word: String, what: String)
    /// Weights that do not fit the architecture: all of them at once.
    case wrongParameters(
        architecture: String, missing: [String], unexpected: [String], misshaped: [Misshaped])
    /// Images of another shape than the network takes.
    case wrongImages(architecture: String, expected: [Int], found: [Int])
    /// A NaN or an infinity.
    case notFinite(place: String, value: Float, sample: Int)
    /// A label outside the classes.
    case wrongLabel(Int, sample: Int, classes: Int)
    /// A network whose answers depend on no pixel, where a gradient at the pixels is asked for.
    case noPixelGradient(architecture: String)
    /// A layer that no rule leads intervals through.
    case noIntervals(architecture: String, layer: String, kind: String, known: [String])
    /// Training that has left the numbers.
    case diverged(epoch: Int, step: Int, cause: String)

    /// A parameter of another shape than the architecture's.
    public struct Misshaped: Equatable, Sendable {
        /// The parameter, such as "fc1.weight".
        public var name: String
        /// The architecture's shape.
        public var expected: [Int]
        /// The shape it has.
        public var found: [Int]

        /// Names a parameter and its two shapes.
        public init(name: String, expected: [Int], found: [Int]) {
            (self.name, self.expected, self.found) = (name, expected, found)
        }
    }

    /// Names from a file of others as they may stand in a message: printable, and not without end.
    private static func shown(_ names: [String]) -> String {
        let most = 400
        let clean = names.prefix(most).map { name in
            let letters = name.unicodeScalars.prefix(80)
                .map { (" "..."~").contains($0) ? Character($0) : "?" }
            return String(letters) + (name.unicodeScalars.count > 80 ? "…" : "")
        }
        let left = names.count - clean.count
        return clean.joined(separator: ", ") + (left > 0 ? " and \(left) more" : "")
    }

    /// One or two sentences: what, where, expected, found.
    public var message: String {
        switch self {
        case .unknownArchitecture(let name, let known):
            return "There is no architecture “\(name)”; known: \(known.joined(separator: ", "))."
        case .misfit(let architecture, let layer, let expected, let found):
            return "\(architecture): layer \(layer) takes \(expected); found \(found)."
        case .wrongForm(let layer, let word, let what):
            return "Layer \(layer) (\(word)): \(what)."
        case .wrongParameters(let architecture, let missing, let unexpected, let misshaped):
            var parts: [String] = []
            if !missing.isEmpty { parts.append("missing: \(missing.joined(separator: ", "))") }
            if !unexpected.isEmpty { parts.append("unexpected: \(Self.shown(unexpected))") }
            parts += misshaped.map { "\($0.name) has shape \($0.found), expected \($0.expected)" }
            return "The weights are not those of \(architecture): \(parts.joined(separator: "; "))."
        case .wrongImages(let architecture, let expected, let found):
            return "\(architecture) takes images of shape \(expected), found \(found)."
        case .notFinite(let place, let value, let sample):
            return
                "\(place) gave \(value) for sample \(sample); the network's numbers must be finite."
        case .wrongLabel(let label, let sample, let classes):
            return "Sample \(sample) has label \(label), expected 0…\(classes - 1)."
        case .noPixelGradient(let architecture):
            return "\(architecture): no answer depends on a pixel, so there is no gradient for a "
                + "robust training to follow. Leave robust out of the config, or give layers that "
                + "read the image."
        case .noIntervals(let architecture, let layer, let kind, let known):
            return
                "\(architecture): layer \(layer) is a \(kind), which training by intervals has no "
                + "rule for; it knows \(known.joined(separator: ", ")), one after the other. Set "
                + "robust.method to pgd or trades, or take other layers."
        case .diverged(let epoch, let step, let cause):
            return "Training diverged in epoch \(epoch), step \(step): \(cause) "
                + "Try a smaller learning_rate."
        }
    }
}
