// Attacks that cannot be run as asked.

import Faults

/// A combination of settings that an attack refuses, before any work.
public enum AttackFault: Fault, Equatable {
    /// No attack of this name.
    case unknownAttack(String, known: [String])
    /// No goal of this name.
    case unknownGoal(String)
    /// The goal “fixed” with no class, or one that does not exist.
    case wrongTarget(Int?, classes: Int)
    /// A class for a goal that chooses its own.
    case targetWithoutFixedGoal(Int, goal: String)
    /// No budgets for an attack that needs them.
    case needsEpsilons(attack: String)
    /// Budgets for an attack that looks for the least perturbation.
    case takesNoEpsilons(attack: String)
    /// A norm that the attack does not work in.
    case wrongNorm(attack: String, norm: String, known: [String])
    /// A goal that the attack cannot follow.
    case wrongGoal(attack: String, goal: String, known: [String])
    /// Several tries of an attack that draws nothing at random.
    case restartsOfNothingRandom(attack: String)
    /// A budget larger than the box, negative or not a number.
    case wrongEpsilon(Float, norm: String, expected: ClosedRange<Float>)
    /// Settings, a model or images that the attack refuses, in a sentence of its own.
    case impossible(attack: String, String)
    /// Images outside [0, 1].
    case pixelOutside(value: Float, sample: Int)
    /// A mask or bounds for images of another size.
    case wrongLimits(count: Int, imageShape: [Int])
    /// A mask that lets no pixel change.
    case nothingMayChange
    /// Arrays that do not belong together.
    case unequalCounts(images: Int, labels: Int, keys: Int)

    /// An attack whose results belong to a set of samples, inside another one.
    case dependsOnCompany(attack: String)
    /// An attack that has left a sample out: a mistake in the attack.
    case undelivered(attack: String, sample: Int, epsilon: Int)

    /// One or two sentences: what, expected, found.
    public var message: String {
        switch self {
        case .unknownAttack(let name, let known):
            "There is no attack “\(name)”; known: \(known.joined(separator: ", "))."
        case .unknownGoal(let name):
            "There is no goal “\(name)”; known: \(Goal.names.joined(separator: ", "))."
        case .wrongTarget(let target, let classes):
            target.map { "target: \($0) is not a class; expected 0…\(classes - 1)." }
                ?? "The goal “fixed” needs a class: add \"target\", 0…\(classes - 1)."
        case .targetWithoutFixedGoal(let target, let goal):
            "target: \(target) was given, but the goal “\(goal)” chooses its own classes; "
                + "leave it out or set \"goal\" to \"fixed\"."
        case .needsEpsilons(let attack):
            "\(attack) needs at least one epsilon: add \"epsilons\", for example [0.1]."
        case .takesNoEpsilons(let attack):
            "\(attack) looks for the least perturbation by itself and takes no epsilons; "
                + "leave \"epsilons\" out."
        case .wrongNorm(let attack, let norm, let known):
            "\(attack) does not work in the norm \(norm); expected \(known.joined(separator: " or "))."
        case .wrongGoal(let attack, let goal, let known):
            "\(attack) cannot follow the goal “\(goal)”; expected \(known.joined(separator: " or "))."
        case .restartsOfNothingRandom(let attack):
            "\(attack) draws nothing at random, so that every restart would give the same; "
                + "leave \"restarts\" out."
        case .wrongEpsilon(let value, let norm, let expected):
            "An epsilon of \(value) makes no sense in the norm \(norm); expected "
                + "\(expected.lowerBound)…\(expected.upperBound)."
        case .impossible(let attack, let reason):
            "\(attack): \(reason)"
        case .pixelOutside(let value, let sample):
            "Sample \(sample) has a pixel of \(value); pixels must be in 0…1."
        case .wrongLimits(let count, let shape):
            "Mask or bounds are for \(count) values, and an image is \(shape), of "
                + "\(shape.reduce(1, *)) values."
        case .nothingMayChange:
            "The mask lets no pixel change, so there is nothing to attack with; expected at least one "
                + "white pixel, or a 1."
        case .dependsOnCompany(let attack):
            "\(attack) makes one perturbation for all images, so it cannot serve for single ones within "
                + "another attack; take one that works image by image, such as pgd."
        case .undelivered(let attack, let sample, let epsilon):
            "\(attack) handed in nothing for sample \(sample) and epsilon number \(epsilon + 1); "
                + "an attack must deliver a proposal for every sample that it takes."
        case .unequalCounts(let images, let labels, let keys):
            "There are \(images) images, \(labels) labels and \(keys) indices; expected equal counts."
        }
    }
}
