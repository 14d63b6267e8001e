// The images that the page carries: bytes or floats, checked before they are used.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});

    /** The largest image that is shown, a side, and the most images. */
    const [sideLimit, countLimit] = [64, 2000];

    /**
     * The images of a description { shape: [N, C, H, W], format: "u8" | "f32", index, label } whose data are
     * base64: { shape: [C, H, W], all: [Float32Array], index, label }; null where they are not what it says.
     */
    const stored = (described, bytes) => {
        const shape = described?.shape;
        if (!Array.isArray(shape) || shape.length !== 4 || !bytes) return null;
        const [count, channels, height, width] = shape;
        const isSane = shape.every((size) => Number.isInteger(size) && size > 0) && count <= countLimit
            && (channels === 1 || channels === 3) && height <= sideLimit && width <= sideLimit;
        const { index, label, format } = described;
        if (!isSane || index?.length !== count || label?.length !== count) return null;
        const size = channels * height * width;
        if (bytes.length !== count * size * (format === "f32" ? 4 : 1)) return null;
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        const all = Array.from({ length: count }, (_, place) => (format === "f32"
            ? Float32Array.from({ length: size }, (_, k) => view.getFloat32(4 * (place * size + k), true))
            : Mirage.pictures.floats(bytes.subarray(place * size, (place + 1) * size))));
        return { shape: [channels, height, width], all, index, label };
    };

    Mirage.stored = stored;
})();
