// Tables to take along: every one as CSV; of the leaderboards every figure with what it is, its digest and
// its address; entries of BibTeX by a click.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});

    const unit = { k: 1e3, M: 1e6, G: 1e9, T: 1e12 };

    /**
     * A figure of the page as programs read it: `60.0 %` is 60.0, `−1,024` is -1024, `1.07 M` is 1070000. A
     * share that is no more than nearly known keeps its sign and not its unit: `< 0.1 %` is <0.1.
     */
    const plain = (text) => {
        const trimmed = text.replace(/[\u202F\u00A0]/g, " ").trim();
        if (trimmed === "–" || trimmed === "·") return "";
        const nearly = /^([<>]) (\d[\d.]*) %$/.exec(trimmed);
        if (nearly) return nearly[1] + nearly[2];
        const sign = trimmed.replace(/^[−+]/, (mark) => (mark === "−" ? "-" : ""));
        const found = /^(-?[\d,]*\.?\d+)(?: ?(%|[kMGT]))?$/.exec(sign);
        if (!found) return trimmed;
        const digits = found[1].replaceAll(",", "");
        if (!found[2] || found[2] === "%") return digits;
        return String(Number((Number(digits) * unit[found[2]]).toPrecision(12)));
    };

    /** A text that a spreadsheet would take for a formula, with an apostrophe before it, as in `CSVWriter`. */
    const harmless = (text) =>
        (/^[=+\-@\t\r]/.test(text) && !/^-?[\d.]+(e[-+]?\d+)?$/i.test(text) ? `'${text}` : text);

    const quoted = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

    /** Rows of texts as CSV (RFC 4180). A column of percentages says so in its title. */
    const csv = ([head, ...rows]) => {
        const isShare = head.map((_, column) => {
            const texts = rows.map((row) => row[column] ?? "").filter((text) => /\d/.test(text));
            return texts.length > 0 && texts.every((text) => text.trim().endsWith("%"));
        });
        const titles = head.map((title, column) => (isShare[column] ? `${title} (%)` : title));
        const lines = [titles, ...rows.map((row) => row.map(plain))];
        return lines.map((row) => row.map(harmless).map(quoted).join(",") + "\r\n").join("");
    };

    Mirage.tables = { plain, csv };
    if (typeof document === "undefined") return;
    const { make, copy, download, wordsOf: words } = Mirage.elements;
    const experiment = document.querySelector(".kicker span")?.textContent.replace(/^experiment /, "") ?? "";
    const safe = (text) => text.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");

    /** A button that says for a moment what came of it. */
    const button = (text, action, attributes = {}) => {
        const made = make("button", { type: "button", class: "take", ...attributes }, text);
        made.addEventListener("click", async (event) => {
            event.preventDefault();
            const said = await action();
            made.textContent = said;
            setTimeout(() => { made.textContent = text; }, 1500);
        });
        return made;
    };

    const texts = (table) => [...table.rows].map((row) => [...row.cells].map(words));

    for (const table of document.querySelectorAll("table.data, table.heat")) {
        const figure = table.closest("figure, .tabled");
        const caption = figure?.querySelector(".caption, figcaption");
        if (!caption) continue;
        const title = words(caption.querySelector(".number") ?? caption).replace(/\.$/, "");
        const name = `mirage-${safe(experiment)}-${safe(title)}.csv`;
        caption.append(" ", button("CSV", () => {
            download(name, csv(texts(table)), "text/csv;charset=utf-8");
            return "Saved";
        }, { "aria-label": `${title} as CSV` }));
    }

    // MARK: Figures of the leaderboards

    const account = (cell) => {
        const row = cell.parentElement;
        const table = cell.closest("table");
        const caption = words(table.closest(".tabled").querySelector(".caption"));
        const what = words(table.tHead.rows[0].cells[cell.cellIndex]);
        const board = caption.replace(/^Table \d+\. /, "").split(",")[0];
        const artifacts = (row.dataset.artifact ?? "").split(" ");
        const digests = (row.dataset.sha256 ?? "").split(" ");
        const sources = artifacts.map((artifact, place) =>
            artifact && `${artifact} sha256 ${digests[place]}`);
        return [
            `${words(cell)} (${what}, ${words(row.cells[0])}; ${board}, experiment ${experiment})`,
            ...sources.filter(Boolean), Mirage.state.cited(location.href, `#${cell.id}`),
        ].join("\n");
    };

    let shown = null;
    const give = (cell) => {
        if (shown?.parentElement === cell) return;
        shown?.remove();
        shown = button("Copy", async () => ((await copy(account(cell))) ? "Copied" : "Cannot copy"), {
            "aria-label": `Copy ${words(cell)}`,
        });
        cell.append(shown);
    };
    for (const table of document.querySelectorAll("table.leaderboard")) {
        const cells = () => [...table.rows].map((row) => [...row.cells].filter(({ id }) => id));
        const all = cells().flat();
        all.forEach((cell, place) => { cell.tabIndex = place === 0 ? 0 : -1; });
        for (const kind of ["pointerover", "focusin"]) {
            table.addEventListener(kind, (event) => {
                const cell = event.target.closest("td[id]");
                if (cell) give(cell);
            });
        }
        table.addEventListener("pointerleave", () => {
            if (!shown?.parentElement?.contains(document.activeElement)) { shown?.remove(); shown = null; }
        });
        table.addEventListener("keydown", (event) => {
            const cell = event.target.closest("td[id]");
            if (!cell || event.target !== cell) return;
            const rows = cells();
            const row = rows.findIndex((line) => line.includes(cell));
            const column = cell.cellIndex;
            const beside = (step) => rows[row][rows[row].indexOf(cell) + step];
            const across = (step) => rows[row + step]?.find((other) => other.cellIndex === column);
            const next = {
                ArrowLeft: () => beside(-1), ArrowRight: () => beside(1), ArrowUp: () => across(-1),
                ArrowDown: () => across(1),
            }[event.key]?.();
            if (!next) return;
            event.preventDefault();
            for (const other of all) other.tabIndex = -1;
            next.tabIndex = 0;
            next.focus();
        });
    }

    for (const entries of document.querySelectorAll(".bibtex pre")) {
        entries.before(button("Copy", async () =>
            ((await copy(entries.textContent)) ? "Copied" : "Cannot copy")));
    }
})();
