// Numbers as the page writes them: the same digits as `Numerals.swift`, for what is computed in the page.
// Without locales: every browser prints the same.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});

    /** Digits in groups of three: 266,610. */
    const whole = (value) =>
        (value < 0 ? "−" : "") + String(Math.abs(Math.trunc(value))).replace(/\B(?=(\d{3})+$)/g, ",");

    /** A number with a fixed count of decimals, half rounded away from zero. */
    const fixed = (value, decimals) => {
        if (Number.isNaN(value)) return "–";
        if (!Number.isFinite(value)) return value < 0 ? "−∞" : "∞";
        const scale = 10 ** decimals;
        const units = Math.floor(Math.abs(value) * scale + 0.5);
        if (units >= 9e15) return String(value);
        const sign = value < 0 && units > 0 ? "−" : "";
        const rest = decimals > 0 ? "." + String(units % scale).padStart(decimals, "0") : "";
        return sign + whole(Math.floor(units / scale)) + rest;
    };

    /** A share of one: 99.1 %. One that is not quite all or nothing never reads as if it were. */
    const percent = (share, decimals = 1) => {
        if (!Number.isFinite(share)) return "–";
        const [value, smallest] = [share * 100, 1 / 10 ** decimals];
        if (value > 0 && value < smallest) return `<\u202F${fixed(smallest, decimals)}\u202F%`;
        if (value < 100 && value > 100 - smallest) return `>\u202F${fixed(100 - smallest, decimals)}\u202F%`;
        return fixed(value, value === 0 || value === 100 ? 0 : decimals) + "\u202F%";
    };

    /** Three significant digits, no more: 215, 3.17, 0.036. */
    const significant = (value, digits = 3) => {
        if (value === 0 || !Number.isFinite(value)) return fixed(value, 0);
        const half = 0.5 / 10 ** digits;
        const size = Math.abs(value);
        let [limit, decimals] = [1, digits];
        while (decimals > 0 && size >= limit * (1 - half)) { limit *= 10; decimals -= 1; }
        let small = 0.1;
        while (decimals >= digits && size < small * (1 - half) && decimals < 9) {
            small /= 10;
            decimals += 1;
        }
        return fixed(value, decimals);
    };

    /** The same without the zeros that end it: 0.05. */
    const concise = (value) => {
        const text = significant(value);
        return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
    };

    /** The shortest decimal that reads back as the same 32-bit float: all of the number, and no more. */
    const exact = (value) => {
        if (!Number.isFinite(value)) return String(value);
        for (let digits = 1; digits < 9; digits += 1) {
            const text = value.toPrecision(digits);
            if (Math.fround(Number(text)) === value) return String(Number(text));
        }
        return String(Number(value.toPrecision(9)));
    };

    const isNumeral = (name) => /^[0-9]+$/.test(name);

    /** “a 7”, “an 8”, “the Sandal”: an answer in the middle of a sentence. */
    const answer = (name) => {
        if (!isNumeral(name)) return `“${name}”`;
        return (/^8|^1[18]$/.test(name) ? "an " : "a ") + name;
    };

    /** “this 7”, “this “Sandal””. */
    const thisOne = (name) => (isNumeral(name) ? `this ${name}` : `this “${name}”`);

    /** A norm's name as people write it. */
    const norm = (name) => ({ linf: "L∞", l2: "L₂", l1: "L₁", l0: "L₀" })[name] ?? name;

    Mirage.numerals = { whole, fixed, percent, significant, concise, exact, answer, thisOne, norm };
})();
