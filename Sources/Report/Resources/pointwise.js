// Layers that make one number of one number, and of two: activations, scales, sums of branches.
//
// The specification is expressions.h and layer_expressions.h of Sources/CKernels; the order of operations there is
// the order here, and every one that C rounds to float is rounded here.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});
    const { fround } = Math;
    const { fma, exp, log, expDouble, logOfOneAnd } = Mirage.arithmetic;

    // NaN where x is; else y.
    const unlessNaN = (x, y) => (x === x ? y : NaN);

    // e^x in double for x ≤ 0; below -104 nothing of it is left in a float.
    const decay = (x) => expDouble(x < -104 ? -104 : x);

    const sigmoid = (x) => {
        const e = decay(x < 0 ? x : -x);
        return unlessNaN(x, fround((x < 0 ? e : 1) / (1 + e)));
    };

    // (1 - e) / (1 + e) with e = exp(-2|x|) and the sign of x; near 0 the odd series to x^9.
    const tanh = (x) => {
        const square = x * x;
        const size = x < 0 ? -x : x;
        if (size < 1 / 32) {
            const series = 1 + square * (-1 / 3 + square * (2 / 15 + square * (-17 / 315 + square * (62 / 2835))));
            return fround(x * series);
        }
        const e = expDouble(size > 52 ? -104 : -2 * size);
        const quotient = (1 - e) / (1 + e);
        return unlessNaN(x, fround(x < 0 ? -quotient : quotient));
    };

    const elu = (x, scale) => {
        if (x > 0) return x;
        const series =
            1 + x * (1 / 2 + x * (1 / 6 + x * (1 / 24 + x * (1 / 120 + x * (1 / 720 + x * (1 / 5040 + x * (1 / 40320)))))));
        return unlessNaN(x, fround(scale * (x > -1 / 32 ? x * series : decay(x) - 1)));
    };

    const SIXTH = fround(1 / 6);

    const hardSigmoid = (x, slope, offset) => {
        const y = fround(fround(slope * x) + offset);
        return y < 0 ? 0 : y > 1 ? 1 : y;
    };

    // log(1 + f) in double for 0 ≤ f ≤ 1; beyond √2 - 1 as ln 2 + log((1 + f) / 2).
    const logOfOneAndUpTo1 = (f) =>
        f > 0.41421356237309503 ? 0.6931471805599453 + logOfOneAnd((f - 1) * 0.5) : logOfOneAnd(f);

    const softplus = (x) =>
        unlessNaN(x, fround((x > 0 ? x : 0) + logOfOneAndUpTo1(decay(-Math.abs(x)))));

    const softplusGradient = (dy, x) => {
        const e = decay(-Math.abs(x));
        return unlessNaN(x, fround(dy * ((x < 0 ? e : 1) / (1 + e))));
    };

    const softsignGradient = (dy, x) => {
        const d = fround(1 + Math.abs(x));
        return fround(dy / fround(d * d));
    };

    const hardSwishGradient = (dy, x) => {
        const h = hardSigmoid(x, SIXTH, 0.5);
        return fround(dy * fround(h + (0 < h && h < 1 ? fround(x * SIXTH) : 0)));
    };

    const clip = (lower, upper) => ({
        value: (x) => (lower > x ? lower : x > upper ? upper : x),
        gradient: (dy, y) => (lower < y && y < upper ? dy : 0),
        readsOutput: true,
    });

    // By word: what becomes of x, and of dy where v is what came out (readsOutput) or went in. The arguments are
    // the layer's constants, as floats.
    const functions = {
        relu: () => ({
            value: (x) => (0 > x ? 0 : x),
            gradient: (dy, y) => (y > 0 ? dy : 0),
            readsOutput: true,
        }),
        relu6: () => clip(0, 6),
        clip,
        "leaky-relu": (slope) => ({
            value: (x) => (x > 0 ? x : fround(slope * x)),
            gradient: (dy, v) => (v > 0 ? dy : fround(slope * dy)),
            readsOutput: slope >= 0,
        }),
        sigmoid: () => ({
            value: sigmoid,
            gradient: (dy, y) => fround(dy * fround(y * fround(1 - y))),
            readsOutput: true,
        }),
        tanh: () => ({
            value: tanh,
            gradient: (dy, y) => fround(dy * fround(fround(1 - y) * fround(1 + y))),
            readsOutput: true,
        }),
        elu: (scale) => ({
            value: (x) => elu(x, scale),
            gradient: (dy, x) => (x > 0 ? dy : fround(dy * (scale * decay(x)))),
        }),
        "hard-sigmoid": (slope, offset) => ({
            value: (x) => hardSigmoid(x, slope, offset),
            gradient: (dy, y) => (0 < y && y < 1 ? fround(dy * slope) : 0),
            readsOutput: true,
        }),
        "hard-swish": () => ({
            value: (x) => fround(x * hardSigmoid(x, SIXTH, 0.5)),
            gradient: hardSwishGradient,
        }),
        exp: () => ({ value: exp, gradient: (dy, y) => fround(dy * y), readsOutput: true }),
        log: () => ({ value: log, gradient: (dy, x) => fround(dy / x) }),
        softplus: () => ({ value: softplus, gradient: softplusGradient }),
        softsign: () => ({ value: (x) => fround(x / fround(1 + Math.abs(x))), gradient: softsignGradient }),
        abs: () => ({ value: Math.abs, gradient: (dy, x) => (x > 0 ? dy : x < 0 ? -dy : 0) }),
    };

    // One function of every number.
    class Pointwise {
        constructor({ value, gradient, readsOutput = false }) {
            Object.assign(this, { value, gradient, readsOutput });
        }

        forward(x, y) {
            const { value } = this;
            for (let i = 0; i < x.length; i += 1) y[i] = value(x[i]);
        }

        inputGradient(dy, dx, x, y) {
            const { gradient } = this;
            const v = this.readsOutput ? y : x;
            for (let i = 0; i < dy.length; i += 1) dx[i] = gradient(dy[i], v[i]);
        }
    }

    // y = fma(x, scale[c], shift[c]), and dx = dy·scale[c], channels last.
    class Scaling {
        constructor(scale, shift) {
            Object.assign(this, { scale, shift });
        }

        forward(x, y) {
            const { scale, shift } = this;
            for (let i = 0, c = 0; i < x.length; i += 1, c = c + 1 === scale.length ? 0 : c + 1) {
                y[i] = fma(x[i], scale[c], shift[c]);
            }
        }

        inputGradient(dy, dx) {
            const { scale } = this;
            for (let i = 0, c = 0; i < dy.length; i += 1, c = c + 1 === scale.length ? 0 : c + 1) {
                dx[i] = fround(dy[i] * scale[c]);
            }
        }
    }

    // y = x > 0 ? x : slopes[c]·x, channels last.
    class SlopesOfChannels {
        constructor(slopes) {
            this.slopes = slopes;
        }

        forward(x, y) {
            const { slopes } = this;
            for (let i = 0; i < x.length; i += 1) y[i] = x[i] > 0 ? x[i] : fround(slopes[i % slopes.length] * x[i]);
        }

        inputGradient(dy, dx, x) {
            const { slopes } = this;
            for (let i = 0; i < dy.length; i += 1) dx[i] = x[i] > 0 ? dy[i] : fround(slopes[i % slopes.length] * dy[i]);
        }
    }

    // What two branches give. The gradient of a sum is dy for both, so that nobody need copy it.
    const sum = { passesGradient: true, forward: (x, y, [other]) => x.forEach((_, i) => (y[i] = fround(x[i] + other[i]))) };
    const branches = {
        add: sum,
        subtract: {
            forward: (x, y, [other]) => x.forEach((_, i) => (y[i] = fround(x[i] - other[i]))),
            inputGradient: (dy, dx) => dx.set(dy),
            otherGradient: (dy, dx) => dy.forEach((d, i) => (dx[i] = 0 - d)),
        },
        multiply: {
            forward: (x, y, [other]) => x.forEach((_, i) => (y[i] = fround(x[i] * other[i]))),
            inputGradient: (dy, dx, x, y, [other]) => dy.forEach((d, i) => (dx[i] = fround(d * other[i]))),
            otherGradient: (dy, dx, x) => dy.forEach((d, i) => (dx[i] = fround(d * x[i]))),
        },
    };

    Mirage.pointwise = { functions, branches, Pointwise, Scaling, SlopesOfChannels };
})();
