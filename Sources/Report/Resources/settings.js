// The attacks that "Try it" offers, and the config of each: the experiment's own where it runs that attack,
// and otherwise the standard settings of `stage-attack`, in the table below.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});

    const kinds = {
        "fgsm": {
            title: "FGSM: one step", norms: ["linf"], hasBudget: true, isTargetable: true,
            gist: "One pass backwards tells for every pixel which way confuses the network; all move by ε "
                + "at once.",
            settings: { space: "pixels", least_epsilon: false },
        },
        "pgd": {
            title: "PGD: many small steps", norms: ["linf", "l2", "l1"], hasBudget: true, isTargetable: true,
            gist: "FGSM’s step in small: from a random start, and asking anew for the way before each.",
            settings: {
                steps: 40, step_size: 1 / 30, step_unit: "epsilon", random_start: true, stop_early: true,
            },
        },
        "noise-sgd": {
            title: "Optimised noise (method 1)", norms: ["l2"], hasBudget: false, isTargetable: true,
            gist: "Noise is trained as if it were a weight, until the wanted class is the answer.",
            settings: { regularization: "none", regularization_weight: 1, step_size: 0.008, max_steps: 1000 },
        },
        "deepfool": {
            title: "DeepFool: to the nearest border", norms: ["l2", "linf"], hasBudget: false,
            isTargetable: false,
            gist: "Steps to the border of the nearest other class, as if the network were linear, until the "
                + "answer changes.",
            settings: { steps: 50, overshoot: 0.02, candidates: 10 },
        },
        "uniform-noise": {
            title: "Random noise (no attack)", norms: ["linf"], hasBudget: true, isTargetable: true,
            gist: "Every pixel up or down by ε as a coin says: what chance does at the same size.",
            settings: { shape: "signs", repeats: 1 },
        },
    };

    /** Settings of optimised noise that can be typed: the least, the largest, and whether they are whole. */
    const numbers = { step_size: [1e-9, 1000, false], max_steps: [1, 10_000, true] };
    const isWithin = (value, low, high) => Number.isFinite(value) && value >= low && value <= high;

    /** In each norm: where the slider of ε ends, its step, a usual ε. */
    const ranges = {
        linf: { end: 0.5, step: 0.001, start: 0.1, words: "the most a pixel may change" },
        l2: { end: 6, step: 0.01, start: 2, words: "the straight-line distance" },
        l1: { end: 60, step: 0.1, start: 10, words: "the sum of all changes" },
    };
    /** The same for images of so many values, with `most`, the largest ε that an attack takes. */
    const range = (norm, size) => {
        const most = Mirage.threat.largestBudget(norm, size);
        return { ...ranges[norm], end: Math.min(ranges[norm].end, most), most };
    };

    const isPlain = (config) =>
        !config.mask && !config.channel_bounds && (config.space ?? "pixels") === "pixels";
    const normOf = (config) => config.norm ?? kinds[config.attack].norms[0];

    /** The experiment's own config of an attack, that on this network first; undefined where it has none. */
    const own = (data, method, norm, network, regularization) => {
        const fits = (data.attacks ?? []).map((attack) => attack.config).filter((config) =>
            config && config.attack === method && isPlain(config) && (!norm || normOf(config) === norm)
            && (!regularization || config.regularization === regularization));
        return fits.find((config) => config.model === network) ?? fits[0];
    };

    /**
     * The whole config for a choice { network, method, norm, epsilon, target, regularization, step_size,
     * max_steps }. Keys that other settings make void are left out, since `stage-attack` refuses them.
     */
    const config = (data, choice) => {
        const kind = kinds[choice.method];
        // What was typed belongs to optimised noise; other attacks have settings of the same names.
        const typed = choice.method === "noise-sgd" ? choice : {};
        const found = own(data, choice.method, choice.norm, choice.network, typed.regularization)
            ?? own(data, choice.method, choice.norm, choice.network) ?? {};
        const isTargeted = kind.isTargetable && choice.target !== null;
        const made = {
            attack: choice.method, model: choice.network, norm: choice.norm,
            epsilons: kind.hasBudget ? [choice.epsilon] : [],
            goal: isTargeted ? "fixed" : "untargeted", target: isTargeted ? choice.target : null,
            labels: "true", seed: found.seed ?? 1, restarts: found.restarts ?? 1,
        };
        for (const [key, standard] of Object.entries(kind.settings)) {
            made[key] = typed[key] ?? found[key] ?? standard;
        }
        if (choice.method === "fgsm") made.least_epsilon = false;
        if (made.regularization === "none") delete made.regularization_weight;
        return made;
    };

    /** The strength to begin with: a budget of the experiment's own, as near as may be to a usual one. */
    const firstEpsilon = (data, choice) => {
        const { start } = ranges[choice.norm];
        const epsilons = own(data, choice.method, choice.norm, choice.network)?.epsilons ?? [];
        return epsilons.reduce(
            (best, one) => (Math.abs(one - start) < Math.abs(best - start) ? one : best),
            epsilons[0] ?? start);
    };

    Mirage.settings = { kinds, range, numbers, isWithin, own, config, firstEpsilon };
})();
