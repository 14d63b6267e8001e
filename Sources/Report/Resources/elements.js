// Elements of the page from JavaScript, as `tag(…)` makes them in Swift: text is always text.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});
    if (typeof document === "undefined") return;

    /** An element with its attributes and what it holds; null stands for an attribute that is left out. */
    const make = (name, attributes = {}, ...content) => {
        const made = document.createElement(name);
        for (const [key, value] of Object.entries(attributes)) {
            if (value !== null) made.setAttribute(key, value);
        }
        made.append(...content);
        return made;
    };

    /** Puts text on the clipboard; false where the browser does not let a page do so. */
    const copy = async (text) => {
        try {
            await navigator.clipboard.writeText(text);
            return true;
        } catch { /* the older way */ }
        const area = make("textarea", { readonly: "", class: "try-hidden" });
        area.value = text;
        document.body.append(area);
        area.select();
        let isCopied = false;
        try { isCopied = document.execCommand("copy"); } catch { /* neither way */ }
        area.remove();
        return isCopied;
    };

    /** Hands bytes or text to the reader as a file. */
    const download = (name, content, type) => {
        const address = URL.createObjectURL(new Blob([content], { type }));
        const link = make("a", { href: address, download: name });
        document.body.append(link);
        link.click();
        link.remove();
        setTimeout(() => URL.revokeObjectURL(address), 10_000);
    };

    /** The bytes that an element of the page holds as base64; null where it is not there or damaged. */
    const bytesOf = (id) => {
        try {
            const text = atob(document.getElementById(id).textContent.trim());
            return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
        } catch {
            return null;
        }
    };

    /** The words of a cell or a caption, without the buttons that scripts have put there. */
    const wordsOf = (element) => {
        const twin = element.cloneNode(true);
        for (const extra of twin.querySelectorAll(".take")) extra.remove();
        for (const line of twin.querySelectorAll("br")) line.replaceWith(" ");
        return twin.textContent.replace(/[^\S\u202F]+/g, " ").trim();
    };

    /**
     * Makes a change in the page under which a handle stays where it is on the screen, so that it does not
     * slip away from the finger that moves it: the page scrolls along. Where it would have to scroll up and is
     * at its beginning, `slack`, an element above the handle, becomes so much higher until the next change.
     */
    const underHand = (handle, slack, change) => {
        const place = () => handle.getBoundingClientRect().top;
        const before = place();
        // The browser’s own way of keeping places would come on top; it is back with the next frame.
        const { style } = document.documentElement;
        style.overflowAnchor = "none";
        requestAnimationFrame(() => requestAnimationFrame(() => { style.overflowAnchor = ""; }));
        slack.style.minHeight = "";
        change();
        const missing = before - place() - scrollY;
        if (missing > 0) slack.style.minHeight = `${slack.getBoundingClientRect().height + missing}px`;
        const moved = place() - before;
        if (Math.abs(moved) >= 0.5) scrollBy({ top: moved, behavior: "instant" });
    };

    Mirage.elements = { make, copy, download, bytesOf, wordsOf, underHand };
})();
