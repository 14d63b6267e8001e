// The attacks whose words do not depend on how they were run: a heading, a short name, a sentence or
// two, and a formula where a short one says more.

/// What the page says of a method.
struct AttackWords {
    /// The heading, and a name short enough for a table.
    let title: String, short: String
    /// How it works.
    let text: String
    /// The step as a formula, stars around its symbols, and the same for those who hear it.
    let formula: (written: String, spoken: String)?

    private init(
        _ title: String, _ short: String, _ text: String,
        _ formula: (written: String, spoken: String)? = nil
    ) {
        (self.title, self.short, self.text, self.formula) = (title, short, text, formula)
    }

    /// The words by method.
    static let all = gradient.merging(least) { $1 }.merging(blind) { $1 }

    // MARK: Gradient steps within a budget

    private static let gradient: [String: AttackWords] = [
        "fgm": AttackWords(
            "Fast gradient method", "FGM",
            "One step, as in the fast gradient sign method, but measured in L₁ or L₂. In L₂ it follows the "
                + "gradient itself and has length ε; in L₁ the whole budget goes to the pixels that matter "
                + "most."),
        "r-fgsm": AttackWords(
            "Fast gradient sign with a random start", "R-FGSM",
            "A random step first, then one along the sign of the gradient as it is there, and the sum is "
                + "brought back to within ε. The start leads away from a spot where the gradient may be flat "
                + "or misleading."),
        "bim": AttackWords(
            "Basic iterative method", "BIM",
            "The fast gradient sign method in small steps: after each, the gradient is asked anew, and "
                + "whatever strays further than ε from the image is brought back.",
            (
                "*x*′ ← project( *x*′ + α · sign *g* )",
                "x prime becomes the projection of x prime plus alpha times the sign of g"
            )),
        "mi-fgsm": AttackWords(
            "Momentum iterative method", "MI-FGSM",
            "Small sign steps along a running sum of normalised gradients, so that the direction does not "
                + "flip at every bump. Images made this way fool other networks more often.",
            (
                "*m* ← μ · *m* + *g* / mean|*g*|,  *x*′ ← project( *x*′ + α · sign *m* )",
                "m becomes mu times m plus g over the mean of its sizes; x prime becomes the projection of x prime plus alpha times the sign of m"
            )),
        "ni-fgsm": AttackWords(
            "Nesterov iterative method", "NI-FGSM",
            "The momentum method with a look ahead: the gradient is taken where the momentum is about to "
                + "lead, which corrects the direction before the step and not after it."),
        "di-fgsm": AttackWords(
            "Diverse inputs method", "DI-FGSM",
            "Small sign steps, where the image is often made smaller and moved about at random before the "
                + "gradient is asked, so that the change does not lean on one exact alignment of pixels."
        ),
        "ti-fgsm": AttackWords(
            "Translation-invariant method", "TI-FGSM",
            "Small sign steps, with each gradient smoothed over neighbouring pixels, which stands for "
                + "asking about many shifted copies of the image at once."),
        "apgd-ce": AttackWords(
            "Auto-PGD on the cross-entropy", "APGD-CE",
            "Projected steps with momentum that choose their own length: they begin at 2ε, and when the "
                + "loss stops growing the step is halved and the search goes on from the best point so far. "
                + "There is nothing to tune but the number of steps."),
        "apgd-dlr": AttackWords(
            "Auto-PGD on the difference of logits ratio", "APGD-DLR",
            "The same search on another loss: the lead of the true class over the best other one, divided "
                + "by the spread of the logits. Scaling the network’s output cannot hide its gradient.",
            (
                "DLR = −( *z*[y] − max *z*[other] ) / ( *z*[1st] − *z*[3rd] )",
                "minus the logit of the true class less the largest other, over the largest logit less the third largest"
            )),
        "apgd-targeted": AttackWords(
            "Targeted Auto-PGD", "APGD-T",
            "Auto-PGD aimed in turn at each of the classes that the network thinks most likely after the "
                + "true one; the first to succeed counts."),
        "autoattack": AttackWords(
            "AutoAttack", "AutoAttack",
            "Four attacks one after the other, each only on the images that still stand: Auto-PGD on the "
                + "cross-entropy, targeted Auto-PGD, targeted FAB, and Square, which needs no gradient. "
                + "Its parts keep their authors’ settings, so that results of different people can be "
                + "compared as long as steps, queries and targets are the standard 100, 5,000 and 9. The "
                + "table of winners says which part broke how many."),
        "universal": AttackWords(
            "Universal perturbation", "Universal",
            "One and the same perturbation for all images, found by following the sum of their gradients, "
                + "batch by batch and for several rounds, where images whose loss is large already pull no "
                + "more; the round after which the most images are fooled counts."),
    ]

    // MARK: The least change

    private static let least: [String: AttackWords] = [
        "least-epsilon": AttackWords(
            "Least ε by bisection", "Least ε",
            "An attack with a budget is run with ε doubled until it succeeds, and then the gap between "
                + "the last failure and the least success is halved again and again, image by image."
        ),
        "lbfgs": AttackWords(
            "Box-constrained L-BFGS", "L-BFGS",
            "The first attack of all: find the nearest image, in L₂, of another class. A quasi-Newton "
                + "method that keeps every pixel between black and white minimises distance and loss "
                + "together, and bisection finds the least weight c of the loss that works. Where any wrong "
                + "answer will do, the target is the likeliest other class of the untouched image.",
            (
                "minimise  ‖*r*‖² + *c* · CE( *f*(*x* + *r*), *t* ),  0 ≤ *x* + *r* ≤ 1",
                "minimise the squared norm of r plus c times the cross-entropy of f of x plus r with "
                    + "the target t, within zero and one"
            )),
        "cw-l2": AttackWords(
            "Carlini and Wagner, L₂", "C&W L₂",
            "Adam minimises the squared distance plus c times how far a wrong answer is from "
                + "leading, over a variable w with x′ = (tanh w + 1) / 2, so that no pixel can "
                + "leave its range. As long as nothing works c grows tenfold; then bisection looks for the "
                + "least c that does, image by image.",
            (
                "minimise  ‖*x*′ − *x*‖² + *c* · max( *z*[y] − max *z*[other], −κ )",
                "minimise the squared distance plus c times the lead of the true logit over the largest other, at least minus kappa"
            )),
        "cw-l0": AttackWords(
            "Carlini and Wagner, L₀", "C&W L₀",
            "The descent of the L₂ attack again and again: after each success the third of the changed "
                + "values that matters least is put back to the original for good, until no descent succeeds "
                + "with fewer changed values, however large c."),
        "cw-linf": AttackWords(
            "Carlini and Wagner, L∞", "C&W L∞",
            "Only what exceeds a threshold τ is penalised, and after every success the threshold is lowered "
                + "to a share of the largest change: that shrinks until the attack fails even with the "
                + "largest weight c."),
        "ead": AttackWords(
            "Elastic-net attack", "EAD",
            "Carlini and Wagner’s objective with an L₁ term besides: shrinkage steps set small changes to "
                + "exactly zero, so that few pixels carry the perturbation.",
            (
                "minimise  *c* · *loss* + ‖*r*‖₂² + β · ‖*r*‖₁",
                "minimise c times the loss plus the squared L2 norm of r plus beta times its L1 norm"
            )),
        "deepfool": AttackWords(
            "DeepFool", "DeepFool",
            "The network is replaced by its tangent at the image. For a linear network the nearest border "
                + "to another class has a formula; the image steps just across it, and this is "
                + "repeated until the real answer changes."),
        "jsma": AttackWords(
            "Jacobian saliency map attack", "JSMA",
            "From the derivatives of the logits by every pixel it picks the pair of pixels that best raises "
                + "the wanted class while lowering the sum of the others, moves both by θ, and starts over: "
                + "few pixels change, but with the usual θ of 1 those change altogether. Where any wrong "
                + "answer will do, the wanted class is the likeliest other one."),
        "ddn": AttackWords(
            "Decoupled direction and norm", "DDN",
            "Gradient steps on a sphere around the image. After each step the sphere shrinks a little if "
                + "the image is adversarial and grows a little if not, so it closes in on the border.",
            ("ε ← ε · (1 ∓ γ)", "epsilon becomes epsilon times one minus or plus gamma")),
        "fmn": AttackWords(
            "Fast minimum-norm attack", "FMN",
            "As in DDN a ball around the image shrinks after a success and grows after a failure, in any "
                + "of the norms L₀, L₁, L₂ and L∞, by amounts that fade as the steps go on. Until the first "
                + "success its radius is a first-order estimate of how far the border is: the lead of the "
                + "true class over the size of its gradient, and a hundredth more (in L₀ it grows by "
                + "single values)."),
        "fab": AttackWords(
            "Fast adaptive boundary attack", "FAB",
            "Each step goes to the nearest point of the linearised border that lies within the pixel range, "
                + "drawn back towards the original, and every success is followed by a step back, "
                + "so that the image creeps along the border to where it is closest."),
        "fab-targeted": AttackWords(
            "Targeted fast adaptive boundary attack", "FAB-T",
            "FAB on the border to one class at a time, for the classes most likely after the true one; the "
                + "nearest success counts. One difference of logits takes the place of all classes."
        ),
        "spatial": AttackWords(
            "Rotation and translation", "Spatial",
            "The image is turned and shifted a little, from the smallest change on a grid to the largest, "
                + "until the answer changes. To a person that is hardly a change; pixel by pixel it is a "
                + "large one."),
    ]

    // MARK: Without gradients

    private static let blind: [String: AttackWords] = [
        "square": AttackWords(
            "Square attack", "Square",
            "Random search that sees only the network’s scores: squares of random place and colour are "
                + "tried and kept if they bring another class nearer; the squares shrink as time goes on."
        ),
        "uniform-noise": AttackWords(
            "Uniform random noise", "Uniform noise",
            "A baseline, not an attack. What this cannot do and an attack of the same size can is owed to "
                + "the direction, not to the size."),
        "gaussian-noise": AttackWords(
            "Gaussian random noise", "Gaussian noise",
            "A baseline, not an attack: noise in a random direction, with length ε until it is cut off at "
                + "black and white. On an image of n pixels that is normally distributed noise with a "
                + "standard deviation of about ε/√n."),
        "salt-and-pepper": AttackWords(
            "Salt and pepper", "Salt & pepper",
            "A baseline, not an attack: more and more pixels, in a random order, are set to black or white "
                + "until the answer changes, and then bisection finds the least number of the same order "
                + "that does."),
        "hop-skip-jump": AttackWords(
            "HopSkipJump", "HopSkipJump",
            "Sees only the answers. From an image that is wrong already it walks to the border by "
                + "bisection, guesses the border’s direction there from many random probes, and jumps along it."
        ),
        "boundary": AttackWords(
            "Boundary attack", "Boundary",
            "Sees only the answers. A random walk along the border between right and wrong, from a far "
                + "image towards the original; steps that would make the answer right again are not taken."
        ),
        "one-pixel": AttackWords(
            "One-pixel attack", "One pixel",
            "Differential evolution: a crowd of candidates, each a place and a value for one pixel (or a "
                + "few), breeds better ones from differences between its members."),
        "spsa": AttackWords(
            "SPSA", "SPSA",
            "Sees only the scores. The gradient is estimated from pairs of scores at random points on either "
                + "side of the image, and then followed as if it were the real one.",
            (
                "*g* ≈ mean of ( *L*(*x* + δ*v*) − *L*(*x* − δ*v*) ) / 2δ · *v*",
                "g is about the mean of the difference of losses at x plus and minus delta v, over two delta, times v"
            )),
    ]
}
