// The page's own scripts in Node, in the order in which the page has them, up to the worker's; and the
// files of a store, read piece by piece, since a result may be larger than memory.
"use strict";
const fs = require("fs");
const path = require("path");
const vm = require("vm");

const order = [
    "arithmetic", "streams", "ball", "projections", "safetensors", "products", "functions", "pointwise",
    "maps", "forms", "windows", "kinds", "layers", "threat", "starts", "driver", "attacks", "flip", "worker",
];

/** Runs the scripts of a folder; `Mirage` is global afterwards. */
exports.run = (folder) => {
    for (const name of order) {
        const file = path.join(folder, `${name}.js`);
        if (fs.existsSync(file)) vm.runInThisContext(fs.readFileSync(file, "utf8"), { filename: file });
    }
};

/** The bytes of a file in an ArrayBuffer of their own. */
exports.bytes = (file) => {
    const { buffer, byteOffset, length } = fs.readFileSync(file);
    return buffer.slice(byteOffset, byteOffset + length);
};

/** A safetensors file, of which some values are read at a time. */
exports.Store = class {
    constructor(file) {
        this.handle = fs.openSync(file);
        this.start = Number(this.read(0, 8).readBigUInt64LE());
        const { __metadata__: metadata = {}, ...entries } = JSON.parse(this.read(8, this.start).toString());
        Object.assign(this, { metadata, entries });
    }

    read(offset, length) {
        const bytes = Buffer.alloc(length);
        fs.readSync(this.handle, bytes, 0, length, offset);
        return bytes;
    }

    /** So many values of a tensor from the place `first`, as numbers. */
    values(name, first, length) {
        const { dtype, data_offsets: [begin] } = this.entries[name];
        const size = { F32: 4, I64: 8, U8: 1 }[dtype];
        const bytes = this.read(8 + this.start + begin + first * size, length * size);
        return Array.from({ length }, (_, i) => {
            if (dtype === "F32") return bytes.readFloatLE(4 * i);
            return dtype === "I64" ? Number(bytes.readBigInt64LE(8 * i)) : bytes[i];
        });
    }

    /** Row `row` of a sample, as attacks take it. */
    sample(row) {
        const pixels = this.entries.images.shape.slice(1).reduce((product, size) => product * size, 1);
        return {
            image: Float32Array.from(this.values("images", row * pixels, pixels)),
            label: this.values("labels", row, 1)[0],
            key: this.values("indices", row, 1)[0],
        };
    }
};
