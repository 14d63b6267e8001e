// The page's engine in the browser computes what the pipeline stored: every number that an attack's file
// holds about every image, to the last bit. The page never sees the stored ones; they are compared here.

import Foundation
import Testing

@Browsing @Suite(.browser) struct EngineTests {
    /// Attacks images in the page, as many at once as are given, and gives back each column of the results as
    /// base64: 64-bit floats, which hold any 32-bit one and any count; pixels as 32-bit ones. Image by image,
    /// and for each level by level.
    private static let script = """
        window.attackAgain = async (name, config, pixels, labels, keys) => {
            const network = JSON.parse(document.getElementById("mirage-data").textContent).networks
                .find((network) => network.name === name);
            const base64 = document.getElementById(`mirage-weights-${name}`).textContent;
            await Mirage.engine.load(name, { ...network, base64 });
            const all = new Float32Array(Uint8Array.from(atob(pixels), (letter) => letter.charCodeAt(0)).buffer);
            const size = all.length / labels.length;
            const results = await Promise.all(labels.map((label, place) => {
                const image = all.slice(place * size, (place + 1) * size);
                return Mirage.engine.attack(name, config, { image, label, key: keys[place] }, null, null);
            }));
            const text = (values) => {
                const bytes = new Uint8Array(values.buffer);
                let letters = "";
                for (let at = 0; at < bytes.length; at += 8192) {
                    letters += String.fromCharCode(...bytes.subarray(at, at + 8192));
                }
                return btoa(letters);
            };
            const columns = {};
            const add = (name, values) => { columns[name] = text(Float64Array.from(values)); };
            const camel = (name) => name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());
            const levels = results.flatMap((result) => result.levels);
            for (const name of ["success", "success_8bit", "final_class", "final_confidence", "proposed_class",
                "proposed_confidence", "l0", "l1", "l2", "linf", "iterations", "forward_passes", "backward_passes",
                "zero_gradients", "event"]) add(name, levels.map((level) => Number(level[camel(name)])));
            add("final_top_class", levels.flatMap((level) => level.finalTop));
            add("final_top_confidence",
                levels.flatMap((level) => level.finalTop.map((label) => level.probabilities[label])));
            add("eligible", results.map((result) => Number(result.isEligible)));
            add("target", results.map((result) => result.target ?? -1));
            const cleans = results.map((result) => result.clean);
            add("clean_class", cleans.map((clean) => clean.class));
            add("clean_confidence", cleans.map((clean) => clean.confidence));
            add("clean_top_class", cleans.flatMap((clean) => clean.top));
            add("clean_top_confidence",
                cleans.flatMap((clean) => clean.top.map((label) => clean.probabilities[label])));
            for (const name of new Set(results.flatMap((result) => Object.keys(result.notes)))) {
                add(`extra.${name}`, results.map((result) => result.notes[name] ?? NaN));
            }
            const moved = new Float32Array(levels.length * size);
            levels.forEach((level, place) => moved.set(level.adversarial, place * size));
            columns.adversarial = text(moved);
            return columns;
        };
        """

    /// What is not computed: what names an image.
    private static let given: Set = ["index", "label"]

    @Test(
        arguments: [("mlp", "300", ""), ("our-lenet", "60", "-lenet")],
        MadeStudy.attacks.map(\.stem))
    func everyStoredNumberIsComputedAnew(
        network: (name: String, sample: String, suffix: String), attack: String
    ) throws {
        let study = try MadeStudy.made.get()
        let stored = try Stored(study.tensors("attack/\(attack)\(network.suffix)"))
        let sample = try study.tensors("sample/\(network.sample)")
        let pixels = try sample.floats("images")
        let (labels, keys) = try (sample.int64s("labels"), sample.int64s("indices"))
        let size = pixels.count / labels.count

        try Browser.withTab { tab in
            try tab.open(study.page)
            #expect(try tab.evaluate("Mirage.engine.kind") == "worker")
            try tab.evaluate(Self.script)
            var compared = 0
            // Some images a call, so that none takes too long.
            for first in stride(from: 0, to: labels.count, by: 30) {
                let some = first..<min(first + 30, labels.count)
                let bytes = pixels[some.lowerBound * size..<some.upperBound * size]
                    .withUnsafeBytes { Data($0).base64EncodedString() }
                let answer = try tab.evaluate(
                    "attackAgain(\(quoted(network.name)), \(stored.config), '\(bytes)', \(Array(labels[some])), \(Array(keys[some])))"
                )
                let found = (answer.object ?? [:]).compactMapValues(\.string)
                #expect(Set(found.keys).union(Self.given) == stored.names)
                for (name, column) in found.sorted(by: { $0.key < $1.key }) {
                    let expected = try stored.words(name, of: some)
                    let words = stored.words(inBase64: column, isPixels: name == "adversarial")
                    let odd = zip(words, expected).enumerated().first {
                        $0.element.0 != $0.element.1
                    }
                    try #require(
                        words.count == expected.count && odd == nil,
                        "\(name): \(odd.map { "at \($0.offset)" } ?? "\(words.count) numbers")")
                    compared += words.count
                }
            }
            #expect(compared > labels.count * size)
        }
    }

    @Test func digestsAreThoseOfTheStore() throws {
        let study = try MadeStudy.made.get()
        let outputs = try #require(try study.record("train-mlp")["outputs"]?.array)
        let model = outputs.first { $0["name"] == "model/mlp.safetensors" }
        try Browser.withTab { tab in
            try tab.open(study.page)
            let digest = try tab.evaluate(
                "Mirage.engine.digest(document.getElementById('mirage-weights-mlp').textContent)")
            #expect(digest == model?["sha256"])
        }
    }
}
