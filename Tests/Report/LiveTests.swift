// "Try it": the markup that waits for JavaScript, and the scripts behind it as far as they need no page.

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

@Suite struct DrawingScriptTests {
    /// A bar of 25 × 200 points is 2.5 × 20 pixels: two columns of ink, and a quarter of one on each side. Its
    /// mean place, 10, goes to the middle pixel: columns 12 to 15, rows 4 to 23.
    @Test func aBarBecomesBytesThatCanBeWorkedOut() throws {
        let body = """
            const { grid, centred } = Mirage.drawing;
            const mask = new Uint8Array(grid * grid);
            for (let y = 70; y < 270; y += 1) mask.fill(1, y * grid + 30, y * grid + 55);
            return Array.from(centred(mask, 28));
            """
        guard let bytes = try NodeScripts.answer(["drawing"], body, as: [Int].self) else { return }
        let row =
            [Int](repeating: 0, count: 12) + [64, 255, 255, 64] + [Int](repeating: 0, count: 12)
        let empty = [Int](repeating: 0, count: 28)
        let expected = (0..<28).flatMap { (4..<24).contains($0) ? row : empty }
        #expect(bytes == expected)
    }

    /// MNIST's own rule: the mean place of all ink lies in pixel 14 of 28, across and down.
    @Test func theMeanOfTheInkLiesInTheMiddlePixel() throws {
        let body = """
            const { inked, centred } = Mirage.drawing;
            const drawings = [
                [[100, 40, 180, 40, 120, 240]], [[30, 40, 250, 60]], [[140, 139]], [[279, 0]],
                [[90, 60, 150, 40, 190, 90, 140, 130], [140, 130, 200, 170, 150, 240, 80, 220]],
            ];
            return drawings.map((strokes) => {
                let [all, x, y] = [0, 0, 0];
                centred(inked(strokes), 28).forEach((byte, place) => {
                    all += byte;
                    x += byte * (place % 28 + 0.5);
                    y += byte * (Math.floor(place / 28) + 0.5);
                });
                return [x / all, y / all];
            });
            """
        guard let means = try NodeScripts.answer(["drawing"], body, as: [[Double]].self) else {
            return
        }
        #expect(means.count == 5)
        for mean in means.flatMap({ $0 }) { #expect(mean >= 14 && mean < 15, "\(mean)") }
    }

    /// The same strokes give the same bytes in every browser: this sum of them never moves.
    @Test func strokesAlwaysGiveTheSameBytes() throws {
        let body = """
            const { inked, centred } = Mirage.drawing;
            const strokes = [[90, 60, 150, 40, 190, 90, 140, 130], [140, 130, 200, 170, 150, 240, 80, 220]];
            return [Mirage.repeat.mark(centred(inked(strokes), 28)), centred(inked([]), 28)];
            """
        let found = try NodeScripts.answer(["drawing", "repeat"], body, as: [String?].self)
        #expect(found == nil || found == ["32516cd5", nil])
    }
}

@Suite struct StateScriptTests {
    @Test func aDrawingComesBackFromALinkAndDamageIsSeen() throws {
        let body = """
            const { packed, unpacked } = Mirage.state;
            const { inked, centred } = Mirage.drawing;
            const pictures = [
                centred(inked([[100, 40, 180, 40, 120, 240]]), 28), new Uint8Array(784),
                new Uint8Array(784).fill(255), Uint8Array.from({ length: 784 }, (_, k) => k % 3 * k % 256),
            ];
            const isSame = (a, b) => a && b && a.every((value, place) => value === b[place]);
            let undetected = 0;
            const text = packed(pictures[0]);
            for (let place = 0; place < text.length; place += 1) {
                const other = text[place] === "B" ? "C" : "B";
                const changed = unpacked(text.slice(0, place) + other + text.slice(place + 1), 784);
                // The last letter of a text may have bits that no byte uses.
                if (changed && !isSame(changed, pictures[0])) undetected += 1;
                if (unpacked(text.slice(0, place), 784)) undetected += 1;
            }
            return [
                pictures.every((picture) => isSame(unpacked(packed(picture), 784), picture)) ? 1 : 0, undetected,
                unpacked("%%", 784) === null && unpacked("", 784) === null ? 1 : 0, text.length < 300 ? 1 : 0,
            ];
            """
        let found = try NodeScripts.answer(["state", "drawing"], body, as: [Int].self)
        #expect(found == nil || found == [1, 0, 1, 1])
    }

    @Test func fieldsAreReadAndWritten() throws {
        let body = """
            const { fields, text } = Mirage.state;
            const read = (hash) => Array.from(fields(hash), ([name, value]) => `${name}=${value}`);
            return [
                read("#try&digit=3437&attack=fgsm&epsilon=0.05&digit=1"), read("#a=%E0%A4%A&b=x%20y&&=c"), read("#"),
                read("#" + "a".repeat(9000)),
                [text(new Map([["try", ""], ["digit", 3], ["label", null], ["b", "x y"]]))],
            ];
            """
        let found = try NodeScripts.answer(["state"], body, as: [[String]].self)
        #expect(
            found == nil
                || found == [
                    ["try=", "digit=3437", "attack=fgsm", "epsilon=0.05"], ["a=%E0%A4%A", "b=x y"],
                    [], [],
                    ["#try&digit=3&b=x%20y"],
                ])
    }

    /// A link opens what it says, and what this page does not have is named.
    @Test func linksAreReadWithCare() throws {
        let body = """
            const page = {
                networks: ["mlp"], index: [7, 3437], classes: 10, pixels: 784, canDraw: true,
                choice: { method: "fgsm", norm: "linf" },
                method: (method, norm) => ({ method, norm: norm ?? Mirage.settings.kinds[method].norms[0] }),
            };
            const read = (hash) => {
                try { return JSON.stringify(Mirage.links.reading(Mirage.state.fields(hash), page)); } catch (error) {
                    return error.message;
                }
            };
            return [
                read("#try&digit=3437&attack=pgd&norm=l2&epsilon=1.5&target=7"), read("#try&digit=8"),
                read("#try&network=vgg"), read("#try&attack=constructor"), read("#try&epsilon=2"),
                read("#try&epsilon="), read("#try&drawn=abc"), read("#try&attack=fgsm&norm=l2"),
                read("#try&attack=noise-sgd&max_steps=1.5"), read("#try&drawn="),
                read("#try&attack=pgd&norm=l2&epsilon=28.5"), read("#try&attack=pgd&norm=l1&epsilon=784"),
                read("#try&attack=pgd&step_size=500"), read("#try&attack=noise-sgd&step_size=0.5"),
            ];
            """
        let found = try NodeScripts.answer(
            ["numerals", "state", "forms", "threat", "settings", "links"], body, as: [String].self)
        guard let found else { return }
        let absent = "which is not in this page."
        #expect(
            found == [
                "{\"place\":1,\"mode\":\"stored\",\"method\":\"pgd\",\"norm\":\"l2\",\"epsilon\":1.5,\"target\":7}",
                "The link asks for the image “8”, \(absent)",
                "The link asks for the network “vgg”, \(absent)",
                "The link asks for the attack “constructor”, \(absent)",
                "The link has “2” for epsilon, expected a number from 0 to 1.",
                "The link has “” for epsilon, expected a number from 0 to 1.",
                "The link’s drawing is damaged; a part of it may be missing.",
                "The link asks for the norm “l2”, \(absent)",
                "The link has “1.5” for max_steps, expected a whole number from 1 to 10000.",
                "{\"drawn\":null,\"mode\":\"drawn\",\"label\":-1,\"target\":null}",
                "The link has “28.5” for epsilon, expected a number from 0 to 28.",
                "{\"method\":\"pgd\",\"norm\":\"l1\",\"epsilon\":784,\"target\":null}",
                "The link has step_size, a setting of noise-sgd, and asks for pgd.",
                "{\"method\":\"noise-sgd\",\"norm\":\"l2\",\"target\":null,\"step_size\":0.5}",
            ])
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

@Suite struct NumeralsScriptTests {
    /// The page's numbers and those that are computed in it are written alike.
    @Test func numbersAreWrittenAsInSwift() throws {
        let values: [Double] = [
            0, 1, 0.5, 0.999, 0.9996, 0.99951, 0.0004, 0.00051, 1e-7, 0.0412, 0.0651, 0.25, 1.0 / 3,
            9.995,
            9.9949, 12.25, 99.95, 215, 1234.5, 266_610, 1e9, -0.999, -12,
        ]
        let body = """
            const { percent, significant, concise, fixed, whole } = Mirage.numerals;
            return \(values).map((value) => [
                percent(value), percent(value, 2), significant(value), concise(value), fixed(value, 2),
                whole(Math.trunc(value)),
            ]);
            """
        guard let found = try NodeScripts.answer(["numerals"], body, as: [[String]].self) else {
            return
        }
        let expected = values.map {
            [
                Numerals.percent($0), Numerals.percent($0, 2), Numerals.significant($0),
                Numerals.concise($0), Numerals.fixed($0, 2), Numerals.whole(Int($0)),
            ]
        }
        #expect(found == expected)
    }

    /// All digits of a float, and none too many: it reads back as itself.
    @Test func floatsAreWrittenInFull() throws {
        let values: [Float] = [0.1, 1.0 / 3, 0x1p-149, 0x1.fffffep127, 1, 0.99999994, 16_777_216]
        let body = "return \(values.map(Double.init)).map(Mirage.numerals.exact);"
        guard let found = try NodeScripts.answer(["numerals"], body, as: [String].self) else {
            return
        }
        #expect(found.map { Float($0) } == values)
        #expect(found.prefix(2) == ["0.1", "0.33333334"])
    }
}

@Suite struct VerdictScriptTests {
    @Test func aVerdictSaysWhatHappened() throws {
        let body = """
            const classes = ["0", "1", "2", "3", "Bag", "5", "6", "7", "8", "9"];
            const say = (clean, level, more = {}) => Mirage.outcome.sentence({
                classes, label: 3, config: { goal: "untargeted" },
                result: { isEligible: true, clean: { class: 3, confidence: 0.98, ...clean }, levels: [{
                    success: true, success8bit: true, proposedClass: 8, proposedConfidence: 0.5, ...level }],
                    ...more.result },
                ...more.view,
            });
            const fixed = { view: { config: { goal: "fixed", target: 7 } } };
            return [
                say({}, {}), say({}, { success8bit: false }),
                say({}, { success: false, proposedClass: 3, proposedConfidence: 0.7 }),
                say({}, { success: false }, fixed), say({ class: 4 }, {}, { result: { isEligible: false } }),
            ];
            """
        let found = try NodeScripts.answer(["numerals", "outcome"], body, as: [String].self)
        guard let found else { return }
        #expect(
            found.map { $0.replacing("\u{202F}", with: " ") } == [
                "The network read a 3, 98.0 % sure. Now it reads an 8, 50.0 % sure.",
                "The network read a 3, 98.0 % sure. Now it reads an 8, 50.0 % sure; saved as a picture file, "
                    + "with 256 levels, it does not.",
                "The network still reads a 3, 70.0 % sure; before it was 98.0 %.",
                "It does not reach a 7: the network read a 3, 98.0 % sure, and now reads an 8, 50.0 % sure.",
                "The network misreads this 3 from the start, as “Bag”, 98.0 % sure. Attacks leave such images "
                    + "out.",
            ])
    }
}
