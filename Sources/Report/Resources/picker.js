// Stored images to choose from: a sheet of pictures that is one stop for the Tab key; arrow keys, Home and
// End go from picture to picture, a click or a tap chooses.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});
    if (typeof document === "undefined") return;
    const { make } = Mirage.elements;

    /**
     * Fills a list box.
     *
     * images: the pixels of each, a Float32Array of `shape`; names: what each is called, for those who hear
     * it. `onChoice` gets the place of the one chosen.
     */
    Mirage.picker = (list, { images, shape, names, onChoice }) => {
        const { bitmap, grey } = Mirage.pictures;
        const across = Math.ceil(Math.sqrt(images.length));
        const down = Math.ceil(images.length / across);
        const file = new Blob(
            [bitmap(images.map((image) => grey(image, shape)), shape, across)], { type: "image/bmp" });
        const share = (place, count) => `${count > 1 ? (100 * place) / (count - 1) : 0}%`;
        list.style.setProperty("--sheet", `url("${URL.createObjectURL(file)}")`);
        list.style.setProperty("--shape", `${shape[2]} / ${shape[1]}`);
        list.style.setProperty("--sheet-size", `${100 * across}% ${100 * down}%`);
        const options = images.map((_, place) => {
            const facts = { "aria-selected": "false", tabindex: "-1", "aria-label": names[place] };
            const option = make("div", { role: "option", ...facts });
            option.style.backgroundPosition =
                `${share(place % across, across)} ${share(Math.floor(place / across), down)}`;
            option.addEventListener("click", () => choose(place, true));
            return option;
        });
        list.replaceChildren(...options);
        let chosen = -1;

        const select = (place) => {
            options[chosen]?.setAttribute("aria-selected", "false");
            options[chosen]?.setAttribute("tabindex", "-1");
            chosen = place;
            options[place].setAttribute("aria-selected", "true");
            options[place].setAttribute("tabindex", "0");
        };
        /** Brings a picture into sight within the list; the page itself stays where it is. */
        const reveal = (place) => {
            const [option, top] = [options[place], list.scrollTop];
            const [start, end] = [option.offsetTop, option.offsetTop + option.offsetHeight];
            if (start < top) list.scrollTop = start - 4;
            if (end > top + list.clientHeight) list.scrollTop = end - list.clientHeight + 4;
        };
        const choose = (place, isFocused) => {
            select(place);
            reveal(place);
            if (isFocused) options[place].focus({ preventScroll: true });
            onChoice(place);
        };
        const columns = () => {
            const top = options[0].offsetTop;
            const next = options.findIndex((option) => option.offsetTop > top);
            return next < 0 ? options.length : next;
        };
        list.addEventListener("keydown", (event) => {
            if (event.altKey || event.ctrlKey || event.metaKey) return;
            const last = options.length - 1;
            const to = {
                ArrowLeft: chosen - 1, ArrowRight: chosen + 1, ArrowUp: chosen - columns(),
                ArrowDown: chosen + columns(), Home: 0, End: last,
            }[event.key];
            if (to === undefined) return;
            event.preventDefault();
            if (to >= 0 && to <= last) choose(to, true);
        });
        return {
            /** Marks a picture without telling of it. */
            show: (place) => {
                select(place);
                reveal(place);
            },
        };
    };
})();
