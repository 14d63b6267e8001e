// States that come by a link: "#try&digit=3437&attack=fgsm&epsilon=0.05" opens exactly that. What a link asks
// for and this page does not have is said in a sentence.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});

    /**
     * The changes to a choice that the fields of a hash ask for.
     *
     * `page` is what there is: { networks (names), index (of the images), classes (how many), pixels (the
     * values of an image), canDraw (whether a drawing can be read), choice (that of now), method(name, norm)
     * (what comes with an attack) }.
     *
     * Throws an Error with a sentence for what is not there or out of its range.
     */
    const reading = (fields, page) => {
        const { kinds, range, numbers, isWithin } = Mirage.settings;
        const { shown } = Mirage.state;
        const changes = {};
        const one = (name, list, words) => {
            if (!fields.has(name)) return null;
            const place = list.map(String).indexOf(fields.get(name));
            if (place >= 0) return list[place];
            const asked = shown(fields.get(name));
            throw new Error(`The link asks for the ${words} ${asked}, which is not in this page.`);
        };
        const number = (name, low, high, isWhole) => {
            if (!fields.has(name)) return null;
            const text = fields.get(name);
            const value = text.trim() === "" ? NaN : Number(text);
            if (isWithin(value, low, high) && (!isWhole || Number.isInteger(value))) return value;
            const kind = isWhole ? "whole number" : "number";
            const expected = `a ${kind} from ${low} to ${high}`;
            throw new Error(`The link has ${shown(text)} for ${name}, expected ${expected}.`);
        };
        const set = (key, value) => { if (value !== null) changes[key] = value; };
        const classes = Array.from({ length: page.classes }, (_, place) => place);

        const digit = one("digit", page.index, "image");
        if (digit !== null) Object.assign(changes, { place: page.index.indexOf(digit), mode: "stored" });
        if (fields.has("drawn")) {
            if (!page.canDraw) throw new Error("The link holds a drawing, and this network reads none.");
            const text = fields.get("drawn");
            const drawn = text === "" ? null : Mirage.state.unpacked(text, page.pixels);
            if (text !== "" && !drawn) {
                throw new Error("The link’s drawing is damaged; a part of it may be missing.");
            }
            Object.assign(changes, { drawn, mode: "drawn", label: one("label", classes, "class") ?? -1 });
        }
        set("network", one("network", page.networks, "network"));
        const attack = one("attack", Object.keys(kinds), "attack") ?? page.choice.method;
        const norm = one("norm", kinds[attack].norms, "norm");
        if (fields.has("attack") || norm) Object.assign(changes, page.method(attack, norm));
        const epsilon = number("epsilon", 0, range(changes.norm ?? page.choice.norm, page.pixels).most);
        if (kinds[attack].hasBudget) set("epsilon", epsilon);
        const target = one("target", classes, "class");
        if (target !== null && !kinds[attack].isTargetable) {
            throw new Error(`The link has a target, and ${kinds[attack].title} takes none.`);
        }
        changes.target = target;
        const foreign = ["regularization", ...Object.keys(numbers)].find((key) => fields.has(key));
        if (foreign && attack !== "noise-sgd") {
            throw new Error(`The link has ${foreign}, a setting of noise-sgd, and asks for ${attack}.`);
        }
        set("regularization", one("regularization", ["none", "l1", "l2"], "penalty"));
        for (const [key, [low, high, isWhole]] of Object.entries(numbers)) {
            set(key, number(key, low, high, isWhole));
        }
        return changes;
    };

    Mirage.links = { reading };
    if (typeof document === "undefined" || !Mirage.live) return;
    const { live, state, settings } = Mirage;
    const { choice, byId, say, controls } = live;

    const open = (fields) => {
        // "#try" alone is the heading, as the contents have it.
        if (!fields.has("try") || fields.size === 1) return;
        document.getElementById("try").scrollIntoView();
        let problem = "";
        try {
            const changes = reading(fields, {
                networks: live.networks.map(({ name }) => name), index: live.images.index,
                classes: live.data.classes.length, pixels: live.images.all[0].length, canDraw: live.canDraw,
                choice, method: controls.method,
            });
            Object.assign(choice, changes);
            if ("drawn" in changes) controls.drawing(changes.drawn);
        } catch (error) {
            problem = `${error.message} What was here before is shown instead.`;
        }
        say(problem);
        controls.show();
        live.run();
    };

    choice.epsilon = settings.firstEpsilon(live.data, choice);
    controls.show();
    byId("still").hidden = true;
    byId("desk").hidden = false;
    state.onChange(open);
    open(state.read());
    // Without a link to it, the section computes once it comes near.
    const begin = new IntersectionObserver((entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        begin.disconnect();
        if (!live.view()) live.run();
    }, { rootMargin: "400px" });
    begin.observe(byId("desk"));
})();
