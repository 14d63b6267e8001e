// What the page makes of strokes: bytes, and a link that holds them.

import Testing

@testable import Report

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

    /// A file of the three pictures of 1 × 3 points, two a row: lines of six points and two bytes to fill.
    @Test func manyPicturesAreOneBitmap() throws {
        let body = """
            const { bitmap, grey } = Mirage.pictures;
            const shape = [3, 1, 3];
            const one = grey(Float32Array.of(1, 0, 0.2, 0, 1, 0.4, 0, 0, 0.6), shape);
            const bytes = bitmap([one, grey(new Float32Array(9).fill(1), shape), one], shape, 2);
            const head = new DataView(bytes.buffer);
            return [
                ...bytes.slice(0, 2), head.getUint32(2, true), head.getUint32(10, true), head.getInt32(18, true),
                head.getInt32(22, true), head.getUint16(28, true), ...bytes.slice(54),
            ];
            """
        let found = try NodeScripts.answer(["pictures"], body, as: [Int].self)
        guard let found else { return }
        // Blue, green and red of each point; the place without a picture is black.
        let one = [0, 0, 255, 0, 255, 0, 153, 102, 51]
        let white = Array(repeating: 255, count: 9)
        let black = Array(repeating: 0, count: 9)
        #expect(
            found == [0x42, 0x4d, 54 + 40, 54, 6, -2, 24] + one + white + [0, 0] + one + black + [
                0, 0,
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
                read("#try&attack=deepfool&target=7"), read("#try&attack=pgd&step_size=500"), read("#try&attack=noise-sgd&step_size=0.5"),
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
                "The link has a target, and DeepFool: to the nearest border takes none.",
                "The link has step_size, a setting of noise-sgd, and asks for pgd.",
                "{\"method\":\"noise-sgd\",\"norm\":\"l2\",\"target\":null,\"step_size\":0.5}",
            ])
    }
}
