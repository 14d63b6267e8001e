// Runs the scripts of the report under Node on cases that a Swift test has written, and compares every number
// by its bits: node compare.js RESOURCES CASES. Prints one line of JSON a case, and the kinds of layers it
// knows first.
"use strict";
const fs = require("fs");
const path = require("path");
const vm = require("vm");

const [resources, folder] = process.argv.slice(2);
const scripts = [
    "arithmetic", "safetensors", "products", "functions", "pointwise", "maps", "forms", "windows", "kinds",
    "layers",
];
for (const name of scripts) {
    const file = path.join(resources, `${name}.js`);
    vm.runInThisContext(fs.readFileSync(file, "utf8"), { filename: file });
}
const { Mirage } = globalThis;

const readTensors = (name) => {
    const bytes = fs.readFileSync(path.join(folder, name));
    return Mirage.safetensors(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)).tensors;
};

const word = new Uint32Array(1);
const float = new Float32Array(word.buffer);
const bits = (number) => {
    float[0] = number;
    return `${number} (0x${word[0].toString(16).padStart(8, "0")})`;
};

// The first number that differs, in words; null if none does. A NaN has no bits of its own.
const difference = (what, found, expected, inputs = () => "") => {
    if (found.length !== expected.length) return `${what}: ${found.length} of ${expected.length} numbers`;
    for (let i = 0; i < found.length; i += 1) {
        if (!Object.is(found[i], expected[i])) {
            return `${what}[${i}]${inputs(i)}: ${bits(found[i])}, expected ${bits(expected[i])}`;
        }
    }
    return null;
};

const runNetwork = ({ layers, image, file }) => {
    const unsupported = Mirage.isSupported(layers, image);
    if (unsupported) return { unsupported };
    const tensors = readTensors(file);
    const weights = {};
    for (const name of Object.keys(tensors)) {
        if (name.startsWith("weights/")) weights[name.slice("weights/".length)] = tensors[name];
    }
    const network = Mirage.network({ layers, image }, weights);
    const count = tensors.images.shape[0];
    const row = (name, n) => {
        const { data } = tensors[name];
        return data.subarray((n * data.length) / count, ((n + 1) * data.length) / count);
    };
    const gradient = (n) => {
        const pixels = network.pixelGradient(row("logit_gradients", n));
        return difference(`pixel gradient of image ${n}`, pixels, row("pixel_gradients", n));
    };
    for (let n = 0; n < count; n += 1) {
        const found = difference(`logits of image ${n}`, network.logits(row("images", n)), row("logits", n))
            ?? gradient(n) ?? gradient(n); // a second one must find all as the first did
        if (found) return { difference: found };
    }
    return { compared: count };
};

const runFunction = ({ word: name, constants, file }) => {
    const { x, dy, y, dx } = readTensors(file);
    const { value, gradient, readsOutput } = Mirage.functions[name](...constants);
    const inputs = (i) => ` of x ${bits(x.data[i])}, dy ${bits(dy.data[i])}`;
    const values = x.data.map((number) => value(number));
    const gradients = dy.data.map((number, i) => gradient(number, readsOutput ? y.data[i] : x.data[i]));
    const found = difference("value", values, y.data, inputs)
        ?? difference("gradient", gradients, dx.data, inputs);
    return found ? { difference: found } : { compared: values.length };
};

const runSums = ({ file }) => {
    const { a, b, c, sum } = readTensors(file);
    const inputs = (i) => ` of ${bits(a.data[i])} · ${bits(b.data[i])} + ${bits(c.data[i])}`;
    const { fma, fmaOfAll } = Mirage.arithmetic;
    const found = difference("fma", a.data.map((u, i) => fma(u, b.data[i], c.data[i])), sum.data, inputs)
        ?? difference("fmaOfAll", a.data.map((u, i) => fmaOfAll(u, b.data[i], c.data[i])), sum.data, inputs);
    return found ? { difference: found } : { compared: sum.data.length };
};

const runSoftmax = ({ file }) => {
    const { x, y } = readTensors(file);
    const [rows, columns] = x.shape;
    const all = Array.from({ length: rows }, (_, n) =>
        [...Mirage.arithmetic.softmax(x.data.subarray(n * columns, (n + 1) * columns))]);
    const found = difference("softmax", Float32Array.from(all.flat()), y.data);
    return found ? { difference: found } : { compared: y.data.length };
};

const runRefusal = ({ layers, image, sentence }) => {
    const found = Mirage.isSupported(layers, image);
    return found === sentence ? { compared: 1 } : { difference: `“${found}”` };
};

// Each byte of the header changed, and each end cut off: an Error with a sentence, or tensors.
const runDamage = ({ file }) => {
    const bytes = new Uint8Array(fs.readFileSync(path.join(folder, file)));
    const read = (changed, what) => {
        try {
            return Mirage.safetensors(changed.buffer) && null;
        } catch (error) {
            const isSentence = error.message.startsWith("These bytes are no safetensors file: ");
            return isSentence ? null : `${what}: ${error}`;
        }
    };
    const header = 8 + bytes[0] + 256 * bytes[1];
    for (let place = 0; place < header; place += 1) {
        for (const flip of [1, 2, 4, 16, 128]) {
            const changed = bytes.slice();
            changed[place] ^= flip;
            const found = read(changed, `byte ${place} ^ ${flip}`);
            if (found) return { difference: found };
        }
    }
    for (let length = 0; length < bytes.length; length += 1) {
        const found = read(bytes.slice(0, length), `the first ${length} bytes`);
        if (found) return { difference: found };
    }
    return { compared: bytes.length };
};

const run = {
    network: runNetwork, function: runFunction, sums: runSums, softmax: runSoftmax, refusal: runRefusal,
    damage: runDamage,
};
console.log(JSON.stringify({ name: "words", words: Object.keys(Mirage.kinds) }));
for (const item of JSON.parse(fs.readFileSync(path.join(folder, "cases.json"), "utf8"))) {
    let result;
    try {
        result = run[item.kind](item);
    } catch (error) {
        result = { difference: error.stack };
    }
    console.log(JSON.stringify({ name: item.name, ...result }));
}
