// Functions of one number, each with its gradient.
//
// The specification is expressions.h and layer_expressions.h of Sources/CKernels: the order of operations
// there is the order here, what C rounds to float is rounded here, and what it computes in double is computed
// in double.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});
    const { fround } = Math;
    const { exp, log, sqrt, expDouble, logDouble, logOfOneAnd } = Mirage.arithmetic;

    const unlessNaN = (x, y) => (x === x ? y : NaN);

    // e^x in double for x ≤ 0; below -104 nothing of it is left in a float.
    const decay = (x) => expDouble(x < -104 ? -104 : x);

    const sigmoid = (x) => {
        const e = decay(x < 0 ? x : -x);
        return unlessNaN(x, fround((x < 0 ? e : 1) / (1 + e)));
    };

    // c[0] + x·(c[1] + x·(…)), with the constants of a series.
    const series = (x, constants) => constants.reduceRight((sum, constant) => constant + x * sum);

    // (1 - e) / (1 + e) with e = exp(-2|x|) and the sign of x; near 0 the odd series to x^9.
    const TANH = [1, -1 / 3, 2 / 15, -17 / 315, 62 / 2835];
    const tanh = (x) => {
        const size = x < 0 ? -x : x;
        if (size < 1 / 32) return fround(x * series(x * x, TANH));
        const e = expDouble(size > 52 ? -104 : -2 * size);
        const quotient = (1 - e) / (1 + e);
        return unlessNaN(x, fround(x < 0 ? -quotient : quotient));
    };

    // scale·(e^x - 1) below 0; near 0 the series to x^8.
    const ELU = [1, 1 / 2, 1 / 6, 1 / 24, 1 / 120, 1 / 720, 1 / 5040, 1 / 40320];
    const elu = (x, scale) => {
        if (x > 0) return x;
        return unlessNaN(x, fround(scale * (x > -1 / 32 ? x * series(x, ELU) : decay(x) - 1)));
    };

    const SIXTH = fround(1 / 6);
    const hardSigmoid = (x, slope, offset) => {
        const y = fround(fround(slope * x) + offset);
        return y < 0 ? 0 : y > 1 ? 1 : y;
    };

    const hardSwishGradient = (dy, x) => {
        const h = hardSigmoid(x, SIXTH, 0.5);
        return fround(dy * fround(h + (0 < h && h < 1 ? fround(x * SIXTH) : 0)));
    };

    // log(1 + f) in double for 0 ≤ f ≤ 1; beyond √2 - 1 as ln 2 + log((1 + f) / 2).
    const logUpTo2 = (f) =>
        f > 0.41421356237309503 ? 0.6931471805599453 + logOfOneAnd((f - 1) * 0.5) : logOfOneAnd(f);

    const softplus = (x) => unlessNaN(x, fround((x > 0 ? x : 0) + logUpTo2(decay(-Math.abs(x)))));

    const softplusGradient = (dy, x) => {
        const e = decay(-Math.abs(x));
        return unlessNaN(x, fround(dy * ((x < 0 ? e : 1) / (1 + e))));
    };

    const softsignGradient = (dy, x) => {
        const d = fround(1 + Math.abs(x));
        return fround(dy / fround(d * d));
    };

    const MOST_FLOAT = 3.4028234663852886e38;
    const isWhole = (a) => Math.trunc(a) === a;
    const isOdd = (a) => a % 2 === 1 || a % 2 === -1;

    // |x|^a in double, for x that is not 0.
    const powerDouble = (x, a) => {
        const exponent = a * logDouble(Math.min(Math.abs(x), MOST_FLOAT));
        return expDouble(exponent > 89 ? 89 : exponent < -104 ? -104 : exponent);
    };

    // x^a as C's pow has it at 0 and infinity. A negative number has only whole powers.
    const power = (x, a) => {
        if (a === 0) return 1;
        if (a === 1) return x;
        if (a === 2) return fround(x * x);
        if (a === -1) return fround(1 / x);
        if (a === 0.5) return sqrt(x);
        if (x !== x || (x < 0 && !isWhole(a))) return NaN;
        const size = Math.abs(x);
        const isAtEnd = size === 0 || size === Infinity;
        const y = isAtEnd ? ((size === 0) === a > 0 ? 0 : Infinity) : fround(powerDouble(x, a));
        return (x < 0 || Object.is(x, -0)) && isOdd(a) ? -y : y;
    };

    // dy·a·x^(a - 1), in double and rounded once.
    const powerGradient = (dy, x, a) => {
        if (x !== x || (x < 0 && !isWhole(a))) return NaN;
        if (a === 0) return 0;
        const less = a - 1;
        const size = Math.abs(x);
        const isAtEnd = size === 0 || size === Infinity;
        const end = (size === 0) === less > 0 ? 0 : Infinity;
        const plain = less === 0 ? 1 : isAtEnd ? end : powerDouble(x, less);
        return fround(dy * (a * (x < 0 && !isOdd(a) ? -plain : plain)));
    };

    const clip = (lower, upper) => ({
        value: (x) => (lower > x ? lower : x > upper ? upper : x),
        gradient: (dy, y) => (lower < y && y < upper ? dy : 0),
        readsOutput: true,
    });

    // By the layer's word: what becomes of x; and of dy, where v is what came out (readsOutput) or went in.
    // The arguments are the layer's constants, as floats.
    Mirage.functions = {
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
        power: (a) => ({ value: (x) => power(x, a), gradient: (dy, x) => powerGradient(dy, x, a) }),
    };
})();
