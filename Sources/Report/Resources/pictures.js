// Pictures on canvases, in the colours of `ColourMap.swift`: grey for pixels, and for a perturbation orange
// where a pixel became brighter and blue where it became darker.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});

    const [brighter, darker] = [[0xe0, 0x5a, 0x00], [0x1b, 0x6f, 0xd1]];
    const level = (value) => Math.floor(Math.min(1, Math.max(0, value)) * 255 + 0.5);

    /** Red, green, blue and opacity of an image [C, H, W] with pixels in [0, 1], C being 1 or 3. */
    const grey = (image, [channels, height, width]) => {
        const area = height * width;
        const out = new Uint8ClampedArray(4 * area);
        for (let place = 0; place < area; place += 1) {
            for (let colour = 0; colour < 3; colour += 1) {
                out[4 * place + colour] = level(image[(channels === 3 ? colour * area : 0) + place]);
            }
            out[4 * place + 3] = 255;
        }
        return out;
    };

    /** The same of a difference in [−1, 1] after its magnification; three channels around a middle grey. */
    const signed = (change, shape, factor) => {
        if (shape[0] === 3) return grey(change.map((value) => 0.5 + value * factor / 2), shape);
        const out = new Uint8ClampedArray(4 * change.length);
        change.forEach((value, place) => {
            const steps = Math.floor(Math.min(1, Math.abs(value) * factor) * 127 + 0.5);
            out.set(value > 0 ? brighter : darker, 4 * place);
            out[4 * place + 3] = level(steps / 127);
        });
        return out;
    };

    const factors = [1000, 500, 300, 200, 100, 50, 30, 20, 15, 10, 8, 6, 5, 4, 3, 2, 1.5];

    /** The largest round factor that keeps a difference's largest value on the scale, as in the triptychs. */
    const magnification = (change) => {
        let largest = 0;
        for (const value of change) largest = Math.max(largest, Math.abs(value));
        return factors.find((factor) => factor * largest <= 1.0001) ?? 1;
    };

    /** Draws such colours on a canvas, a point each; the looks magnify it. */
    const paint = (canvas, colours, [, height, width]) => {
        [canvas.width, canvas.height] = [width, height];
        canvas.getContext("2d").putImageData(new ImageData(colours, width, height), 0, 0);
    };

    /**
     * Many pictures of one shape as one, row by row in so many columns: the bytes of a BMP file (24 bits a
     * point, the upper row first).
     *
     * A canvas for each would be a layer of its own: two hundred of them took 40 ms of every frame.
     */
    const bitmap = (pictures, [, height, width], columns) => {
        const [across, down] = [width * columns, height * Math.ceil(pictures.length / columns)];
        const line = Math.ceil((3 * across) / 4) * 4;
        const bytes = new Uint8Array(54 + line * down);
        const head = new DataView(bytes.buffer);
        bytes.set([0x42, 0x4d]);
        head.setUint32(2, bytes.length, true);
        [54, 40, across, -down].forEach((value, place) => head.setInt32(10 + 4 * place, value, true));
        head.setUint16(26, 1, true);
        head.setUint16(28, 24, true);
        pictures.forEach((colours, number) => {
            const start = 54 + line * height * Math.floor(number / columns) + 3 * width * (number % columns);
            for (let place = 0; place < width * height; place += 1) {
                const at = start + line * Math.floor(place / width) + 3 * (place % width);
                for (let colour = 0; colour < 3; colour += 1) bytes[at + 2 - colour] = colours[4 * place + colour];
            }
        });
        return bytes;
    };

    /** The floats that a network reads for bytes: each divided by 255, as `Pixels.fromBytes` does. */
    const floats = (bytes) => Float32Array.from(bytes, (byte) => Math.fround(byte / 255));

    Mirage.pictures = { grey, signed, magnification, paint, bitmap, floats };
})();
