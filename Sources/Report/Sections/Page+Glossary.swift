// The words of the field, for those who meet them here first.

extension Page {
    /// A list of terms.
    var glossary: Markup {
        tag("dl", ["class": "glossary"]) {
            for (term, meaning) in Page.terms {
                tag("div") {
                    tag("dt") { term }
                    tag("dd") { meaning }
                }
            }
        }
    }

    private static let terms = [
        (
            "Perturbation, noise",
            "The adversarial image minus the original, pixel by pixel. Black is 0 and white is 1, so a "
                + "perturbation of 0.1 is a tenth of the way from one to the other."
        ),
        (
            "ε (epsilon)",
            "The size that a perturbation may have, in the norm of the attack. In L∞, the most that "
                + "any one pixel may change."
        ),
        (
            "L₀, L₁, L₂, L∞",
            "Four ways to measure a perturbation: how many pixels change; the sum of all changes; the "
                + "square root of the sum of their squares; the largest of them."
        ),
        (
            "Attack with a budget, attack for the least change",
            "The first is given ε and may use all of it; the second looks for the smallest perturbation "
                + "that does, image by image, and is judged by the sizes that it finds."
        ),
        (
            "White box, black box, transfer",
            "With the network’s gradients at hand; with its answers or scores alone; with neither, using "
                + "images made for another network."
        ),
        (
            "Targeted, untargeted",
            "A targeted attack must reach one given class; an untargeted one is content with any wrong "
                + "answer."
        ),
        (
            "Confidence",
            "The softmax probability of the answer. Networks are often sure when they are wrong, so it "
                + "is no measure of truth."
        ),
        (
            "Cross-entropy",
            "The loss that training makes small: minus the natural logarithm of the probability given to "
                + "the true class, in nats. A network that spreads its bets over ten classes scores 2.3."
        ),
        (
            "Gradient",
            "For each pixel, how fast the loss changes when that pixel does. One backward pass gives all "
                + "of them at once."
        ),
        (
            "Forward pass, backward pass",
            "One run of an image through the network, and one run back for the gradient."
        ),
        (
            "FLOP",
            "One floating-point addition or multiplication. A fused multiply-add counts as two."
        ),
        (
            "Success rate, accuracy left",
            "Of the images read correctly before the attack, the share on which it reached its goal; and "
                + "of all images, the share still read correctly afterwards."
        ),
        (
            "8-bit rounding",
            "A picture file holds 256 levels a channel. Rounding an adversarial image to them can undo "
                + "what the attack did, so success is counted again on the rounded image."
        ),
        (
            "Digest",
            "The SHA-256 hash of a file’s bytes: 64 hexadecimal digits that change if any bit does."
        ),
    ]
}
