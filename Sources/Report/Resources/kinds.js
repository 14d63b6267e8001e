// The kinds of layers that the page knows, by the word for them: what each makes of a shape, which parameters it
// has, and what it does. Sources/Networks/Layers has the same in Swift, a file a kind.
//
// A kind is {stem, isLayout, read(form, input, earlier)}. `read` gives null for an input that the layer cannot
// take, else {output, parameters, source, others, operation, scaling, isProduct}: `operation(tensor, scaling)` is
// null where no number moves; `tensor(part)` gives a parameter's numbers.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});
    const { fround, sqrt } = Math;
    const { features, MOST } = Mirage.forms;
    const { functions, branches, Pointwise, Scaling, SlopesOfChannels } = Mirage.pointwise;
    const { dense, convolution } = Mirage.products;
    const { MaxPool, AveragePool, Places, transposition, reordering, Concatenation, channelProduct } = Mirage.maps;

    const maps = (channels, height, width) => features("maps", [channels, height, width]);
    const vector = (length) => features("vector", [length]);

    // How many windows there are along an axis.
    const windowCount = (length, kernel, stride, dilation, before, after) =>
        Math.floor((length + before + after - dilation * (kernel - 1) - 1) / stride) + 1;

    const isBounded = (...counts) => counts.every((count) => count > 0 && count <= MOST);

    const readConvolution = (form, input) => {
        const outputs = form.count();
        const kernel = form.sizes(form.take("kernel"), "kernel");
        const stride = form.sizes(form.take("stride") ?? 1, "stride");
        const dilation = form.sizes(form.take("dilation") ?? 1, "dilation");
        const groups = form.whole(form.take("groups") ?? 1, "groups", 1);
        const hasBias = form.flag("bias", true);
        if (input.layout !== "maps") return null;
        const [inputs, ...size] = input.shape;
        // As many windows as pixels divided by the stride; what is odd goes below and to the right.
        const same = () => {
            const sides = size.map((length, axis) => {
                const windows = Math.ceil(length / stride[axis]);
                return Math.max(0, (windows - 1) * stride[axis] + dilation[axis] * (kernel[axis] - 1) + 1 - length);
            });
            const [top, left] = sides.map((side) => Math.floor(side / 2));
            return { top, left, bottom: sides[0] - top, right: sides[1] - left };
        };
        const padding = form.padding(form.take("padding"), same);
        if (inputs % groups !== 0 || outputs % groups !== 0) form.refuse(`${groups} groups divide not all channels`);
        const output = [
            windowCount(size[0], kernel[0], stride[0], dilation[0], padding.top, padding.bottom),
            windowCount(size[1], kernel[1], stride[1], dilation[1], padding.left, padding.right),
        ];
        if (output.some((count) => count < 1)) return null;
        const taps = kernel[0] * kernel[1];
        const weight = [outputs, inputs / groups, ...kernel];
        const windows = taps * Math.max(output[0] * output[1], input.count / inputs);
        if (!isBounded(outputs * (inputs / groups) * taps, windows)) form.refuse("it is too large");
        const shape = { inputs, outputs, groups, input: size, output, kernel, stride, dilation, padding };
        return {
            output: maps(outputs, ...output),
            parameters: hasBias ? { weight, bias: [outputs] } : { weight },
            isProduct: true,
            operation: (tensor, scaling) =>
                convolution(shape, tensor("weight"), hasBias ? tensor("bias") : null, scaling),
        };
    };

    const readDense = (form, input) => {
        const outputs = form.count();
        if (!input.isFlat) return null;
        if (!isBounded(outputs * input.count)) form.refuse("it is too large");
        return {
            output: vector(outputs),
            parameters: { weight: [outputs, input.count], bias: [outputs] },
            isProduct: true,
            operation: (tensor, scaling) => dense(input.count, outputs, tensor("weight"), tensor("bias"), scaling),
        };
    };

    // The windows of a pooling layer; null where none fits.
    const readPool = (form, input) => {
        const kernel = form.sizes(form.value, "the window");
        const stride = form.sizes(form.take("stride") ?? kernel, "stride");
        const dilation = form.sizes(form.take("dilation") ?? 1, "dilation");
        const padding = form.padding(form.take("padding"));
        const isCeiling = form.flag("ceil", false);
        if (input.layout !== "maps") return null;
        const [channels, ...size] = input.shape;
        const [before, after] = [[padding.top, padding.left], [padding.bottom, padding.right]];
        const overhangs = [0, 0];
        const output = size.map((length, axis) => {
            const reach = dilation[axis] * (kernel[axis] - 1) + 1;
            if (Math.max(before[axis], after[axis]) >= reach) form.refuse("a window could lie in the padding whole");
            const room = length + before[axis] + after[axis] - reach;
            if (room < 0) return 0;
            let count = Math.floor((room + (isCeiling ? stride[axis] - 1 : 0)) / stride[axis]) + 1;
            if (isCeiling && (count - 1) * stride[axis] >= length + before[axis]) count -= 1;
            overhangs[axis] = Math.max(0, (count - 1) * stride[axis] - room);
            return count;
        });
        if (output.some((count) => count < 1)) return null;
        if (!isBounded(output[0] * output[1] * kernel[0] * kernel[1])) form.refuse("it is too large");
        return {
            channels, input: size, output, kernel, stride, dilation, padding,
            // Whether windows without gaps lie in image and padding.
            isInside: String(dilation) === "1,1" && overhangs[0] + overhangs[1] === 0,
        };
    };

    const readMaxPool = (form, input) => {
        const shape = readPool(form, input);
        return shape && { output: maps(shape.channels, ...shape.output), operation: () => new MaxPool(shape) };
    };

    const readAveragePool = (form, input) => {
        const countsPadding = form.flag("counts_padding", true);
        const shape = readPool(form, input);
        if (!shape) return null;
        const isPadded = Object.values(shape.padding).some((side) => side > 0);
        const isPlain = shape.isInside && (countsPadding || !isPadded);
        return {
            output: maps(shape.channels, ...shape.output),
            operation: () => new AveragePool({ ...shape, countsPadding, isPlain }),
        };
    };

    const readGlobalPool = (form, input) => {
        const keepsMaps = form.flag("maps", false);
        if (input.layout !== "maps") return null;
        const [channels, ...size] = input.shape;
        const padding = { top: 0, left: 0, bottom: 0, right: 0 };
        const shape = {
            channels, input: size, output: [1, 1], kernel: size, stride: [1, 1], dilation: [1, 1], padding,
            countsPadding: true, isPlain: true,
        };
        return {
            output: keepsMaps ? maps(channels, 1, 1) : vector(channels),
            operation: () => new AveragePool(shape),
        };
    };

    // A scale and a shift a channel, in double, which a product before it takes into its weights.
    const scaled = (input, parts, scaling) => {
        if (input.layout === "image") return null;
        const parameters = Object.fromEntries(parts.map((part) => [part, [input.shape[0]]]));
        const operation = (tensor) => {
            const { scale, shift } = scaling(tensor);
            return new Scaling(Float64Array.from(scale, fround), Float64Array.from(shift, fround));
        };
        return { output: input, parameters, scaling, operation };
    };

    const readBatchNorm = (form, input) => {
        const epsilon = form.float("epsilon", 1e-5);
        form.float("momentum", 0.1); // of the training alone
        return scaled(input, ["weight", "bias", "running_mean", "running_var"], (tensor) => {
            const [weight, bias] = [tensor("weight"), tensor("bias")];
            const [mean, variance] = [tensor("running_mean"), tensor("running_var")];
            const scale = Float64Array.from(weight, (w, c) => w / sqrt(variance[c] + epsilon));
            return { scale, shift: scale.map((s, c) => bias[c] - mean[c] * s) };
        });
    };

    const readAffine = (form, input) =>
        scaled(input, ["scale", "shift"], (tensor) => ({
            scale: Float64Array.from(tensor("scale")), shift: Float64Array.from(tensor("shift")),
        }));

    const toMaps = ({ layout, shape }) => (layout === "image" ? maps(...shape) : null);

    const readChannelsLast = (form, input) => {
        const output = toMaps(input);
        return output && { output, operation: input.shape[0] === 1 ? null : () => transposition(input.shape, true) };
    };

    // y = fma(x, 1 / deviation, -mean / deviation), both constants in double and rounded once; channels last.
    const readNormalise = (form, input) => {
        const [mean, deviation] = [form.numbers("mean"), form.numbers("deviation")];
        const output = toMaps(input);
        if (!output || mean.length !== input.shape[0] || deviation.length !== mean.length) return null;
        const scale = Float64Array.from(deviation, (d) => fround(1 / d));
        const shift = Float64Array.from(deviation, (d, c) => fround(-mean[c] / d));
        return {
            output,
            operation: () => {
                const [layout, scaling] = [transposition(input.shape, true), new Scaling(scale, shift)];
                const between = new Float64Array(input.count);
                return {
                    forward(x, y) {
                        layout.forward(x, between);
                        scaling.forward(between, y);
                    },
                    inputGradient(dy, dx) {
                        scaling.inputGradient(dy, between);
                        layout.inputGradient(between, dx);
                    },
                };
            },
        };
    };

    const readReorder = (form, input) => {
        const order = form.value;
        const isOrder = Array.isArray(order) && input.layout === "image" && order.length === input.shape[0]
            && [...order].sort((a, b) => a - b).every((channel, place) => channel === place);
        if (!isOrder) return null;
        const isNothing = order.every((channel, place) => channel === place);
        const operation = isNothing ? null : () => reordering(order, input.count / order.length);
        return { output: input, operation };
    };

    const readFlatten = (form, input) => ({
        output: vector(input.count),
        operation: input.isFlat ? null : () => transposition(input.shape, false),
    });

    const readUnflatten = (form, input) => {
        if (!Array.isArray(form.value) || form.value.length !== 3) form.refuse("it has no shape");
        const output = maps(...form.value.map((size) => form.whole(size, "a size", 1)));
        if (input.layout === "maps" || input.count !== output.count) return null;
        return { output, operation: output.isFlat ? null : () => transposition(output.shape, true) };
    };

    const readDropout = (form, input) => {
        const seed = form.take("seed");
        if (seed !== undefined && seed >= 0) form.refuse("it does not draw the mask that stays on");
        return { output: input, operation: null };
    };

    const readPad = (form, input) => {
        const sides = form.padding(form.value, null, -MOST);
        const before = form.whole(form.take("before") ?? 0, "before", -MOST);
        const after = form.whole(form.take("after") ?? 0, "after", -MOST);
        const value = form.float("value", 0);
        if (input.layout !== "maps") return null;
        const [channels, height, width] = input.shape;
        const output = [channels + before + after, height + sides.top + sides.bottom, width + sides.left + sides.right];
        if (output.some((size) => size < 1)) return null;
        if (!isBounded(output[0] * output[1] * output[2])) form.refuse("it is too large");
        const isNothing = [before, after, ...Object.values(sides)].every((side) => side === 0);
        const operation = () =>
            new Places(Array.from({ length: output[0] * output[1] * output[2] }, (_, place) => {
                const c = (place % output[0]) - before;
                const pixel = Math.floor(place / output[0]);
                const [y, x] = [Math.floor(pixel / output[2]) - sides.top, (pixel % output[2]) - sides.left];
                const isInside = c >= 0 && c < channels && y >= 0 && y < height && x >= 0 && x < width;
                return isInside ? (y * width + x) * channels + c : -1;
            }), value);
        return { output: maps(...output), operation: isNothing ? null : operation };
    };

    // ---- Branches ----

    const readBranch = (form, input, earlier) => {
        const [source] = form.sources();
        return { output: earlier(source), source, operation: null };
    };

    // Two branches of one shape.
    const readPair = (form, input, earlier) => {
        const others = form.sources().slice(0, 1);
        if (!earlier(others[0]).equals(input)) return null;
        return { output: input, others, operation: () => branches[form.word] };
    };

    const readMultiply = (form, input, earlier) => {
        const pair = readPair(form, input, earlier);
        if (pair) return pair;
        const others = form.sources().slice(0, 1);
        const { layout, shape, count } = earlier(others[0]);
        const areFactors = input.layout === "maps" && layout !== "image" && shape[0] === input.shape[0]
            && count === shape[0];
        return areFactors ? { output: input, others, operation: () => channelProduct } : null;
    };

    const readConcat = (form, input, earlier) => {
        const others = form.sources();
        const all = [input, ...others.map(earlier)];
        const widths = all.map(({ shape }) => shape[0]);
        const width = widths.reduce((sum, next) => sum + next, 0);
        const isOneSize = all.every(({ layout, shape }) =>
            layout === input.layout && String(shape.slice(1)) === String(input.shape.slice(1)));
        if (input.layout === "image" || !isOneSize) return null;
        return {
            output: features(input.layout, [width, ...input.shape.slice(1)]), others,
            operation: others.length === 0 ? null : () => new Concatenation(widths),
        };
    };

    // ---- Activations ----

    // The constants of a function, by the names of its settings.
    const pointwise = (constants) => (form, input) => {
        const values = constants.map(([key, usual]) => form.float(key, usual));
        return { output: input, operation: () => new Pointwise(functions[form.word](...values)) };
    };

    // Without bounds nothing is clipped.
    const readClip = (form, input) => {
        const [lower, upper] = [form.float("lower", -Infinity), form.float("upper", Infinity)];
        const isNothing = lower === -Infinity && upper === Infinity;
        return { output: input, operation: isNothing ? null : () => new Pointwise(functions.clip(lower, upper)) };
    };

    const readPReLU = (form, input) => {
        const slopes = form.whole(form.take("slopes") ?? input.shape[0], "slopes", 1);
        if (slopes !== 1 && slopes !== input.shape[0]) form.refuse(`it has ${slopes} slopes`);
        if (input.layout === "image") return null;
        return {
            output: input,
            parameters: { weight: [slopes] },
            operation: (tensor) => new SlopesOfChannels(Float64Array.from(tensor("weight"))),
        };
    };

    const kind = (read, more) => ({ read, stem: null, isLayout: false, ...more });
    Mirage.kinds = {
        conv: kind(readConvolution),
        dense: kind(readDense, { stem: "fc" }),
        relu: kind(pointwise([])),
        "max-pool": kind(readMaxPool, { stem: "pool" }),
        "average-pool": kind(readAveragePool, { stem: "pool" }),
        "global-average-pool": kind(readGlobalPool, { stem: "pool" }),
        "batch-norm": kind(readBatchNorm, { stem: "bn" }),
        dropout: kind(readDropout),
        flatten: kind(readFlatten, { isLayout: true }),
        normalise: kind(readNormalise, { isLayout: true }),
        add: kind(readPair),
        branch: kind(readBranch),
        concat: kind(readConcat),
        multiply: kind(readMultiply),
        subtract: kind(readPair),
        relu6: kind(pointwise([])),
        "leaky-relu": kind(pointwise([["slope", 0.01]])),
        prelu: kind(readPReLU),
        sigmoid: kind(pointwise([])),
        tanh: kind(pointwise([])),
        elu: kind(pointwise([["scale", 1]])),
        clip: kind(readClip),
        "hard-sigmoid": kind(pointwise([["slope", 0.2], ["offset", 0.5]])),
        "hard-swish": kind(pointwise([])),
        affine: kind(readAffine),
        pad: kind(readPad),
        "channels-last": kind(readChannelsLast, { stem: "pixels", isLayout: true }),
        unflatten: kind(readUnflatten, { stem: "maps" }),
        reorder: kind(readReorder),
        exp: kind(pointwise([])),
        log: kind(pointwise([])),
        softplus: kind(pointwise([])),
        abs: kind(pointwise([])),
        softsign: kind(pointwise([])),
    };
})();
