// The page's way to networks and attacks: a Worker made of the text of the page's own scripts, so that
// it needs no file and no network; where the browser allows none, the same work in slices on the page itself.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});
    if (typeof document === "undefined") return;

    const IN_PAGE = "This browser starts no worker for a page like this, so attacks run in the page itself: "
        + "the numbers are the same, and long attacks make the page a little slower.";

    const calls = new Map();
    const loads = new Map();
    let latest = 0;
    let send = null;

    const receive = ({ id, kind, ...reply }) => {
        const call = calls.get(id);
        if (call === undefined) return;
        if (kind === "progress") {
            call.progress?.(reply.done, reply.of);
            return;
        }
        calls.delete(id);
        if (kind === "done") call.resolve(reply.value);
        else if (kind === "dropped") call.resolve(null);
        else call.reject(new (reply.isUnsupported ? Mirage.UnsupportedAttack : Error)(reply.sentence));
    };

    /** The scripts of the page in their order, up to the worker's: what a Worker runs. */
    const source = () => {
        const texts = [];
        for (const script of document.querySelectorAll('script[id^="mirage-"]:not([type])')) {
            texts.push(script.textContent);
            if (script.id === "mirage-worker") return texts.join("\n");
        }
        throw new Error("The page has no script mirage-worker.");
    };

    const startInPage = () => {
        engine.kind = "page";
        engine.sentence = IN_PAGE;
        const later = (body) => setTimeout(body, 0);
        send = Mirage.office(receive, later, 8);
        // What a Worker that failed was asked is asked again.
        for (const message of loads.values()) send(message);
        for (const { message } of calls.values()) if (message.work !== "load") send(message);
    };

    const start = () => {
        try {
            const place = URL.createObjectURL(new Blob([source()], { type: "text/javascript" }));
            const worker = new Worker(place);
            // Once it has spoken, or failed, its text is read.
            for (const event of ["message", "error"]) {
                worker.addEventListener(event, () => URL.revokeObjectURL(place), { once: true });
            }
            worker.onmessage = (event) => receive(event.data);
            worker.onerror = (event) => {
                event.preventDefault();
                worker.terminate();
                if (engine.kind === "worker") startInPage();
            };
            send = (message) => worker.postMessage(message);
        } catch {
            startInPage();
        }
    };

    const call = (message, progress) => new Promise((resolve, reject) => {
        if (send === null) start();
        const own = { id: ++latest, ...message };
        calls.set(own.id, { message: own, resolve, reject, progress });
        if (own.work === "load") loads.set(own.name, own);
        send(own);
    });

    const loaded = new Map();

    const engine = {
        /** "worker", or "page" where there is none; then `sentence` says so. */
        kind: "worker",
        sentence: "",

        /** Makes a network ready: { classes, parameters }. A second call with its name does nothing more. */
        load(name, { layers, image, base64 }) {
            if (!loaded.has(name)) loaded.set(name, call({ work: "load", name, layers, image, base64 }));
            return loaded.get(name);
        },

        /**
         * The record of `Mirage.attacks` for a config, whose `attack` names the method; null if it was
         * cancelled, or superseded by a newer call with the same slot. Calls with a slot go before those
         * without one (null), the newest first.
         */
        attack(name, config, sample, onProgress = null, slot = "attack") {
            return call({ work: "attack", name, config, sample, slot }, onProgress);
        },

        /** The flip point, see flip.js; null as above. */
        flip(name, config, sample, onProgress = null, slot = "flip") {
            return call({ work: "flip", name, config, sample, slot }, onProgress);
        },

        /** Drops what runs in a slot. */
        cancel(slot) {
            return call({ work: "cancel", slot });
        },

        /** The SHA-256 of the bytes of a base64 text, in hexadecimal; null where the browser has none. */
        async digest(base64) {
            const bytes = Mirage.bytes(base64);
            if (!globalThis.crypto?.subtle) return null;
            const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
            return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
        },
    };

    Mirage.engine = engine;
})();
