// What came of an attack, in words, numbers, pictures and bars.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});
    const { percent, exact, answer, thisOne, concise, significant, norm } = Mirage.numerals;

    const sure = (share) => `${percent(share)} sure`;

    /** The verdict in plain words. `view` is { result, config, label, classes, picture }. */
    const sentence = ({ result, config, label, classes }) => {
        const { clean } = result;
        const level = result.levels[0];
        const name = (place) => classes[place] ?? String(place);
        const before = `${answer(name(clean.class))}, ${sure(clean.confidence)}`;
        if (!result.isEligible) {
            return clean.class === label
                ? `The network reads ${before}, and that is the goal already: there is nothing to attack.`
                : `The network misreads ${thisOne(name(label))} from the start, as ${before}. Attacks leave `
                    + "such images out.";
        }
        const after = `${answer(name(level.proposedClass))}, ${sure(level.proposedConfidence)}`;
        if (level.success) {
            return `The network read ${before}. Now it reads ${after}`
                + (level.success8bit ? "." : "; saved as a picture file, with 256 levels, it does not.");
        }
        const wanted = config.goal === "fixed"
            ? `It does not reach ${answer(name(config.target))}: the` : "The";
        return level.proposedClass === clean.class
            ? `${wanted} network still reads ${after}; before it was ${percent(clean.confidence)}.`
            : `${wanted} network read ${before}, and now reads ${after}.`;
    };

    /** Every number of an attack, a line each, floats with all their digits. */
    const numbers = ({ result, config, classes }) => {
        const level = result.levels[0];
        const wide = Math.max(5, ...classes.map((name) => name.length));
        const lines = [`${"class".padEnd(wide)}  ${"before".padEnd(15)}  after`];
        classes.forEach((name, place) => lines.push(
            `${name.padEnd(wide)}  ${exact(result.clean.probabilities[place]).padEnd(15)}  `
            + exact(level.proposedProbabilities[place])));
        const add = (name, value) => lines.push(`${name.padEnd(26)}${value}`);
        lines.push("");
        add("reached the goal", level.success ? "yes" : "no");
        add("also with 256 levels", level.success8bit ? "yes" : "no");
        if (config.epsilons.length) add("ε", `${config.epsilons[0]} (${norm(config.norm)})`);
        add("values changed (L₀)", level.l0);
        add("sum of changes (L₁)", exact(level.l1));
        add("straight-line (L₂)", exact(level.l2));
        add("largest change (L∞)", exact(level.linf));
        add("iterations", level.iterations);
        add("passes forward, backward", `${level.forwardPasses}, ${level.backwardPasses}`);
        for (const [name, value] of Object.entries(result.notes ?? {})) {
            if (typeof value === "number") add(name.replaceAll("_", " "), exact(value));
        }
        return lines.join("\n") + "\n";
    };

    /** Bytes in hexadecimal, a line a row; an image of floats that are no bytes is rounded to them. */
    const hex = (image, [channels, height, width]) => {
        const lines = [];
        for (let row = 0; row < channels * height; row += 1) {
            if (row > 0 && row % height === 0) lines.push("");
            const part = image.subarray(row * width, (row + 1) * width);
            lines.push(Array.from(part, (value) =>
                Math.floor(value * 255 + 0.5).toString(16).padStart(2, "0")).join(" "));
        }
        return lines.join("\n") + "\n";
    };

    Mirage.outcome = { sentence, numbers, hex };
    if (typeof document === "undefined") return;
    const { make } = Mirage.elements;
    const byId = (id) => document.getElementById(`try-${id}`);

    const bar = (share, isMarked) => make(
        "td", {},
        make("span", { class: isMarked ? "try-bar marked" : "try-bar", style: `--v: ${Math.max(0, share)}` }),
        make("span", { class: "try-share" }, percent(share)));

    /** A row a class, the new answer marked: all classes up to ten, else the likeliest before or after. */
    const bars = (classes, before, after, changed) => {
        const all = classes.map((_, place) => place);
        const weight = (place) => Math.max(before[place], after[place]);
        const shown = all.length <= 10 ? all
            : all.sort((a, b) => weight(b) - weight(a) || a - b).slice(0, 10);
        const longest = Math.max(5, ...shown.map((place) => classes[place].length));
        byId("bars").style.setProperty("--letters", Math.min(14, longest));
        byId("bars").tBodies[0].replaceChildren(...shown.map((place) => make(
            "tr", {}, make("th", { scope: "row" }, classes[place]),
            bar(before[place], false), bar(after[place], place === changed))));
    };

    const words = (id, name, share) => {
        const [, nameLine, shareLine] = byId(`${id}-words`).children;
        [nameLine.textContent, shareLine.textContent] = [name, share];
    };

    const picture = (id, colours, shape, description) => {
        const canvas = byId(id);
        Mirage.pictures.paint(canvas, colours, shape);
        canvas.setAttribute("aria-label", description);
    };

    /** The picture before any attack, and the network's answer where that is known already. */
    const showPicture = (image, shape) =>
        picture("before", Mirage.pictures.grey(image, shape), shape, "The picture before the attack");

    /** All of an attack's outcome. */
    const show = (view) => {
        const { result, image, shape, classes } = view;
        const { clean } = result;
        const level = result.levels[0];
        showPicture(image, shape);
        words("before", classes[clean.class] ?? "", sure(clean.confidence));
        const change = image.map((value, place) => level.proposed[place] - value);
        const factor = Mirage.pictures.magnification(change);
        const largest = change.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        picture("change", Mirage.pictures.signed(change, shape, factor), shape,
            `The perturbation, ${factor} times magnified; no pixel moves by more than ${concise(largest)}`);
        byId("change-words").firstElementChild.textContent =
            factor === 1 ? "perturbation" : `perturbation, ×${concise(factor)}`;
        const length = Math.sqrt(change.reduce((sum, value) => sum + value * value, 0));
        words("change", `±${concise(largest)}`, `at most, a pixel; L₂ ${significant(length)}`);
        picture("after", Mirage.pictures.grey(level.proposed, shape), shape, "The picture after the attack");
        words("after", classes[level.proposedClass] ?? "", sure(level.proposedConfidence));
        const isChanged = level.proposedClass !== clean.class;
        byId("after-words").parentElement.classList.toggle("fooled", isChanged);
        bars(classes, clean.probabilities, level.proposedProbabilities, isChanged ? level.proposedClass : -1);
        byId("numbers").textContent = numbers(view);
    };

    Object.assign(Mirage.outcome, { show, showPicture });
})();
