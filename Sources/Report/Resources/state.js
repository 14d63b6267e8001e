// The state of the page as text, in the part of its address after #: what is seen can be passed on, as a
// link or as a line of text beside the file, and opens the same anywhere. No server ever sees that part.
//
//     #try&digit=3437&attack=fgsm&epsilon=0.05&network=mlp     the section "Try it"
//     #image=3437&attack=fgsm&epsilon=0.05                     one image of the gallery
//     #attacks                                                 a heading
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});

    /** More characters than any state has; what is longer is not read. */
    const limit = 8192;

    /**
     * The fields of a hash, in their order: a word without "=" is a field without a value. Of a field that
     * is there twice the first counts. What cannot be decoded stays as it is, so that nothing is thrown.
     */
    const fields = (hash) => {
        const found = new Map();
        const text = hash.startsWith("#") ? hash.slice(1) : hash;
        if (text.length > limit) return found;
        const decoded = (part) => {
            try { return decodeURIComponent(part); } catch { return part; }
        };
        for (const part of text.split("&")) {
            const place = part.indexOf("=");
            const name = decoded(place < 0 ? part : part.slice(0, place));
            const value = place < 0 ? "" : decoded(part.slice(place + 1));
            if (name && !found.has(name)) found.set(name, value);
        }
        return found;
    };

    /** Fields as a hash, "#" included; those that are null are left out. */
    const text = (map) => {
        const parts = [];
        for (const [name, value] of map) {
            if (value === null || value === undefined) continue;
            const end = value === "" ? "" : "=" + encodeURIComponent(value);
            parts.push(encodeURIComponent(name) + end);
        }
        return "#" + parts.join("&");
    };

    /** A part of a link in a message, which must not be as long as somebody likes. */
    const shown = (text) => `“${text.slice(0, 40)}”`;

    /**
     * The address of a page with another hash, to be cited. Of a file only its name is given: where it lies
     * on a disk helps nobody else, and names its owner.
     */
    const cited = (href, hash) => {
        const [page] = href.split("#");
        if (!page.startsWith("file:")) return page + hash;
        const name = page.slice(page.lastIndexOf("/") + 1);
        try { return decodeURIComponent(name) + hash; } catch { return name + hash; }
    };

    // A picture of bytes: runs of zeros are counted, since most of a drawn digit is black; the rest follows
    // as it is. Two bytes at the end are Fletcher's sum of the picture, by which a damaged link is known.
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    const sum = (bytes) => {
        let [a, b] = [0, 0];
        for (const byte of bytes) { a = (a + byte) % 255; b = (b + a) % 255; }
        return [a, b];
    };

    const toBase64 = (bytes) => {
        let out = "";
        for (let place = 0; place < bytes.length; place += 3) {
            const rest = bytes.slice(place, place + 3);
            const word = (rest[0] << 16) | ((rest[1] ?? 0) << 8) | (rest[2] ?? 0);
            for (let k = 0; k <= rest.length; k += 1) out += alphabet[(word >> (18 - 6 * k)) & 63];
        }
        return out;
    };

    const fromBase64 = (letters) => {
        const out = [];
        let [word, bits] = [0, 0];
        for (const letter of letters) {
            const value = alphabet.indexOf(letter);
            if (value < 0) return null;
            word = ((word << 6) | value) & 0xffff;
            bits += 6;
            if (bits >= 8) { bits -= 8; out.push((word >> bits) & 255); }
        }
        return out;
    };

    /** Bytes of a picture as letters, digits, "-" and "_". */
    const packed = (picture) => {
        const out = [];
        for (let place = 0; place < picture.length;) {
            let end = place;
            if (picture[place] === 0) {
                while (end < picture.length && picture[end] === 0 && end - place < 128) end += 1;
                out.push(127 + end - place);
            } else {
                while (end < picture.length && picture[end] !== 0 && end - place < 128) end += 1;
                out.push(end - place - 1, ...picture.slice(place, end));
            }
            place = end;
        }
        return toBase64([...out, ...sum(picture)]);
    };

    /** The picture of `count` bytes that such a text holds; null where it is damaged. */
    const unpacked = (letters, count) => {
        if (letters.length > 2 * count + 16) return null;
        const code = fromBase64(letters);
        if (!code || code.length < 3) return null;
        const picture = new Uint8Array(count);
        const end = code.length - 2;
        let [place, filled] = [0, 0];
        while (place < end) {
            const control = code[place];
            const length = control < 128 ? control + 1 : control - 127;
            place += 1;
            if (filled + length > count || (control < 128 && place + length > end)) return null;
            if (control < 128) {
                picture.set(code.slice(place, place + length), filled);
                place += length;
            }
            filled += length;
        }
        const [a, b] = sum(picture);
        return filled === count && code[end] === a && code[end + 1] === b ? picture : null;
    };

    Mirage.state = { fields, text, shown, cited, packed, unpacked };
    if (typeof document === "undefined") return;

    /** The fields of the page's own hash. */
    Mirage.state.read = () => fields(location.hash);

    /** Puts a state into the address; nothing scrolls, and the way back has no steps of a slider in it. */
    Mirage.state.write = (map) => {
        try { history.replaceState(null, "", text(map)); } catch { /* a browser that lets no file do so */ }
    };

    /** Calls back with the fields when a link, the reader or the way back changes the hash. */
    Mirage.state.onChange = (action) =>
        addEventListener("hashchange", () => action(Mirage.state.read()));
})();
