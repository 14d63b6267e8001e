// Five attacks of Sources/Attacks/Catalogue, each a generator over one run: it asks the run's oracle, moves
// a point, and returns what it proposes. The expressions and their order are those of the Swift beside
// which they stand, so that the bits are the same.
//
//     name, norms (the first is its own), settings
//     budget      "each": a run a budget; "shared": one run serves all; "least": none, the least change
//     isTargeted  whether it can go towards a class
//     isRandom    whether it draws at random, so that restarts make sense
//     steps(settings)  how often a run yields at most
//     *run(run)   → { image | images (one a budget), iterations }
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});
    const { ball, driver, starts } = Mirage;
    const { real, whole, word, flag } = Mirage.threat;
    const { argmax } = Mirage.arithmetic;

    /** x′ = clamp(x + ε·sign(∂L/∂x), 0, 1): FGSM.swift. */
    const fgsm = {
        name: "fgsm", norms: ["linf"], budget: "shared", isTargeted: true, isRandom: false,
        settings: {
            space: word("pixels", ["pixels", "normalised"]), least_epsilon: flag(true),
            search_steps: whole(255, 1, 10_000), search_bisections: whole(8, 0, 24),
        },
        steps: ({ least_epsilon, search_steps, search_bisections }) =>
            1 + (least_epsilon ? search_steps + search_bisections : 0),
        *run(run) {
            if (run.settings.space !== "pixels") {
                throw new Mirage.UnsupportedAttack("This page takes the step of fgsm in pixels only.");
            }
            const { oracle, image } = run;
            const gradient = oracle.gradient(driver.lossGradient(oracle.logits(image), run.lossClass));
            const images = run.epsilons.map((epsilon) => alongSigns(run, gradient, epsilon));
            yield;
            if (run.settings.least_epsilon) {
                run.note("least_epsilon", yield* leastAlongSigns(run, gradient), "least");
                run.note("least_epsilon_passes", oracle.aside, "total");
            }
            return { images, iterations: 1 };
        },
    };

    /** The image moved by ε along the signs of a gradient, or against them towards a target. */
    function alongSigns(run, gradient, epsilon) {
        const moved = new Float32Array(run.image.length);
        ball.signStep(moved, run.image, gradient, run.direction * epsilon);
        return moved;
    }

    /** The least ε along the signs: equal steps to 1, then halvings of the first that reaches the goal. */
    function* leastAlongSigns(run, gradient) {
        const { search_steps: steps, search_bisections: bisections } = run.settings;
        const width = Math.fround(1 / steps);
        const reaches = (epsilon) =>
            run.isFooled(run.oracle.answer(alongSigns(run, gradient, epsilon), true));
        let least = Infinity;
        for (let step = 1; step <= steps && least === Infinity; step++) {
            const epsilon = step === steps ? 1 : Math.fround(step * width);
            if (reaches(epsilon)) least = epsilon;
            yield;
        }
        let half = width;
        for (let turn = 0; turn < bisections && least < Infinity; turn++) {
            half = Math.fround(half * 0.5);
            const nearer = Math.max(0, Math.fround(least - half));
            if (reaches(nearer)) least = nearer;
            yield;
        }
        return least;
    }

    /** Steps of steepest ascent, each projected onto the ball: PGD.swift. */
    const pgd = {
        name: "pgd", norms: ["linf", "l2", "l1"], budget: "each", isTargeted: true, isRandom: true,
        settings: {
            steps: whole(40, 1, 1_000_000), step_size: real(1 / 30, 1e-9, 1e3),
            step_unit: word("epsilon", ["epsilon", "pixels"]), random_start: flag(true),
            stop_early: flag(true), share: real(0.01, 0, 1),
        },
        steps: ({ steps }) => steps,
        *run(run) {
            const { oracle, image, epsilon, settings, norm } = run;
            const point = settings.random_start || run.restart > 0 ? starts.inBall(run) : image.slice();
            const width = settings.step_unit === "epsilon"
                ? Math.fround(settings.step_size * epsilon) : settings.step_size;
            let iterations = 0;
            while (iterations < settings.steps) {
                const logits = oracle.logits(point);
                if (settings.stop_early && run.isFooled(argmax(logits))) break;
                const gradient = oracle.gradient(driver.lossGradient(logits, run.lossClass));
                ball.step(norm, point, gradient, image, run.direction * width, epsilon, settings.share);
                iterations += 1;
                yield;
            }
            return { image: point, iterations };
        },
    };

    /** Noise by gradient descent until the network is fooled, method 1 of the scripts: NoiseSGD.swift. */
    const noiseSGD = {
        name: "noise-sgd", norms: ["l2", "linf"], budget: "least", isTargeted: true, isRandom: false,
        settings: {
            regularization: word("none", ["none", "l1", "l2"]), regularization_weight: real(1, 0, 1e6),
            step_size: real(0.008, 1e-9, 1e3), max_steps: whole(1000, 1, 1_000_000),
        },
        steps: ({ max_steps }) => max_steps,
        *run(run) {
            const { oracle, image, settings } = run;
            const weight = settings.regularization_weight;
            const l1 = settings.regularization === "l1" ? Math.fround(weight / image.length) : 0;
            const l2 = settings.regularization === "l2"
                ? Math.fround(Math.fround(2 * weight) / image.length) : 0;
            const point = image.slice();
            const noise = new Float32Array(image.length);
            let iterations = 0;
            for (;;) {
                const logits = oracle.logits(point);
                if (run.isFooled(argmax(logits)) || iterations === settings.max_steps) break;
                iterations += 1;
                const atLogits = driver.lossGradient(logits, run.lossClass);
                // The step goes down; going up is going down the negative.
                const downhill = run.direction > 0 ? atLogits.map((value) => -value) : atLogits;
                ball.noiseStep(point, noise, image, oracle.gradient(downhill), settings.step_size, l1, l2);
                yield;
            }
            const size = ball.distances(new Float32Array(noise.length), noise);
            run.note("noise_mean", size.sum / noise.length);
            run.note("noise_min", size.min);
            run.note("noise_max", size.max);
            return { image: point, iterations };
        },
    };

    /** Steps to the nearest boundary of the network made linear, until it is crossed: DeepFool.swift. */
    const deepfool = {
        name: "deepfool", norms: ["l2", "linf"], budget: "least", isTargeted: false, isRandom: false,
        settings: {
            steps: whole(50, 1, 1_000_000), overshoot: real(0.02, 0, 10), candidates: whole(10, 2, 100_000),
        },
        steps: ({ steps }) => steps,
        *run(run) {
            const { oracle, image, label, settings, norm } = run;
            const point = image.slice();
            const sum = new Float32Array(image.length);
            let rivals = null;
            let iterations = 0;
            for (;;) {
                const logits = oracle.logits(point);
                rivals ??= likeliest(logits, label, Math.min(settings.candidates, logits.length) - 1);
                if (argmax(logits) !== label || iterations === settings.steps) break;
                iterations += 1;
                const nearest = nearestBoundary(run, logits, rivals);
                if (nearest !== null) {
                    const along = norm === "linf" ? nearest.slope.map(Math.sign) : nearest.slope;
                    ball.addScaled(sum, nearest.scale, along);
                    point.set(image);
                    ball.addScaled(point, 1 + settings.overshoot, sum);
                    for (let i = 0; i < point.length; i++) point[i] = ball.clamp(point[i], 0, 1);
                }
                yield;
            }
            return { image: point, iterations };
        },
    };

    /** The classes with the largest logits but the label, the largest first; of equals the first. */
    function likeliest(logits, label, count) {
        return Array.from(logits.keys()).filter((j) => j !== label)
            .sort((i, j) => logits[j] - logits[i] || i - j).slice(0, count);
    }

    /** The slope of the nearest of the rivals' boundaries, how much of it leads there; null without one. */
    function nearestBoundary({ oracle, label, norm }, logits, rivals) {
        let best = null;
        for (const rival of rivals) {
            const difference = new Float32Array(logits.length);
            difference[rival] = 1;
            difference[label] = -1;
            const slope = oracle.gradient(difference);
            const gap = Math.abs(logits[rival] - logits[label]);
            // What a float of that size cannot show, so that no step is lost in rounding.
            const unit = 2 ** -22 * Math.max(Math.abs(logits[rival]), Math.abs(logits[label]));
            const size = norm === "l2" ? ball.normL2(slope) : ball.normL1(slope);
            if (size > 0 && gap / size < (best?.distance ?? Infinity)) {
                const scale = (gap + unit) / (norm === "l2" ? size * size : size);
                best = { distance: gap / size, scale, slope };
            }
        }
        return best;
    }

    /** Noise that knows nothing of the network, the first of a few draws to fool it: UniformNoise.swift. */
    const uniformNoise = {
        name: "uniform-noise", norms: ["linf"], budget: "each", isTargeted: true, isRandom: true,
        settings: { shape: word("signs", ["signs", "uniform"]), repeats: whole(1, 1, 100_000) },
        steps: ({ repeats }) => repeats,
        *run(run) {
            const random = run.stream("noise");
            const draw = run.settings.shape === "signs"
                ? () => ((random.next() & 1) === 0 ? 1 : -1) : () => 2 * random.uniform() - 1;
            for (let iterations = 1; ; iterations++) {
                const point = starts.moved(run, Float32Array.from(run.image, draw));
                // The driver itself looks at the last draw.
                if (iterations === run.settings.repeats || run.isFooled(run.oracle.answer(point))) {
                    return { image: point, iterations };
                }
                yield;
            }
        },
    };

    Mirage.catalogue = Object.fromEntries(
        [fgsm, pgd, noiseSGD, deepfool, uniformNoise].map((attack) => [attack.name, attack]));

    /** The attack of a config. */
    function named(method) {
        if (Object.hasOwn(Mirage.catalogue, method)) return Mirage.catalogue[method];
        const known = Object.keys(Mirage.catalogue).join(", ");
        throw new Mirage.UnsupportedAttack(`This page carries out ${known}, not ${method}.`);
    }

    /** The attack as a generator that yields [steps done, at most so many] and returns the record. */
    function* attack(method, network, config, sample) {
        const chosen = named(method);
        const model = Mirage.threat.of(chosen, config, network);
        const runs = model.restarts * (chosen.budget === "each" ? model.epsilons.length : 1);
        const most = runs * chosen.steps(model.settings);
        const steps = driver.drive(chosen, network, config, sample);
        for (let done = 1; ; done++) {
            const { done: isOver, value } = steps.next();
            if (isOver) return value;
            yield [done, most];
        }
    }

    /** Runs a generator to its end. */
    function drain(steps, progress) {
        let step;
        while (!(step = steps.next()).done) progress?.(...step.value);
        return step.value;
    }

    Mirage.attack = attack;
    Mirage.named = named;
    Mirage.alongSigns = alongSigns;
    Mirage.attacks = Object.fromEntries(Object.keys(Mirage.catalogue).map((method) => [
        method,
        (network, config, sample, progress) => drain(attack(method, network, config, sample), progress),
    ]));
})();
