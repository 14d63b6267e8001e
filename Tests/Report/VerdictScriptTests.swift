// Numbers and sentences that scripts write: as the page has them.

import Testing

@testable import Report

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
