// "Try it": the markup that waits for JavaScript, and what is handed out to repeat an attack.

import Formats
import Testing

@testable import Report

@Suite struct LiveTests {
    private static let section = Page(Tiny.study).desk.written

    @Test func nothingIsSeenWithoutScripts() {
        #expect(
            Self.section.hasPrefix("<div id=\"try-desk\" class=\"try wide\" hidden=\"hidden\">"))
        #expect(Page(Study(experiment: "bare")).live == nil)
    }

    @Test func everyControlHasAName() {
        for piece in Self.section.split(separator: "<") {
            guard
                ["input ", "select ", "canvas ", "pre ", "progress "].contains(
                    where: piece.hasPrefix),
                !piece.contains("type=\"radio\"")
            else { continue }
            let id = piece.split(separator: " id=\"").dropFirst().first?.prefix { $0 != "\"" } ?? ""
            #expect(
                piece.contains("aria-label=") || Self.section.contains("<label for=\"\(id)\""),
                "\(piece)")
        }
    }

    /// What the scripts look up is there, under that id, once.
    @Test func scriptsFindTheirElements() throws {
        for name in ["live", "controls", "links", "outcome", "repetition"] {
            for piece in try NodeScripts.text(of: name).split(separator: "byId(\"").dropFirst() {
                let id = piece.prefix { $0 != "\"" }
                // The sentence for readers without JavaScript stands before the controls.
                if ["still", "why"].contains(id) { continue }
                let count = Self.section.split(separator: " id=\"try-\(id)\"").count - 1
                #expect(count == 1, "try-\(id), of \(name).js")
            }
        }
    }
}

@Suite struct RepeatScriptTests {
    /// What the page hands out is, byte by byte, what the pipeline would write.
    @Test func aSampleIsAsThePipelineWritesIt() throws {
        let pixels: [Float] = [0, 0.5, 1, 0x1p-149]
        let classes = ["0", "T-shirt/top", "“é”\\"]
        let quoted = JSON.array(classes.map(JSON.string)).canonical
        let body = """
            const image = Float32Array.from([0, 0.5, 1, 2 ** -149]);
            return Array.from(Mirage.repeat.sample({
                image, shape: [1, 2, 2], label: 2, key: 3437, dataset: "mnist", classes: \(quoted),
            }));
            """
        guard let bytes = try NodeScripts.answer(["repeat"], body, as: [UInt8].self) else { return }
        func words(_ value: Int64) -> [UInt8] {
            withUnsafeBytes(of: value.littleEndian, Array.init)
        }
        let expected = SafeTensorsWriter.file(
            metadata: [
                "classes": quoted, "count": "1", "dataset": "mnist", "schema": "mirage.sample",
                "seed": "", "version": "1",
            ],
            tensors: [
                ("images", .f32, [1, 1, 2, 2]), ("indices", .i64, [1]), ("labels", .i64, [1]),
            ],
            data: [
                "images": pixels.flatMap {
                    withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init)
                },
                "indices": words(3437), "labels": words(2),
            ])
        #expect(bytes == expected)
    }

    /// A config has the experiment's own settings, and no key that `stage-attack` would refuse.
    @Test func aConfigIsTheExperimentsOwn() throws {
        let body = """
            const own = { attack: "pgd", model: "mlp", norm: null, steps: 7, seed: 5, epsilons: [0.3] };
            const masked = { attack: "fgsm", model: "mlp", norm: "linf", mask: "hat.png", seed: 9, epsilons: [0.1] };
            const data = { attacks: [{ config: own }, { config: masked }] };
            const choice = { network: "mlp", norm: "linf", epsilon: 0.05, target: null, regularization: null,
                step_size: null, max_steps: null };
            const config = (changes) => Mirage.settings.config(data, { ...choice, ...changes });
            const noise = config({ method: "noise-sgd", norm: "l2", target: 7 });
            return [
                config({ method: "pgd" }).steps, config({ method: "pgd" }).seed, config({ method: "fgsm" }).seed,
                noise.epsilons.length, noise.target, "regularization_weight" in noise ? 1 : 0,
                config({ method: "deepfool", norm: "l2", target: 7 }).goal === "untargeted" ? 1 : 0,
                // What was typed for optimised noise is no setting of another attack.
                config({ method: "pgd", step_size: 0.5, regularization: "l2" }).step_size === 1 / 30 ? 1 : 0,
                config({ method: "noise-sgd", norm: "l2", step_size: 0.5 }).step_size === 0.5 ? 1 : 0,
            ];
            """
        let found = try NodeScripts.answer(["numerals", "settings"], body, as: [Int].self)
        #expect(found == nil || found == [7, 5, 1, 0, 7, 0, 1, 1, 1])
    }
}
