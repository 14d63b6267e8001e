// What the page carries to compute with: the block `mirage-data`, the stored images, and the networks, each
// loaded into the engine when it is first asked for.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});

    /** Why the page cannot run a network that it carries, as a sentence; null where it can. */
    const reason = ({ layers, image }) => {
        try {
            return Mirage.isSupported?.(layers, image) ?? null;
        } catch {
            return "This network cannot run in the page: its description is damaged.";
        }
    };

    /** The networks of `mirage-data`, those that the page cannot run as if it did not carry them. */
    const runnable = (networks) => networks.map((network) => {
        const why = network.isEmbedded ? reason(network) : null;
        return why === null ? network : { ...network, isEmbedded: false, why };
    });

    Mirage.carried = { runnable };
    if (typeof document === "undefined") return;

    const data = (() => {
        try {
            const found = JSON.parse(document.getElementById("mirage-data").textContent);
            return { ...found, networks: runnable(found.networks) };
        } catch {
            return null;
        }
    })();
    const networks = (data?.networks ?? []).filter((network) => network.isEmbedded);
    const images = data ? Mirage.stored(data.images, Mirage.elements.bytesOf("mirage-images")) : null;

    /** The text of a network's block: base64 of its artifact. */
    const weights = (name) => document.getElementById(`mirage-weights-${name}`)?.textContent.trim() ?? "";

    /** Loads a network, unless its weights have another digest than the artifact that they are said to be. */
    const prepared = async (name) => {
        const network = networks.find((one) => one.name === name);
        if (!network || !Mirage.engine) throw new Error(`This page does not carry the network ${name}.`);
        const base64 = weights(name);
        const digest = await Mirage.engine.digest(base64).catch(() => "none");
        if (digest !== null && digest !== network.sha256) {
            throw new Error(`The weights of ${name} in this page are damaged: their SHA-256 is not that of `
                + `${network.file}. Nothing is computed with them.`);
        }
        return Mirage.engine.load(name, { layers: network.layers, image: network.image, base64 });
    };
    const loads = new Map();
    /** Loads a network once; the promise fails with a sentence where nothing can be computed with it. */
    const load = (name) => {
        if (!loads.has(name)) loads.set(name, prepared(name));
        return loads.get(name);
    };

    /** The stored image of a number in the data set, as attacks take it; null where the page has none. */
    const sample = (index) => {
        const place = images ? images.index.indexOf(index) : -1;
        return place < 0 ? null : { image: images.all[place], label: images.label[place], key: index };
    };

    Mirage.carried = { runnable, data, networks, images, weights, load, sample };
})();
