// A layer as a config or a model's metadata has it: "relu", or {"conv": 16, "kernel": 3, "name": "conv1"}.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});
    const { fround } = Math;

    // A network that the page cannot run; `message` is a sentence for people.
    Mirage.Unsupported = class extends Error {
        constructor(what) {
            super(`This network cannot run in the page: ${what}.`);
            this.name = "Unsupported";
        }
    };

    // The most numbers that a layer may give or have as weights: what the page makes room for.
    const MOST = 1 << 24;

    const isBounded = (count) => count <= MOST;

    const isWhole = (number) => Number.isSafeInteger(number) && Math.abs(number) <= MOST;

    // What a layer hands to the next for one image: a shape [C, H, W] or [F], and how the numbers lie. An
    // "image" is channel by channel as it enters, "maps" are pixel by pixel, [H, W, C], a "vector" is [F].
    const features = (layout, shape) => {
        const count = shape.reduce((product, size) => product * size, 1);
        return {
            layout, shape, count,
            // Whether the numbers lie in the order of the shape, so that they are a vector as they are.
            isFlat: layout !== "maps" || shape[0] === 1 || shape[1] * shape[2] === 1,
            equals: (other) => other.layout === layout && String(other.shape) === String(shape),
            text: `${layout === "image" ? "an image " : ""}[${shape.join(", ")}]`,
        };
    };

    // One written layer. Each method takes a setting out of it; `finish` refuses what nobody has taken.
    class Form {
        // - json: the layer.
        // - place: what messages call it while it has no name, "layer 3".
        constructor(json, place, words) {
            const members = typeof json === "string" ? { [json]: null } : { ...json };
            const word = Object.keys(members).find((key) => words.includes(key));
            this.name = typeof members.name === "string" ? members.name : null;
            this.place = this.name === null ? place : `${place} (“${this.name}”)`;
            if (word === undefined) {
                const keys = Object.keys(members).filter((key) => key !== "name").sort().slice(0, 3);
                const what = keys.join(", ") || "nothing";
                throw new Mirage.Unsupported(`the page does not know ${place}, ${what}`);
            }
            this.word = word;
            this.value = members[word];
            delete members[word];
            delete members.name;
            this.settings = members;
        }

        refuse(what) {
            throw new Mirage.Unsupported(`${this.place}, ${this.word}: ${what}`);
        }

        take(key) {
            const found = this.settings[key];
            delete this.settings[key];
            return found;
        }

        finish() {
            const [left] = Object.keys(this.settings).sort();
            if (left !== undefined) this.refuse(`the page does not know the setting ${left}`);
        }

        // A whole number from `least` on.
        whole(number, key, least) {
            if (!isWhole(number) || number < least) this.refuse(`${key} is ${JSON.stringify(number)}`);
            return number;
        }

        // The value at the word, as a count of 1 or more.
        count() {
            return this.whole(this.value, "its size", 1);
        }

        // The value at the word, as the name of an earlier layer, or as several.
        sources() {
            const names = Array.isArray(this.value) ? this.value : [this.value];
            if (!names.every((name) => typeof name === "string")) this.refuse("it names no earlier layer");
            return names;
        }

        // A finite number, as a float.
        float(key, usual) {
            const found = this.take(key) ?? usual;
            if (typeof found !== "number") this.refuse(`${key} is ${JSON.stringify(found)}`);
            return fround(found);
        }

        flag(key, usual) {
            const found = this.take(key) ?? usual;
            if (typeof found !== "boolean") this.refuse(`${key} is ${JSON.stringify(found)}`);
            return found;
        }

        // Numbers in a list.
        numbers(key) {
            const found = this.take(key);
            const isList = Array.isArray(found) && found.every(Number.isFinite);
            return isList ? found : this.refuse(`${key} is no list of numbers`);
        }

        // Rows and columns: one number for both, or a list of two.
        sizes(found, key, least = 1) {
            const list = Array.isArray(found) ? found : [found, found];
            if (list.length !== 2) this.refuse(`${key} is ${JSON.stringify(found)}`);
            return list.map((size) => this.whole(size, key, least));
        }

        // Top, left, bottom and right of one number, [rows, columns] or all four; or "same", by `same`.
        padding(found, same, least = 0) {
            if (found === undefined || found === null) return { top: 0, left: 0, bottom: 0, right: 0 };
            if (found === "same" && same) return same();
            const list = Array.isArray(found) ? found : [found];
            if (![1, 2, 4].includes(list.length)) this.refuse(`padding is ${JSON.stringify(found)}`);
            const sides = list.map((side) => this.whole(side, "padding", least));
            const [top, left = top, bottom = top, right = left] = sides;
            return { top, left, bottom, right };
        }
    }

    Mirage.forms = { Form, features, isBounded, MOST };
})();
