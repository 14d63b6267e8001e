// The work of the page away from its main thread: networks are kept by name, attacks run in slices, and a
// newer call takes the place of an older one. The same office serves a Worker and, where there is none,
// the page itself.
//
// In: { id, work, … }, with work "load" { name, layers, image, base64 }, "attack" and "flip" { name, config,
// sample, slot }, "cancel" { slot }. Out, for each id: any number of { id, kind: "progress", done, of }, then
// one of { kind: "done", value }, { kind: "dropped" } for what was cancelled or superseded, and { kind:
// "failed", sentence, isUnsupported }.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});

    /** The bytes that a base64 text stands for. */
    Mirage.bytes = (base64) => {
        let text;
        try {
            text = atob(base64.trim());
        } catch {
            throw new Error("These data are damaged: they are not the base64 that they should be.");
        }
        const bytes = new Uint8Array(text.length);
        for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
        return bytes;
    };

    /**
     * A network that does not compute again what it has just computed: attacks begin at the clean image, and
     * the driver judges where they end.
     */
    const remembering = (network) => {
        let last = null;
        let logits = null;
        return {
            ...network,
            logits(image) {
                if (last === null || !image.every((value, i) => Object.is(value, last[i]))) {
                    last = null; // if this pass fails, nothing is remembered
                    logits = network.logits(image);
                    last = image.slice();
                }
                return logits.slice();
            },
        };
    };

    /**
     * Takes messages and does what they ask.
     *
     * @param post Called with each reply.
     * @param later Calls a function when messages that wait have been taken.
     * @param slice Milliseconds after which the work lets messages in.
     * @returns The function that takes a message.
     */
    Mirage.office = (post, later, slice) => {
        const networks = new Map();
        let jobs = [];
        let isWaiting = false;

        const named = (name) => {
            if (networks.has(name)) return networks.get(name);
            throw new Error(`There is no network ${name} here; it must be loaded first.`);
        };

        const fail = (id, error) => post({
            id, kind: "failed", sentence: error.message, isUnsupported: error instanceof Mirage.Unsupported,
        });

        // What is done at once.
        const works = {
            load({ name, layers, image, base64 }) {
                const { tensors } = Mirage.safetensors(Mirage.bytes(base64).buffer);
                const network = remembering(Mirage.network({ layers, image }, tensors));
                networks.set(name, network);
                const parameters = Object.values(tensors).reduce((sum, { data }) => sum + data.length, 0);
                return { classes: network.classes, parameters };
            },
            cancel({ slot }) {
                for (const job of jobs) if (job.slot === slot) post({ id: job.id, kind: "dropped" });
                jobs = jobs.filter((job) => job.slot !== slot);
            },
        };

        // What takes long: generators, which yield where the network's last pass is of no more use.
        const long = { attack: Mirage.attack, flip: Mirage.flip };

        // The newest call of those that a person waits for, else the oldest.
        const next = () => jobs.findLast((job) => job.slot !== null) ?? jobs[0];

        const run = () => {
            isWaiting = false;
            const job = next();
            if (job === undefined) return;
            const end = performance.now() + slice;
            try {
                let step;
                do step = job.steps.next(); while (!step.done && performance.now() < end);
                if (step.done) {
                    jobs = jobs.filter((other) => other !== job);
                    post({ id: job.id, kind: "done", value: step.value });
                } else if (Array.isArray(step.value)) {
                    post({ id: job.id, kind: "progress", done: step.value[0], of: step.value[1] });
                }
            } catch (error) {
                jobs = jobs.filter((other) => other !== job);
                fail(job.id, error);
            }
            wait();
        };

        const wait = () => {
            if (isWaiting || jobs.length === 0) return;
            isWaiting = true;
            later(run);
        };

        return (message) => {
            const { id, work } = message;
            try {
                if (Object.hasOwn(works, work)) {
                    post({ id, kind: "done", value: works[work](message) });
                    return;
                }
                const { name, config, sample } = message;
                const slot = message.slot ?? null;
                if (slot !== null) works.cancel({ slot });
                jobs.push({ id, slot, steps: long[work](config.attack, named(name), config, sample) });
                wait();
            } catch (error) {
                fail(id, error);
            }
        };
    };

    // In a Worker, and only there.
    if (typeof document !== "undefined" || typeof WorkerGlobalScope === "undefined") return;
    // A message to oneself comes after those that wait, without the pause of a timer.
    const channel = new MessageChannel();
    let waiting = null;
    channel.port1.onmessage = () => waiting();
    const later = (body) => {
        waiting = body;
        channel.port2.postMessage(null);
    };
    const take = Mirage.office((reply) => postMessage(reply), later, 12);
    onmessage = (event) => take(event.data);
})();
