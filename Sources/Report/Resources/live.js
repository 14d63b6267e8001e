// "Try it": one picture, one attack, and what the network makes of both. The engine computes; here choices
// become a config, and answers become pictures, bars and words. An answer that comes after a newer choice is
// dropped.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});
    if (typeof document === "undefined" || !document.getElementById("try-desk")) return;
    const { settings, outcome, repeat, state, elements } = Mirage;
    const byId = (id) => document.getElementById(`try-${id}`);
    const say = (text) => {
        byId("note").textContent = text;
        byId("note").hidden = text === "";
    };

    const { data, networks, images } = Mirage.carried;
    const still = (sentence) => { byId("why").textContent = sentence; };
    if (!data) return still("The data that this section needs are missing from this page, or damaged.");
    if (networks.length === 0) {
        const why = data.networks.map((network) => `${network.name}: ${network.why}`).join(" ");
        return still(why || "No network here is small enough to run in a page.");
    }
    if (!images) return still("The stored images of this page are damaged: they cannot be read.");
    if (!Mirage.engine) return still("The part of this page that computes is missing or damaged.");

    /** What the reader has chosen; `drawn` are bytes, and a `label` of −1 is whatever the network answers. */
    const choice = {
        network: networks[0].name, mode: "stored", place: 0, drawn: null, label: -1,
        method: "fgsm", norm: "linf", epsilon: 0.1, target: null,
        regularization: null, step_size: null, max_steps: null,
    };
    const network = () => networks.find((one) => one.name === choice.network);
    const shape = () => images.shape;
    const canDraw = shape()[0] === 1 && shape()[1] === shape()[2];
    const kind = () => settings.kinds[choice.method];
    const range = () => settings.range(choice.norm, images.all[0].length);
    const subject = data.classes.every((name) => /^[0-9]$/.test(name)) ? "a digit" : "something";
    /** The last outcome, for what is downloaded and copied. */
    let view = null;

    // MARK: The picture that is chosen

    /** { image, label, key, name } of the choice; null where nothing is drawn. */
    const sample = () => {
        if (choice.mode === "stored") {
            const key = images.index[choice.place];
            return {
                image: images.all[choice.place], label: images.label[choice.place], key, name: `image-${key}`,
            };
        }
        if (!choice.drawn) return null;
        // A drawing has no place in a data set: its draws are those of place 0.
        const image = Mirage.pictures.floats(choice.drawn);
        return { image, label: choice.label, key: 0, name: `drawn-${repeat.mark(choice.drawn)}` };
    };

    // MARK: Asking the engine

    let serial = 0;
    let busyTimer = 0;
    let flipTimer = 0;
    const setBusy = (isBusy) => {
        clearTimeout(busyTimer);
        byId("progress").value = 0;
        // What takes no time shows no sign of it.
        if (isBusy) busyTimer = setTimeout(() => byId("desk").classList.add("busy"), 150);
        else byId("desk").classList.remove("busy");
    };
    let speechTimer = 0;
    /** The verdict: seen at once, and spoken once the reader pauses, not at every step of a slider. */
    const conclude = (sentence) => {
        byId("verdict").textContent = sentence;
        clearTimeout(speechTimer);
        speechTimer = setTimeout(() => { byId("spoken").textContent = sentence; }, 500);
    };
    const failure = (error) => {
        setBusy(false);
        forgetFlip();
        view = null;
        byId("desk").classList.add("empty");
        conclude(error?.message || "The attack could not be computed.");
    };

    /** Attacks what is chosen and shows what comes of it. */
    const run = async () => {
        serial += 1;
        const mine = serial;
        // A search for the flip point would go before the attack.
        stopFlip();
        const chosen = sample();
        const config = settings.config(data, choice);
        byId("repeat").hidden = !chosen;
        if (!chosen) {
            Mirage.engine.cancel("live");
            setBusy(false);
            forgetFlip();
            view = null;
            conclude(`Draw ${subject}: the network answers while you draw.`);
            byId("desk").classList.add("empty");
            return;
        }
        setBusy(true);
        if (view?.name !== chosen.name) outcome.showPicture(chosen.image, shape());
        try {
            await Mirage.carried.load(choice.network);
            if (mine !== serial) return;
            if (Mirage.engine.kind === "page" && !byId("note").textContent) say(Mirage.engine.sentence);
            const result = await Mirage.engine.attack(choice.network, config, chosen, (done, of) => {
                if (mine === serial) byId("progress").value = of > 0 ? done / of : 0;
            }, "live");
            if (mine !== serial || !result) return;
            setBusy(false);
            byId("desk").classList.remove("empty");
            view = {
                ...chosen, label: result.label ?? chosen.label, result, config, shape: shape(),
                classes: data.classes,
            };
            outcome.show(view);
            byId("bytes").textContent = outcome.hex(chosen.image, shape());
            conclude(outcome.sentence(view));
            Mirage.live.repetition.show(view);
            findFlip(mine, config, chosen, result.isEligible);
        } catch (error) {
            if (mine === serial) failure(error);
        }
    };

    // MARK: The flip point

    const flips = new Map();
    const showFlip = (epsilon, words) => {
        const [mark, { end, most }] = [byId("mark"), range()];
        byId("flip").textContent = words;
        const isKnown = epsilon !== null && Number.isFinite(epsilon);
        byId("flip-go").hidden = !isKnown || epsilon > most;
        byId("flip-go").value = isKnown ? String(epsilon) : "";
        mark.hidden = !isKnown || epsilon > end;
        if (!mark.hidden) mark.style.setProperty("--at", epsilon / end);
    };
    const stopFlip = () => {
        clearTimeout(flipTimer);
        Mirage.engine.cancel("flip");
    };
    /** No search, and nothing of an earlier one: it was about another picture or attack. */
    const forgetFlip = () => {
        stopFlip();
        showFlip(null, "");
    };
    const flipWords = (epsilon, config) => {
        const { answer, significant } = Mirage.numerals;
        const what = config.goal === "fixed" ? `becomes ${answer(data.classes[config.target])}` : "flips";
        return Number.isFinite(epsilon) ? `${what} at ε = ${significant(epsilon)}` : `${what} at no ε`;
    };
    /** Looks for the least ε that reaches the goal, once the reader pauses. */
    const findFlip = (mine, config, chosen, isEligible) => {
        clearTimeout(flipTimer);
        if (!kind().hasBudget || !isEligible) return showFlip(null, "");
        const key = JSON.stringify([{ ...config, epsilons: [] }, chosen.name, chosen.label]);
        if (flips.has(key)) return showFlip(flips.get(key), flipWords(flips.get(key), config));
        showFlip(null, "looking for the least ε that does it …");
        flipTimer = setTimeout(async () => {
            try {
                const found = await Mirage.engine.flip(choice.network, config, chosen);
                if (!found) return;
                flips.set(key, found.epsilon);
                if (mine === serial) showFlip(found.epsilon, flipWords(found.epsilon, config));
            } catch {
                if (mine === serial) showFlip(null, "");
            }
        }, choice.method === "pgd" ? 500 : 60);
    };

    // MARK: The state as text

    /** The choice as fields of the hash. */
    const fields = () => {
        const isDrawn = choice.mode === "drawn";
        return new Map([
            ["try", ""],
            ["digit", isDrawn ? null : images.index[choice.place]],
            ["drawn", isDrawn ? (choice.drawn ? state.packed(choice.drawn) : "") : null],
            ["label", isDrawn && choice.label >= 0 ? choice.label : null],
            ["network", choice.network], ["attack", choice.method],
            ["norm", kind().norms.length > 1 ? choice.norm : null],
            ["epsilon", kind().hasBudget ? choice.epsilon : null],
            ["target", kind().isTargetable ? choice.target : null],
            ...["regularization", "step_size", "max_steps"].map((key) =>
                [key, choice.method === "noise-sgd" ? settings.config(data, choice)[key] : null]),
        ]);
    };
    let writeTimer = 0;
    /** Runs anew, and puts the choice into the address once the reader pauses. */
    const changed = () => {
        clearTimeout(writeTimer);
        writeTimer = setTimeout(() => state.write(fields()), 250);
        run();
    };

    Mirage.live = {
        data, networks, images, choice, canDraw, range, byId, say, changed, run, fields, sample, network,
        view: () => view,
        stop: () => {
            serial += 1;
            Mirage.engine.cancel("live");
            setBusy(false);
            forgetFlip();
            conclude("Stopped. What is shown below is from before.");
        },
    };
})();
