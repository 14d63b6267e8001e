// The kinds of layers that the page knows, by the word for them: what each makes of a shape, which parameters
// it has, and what it does. Sources/Networks/Layers has the same in Swift, a file a kind.
//
// A kind is {read, stem, isLayout}: how a layer without a name is called, and whether it changes the layout
// alone. `read(form, input, earlier)` gives null for an input that the layer cannot take, else
//
//     output        what it gives, see `features` in forms.js
//     parameters    {weight: [10, 784], …}
//     source        the earlier layer that it reads in place of the one before it
//     others        the earlier layers that it reads beside it
//     operation     (tensor, scaling) => what it does, see pointwise.js; null where no number moves
//     scaling       (tensor) => {scale, shift}, for what a product before it takes into its weights
//     isProduct     whether it takes such a scaling in
//
// where `tensor(part)` gives the numbers of a parameter.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});
    const { fround, sqrt } = Math;
    const { features, isBounded, MOST } = Mirage.forms;
    const { functions } = Mirage;
    const { branches, channelProduct, Pointwise, Scaling, Slopes, Softmax } = Mirage.pointwise;
    const { Places, transposition, reordering, Concatenation } = Mirage.maps;

    const product = (sizes) => sizes.reduce((count, size) => count * size, 1);

    // ---- A scale and a shift a channel ----

    // As a layer of its own y = fma(x, scale, shift) with both rounded to float.
    const scaled = (input, parts, scaling) => {
        if (input.layout === "image") return null;
        const operation = (tensor) => {
            const { scale, shift } = scaling(tensor);
            return new Scaling(Float64Array.from(scale, fround), Float64Array.from(shift, fround));
        };
        const parameters = Object.fromEntries(parts.map((part) => [part, [input.shape[0]]]));
        return { output: input, parameters, scaling, operation };
    };

    const readBatchNorm = (form, input) => {
        const epsilon = form.float("epsilon", 1e-5);
        form.float("momentum", 0.1); // of the training alone
        return scaled(input, ["weight", "bias", "running_mean", "running_var"], (tensor) => {
            const [weight, bias] = [tensor("weight"), tensor("bias")];
            const [mean, variance] = [tensor("running_mean"), tensor("running_var")];
            const scale = Float64Array.from(weight, (w, c) => w / sqrt(variance[c] + epsilon));
            return { scale, shift: scale.map((factor, c) => bias[c] - mean[c] * factor) };
        });
    };

    const readAffine = (form, input) =>
        scaled(input, ["scale", "shift"], (tensor) => ({
            scale: new Float64Array(tensor("scale")), shift: new Float64Array(tensor("shift")),
        }));

    // ---- Numbers at other places ----

    const toMaps = ({ layout, shape }) => (layout === "image" ? features("maps", shape) : null);

    const readChannelsLast = (form, input) => {
        const output = toMaps(input);
        const isNothing = input.shape[0] === 1;
        return output && { output, operation: isNothing ? null : () => transposition(input.shape, true) };
    };

    // y = fma(x, 1 / deviation, -mean / deviation), both constants in double and rounded once; channels last.
    const readNormalise = (form, input) => {
        const [mean, deviation] = [form.numbers("mean"), form.numbers("deviation")];
        const output = toMaps(input);
        if (!output || mean.length !== input.shape[0] || deviation.length !== mean.length) return null;
        const operation = () => {
            const layout = transposition(input.shape, true);
            const scaling = new Scaling(
                Float64Array.from(deviation, (d) => fround(1 / d)),
                Float64Array.from(deviation, (d, c) => fround(-mean[c] / d)));
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
        };
        return { output, operation };
    };

    const readReorder = (form, input) => {
        const order = form.value;
        const channels = input.shape[0];
        if (!Array.isArray(order) || input.layout !== "image" || order.length !== channels) return null;
        if (!order.every((_, channel) => order.includes(channel))) form.refuse("it lacks a channel");
        const isNothing = order.every((channel, place) => channel === place);
        const operation = isNothing ? null : () => reordering(order, input.count / channels);
        return { output: input, operation };
    };

    const readFlatten = (form, input) => ({
        output: features("vector", [input.count]),
        operation: input.isFlat ? null : () => transposition(input.shape, false),
    });

    const readUnflatten = (form, input) => {
        if (!Array.isArray(form.value) || form.value.length !== 3) form.refuse("it has no shape");
        const output = features("maps", form.value.map((size) => form.whole(size, "a size", 1)));
        if (input.layout === "maps" || input.count !== output.count) return null;
        return { output, operation: output.isFlat ? null : () => transposition(output.shape, true) };
    };

    const readPad = (form, input) => {
        const { top, left, bottom, right } = form.padding(form.value, null, -MOST);
        const before = form.whole(form.take("before") ?? 0, "before", -MOST);
        const after = form.whole(form.take("after") ?? 0, "after", -MOST);
        const value = form.float("value", 0);
        if (input.layout !== "maps") return null;
        const [channels, height, width] = input.shape;
        const outs = channels + before + after;
        const [rows, columns] = [height + top + bottom, width + left + right];
        if (Math.min(outs, rows, columns) < 1) return null;
        if (!isBounded(outs * rows * columns)) form.refuse("it is too large for a page");
        const from = (_, place) => {
            const c = (place % outs) - before;
            const pixel = Math.floor(place / outs);
            const [y, x] = [Math.floor(pixel / columns) - top, (pixel % columns) - left];
            const isInside = c >= 0 && c < channels && y >= 0 && y < height && x >= 0 && x < width;
            return isInside ? (y * width + x) * channels + c : -1;
        };
        const isNothing = [top, left, bottom, right, before, after].every((side) => side === 0);
        const operation = () => new Places(Array.from({ length: outs * rows * columns }, from), value);
        return { output: features("maps", [outs, rows, columns]), operation: isNothing ? null : operation };
    };

    // ---- Branches ----

    const readBranch = (form, input, earlier) => {
        const [source] = form.sources();
        return { output: earlier(source), source, operation: null };
    };

    // Two branches of one shape.
    const readPair = (form, input, earlier) => {
        const [other] = form.sources();
        const operation = () => branches[form.word];
        return earlier(other).equals(input) ? { output: input, others: [other], operation } : null;
    };

    // Two branches of one shape, or maps and one factor a channel.
    const readMultiply = (form, input, earlier) => {
        const [other] = form.sources();
        const { layout, shape } = earlier(other);
        const areFactors = input.layout === "maps" && layout !== "image"
            && shape[0] === input.shape[0] && product(shape) === shape[0];
        return readPair(form, input, earlier)
            ?? (areFactors ? { output: input, others: [other], operation: () => channelProduct } : null);
    };

    const readConcat = (form, input, earlier) => {
        const others = form.sources();
        const all = [input, ...others.map(earlier)];
        const rest = input.shape.slice(1);
        const isOneSize = all.every(({ layout, shape }) =>
            layout === input.layout && String(shape.slice(1)) === String(rest));
        if (input.layout === "image" || !isOneSize) return null;
        const widths = all.map(({ shape }) => shape[0]);
        const width = widths.reduce((sum, next) => sum + next, 0);
        const operation = others.length === 0 ? null : () => new Concatenation(widths);
        return { output: features(input.layout, [width, ...rest]), others, operation };
    };

    // ---- Number by number ----

    // The constants of a function, by the names of its settings and with what they are where nothing is said.
    // `isNothing` tells for which of them no number changes.
    const pointwise = (constants = [], isNothing = () => false) => (form, input) => {
        const values = constants.map(([key, usual]) => form.float(key, usual));
        const operation = () => new Pointwise(functions[form.word](...values));
        return { output: input, operation: isNothing(...values) ? null : operation };
    };

    const readDropout = (form, input) => {
        const seed = form.take("seed");
        if (seed !== undefined && seed >= 0) form.refuse("the page does not draw a mask that stays on");
        return { output: input, operation: null };
    };

    const readPReLU = (form, input) => {
        const slopes = form.whole(form.take("slopes") ?? input.shape[0], "slopes", 1);
        if (slopes !== 1 && slopes !== input.shape[0]) form.refuse(`slopes is ${slopes}`);
        if (input.layout === "image") return null;
        const operation = (tensor) => new Slopes(new Float64Array(tensor("weight")));
        return { output: input, parameters: { weight: [slopes] }, operation };
    };

    const softmax = (isLogarithm) => (form, input) =>
        input.layout === "image"
            ? null : { output: input, operation: () => new Softmax(input.shape[0], isLogarithm) };

    Object.assign(Mirage.kinds, {
        "batch-norm": { read: readBatchNorm, stem: "bn" },
        affine: { read: readAffine },
        "channels-last": { read: readChannelsLast, stem: "pixels", isLayout: true },
        normalise: { read: readNormalise, isLayout: true },
        reorder: { read: readReorder },
        flatten: { read: readFlatten, isLayout: true },
        unflatten: { read: readUnflatten, stem: "maps" },
        pad: { read: readPad },
        branch: { read: readBranch },
        multiply: { read: readMultiply },
        concat: { read: readConcat },
        dropout: { read: readDropout },
        prelu: { read: readPReLU },
        softmax: { read: softmax(false) },
        "log-softmax": { read: softmax(true) },
        "leaky-relu": { read: pointwise([["slope", 0.01]]) },
        elu: { read: pointwise([["scale", 1]]) },
        "hard-sigmoid": { read: pointwise([["slope", 0.2], ["offset", 0.5]]) },
        power: { read: pointwise([["exponent", 2]], (exponent) => exponent === 1) },
        clip: {
            read: pointwise(
                [["lower", -Infinity], ["upper", Infinity]],
                (lower, upper) => lower === -Infinity && upper === Infinity),
        },
    });
    for (const word of Object.keys(branches)) Mirage.kinds[word] ??= { read: readPair };
    for (const word of Object.keys(functions)) Mirage.kinds[word] ??= { read: pointwise() };
})();
