// Attacks images again with the page's own scripts and compares each recorded number with what
// `stage-attack` stored, bit by bit. Stored values are read only to be compared with.
//
//     node compare-attacks.js SCRIPTS LAYERS MODEL SAMPLE ATTACK [COUNT]
//
// SCRIPTS    the folder of the page's scripts, or a list of scripts with commas
// LAYERS     JSON: { "image": [C, H, W], "layers": [ … ] }, as in the page's data
// MODEL, SAMPLE, ATTACK   safetensors files of a store
// COUNT      so many of the images, spread evenly; all of them where it is left out
//
// Prints "N of N equal" and ends with 0, or names the first number that differs and ends with 1.
"use strict";
const fs = require("fs");
const path = require("path");
const vm = require("vm");

const [scripts, layers, model, sample, attack, count] = process.argv.slice(2);

/** The order in which the page has them, up to what the attacks need. */
const order = [
    "arithmetic", "streams", "ball", "projections", "safetensors", "products", "pointwise", "maps", "forms",
    "kinds", "layers", "threat", "starts", "driver", "attacks",
];
const files = scripts.includes(",") || scripts.endsWith(".js")
    ? scripts.split(",") : order.map((name) => path.join(scripts, `${name}.js`));
for (const file of files) vm.runInThisContext(fs.readFileSync(file, "utf8"), { filename: file });

/** The tensors of a file whatever their type, read row by row: a file may be larger than memory. */
class Store {
    constructor(file) {
        this.handle = fs.openSync(file);
        this.start = Number(this.read(0, 8).readBigUInt64LE());
        const header = JSON.parse(this.read(8, this.start).toString());
        this.metadata = header.__metadata__ ?? {};
        delete header.__metadata__;
        this.entries = header;
    }

    read(offset, length) {
        const bytes = Buffer.alloc(length);
        fs.readSync(this.handle, bytes, 0, length, offset);
        return bytes;
    }

    /** So many values from the place `first`, as numbers. */
    values(name, first, length) {
        const { dtype, data_offsets: [begin] } = this.entries[name];
        const size = { F32: 4, I64: 8, U8: 1 }[dtype];
        const bytes = this.read(8 + this.start + begin + first * size, length * size);
        return Array.from({ length }, (_, i) => {
            if (dtype === "F32") return bytes.readFloatLE(4 * i);
            return dtype === "I64" ? Number(bytes.readBigInt64LE(8 * i)) : bytes[i];
        });
    }
}

const file = fs.readFileSync(model);
const { tensors } = Mirage.safetensors(file.buffer.slice(file.byteOffset, file.byteOffset + file.length));
const network = Mirage.network(JSON.parse(fs.readFileSync(layers, "utf8")), tensors);
const images = new Store(sample);
const stored = new Store(attack);
const config = JSON.parse(stored.metadata.config);
const [levels, rows] = stored.entries.success.shape;
const pixels = network.image.reduce((product, size) => product * size, 1);

let compared = 0;
let place = "";
const differences = [];

function compare(name, found, row, width = 1) {
    const expected = stored.values(name, row * width, width);
    for (let i = 0; i < width; i++) {
        compared += 1;
        const value = width === 1 && !(found?.length >= 0) ? found : found[i];
        if (Object.is(Number(value), expected[i])) continue;
        const where = width > 1 ? `${name}[${i}]` : name;
        differences.push(`${place}: ${where} is ${value} here and ${expected[i]} in the file`);
    }
}

function compareLevel(result, level, row) {
    const top = stored.entries.final_top_class.shape[2];
    const fields = {
        adversarial: [level.adversarial, pixels], success: [level.success], success_8bit: [level.success8bit],
        final_class: [level.finalClass], final_confidence: [level.finalConfidence],
        final_top_class: [level.finalTop, top],
        final_top_confidence: [level.finalTop.map((label) => level.probabilities[label]), top],
        proposed_class: [level.proposedClass], proposed_confidence: [level.proposedConfidence],
        l0: [level.l0], l1: [level.l1], l2: [level.l2], linf: [level.linf],
        iterations: [level.iterations], forward_passes: [level.forwardPasses],
        backward_passes: [level.backwardPasses], zero_gradients: [level.zeroGradients], event: [level.event],
    };
    for (const [name, [found, width]] of Object.entries(fields)) compare(name, found, row, width);
    return Object.keys(fields);
}

function compareSample(result, row) {
    const top = stored.entries.clean_top_class.shape[1];
    const { clean } = result;
    const fields = {
        eligible: [result.isEligible], label: [result.label], target: [result.target ?? -1],
        clean_class: [clean.class], clean_confidence: [clean.confidence],
        clean_top_class: [clean.top, top],
        clean_top_confidence: [clean.top.map((label) => clean.probabilities[label]), top],
    };
    for (const name of Object.keys(stored.entries)) {
        if (name.startsWith("extra.")) fields[name] = [result.notes[name.slice("extra.".length)] ?? NaN];
    }
    for (const [name, [found, width]] of Object.entries(fields)) compare(name, found, row, width);
    return Object.keys(fields);
}

const chosen = Math.min(rows, Number(count ?? rows));
let seen = [];
for (let turn = 0; turn < chosen; turn++) {
    const row = Math.floor((turn * rows) / chosen);
    const [key] = images.values("indices", row, 1);
    const [label] = images.values("labels", row, 1);
    const image = Float32Array.from(images.values("images", row * pixels, pixels));
    const result = Mirage.attacks[config.attack](network, config, { image, label, key });
    place = `image ${key}`;
    compare("index", key, row);
    seen = ["index", ...compareSample(result, row)];
    for (let k = 0; k < levels; k++) {
        place = `image ${key}, level ${k}`;
        seen.push(...compareLevel(result, result.levels[k], k * rows + row));
    }
    if (differences.length > 0) break;
}
const unseen = Object.keys(stored.entries).filter((name) => !seen.includes(name));
for (const name of unseen) differences.push(`${name} is in the file, and nothing is compared with it`);
if (differences.length === 0 && compared > 0) {
    console.log(`${compared} of ${compared} equal: ${config.attack} on ${chosen} images`);
} else {
    console.log(differences[0] ?? "there is nothing to compare");
    process.exitCode = 1;
}
