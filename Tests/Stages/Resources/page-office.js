// The office that runs attacks in slices (worker.js): what supersedes what, what fails and how it says so,
// that a result does not depend on what else runs, and where the flip points of some images are.
//
//     node page-office.js SCRIPTS LAYERS MODEL SAMPLE
//
// Prints flip points of fgsm and pgd in JSON, [{ attack, row, below, epsilon }]; `stage-attack` is to agree
// with them. Ends with 1 and a sentence where something is not as it should be.
"use strict";
const assert = require("assert/strict");
const fs = require("fs");
const { run, Store } = require("./page-scripts.js");

const [scripts, layers, model, sample] = process.argv.slice(2);
run(scripts);

const images = new Store(sample);
const form = JSON.parse(fs.readFileSync(layers, "utf8"));

const replies = new Map();
let latest = 0;
const office = Mirage.office(({ id, kind, ...rest }) => {
    const { progress, resolve } = replies.get(id);
    if (kind === "progress") progress.push(rest);
    else resolve({ kind, progress, ...rest });
}, setImmediate, 2);

function ask(message) {
    const id = ++latest;
    return new Promise((resolve) => {
        replies.set(id, { progress: [], resolve });
        office({ id, ...message });
    });
}

const attack = (config, row, slot = null) =>
    ask({ work: "attack", name: "net", config, sample: images.sample(row), slot });

const fgsm = { attack: "fgsm", epsilons: [0.1, 0.3] };
const pgd = { attack: "pgd", norm: "l2", epsilons: [1], steps: 30, stop_early: false };
const endless = { ...pgd, steps: 1_000_000 };

async function main() {
    const base64 = fs.readFileSync(model).toString("base64");
    const early = await attack(fgsm, 0);
    assert.equal(early.kind, "failed");
    assert.match(early.sentence, /no network net here/);
    const broken = await ask({ work: "load", name: "net", ...form, base64: `%${base64}` });
    assert.match(broken.sentence, /damaged/);
    const loaded = await ask({ work: "load", name: "net", ...form, base64 });
    assert.equal(loaded.value.classes, 10);

    // Together and alone: the same record, though the network is shared.
    const alone = [];
    for (const row of [0, 1]) for (const config of [fgsm, pgd]) alone.push((await attack(config, row)).value);
    const slow = attack(endless, 0, "slow");
    const slowId = latest;
    const together = await Promise.all(
        [0, 1].flatMap((row) => [fgsm, pgd].map((config, i) => attack(config, row, `slot ${row} ${i}`))));
    assert.deepEqual(together.map(({ value }) => value), alone);

    // Superseded, cancelled, refused.
    const { progress } = replies.get(slowId);
    while (progress.length === 0) await new Promise(setImmediate);
    const newer = attack(fgsm, 0, "slow");
    const dropped = await slow;
    assert.equal(dropped.kind, "dropped");
    assert.ok(dropped.progress.every(({ done, of }) => done < of));
    assert.equal((await newer).kind, "done");
    const cancelled = attack(endless, 0, "cancelled");
    await ask({ work: "cancel", slot: "cancelled" });
    assert.equal((await cancelled).kind, "dropped");
    for (const [config, isUnsupported, sentence] of [
        [{ attack: "cw-l2" }, true, /^This page carries out fgsm, pgd, .*, not cw-l2/],
        [{ ...fgsm, goal: "each-other" }, true, /choose one class/],
        [{ ...fgsm, mask: "left.png" }, true, /does not carry out the setting mask/],
        [{ ...fgsm, space: "normalised" }, true, /in pixels only/],
        [{ ...fgsm, epsilons: [2] }, false, /epsilons is 2; it must be a number from 0 to 1/],
        [{ ...fgsm, goal: "fixed" }, false, /target is nothing/],
        [{ ...fgsm, restarts: 2 }, false, /draws nothing at random/],
        [{ ...pgd, steps: 1.5 }, false, /steps is 1.5; it must be a whole number/],
        [{ attack: "deepfool", goal: "fixed", target: 1 }, false, /one of untargeted/],
    ]) {
        const refused = await attack(config, 0);
        assert.equal(refused.kind, "failed");
        assert.equal(refused.isUnsupported, isUnsupported);
        assert.match(refused.sentence, sentence);
    }

    const flips = [];
    for (const config of [{ attack: "fgsm" }, { attack: "pgd", steps: 5, step_size: 0.3 }]) {
        for (const row of [0, 1, 2, 3]) {
            const { value } = await ask({
                work: "flip", name: "net", config, sample: images.sample(row), slot: "flip",
            });
            if (value.epsilon === null) continue;
            const bits = [value.below, value.epsilon].map((epsilon) =>
                new Uint32Array(Float32Array.of(epsilon).buffer)[0]);
            assert.equal(bits[1] - bits[0], 1, "the flip point is found to the last float");
            flips.push({ attack: config.attack, row, below: value.below, epsilon: value.epsilon });
        }
    }
    console.log(JSON.stringify(flips));
}

main().catch((error) => {
    console.log(error.stack);
    process.exitCode = 1;
});
