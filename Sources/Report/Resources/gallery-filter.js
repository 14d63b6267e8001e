// Which images of the gallery are shown, and in which order; and the same as a state of the page's address:
//
//     #gallery&attack=fgsm&epsilon=0.05&true=4&answer=9&show=fooled    the sheet, filtered
//     #image=3437&attack=fgsm&epsilon=0.05&true=4                      one image, opened, of a sheet
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});
    const { flag, distance } = Mirage.galleryData;

    /** Everything, in the order of the sample. */
    const all = Object.freeze({
        truth: null, answer: null, show: "all", rounded: "any", only: false, least: null, most: null,
        sort: "index",
    });

    const tests = {
        all: () => true,
        fooled: (flags) => (flags & flag.fooled) !== 0,
        held: (flags) => (flags & flag.attacked) !== 0 && (flags & flag.fooled) === 0,
        misread: (flags) => (flags & flag.seen) !== 0 && (flags & flag.attacked) === 0,
        any: () => true,
        yes: (flags) => (flags & flag.survives) !== 0,
        no: (flags) => (flags & flag.fooled) !== 0 && (flags & flag.survives) === 0,
    };

    const orders = {
        index: (data) => (image) => data.index[image],
        nearest: (_, level) => (image) => distance(level, image),
        farthest: (_, level) => (image) => -distance(level, image),
        surest: (_, level) => (image) => -level.confidence[image],
        unsurest: (_, level) => (image) => level.confidence[image],
    };

    /** The images of a choice { attack, level, … }, by their places in the gallery. */
    const images = (data, choice) => {
        const level = data.attacks[choice.attack].levels[choice.level];
        const [isShown, isRounded] = [tests[choice.show], tests[choice.rounded]];
        const found = [];
        for (let image = 0; image < data.label.length; image += 1) {
            const flags = level.flags[image];
            if (!(flags & flag.seen) || !isShown(flags) || !isRounded(flags)) continue;
            if (choice.only && !(flags & flag.alone)) continue;
            if (choice.truth !== null && data.label[image] !== choice.truth) continue;
            if (choice.answer !== null && level.answer[image] !== choice.answer) continue;
            // Only what was turned has a distance.
            const size = flags & flag.fooled ? distance(level, image) : NaN;
            if (choice.least !== null && !(size >= choice.least)) continue;
            if (choice.most !== null && !(size <= choice.most)) continue;
            found.push(image);
        }
        const key = orders[choice.sort](data, level);
        // Distances and answers of images that held say nothing of the change: these come last.
        const isLast = (image) => choice.sort !== "index" && !(level.flags[image] & flag.fooled);
        return found.sort((a, b) => isLast(a) - isLast(b) || key(a) - key(b) || a - b);
    };

    /** The fields of an address for a choice, of one image or of the sheet. */
    const fields = (data, choice, image = null) => {
        const attack = data.attacks[choice.attack];
        const found = new Map(image === null ? [["gallery", ""]] : [["image", String(data.index[image])]]);
        found.set("attack", attack.name);
        const { epsilon } = attack.levels[choice.level];
        if (epsilon !== null) found.set("epsilon", String(epsilon));
        const names = {
            truth: "true", answer: "answer", show: "show", rounded: "8bit", only: "only", least: "from",
            most: "to", sort: "sort",
        };
        for (const [key, name] of Object.entries(names)) {
            if (choice[key] !== all[key]) found.set(name, key === "only" ? "" : String(choice[key]));
        }
        return found;
    };

    /**
     * What an address asks for: { choice, image, problem }. What it does not say is as at the beginning. What
     * this sheet does not have is left out, and `problem` says so in sentences; it is empty where all is well.
     * `image` is the place of the image to open: null where none is asked for, −1 where it is not here.
     */
    const reading = (data, found, beginning) => {
        const problems = [];
        const refuse = (sentence) => { problems.push(sentence); return null; };
        const asked = (name) => Mirage.state.shown(found.get(name));
        const wrong = (name, expected) =>
            refuse(`The link has ${asked(name)} for ${name}, expected ${expected}.`);
        const whole = (name) => (/^\d{1,9}$/.test(found.get(name)) ? Number(found.get(name)) : -1);
        /** A number that is not negative. */
        const number = (name) => {
            if (!found.has(name)) return null;
            const value = /^[\d.]+(e[-+]?\d+)?$/i.test(found.get(name)) ? Number(found.get(name)) : NaN;
            return Number.isFinite(value) ? value : wrong(name, "a number from 0 up");
        };
        const classOf = (name) => {
            if (!found.has(name)) return null;
            const label = whole(name);
            const last = data.header.classes.length - 1;
            return label >= 0 && label <= last ? label : wrong(name, `a class from 0 to ${last}`);
        };
        const one = (name, words, otherwise) => {
            if (!found.has(name) || words.includes(found.get(name))) return found.get(name) ?? otherwise;
            return wrong(name, `one of ${words.join(", ")}`) ?? otherwise;
        };
        let { attack, level } = beginning;
        if (found.has("attack")) {
            const place = data.attacks.findIndex(({ name }) => name === found.get("attack"));
            if (place < 0) refuse(`The link asks for the attack ${asked("attack")}, which is not on this sheet.`);
            else [attack, level] = [place, data.attacks[place].featured];
        }
        const { name, levels } = data.attacks[attack];
        const epsilon = number("epsilon");
        if (epsilon !== null) {
            const place = levels.findIndex(
                (level) => level.epsilon !== null && Math.fround(level.epsilon) === Math.fround(epsilon));
            const known = levels.map((level) => level.epsilon).filter((value) => value !== null);
            const which = known.length ? `ran at ${known.join(", ")}` : "has no ε";
            if (place >= 0) level = place;
            else refuse(`The link asks for ε ${asked("epsilon")}, and ${name} ${which}.`);
        }
        const choice = {
            attack, level, truth: classOf("true"), answer: classOf("answer"),
            show: one("show", ["all", "fooled", "held", "misread"], all.show),
            rounded: one("8bit", ["any", "yes", "no"], all.rounded),
            only: found.has("only"), least: number("from"), most: number("to"),
            sort: one("sort", Object.keys(orders), all.sort),
        };
        if (problems.length) problems.push("All else is as the link says.");
        const image = found.has("image") ? data.index.indexOf(whole("image")) : null;
        if (image === -1) problems.push(`Test image ${asked("image")} is not on this sheet.`);
        return { choice, image, problem: problems.join(" ") };
    };

    Mirage.galleryFilter = { all, images, fields, reading };
})();
