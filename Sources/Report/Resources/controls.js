// The controls of "Try it": what the reader does becomes a choice, and a choice, also one that comes by a
// link, is shown on the controls.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});
    if (typeof document === "undefined" || !Mirage.live) return;
    const { live, settings, numerals } = Mirage;
    const { data, images, choice, byId, say, changed } = live;
    const { make } = Mirage.elements;
    const classes = data.classes;
    const kind = () => settings.kinds[choice.method];
    const fill = (id, options) => byId(id).replaceChildren(
        ...options.map(([value, words]) => make("option", { value }, words)));

    // MARK: From the choice to the controls

    const showStrength = () => {
        const range = live.range();
        const slider = byId("epsilon");
        [slider.min, slider.max, slider.step] = [0, range.end, range.step];
        slider.value = Math.min(choice.epsilon, range.end);
        slider.setAttribute("aria-valuetext", `ε ${choice.epsilon}`);
        const number = byId("epsilon-number");
        number.max = range.most;
        if (document.activeElement !== number) number.value = choice.epsilon;
        byId("epsilon-label").textContent = `Strength ε, ${range.words}`;
    };

    /** Every control as the choice has it. */
    const show = () => {
        const isDrawn = choice.mode === "drawn";
        for (const radio of byId("modes").querySelectorAll("input")) {
            radio.checked = radio.value === choice.mode;
        }
        byId("modes").hidden = !live.canDraw;
        [byId("stored").hidden, byId("drawn").hidden] = [isDrawn, !isDrawn];
        picker.show(choice.place);
        const [index, label] = [images.index[choice.place], images.label[choice.place]];
        const name = label < 0 ? "" : `, ${numerals.answer(classes[label])}`;
        byId("stored-hint").textContent =
            `Test image ${numerals.whole(index)}${name}; ${images.all.length} to choose from.`;
        byId("label").value = choice.label;
        byId("network").value = choice.network;
        byId("network-field").hidden = data.networks.length < 2;
        byId("method").value = choice.method;
        byId("gist").textContent = kind().gist;
        fill("norm", kind().norms.map((name) => [name, numerals.norm(name)]));
        byId("norm").value = choice.norm;
        byId("norm-field").hidden = kind().norms.length < 2;
        byId("target").value = choice.target ?? "";
        byId("target-field").hidden = !kind().isTargetable;
        byId("strength").hidden = !kind().hasBudget;
        if (kind().hasBudget) showStrength();
        byId("noise").hidden = choice.method !== "noise-sgd";
        if (choice.method === "noise-sgd") {
            const config = settings.config(data, choice);
            for (const key of ["regularization", "step_size", "max_steps"]) {
                if (document.activeElement !== byId(key)) byId(key).value = config[key];
            }
        }
        if (live.canDraw) showDrawing();
    };

    const showDrawing = () => {
        const side = images.shape[1];
        const bytes = choice.drawn ?? new Uint8Array(side * side);
        const canvas = byId("seen");
        const { paint, grey, floats } = Mirage.pictures;
        paint(canvas, grey(floats(bytes), images.shape), images.shape);
        canvas.setAttribute("aria-label", choice.drawn
            ? `The drawing as ${side} × ${side} bytes, centred as MNIST’s are` : "Nothing drawn yet");
    };

    // MARK: From the controls to the choice

    const update = (changes) => {
        Object.assign(choice, changes);
        say("");
        if (Object.keys(changes).join() === "epsilon") showStrength();
        else show();
        changed();
    };
    const names = images.index.map((index, place) =>
        `${classes[images.label[place]] ?? "unlabelled"}, test image ${index}`);
    const picker = Mirage.picker(byId("digits"), {
        images: images.all, shape: images.shape, names, onChoice: (place) => update({ place }),
    });
    const pad = live.canDraw ? Mirage.pad(byId("pad"), {
        onChange: () => {
            choice.drawn = pad?.bytes(images.shape[1]) ?? null;
            if (choice.mode !== "drawn") return;
            showDrawing();
            changed();
        },
        onWords: (words) => { byId("pad-status").textContent = words; },
    }) : null;

    // A network that cannot run here is listed all the same, and why it cannot.
    byId("network").append(...data.networks.map(({ name, parameters, isEmbedded }) => make(
        "option", { value: name, disabled: isEmbedded ? null : "" },
        `${name}: ${numerals.whole(parameters)} parameters`)));
    const reasons = data.networks.filter(({ isEmbedded }) => !isEmbedded);
    byId("network-why").hidden = reasons.length === 0;
    byId("network-why").textContent = reasons.map(({ name, why }) => `${name}: ${why}`).join(" ");
    fill("method", Object.entries(settings.kinds).map(([name, { title }]) => [name, title]));
    fill("target", [
        ["", "any other class"], ...classes.map((name, place) => [place, `“${name}” and no other`]),
    ]);
    fill("label", [[-1, "what the network says"], ...classes.map((name, place) => [place, name])]);

    const { isWithin } = settings;
    const strength = (value) => {
        const { most } = live.range();
        if (!isWithin(value, 0, most)) return say(`ε must be a number from 0 to ${most} here.`);
        update({ epsilon: value });
    };
    const method = (name, norm) => {
        const found = settings.own(data, name, null, choice.network);
        const kinds = settings.kinds[name];
        const next = { ...choice, method: name, norm: norm ?? found?.norm ?? kinds.norms[0] };
        if (!kinds.norms.includes(next.norm)) next.norm = kinds.norms[0];
        const keepsStrength = kind().hasBudget && next.norm === choice.norm;
        const epsilon = keepsStrength ? choice.epsilon : settings.firstEpsilon(data, next);
        return { method: name, norm: next.norm, epsilon };
    };
    const on = (id, event, action) => byId(id).addEventListener(event, action);
    on("modes", "change", (event) => update({ mode: event.target.value }));
    on("network", "change", (event) => update({ network: event.target.value }));
    on("method", "change", (event) => update(method(event.target.value)));
    on("norm", "change", (event) => update(method(choice.method, event.target.value)));
    on("target", "change", ({ target: { value } }) =>
        update({ target: value === "" ? null : Number(value) }));
    on("label", "change", (event) => update({ label: Number(event.target.value) }));
    on("epsilon", "input", (event) => strength(Number(event.target.value)));
    on("epsilon-number", "input", ({ target: { value } }) => {
        if (value !== "") strength(Number(value));
        else say("ε is a number; what is shown is still that of the last one.");
    });
    on("epsilon-number", "blur", show);
    on("flip-go", "click", (event) => strength(Number(event.target.value)));
    on("regularization", "change", (event) => update({ regularization: event.target.value }));
    for (const [key, [low, high, isWhole]] of Object.entries(settings.numbers)) {
        on(key, "input", ({ target: { value } }) => {
            if (value === "") return;
            const number = Number(value);
            if (!isWithin(number, low, high) || (isWhole && !Number.isInteger(number))) {
                return say(`This must be a ${isWhole ? "whole " : ""}number from ${low} to ${high}.`);
            }
            update({ [key]: number });
        });
        on(key, "blur", show);
    }
    on("undo", "click", () => pad.undo());
    on("clear", "click", () => pad.clear());
    on("stop", "click", live.stop);

    live.controls = { show, method, drawing: (bytes) => pad.show(bytes) };
    show();
})();
