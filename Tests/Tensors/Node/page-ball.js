// Steps, projections, distances and streams of the page's scripts against the kernels' own results.
//
//     node page-ball.js SCRIPTS CASES
//
// CASES is a JSON list: { kind, …, expected }, floats as their 32 bits and doubles as 64 bits in hexadecimal.
// Prints "N of N equal" and ends with 0, or names the first case that differs and ends with 1.
"use strict";
const fs = require("fs");
const path = require("path");
const vm = require("vm");

const [scripts, cases] = process.argv.slice(2);
for (const name of ["arithmetic", "streams", "ball", "projections"]) {
    const file = path.join(scripts, `${name}.js`);
    vm.runInThisContext(fs.readFileSync(file, "utf8"), { filename: file });
}
const { ball, Stream } = Mirage;

const floats = (bits) => new Float32Array(Uint32Array.from(bits).buffer);
const float = (bits) => floats([bits])[0];
const bitsOf = (values) => Array.from(new Uint32Array(Float32Array.from(values).buffer));
const hex = (value) => {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, value);
    return view.getBigUint64(0).toString(16);
};

const kinds = {
    project({ norm, x, y, epsilon }) {
        const moved = floats(y);
        ball.project(norm, moved, floats(x), float(epsilon));
        return bitsOf(moved);
    },
    step({ norm, x, y, g, step, epsilon, share }) {
        const moved = floats(y);
        ball.step(norm, moved, floats(g), floats(x), float(step), float(epsilon), share);
        return bitsOf(moved);
    },
    sign({ x, g, step }) {
        const moved = new Float32Array(x.length);
        ball.signStep(moved, floats(x), floats(g), float(step));
        return bitsOf(moved);
    },
    noise({ x, r, g, rate, l1, l2 }) {
        const [y, noise] = [new Float32Array(x.length), floats(r)];
        ball.noiseStep(y, noise, floats(x), floats(g), float(rate), float(l1), float(l2));
        return [...bitsOf(y), ...bitsOf(noise)];
    },
    bytes: ({ x }) => bitsOf(ball.roundedToBytes(floats(x))),
    distances({ x, y }) {
        const { l0, l1, l2, linf, sum, min, max } = ball.distances(floats(x), floats(y));
        return [l0, l1, l2, linf, sum, min, max].map(hex);
    },
    norms: ({ x }) => [hex(ball.normL1(floats(x))), hex(ball.normL2(floats(x)))],
    stream({ seed, name, step, bounds }) {
        const random = new Stream(seed, name, step);
        return [...bitsOf([random.uniform()]), random.next(), ...bounds.map((bound) => random.below(bound))];
    },
};

let compared = 0;
for (const one of JSON.parse(fs.readFileSync(cases, "utf8"))) {
    const found = kinds[one.kind](one);
    compared += found.length;
    const place = one.expected.findIndex((expected, i) => expected !== found[i]);
    if (place < 0 && found.length === one.expected.length) continue;
    console.log(`place ${place} is ${found[place]} in ${JSON.stringify(one)}`.slice(0, 2000));
    process.exit(1);
}
console.log(`${compared} of ${compared} equal`);
