// One image of the gallery, large: original, perturbation and adversarial image, what the network says, and
// what every other attack did to it.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});
    if (typeof document === "undefined") return;
    const { make, copy } = Mirage.elements;
    const { grey, signed, magnification, paint } = Mirage.pictures;
    const { flag, distanceText, confidenceText } = Mirage.galleryData;
    const { concise, whole } = Mirage.numerals;

    /**
     * The box. `name(class)` is what a class is called; `onTurn(step)` goes to another image,
     * `onChoose(attack, level)` to another attack, `onClose()` is told at the end.
     */
    Mirage.galleryView = ({ data, name, onTurn, onChoose, onClose }) => {
        const shape = data.header.shape;
        const place = make("span", { role: "status" });
        const button = (text, action) => {
            const made = make("button", { type: "button" }, text);
            made.addEventListener("click", action);
            return made;
        };
        const close = button("Close", () => dialog.close());
        const bar = make(
            "div", { class: "turn" }, place, button("← Previous", () => onTurn(-1)),
            button("Next →", () => onTurn(1)), close);
        const part = (what) => {
            const canvas = make("canvas", { role: "img" });
            const [title, answer, sure] =
                ["what", "name", "sure"].map((kind) => make("span", { class: kind }));
            title.textContent = what;
            const holder = make("div", { class: "seen" }, canvas, make("p", {}, title, answer, sure));
            return { holder, canvas, title, answer, sure };
        };
        const [before, change, after] = ["original", "perturbation", "adversarial"].map(part);
        const warning = make("p", { class: "seen-note", role: "status" });
        const note = make("p", { class: "seen-note", "aria-live": "polite" });
        const attack = make("select");
        const level = make("select");
        const choose = () => onChoose(Number(attack.value), level.disabled ? null : Number(level.value));
        data.attacks.forEach(({ short }, number) => attack.append(make("option", { value: number }, short)));
        attack.addEventListener("change", () => onChoose(Number(attack.value), null));
        level.addEventListener("change", choose);
        const link = button("Copy link", async () => {
            const isCopied = await copy(location.href);
            link.textContent = isCopied ? "Copied" : "The link is in the address bar";
            setTimeout(() => { link.textContent = "Copy link"; }, 1500);
        });
        const fields = make(
            "div", { class: "gallery-fields" }, make("label", {}, "Attack", attack),
            make("label", {}, "Strength", level), link);
        const facts = make("dl", { class: "settings" });
        const others = make("div", { class: "seen-others" });
        const dialog = make(
            "dialog", { class: "gallery-view", "aria-label": "An image of the gallery" }, bar, warning,
            make("div", { class: "seen-three" }, before.holder, change.holder, after.holder), note, fields,
            facts, others);
        document.body.append(dialog);

        const fact = (title, text) => make("div", {}, make("dt", {}, title), make("dd", {}, text));

        const verdict = (into, canvasLabel, answer, sure) => {
            into.canvas.setAttribute("aria-label", canvasLabel);
            into.answer.textContent = answer;
            into.sure.textContent = sure;
        };

        /** The three pictures; `now` has an adversarial image of floats, or of bytes over 255. */
        const draw = (image, now) => {
            const bytes = data.pictures.original(image);
            if (!bytes) return;
            const original = Float32Array.from(bytes, (value) => value / 255);
            const moved = now ?? original;
            const difference = moved.map((value, place) => value - original[place]);
            const factor = magnification(difference);
            paint(before.canvas, grey(original, shape), shape);
            paint(change.canvas, signed(difference, shape, factor), shape);
            paint(after.canvas, grey(moved, shape), shape);
            change.title.textContent = "perturbation";
            if (now && factor !== 1) change.title.textContent += `, ×${concise(factor)}`;
            after.holder.classList.toggle("is-missing", !now);
            change.holder.classList.toggle("is-missing", !now);
        };

        const empty = (...parts) => {
            for (const { canvas } of parts) canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
        };

        const table = (image, chosen) => {
            const label = (attack, level) => (level.label === null ? "least" : `ε ${level.label}`);
            const head = ["Attack", "Strength", "Answer", "Sure", "Distance", "8 bits"];
            const body = make("tbody");
            data.attacks.forEach((attack, number) => {
                const at = number === chosen.attack ? chosen.level : attack.featured;
                const level = attack.levels[at];
                const flags = level.flags[image];
                if (!(flags & flag.attacked)) return;
                const fooled = flags & flag.fooled;
                const open = button(attack.short, () => onChoose(number, at));
                if (number === chosen.attack) open.setAttribute("aria-current", "true");
                const cells = [
                    label(attack, level), fooled ? name(level.answer[image]) : "held",
                    confidenceText(level.confidence[image]),
                    fooled ? `${distanceText(level, image)} (${attack.norm})` : "–",
                    !fooled ? "–" : flags & flag.survives ? "yes" : "no",
                ];
                body.append(make(
                    "tr", { class: fooled ? "is-fooled" : null }, make("th", { scope: "row" }, open),
                    ...cells.map((text) => make("td", {}, text))));
            });
            const heads = head.map((text) => make("th", { scope: "col" }, text));
            return make(
                "div",
                { class: "scroll", role: "region", tabindex: "0", "aria-label": "All attacks on this image" },
                make("table", { class: "data" }, make("thead", {}, make("tr", {}, ...heads)), body));
        };

        let turn = 0;
        /** Shows an image under a choice, place `number` of `count`; `problem` is what a link got wrong. */
        const show = async (image, choice, [number, count], problem) => {
            const mine = (turn += 1);
            warning.textContent = problem;
            warning.hidden = problem === "";
            // Until the pictures are there, those of another image must not stand over these words.
            empty(before, change, after);
            const chosen = data.attacks[choice.attack];
            const at = chosen.levels[choice.level];
            const network = data.networks[chosen.network];
            const flags = at.flags[image];
            const fooled = (flags & flag.fooled) !== 0;
            place.textContent = number < 0
                ? `Test image ${data.index[image]}` : `Image ${whole(number + 1)} of ${whole(count)}`;
            attack.value = choice.attack;
            level.replaceChildren(...chosen.levels.map(({ label }, number) =>
                make("option", { value: number }, label === null ? "least change" : `ε ${label}`)));
            level.value = choice.level;
            level.disabled = chosen.levels.length < 2;
            const truth = name(data.label[image]);
            const said = name(network.answer[image]);
            verdict(before, `The original, read as ${said}`, said,
                `${confidenceText(network.confidence[image])} sure`);
            const size = fooled ? distanceText(at, image) : null;
            verdict(change, "What was added", fooled ? `${chosen.norm} ${size}` : "–",
                fooled ? "distance" : "");
            if (fooled) {
                const answer = name(at.answer[image]);
                verdict(after, `The adversarial image, read as ${answer}`, answer,
                    `${confidenceText(at.confidence[image])} sure`);
            } else {
                verdict(after, "The untouched original",
                    flags & flag.attacked ? "held" : "not attacked", "");
            }
            after.title.textContent = fooled ? "adversarial" : "untouched";
            after.holder.classList.toggle("fooled", fooled);
            const isStored = fooled && data.pictures.isStored(at, image);
            note.textContent = sentence(image, chosen, at, flags, isStored);
            const target = chosen.target?.[image] ?? -1;
            facts.replaceChildren(
                fact("test image", String(data.index[image])), fact("shows", truth),
                ...(target < 0 ? [] : [fact("wanted", name(target))]),
                fact("network", network.name || "–"),
                fact("survives 8 bits", !fooled ? "–" : flags & flag.survives ? "yes" : "no"),
                fact("only this attack", !fooled ? "–" : flags & flag.alone ? "yes" : "no"),
                fact("artifact", chosen.sha256 ? chosen.sha256.slice(0, 12) : "–"));
            others.replaceChildren(flags & flag.attacked ? table(image, choice) : "");
            if (!dialog.open) {
                dialog.showModal();
                close.focus();
            }
            await data.pictures.ready(at, [image]);
            if (mine !== turn) return;
            const bytes = data.pictures.adversarial(at, image);
            draw(image, bytes && Float32Array.from(bytes, (value) => value / 255));
            if (data.pictures.isDamaged(at, image)) {
                note.textContent = "The pictures of this page are damaged: that of this image cannot be read. "
                    + "The numbers are those of the record.";
            } else if (fooled && !isStored) await compute(image, chosen, at, () => mine === turn);
        };

        const sentence = (image, chosen, at, flags, isStored) => {
            if (!(flags & flag.attacked)) {
                return flags & flag.seen
                    ? "The network misread this image from the start, and attacks leave such images out."
                    : "This attack was not given this image.";
            }
            if (!(flags & flag.fooled)) {
                return "The attack did not reach its goal: its last attempt was read as "
                    + `${name(at.answer[image])}, ${confidenceText(at.confidence[image])} sure.`;
            }
            if (isStored) return "The pictures have 256 levels; the numbers are those of the record.";
            return isMissing(chosen);
        };

        const isMissing = ({ name }) => "This page holds the numbers of this image and not its picture: the "
            + `original is shown. The picture is in the attack’s file, ${name}.safetensors.`;

        /** Where the network is in the page and knows the method, the picture is computed anew. */
        const compute = async (image, chosen, at, isWanted) => {
            const result = await Mirage.galleryEngine?.(data, chosen, at, image, () => {
                note.textContent = "The picture is not in this page, and is being computed…";
                empty(change, after);
            });
            if (!isWanted()) return;
            if (!result) {
                draw(image, null);
                note.textContent = isMissing(chosen);
                return;
            }
            draw(image, result.adversarial);
            note.textContent = result.isEqual
                ? "The picture is not in this page and was computed just now, with the answer of the record."
                : "The picture was computed just now, and its answer differs from that of the record.";
        };

        dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
        dialog.addEventListener("keydown", (event) => {
            if (event.target.matches("select, .scroll")) return;
            if (event.key === "ArrowLeft") onTurn(-1);
            else if (event.key === "ArrowRight") onTurn(1);
            else return;
            event.preventDefault();
        });
        dialog.addEventListener("close", () => { turn += 1; onClose(); });
        return { show, isOpen: () => dialog.open, close: () => dialog.close() };
    };
})();
