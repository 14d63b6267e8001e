// The pipeline's arithmetic in JavaScript, bit by bit: a fused multiply-add, exp, log, softmax.
//
// A JavaScript number is a double, and Math.fround rounds it to a float, once. Of two floats the sum, the
// product, the quotient and the square root come out right when they are computed in double and rounded so
// (53 bits are at least 2·24 + 2). What is left is a·b + c, which takes care, and exp and log, which are our
// own polynomials: Math.exp and Math.log differ from browser to browser. The specification is the C of
// Sources/CKernels: softfma.h, elementary.h, loss.c, partials.h.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});
    const { fround, sqrt } = Math;

    // A double and its two halves, the lower one first: every engine's memory is little-endian.
    const double = new Float64Array(1);
    const words = new Uint32Array(double.buffer);

    // The double that a C hexadecimal constant names: "1.5555555555557p-3".
    const hex = (text) => {
        const [digits, power] = text.split("p");
        const fraction = (digits.split(".")[1] ?? "").padEnd(13, "0");
        words[1] = ((Number(power) + 1023) << 20) | parseInt(fraction.slice(0, 5), 16);
        words[0] = parseInt(fraction.slice(5), 16);
        return double[0];
    };

    // ---- The fused multiply-add ----

    // Just above and just below 1: s·ABOVE and s·BELOW are a double or two away from s, on both sides of it.
    const ABOVE = 1 + Number.EPSILON;
    const BELOW = 1 - Number.EPSILON;

    // For s, the double nearest to an exact sum s + t: the sum rounded to odd, that is s if t is 0, else
    // whichever of the two doubles around the sum has 1 for its last bit. No float's middle is such a number
    // unless the sum is, so that rounding it to float rounds the sum itself.
    const roundedToOdd = (s, t) => {
        double[0] = s;
        if (!(t < 0 || t > 0) || words[0] % 2 === 1) return s;
        if (s < 0 === t < 0) {
            words[0] += 1; // away from zero; an even word has room for 1
        } else {
            if (words[0] === 0) words[1] -= 1;
            words[0] -= 1; // towards zero; 0 - 1 is all ones
        }
        return double[0];
    };

    // a·b + c rounded to float once, whatever the numbers: the product of two floats is exact in double,
    // TwoSum gives what the sum has lost, and rounding that sum to odd keeps the last step from rounding
    // twice.
    const fmaOfAll = (a, b, c) => {
        const product = a * b;
        const s = product + c;
        const part = s - product;
        const t = (product - (s - part)) + (c - part);
        return fround(roundedToOdd(s, t));
    };

    // a·b + c of floats, rounded to float once.
    //
    // The exact sum lies within half a unit of the double s, so between s·BELOW and s·ABOVE. Rounding keeps
    // the order of numbers: where those two become one float, so does everything between them, denormal,
    // overflowing or zero (s·ABOVE has the sign of a zero s). Else the middle between two floats is near,
    // once in some 10⁸ sums of a network, or there is a NaN, and fmaOfAll decides.
    const fma = (a, b, c) => {
        const s = a * b + c;
        const result = fround(s * ABOVE);
        return result === fround(s * BELOW) ? result : fmaOfAll(a, b, c);
    };

    // ---- exp and log ----

    const LOG2_E = hex("1.71547652b82fep+0");
    const LN2_HIGH = hex("1.62e42fefa2p-1"); // times a whole number below 2^13 exact
    const LN2_LOW = hex("1.9ef35793c7673p-41");
    const TO_INTEGER = hex("1.8p+52");
    const [E0, E1, E2, E3, E4, E5, E6, E7, E8, E9, E10] = [
        "1.p-1", "1.5555555555557p-3", "1.5555555555556p-5", "1.11111111100dcp-7", "1.6c16c16c162d5p-10",
        "1.a01a01abe78f9p-13", "1.a01a01a6d84aap-16", "1.71de0232f4775p-19", "1.27e4db653346ep-22",
        "1.af4de6a36d4fcp-26", "1.1f7301a8efa5cp-29",
    ].map(hex);
    const [L0, L1, L2, L3, L4, L5, L6, L7] = [
        "1.5555555555555p-1", "1.9999999999a38p-2", "1.2492492476c87p-2", "1.c71c720160b47p-3",
        "1.745cf901605f7p-3", "1.3b1c360763b8ap-3", "1.0fbe83c2cbcf3p-3", "1.0c04595972ab8p-3",
    ].map(hex);

    // e^x as a double, for -700 ≤ x ≤ 700: 2^n·e^r with n = round(x / ln 2).
    const expDouble = (x) => {
        const n = x * LOG2_E + TO_INTEGER - TO_INTEGER;
        const r = (x - n * LN2_HIGH) - n * LN2_LOW;
        const r2 = r * r, r4 = r2 * r2;
        const q01 = E0 + r * E1, q23 = E2 + r * E3, q45 = E4 + r * E5, q67 = E6 + r * E7, q89 = E8 + r * E9;
        const q = (q01 + r2 * q23) + r4 * ((q45 + r2 * q67) + r4 * (q89 + r2 * E10));
        words[0] = 0;
        words[1] = (n + 1023) << 20; // 2^n
        return (1 + (r + r2 * q)) * double[0];
    };

    // e^x of a float as a float, correctly rounded; infinity from 88.73 on, 0 below -103.98.
    const exp = (x) => fround(expDouble(x < -104 ? -104 : x > 89 ? 89 : x));

    // The polynomial of log(1 + f) = 2s + s·z·p(z), s = f / (2 + f), z = s².
    const logTail = (z) => {
        const z2 = z * z, z4 = z2 * z2;
        const p01 = L0 + z * L1, p23 = L2 + z * L3, p45 = L4 + z * L5, p67 = L6 + z * L7;
        return z * ((p01 + z2 * p23) + z4 * (p45 + z2 * p67));
    };

    // log(1 + f) as a double, for -0.3 ≤ f ≤ 0.42.
    const logOfOneAnd = (f) => {
        const s = f / (2 + f);
        return 2 * s + s * logTail(s * s);
    };

    // x = 2^e·(1 + f) with √½ ≤ 1 + f < √2: [e, f], for a positive double that is normal.
    const ROOT_HALF = [0x667f3bcd, 0x3fe6a09e];
    const parts = (x) => {
        double[0] = x;
        const above = (words[1] - ROOT_HALF[1] - (words[0] < ROOT_HALF[0] ? 1 : 0)) | 0;
        words[1] -= above & 0xfff00000;
        return [above >> 20, double[0] - 1];
    };

    // log x as a double, of a positive double that is normal.
    const logDouble = (x) => {
        const [e, f] = parts(x);
        return logOfOneAnd(f) + (e * LN2_HIGH + e * LN2_LOW);
    };

    // log x of a float as a float, correctly rounded; -infinity at 0, NaN below.
    const log = (x) => {
        if (!(x > 0)) return x === 0 ? -Infinity : NaN;
        if (x === Infinity) return x;
        const [e, f] = parts(x);
        const s = f / (2 + f);
        const halfSquare = 0.5 * f * f;
        const large = e * LN2_HIGH + f;
        const small = s * (halfSquare + logTail(s * s)) + e * LN2_LOW;
        // large - ½f² + small with its rounding errors kept.
        const sum = large - halfSquare;
        const rest = small + ((large - sum) - halfSquare);
        const total = sum + rest;
        return fround(roundedToOdd(total, (sum - total) + rest));
    };

    // ---- Rows ----

    // The place of the largest number; of equals the first.
    const argmax = (row) => {
        let best = 0;
        for (let j = 1; j < row.length; j += 1) if (row[j] > row[best]) best = j;
        return best;
    };

    // The softmax of a row of logits: exp(z - max) divided by the sum of all, in index order.
    const softmax = (logits) => {
        const p = new Float32Array(logits.length);
        const max = logits[argmax(logits)];
        let sum = 0;
        for (let j = 0; j < p.length; j += 1) {
            p[j] = exp(fround(logits[j] - max));
            sum = fround(sum + p[j]);
        }
        for (let j = 0; j < p.length; j += 1) p[j] = p[j] / sum;
        return p;
    };

    // The sum of sixteen partial sums in double, which it overwrites: i and i + 8, then i and i + 4, 2, 1.
    const foldLanes = (lanes) => {
        for (const half of [8, 4, 2, 1]) for (let i = 0; i < half; i += 1) lanes[i] += lanes[i + half];
        return lanes[0];
    };

    // Σ u[i]·v[i] in double and sixteen lanes: lane l adds the terms l, l + 16, … in order.
    const dot = (u, v) => {
        const lanes = new Float64Array(16);
        for (let i = 0; i < u.length; i += 1) lanes[i % 16] += u[i] * v[i];
        return foldLanes(lanes);
    };

    Mirage.arithmetic = {
        ABOVE, BELOW, fma, fmaOfAll, exp, log, sqrt: (x) => fround(sqrt(x)),
        expDouble, logDouble, logOfOneAnd, argmax, softmax, foldLanes, dot,
    };
})();
