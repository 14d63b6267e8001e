// Attacks images again with the page's own scripts and compares each recorded number with what
// `stage-attack` stored, bit by bit. Stored values are read only to be compared with.
//
//     node compare-attacks.js SCRIPTS LAYERS MODEL SAMPLE ATTACK [COUNT]
//
// SCRIPTS    the folder of the page's scripts
// LAYERS     JSON: { "image": [C, H, W], "layers": [ … ] }, as in the page's data
// MODEL, SAMPLE, ATTACK   safetensors files of a store
// COUNT      so many of the images, spread evenly; all of them where it is left out
//
// Prints "N of N equal" and ends with 0, or names the first number that differs and ends with 1.
"use strict";
const fs = require("fs");
const { run, bytes, Store } = require("./page-scripts.js");

const [scripts, layers, model, sample, attack, count] = process.argv.slice(2);
run(scripts);

const network = Mirage.network(
    JSON.parse(fs.readFileSync(layers, "utf8")), Mirage.safetensors(bytes(model)).tensors);
const images = new Store(sample);
const stored = new Store(attack);
const config = JSON.parse(stored.metadata.config);
const [levels, rows] = stored.entries.success.shape;
const pixels = network.image.reduce((product, size) => product * size, 1);

let compared = 0;
let place = "";
const differences = [];
const seen = new Set();

/** Compares columns { name: number, or a list of them } at a row of the file. */
function compare(columns, row) {
    for (const [name, column] of Object.entries(columns)) {
        const found = column?.length >= 0 ? column : [column];
        const expected = stored.values(name, row * found.length, found.length);
        seen.add(name);
        for (const [i, value] of found.entries()) {
            compared += 1;
            if (Object.is(Number(value), expected[i])) continue;
            const where = found.length > 1 ? `${name}[${i}]` : name;
            differences.push(`${place}: ${where} is ${value} here and ${expected[i]} in the file`);
        }
    }
}

const extras = Object.keys(stored.entries).filter((name) => name.startsWith("extra."));

function compareSample({ clean, notes, isEligible, label, target }, key, row) {
    place = `image ${key}`;
    compare({
        index: key, eligible: isEligible, label, target: target ?? -1,
        clean_class: clean.class, clean_confidence: clean.confidence, clean_top_class: clean.top,
        clean_top_confidence: clean.top.map((answer) => clean.probabilities[answer]),
        ...Object.fromEntries(extras.map((name) => [name, notes[name.slice("extra.".length)] ?? NaN])),
    }, row);
}

function compareLevel(level, key, k, row) {
    place = `image ${key}, level ${k}`;
    compare({
        adversarial: level.adversarial, success: level.success, success_8bit: level.success8bit,
        final_class: level.finalClass, final_confidence: level.finalConfidence,
        final_top_class: level.finalTop,
        final_top_confidence: level.finalTop.map((answer) => level.probabilities[answer]),
        proposed_class: level.proposedClass, proposed_confidence: level.proposedConfidence,
        l0: level.l0, l1: level.l1, l2: level.l2, linf: level.linf,
        iterations: level.iterations, forward_passes: level.forwardPasses,
        backward_passes: level.backwardPasses, zero_gradients: level.zeroGradients, event: level.event,
    }, k * rows + row);
}

const chosen = Math.min(rows, Number(count ?? rows));
for (let turn = 0; turn < chosen && differences.length === 0; turn++) {
    const row = Math.floor((turn * rows) / chosen);
    const one = images.sample(row);
    const result = Mirage.attacks[config.attack](network, config, one);
    compareSample(result, one.key, row);
    for (let k = 0; k < levels; k++) compareLevel(result.levels[k], one.key, k, row);
}
for (const name of Object.keys(stored.entries)) {
    if (!seen.has(name)) differences.push(`${name} is in the file, and nothing is compared with it`);
}
if (differences.length === 0 && compared > chosen * pixels) {
    console.log(`${compared} of ${compared} equal: ${config.attack} on ${chosen} images`);
} else {
    console.log(differences[0] ?? "there is nothing to compare");
    process.exitCode = 1;
}
