// "Verify in this browser": hashes the weights that the page carries, computes stored results anew, and says
// how many are equal to the last bit. Nothing stored is compared with itself: each image is attacked again.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});

    /** CRC-32 of ISO 3309, of bytes. */
    const table = Uint32Array.from({ length: 256 }, (_, index) => {
        let crc = index;
        for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
        return crc;
    });
    const crc32 = (bytes) => {
        let crc = 0xffffffff;
        for (const byte of bytes) crc = table[(crc ^ byte) & 255] ^ (crc >>> 8);
        return (crc ^ 0xffffffff) >>> 0;
    };

    const wordsOfFloat = new DataView(new ArrayBuffer(4));
    const bits = (value) => {
        wordsOfFloat.setFloat32(0, value);
        return wordsOfFloat.getUint32(0);
    };
    /** What is compared, in the order in which the page stores it. */
    const parts = ["success", "class", "confidence", "L∞", "L₂", "iterations", "image"];

    /** The seven words of a computed result, as the page stores them. */
    const wordsOf = (level) => [
        (level.success ? 1 : 0) + (level.success8bit ? 2 : 0), level.finalClass, bits(level.finalConfidence),
        bits(level.linf), bits(level.l2), level.iterations,
        crc32(new Uint8Array(level.adversarial.buffer, level.adversarial.byteOffset, 4 * level.adversarial.length)),
    ];

    /** Reads the stored words: [level][image] -> seven numbers; null where the block is not of that size. */
    const storedWords = (bytes, levels, count) => {
        if (!bytes || bytes.length !== 4 * parts.length * levels * count) return null;
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        return (level, image) => parts.map((_, part) =>
            view.getUint32(4 * ((level * count + image) * parts.length + part), true));
    };

    Mirage.verify = { crc32, wordsOf, storedWords, parts };
    if (typeof document === "undefined") return;
    const host = document.getElementById("verify");
    const { carried, elements, numerals } = Mirage;
    if (!host || !carried?.data || carried.networks.length === 0 || !Mirage.engine) return;
    const button = document.getElementById("verify-go");
    const progress = document.getElementById("verify-progress");
    const list = document.getElementById("verify-said");
    const say = (text, isBad = false) =>
        list.append(elements.make("li", { class: isBad ? "bad" : null }, text));

    /** Compares the digest of each network's block with that of its artifact. */
    const hash = async () => {
        for (const network of carried.networks) {
            const found = await Mirage.engine.digest(carried.weights(network.name));
            if (found === null) {
                say(`This browser offers no SHA-256 here, so the weights of ${network.name} are not hashed.`);
            } else if (found === network.sha256) {
                say(`Weights of ${network.name}: SHA-256 ${found.slice(0, 12)}…, that of ${network.file}.`);
            } else {
                say(`The weights of ${network.name} are damaged: their SHA-256 is ${found.slice(0, 12)}…, and that of `
                    + `${network.file} is ${network.sha256.slice(0, 12)}….`, true);
            }
        }
    };

    /** Computes the stored results of one attack anew; false at the first that differs, which it names. */
    const compare = async (attack, places, onDone) => {
        const words = storedWords(elements.bytesOf(`mirage-stored-${attack.name}`),
            Math.max(1, attack.epsilons.length), places.length);
        if (!words) return say(`${attack.title}: the stored results are damaged: they cannot be read.`, true);
        await carried.load(attack.model);
        let equal = 0;
        for (const [number, place] of places.entries()) {
            const key = carried.images.index[place];
            const sample = { image: carried.images.all[place], label: carried.images.label[place], key };
            const result = await Mirage.engine.attack(attack.model, attack.config, sample, undefined, "verify");
            for (const [rank, level] of result.levels.entries()) {
                const [found, expected] = [wordsOf(level), words(rank, number)];
                const odd = parts.findIndex((_, part) => found[part] !== expected[part]);
                if (odd >= 0) {
                    const where = attack.epsilons.length ? ` at ε ${attack.epsilons[rank]}` : "";
                    return say(`${attack.title}, image ${key}${where}: ${parts[odd]} differs. Computed here: `
                        + `${found[odd].toString(16)}; stored: ${expected[odd].toString(16)} (as bits). Before it `
                        + `${numerals.whole(equal)} were equal.`, true);
                }
                equal += 1;
            }
            onDone();
        }
        const all = places.length * Math.max(1, attack.epsilons.length);
        say(`${attack.title}: ${numerals.whole(equal)} of ${numerals.whole(all)} equal.`);
    };

    button.addEventListener("click", async () => {
        button.disabled = true;
        list.replaceChildren();
        progress.hidden = false;
        const stored = carried.data.stored.filter(({ images }) => images.length > 0);
        const whole = stored.reduce((sum, { images }) => sum + images.length, 0);
        let done = 0;
        try {
            await hash();
            if (!carried.images) say("The stored images of this page are damaged: they cannot be read.", true);
            for (const { attack, images } of carried.images ? stored : []) {
                const run = carried.data.attacks.find(({ name }) => name === attack);
                await compare(run, images, () => { done += 1; progress.value = done / whole; });
            }
        } catch (error) {
            say(error?.message || "The results could not be computed.", true);
        }
        progress.hidden = true;
        button.disabled = false;
    });
    host.hidden = false;
})();
