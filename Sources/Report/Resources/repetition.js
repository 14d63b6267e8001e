// The buttons of "Repeat this" and of the links: what is downloaded and what is copied.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});
    if (typeof document === "undefined" || !Mirage.live) return;
    const { live, repeat, state } = Mirage;
    const { byId, data } = live;
    const { copy, download, bytesOf } = Mirage.elements;

    /** What the network's file says of its data, which a sample for it must say too. */
    const metadata = new Map();
    const facts = (name) => {
        if (!metadata.has(name)) {
            const bytes = bytesOf(`mirage-weights-${name}`);
            metadata.set(name, bytes ? Mirage.safetensors(bytes.buffer).metadata : {});
        }
        return metadata.get(name);
    };

    let texts = null;
    const write = (view) => {
        const names = repeat.names(view.name, view.config, data);
        texts = {
            names, commands: repeat.commands(names, data),
            config: repeat.configText(view.config, names.sample),
        };
        byId("commands").textContent = texts.commands;
        byId("settings").textContent = texts.config;
        byId("digest").textContent = "";
        repeat.digest(view.result.levels[0].adversarial).then((hex) => {
            if (live.view() !== view) return;
            byId("digest").textContent = hex
                ? `SHA-256 of the image that comes out, as floats: ${hex}`
                : "This browser gives a file no SHA-256: compare the numbers above instead.";
        });
    };
    live.repetition = {
        /** Shows commands and settings of an outcome, now or when they are unfolded. */
        show: (view) => { if (byId("repeat").open) write(view); },
    };

    const told = (words) => { byId("copied").textContent = words; };
    /** Copies a text, and says so on the button for two seconds. */
    const copying = (id, text) => byId(id).addEventListener("click", async () => {
        const button = byId(id);
        const words = (button.dataset.words ??= button.textContent);
        const isCopied = await copy(text());
        button.textContent = isCopied ? "Copied" : "Not copied: the browser refuses";
        told(button.textContent);
        setTimeout(() => { button.textContent = words; }, 2000);
    });

    byId("repeat").addEventListener("toggle", () => {
        if (byId("repeat").open && live.view()) write(live.view());
    });
    byId("sample").addEventListener("click", () => {
        const view = live.view();
        if (!view) return;
        const { dataset = "", classes = "[]" } = facts(live.choice.network);
        const bytes = repeat.sample({ ...view, dataset, classes: JSON.parse(classes) });
        download(repeat.names(view.name, view.config, data).sample, bytes, "application/octet-stream");
    });
    byId("config").addEventListener("click", () => {
        if (texts) download(texts.names.config, texts.config, "application/json");
    });
    copying("commands-copy", () => texts?.commands ?? "");
    copying("config-copy", () => texts?.config ?? "");
    copying("link", () => location.href.split("#")[0] + state.text(live.fields()));
    copying("state", () => state.text(live.fields()));
})();
