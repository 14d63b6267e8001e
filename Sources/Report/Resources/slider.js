// ε as a slider under the picture at the top: the attack runs on that image at the ε that is set, and a
// cursor on the attack's accuracy curve goes along. The curve moves the picture, too.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});
    if (typeof document === "undefined") return;
    const host = document.getElementById("eps");
    const { carried, elements, numerals, pictures } = Mirage;
    if (!host || !carried?.images || !Mirage.engine) return;
    const attack = carried.data.attacks.find((one) => one.name === host.dataset.attack);
    const sample = carried.sample(Number(host.dataset.image));
    const terms = [...document.querySelectorAll(".banner .equation .term")];
    const isAble = attack && carried.networks.some((network) => network.name === attack.model);
    if (!isAble || !sample || terms.length !== 3) return;

    const end = Number(host.dataset.end);
    const points = host.dataset.points.split(",").map((pair) => pair.split(" ").map(Number));
    const range = document.getElementById("eps-range");
    const spoken = document.getElementById("eps-spoken");
    const chart = host.querySelector("svg.chart");
    const [left, right] = [Number(host.dataset.left), Number(host.dataset.right)];
    const shape = carried.images.shape;
    const lead = document.querySelector(".banner .lead");
    const { concise } = numerals;
    const name = (place) => carried.data.classes[place] ?? String(place);

    const cursor = chart.querySelector("line").cloneNode();
    cursor.setAttribute("class", "eps-cursor");
    const box = chart.viewBox.baseVal;
    cursor.setAttribute("y1", host.dataset.top);
    cursor.setAttribute("y2", host.dataset.bottom);
    chart.append(cursor);

    /** ε of the slider's place, with no more digits than tell its places apart; at its end the largest ε. */
    const epsilonAt = (place) => Math.min(end, Number(((place / 1000) * end).toPrecision(3)));

    /** The measured ε that is nearest, and the share that the attack leaves there. */
    const nearest = (epsilon) => points.reduce((best, point) =>
        (Math.abs(point[0] - epsilon) < Math.abs(best[0] - epsilon) ? point : best));

    let speechTimer = 0;
    /** What is seen at once, and spoken once the reader pauses, not at every step. */
    const say = (sentence) => {
        document.getElementById("eps-said").textContent = sentence;
        clearTimeout(speechTimer);
        speechTimer = setTimeout(() => { spoken.textContent = sentence; }, 500);
    };

    const canvases = [];
    /** The three pictures as canvases in the place of the stored ones, once the reader moves the slider. */
    const take = () => {
        if (canvases.length > 0) return;
        for (const term of terms) {
            const canvas = elements.make("canvas", { class: "px", "aria-hidden": "true" });
            term.querySelector("svg").replaceWith(canvas);
            canvases.push(canvas);
        }
        // The caption spoke of the stored picture.
        const caption = terms[0].closest("figure")?.querySelector("figcaption");
        caption?.replaceChildren(caption.firstElementChild, ` Test image ${numerals.whole(sample.key)} under `
            + `${attack.title} at the ε of the slider, computed in this page.`);
    };
    const words = (term, what, answer, sure) => {
        const lines = term.querySelectorAll(".verdict span");
        [what, answer, sure].forEach((text, place) => { lines[place].textContent = text; });
    };

    const draw = (epsilon, result) => {
        const level = result.levels[0];
        const change = sample.image.map((value, place) => level.proposed[place] - value);
        const factor = pictures.magnification(change);
        take();
        pictures.paint(canvases[0], pictures.grey(sample.image, shape), shape);
        pictures.paint(canvases[1], pictures.signed(change, shape, factor), shape);
        pictures.paint(canvases[2], pictures.grey(level.proposed, shape), shape);
        const sure = (share) => `${numerals.percent(share)} sure`;
        words(terms[0], "original", name(result.clean.class), sure(result.clean.confidence));
        const largest = change.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        words(terms[1], factor === 1 || largest === 0 ? "perturbation" : `perturbation, ×${numerals.concise(factor)}`,
            largest === 0 ? "none" : `±${numerals.concise(largest)}`, largest === 0 ? "" : "at most, per pixel");
        words(terms[2], "after the attack", name(level.proposedClass), sure(level.proposedConfidence));
        terms[2].classList.toggle("fooled", level.proposedClass !== result.clean.class);
        const [at, share] = nearest(epsilon);
        const still = level.success ? "" : "still ";
        const verdict = `At ε ${concise(epsilon)} the network ${still}says `
            + `${numerals.answer(name(level.proposedClass))}.`;
        const images = `of the ${numerals.whole(Number(host.dataset.count))} attacked images`;
        say(at > 0
            ? `${verdict} At ε ${concise(at)} it still reads ${numerals.percent(share)} ${images}.`
            : `${verdict} Without an attack it reads ${numerals.percent(share)} ${images}.`);
        lead.replaceChildren(
            `Under ${attack.title} at ε ${concise(epsilon)} the network reads ${numerals.thisOne(name(sample.label))} as `,
            elements.make("strong", {}, numerals.answer(name(level.proposedClass))),
            `, ${sure(level.proposedConfidence)}.`);
        terms[0].parentElement.setAttribute("aria-label",
            `${numerals.thisOne(name(sample.label))} under ${attack.title} at ε ${concise(epsilon)}: read as `
            + `${numerals.answer(name(level.proposedClass))}, ${sure(level.proposedConfidence)}`);
    };

    /** What is moved: the slider, or the curve. */
    let handle = range;
    const slack = terms[0].closest("figure")?.querySelector("figcaption") ?? terms[0].parentElement;
    const show = (epsilon, result) => elements.underHand(handle, slack, () => draw(epsilon, result));

    let serial = 0;
    const run = async (epsilon) => {
        serial += 1;
        const mine = serial;
        const config = { ...attack.config, epsilons: [epsilon], least_epsilon: false };
        try {
            await carried.load(attack.model);
            const result = await Mirage.engine.attack(attack.model, config, sample, undefined, "headline");
            if (mine === serial && result) show(epsilon, result);
        } catch (error) {
            if (mine === serial) say(error.message);
        }
    };

    /** Moves cursor and number at once; the pictures follow when they are computed. */
    const move = (epsilon) => {
        const x = left + (epsilon / end) * (right - left);
        cursor.setAttribute("x1", x);
        cursor.setAttribute("x2", x);
        document.getElementById("eps-value").textContent = `ε = ${concise(epsilon)}`;
        range.setAttribute("aria-valuetext", `ε ${concise(epsilon)}`);
        return epsilon;
    };
    /** Where a small screen shows a part of the curve, the part with the cursor. */
    const reveal = () => {
        const view = chart.parentElement;
        const x = (Number(cursor.getAttribute("x1")) / box.width) * chart.getBoundingClientRect().width;
        view.scrollLeft = x - view.clientWidth / 2;
    };
    const go = (epsilon) => {
        range.value = Math.round((epsilon / end) * 1000);
        run(move(epsilonAt(Number(range.value))));
    };
    range.addEventListener("input", () => {
        handle = range;
        run(move(epsilonAt(Number(range.value))));
        reveal();
    });

    // The curve is a handle as well: press it, or draw along it.
    const follow = (event) => {
        const area = chart.getBoundingClientRect();
        const x = ((event.clientX - area.left) / area.width) * box.width;
        go(end * Math.min(1, Math.max(0, (x - left) / (right - left))));
    };
    chart.addEventListener("pointerdown", (event) => {
        if (event.button !== 0) return;
        chart.setPointerCapture(event.pointerId);
        handle = chart;
        follow(event);
    });
    chart.addEventListener("pointermove", (event) => {
        if (chart.hasPointerCapture(event.pointerId)) follow(event);
    });

    // The slider begins where the stored picture lies, and the pictures stay as stored until it is moved.
    const start = Math.min(end, Number(host.dataset.start));
    range.value = Math.round((start / end) * 1000);
    move(start);
    document.getElementById("eps-said").textContent =
        "Move the slider, or press the curve: the attack runs here, on this picture.";
    host.hidden = false;
    reveal();
})();
