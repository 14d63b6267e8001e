// A network from its layers in JSON and its weights: logits, and the gradient back to the pixels.
//
// The order of everything is that of the plan which the pipeline carries out (Sources/Networks/Passes): a
// product takes in the normalisation that follows it, where nobody else reads what is between; where a value
// was read more than once, its gradient is the sum from its last reader to its first.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});
    const { fround } = Math;
    const { Form, features, isBounded } = Mirage.forms;
    const { kinds, Unsupported } = Mirage;

    const words = Object.keys(kinds);

    const isShape = (image) =>
        Array.isArray(image) && image.length === 3
        && image.every((size) => Number.isSafeInteger(size) && size > 0);

    // The layers with names and shapes: [{name, output, …}]; see kinds.js for the rest. As the pipeline does,
    // it puts a change of layout before the first layer that reads maps, a flattening before a fully
    // connected one that finds maps, and names a layer without a name by its kind and number.
    const read = (json, image) => {
        if (!Array.isArray(json) || json.length === 0) throw new Unsupported("it has no list of layers");
        if (!isShape(image)) throw new Unsupported("the size of its images is not known");
        const layers = [];
        const outputs = new Map();
        const ordinals = {};
        let last = features("image", image);
        if (!isBounded(last.count)) throw new Unsupported("its images are too large");
        const readOne = (form) => {
            const { read, stem = form.word, isLayout = false } = kinds[form.word];
            const earlier = (name) => outputs.get(name) ?? form.refuse(`there is no earlier layer “${name}”`);
            const layer = read(form, last, earlier);
            if (!layer) return false;
            form.finish();
            const ordinal = (ordinals[stem] ?? 0) + 1;
            const name = form.name ?? (isLayout && ordinal === 1 ? stem : `${stem}${ordinal}`);
            if (outputs.has(name)) form.refuse(`two layers are called “${name}”`);
            if (!isBounded(layer.output.count)) form.refuse("it is too large for a page");
            ordinals[stem] = ordinal;
            outputs.set(name, layer.output);
            layers.push({ parameters: {}, others: [], ...layer, name });
            last = layer.output;
            return true;
        };
        for (const [index, written] of json.entries()) {
            const form = (layer) => new Form(layer, `layer ${index + 1}`, words);
            if (readOne(form(written))) continue;
            const { word } = form(written);
            const isFirst = last.layout === "image" && word !== "channels-last";
            const isFlattened = last.layout === "maps" && word === "dense";
            const bridge = isFirst ? "channels-last" : isFlattened ? "flatten" : null;
            const fits = bridge && readOne(form(bridge)) && readOne(form(written));
            if (!fits) form(written).refuse(`it does not fit what comes before it, ${last.text}`);
        }
        if (last.layout !== "vector") throw new Unsupported(`it ends in ${last.text}, no row of classes`);
        if (layers.every(({ operation }) => !operation)) throw new Unsupported("no layer computes anything");
        return layers;
    };

    // The layers as nodes on numbered values, of so many numbers; value 0 is the image. A layer that moves
    // nothing gives the value that it reads. A product and a scale right after it become one node, if nobody
    // else reads what is between.
    const lower = (layers, pixels) => {
        const nodes = [];
        const values = new Map();
        const counts = [pixels];
        let last = 0;
        for (const layer of layers) {
            const input = layer.source ? values.get(layer.source) : last;
            if (layer.operation) {
                const others = layer.others.map((name) => values.get(name));
                nodes.push({ layers: [layer], input, others, output: counts.length });
                last = counts.length;
                counts.push(layer.output.count);
            } else {
                last = input;
            }
            values.set(layer.name, last);
        }
        const readers = new Array(counts.length).fill(0);
        readers[last] = 1;
        for (const value of nodes.flatMap(({ input, others }) => [input, ...others])) readers[value] += 1;
        const fused = [];
        for (const node of nodes) {
            const before = fused[fused.length - 1];
            const takesIn = before?.output === node.input && readers[node.input] === 1
                && before.layers.length === 1 && before.layers[0].isProduct && node.layers[0].scaling;
            if (takesIn) {
                before.layers.push(node.layers[0]);
                before.output = node.output;
            } else {
                fused.push(node);
            }
        }
        return { nodes: fused, counts, logits: last };
    };

    // A layer's parameters, checked against the shapes that it has.
    const parametersOf = (layer, tensors) => (part) => {
        const name = `${layer.name}.${part}`;
        const expected = layer.parameters[part].join(", ");
        const { shape, data } = tensors[name] ?? {};
        if (!data) throw new Error(`The weights lack ${name}, expected [${expected}].`);
        if (shape.join(", ") !== expected || !(data instanceof Float32Array)) {
            throw new Error(`The weights have ${name} [${shape.join(", ")}], expected floats [${expected}].`);
        }
        return data;
    };

    const operationOf = ({ layers: [layer, taken] }, tensors) =>
        layer.operation(parametersOf(layer, tensors), taken?.scaling(parametersOf(taken, tensors)) ?? null);

    // What the backward pass does, one step after the other, each with buffers of its own; and where the
    // gradient at the pixels will be.
    const differentiate = ({ nodes, logits }, buffers, logitGradient) => {
        const steps = [];
        const gradients = new Map([[logits, logitGradient]]);
        const accumulate = (dx, value) => {
            const sum = gradients.get(value);
            if (!sum) {
                gradients.set(value, dx);
                return;
            }
            const total = new Float64Array(dx.length);
            steps.push(() => {
                for (let i = 0; i < total.length; i += 1) total[i] = fround(sum[i] + dx[i]);
            });
            gradients.set(value, total);
        };
        for (const { operation, input, others, rest, output } of [...nodes].reverse()) {
            const dy = gradients.get(output);
            if (!dy) continue;
            const [x, y] = [buffers[input], buffers[output]];
            const through = (value, run) => {
                if (operation.passesGradient) return accumulate(dy, value);
                const dx = new Float64Array(buffers[value].length);
                steps.push(() => run(dx));
                return accumulate(dx, value);
            };
            through(input, (dx) => operation.inputGradient(dy, dx, x, y, rest));
            others.forEach((value, index) =>
                through(value, (dx) => operation.otherGradient(dy, dx, x, y, rest, index)));
        }
        return { steps, pixels: gradients.get(0) };
    };

    // A network ready to run on one image at a time.
    //
    // - {layers, image}: the layers in JSON and [C, H, W].
    // - tensors: {name: {shape, data}}, as Mirage.safetensors gives them.
    //
    // logits(x) takes C·H·W floats, channel by channel, and gives one a class; pixelGradient(g) then gives
    // Σ g[j]·∂logits[j]/∂x at that image, any number of times. Both give a new Float32Array.
    //
    // Throws Mirage.Unsupported for a layer that it does not know, and an Error for weights that do not fit.
    Mirage.network = ({ layers: json, image }, tensors) => {
        const layers = read(json, image);
        const graph = lower(layers, image[0] * image[1] * image[2]);
        const buffers = graph.counts.map((count) => new Float64Array(count));
        for (const node of graph.nodes) {
            node.operation = operationOf(node, tensors);
            node.rest = node.others.map((value) => buffers[value]);
        }
        const logitGradient = new Float64Array(buffers[graph.logits].length);
        const { steps, pixels } = differentiate(graph, buffers, logitGradient);
        const load = (buffer, numbers, what) => {
            if (numbers.length !== buffer.length) {
                throw new Error(`There are ${numbers.length} ${what}, expected ${buffer.length}.`);
            }
            buffer.set(numbers);
        };
        return {
            image,
            classes: logitGradient.length,
            logits(x) {
                load(buffers[0], x, "pixels");
                for (const { operation, input, rest, output } of graph.nodes) {
                    operation.forward(buffers[input], buffers[output], rest);
                }
                return new Float32Array(buffers[graph.logits]);
            },
            pixelGradient(gradient) {
                load(logitGradient, gradient, "numbers of a logit gradient");
                for (const step of steps) step();
                return new Float32Array(pixels);
            },
        };
    };

    // Why the page cannot run a network, as a sentence; null where it can.
    Mirage.isSupported = (layers, image) => {
        try {
            read(layers, image);
            return null;
        } catch (error) {
            if (error instanceof Unsupported) return error.message;
            throw error;
        }
    };
})();
