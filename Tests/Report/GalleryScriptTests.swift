// The gallery's scripts read what Swift has packed, choose the right images, and write addresses that lead
// back to them; tables become CSV.

import Testing

@testable import Report

@Suite struct GalleryScriptTests {
    /// Six images under fgsm, pgd and deepfool, as the page holds them, and a body that asks.
    private func answer<Answer: Decodable>(_ body: String) throws -> Answer? {
        let gallery = try #require(Gallery([SixImages.fgsm, SixImages.pgd, SixImages.deepfool]))
        let columns = GalleryColumns(gallery, classes: 3)
        let attacks = gallery.entries.map { entry in
            let levels = entry.attack.levels.map {
                "{ epsilon: \($0.epsilon.map { "\($0)" } ?? "null") }"
            }
            return "{ name: \"\(entry.attack.name)\", featured: \(entry.attack.featuredNumber), "
                + "isTargeted: false, levels: [\(levels.joined(separator: ", "))] }"
        }
        return try NodeScripts.answer(
            ["state", "numerals", "gallery-data", "gallery-filter"],
            """
            const header = { images: 6, isWide: false, networks: ["mlp"], attacks: [\(attacks.joined(separator: ", "))] };
            const bytes = Uint8Array.from(Buffer.from("\(Base64.encode(columns.bytes))", "base64"));
            const data = { header, ...Mirage.galleryData.columns(bytes, header) };
            const { all, images, fields, choice } = Mirage.galleryFilter;
            const shown = (more) => images(data, { ...all, attack: 1, level: 0, ...more });
            \(body)
            """)
    }

    @Test func imagesAreChosenAsTheColumnsSay() throws {
        // PGD at 0.1: images 0 and 1 of 5, the second alone and not with 256 levels; DeepFool: 0, 2 and 3.
        let found: [[Int]]? = try answer(
            """
            return [
                shown({}), shown({ show: "fooled" }), shown({ show: "held" }), shown({ only: true }),
                shown({ rounded: "yes" }), shown({ rounded: "no" }), shown({ truth: 1 }),
                shown({ show: "fooled", answer: 2 }), shown({ attack: 2, least: 0.1, most: 0.2 }),
                shown({ attack: 2, sort: "farthest" }), shown({ attack: 2, sort: "nearest", show: "fooled" }),
            ];
            """)
        guard let found else { return }
        #expect(
            found == [
                [0, 1, 2, 3, 4, 5], [0, 1], [2, 3, 4], [1], [0], [1], [1, 4], [1], [2],
                [3, 2, 0, 1, 4, 5], [0, 2, 3],
            ])
    }

    @Test func numbersReadAsOnThePage() throws {
        let found: [String]? = try answer(
            """
            const [pgd, deepfool] = [data.attacks[1].levels[0], data.attacks[2].levels[0]];
            const { distanceText, confidenceText } = Mirage.galleryData;
            return [
                String(data.index), distanceText(pgd, 0), distanceText(deepfool, 2), distanceText(pgd, 3),
                confidenceText(pgd.confidence[0]), confidenceText(1), confidenceText(1001), confidenceText(1002),
            ];
            """)
        guard let found else { return }
        #expect(
            found == [
                "100,101,102,103,104,105", "0.1", "0.15", "0", "97.0\u{202F}%",
                "<\u{202F}0.1\u{202F}%",
                ">\u{202F}99.9\u{202F}%", "100\u{202F}%",
            ])
    }

    @Test func anAddressLeadsBackToItsState() throws {
        let found: [String]? = try answer(
            """
            const chosen = { ...all, attack: 1, level: 1, truth: 4, answer: 9, show: "fooled", only: true, most: 0.5 };
            const hash = Mirage.state.text(fields(data, chosen));
            const back = choice(data, Mirage.state.fields(hash), { ...all, attack: 0, level: 0 });
            const isSame = Object.keys(chosen).every((key) => chosen[key] === back[key]);
            const odd = choice(data, Mirage.state.fields("#gallery&attack=x&show=constructor&true=&sort=toString"), chosen);
            const near = choice(data, Mirage.state.fields("#image=3&attack=pgd&epsilon=0.19"), chosen);
            return [
                hash, Mirage.state.text(fields(data, chosen, 3)), String(isSame),
                `${odd.attack} ${odd.show} ${odd.truth} ${odd.sort}`, `${near.attack} ${near.level}`,
            ];
            """)
        guard let found else { return }
        #expect(
            found == [
                "#gallery&attack=pgd&epsilon=0.2&true=4&answer=9&show=fooled&only&to=0.5",
                "#image=103&attack=pgd&epsilon=0.2", "true", "1 all null index", "1 1",
            ])
    }

    @Test func columnsOfAnotherLengthAreRefused() throws {
        let found: String? = try answer(
            """
            try { Mirage.galleryData.columns(new Uint8Array(bytes.length + 6), header); } catch ({ message }) { return message; }
            return "taken";
            """)
        guard let found else { return }
        #expect(found.contains("not as long as its header says"))
    }

    @Test func tablesBecomeFiles() throws {
        let found: String? = try NodeScripts.answer(
            ["leaderboard"],
            """
            return Mirage.tables.csv([
                ["Attack", "Success", "n", "FLOP"],
                ["A, the \\"first\\"", "60.0\\u202F%", "5,000", "1.07\\u202FM"], ["B", "–", "−3", "215"],
                ["C", "<\\u202F0.1\\u202F%", "18.8–81.2", "+0.5"],
            ]);
            """)
        guard let found else { return }
        #expect(
            found == """
                Attack,Success (%),n,FLOP\r
                "A, the ""first\""",60.0,5000,1070000\r
                B,,-3,215\r
                C,< 0.1 %,18.8–81.2,0.5\r

                """)
    }
}
