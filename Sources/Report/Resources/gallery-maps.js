// The heat maps of the attacks: a cell with images leads to them in the gallery. Links are made when a map
// comes near; by keyboard a map is one stop, and the arrow keys go from cell to cell.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});
    if (typeof document === "undefined" || !document.getElementById("all-images")) return;
    const { make } = Mirage.elements;

    const link = (cell, table, row, column) => {
        const { attack, epsilon } = table.dataset;
        const asked = new Map([
            ["gallery", ""], ["attack", attack], ["epsilon", epsilon ?? null], ["true", row],
            ["answer", column], ["show", "fooled"],
        ]);
        const hint = cell.title || cell.textContent;
        const made = make(
            "a",
            { href: Mirage.state.text(asked), tabindex: "-1", "aria-label": `${hint}: show these images` },
            ...cell.childNodes);
        cell.append(made);
        return made;
    };

    const equip = (table) => {
        const rows = [...table.tBodies[0].rows].map(({ cells }, row) => [...cells].slice(1).map(
            (cell, column) => (/[1-9]/.test(cell.textContent) ? link(cell, table, row, column) : null)));
        const links = rows.flat().filter(Boolean);
        if (links.length) links[0].tabIndex = 0;
        const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
        table.addEventListener("keydown", (event) => {
            const step = steps[event.key];
            if (!step || !event.target.matches("td a")) return;
            event.preventDefault();
            let row = rows.findIndex((line) => line.includes(event.target));
            let column = rows[row].indexOf(event.target);
            // On to the next cell that has images.
            do {
                row += step[0];
                column += step[1];
            } while (rows[row]?.[column] === null);
            const next = rows[row]?.[column];
            if (!next) return;
            for (const other of links) other.tabIndex = -1;
            next.tabIndex = 0;
            next.focus();
        });
    };

    const observer = new IntersectionObserver((entries) => {
        for (const { isIntersecting, target } of entries) {
            if (!isIntersecting) continue;
            observer.unobserve(target);
            equip(target);
        }
    }, { rootMargin: "400px" });
    for (const table of document.querySelectorAll("table.heat[data-attack]")) observer.observe(table);
})();
