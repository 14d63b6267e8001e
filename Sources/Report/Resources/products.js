// Matrix products and convolutions, forward and back to the input, as chains of fused multiply-adds.
//
// One loop serves them all. A product gives targets (the pixels of its output; a fully connected layer has
// one), each of `outer` numbers in every group of channels, and each number is one chain over the target's
// taps and over the `inner` numbers that a tap finds:
//
//     y[t, j] = chain over (tap, c) ascending, from bias[j] or +0, of
//               fma(x[source(t, tap), c], w[tap, c, j], ·)
//
// A convolution's input gradient is such a product too, gathered pixel by pixel: its taps are the windows
// that hold the pixel. The specification is reference.c and reference_convolution.c of Sources/CKernels.
//
// All numbers between layers are floats, held in Float64Array: then loads and stores convert nothing.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});
    const { fround } = Math;
    const { ABOVE, BELOW, fma, fmaOfAll } = Mirage.arithmetic;

    // y[at + j] = fma(x, w[from + j], y[at + j]) for `count` numbers: where nearly all of the time goes. The
    // body is that of `fma`, in place of a call.
    const accumulate = (y, at, count, x, w, from) => {
        for (let j = 0; j < count; j += 1) {
            const s = x * w[from + j] + y[at + j];
            const result = fround(s * ABOVE);
            y[at + j] = result === fround(s * BELOW) ? result : fmaOfAll(x, w[from + j], y[at + j]);
        }
    };

    // Which source each tap of each target reads: `sources[k]` (-1 outside the image, where a zero enters the
    // chain) and the tap's number `taps[k]`, for k from starts[t] to starts[t + 1] - 1.
    class Taps {
        constructor(targets, count) {
            this.count = count; // how many taps the weights have
            this.starts = new Int32Array(targets + 1);
            this.sources = [];
            this.taps = [];
        }

        add(source, tap) {
            this.sources.push(source);
            this.taps.push(tap);
        }

        close(target) {
            this.starts[target + 1] = this.sources.length;
        }

        // The same in typed arrays.
        finished() {
            this.sources = Int32Array.from(this.sources);
            this.taps = Int32Array.from(this.taps);
            return this;
        }
    }

    // One tap on one source.
    const single = () => {
        const taps = new Taps(1, 1);
        taps.add(0, 0);
        taps.close(0);
        return taps.finished();
    };

    class Product {
        // weights: [groups, taps, inner, outer]; bias: [groups · outer], or null for +0.
        constructor(taps, groups, inner, outer, weights, bias) {
            Object.assign(this, { taps, groups, inner, outer, weights, bias });
            this.targets = taps.starts.length - 1;
            this.start = bias ?? new Float64Array(groups * outer);
            this.isTame = weights.every(Number.isFinite);
        }

        // y = the product of x.
        //
        // Terms whose x is ±0 are left out, which with finite weights can change no more than the sign of a
        // zero: by induction the chains with and without such terms agree after every term but for the sign
        // of a zero. A term left out is ±0, and leaves any other sum as it is; a term that is not 0 makes the
        // same of +0 and -0. So a result other than 0 is right. A zero is so too where the chain began with
        // +0 and no term was left in: +0 and ±0 give +0. Any other zero is computed again, with all terms.
        run(x, y) {
            if (!this.isTame) {
                for (let e = 0; e < y.length; e += 1) y[e] = this.chain(x, e);
                return;
            }
            const { targets, groups, inner, outer, weights, start } = this;
            const { starts, sources, taps, count } = this.taps;
            const [width, sourceWidth, size] = [groups * outer, groups * inner, inner * outer];
            for (let target = 0; target < targets; target += 1) {
                for (let group = 0; group < groups; group += 1) {
                    const at = target * width + group * outer;
                    for (let j = 0; j < outer; j += 1) y[at + j] = start[group * outer + j];
                    let isTouched = false;
                    for (let k = starts[target]; k < starts[target + 1]; k += 1) {
                        if (sources[k] < 0) continue;
                        const from = sources[k] * sourceWidth + group * inner;
                        const first = (group * count + taps[k]) * size;
                        for (let c = 0; c < inner; c += 1) {
                            const value = x[from + c];
                            if (value === 0) continue;
                            isTouched = true;
                            accumulate(y, at, outer, value, weights, first + c * outer);
                        }
                    }
                    for (let j = 0; j < outer; j += 1) {
                        if (y[at + j] !== 0) continue;
                        const isUntouched = !isTouched && Object.is(start[group * outer + j], 0);
                        if (!isUntouched) y[at + j] = this.chain(x, at + j);
                    }
                }
            }
        }

        // Element e of the result by its whole chain.
        chain(x, e) {
            const { groups, inner, outer, weights, start } = this;
            const { starts, sources, taps, count } = this.taps;
            const channel = e % (groups * outer);
            const target = (e - channel) / (groups * outer);
            const [group, j] = [Math.floor(channel / outer), channel % outer];
            let sum = start[channel];
            for (let k = starts[target]; k < starts[target + 1]; k += 1) {
                const from = sources[k] * groups * inner + group * inner;
                const first = (group * count + taps[k]) * inner * outer + j;
                for (let c = 0; c < inner; c += 1) {
                    sum = fma(sources[k] < 0 ? 0 : x[from + c], weights[first + c * outer], sum);
                }
            }
            return sum;
        }
    }

    // A product's layer in action: forward by one product, the gradient at its input by another.
    class ProductOperation {
        constructor(forward, backward) {
            Object.assign(this, { product: forward, gradient: backward });
        }

        forward(x, y) {
            this.product.run(x, y);
        }

        inputGradient(dy, dx) {
            this.gradient.run(dy, dx);
        }
    }

    // Weight and bias of a layer, with the scale and shift of the layer that was taken in: w·scale and
    // b·scale + shift, in double and rounded once.
    const folded = (weight, bias, outputs, scaling) => {
        if (!scaling) return [new Float64Array(weight), bias && new Float64Array(bias)];
        const { scale, shift } = scaling;
        const length = weight.length / outputs;
        return [
            Float64Array.from(weight, (w, place) => fround(w * scale[Math.floor(place / length)])),
            Float64Array.from(scale, (factor, o) => fround((bias ? bias[o] : 0) * factor + shift[o])),
        ];
    };

    // y[o] = b[o] + Σ_i x[i]·w[o, i], i ascending; dx[i] = Σ_o dy[o]·w[o, i], o ascending.
    const dense = (inputs, outputs, weight, bias, scaling) => {
        const [w, b] = folded(weight, bias, outputs, scaling);
        const transposed = new Float64Array(w.length);
        for (let o = 0; o < outputs; o += 1) {
            for (let i = 0; i < inputs; i += 1) transposed[i * outputs + o] = w[o * inputs + i];
        }
        return new ProductOperation(
            new Product(single(), 1, inputs, outputs, transposed, b),
            new Product(single(), 1, outputs, inputs, w, null));
    };

    // Taps (kh, kw) of the windows of a convolution of `shape`, see `convolution`.
    const windows = ({ input, output, kernel, stride, padding, dilation }) => {
        const taps = new Taps(output[0] * output[1], kernel[0] * kernel[1]);
        for (let oy = 0; oy < output[0]; oy += 1) {
            for (let ox = 0; ox < output[1]; ox += 1) {
                for (let tap = 0; tap < taps.count; tap += 1) {
                    const y = oy * stride[0] + Math.floor(tap / kernel[1]) * dilation[0] - padding.top;
                    const x = ox * stride[1] + (tap % kernel[1]) * dilation[1] - padding.left;
                    const isInside = y >= 0 && y < input[0] && x >= 0 && x < input[1];
                    taps.add(isInside ? y * input[1] + x : -1, tap);
                }
                taps.close(oy * output[1] + ox);
            }
        }
        return taps.finished();
    };

    // The windows that hold each pixel, (kh, kw) ascending: taps between two windows are none, those beyond
    // the last window are zeros.
    const windowsOfPixels = ({ input, output, kernel, stride, padding, dilation }) => {
        const taps = new Taps(input[0] * input[1], kernel[0] * kernel[1]);
        for (let iy = 0; iy < input[0]; iy += 1) {
            for (let ix = 0; ix < input[1]; ix += 1) {
                for (let tap = 0; tap < taps.count; tap += 1) {
                    const y = iy + padding.top - Math.floor(tap / kernel[1]) * dilation[0];
                    const x = ix + padding.left - (tap % kernel[1]) * dilation[1];
                    if (y % stride[0] !== 0 || x % stride[1] !== 0) continue;
                    const [oy, ox] = [y / stride[0], x / stride[1]];
                    const isInside = oy >= 0 && oy < output[0] && ox >= 0 && ox < output[1];
                    taps.add(isInside ? oy * output[1] + ox : -1, tap);
                }
                taps.close(iy * input[1] + ix);
            }
        }
        return taps.finished();
    };

    // A convolution of maps [H, W, C], with the weight [outputs, inputs / groups, KH, KW] as PyTorch has it.
    //
    // shape: {inputs, outputs, groups, input: [H, W], output: [OH, OW], kernel, stride, dilation, padding}.
    const convolution = (shape, weight, bias, scaling) => {
        const { inputs, outputs, groups, kernel } = shape;
        const [w, b] = folded(weight, bias, outputs, scaling);
        const [ins, outs, taps] = [inputs / groups, outputs / groups, kernel[0] * kernel[1]];
        const forward = new Float64Array(w.length); // [groups, taps, ins, outs]
        const backward = new Float64Array(w.length); // [groups, taps, outs, ins]
        for (let place = 0; place < w.length; place += 1) {
            const tap = place % taps;
            const channel = Math.floor(place / taps) % ins;
            const o = Math.floor(place / (taps * ins));
            const [group, out] = [Math.floor(o / outs), o % outs];
            forward[((group * taps + tap) * ins + channel) * outs + out] = w[place];
            backward[((group * taps + tap) * outs + out) * ins + channel] = w[place];
        }
        return new ProductOperation(
            new Product(windows(shape), groups, ins, outs, forward, b),
            new Product(windowsOfPixels(shape), groups, outs, ins, backward, null));
    };

    Mirage.products = { dense, convolution };
})();
