// Reads a safetensors file: eight bytes with the length of a header, the header in JSON, the numbers.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});

    // Little-endian, as every browser's typed arrays are.
    const types = {
        __proto__: null,
        F32: Float32Array, F64: Float64Array, U8: Uint8Array, U16: Uint16Array, U32: Uint32Array,
        U64: BigUint64Array, I8: Int8Array, I16: Int16Array, I32: Int32Array, I64: BigInt64Array,
    };

    // More than any header of a model or a result: a number from a damaged file must not ask for gigabytes.
    const MOST_HEADER = 100_000_000;

    const damaged = (what) => new Error(`These bytes are no safetensors file: ${what}.`);

    const isCount = (number) => Number.isSafeInteger(number) && number >= 0;

    const readHeader = (buffer) => {
        if (buffer.byteLength < 8) throw damaged(`there are ${buffer.byteLength} bytes, expected 8 and more`);
        const length = Number(new DataView(buffer).getBigUint64(0, true));
        if (length > MOST_HEADER || 8 + length > buffer.byteLength) {
            throw damaged(`the header is said to have ${length} bytes, the file has ${buffer.byteLength}`);
        }
        let header = null;
        try {
            const text = new Uint8Array(buffer, 8, length);
            header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(text));
        } catch {
            throw damaged("the header is no JSON");
        }
        if (typeof header !== "object" || header === null || Array.isArray(header)) {
            throw damaged("the header is no object");
        }
        return { header, start: 8 + length };
    };

    const readTensor = (buffer, start, name, entry) => {
        const type = types[entry?.dtype];
        if (!type) throw damaged(`tensor ${name} has a type that is not read here, ${entry?.dtype}`);
        const { shape, data_offsets: offsets } = entry;
        if (!Array.isArray(shape) || !shape.every(isCount)) throw damaged(`tensor ${name} has no shape`);
        if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
            throw damaged(`tensor ${name} has no place`);
        }
        const [first, end] = offsets;
        const bytes = shape.reduce((product, size) => product * size, type.BYTES_PER_ELEMENT);
        if (end > buffer.byteLength - start || end - first !== bytes) {
            throw damaged(`tensor ${name} of shape [${shape}] lies at bytes ${first} to ${end}`);
        }
        // A copy, since a view would have to begin at a multiple of the number's size.
        return { shape, data: new type(buffer.slice(start + first, start + end)) };
    };

    // The tensors of a file by name, and its metadata: {tensors: {name: {shape, data}}, metadata}. The data
    // are a Float32Array for F32, a Uint8Array for U8, and so on.
    //
    // Throws an Error with a sentence for bytes that are no such file.
    Mirage.safetensors = (buffer) => {
        const { header, start } = readHeader(buffer);
        const { __metadata__: metadata = {}, ...entries } = header;
        // Without a prototype no tensor's name can be mistaken for what every object has.
        const tensors = Object.create(null);
        for (const [name, entry] of Object.entries(entries)) {
            tensors[name] = readTensor(buffer, start, name, entry);
        }
        return { tensors, metadata };
    };
})();
