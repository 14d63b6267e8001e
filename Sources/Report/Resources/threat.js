// What an attacker may do and wants, read from the config in an attack's artifact: norm, budgets, goal,
// seed, tries and the attack's own settings, within the ranges of `stage-attack`. What this page does not
// carry over is refused with a sentence (`Mirage.UnsupportedAttack`); nothing is left out silently.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});

    /** What this page does not carry out, in a sentence that it can show. */
    Mirage.UnsupportedAttack = class extends Mirage.Unsupported {
        constructor(sentence) {
            super(sentence);
            // A network that is not supported says so in words of its own.
            this.message = sentence;
        }
    };

    /** Keys of every config; those of `elsewhere` move nothing here (`answers` only records more). */
    const common = ["epsilons", "goal", "labels", "norm", "restarts", "seed", "target"];
    const elsewhere = ["attack", "model", "sample", "answers"];
    const goals = ["untargeted", "random-other", "least-likely", "fixed"];

    const shown = (value) => JSON.stringify(value) ?? "nothing";

    function number(name, value, low, high, isWhole = false) {
        if (typeof value !== "number" || !(value >= low && value <= high)) {
            throw new RangeError(`${name} is ${shown(value)}; it must be a number from ${low} to ${high}.`);
        }
        if (isWhole && !Number.isSafeInteger(value)) {
            throw new RangeError(`${name} is ${shown(value)}; it must be a whole number.`);
        }
        return value;
    }

    function choice(name, value, words) {
        if (words.includes(value)) return value;
        throw new RangeError(`${name} is ${shown(value)}; it must be one of ${words.join(", ")}.`);
    }

    // An attack's own settings: each has its default, and knows what it takes.
    // Real numbers are taken in single precision, as in Sources/Attacks/Settings.
    const real = (standard, low, high) => ({
        standard, read: (name, value) => Math.fround(number(name, value, low, high)),
    });
    const whole = (standard, low, high) => ({
        standard, read: (name, value) => number(name, value, low, high, true),
    });
    const word = (standard, words) => ({
        standard, read: (name, value) => choice(name, value, words),
    });
    const flag = (standard) => ({
        standard,
        read: (name, value) => {
            if (typeof value === "boolean") return value;
            throw new RangeError(`${name} is ${shown(value)}; it must be true or false.`);
        },
    });

    function budgets(attack, config, norm, length) {
        const list = config.epsilons ?? [];
        if (!Array.isArray(list)) throw new RangeError("epsilons must be a list of numbers.");
        if (attack.budget === "least") {
            if (list.length === 0) return [];
            throw new RangeError(`${attack.name} looks for the least change, so epsilons must be empty.`);
        }
        if (list.length === 0) throw new RangeError(`${attack.name} needs epsilons to work within.`);
        const most = largestBudget(norm, length);
        return list.map((value) => Math.fround(number("epsilons", value, 0, most)));
    }

    /** The diameter of [0, 1] to the power of `length` in a norm: no budget need be larger. */
    function largestBudget(norm, length) {
        return norm === "linf" ? 1 : norm === "l2" ? Math.fround(Math.sqrt(length)) : length;
    }

    /**
     * The threat model of a config.
     *
     * @param attack { name, norms, budget, goals, isRandom, settings }.
     * @param config The resolved config of `stage-attack`; a setting that it lacks has its default.
     * @param network Its image's shape and number of classes bound the numbers.
     * @returns { norm, epsilons, goal, target, seed, restarts, isPredicted, settings }.
     * @throws Mirage.UnsupportedAttack, RangeError.
     */
    function threat(attack, config, network) {
        for (const [name, value] of Object.entries(config)) {
            const isKnown = common.includes(name) || elsewhere.includes(name) || name in attack.settings;
            if (isKnown || value === null || value === false) continue;
            throw new Mirage.UnsupportedAttack(
                `This page does not carry out the setting ${name} of ${attack.name}.`);
        }
        const norm = choice("norm", config.norm ?? attack.norms[0], attack.norms);
        const goal = config.goal ?? "untargeted";
        if (goal === "each-other") {
            throw new Mirage.UnsupportedAttack(
                "This page does not try every class in turn; choose one class to reach.");
        }
        choice("goal", goal, attack.isTargeted ? goals : goals.slice(0, 1));
        const restarts = number("restarts", config.restarts ?? 1, 1, 10_000, true);
        if (restarts > 1 && !attack.isRandom) {
            throw new RangeError(`${attack.name} draws nothing at random, so restarts must be 1.`);
        }
        const settings = {};
        for (const [name, { standard, read }] of Object.entries(attack.settings)) {
            settings[name] = read(name, config[name] ?? standard);
        }
        const length = network.image.reduce((product, size) => product * size, 1);
        return {
            norm, goal, restarts, settings,
            epsilons: budgets(attack, config, norm, length),
            target: goal === "fixed" ? number("target", config.target, 0, network.classes - 1, true) : null,
            seed: number("seed", config.seed ?? 1, 0, Number.MAX_SAFE_INTEGER, true),
            isPredicted: choice("labels", config.labels ?? "true", ["true", "predicted"]) === "predicted",
        };
    }

    /** The class that a sample is to reach, null if any wrong one will do; from the clean image's logits. */
    function target(model, label, logits, key) {
        if (model.goal === "untargeted") return null;
        if (model.goal === "fixed") return model.target;
        if (model.goal === "least-likely") return logits.indexOf(Math.min(...logits));
        if (logits.length < 2) return null;
        const draw = new Mirage.Stream(model.seed, "attack/target", key).below(logits.length - 1);
        return draw < label ? draw : draw + 1;
    }

    Mirage.threat = { of: threat, target, largestBudget, real, whole, word, flag };
})();
