// "All images": the choices above the sheet, the sheet, the box with one image, the address, and the heat
// maps, whose cells lead here.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});
    if (typeof document === "undefined" || !document.getElementById("all-images")) return;
    const { make, bytesOf } = Mirage.elements;
    const { whole } = Mirage.numerals;
    const { columns, pictures, inflated, flag, distanceText, confidenceText } = Mirage.galleryData;
    const { all, images, fields, reading } = Mirage.galleryFilter;
    const home = document.getElementById("all-images");
    const say = (text) => home.replaceChildren(make("p", { class: "gallery-status" }, text));

    const header = (() => {
        try {
            return JSON.parse(document.getElementById("mirage-sheet").textContent);
        } catch {
            return null;
        }
    })();
    if (!header) return say("The data of the sheet are damaged: they cannot be read.");
    if (typeof DecompressionStream !== "function") {
        return say("This browser cannot unpack the sheet; one from 2023 or later can.");
    }

    const name = (label) => header.classes[label] ?? (label < 0 ? "–" : String(label));
    const look = { what: "adversarial", size: "small" };
    const beginning = { ...all, attack: header.first, level: header.attacks[header.first].featured };
    let choice = beginning;
    let [list, opened] = [[], null];
    /** What the link asked for and is not here, until the reader chooses. */
    let problem = "";
    let [data, sheet, view] = [null, null, null];

    // MARK: The choices

    const select = (title, options, read, write) => {
        const element = make("select");
        const set = (entries) => element.replaceChildren(
            ...entries.map(([value, text]) => make("option", { value: String(value) }, text)));
        set(options);
        element.addEventListener("change", () => { write(element.value); changed(); });
        return { field: make("label", {}, title, element), element, set, read };
    };
    const number = (title, key) => {
        const element = make("input", {
            type: "number", min: "0", step: "any", inputmode: "decimal", placeholder: title,
            "aria-label": `Distance, ${title}`,
        });
        element.addEventListener("change", () => {
            choice = { ...choice, [key]: element.value === "" ? null : element.valueAsNumber };
            changed();
        });
        return { element, read: () => choice[key] ?? "" };
    };
    const set = (key, convert = (value) => value) => (value) => {
        choice = { ...choice, [key]: convert(value) };
    };
    const classOrNone = (value) => (value === "" ? null : Number(value));
    const classes = [["", "any"], ...header.classes.map((text, label) => [label, text])];
    const attack = select("Attack", header.attacks.map(({ short }, place) => [place, short]),
        () => choice.attack, (value) => {
            choice = { ...choice, attack: Number(value), level: header.attacks[value].featured };
        });
    const level = select("Strength", [], () => choice.level, set("level", Number));
    const only = make("input", { type: "checkbox" });
    only.addEventListener("change", () => { choice = { ...choice, only: only.checked }; changed(); });
    const ends = [number("from", "least"), number("to", "most")];
    ends[0].field = make(
        "div", { class: "range", role: "group", "aria-label": "Distance" }, "Distance",
        make("div", {}, ...ends.map(({ element }) => element)));
    const controls = [
        attack, level,
        select("Show", [
            ["all", "all images"], ["fooled", "those turned"], ["held", "those that held"],
            ["misread", "misread from the start"],
        ],
            () => choice.show, set("show")),
        select("True class", classes, () => choice.truth ?? "", set("truth", classOrNone)),
        select("Answer", classes, () => choice.answer ?? "", set("answer", classOrNone)),
        select("With 256 levels",
            [["any", "either way"], ["yes", "still turned"], ["no", "no longer turned"]],
            () => choice.rounded, set("rounded")),
        ends[0], ends[1],
        select("Order", [
            ["index", "by number"], ["nearest", "nearest first"], ["farthest", "farthest first"],
            ["surest", "surest first"], ["unsurest", "least sure first"],
        ], () => choice.sort, set("sort")),
        select("Picture", [
            ["adversarial", "adversarial"], ["original", "original"], ["perturbation", "perturbation"],
        ], () => look.what, (value) => { look.what = value; }),
        select("Size", [["small", "small"], ["large", "large"]],
            () => look.size, (value) => { look.size = value; }),
    ];
    const reset = make("button", { type: "button" }, "Show everything");
    reset.addEventListener("click", () => {
        choice = { ...all, attack: choice.attack, level: choice.level };
        changed();
    });
    const status = make("p", { class: "gallery-status", role: "status" });
    const caption = make("p", { class: "gallery-caption" });
    const frame = make("div");
    home.append(
        make("div", { class: "gallery-fields" }, ...controls.map(({ field }) => field).filter(Boolean),
            make("label", { class: "check" }, only, "only this attack turned it"), reset),
        // What is pointed at is told below: above, a second line of it would move the sheet away from the finger.
        status, frame, caption);

    const readControls = () => {
        const { levels } = header.attacks[choice.attack];
        level.set(levels.map(({ label }, place) => [place, label === null ? "least change" : `ε ${label}`]));
        level.element.disabled = levels.length < 2;
        for (const { element, read } of controls) element.value = String(read());
        only.checked = choice.only;
    };

    // MARK: The sheet

    const words = (image) => {
        const at = data.attacks[choice.attack].levels[choice.level];
        const { norm, network } = data.attacks[choice.attack];
        const flags = at.flags[image];
        const shows = `Test image ${data.index[image]}, ${Mirage.numerals.answer(name(data.label[image]))}`;
        if (!(flags & flag.attacked)) {
            const answer = name(data.networks[network].answer[image]);
            return `${shows}, misread from the start as ${Mirage.numerals.answer(answer)}`;
        }
        if (!(flags & flag.fooled)) return `${shows}, held`;
        return `${shows}, read as ${Mirage.numerals.answer(name(at.answer[image]))}, `
            + `${confidenceText(at.confidence[image])} sure, ${norm} ${distanceText(at, image)}`;
    };
    const brief = (image) => {
        const at = data.attacks[choice.attack].levels[choice.level];
        return `${name(data.label[image])} → ${name(at.answer[image])}`;
    };

    const lay = () => {
        if (!data) return;
        const chosen = data.attacks[choice.attack];
        const at = chosen.levels[choice.level];
        list = images(data, choice);
        const seen = at.flags.reduce((sum, flags) => sum + ((flags & flag.seen) !== 0), 0);
        const turned = list.filter((image) => at.flags[image] & flag.fooled);
        const missing = turned.filter((image) => !data.pictures.isStored(at, image)).length;
        const strength = at.label === null ? "" : ` at ε ${at.label}`;
        status.textContent = `${problem}${problem && " "}${whole(list.length)} of ${whole(seen)} images, ${whole(turned.length)} `
            + `of them turned by ${chosen.short}${strength}.`;
        if (missing > 0 && look.what !== "original") {
            status.textContent += ` Of ${missing === turned.length ? "these" : whole(missing)} the page `
                + "holds the numbers and not the picture: "
                + (look.what === "perturbation" ? "a short line" : "the original, with a short line")
                + (Mirage.galleryEngine.knows(data, chosen) ? "; open one, and it is computed." : ".");
        }
        caption.textContent = list.length
            ? "A line under a picture: it was turned. Pale: it held, or was misread from the start. Choose one to see it large."
            : "No image is like that.";
        sheet.show(list, at, { ...look });
    };

    const damaged = "The data of the sheet are damaged.";
    const holes = " Pictures of this page are damaged: their places stay empty.";
    let opening = null;
    /** Unpacks the data, once. */
    const open = () => (opening ??= (async () => {
        const [packed, bytes] = [bytesOf("mirage-sheet-columns"), bytesOf("mirage-sheet-pictures")];
        if (!packed || !bytes) throw new Error(damaged);
        const unpacked = await inflated(packed).catch(() => { throw new Error(damaged); });
        data = { header, ...columns(unpacked, header) };
        data.pictures = pictures(bytes, header, data.attacks);
        sheet = Mirage.gallerySheet({
            data, words, brief, onOpen: (place) => show(place),
            onPoint: (place) => { caption.textContent = `${words(list[place])}.`; },
            onDamage: () => {
                if (!status.textContent.endsWith(holes)) status.textContent += holes;
            },
        });
        frame.append(sheet.box);
        view = Mirage.galleryView({
            data, name,
            onTurn: (step) => {
                problem = "";
                if (list.length) show((opened.place + step + list.length) % list.length);
            },
            onChoose: (attack, level) => {
                choice = { ...choice, attack, level: level ?? data.attacks[attack].featured };
                problem = "";
                readControls();
                lay();
                showImage(opened.image);
            },
            onClose: () => {
                const place = opened?.place ?? -1;
                opened = null;
                Mirage.state.write(fields(data, choice));
                if (place >= 0) sheet.point(place);
            },
        });
        lay();
    })().catch((error) => { say(error.message || damaged); }));

    /** Opens the image at a place of the list. */
    const show = (place) => showImage(list[place], place);
    const showImage = (image, place = list.indexOf(image)) => {
        opened = { image, place };
        Mirage.state.write(fields(data, choice, image));
        view.show(image, choice, [place, list.length], problem);
    };

    const changed = () => {
        problem = "";
        readControls();
        if (data) Mirage.state.write(fields(data, choice));
        lay();
    };

    // MARK: The address

    const follow = async (found) => {
        const isImage = found.has("image") && !found.has("try");
        if (!isImage && !(found.has("gallery") && found.size > 1)) return;
        await open();
        if (!data) return;
        const asked = reading(data, found, isImage ? choice : beginning);
        ({ choice, problem } = asked);
        readControls();
        lay();
        if (asked.image >= 0 && isImage) return showImage(asked.image);
        if (opened) view.close();
        document.getElementById("gallery").scrollIntoView();
    };

    readControls();
    new IntersectionObserver((entries, observer) => {
        if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
        observer.disconnect();
        open();
    }, { rootMargin: "600px" }).observe(home);
    Mirage.state.onChange(follow);
    follow(Mirage.state.read());
})();
