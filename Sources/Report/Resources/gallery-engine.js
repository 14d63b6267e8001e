// A picture that the gallery does not hold, computed where the page carries the network: by the attack's own
// settings, on the image's own bytes, so that it is the picture of the record.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});
    if (typeof document === "undefined") return;

    const methods = new Set(["fgsm", "pgd", "noise-sgd", "deepfool", "uniform-noise"]);

    /** What the page carries to compute an attack's pictures with; null where it cannot. */
    const carriedFor = (data, attack) => {
        const { carried, engine } = Mirage;
        if (!carried?.data || !engine || !data.header.isExact || !methods.has(attack.method)) return null;
        const found = carried.data.attacks.find(({ name }) => name === attack.name);
        return found?.config && carried.networks.some(({ name }) => name === found.model) ? found : null;
    };

    /**
     * The adversarial image of a level, as floats, and whether the answer to it is the record's, as the
     * page writes it; null where it cannot be computed. `onStart` is told when it is going to be.
     */
    Mirage.galleryEngine = async (data, attack, level, image, onStart) => {
        const bytes = data.pictures.original(image);
        const found = carriedFor(data, attack);
        if (!bytes || !found) return null;
        onStart();
        try {
            await Mirage.carried.load(found.model);
            const config = { ...found.config };
            // The search for the least ε changes no picture, and takes most of the time.
            if (attack.method === "fgsm") config.least_epsilon = false;
            const sample = {
                image: Mirage.pictures.floats(bytes), label: data.label[image], key: data.index[image],
            };
            const result = await Mirage.engine.attack(found.model, config, sample, null, "gallery");
            const now = result?.levels[attack.levels.indexOf(level)];
            if (!now) return null;
            const { confidenceText } = Mirage.galleryData;
            const sure = Mirage.numerals.percent(now.finalConfidence);
            const isEqual = now.success && now.finalClass === level.answer[image]
                && sure === confidenceText(level.confidence[image]);
            return { adversarial: now.adversarial, isEqual };
        } catch {
            return null;
        }
    };

    /** Whether a picture that is not there can be computed. */
    Mirage.galleryEngine.knows = (data, attack) => carriedFor(data, attack) !== null;
})();
