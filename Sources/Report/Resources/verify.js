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
    const bytesOf = (floats) => new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength);
    /** What is compared, in the order in which the page stores it. */
    const parts = ["success", "class", "confidence", "L∞", "L₂", "iterations", "image"];

    /** The seven words of a computed result, as the page stores them. */
    const wordsOf = (level) => [
        (level.success ? 1 : 0) + (level.success8bit ? 2 : 0), level.finalClass, bits(level.finalConfidence),
        bits(level.linf), bits(level.l2), level.iterations,
        crc32(bytesOf(level.adversarial)),
    ];

    /** Reads the stored words: [level][image] -> seven numbers; null where the block is not of that size. */
    const storedWords = (bytes, levels, count) => {
        if (!bytes || bytes.length !== 4 * parts.length * levels * count) return null;
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        return (level, image) => parts.map((_, part) =>
            view.getUint32(4 * ((level * count + image) * parts.length + part), true));
    };

    /**
     * The last line: how many of all stored results are equal, and what became of the others. Each of
     * `outcomes` is what came of an attack: { title, all, equal, differing (0 or 1) }.
     */
    const summary = (outcomes) => {
        const { whole } = Mirage.numerals;
        const sum = (key) => outcomes.reduce((total, outcome) => total + outcome[key], 0);
        const titles = (isMeant) => outcomes.filter(isMeant).map(({ title }) => title).join("; ");
        const restOf = ({ all, equal, differing }) => all - equal - differing;
        const [all, equal, differing] = [sum("all"), sum("equal"), sum("differing")];
        const rest = all - equal - differing;
        const others = [];
        if (differing > 0) {
            others.push(`${whole(differing)} differ${differing === 1 ? "s" : ""} `
                + `(${titles((outcome) => outcome.differing > 0)})`);
        }
        if (rest > 0) {
            others.push(`${whole(rest)} ${rest === 1 ? "was" : "were"} not computed `
                + `(${titles((outcome) => restOf(outcome) > 0)})`);
        }
        return `Altogether ${[`${whole(equal)} of ${whole(all)} equal`, ...others].join("; ")}.`;
    };

    Mirage.verify = { crc32, wordsOf, storedWords, summary, parts };
    if (typeof document === "undefined") return;
    const host = document.getElementById("verify");
    if (!host) return;
    const { carried, elements, numerals } = Mirage;
    const button = document.getElementById("verify-go");
    const progress = document.getElementById("verify-progress");
    const list = document.getElementById("verify-said");
    const say = (text, isBad = false) => {
        const item = elements.make("li", { class: isBad ? "bad" : null }, text);
        list.append(item);
        return item;
    };
    /** Shows the section, and says why there is nothing to press. */
    const refuse = (text) => {
        button.disabled = true;
        say(text, true);
        host.hidden = false;
    };
    if (!carried?.data) {
        return refuse("The data that this needs are missing from this page, or damaged.");
    }
    if (!Mirage.engine) return refuse("The part of this page that computes is missing or damaged.");

    /** Compares the digest of a network's block with that of its artifact. */
    const hash = async (network) => {
        const found = await Mirage.engine.digest(carried.weights(network.name));
        if (found === null) {
            say(`This browser offers no SHA-256 here, so the weights of ${network.name} are not hashed.`);
        } else if (found === network.sha256) {
            say(`Weights of ${network.name}: SHA-256 ${found.slice(0, 12)}…, that of ${network.file}.`);
        } else {
            say(`The weights of ${network.name} are damaged: their SHA-256 is ${found.slice(0, 12)}…, and `
                + `that of ${network.file} is ${network.sha256.slice(0, 12)}….`, true);
        }
    };

    /**
     * Computes the stored results of one attack anew, up to the first that differs, which it names; counts
     * them in `outcome`. Throws where they cannot be computed.
     */
    const compare = async (attack, places, outcome, onDone) => {
        const { images } = carried;
        if (!images) throw new Error("The stored images of this page are damaged: they cannot be read.");
        const why = carried.data.networks.find(({ name }) => name === attack.model)?.why;
        if (why) throw new Error(why);
        const words = storedWords(elements.bytesOf(`mirage-stored-${attack.name}`),
            Math.max(1, attack.epsilons.length), places.length);
        if (!words) throw new Error("The stored results are damaged: they cannot be read.");
        await carried.load(attack.model);
        for (const [number, place] of places.entries()) {
            const key = images.index[place];
            const sample = { image: images.all[place], label: images.label[place], key };
            const result = await Mirage.engine.attack(attack.model, attack.config, sample, null, "verify");
            for (const [rank, level] of result.levels.entries()) {
                const [found, expected] = [wordsOf(level), words(rank, number)];
                const odd = parts.findIndex((_, part) => found[part] !== expected[part]);
                if (odd >= 0) {
                    const where = attack.epsilons.length ? ` at ε ${attack.epsilons[rank]}` : "";
                    outcome.differing = 1;
                    return say(`${attack.title}, image ${key}${where}: ${parts[odd]} differs. Computed here: `
                        + `${found[odd].toString(16)}; stored: ${expected[odd].toString(16)} (as bits). `
                        + `Before it ${numerals.whole(outcome.equal)} were equal.`, true);
                }
                outcome.equal += 1;
            }
            onDone();
        }
        say(`${attack.title}: ${numerals.whole(outcome.equal)} of ${numerals.whole(outcome.all)} equal.`);
    };

    /** Hashes and compares all that is stored. What fails is said, and the next is taken all the same. */
    const verify = async () => {
        const failures = new Map();
        const tried = async (name, body) => {
            try {
                await body();
            } catch (error) {
                const sentence = error?.message || "This could not be computed.";
                // One reason for many is said once.
                const said = failures.get(sentence) ?? { names: [], item: say("", true) };
                failures.set(sentence, said);
                said.names.push(name);
                said.item.textContent = `${said.names.join("; ")}: ${sentence}`;
            }
        };
        for (const network of carried.networks) {
            await tried(`Weights of ${network.name}`, () => hash(network));
        }
        const stored = (carried.data.stored ?? []).filter(({ images }) => images.length > 0);
        const whole = stored.reduce((sum, { images }) => sum + images.length, 0);
        const outcomes = [];
        let before = 0;
        for (const { attack: name, images } of stored) {
            const attack = carried.data.attacks.find((one) => one.name === name);
            if (!attack) {
                say(`The results of ${name} belong to no attack of this page.`, true);
                continue;
            }
            const all = images.length * Math.max(1, attack.epsilons.length);
            const outcome = { title: attack.title, all, equal: 0, differing: 0 };
            outcomes.push(outcome);
            let done = before;
            await tried(attack.title, () => compare(attack, images, outcome, () => {
                done += 1;
                progress.value = done / whole;
            }));
            before += images.length;
            progress.value = before / whole;
        }
        say(summary(outcomes), outcomes.some(({ all, equal }) => equal < all));
    };

    button.addEventListener("click", async () => {
        button.disabled = true;
        list.replaceChildren();
        progress.value = 0;
        progress.hidden = false;
        try {
            await verify();
        } catch (error) {
            say(error?.message || "The results could not be computed.", true);
        }
        progress.hidden = true;
        button.disabled = false;
    });
    host.hidden = false;
})();
