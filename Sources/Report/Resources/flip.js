// The flip point: the ε at which an attack first changes the answer to an image.
//
// What that means depends on the attack, and `kind` of the result says which it is:
//   "direction"  fgsm: along the signs of the one gradient, the first of 255 equal steps from 0 to 1 that
//                reaches the goal, then bisection within that step;
//   "budget"     pgd, uniform-noise: ε is doubled from a 64th of the norm's largest until the attack with the
//                budget ε succeeds (within all its tries), then bisected;
//   "distance"   noise-sgd, deepfool: there is no budget; it is the distance of what the attack has found.
// Bisection goes down to the last float: with the budget ε the attack succeeds, with the float just below it
// does not, and `stage-attack` says the same of both. Success need not rise with ε, so that there may be
// smaller ε that succeed too; least is meant in the sense of this search.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});
    const { ball, driver, threat } = Mirage;

    const asFloat = new Float32Array(1);
    const asBits = new Uint32Array(asFloat.buffer);

    /** A float from 0 up as a whole number, in the same order, and back. */
    const bitsOf = (value) => {
        asFloat[0] = value;
        return asBits[0];
    };
    const floatOf = (bits) => {
        asBits[0] = bits;
        return asFloat[0];
    };

    /** Below this halving a budget is not worth a run of the attack each time; floats are counted instead. */
    const SMALL = 2 ** -20;

    /**
     * The last float by bisection: `*reaches(ε)` is false at `low` and true at `high`.
     *
     * @returns [the largest float that was found to fail, the next one, which succeeds].
     */
    function* bisected(low, high, reaches) {
        while (bitsOf(high) - bitsOf(low) > 1) {
            const middle = low === 0 && high > SMALL ? high / 2 : floatOf((bitsOf(low) + bitsOf(high)) >>> 1);
            if (yield* reaches(middle)) high = middle;
            else low = middle;
        }
        return [low, high];
    }

    const COARSE_STEPS = 255;

    /** [fails, succeeds] along the signs of the one gradient of fgsm; null where no ε up to 1 does. */
    function* alongSigns(network, config, sample) {
        let found = null;
        // An attack as the driver knows them, so that labels and targets are those of the record.
        const search = {
            ...Mirage.catalogue.fgsm,
            *run(run) {
                const { oracle, image } = run;
                const gradient = oracle.gradient(driver.lossGradient(oracle.logits(image), run.lossClass));
                yield;
                const reaches = function* (epsilon) {
                    const moved = Mirage.alongSigns(run, gradient, epsilon);
                    ball.project("linf", moved, image, epsilon);
                    const isReached = run.isFooled(oracle.answer(moved));
                    yield;
                    return isReached;
                };
                for (let step = 1, low = 0; step <= COARSE_STEPS && found === null; step++) {
                    const high = Math.fround(step / COARSE_STEPS);
                    if (yield* reaches(high)) found = yield* bisected(low, high, reaches);
                    low = high;
                }
                return { images: [image], iterations: 1 };
            },
        };
        yield* driver.drive(search, network, { ...config, epsilons: [0] }, sample);
        return found;
    }

    /** [fails, succeeds] over the budgets of an attack; null where the norm's largest fails too. */
    function* overBudgets(method, network, config, sample) {
        const { norm } = threat.of(Mirage.catalogue[method], { ...config, epsilons: [0] }, network);
        const most = threat.largestBudget(norm, sample.image.length);
        const reaches = function* (epsilon) {
            const record = yield* Mirage.attack(method, network, { ...config, epsilons: [epsilon] }, sample);
            return record.levels[0].success;
        };
        let low = 0;
        let high = Math.fround(most / 64);
        while (!(yield* reaches(high))) {
            if (high === most) return null;
            low = high;
            high = Math.min(most, 2 * high);
        }
        return yield* bisected(low, high, reaches);
    }

    /** Of a search's record what the page shows. */
    function summary(kind, record, epsilon, below) {
        const [level] = record.levels;
        return {
            kind, epsilon, below, isEligible: record.isEligible, label: record.label, target: record.target,
            image: level.adversarial, class: level.finalClass, confidence: level.finalConfidence,
            probabilities: level.probabilities, l0: level.l0, l1: level.l1, l2: level.l2, linf: level.linf,
        };
    }

    /**
     * Looks for the flip point of an image; a generator that yields [steps done, at most so many or null].
     *
     * @param config As for `Mirage.attack`; its own epsilons count for nothing.
     * @returns { kind, epsilon, below, isEligible, label, target, image, class, confidence, probabilities,
     *     l0, l1, l2, linf }: the record at ε, and `below`, the float before ε, with which the attack fails.
     *     Epsilon is null where nothing succeeds, and where the image is not attacked at all (`isEligible`).
     * @throws Mirage.Unsupported; RangeError for what is out of its range.
     */
    function* flip(method, network, config, sample) {
        const attack = Mirage.named(method);
        if (attack.budget === "least") {
            const record = yield* Mirage.attack(method, network, { ...config, epsilons: [] }, sample);
            const { norm } = threat.of(attack, { ...config, epsilons: [] }, network);
            const [level] = record.levels;
            return summary("distance", record, level.success ? level[norm] : null, null);
        }
        const isAlong = attack.budget === "shared";
        const own = isAlong ? { ...config, least_epsilon: false } : config;
        const at = (epsilon) => Mirage.attack(method, network, { ...own, epsilons: [epsilon] }, sample);
        const kind = isAlong ? "direction" : "budget";
        const untouched = yield* at(0);
        if (!untouched.isEligible) return summary(kind, untouched, null, null);
        const search = isAlong ? alongSigns(network, own, sample) : overBudgets(method, network, own, sample);
        const found = yield* counted(search);
        if (found === null) return summary(kind, untouched, null, null);
        const [below, epsilon] = found;
        return summary(kind, yield* at(epsilon), epsilon, below);
    }

    /** Counts the steps of a search, whose end is not known. */
    function* counted(steps) {
        for (let done = 1; ; done++) {
            const { done: isOver, value } = steps.next();
            if (isOver) return value;
            yield [done, null];
        }
    }

    Mirage.flip = flip;
})();
