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
            const header = { classes: ["0", "1", "2"], images: 6, isWide: false, networks: ["mlp"], attacks: [\(attacks.joined(separator: ", "))] };
            const bytes = Uint8Array.from(Buffer.from("\(Base64.encode(columns.bytes))", "base64"));
            const data = { header, ...Mirage.galleryData.columns(bytes, header) };
            const { all, images, fields, reading } = Mirage.galleryFilter;
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
                shown({ show: "misread" }),
            ];
            """)
        guard let found else { return }
        #expect(
            found == [
                [0, 1, 2, 3, 4, 5], [0, 1], [2, 3, 4], [1], [0], [1], [1, 4], [1], [2],
                [3, 2, 0, 1, 4, 5], [0, 2, 3], [5],
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
            const chosen = { ...all, attack: 1, level: 1, truth: 2, answer: 1, show: "fooled", only: true, most: 0.5 };
            const back = (hash) => {
                const { choice, image, problem } = reading(data, Mirage.state.fields(hash), { ...all, attack: 0, level: 0 });
                const isSame = Object.keys(chosen).every((key) => chosen[key] === choice[key]);
                return `${hash} ${isSame} ${image} ${problem}`;
            };
            return [
                back(Mirage.state.text(fields(data, chosen))), back(Mirage.state.text(fields(data, chosen, 3))),
                back("#gallery&attack=pgd&epsilon=0.20000000298023224&true=2&answer=1&show=fooled&only&to=5e-1"),
            ];
            """)
        guard let found else { return }
        #expect(
            found == [
                "#gallery&attack=pgd&epsilon=0.2&true=2&answer=1&show=fooled&only&to=0.5 true null ",
                "#image=103&attack=pgd&epsilon=0.2&true=2&answer=1&show=fooled&only&to=0.5 true 3 ",
                "#gallery&attack=pgd&epsilon=0.20000000298023224&true=2&answer=1&show=fooled&only&to=5e-1 true null ",
            ])
    }

    /// What a link asks for and is not here is said, and nothing near it is taken instead.
    @Test func whatIsNotHereIsSaid() throws {
        let cases = [
            ("attack=x", "asks for the attack “x”"), ("attack=constructor", "“constructor”"),
            ("attack=pgd&epsilon=0.19", "asks for ε “0.19”, and pgd ran at 0.1, 0.2."),
            ("attack=deepfool&epsilon=0.1", "deepfool has no ε"), ("epsilon=", "“” for epsilon"),
            ("epsilon=0x1", "“0x1” for epsilon"),
            ("true=", "“” for true, expected a class from 0 to 2"),
            ("answer=3", "“3” for answer"), ("true=-1", "“-1” for true"),
            ("show=toString", "expected one of all, fooled, held"), ("8bit=1", "“1” for 8bit"),
            ("sort=constructor", "“constructor” for sort"), ("from=-1", "“-1” for from"),
            ("to=1e999", "“1e999” for to"), ("image=", "Test image “” is not on this sheet."),
            ("image=3", "Test image “3”"), ("image=0x67", "Test image “0x67”"),
            ("image=1.03e2", "Test image “1.03e2”"),
        ]
        let found: [[String]]? = try answer(
            """
            const beginning = { ...all, attack: 1, level: 1 };
            const links = [\(cases.map { "\"\($0.0)\"" }.joined(separator: ", "))];
            return [...links, `true=${"9".repeat(8000)}`].map((link) => {
                const { choice, image, problem } = reading(data, Mirage.state.fields(`#${link}`), beginning);
                const { attack, level, ...rest } = choice;
                return [problem, JSON.stringify(rest) === JSON.stringify((({ attack, level, ...own }) => own)(all)), image].map(String);
            });
            """)
        guard let found else { return }
        for (answer, (link, words)) in zip(found, cases) {
            #expect(answer[0].contains(words), "\(link): \(answer[0])")
            #expect(answer[1] == "true", "\(link)")
            #expect(answer[2] == (link.hasPrefix("image") ? "-1" : "null"), "\(link)")
        }
        #expect((found.last?.first?.count ?? 0) < 200)
    }

    @Test func aCitedAddressDoesNotSayWhereAFileLies() throws {
        let found: [String]? = try answer(
            """
            return [
                "file:///home/somebody/my%20reports/report%20a.html?x#attacks", "file:///C:/Users/me/100%.html",
                "https://example.org/reports/a%20b.html#try",
            ].map((href) => Mirage.state.cited(href, "#norm-0-pgd-left"));
            """)
        guard let found else { return }
        #expect(
            found == [
                "report a.html?x#norm-0-pgd-left", "100%.html#norm-0-pgd-left",
                "https://example.org/reports/a%20b.html#norm-0-pgd-left",
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

    /// One character of the page is another: pictures of that stream are not shown, those of others are.
    @Test func aDamagedPictureIsKnownAsSuch() throws {
        let gallery = try #require(Gallery([SixImages.fgsm.repeated(10)]))
        var pictures = GalleryPictures(gallery, within: 10_000)
        pictures.fill(upTo: 20_000, headline: nil)
        let (start, lengths) = pictures.levels[0][1]
        let found: [[String]]? = try NodeScripts.answer(
            ["numerals", "gallery-data"],
            """
            const header = { shape: [1, 4, 4], perStream: \(GalleryPictures.perStream), originals: \(pictures.originals) };
            const look = async (place) => {
                const level = { start: \(start), streams: \(lengths), flags: new Uint8Array(60).fill(1) };
                const bytes = Uint8Array.from(Buffer.from("\(Base64.encode(pictures.bytes))", "base64"));
                if (place !== null) bytes[place] ^= 4;
                const { ready, original, adversarial, isDamaged } = Mirage.galleryData.pictures(bytes, header, []);
                await ready(level, [0, 10]);
                return [0, 10].map((image) => [
                    original(image)?.length, adversarial(level, image)?.length, isDamaged(level, image),
                    ready(level, [image]),
                ].map(String).join(" "));
            };
            return [await look(null), await look(\(pictures.originals[0] / 2)), await look(\(start) + 9)];
            """)
        guard let found else { return }
        let whole = "16 16 false null"
        #expect(
            found == [
                [whole, whole], ["undefined undefined true null", whole],
                ["16 undefined true null", whole],
            ])
    }

    @Test func tablesBecomeFiles() throws {
        let found: String? = try NodeScripts.answer(
            ["leaderboard"],
            """
            return Mirage.tables.csv([
                ["Attack", "Success", "n", "FLOP"],
                ["A, the \\"first\\"", "60.0\\u202F%", "5,000", "1.07\\u202FM"], ["B", "–", "−3", "215"],
                ["C", "<\\u202F0.1\\u202F%", "18.8–81.2", "+0.5"],
                ["D", ">\\u202F99.9\\u202F%", "−0.5–+0.5", "-1e-7"],
            ]);
            """)
        guard let found else { return }
        #expect(
            found == """
                Attack,Success (%),n,FLOP\r
                "A, the ""first\""",60.0,5000,1070000\r
                B,,-3,215\r
                C,<0.1,18.8–81.2,0.5\r
                D,>99.9,−0.5–+0.5,-1e-7\r

                """)
    }

    /// A class or a network may be called anything, and a spreadsheet must not run it.
    @Test func noTextOfATableIsAFormula() throws {
        let found: String? = try NodeScripts.answer(
            ["leaderboard"],
            """
            return Mirage.tables.csv([
                ["=1+1", "@n", "-"], ["=HYPERLINK(\\"a\\",1)", "+1+cmd", "-2"], ["@SUM(A1)", "-2+3", "\\t=1"],
            ]);
            """)
        guard let found else { return }
        #expect(
            found == """
                '=1+1,'@n,'-\r
                "'=HYPERLINK(""a"",1)",'+1+cmd,-2\r
                '@SUM(A1),'-2+3,'=1\r

                """)
    }
}
