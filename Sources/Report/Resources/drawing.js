// From ink to the bytes of a picture, made as MNIST's were: the ink's box is scaled to 20 × 20 pixels, with
// its proportions kept and grey where a pixel is half covered, and moved so that the centre of mass lies in
// the middle pixel, number 14 of 28 (or as near as the picture's edge allows). Whole numbers and + − × ÷
// alone: the same strokes give the same bytes in every browser, which a canvas does not promise.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});

    /** The pad is a square of this many points, and a pen has this radius there. */
    const [grid, radius] = [280, 11];
    /** More points than a person draws; further ones are not taken. */
    const pointLimit = 50_000;

    /** Lays the pen's way from (ax, ay) to (bx, by) on a mask of grid × grid: 1 where there is ink. */
    const ink = (mask, ax, ay, bx, by) => {
        const [dx, dy] = [bx - ax, by - ay];
        const length = dx * dx + dy * dy;
        const low = (a, b) => Math.max(0, Math.min(a, b) - radius - 1);
        const high = (a, b) => Math.min(grid, Math.max(a, b) + radius + 2);
        for (let y = low(ay, by); y < high(ay, by); y += 1) {
            for (let x = low(ax, bx); x < high(ax, bx); x += 1) {
                // From the middle of the point to the nearest place on the way.
                const [px, py] = [x + 0.5 - ax, y + 0.5 - ay];
                const along = length === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / length));
                const [ex, ey] = [px - along * dx, py - along * dy];
                if (ex * ex + ey * ey <= radius * radius) mask[y * grid + x] = 1;
            }
        }
    };

    /** The ink of strokes, each a list of whole numbers x, y, x, y, …. */
    const inked = (strokes) => {
        const mask = new Uint8Array(grid * grid);
        for (const stroke of strokes) {
            ink(mask, stroke[0], stroke[1], stroke[0], stroke[1]);
            for (let k = 2; k + 1 < stroke.length; k += 2) {
                ink(mask, stroke[k - 2], stroke[k - 1], stroke[k], stroke[k + 1]);
            }
        }
        return mask;
    };

    /** The box of all ink: left, top, right and bottom, the last two excluded; null without ink. */
    const box = (mask) => {
        let [left, top, right, bottom] = [grid, grid, 0, 0];
        for (let y = 0; y < grid; y += 1) {
            for (let x = 0; x < grid; x += 1) {
                if (!mask[y * grid + x]) continue;
                left = Math.min(left, x);
                right = Math.max(right, x + 1);
                top = Math.min(top, y);
                bottom = Math.max(bottom, y + 1);
            }
        }
        return right === 0 ? null : { left, top, right, bottom };
    };

    /** The points of the grid, and how much of each, in each of `count` intervals of `size` from `start`. */
    const overlaps = (start, size, count) => {
        const found = [];
        for (let k = 0; k < count; k += 1) {
            const [from, to] = [start + k * size, start + (k + 1) * size];
            const parts = [];
            for (let p = Math.max(0, Math.floor(from)); p < Math.min(grid, Math.ceil(to)); p += 1) {
                parts.push([p, Math.min(p + 1, to) - Math.max(p, from)]);
            }
            found.push(parts);
        }
        return found;
    };

    /** Ink as inner × inner bytes that its box fills: each byte is the part covered, times 255. */
    const scaled = (mask, { left, top, right, bottom }, inner) => {
        const size = Math.max(right - left, bottom - top) / inner;
        const across = overlaps((left + right) / 2 - size * inner / 2, size, inner);
        const down = overlaps((top + bottom) / 2 - size * inner / 2, size, inner);
        const rows = new Float64Array(grid * inner);
        for (let y = top; y < bottom; y += 1) {
            for (let j = 0; j < inner; j += 1) {
                let covered = 0;
                for (const [x, part] of across[j]) covered += mask[y * grid + x] * part;
                rows[y * inner + j] = covered;
            }
        }
        const bytes = new Uint8Array(inner * inner);
        for (let i = 0; i < inner; i += 1) {
            for (let j = 0; j < inner; j += 1) {
                let covered = 0;
                for (const [y, part] of down[i]) covered += rows[y * inner + j] * part;
                const level = Math.floor(255 * covered / (size * size) + 0.5);
                bytes[i * inner + j] = Math.min(255, level);
            }
        }
        return bytes;
    };

    /** Where an inner picture begins whose mean place, weighed by `mass`, is to lie in the middle pixel. */
    const start = (mass, inner, side) => {
        let [all, moment] = [0, 0];
        mass.forEach((value, place) => {
            all += value;
            moment += value * (2 * place + 1);
        });
        // The mean lies at moment / 2 all; the middle pixel reaches from side / 2 to side / 2 + 1.
        const begin = Math.ceil((Math.floor(side / 2) * 2 * all - moment) / (2 * all));
        return Math.min(side - inner, Math.max(0, begin));
    };

    /** The picture of side × side bytes, 0 for black; null without ink. */
    const centred = (mask, side) => {
        const edges = box(mask);
        if (!edges) return null;
        const inner = Math.max(1, Math.round(20 * side / 28));
        const small = scaled(mask, edges, inner);
        const columns = new Array(inner).fill(0);
        const rows = new Array(inner).fill(0);
        small.forEach((byte, place) => {
            columns[place % inner] += byte;
            rows[Math.floor(place / inner)] += byte;
        });
        const [x, y] = [start(columns, inner, side), start(rows, inner, side)];
        const picture = new Uint8Array(side * side);
        for (let i = 0; i < inner; i += 1) {
            picture.set(small.slice(i * inner, (i + 1) * inner), (y + i) * side + x);
        }
        return picture;
    };

    Mirage.drawing = { grid, radius, pointLimit, ink, inked, centred };
})();
