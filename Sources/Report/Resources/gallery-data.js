// The gallery's data as the page holds it: columns of bytes (GalleryColumns.swift) and pictures in streams
// (GalleryPictures.swift), unpacked when they are asked for.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});

    /** What a zlib stream holds. */
    const inflated = async (bytes) => {
        const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
        return new Uint8Array(await new Response(stream).arrayBuffer());
    };

    /** Reads columns one after the other. */
    const reader = (bytes, count) => {
        let place = 0;
        const plane = () => bytes.subarray(place, (place += count));
        /** Whole numbers of so many bytes, all lowest bytes first. */
        const numbers = (size) => {
            const planes = Array.from({ length: size }, plane);
            return Int32Array.from(planes[0], (low, image) =>
                planes.reduce((sum, bytes, number) => sum | (bytes[image] << (8 * number)), 0));
        };
        const isDone = () => place === bytes.length;
        return { plane, numbers, isDone };
    };

    const flag = { fooled: 1, survives: 2, alone: 4, attacked: 8, seen: 16 };

    /** The columns, by the gallery's header; an error where they are not as long as they should be. */
    const columns = (bytes, header) => {
        const { plane, numbers, isDone } = reader(bytes, header.images);
        const none = header.isWide ? 0xffff : 0xff;
        const classes = () => numbers(header.isWide ? 2 : 1).map((value) => (value === none ? -1 : value));
        const index = numbers(4);
        const label = classes();
        const networks = header.networks.map((name) => ({ name, answer: classes(), confidence: numbers(2) }));
        const attacks = header.attacks.map((attack) => ({
            ...attack,
            target: attack.isTargeted ? classes() : null,
            levels: attack.levels.map((level) => {
                const [flags, answer, confidence, digits] = [plane(), classes(), numbers(2), numbers(2)];
                const power = plane();
                return { ...level, flags, answer, confidence, digits, power: Int8Array.from(power) };
            }),
        }));
        if (!isDone()) throw new Error("The gallery’s data are not as long as its header says.");
        return { index, label, networks, attacks };
    };

    /** The distance of an image under a level. */
    const distance = (level, image) => level.digits[image] * 10 ** level.power[image];

    /** The same with the digits that the page holds: 0.05, 1.234. */
    const distanceText = (level, image) => {
        const digits = String(level.digits[image]);
        const power = level.power[image];
        if (digits === "0") return "0";
        if (power >= 0) return Mirage.numerals.whole(Number(digits + "0".repeat(power)));
        const padded = digits.padStart(1 - power, "0");
        const [whole, part] = [padded.slice(0, power), padded.slice(power).replace(/0+$/, "")];
        return part ? `${whole}.${part}` : whole;
    };

    /** A confidence as the page writes it; see `GalleryColumns.code`. */
    const confidenceText = (code) => {
        if (code === 0) return "0\u202F%";
        if (code === 1) return "<\u202F0.1\u202F%";
        if (code === 1001) return ">\u202F99.9\u202F%";
        if (code === 1002) return "100\u202F%";
        return `${Mirage.numerals.fixed((code - 1) / 10, 1)}\u202F%`;
    };

    /** The pictures: bytes of an image, once its stream has been unpacked. */
    const pictures = (bytes, header, attacks) => {
        const size = header.shape.reduce((product, length) => product * length, 1);
        const streams = new Map();
        const unpacked = (start, length) => {
            if (!streams.has(start)) {
                const entry = { bytes: null, isDamaged: false };
                entry.ready = inflated(bytes.subarray(start, start + length)).then(
                    (found) => { entry.bytes = found; }, () => { entry.isDamaged = true; });
                streams.set(start, entry);
            }
            return streams.get(start);
        };
        /** A run of streams: picture `rank` of it. */
        const run = (start, lengths) => {
            const starts = [start];
            for (const length of lengths) starts.push(starts.at(-1) + length);
            return (rank) => {
                const number = Math.floor(rank / header.perStream);
                if (rank < 0 || number >= lengths.length) return null;
                return { stream: unpacked(starts[number], lengths[number]), at: rank % header.perStream };
            };
        };
        const part = (found) => found?.stream.bytes?.subarray(found.at * size, (found.at + 1) * size) ?? null;
        const originals = run(0, header.originals);
        /** Where the pictures of a level are: those of the first images that were fooled. */
        const after = (level) => (level.run ??= {
            find: run(level.start, level.streams),
            ranks: level.flags.reduce((ranks, flags) => {
                ranks.push(flags & flag.fooled ? ranks.next++ : -1);
                return ranks;
            }, Object.assign([], { next: 0 })),
        });
        const found = (level, image) => after(level).find(after(level).ranks[image]);
        /** The streams that hold pictures of some images, each once. */
        const streamsOf = (level, images) => [...new Set(images.flatMap((image) =>
            [originals(image)?.stream, found(level, image)?.stream]))].filter(Boolean);
        return {
            original: (image) => part(originals(image)),
            /** Whether the page holds the adversarial picture. */
            isStored: (level, image) => {
                const rank = after(level).ranks[image];
                return rank >= 0 && rank < level.streams.length * header.perStream;
            },
            /** The adversarial picture; null where the page has none, or where it is not unpacked yet. */
            adversarial: (level, image) => {
                const [before, change] = [part(originals(image)), part(found(level, image))];
                return before && change ? change.map((value, place) => value + before[place]) : null;
            },
            /** Whether a picture of an image cannot be unpacked; known once they are ready. */
            isDamaged: (level, image) => streamsOf(level, [image]).some((stream) => stream.isDamaged),
            /** When the pictures of some images are there, or known to be damaged; null if they are. */
            ready: (level, images) => {
                const waiting = streamsOf(level, images).filter(({ bytes, isDamaged }) => !bytes && !isDamaged);
                return waiting.length ? Promise.all(waiting.map((stream) => stream.ready)) : null;
            },
        };
    };

    Mirage.galleryData = { inflated, columns, pictures, flag, distance, distanceText, confidenceText };
})();
