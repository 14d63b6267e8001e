// Named streams of random numbers, the same as the pipeline's (Sources/Randomness): a draw is keyed by
// seed, name of the stream, step and position, by Philox4x32-10 of Salmon and others (SC 2011).
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});

    /** The upper 32 bits of the product of two 32-bit numbers, by halves of 16 bits. */
    function upperHalf(a, b) {
        const a0 = a & 0xffff, a1 = a >>> 16, b0 = b & 0xffff, b1 = b >>> 16;
        const middle = a1 * b0 + ((a0 * b0) >>> 16);
        return (a1 * b1 + (middle >>> 16) + ((a0 * b1 + (middle & 0xffff)) >>> 16)) >>> 0;
    }

    /** Replaces a counter of four 32-bit words by the random block that belongs to it under a key of two. */
    function philox(counter, key0, key1) {
        let [c0, c1, c2, c3] = counter;
        for (let round = 0; round < 10; round++) {
            const high0 = upperHalf(0xd2511f53, c0), low0 = Math.imul(0xd2511f53, c0);
            const high1 = upperHalf(0xcd9e8d57, c2), low1 = Math.imul(0xcd9e8d57, c2);
            c0 = (high1 ^ c1 ^ key0) >>> 0;
            c1 = low1 >>> 0;
            c2 = (high0 ^ c3 ^ key1) >>> 0;
            c3 = low0 >>> 0;
            key0 = (key0 + 0x9e3779b9) >>> 0;
            key1 = (key1 + 0xbb67ae85) >>> 0;
        }
        counter[0] = c0;
        counter[1] = c1;
        counter[2] = c2;
        counter[3] = c3;
    }

    /** The 64-bit FNV-1a hash of a name, as two words, the lower first. */
    function hash(name) {
        let value = 0xcbf29ce484222325n;
        for (const byte of new TextEncoder().encode(name)) {
            value = BigInt.asUintN(64, (value ^ BigInt(byte)) * 0x100000001b3n);
        }
        return [Number(value & 0xffffffffn), Number(value >> 32n)];
    }

    /**
     * The numbers that belong to a name.
     *
     * @param seed A whole number from 0 to 2⁵³ − 1: the seed of the run.
     * @param name What the numbers are for, such as "attack/pgd/start/0".
     * @param step A sample's index in its data set; its lower 32 bits count.
     */
    class Stream {
        #key;
        #name;
        #step;
        #position = 0;
        #block = new Uint32Array(4);
        #left = 0;

        constructor(seed, name, step = 0) {
            this.#key = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0];
            this.#name = hash(name);
            this.#step = step >>> 0;
        }

        /** The next number, uniform over all 32-bit values. */
        next() {
            if (this.#left === 0) {
                this.#block.set([this.#position, this.#step, ...this.#name]);
                philox(this.#block, ...this.#key);
                this.#position = (this.#position + 1) >>> 0;
                this.#left = 4;
            }
            return this.#block[4 - this.#left--];
        }

        /** A float in [0, 1): the upper 24 bits of a draw times 2⁻²⁴. */
        uniform() {
            return (this.next() >>> 8) * 2 ** -24;
        }

        /** A whole number below a bound of 1 to 2³² − 1, each equally likely (Lemire 2019, by rejection). */
        below(bound) {
            let draw = this.next();
            if (Math.imul(draw, bound) >>> 0 < bound) {
                const threshold = (2 ** 32 - bound) % bound;
                while (Math.imul(draw, bound) >>> 0 < threshold) draw = this.next();
            }
            return upperHalf(draw, bound);
        }
    }

    Mirage.Stream = Stream;
    Mirage.philox = philox;
})();
