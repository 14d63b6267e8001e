// Which images of the gallery are shown, and in which order; and the same as a state of the page's address:
//
//     #image=3437&attack=fgsm&epsilon=0.05                       one image, opened
//     #gallery&attack=fgsm&epsilon=0.05&true=4&answer=9&show=fooled    the sheet, filtered
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

    /** The level of an attack whose ε is nearest to one; without one the level that is shown at first. */
    const levelAt = (attack, epsilon) => {
        const gap = (level) => Math.abs((level.epsilon ?? Infinity) - epsilon);
        if (epsilon === null || !Number.isFinite(epsilon)) return attack.featured;
        return attack.levels.reduce((best, level, number) =>
            (gap(level) < gap(attack.levels[best]) ? number : best), 0);
    };

    /** The fields of an address for a choice, of one image or of the sheet. */
    const fields = (data, choice, image = null) => {
        const attack = data.attacks[choice.attack];
        const found = new Map(image === null ? [["gallery", ""]] : [["image", String(data.index[image])]]);
        found.set("attack", attack.name);
        const { epsilon } = attack.levels[choice.level];
        if (epsilon !== null) found.set("epsilon", String(epsilon));
        if (image !== null) return found;
        const names = {
            truth: "true", answer: "answer", show: "show", rounded: "8bit", only: "only", least: "from",
            most: "to", sort: "sort",
        };
        for (const [key, name] of Object.entries(names)) {
            if (choice[key] !== all[key]) found.set(name, key === "only" ? "" : String(choice[key]));
        }
        return found;
    };

    const number = (text) => (text === undefined || text.trim() === "" || Number.isNaN(Number(text))
        ? null : Number(text));

    /** The choice that an address asks for; what it does not say or says wrongly is as at the beginning. */
    const choice = (data, found, beginning) => {
        const named = data.attacks.findIndex(({ name }) => name === found.get("attack"));
        const attack = named < 0 ? beginning.attack : named;
        const among = (name, of, otherwise) =>
            (Object.hasOwn(of, found.get(name) ?? "") ? found.get(name) : otherwise);
        return {
            attack,
            level: named < 0 ? beginning.level : levelAt(data.attacks[attack], number(found.get("epsilon"))),
            truth: number(found.get("true")), answer: number(found.get("answer")),
            show: among("show", { all: 1, fooled: 1, held: 1 }, all.show),
            rounded: among("8bit", { any: 1, yes: 1, no: 1 }, all.rounded),
            only: found.has("only"), least: number(found.get("from")), most: number(found.get("to")),
            sort: among("sort", orders, all.sort),
        };
    };

    Mirage.galleryFilter = { all, images, levelAt, fields, choice };
})();
