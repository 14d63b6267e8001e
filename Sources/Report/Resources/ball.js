// Steps, projections and distances of images, to the bits of the pipeline's kernels: each function is an
// expression of Sources/CKernels (expressions.h, ball.c) without limits but 0 and 1. Images are
// Float32Arrays, numbers that are a float there are rounded to one here, and sums are in double, in sixteen
// parts: part i adds the terms i, i + 16, … in order, and then the parts are folded.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});

    const { dot, foldLanes } = Mirage.arithmetic;

    const PARTS = 16;
    const float = Math.fround;
    const asFloat = new Float32Array(1);
    const asBits = new Int32Array(asFloat.buffer);

    /** A NaN stays, as does −0: Math.min and Math.max know better. */
    function clamp(x, lower, upper) {
        const raised = x < lower ? lower : x;
        return raised > upper ? upper : raised;
    }

    const sign = (x) => (x > 0 ? 1 : x < 0 ? -1 : x);

    /** √Σx². */
    const normL2 = (x) => Math.sqrt(dot(x, x));

    /** Σ|x|. */
    function normL1(x) {
        const parts = new Float64Array(PARTS);
        for (let i = 0; i < x.length; i++) parts[i % PARTS] += Math.abs(x[i]);
        return foldLanes(parts);
    }

    /** x + ε (or x − |ε|), rounded towards x where rounding had left the ball. */
    function bound(x, epsilon) {
        const value = float(x + epsilon);
        const excess = value - x - epsilon;
        if (!(epsilon > 0 ? excess > 0 : excess < 0)) return value;
        asFloat[0] = value;
        asBits[0] += epsilon > 0 === value > 0 ? -1 : 1;
        return asFloat[0];
    }

    /** target = clamp(x + step·sign(g), 0, 1); the step is a float. */
    function signStep(target, x, g, step) {
        for (let i = 0; i < x.length; i++) target[i] = clamp(float(x[i] + step * sign(g[i])), 0, 1);
    }

    /** y += scale·g, product and sum in double. */
    function addScaled(y, scale, g) {
        for (let i = 0; i < y.length; i++) y[i] = float(y[i] + scale * g[i]);
    }

    /**
     * One step of method 1: r −= rate·(g + l1·sign(r) + l2·r), g only where x + r is within [0, 1], and
     * y = clamp(x + r, 0, 1). Rate and slopes are floats.
     */
    function noiseStep(y, r, x, g, rate, l1, l2) {
        for (let i = 0; i < x.length; i++) {
            const z = float(x[i] + r[i]);
            const inside = z >= 0 && z <= 1 ? g[i] : 0;
            const slope = float(float(l1 * sign(r[i])) + float(l2 * r[i]));
            r[i] = r[i] - float(rate * float(inside + slope));
            y[i] = clamp(float(x[i] + r[i]), 0, 1);
        }
    }

    /** rint(255·clamp(x, 0, 1)) / 255, ties to even: what an 8-bit picture keeps. */
    function roundedToBytes(x) {
        return x.map((value) => {
            const scaled = float(clamp(value, 0, 1) * 255);
            return float(float(scaled + 8388608) - 8388608) / 255;
        });
    }

    /** How far y is from x: { l0, l1, l2, linf, sum, min, max }, the last three of the signed changes. */
    function distances(x, y) {
        const [l0, l1, squares, sum] = [0, 1, 2, 3].map(() => new Float64Array(PARTS));
        let min = x.length > 0 ? Infinity : 0;
        let max = x.length > 0 ? -Infinity : 0;
        for (let i = 0; i < x.length; i++) {
            const d = y[i] - x[i], part = i % PARTS;
            if (d !== 0) l0[part] += 1;
            l1[part] += Math.abs(d);
            squares[part] += d * d;
            sum[part] += d;
            if (d < min) min = d;
            if (d > max) max = d;
        }
        return {
            l0: foldLanes(l0), l1: foldLanes(l1), l2: Math.sqrt(foldLanes(squares)),
            linf: -min > max ? -min : max, sum: foldLanes(sum), min, max,
        };
    }

    Object.assign((Mirage.ball ??= {}), {
        PARTS, clamp, sign, normL1, normL2, bound, signStep, addScaled, noiseStep, roundedToBytes,
        distances,
    });
})();
