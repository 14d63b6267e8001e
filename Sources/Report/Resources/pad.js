// The drawing pad: strokes by mouse, finger, pen or arrow keys. What is seen on it is the very ink that
// `drawing.js` turns into bytes.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});
    if (typeof document === "undefined") return;
    const { grid, radius, pointLimit, ink, inked, centred } = Mirage.drawing;

    /** How far an arrow key moves the brush, in points of the pad; with Shift one point. */
    const step = 8;

    /**
     * Makes a canvas a pad. `onChange` is told of every change, `onWords` what to say of it to those who do
     * not see it.
     */
    Mirage.pad = (canvas, { onChange, onWords }) => {
        const context = canvas.getContext("2d", { willReadFrequently: true });
        let [strokes, mask, given] = [[], new Uint8Array(grid * grid), null];
        let [points, isDrawing, isDown, isKeyed, isWaiting] = [0, false, false, false, false];
        let brush = [grid / 2, grid / 4];

        const paint = () => {
            isWaiting = false;
            const colours = new Uint8ClampedArray(4 * grid * grid);
            const side = given ? Math.sqrt(given.length) : 0;
            for (let place = 0; place < mask.length; place += 1) {
                let level = mask[place] * 255;
                if (given) {
                    const [x, y] = [place % grid, Math.floor(place / grid)];
                    level = given[Math.floor(y * side / grid) * side + Math.floor(x * side / grid)];
                }
                colours.fill(level, 4 * place, 4 * place + 3);
                colours[4 * place + 3] = 255;
            }
            context.putImageData(new ImageData(colours, grid, grid), 0, 0);
            if (!isKeyed || document.activeElement !== canvas) return;
            // The brush, seen on black and on white.
            for (const [colour, width] of [["#000", 5], ["#ff9a66", 2.5]]) {
                context.beginPath();
                context.arc(brush[0], brush[1], radius, 0, 2 * Math.PI);
                context.strokeStyle = colour;
                context.lineWidth = width;
                context.setLineDash(isDown ? [] : [5, 4]);
                context.stroke();
            }
        };
        const repaint = () => {
            if (!isWaiting) requestAnimationFrame(paint);
            isWaiting = true;
        };
        const changed = () => {
            repaint();
            onChange();
        };

        /** Begins a stroke, or goes on with the last. */
        const add = (x, y, isNew) => {
            if (points >= pointLimit) return;
            given = null;
            if (isNew) strokes.push([]);
            const stroke = strokes.at(-1);
            const [fromX, fromY] = isNew ? [x, y] : stroke.slice(-2);
            if (!isNew && x === fromX && y === fromY) return;
            stroke.push(x, y);
            points += 1;
            ink(mask, fromX, fromY, x, y);
            changed();
        };
        const replace = (kept, picture) => {
            [strokes, given, isDown] = [kept, picture, false];
            mask = inked(strokes);
            points = strokes.reduce((sum, stroke) => sum + stroke.length / 2, 0);
            changed();
        };
        const inside = (value) => Math.min(grid - 1, Math.max(0, Math.round(value)));
        const place = (event) => {
            const edges = canvas.getBoundingClientRect();
            return [
                inside((event.clientX - edges.left) / edges.width * grid),
                inside((event.clientY - edges.top) / edges.height * grid),
            ];
        };

        canvas.addEventListener("pointerdown", (event) => {
            if (!event.isPrimary || event.button !== 0) return;
            event.preventDefault();
            canvas.focus({ preventScroll: true });
            try { canvas.setPointerCapture(event.pointerId); } catch { /* a pointer that is gone already */ }
            [isDrawing, isKeyed, isDown] = [true, false, false];
            add(...place(event), true);
        });
        canvas.addEventListener("pointermove", (event) => {
            if (!isDrawing || !event.isPrimary) return;
            const all = event.getCoalescedEvents?.() ?? [];
            for (const one of all.length ? all : [event]) add(...place(one), false);
        });
        for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
            canvas.addEventListener(end, (event) => { if (event.isPrimary) isDrawing = false; });
        }

        const undo = () => {
            if (given) return replace([], null);
            if (strokes.length === 0) return onWords("There is no stroke to take back");
            replace(strokes.slice(0, -1), null);
            onWords(`Taken back; strokes left: ${strokes.length}`);
        };
        const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
        canvas.addEventListener("keydown", (event) => {
            if (event.altKey || event.metaKey) return;
            const isUndo = event.key === "Backspace" || (event.ctrlKey && event.key.toLowerCase() === "z");
            if (event.ctrlKey && !isUndo) return;
            if (moves[event.key]) {
                const [x, y] = moves[event.key].map((way) => way * (event.shiftKey ? 1 : step));
                brush = [inside(brush[0] + x), inside(brush[1] + y)];
                if (isDown) add(...brush, false);
            } else if (event.key === " " || event.key === "Enter") {
                isDown = !isDown;
                if (isDown) add(...brush, true);
                onWords(isDown ? "The brush is down" : "The brush is up");
            } else if (isUndo) {
                undo();
            } else {
                return;
            }
            event.preventDefault();
            isKeyed = true;
            repaint();
        });
        canvas.addEventListener("focus", () => {
            if (!isDrawing) isKeyed = canvas.matches(":focus-visible");
            repaint();
        });
        canvas.addEventListener("blur", () => {
            isDown = false;
            repaint();
        });
        paint();

        return {
            undo,
            clear: () => replace([], null),
            /** Shows bytes that come from elsewhere, such as a link; the next stroke begins afresh. */
            show: (picture) => replace([], picture),
            /** The drawing as side × side bytes; null where there is none. */
            bytes: (side) => given ?? centred(mask, side),
        };
    };
})();
