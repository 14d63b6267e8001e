// Layers with weights in a matrix or with windows over maps: fully connected, convolution, pooling. See
// kinds.js for what a kind of layer is.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});
    const { features, isBounded } = Mirage.forms;
    const { dense, convolution } = Mirage.products;
    const { MaxPool, AveragePool } = Mirage.maps;

    const maps = (channels, [height, width]) => features("maps", [channels, height, width]);

    const readDense = (form, input) => {
        const outputs = form.count();
        if (!input.isFlat) return null;
        const inputs = input.count;
        if (!isBounded(outputs * inputs)) form.refuse("it is too large for a page");
        return {
            output: features("vector", [outputs]),
            parameters: { weight: [outputs, inputs], bias: [outputs] },
            isProduct: true,
            operation: (tensor, scaling) => dense(inputs, outputs, tensor("weight"), tensor("bias"), scaling),
        };
    };

    // Kernel, stride and dilation of a layer.
    const readWindow = (form, found, usualStride) => {
        const kernel = form.sizes(found, "the window");
        return {
            kernel,
            stride: form.sizes(form.take("stride") ?? usualStride ?? kernel, "stride"),
            dilation: form.sizes(form.take("dilation") ?? 1, "dilation"),
        };
    };

    // Rows, or columns, that a window reaches over.
    const reach = ({ kernel, dilation }, axis) => dilation[axis] * (kernel[axis] - 1) + 1;

    // As many windows as pixels divided by the stride; what is odd goes below and to the right.
    const samePadding = (window, size) => {
        const sides = size.map((length, axis) => {
            const stride = window.stride[axis];
            return Math.max(0, (Math.ceil(length / stride) - 1) * stride + reach(window, axis) - length);
        });
        const [top, left] = sides.map((side) => Math.floor(side / 2));
        return { top, left, bottom: sides[0] - top, right: sides[1] - left };
    };

    // How many windows there are along both axes, and whether they stay in image and padding. With isCeiling
    // the last one may reach beyond, unless it would begin there.
    const countWindows = (window, size, { top, left, bottom, right }, isCeiling) => {
        const [before, after] = [[top, left], [bottom, right]];
        let isInside = true;
        const output = size.map((length, axis) => {
            const stride = window.stride[axis];
            const room = length + before[axis] + after[axis] - reach(window, axis);
            if (room < 0) return 0;
            let count = Math.floor((room + (isCeiling ? stride - 1 : 0)) / stride) + 1;
            if (isCeiling && (count - 1) * stride >= length + before[axis]) count -= 1;
            if ((count - 1) * stride > room) isInside = false;
            return count;
        });
        return { output, isInside };
    };

    const readConvolution = (form, input) => {
        const outputs = form.count();
        const window = readWindow(form, form.take("kernel"), 1);
        const groups = form.whole(form.take("groups") ?? 1, "groups", 1);
        const hasBias = form.flag("bias", true);
        const found = form.take("padding");
        if (input.layout !== "maps") return null;
        const [inputs, ...size] = input.shape;
        if (inputs % groups !== 0 || outputs % groups !== 0) form.refuse(`groups is ${groups}`);
        const padding = form.padding(found, () => samePadding(window, size));
        const { output } = countWindows(window, size, padding, false);
        if (output.some((count) => count < 1)) return null;
        const taps = window.kernel[0] * window.kernel[1];
        const pixels = Math.max(output[0] * output[1], size[0] * size[1]);
        const isSmall = isBounded(outputs * (inputs / groups) * taps) && isBounded(taps * pixels);
        if (!isSmall) form.refuse("it is too large for a page");
        const weight = [outputs, inputs / groups, ...window.kernel];
        const shape = { ...window, inputs, outputs, groups, input: size, output, padding };
        return {
            output: maps(outputs, output),
            parameters: hasBias ? { weight, bias: [outputs] } : { weight },
            isProduct: true,
            operation: (tensor, scaling) =>
                convolution(shape, tensor("weight"), hasBias ? tensor("bias") : null, scaling),
        };
    };

    // The windows of a pooling layer; null where none fits.
    const readPool = (form, input) => {
        const window = readWindow(form, form.value, null);
        const padding = form.padding(form.take("padding"));
        const isCeiling = form.flag("ceil", false);
        if (input.layout !== "maps") return null;
        const { top, left, bottom, right } = padding;
        if (Math.max(top, bottom) >= reach(window, 0) || Math.max(left, right) >= reach(window, 1)) {
            form.refuse("a window could lie in the padding whole");
        }
        const [channels, ...size] = input.shape;
        const { output, isInside } = countWindows(window, size, padding, isCeiling);
        if (output.some((count) => count < 1)) return null;
        const { kernel, dilation } = window;
        const taps = output[0] * output[1] * kernel[0] * kernel[1];
        if (!isBounded(taps)) form.refuse("it is too large for a page");
        const hasGaps = dilation[0] > 1 || dilation[1] > 1;
        return { ...window, channels, input: size, output, padding, isRegular: isInside && !hasGaps };
    };

    const readMaxPool = (form, input) => {
        const shape = readPool(form, input);
        return shape && { output: maps(shape.channels, shape.output), operation: () => new MaxPool(shape) };
    };

    const readAveragePool = (form, input) => {
        const countsPadding = form.flag("counts_padding", true);
        const shape = readPool(form, input);
        if (!shape) return null;
        const isPadded = Object.values(shape.padding).some((side) => side > 0);
        const isPlain = shape.isRegular && (countsPadding || !isPadded);
        return {
            output: maps(shape.channels, shape.output),
            operation: () => new AveragePool({ ...shape, countsPadding, isPlain }),
        };
    };

    // One window over all pixels.
    const readGlobalPool = (form, input) => {
        const keepsMaps = form.flag("maps", false);
        if (input.layout !== "maps") return null;
        const [channels, ...size] = input.shape;
        const shape = {
            channels, input: size, output: [1, 1], kernel: size, stride: [1, 1], dilation: [1, 1],
            padding: form.padding(), countsPadding: true, isPlain: true,
        };
        return {
            output: keepsMaps ? maps(channels, [1, 1]) : features("vector", [channels]),
            operation: () => new AveragePool(shape),
        };
    };

    Mirage.kinds = {
        conv: { read: readConvolution },
        dense: { read: readDense, stem: "fc" },
        "max-pool": { read: readMaxPool, stem: "pool" },
        "average-pool": { read: readAveragePool, stem: "pool" },
        "global-average-pool": { read: readGlobalPool, stem: "pool" },
    };
})();
