// The driver of Sources/Attacks/Driver for one image: an attack proposes, the driver projects onto the
// ball, judges with a fresh pass, measures and keeps the books. What it records is what `stage-attack`
// records, to the bit; nothing there depends on which other images are attacked.
//
// An attack is a generator, so that whoever runs it can stop between any two steps. It yields only where
// the network's last pass is of no more use to it: other work may use the network before it goes on.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});
    const { ball, threat } = Mirage;

    const events = { none: 0, gradientVanished: 1, randomDirection: 2, notANumber: 3 };

    const isFinite = (values) => values.every(Number.isFinite);

    /**
     * The gradient of the cross-entropy of a class: p_j, and −Σ of the other p at the class itself, which
     * is softmax − onehot written so that it does not round to 0.
     */
    function lossGradient(logits, target) {
        const gradient = Mirage.arithmetic.softmax(logits);
        let others = 0;
        for (let j = 0; j < gradient.length; j++) {
            if (j !== target) others = Math.fround(others + gradient[j]);
        }
        gradient[target] = -others;
        return gradient;
    }

    /** A network that counts its passes, and stops what is not a number. */
    class Oracle {
        forwardPasses = 0;
        backwardPasses = 0;
        zeroGradients = 0;
        /** Forward passes beside those of the budgets. */
        aside = 0;
        event = events.none;
        #network;
        #standing;

        /** `standing` is a class with which the sample stands: what is said where there is no number. */
        constructor(network, standing) {
            this.#network = network;
            this.#standing = standing;
        }

        /** The logits of an image; 2¹⁰⁰ for a class that is no success where they are not finite. */
        logits(image, isAside = false) {
            const logits = this.#network.logits(image).slice();
            if (isAside) this.aside += 1;
            else this.forwardPasses += 1;
            if (isFinite(logits)) return logits;
            logits.fill(0);
            if (this.#standing < logits.length) logits[this.#standing] = 2 ** 100;
            this.event = Math.max(this.event, events.notANumber);
            return logits;
        }

        /** The class that is answered; of equal logits the first. */
        answer(image, isAside = false) {
            return Mirage.arithmetic.argmax(this.logits(image, isAside));
        }

        /** The gradient at the pixels of the last image, from one at its logits. */
        gradient(atLogits) {
            const gradient = this.#network.pixelGradient(atLogits).slice();
            this.backwardPasses += 1;
            if (!isFinite(gradient)) {
                gradient.fill(0);
                this.event = Math.max(this.event, events.notANumber);
            } else if (gradient.every((value) => value === 0)) {
                this.zeroGradients += 1;
                this.event = Math.max(this.event, events.gradientVanished);
            }
            return gradient;
        }
    }

    /** An answer as it is recorded; `top` are the classes by logits, of equal ones the first first. */
    function answer(logits) {
        const probabilities = Mirage.arithmetic.softmax(logits);
        const order = Array.from(logits.keys()).sort((i, j) => logits[j] - logits[i] || i - j);
        const confidence = probabilities[order[0]];
        return { class: order[0], confidence, probabilities, top: order.slice(0, 5) };
    }

    function cleanAnswer(network, image) {
        const logits = network.logits(image).slice();
        if (isFinite(logits)) return { logits, ...answer(logits) };
        throw new RangeError("The network's answer to this image is not a number.");
    }

    /** What the attack reads of one run: a sample, within one budget or all. */
    function makeRun(sample, model, restart, oracle, epsilon, notes) {
        return {
            ...sample, ...model, restart, oracle, epsilon,
            stream: (purpose) => new Mirage.Stream(model.seed, `attack/${purpose}/${restart}`, sample.key),
            note: (name, value, rule = "ofTheImage") => notes.push({ name, value: Math.fround(value), rule }),
        };
    }

    /** Judges a proposal: projected, asked afresh, rounded to bytes, measured. */
    function judge(network, sample, model, budget, proposed, oracle) {
        const { image } = sample;
        let kept = isFinite(proposed) ? proposed.slice() : image.slice();
        let event = isFinite(proposed) ? oracle.event : events.notANumber;
        // Without a budget only the pixel bounds count; 1 is the diameter of the box.
        const epsilon = model.epsilons.length > 0 ? model.epsilons[budget] : 1;
        ball.project(model.epsilons.length > 0 ? model.norm : "linf", kept, image, epsilon);
        let logits = network.logits(kept).slice();
        if (!isFinite(logits)) {
            event = events.notANumber;
            kept = image.slice();
            logits = network.logits(kept).slice();
        }
        const found = answer(logits);
        const success = sample.isFooled(found.class);
        const rounded = success ? network.logits(ball.roundedToBytes(kept)) : null;
        return {
            kept, found, event, success, distances: ball.distances(image, kept),
            success8bit: success && isFinite(rounded)
                && sample.isFooled(Mirage.arithmetic.argmax(rounded)),
        };
    }

    /** A level before anything was tried: the untouched original. */
    function untouched(sample, clean, epsilon) {
        return {
            epsilon, success: false, success8bit: false,
            adversarial: sample.image, finalClass: clean.class, finalConfidence: clean.confidence,
            probabilities: clean.probabilities, finalTop: clean.top,
            proposed: sample.image, proposedClass: clean.class, proposedConfidence: clean.confidence,
            proposedProbabilities: clean.probabilities,
            l0: 0, l1: 0, l2: 0, linf: 0,
            iterations: 0, forwardPasses: 0, backwardPasses: 0, zeroGradients: 0, event: events.none,
        };
    }

    /** A success beats a failure; of two, the nearer one where there is no budget, else the first. */
    function isBetter(verdict, level, model) {
        if (!verdict.success) return false;
        if (!level.success) return true;
        return model.epsilons.length === 0 && verdict.distances[model.norm] < level.size;
    }

    /** Takes a verdict of one try into a level; whether the level is now that of this try. */
    function take(level, verdict, effort, isFirst, model) {
        level.iterations += effort.iterations;
        level.forwardPasses += effort.oracle.forwardPasses;
        level.backwardPasses += effort.oracle.backwardPasses;
        level.zeroGradients += effort.oracle.zeroGradients;
        level.event = Math.max(level.event, verdict.event);
        if (!isFirst && !isBetter(verdict, level, model)) return false;
        const { found, kept, distances } = verdict;
        level.success = verdict.success;
        level.success8bit = verdict.success8bit;
        level.proposed = kept;
        level.proposedClass = found.class;
        level.proposedConfidence = found.confidence;
        level.proposedProbabilities = found.probabilities;
        if (!verdict.success) return true;
        level.adversarial = kept;
        level.finalClass = found.class;
        level.finalConfidence = found.confidence;
        level.probabilities = found.probabilities;
        level.finalTop = found.top;
        // The size decides between tries, in double; the record has floats.
        level.size = distances[model.norm];
        for (const norm of ["l0", "l1", "l2", "linf"]) level[norm] = Math.fround(distances[norm]);
        return true;
    }

    function takeNotes(notes, found, isKept) {
        for (const { name, value, rule } of found) {
            const before = notes[name];
            if (rule === "least") notes[name] = before === undefined ? value : Math.min(before, value);
            else if (rule === "total") notes[name] = Math.fround((before ?? 0) + value);
            else if (isKept) notes[name] = value;
        }
    }

    /** One try for every budget that is still open. */
    function* tryOnce(attack, network, sample, model, restart, result) {
        const found = [];
        const open = [...result.levels.keys()].filter(
            (budget) => restart === 0 || model.epsilons.length === 0 || !result.levels[budget].success);
        let isKept = false;
        let run, proposals;
        for (const budget of open) {
            if (attack.budget !== "shared" || run === undefined) {
                const oracle = new Oracle(network, sample.standing);
                run = makeRun(sample, model, restart, oracle, model.epsilons[budget] ?? Infinity, found);
                proposals = yield* attack.run(run);
            }
            const image = attack.budget === "shared" ? proposals.images[budget] : proposals.image;
            const verdict = judge(network, sample, model, budget, image, run.oracle);
            const effort = { iterations: proposals.iterations, oracle: run.oracle };
            if (take(result.levels[budget], verdict, effort, restart === 0, model)) isKept = true;
        }
        takeNotes(result.notes, found, isKept);
    }

    /**
     * Attacks one image; a generator that yields between steps and returns the record.
     *
     * @param attack One of `Mirage.catalogue`.
     * @param sample { image: Float32Array in [0, 1], label (−1: unknown), key: its index in the data set }.
     * @returns { clean, isEligible, label, target, levels, notes }; see `untouched` for a level's fields.
     * @throws Mirage.Unsupported; RangeError for what is out of its range.
     */
    function* drive(attack, network, config, { image, label, key }) {
        const model = threat.of(attack, config, network);
        if (image.length !== network.image.reduce((product, size) => product * size, 1)) {
            throw new RangeError(`An image of ${image.length} values for a network of ${network.image}.`);
        }
        const outside = image.findIndex((value) => !(value >= 0 && value <= 1));
        if (outside >= 0) {
            throw new RangeError(`Pixel ${outside} is ${image[outside]}; pixels must be from 0 to 1.`);
        }
        const clean = cleanAnswer(network, image);
        const own = model.isPredicted || label === -1 ? clean.class : label;
        const target = threat.target(model, own, clean.logits, key);
        const sample = {
            image, key, label: own, target,
            isFooled: (found) => (target === null ? found !== own : found === target),
            /** The class whose loss is followed, and +1 to go up that loss, −1 to go down. */
            lossClass: target ?? own,
            direction: target === null ? 1 : -1,
            standing: own !== target ? own : own === 0 ? 1 : 0,
        };
        const epsilons = model.epsilons.length > 0 ? model.epsilons : [null];
        const result = {
            clean, label: own, target, notes: {},
            isEligible: clean.class === own && !sample.isFooled(own),
            levels: epsilons.map((epsilon) => untouched(sample, clean, epsilon)),
        };
        for (let restart = 0; result.isEligible && restart < model.restarts; restart++) {
            yield* tryOnce(attack, network, sample, model, restart, result);
        }
        for (const level of result.levels) delete level.size;
        return result;
    }

    Mirage.driver = { drive, lossGradient };
})();
