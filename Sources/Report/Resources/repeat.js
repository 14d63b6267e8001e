// "Repeat this": the picture as a file of `stage-sample`'s form, the config of `stage-attack`, and the
// commands that make the same bytes from both.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});

    /**
     * A sample of one image as `stage-sample` would write it, to the byte: a safetensors file of the schema
     * mirage.sample.
     *
     * image: Float32Array of `shape` [C, H, W]; label: its class; key: its place in the data set, by which
     * random draws are keyed; dataset and classes: those of the network.
     */
    const sample = ({ image, shape, label, key, dataset, classes }) => {
        const header = JSON.stringify({
            __metadata__: {
                classes: JSON.stringify(classes), count: "1", dataset, schema: "mirage.sample", seed: "",
                version: "1",
            },
            images: { data_offsets: [16, 16 + 4 * image.length], dtype: "F32", shape: [1, ...shape] },
            indices: { data_offsets: [0, 8], dtype: "I64", shape: [1] },
            labels: { data_offsets: [8, 16], dtype: "I64", shape: [1] },
        });
        const text = new TextEncoder().encode(header);
        const start = Math.ceil((8 + text.length) / 64) * 64;
        const bytes = new Uint8Array(start + 16 + 4 * image.length).fill(0x20, 8, start);
        const view = new DataView(bytes.buffer);
        view.setBigUint64(0, BigInt(start - 8), true);
        bytes.set(text, 8);
        view.setBigInt64(start, BigInt(key), true);
        view.setBigInt64(start + 8, BigInt(label), true);
        image.forEach((value, place) => view.setFloat32(start + 16 + 4 * place, value, true));
        return bytes;
    };

    /** A name for a drawing that follows from its bytes: FNV-1a in eight hexadecimal digits. */
    const mark = (bytes) => {
        let hash = 0x811c9dc5;
        for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
        return hash.toString(16).padStart(8, "0");
    };

    /** A config as text; keys without a value are left out. */
    const configText = (config, sampleFile) => {
        const lines = Object.entries({ ...config, sample: sampleFile })
            .filter(([, value]) => value !== null && value !== undefined)
            .map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)}`);
        return `{\n${lines.join(",\n")}\n}\n`;
    };

    /** The names of the files: `picture` is "image-3437" or "drawn-1a2b3c4d"; other settings, another name. */
    const names = (picture, config, { experiment, isMain }) => {
        const settings = mark(new TextEncoder().encode(configText(config, picture))).slice(0, 4);
        const stem = `${picture}-${config.attack}-${settings}`;
        return {
            sample: `${picture}.safetensors`, config: `attack-${stem}.json`,
            artifact: `artifacts/attack/${isMain ? "" : experiment + "/"}${stem}.safetensors`,
        };
    };

    /** The commands, for a shell in the folder in which the report was made. */
    const commands = (names, { experiment, isMain }) => [
        `mv ~/Downloads/${names.sample} ~/Downloads/${names.config} .`,
        `.build/release/stage-attack --config ${names.config}${isMain ? "" : ` --experiment ${experiment}`}`,
        `python3 -c "import hashlib, json; f = open('${names.artifact}', 'rb').read(); `
            + "n = int.from_bytes(f[:8], 'little'); "
            + "a, z = json.loads(f[8:8 + n])['adversarial']['data_offsets']; "
            + "print(hashlib.sha256(f[8 + n + a:8 + n + z]).hexdigest())\"",
    ].join("\n") + "\n";

    /** SHA-256 of an image's floats as a file holds them, in hexadecimal; null where the browser has none. */
    const digest = async (image) => {
        if (!globalThis.crypto?.subtle) return null;
        const bytes = new DataView(new ArrayBuffer(4 * image.length));
        image.forEach((value, place) => bytes.setFloat32(4 * place, value, true));
        const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes.buffer));
        return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
    };

    Mirage.repeat = { sample, mark, configText, names, commands, digest };
})();
