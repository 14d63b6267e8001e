// What the page can do beyond being read: switch paper, sort tables, show pictures large.
// Everything works without this file.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});
    const root = document.documentElement;
    const dark = matchMedia("(prefers-color-scheme: dark)");

    // Light or dark paper. The choice is kept where the browser allows it.
    const remembered = (value) => {
        try {
            if (value === undefined) return localStorage.getItem("mirage-theme");
            localStorage.setItem("mirage-theme", value);
        } catch { /* a page opened as a file may have no storage */ }
        return null;
    };
    const kept = remembered();
    if (kept === "light" || kept === "dark") root.dataset.theme = kept;
    const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
    const toggle = document.createElement("button");
    toggle.id = "theme";
    toggle.type = "button";
    const label = () => {
        toggle.textContent = isDark() ? "☀ Light" : "☾ Dark";
        toggle.setAttribute("aria-label", isDark() ? "Switch to light paper" : "Switch to dark paper");
    };
    toggle.addEventListener("click", () => {
        root.dataset.theme = isDark() ? "light" : "dark";
        remembered(root.dataset.theme);
        label();
    });
    dark.addEventListener("change", label);
    label();
    document.body.prepend(toggle);
    const skip = document.querySelector(".skip");
    if (skip) document.body.prepend(skip);

    // Tables that sort by any column: numbers by size, the rest by letters. A foot stays where it is.
    const size = (text) => {
        const match = text.replace(/,/g, "").replace(/−/g, "-").match(/-?[\d.]+/);
        if (!match) return null;
        const unit = { k: 1e3, M: 1e6, G: 1e9, T: 1e12 }[text.trim().slice(-1)] || 1;
        return Number(match[0]) * unit;
    };
    for (const table of document.querySelectorAll("table.sortable")) {
        const heads = [...table.tHead.rows[0].cells];
        heads.forEach((head, column) => {
            const button = document.createElement("button");
            button.type = "button";
            button.append(...head.childNodes);
            head.append(button);
            button.addEventListener("click", () => {
                const down = head.getAttribute("aria-sort") === "descending" || column === 0 && !head.hasAttribute("aria-sort");
                for (const other of heads) other.removeAttribute("aria-sort");
                head.setAttribute("aria-sort", down ? "ascending" : "descending");
                const sign = down ? 1 : -1;
                const rows = [...table.tBodies[0].rows];
                const keys = new Map(rows.map((row) => [row, Mirage.elements.wordsOf(row.cells[column])]));
                rows.sort((a, b) => {
                    const [x, y] = [keys.get(a), keys.get(b)];
                    if (column === 0) return sign * x.localeCompare(y, "en");
                    const [m, n] = [size(x), size(y)];
                    if (m === null || n === null) return (m === null) - (n === null) || sign * x.localeCompare(y, "en");
                    return sign * (m - n);
                });
                table.tBodies[0].append(...rows);
            });
        });
    }

    // Pictures that open large, by pointer or by keyboard, with a way to the ones beside them.
    if (typeof HTMLDialogElement === "function") {
        const pictures = [...document.querySelectorAll(".triptych, .equation, .failures .single")];
        const dialog = document.createElement("dialog");
        dialog.setAttribute("aria-label", "Picture, large");
        const place = document.createElement("span");
        place.setAttribute("role", "status");
        const button = (text, action) => {
            const made = document.createElement("button");
            made.type = "button";
            made.textContent = text;
            made.addEventListener("click", action);
            return made;
        };
        let shown = 0;
        const view = document.createElement("div");
        const words = document.createElement("p");
        const show = (number) => {
            shown = (number + pictures.length) % pictures.length;
            const large = pictures[shown].cloneNode(true);
            const drawn = pictures[shown].querySelectorAll("canvas");
            large.querySelectorAll("canvas").forEach((copy, place) => copy.getContext("2d").drawImage(drawn[place], 0, 0));
            for (const name of ["tabindex", "aria-haspopup", "id"]) large.removeAttribute(name);
            large.setAttribute("role", "img");
            large.classList.remove("zoomable");
            words.textContent = pictures[shown].getAttribute("aria-label");
            place.textContent = `Picture ${shown + 1} of ${pictures.length}`;
            view.replaceChildren(large);
        };
        const bar = document.createElement("div");
        bar.className = "turn";
        const close = button("Close", () => dialog.close());
        bar.append(
            place, button("← Previous", () => show(shown - 1)), button("Next →", () => show(shown + 1)), close);
        dialog.append(bar, view, words);
        // A click beside the box closes it; the arrow keys turn; Escape is the browser's own.
        dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
        dialog.addEventListener("keydown", (event) => {
            if (event.key === "ArrowLeft") show(shown - 1);
            else if (event.key === "ArrowRight") show(shown + 1);
            else return;
            event.preventDefault();
        });
        dialog.addEventListener("close", () => {
            // The browser itself returns to the picture that was opened; to another the page scrolls.
            const picture = pictures[shown];
            if (document.activeElement !== picture && (picture.checkVisibility?.() ?? true)) picture.focus();
        });
        document.body.append(dialog);
        const open = (number) => {
            show(number);
            dialog.showModal();
            close.focus();
        };
        pictures.forEach((picture, number) => {
            picture.classList.add("zoomable");
            picture.tabIndex = 0;
            picture.setAttribute("role", "button");
            picture.setAttribute("aria-haspopup", "dialog");
            picture.addEventListener("click", () => open(number));
            picture.addEventListener("keydown", (event) => {
                if (event.key === "Enter" || event.key === " ") {
                    event.preventDefault();
                    open(number);
                }
            });
        });
    }

    // On paper everything is open, and afterwards what was closed before is closed again.
    let opened = [];
    addEventListener("beforeprint", () => {
        opened = [...document.querySelectorAll("details:not([open])")];
        for (const details of opened) details.open = true;
    });
    addEventListener("afterprint", () => {
        for (const details of opened) details.open = false;
        opened = [];
    });
})();
