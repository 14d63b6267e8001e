// Layers that work on feature maps [H, W, C]: pooling, and numbers brought to other places.
//
// The specification is reference_windows.c and reference_more_layers.c of Sources/CKernels.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});
    const { fround } = Math;

    // For each window in order the pixels that it holds, (kh, kw) ascending: window w holds pixels[k] for k
    // from starts[w] to starts[w + 1] - 1. Taps outside the image are left out.
    const pixelsOfWindows = ({ input, output, kernel, stride, padding, dilation }) => {
        const starts = [0];
        const pixels = [];
        for (let oy = 0; oy < output[0]; oy += 1) {
            for (let ox = 0; ox < output[1]; ox += 1) {
                for (let kh = 0; kh < kernel[0]; kh += 1) {
                    for (let kw = 0; kw < kernel[1]; kw += 1) {
                        const y = oy * stride[0] + kh * dilation[0] - padding.top;
                        const x = ox * stride[1] + kw * dilation[1] - padding.left;
                        if (y >= 0 && y < input[0] && x >= 0 && x < input[1]) pixels.push(y * input[1] + x);
                    }
                }
                starts.push(pixels.length);
            }
        }
        return { starts: Int32Array.from(starts), pixels: Int32Array.from(pixels) };
    };

    // The largest pixel of each window. Of equals (-0 equals +0) the first is kept, and so is the first NaN;
    // that pixel takes the gradient, added from +0 over the windows in order.
    class MaxPool {
        constructor(shape) {
            Object.assign(this, pixelsOfWindows(shape), { channels: shape.channels });
            this.chosen = new Int32Array((this.starts.length - 1) * shape.channels);
        }

        forward(x, y) {
            const { starts, pixels, channels, chosen } = this;
            for (let place = 0; place < y.length; place += 1) {
                const channel = place % channels;
                const window = (place - channel) / channels;
                let best = pixels[starts[window]] * channels + channel;
                for (let k = starts[window] + 1; k < starts[window + 1]; k += 1) {
                    const other = pixels[k] * channels + channel;
                    if (!(x[other] <= x[best] || x[best] !== x[best])) best = other;
                }
                chosen[place] = best;
                y[place] = x[best];
            }
        }

        inputGradient(dy, dx) {
            const { chosen } = this;
            dx.fill(0);
            for (let place = 0; place < dy.length; place += 1) {
                dx[chosen[place]] = fround(dx[chosen[place]] + dy[place]);
            }
        }
    }

    // What the mean of each window is divided by: its taps within image and padding, or within the image.
    const divisorsOfWindows = ({ input, output, kernel, stride, dilation, padding, countsPadding }) => {
        const { top, left } = padding;
        const edge = countsPadding ? padding : { top: 0, left: 0, bottom: 0, right: 0 };
        // How many of an axis's taps, from `start` on, lie in from ... to - 1.
        const within = (axis, start, from, to) => {
            const taps = Array.from({ length: kernel[axis] }, (_, k) => start + k * dilation[axis]);
            return taps.filter((tap) => tap >= from && tap < to).length;
        };
        return Float64Array.from({ length: output[0] * output[1] }, (_, window) => {
            const [oy, ox] = [Math.floor(window / output[1]), window % output[1]];
            return within(0, oy * stride[0] - top, -edge.top, input[0] + edge.bottom)
                * within(1, ox * stride[1] - left, -edge.left, input[1] + edge.right);
        });
    };

    // The mean of each window: its pixels added from +0 in order, divided by the window's divisor. Where all
    // divisors are one number (isPlain) the gradient is the sum of dy divided by it, else the sum of
    // quotients.
    class AveragePool {
        constructor(shape) {
            const { channels, isPlain } = shape;
            Object.assign(this, pixelsOfWindows(shape), { channels, isPlain });
            this.divisors = divisorsOfWindows(shape);
        }

        forward(x, y) {
            const { starts, pixels, channels, divisors } = this;
            for (let place = 0; place < y.length; place += 1) {
                const channel = place % channels;
                const window = (place - channel) / channels;
                let total = 0;
                for (let k = starts[window]; k < starts[window + 1]; k += 1) {
                    total = fround(total + x[pixels[k] * channels + channel]);
                }
                y[place] = fround(total / divisors[window]);
            }
        }

        inputGradient(dy, dx) {
            const { starts, pixels, channels, divisors, isPlain } = this;
            dx.fill(0);
            for (let window = 0; window < divisors.length; window += 1) {
                const divisor = isPlain ? 1 : divisors[window];
                for (let k = starts[window]; k < starts[window + 1]; k += 1) {
                    for (let channel = 0; channel < channels; channel += 1) {
                        const place = pixels[k] * channels + channel;
                        dx[place] = fround(dx[place] + fround(dy[window * channels + channel] / divisor));
                    }
                }
            }
            if (!isPlain) return;
            for (let place = 0; place < dx.length; place += 1) dx[place] = fround(dx[place] / divisors[0]);
        }
    }

    // Numbers at other places: y[i] = x[places[i]], each place at most once; -1 gives `filling`.
    class Places {
        constructor(places, filling = 0) {
            this.places = Int32Array.from(places);
            this.filling = filling;
        }

        forward(x, y) {
            const { places, filling } = this;
            for (let i = 0; i < places.length; i += 1) y[i] = places[i] < 0 ? filling : x[places[i]];
        }

        inputGradient(dy, dx) {
            const { places } = this;
            dx.fill(0);
            for (let i = 0; i < places.length; i += 1) if (places[i] >= 0) dx[places[i]] = dy[i];
        }
    }

    // From an image [C, H, W] to maps [H, W, C], or back.
    const transposition = ([channels, height, width], toLast) => {
        const pixels = height * width;
        return new Places(Array.from({ length: channels * pixels }, (_, i) =>
            toLast
                ? (i % channels) * pixels + Math.floor(i / channels)
                : (i % pixels) * channels + Math.floor(i / pixels)));
    };

    // The channels of an image [C, H, W] in another order.
    const reordering = (order, pixels) =>
        new Places(order.flatMap((from) => Array.from({ length: pixels }, (_, i) => from * pixels + i)));

    // Maps of so many channels each, side by side.
    class Concatenation {
        constructor(widths) {
            this.widths = widths;
            this.width = widths.reduce((sum, width) => sum + width, 0);
        }

        forward(x, y, others) {
            let first = 0;
            for (const [index, part] of [x, ...others].entries()) {
                const width = this.widths[index];
                for (let i = 0; i < part.length; i += 1) {
                    y[Math.floor(i / width) * this.width + first + (i % width)] = part[i];
                }
                first += width;
            }
        }

        part(index, dy, dx) {
            const width = this.widths[index];
            const first = this.widths.slice(0, index).reduce((sum, other) => sum + other, 0);
            for (let i = 0; i < dx.length; i += 1) {
                dx[i] = dy[Math.floor(i / width) * this.width + first + (i % width)];
            }
        }

        inputGradient(dy, dx) {
            this.part(0, dy, dx);
        }

        otherGradient(dy, dx, x, y, others, index) {
            this.part(index + 1, dy, dx);
        }
    }

    Mirage.maps = { MaxPool, AveragePool, Places, transposition, reordering, Concatenation };
})();
