// The setting `robust` of a training: its methods and their keys.

import Artifacts
import Formats
import StageKit

extension TrainStage {
    /// Left out of a config that does not give it, as of all that were written before there was one.
    static let robust = Parameter(
        "robust",
        .variants(
            by: "method",
            [
                Parameter.Variant(
                    "none", test(epsilon: nil), help: "the images as they are, tested all the same"),
                Parameter.Variant(
                    "fgsm",
                    [
                        epsilon,
                        Parameter(
                            "step_size", .number(above0), default: .null, unit: "pixels, 0…1",
                            help: "how far the step goes; default: 1.25 epsilon"),
                    ] + test(epsilon: "epsilon"),
                    help: "one step from a random point of the ball (Wong, Rice and Kolter 2020)"),
                Parameter.Variant(
                    "pgd",
                    [
                        epsilon, steps, stepSize,
                        Parameter(
                            "random_start", .flag, default: true,
                            help: "begin at a random point of the ball, not at the image"),
                    ] + test(epsilon: "epsilon"),
                    help: "steps that raise the cross-entropy (Madry and others 2018)"),
                Parameter.Variant(
                    "trades",
                    [
                        epsilon, steps, stepSize,
                        Parameter(
                            "beta", .number(0...1e6), default: 1,
                            help:
                                "weight of the divergence of the answers to moved images from those to "
                                + "the images themselves"),
                        Parameter(
                            "start_deviation", .number(0...1), default: 0.001, unit: "pixels, 0…1",
                            help: "deviation of the normal noise that the steps begin with"),
                    ] + test(epsilon: "epsilon"),
                    help: "steps that raise the divergence (Zhang and others 2019)"),
                Parameter.Variant(
                    "gaussian",
                    [
                        Parameter(
                            "sigma", .number(1e-6...1e3), unit: "pixels, 0…1",
                            help: "deviation of the noise on every pixel of every batch")
                    ] + test(epsilon: nil),
                    help: "normal noise, for smoothing (Cohen, Rosenfeld and Kolter 2019)"),
                Parameter.Variant(
                    "ibp",
                    [
                        epsilon,
                        Parameter(
                            "kappa", .number(0...1), default: 0.5,
                            help:
                                "weight of the image itself after the ramp; the rest is that of the worst "
                                + "logits within intervals"),
                        Parameter(
                            "warm_up", .number(0...100_000), default: 0, unit: "epochs",
                            help: "epochs before epsilon begins to grow and kappa to fall, from 1"),
                        Parameter(
                            "ramp", .number(0...100_000), default: 0, unit: "epochs",
                            help: "epochs that this takes; fractions are fine"),
                        Parameter(
                            "first_weights", .choice(["plain", "intervals"]), default: "plain",
                            help:
                                "intervals: drawn so that the widths of intervals stay as they are from "
                                + "layer to layer (Shi and others 2021)"),
                    ] + test(epsilon: "epsilon"),
                    help: "interval bounds (Gowal and others 2018)"),
            ]),
        default: .null, isLeftOut: true,
        help:
            "how the network is made to resist small changes of its images, an object with a method; "
            + "default: not at all")

    private static let above0 = 1e-6...1.0

    private static let epsilon = Parameter(
        "epsilon", .number(above0), unit: "pixels, 0…1",
        help: "how far any pixel may be moved, as 0.3 or \"8/255\"")

    private static let steps = Parameter(
        "steps", .integer(1...10_000), default: 40, help: "steps that every image makes")

    private static let stepSize = Parameter(
        "step_size", .number(above0), default: .null, unit: "pixels, 0…1",
        help: "how far a step goes; default: 2.5 epsilon / steps")

    /// What is measured after each epoch.
    private static func test(epsilon: String?) -> [Parameter] {
        [
            Parameter(
                "test_epsilon", .number(above0), default: .null, unit: "pixels, 0…1",
                help:
                    "how far pixels are moved when robust accuracy is measured after an epoch, by "
                    + "PGD from a random point; default: "
                    + (epsilon ?? "it is not measured")),
            Parameter(
                "test_images", .integer(0...1_000_000), default: 1000, unit: "images",
                help: "on so many of the first test images; with 0 it is not measured"),
            Parameter(
                "test_steps", .integer(1...10_000), default: 20,
                help: "in so many steps of 2.5 test_epsilon / test_steps"),
        ]
    }
}
