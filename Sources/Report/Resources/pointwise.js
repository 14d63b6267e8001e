// Layers that work number by number, or channel by channel: activations, scales, softmax, and what two
// branches give together.
//
// An operation is {forward(x, y, others), inputGradient(dy, dx, x, y, others)}, and one that reads more than
// its input has {otherGradient(dy, dx, x, y, others, index)} too, or passesGradient where all gradients are
// dy. The specification is reference.c, reference_layers.c and reference_more_layers.c of Sources/CKernels.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});
    const { fround } = Math;
    const { fma, exp, log } = Mirage.arithmetic;

    // One function of every number; see functions.js.
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
            for (let i = 0; i < x.length; i += 1) {
                const channel = i % scale.length;
                y[i] = fma(x[i], scale[channel], shift[channel]);
            }
        }

        inputGradient(dy, dx) {
            const { scale } = this;
            for (let i = 0; i < dy.length; i += 1) dx[i] = fround(dy[i] * scale[i % scale.length]);
        }
    }

    // y = x > 0 ? x : slopes[c]·x, channels last.
    class Slopes {
        constructor(slopes) {
            this.slopes = slopes;
        }

        forward(x, y) {
            this.inputGradient(x, y, x);
        }

        inputGradient(dy, dx, x) {
            const { slopes } = this;
            for (let i = 0; i < dy.length; i += 1) {
                dx[i] = x[i] > 0 ? dy[i] : fround(slopes[i % slopes.length] * dy[i]);
            }
        }
    }

    // The larger of two: a where both are equal, and where it is a NaN.
    const larger = (a, b) => (b <= a || a !== a ? a : b);
    const smaller = (a, b) => (b >= a || a !== a ? a : b);

    // Softmax over the channels, or its logarithm, with sums in order:
    //
    //     e_j = exp(x_j - max),  y_j = e_j / Σe          dx_j = y_j·(dy_j - Σ dy·y)
    //     y_j = (x_j - max) - log Σe                     dx_j = dy_j - exp(y_j)·Σdy
    class Softmax {
        constructor(channels, isLogarithm) {
            Object.assign(this, { channels, isLogarithm });
        }

        forward(x, y) {
            const { channels, isLogarithm } = this;
            for (let first = 0; first < x.length; first += channels) {
                const row = x.subarray(first, first + channels);
                const most = row.reduce(larger);
                const powers = row.map((number) => exp(fround(number - most)));
                const total = powers.reduce((sum, e) => fround(sum + e), 0);
                for (let j = 0; j < channels; j += 1) {
                    y[first + j] = isLogarithm
                        ? fround(fround(row[j] - most) - log(total)) : fround(powers[j] / total);
                }
            }
        }

        inputGradient(dy, dx, x, y) {
            const { channels, isLogarithm } = this;
            for (let first = 0; first < dy.length; first += channels) {
                let total = 0;
                for (let i = first; i < first + channels; i += 1) {
                    total = fround(total + (isLogarithm ? dy[i] : fround(dy[i] * y[i])));
                }
                for (let i = first; i < first + channels; i += 1) {
                    dx[i] = isLogarithm
                        ? fround(dy[i] - fround(exp(y[i]) * total)) : fround(y[i] * fround(dy[i] - total));
                }
            }
        }
    }

    // ---- Two branches ----

    // y = value(x, other), number by number, and the gradients at both sides: (dy, x, other, y).
    const pair = (value, atInput, atOther) => ({
        forward(x, y, [other]) {
            for (let i = 0; i < x.length; i += 1) y[i] = value(x[i], other[i]);
        },
        inputGradient(dy, dx, x, y, [other]) {
            for (let i = 0; i < dy.length; i += 1) dx[i] = atInput(dy[i], x[i], other[i], y[i]);
        },
        otherGradient(dy, dx, x, y, [other]) {
            for (let i = 0; i < dy.length; i += 1) dx[i] = atOther(dy[i], x[i], other[i], y[i]);
        },
    });

    // The gradient of a sum is dy for both sides, so that nobody need copy it.
    const add = { ...pair((x, other) => fround(x + other)), passesGradient: true };

    const branches = {
        add,
        subtract: pair((x, other) => fround(x - other), (dy) => dy, (dy) => 0 - dy),
        multiply: pair(
            (x, other) => fround(x * other), (dy, x, other) => fround(dy * other), (dy, x) => fround(dy * x)),
        divide: pair(
            (x, other) => fround(x / other), (dy, x, other) => fround(dy / other),
            (dy, x, other, y) => fround(-fround(dy * y) / other)),
        maximum: pair(
            larger, (dy, x, other) => (x >= other ? dy : 0), (dy, x, other) => (x < other ? dy : 0)),
        minimum: pair(
            smaller, (dy, x, other) => (other >= x ? dy : 0), (dy, x, other) => (other < x ? dy : 0)),
    };

    // One factor a channel, channels last. The factors' gradient is the sum over the pixels in order, from
    // +0, of dy·x, each product rounded.
    const channelProduct = {
        forward(x, y, [factors]) {
            for (let i = 0; i < x.length; i += 1) y[i] = fround(x[i] * factors[i % factors.length]);
        },
        inputGradient(dy, dx, x, y, [factors]) {
            for (let i = 0; i < dy.length; i += 1) dx[i] = fround(dy[i] * factors[i % factors.length]);
        },
        otherGradient(dy, dx, x) {
            dx.fill(0);
            for (let i = 0; i < dy.length; i += 1) {
                const channel = i % dx.length;
                dx[channel] = fround(dx[channel] + fround(dy[i] * x[i]));
            }
        },
    };

    Mirage.pointwise = { branches, channelProduct, Pointwise, Scaling, Slopes, Softmax };
})();
