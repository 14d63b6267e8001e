// The sheet of the gallery: a box that scrolls, one canvas in it that always covers what is seen, and over
// every picture a cell that can be reached by keyboard, pointer and finger. Only cells in view exist.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});
    if (typeof document === "undefined") return;
    const { make } = Mirage.elements;
    const { grey, signed, magnification } = Mirage.pictures;
    const { flag } = Mirage.galleryData;

    const gap = 4;
    /** Under each picture: a line for what was turned, and in large cells words. */
    const foot = { small: 4, large: 20 };

    /**
     * A sheet. `words(image)` says what an image shows and what became of it, `brief(image)` the same in a
     * few letters; `onOpen(place)` and `onPoint(place)` are told of a place of the list, and `onDamage()` that
     * a picture in view cannot be unpacked.
     */
    Mirage.gallerySheet = ({ data, words, brief, onOpen, onPoint, onDamage }) => {
        const [, height, width] = data.header.shape;
        const canvas = make("canvas", { "aria-hidden": "true" });
        const space = make("div", { class: "sheet-space" });
        const box = make("div", { class: "sheet-box", role: "grid", "aria-label": "Images" }, canvas, space);
        let list = [];
        let level = null;
        let look = { what: "adversarial", size: "small" };
        let [columns, side, pitch, active] = [1, 28, 32, 0];
        const rows = new Map();
        // Pictures as they were drawn once, side by side; of one level and one kind at a time.
        const atlas = document.createElement("canvas");
        let drawn = new Uint8Array(data.label.length);
        const perRow = 32;

        const rowHeight = () => pitch + foot[look.size];

        const measure = () => {
            const room = box.clientWidth - gap;
            side = look.size === "large" ? 2 * width : width;
            columns = Math.max(1, Math.floor(room / (Math.max(side, 24) + gap)));
            // What is left over is given to the pictures.
            pitch = room / columns;
            side = pitch - gap;
            space.style.height = `${Math.ceil(list.length / columns) * rowHeight() + gap}px`;
            box.setAttribute("aria-rowcount", Math.ceil(list.length / columns));
            box.setAttribute("aria-colcount", columns);
        };

        const colours = (image) => {
            const before = data.pictures.original(image);
            if (!before) return null;
            const fooled = level.flags[image] & flag.fooled;
            const isStored = fooled && data.pictures.isStored(level, image);
            const after = isStored ? data.pictures.adversarial(level, image) : null;
            if (isStored && !after) return null;
            const shape = data.header.shape;
            if (look.what === "perturbation") {
                const change = Float32Array.from(
                    before, (value, place) => (after ? after[place] - value : 0) / 255);
                return signed(change, shape, magnification(change));
            }
            const bytes = look.what === "adversarial" && after ? after : before;
            return grey(Float32Array.from(bytes, (value) => value / 255), shape);
        };

        const draw = (image) => {
            if (drawn[image]) return true;
            const pixels = colours(image);
            if (!pixels) return false;
            const [x, y] = [(image % perRow) * width, Math.floor(image / perRow) * height];
            atlas.getContext("2d").putImageData(new ImageData(pixels, width, height), x, y);
            drawn[image] = 1;
            return true;
        };

        const seenRows = () => {
            const first = Math.max(0, Math.floor((box.scrollTop - gap) / rowHeight()));
            const last = Math.min(
                Math.ceil(list.length / columns),
                Math.ceil((box.scrollTop + box.clientHeight) / rowHeight()));
            return [first, last];
        };

        const paint = () => {
            const scale = window.devicePixelRatio || 1;
            const [w, h] = [Math.round(box.clientWidth * scale), Math.round(box.clientHeight * scale)];
            if (canvas.width !== w || canvas.height !== h) {
                [canvas.width, canvas.height] = [w, h];
                [canvas.style.width, canvas.style.height] = [`${box.clientWidth}px`, `${box.clientHeight}px`];
                canvas.style.marginBottom = `${-box.clientHeight}px`;
            }
            const context = canvas.getContext("2d");
            context.clearRect(0, 0, w, h);
            context.imageSmoothingEnabled = false;
            const style = getComputedStyle(box);
            const [accent, soft] = [style.getPropertyValue("--accent"), style.getPropertyValue("--soft")];
            const [first, last] = seenRows();
            const images = list.slice(first * columns, last * columns);
            const waiting = data.pictures.ready(level, images);
            waiting?.then(paint);
            if (images.some((image) => data.pictures.isDamaged(level, image))) onDamage();
            context.font = `${Math.round(11 * scale)}px ${style.fontFamily}`;
            context.textAlign = "center";
            const at = (value) => Math.round(value * scale);
            images.forEach((image, number) => {
                const place = first * columns + number;
                const left = gap + (place % columns) * pitch;
                const top = gap + Math.floor(place / columns) * rowHeight() - box.scrollTop;
                const [x, y, end] = [at(left), at(top), at(left + side)];
                const fooled = level.flags[image] & flag.fooled;
                context.globalAlpha = fooled || look.what === "original" ? 1 : 0.38;
                if (draw(image)) {
                    context.drawImage(
                        atlas, (image % perRow) * width, Math.floor(image / perRow) * height, width, height,
                        x, y, end - x, at(top + side) - y);
                }
                context.globalAlpha = 1;
                if (!fooled) return;
                const [line, under] = [Math.max(1, at(2)), at(top + side) + at(1)];
                context.fillStyle = accent;
                if (data.pictures.isStored(level, image)) context.fillRect(x, under, end - x, line);
                else context.fillRect(x + (end - x) * 0.3, under, (end - x) * 0.4, line);
                if (look.size === "large") {
                    context.fillStyle = soft;
                    context.fillText(brief(image), (x + end) / 2, at(top + side + 16), end - x);
                }
            });
        };

        const cell = (place) => {
            const made = make("button", {
                type: "button", "aria-label": words(list[place]), tabindex: place === active ? "0" : "-1",
                "data-place": place,
            });
            made.style.cssText = `left:${gap + (place % columns) * pitch}px;width:${side}px;height:${side}px`;
            return make("span", { role: "gridcell", "aria-colindex": place % columns + 1 }, made);
        };

        const fill = () => {
            const [first, last] = seenRows();
            const wanted = new Set([Math.floor(active / columns)]);
            for (let row = Math.max(0, first - 1); row <= last; row += 1) wanted.add(row);
            for (const [row, element] of rows) {
                if (!wanted.has(row)) { element.remove(); rows.delete(row); }
            }
            for (const row of [...wanted].sort((a, b) => a - b)) {
                const start = row * columns;
                if (rows.has(row) || start >= list.length) continue;
                const element = make("div", { role: "row", "aria-rowindex": row + 1 });
                element.style.top = `${gap + row * rowHeight()}px`;
                for (let place = start; place < Math.min(start + columns, list.length); place += 1) {
                    element.append(cell(place));
                }
                rows.set(row, element);
                const next = [...rows.keys()].filter((other) => other > row).sort((a, b) => a - b)[0];
                space.insertBefore(element, rows.get(next) ?? null);
            }
        };

        const refresh = () => { fill(); paint(); };
        let isAsked = false;
        const soon = () => {
            if (isAsked) return;
            isAsked = true;
            requestAnimationFrame(() => { isAsked = false; refresh(); });
        };
        const rebuild = () => {
            measure();
            for (const element of rows.values()) element.remove();
            rows.clear();
            refresh();
        };

        const cellAt = (place) => space.querySelector(`[data-place="${place}"]`);

        /** Makes a place of the list the one that the keyboard is at, and brings it into view. */
        const point = (place, isFocused = true) => {
            if (!list.length) return;
            const before = cellAt(active);
            if (before) before.tabIndex = -1;
            active = Math.min(Math.max(place, 0), list.length - 1);
            const top = Math.floor(active / columns) * rowHeight();
            if (top < box.scrollTop) box.scrollTop = top;
            else if (top + rowHeight() + gap > box.scrollTop + box.clientHeight) {
                box.scrollTop = top + rowHeight() + gap - box.clientHeight;
            }
            refresh();
            const now = cellAt(active);
            if (!now) return;
            now.tabIndex = 0;
            if (isFocused) now.focus({ preventScroll: true });
        };

        box.addEventListener("scroll", soon, { passive: true });
        box.addEventListener("click", (event) => {
            const hit = event.target.closest("[data-place]");
            if (!hit) return;
            point(Number(hit.dataset.place));
            onOpen(active);
        });
        for (const kind of ["pointerover", "focusin"]) {
            box.addEventListener(kind, (event) => {
                const hit = event.target.closest("[data-place]");
                if (hit) onPoint(Number(hit.dataset.place));
            });
        }
        box.addEventListener("keydown", (event) => {
            const page = Math.max(1, Math.floor(box.clientHeight / rowHeight())) * columns;
            const steps = {
                ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns,
                PageUp: -page, PageDown: page, Home: -active, End: list.length - 1 - active,
            };
            const step = steps[event.key];
            if (step === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
            event.preventDefault();
            const next = active + step;
            if (Math.abs(step) === columns && (next < 0 || next >= list.length)) return;
            point(next);
        });
        let room = 0;
        new ResizeObserver(() => {
            if (box.clientWidth === room) return soon();
            room = box.clientWidth;
            rebuild();
        }).observe(box);
        matchMedia("(prefers-color-scheme: dark)").addEventListener("change", soon);
        new MutationObserver(soon).observe(document.documentElement, { attributeFilter: ["data-theme"] });

        return {
            box, point,
            /** Lays out other images. */
            show: (images, ofLevel, ofLook) => {
                const isSame = ofLevel === level && ofLook.what === look.what;
                [list, level, look, active] = [images, ofLevel, ofLook, 0];
                if (!isSame) {
                    drawn = new Uint8Array(data.label.length);
                    atlas.width = perRow * width;
                    atlas.height = Math.ceil(data.label.length / perRow) * height;
                }
                box.scrollTop = 0;
                rebuild();
            },
        };
    };
})();
