// ε as a slider for photographs: the picture x + ε·s, made from the original and the direction that lie in
// the page, and the answers that the network gave when the attack was run. The curve's cursor moves along.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});

    // The level of 0…255 at which each level of the original is shown, for s = −1, 0 and 1: as the attack
    // moves a pixel (never farther than ε, by the last bit), clips it, and as 256 levels round it.
    const shownLevels = (epsilon) => {
        const clamp = (value) => Math.min(Math.max(value, 0), 1);
        const bits = new Int32Array(1);
        const value = new Float32Array(bits.buffer);
        const bound = (x, step) => {
            value[0] = x + step;
            if (step > 0 ? value[0] - x - step > 0 : value[0] - x - step < 0) {
                bits[0] += (step > 0) === (value[0] > 0) ? -1 : 1;
            }
            return value[0];
        };
        // Adding and taking away 2^23 rounds a float to a whole number, ties to even.
        const level = (x) => Math.fround(Math.fround(clamp(x) * 255) + 8388608) - 8388608;
        return [-1, 0, 1].map((sign) => {
            const levels = new Uint8ClampedArray(256);
            for (let byte = 0; byte < 256; byte += 1) {
                const x = Math.fround(byte / 255);
                const moved = clamp(Math.fround(x + sign * epsilon));
                const inside = Math.min(Math.max(moved, bound(x, -epsilon)), bound(x, epsilon));
                levels[byte] = level(clamp(inside));
            }
            return levels;
        });
    };

    // Signs −1, 0, 1 are stored as 0, 128 and 255 in each channel; null where a browser has changed a pixel.
    const signsOf = (pixels) => {
        const signs = new Int8Array(pixels.length);
        for (let place = 0; place < pixels.length; place += 1) {
            if (place % 4 === 3) continue;
            const stored = pixels[place];
            if (stored !== 0 && stored !== 128 && stored !== 255) return null;
            signs[place] = stored === 128 ? 0 : stored === 0 ? -1 : 1;
        }
        return signs;
    };

    // RGBA pixels of the moved picture, in place of those of `target`.
    const movePixels = (original, signs, epsilon, target) => {
        const levels = shownLevels(epsilon);
        for (let place = 0; place < original.length; place += 1) {
            target[place] = place % 4 === 3 ? 255 : levels[signs[place] + 1][original[place]];
        }
    };

    const shortEpsilon = (epsilon) => String(Number(epsilon.toPrecision(3)));
    const levelsOf = (epsilon) => `${Number((epsilon * 255).toFixed(2))} of 255 levels`;

    Mirage.photoSlider = { shownLevels, signsOf, movePixels };
    if (typeof document === "undefined") return;
    const { make } = Mirage.elements;
    const { percent } = Mirage.numerals;
    const root = document.getElementById("photo-eps");
    const block = document.getElementById("photo-eps-data");
    if (!root || !block) return;
    const part = (name) => document.getElementById(`photo-eps-${name}`);
    const [choice, range, output] = [part("image"), part("range"), part("value")];
    const [canvas, said, bars] = [part("picture"), part("said"), part("bars")];
    const data = (() => {
        try { return JSON.parse(block.textContent); } catch { return null; }
    })();
    if (!data) {
        root.before(Mirage.elements.make("p", { class: "sizes" },
            "The recorded answers in this page are damaged, so that ε cannot be moved here."));
        return;
    }
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const className = (label) => data.classes[label] ?? `class ${label}`;
    let loaded = null;

    const pixelsOf = async (address) => {
        const image = new Image();
        image.src = address;
        await image.decode();
        context.drawImage(image, 0, 0, canvas.width, canvas.height);
        return context.getImageData(0, 0, canvas.width, canvas.height).data;
    };

    // Original and directions of a picture, kept once they have been decoded.
    const load = async (picture) => {
        if (!picture.decoded) {
            const original = await pixelsOf(document.getElementById(picture.photo).getAttribute("href"));
            const signs = signsOf(await pixelsOf(`data:image/png;base64,${picture.direction}`));
            picture.decoded = { original, signs };
        }
        return picture.decoded;
    };

    const drawBars = (answers, label) => {
        bars.replaceChildren(...answers.map(([answer, confidence]) => {
            const marked = answer === label ? " marked" : "";
            const bar = make("span", { class: `bar${marked}` });
            bar.style.width = `${confidence * 100}%`;
            return make("li", {},
                make("span", { class: `bar-label${marked}` }, className(answer)),
                make("span", { class: "bar-track", "aria-hidden": "true" }, bar),
                make("span", { class: "bar-figure" }, percent(confidence)));
        }));
    };

    // The cursor of the curve, drawn into its own picture.
    const chart = root.querySelector("svg.chart");
    const [left, right] = [Number(root.dataset.left), Number(root.dataset.right)];
    const cursor = chart.querySelector("line").cloneNode();
    cursor.setAttribute("class", "eps-cursor");
    cursor.setAttribute("y1", root.dataset.top);
    cursor.setAttribute("y2", root.dataset.bottom);
    chart.append(cursor);
    const last = data.epsilons.length - 1;
    const end = data.epsilons[last];

    const show = () => {
        const place = Number(range.value);
        const picture = data.pictures[Number(choice.value)];
        const epsilon = data.epsilons[place];
        const across = left + (right - left) * epsilon / end;
        for (const name of ["x1", "x2"]) cursor.setAttribute(name, String(across));
        output.textContent = `ε = ${shortEpsilon(epsilon)}, ${levelsOf(epsilon)}`;
        range.setAttribute("aria-valuetext", output.textContent);
        const answers = picture.answers[place];
        const isRight = answers[0][0] === picture.label;
        const words = `${className(picture.label)}, read as ${className(answers[0][0])}`;
        if (said.textContent !== words) {
            said.replaceChildren(`${className(picture.label)}, read as `,
                make("b", {}, className(answers[0][0])));
        }
        said.classList.toggle("wrong", !isRight);
        drawBars(answers, picture.label);
        if (loaded !== picture || !picture.decoded) return;
        const { original, signs } = picture.decoded;
        if (!signs) return;
        const moved = context.createImageData(canvas.width, canvas.height);
        movePixels(original, signs, Math.fround(epsilon), moved.data);
        context.putImageData(moved, 0, 0);
        const sure = percent(answers[0][1]);
        canvas.setAttribute("aria-label", `${words}, ${sure} sure, at ${output.textContent}`);
    };

    const choose = async () => {
        const picture = data.pictures[Number(choice.value)];
        show();
        try {
            await load(picture);
        } catch {
            picture.decoded = { signs: null };
        }
        if (picture !== data.pictures[Number(choice.value)]) return;
        loaded = picture;
        const isWhole = picture.decoded.signs !== null;
        canvas.hidden = !isWhole;
        part("why").hidden = isWhole;
        show();
    };

    choice.append(...data.pictures.map((picture, number) =>
        make("option", { value: String(number) }, `${className(picture.label)} (${picture.name})`)));
    canvas.after(make("p", { id: "photo-eps-why", class: "sizes", hidden: "" },
        "This browser does not hand out pixels as they are, so that the picture cannot be made here. "
        + "The answers are the recorded ones all the same."));
    choice.addEventListener("change", choose);
    range.addEventListener("input", () => {
        show();
        // Where a small screen shows a part of the curve, the part with the cursor.
        const view = chart.parentElement;
        const x = (Number(cursor.getAttribute("x1")) / chart.viewBox.baseVal.width) * chart.getBoundingClientRect().width;
        view.scrollLeft = x - view.clientWidth / 2;
    });
    // A click on the curve, or a stroke of the mouse along it, sets ε there; a finger may move the page.
    const follow = (event) => {
        const point = new DOMPoint(event.clientX, event.clientY)
            .matrixTransform(chart.getScreenCTM().inverse());
        const share = (point.x - left) / (right - left);
        range.value = String(Math.round(Math.min(Math.max(share, 0), 1) * last));
        show();
    };
    chart.addEventListener("click", follow);
    chart.addEventListener("pointermove", (event) => {
        if (event.pointerType === "mouse" && event.buttons & 1) follow(event);
    });
    root.hidden = false;
    choose();
})();
