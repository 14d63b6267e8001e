import Testing

@testable import Report

@Suite struct NumeralsTests {
    @Test(arguments: [
        (0.0, 2, "0.00"), (1.005, 2, "1.00"), (1.25, 1, "1.3"), (-1.25, 1, "−1.3"),
        (0.0373817, 4, "0.0374"),
        (-0.0001, 2, "0.00"), (1234.5, 0, "1,235"), (1234567.891, 2, "1,234,567.89"),
        (0.05, 2, "0.05"),
        (.infinity, 2, "∞"), (-.infinity, 1, "−∞"), (.nan, 1, "–"), (-0.999, 3, "−0.999"),
        (9.999, 2, "10.00"),
    ])
    func fixed(value: Double, decimals: Int, text: String) {
        #expect(Numerals.fixed(value, decimals) == text)
    }

    @Test(arguments: [
        (0.0, "0\u{202F}%"), (1.0, "100\u{202F}%"), (0.991, "99.1\u{202F}%"),
        (0.99999, ">\u{202F}99.9\u{202F}%"),
        (0.0001, "<\u{202F}0.1\u{202F}%"), (0.5, "50.0\u{202F}%"), (.nan, "–"),
    ])
    func percent(share: Double, text: String) {
        #expect(Numerals.percent(share) == text)
    }

    @Test(arguments: [
        (215.2, "215"), (3.168, "3.17"), (0.036, "0.0360"), (12.34, "12.3"), (0.999999, "1.00"),
        (99.96, "100"), (0.0, "0"), (-4.5, "−4.50"), (1234.0, "1,234"), (0.09996, "0.100"),
        (0.01234, "0.0123"), (.infinity, "∞"),
    ])
    func significant(value: Double, text: String) {
        #expect(Numerals.significant(value) == text)
    }

    @Test(arguments: [
        (532_400.0, "532\u{202F}k"), (1_064_800, "1.06\u{202F}M"), (999_999, "1.00\u{202F}M"),
        (12, "12.0"),
        (3e9, "3.00\u{202F}G"), (2.5e13, "25.0\u{202F}T"),
    ])
    func engineering(value: Double, text: String) {
        #expect(Numerals.engineering(value) == text)
    }

    @Test func others() {
        #expect(Numerals.whole(266_610) == "266,610")
        #expect(Numerals.whole(-1000) == "−1,000")
        #expect(Numerals.whole(Int.min) == "−9,223,372,036,854,775,808")
        #expect(Numerals.plain(0.1) == "0.1")
        #expect(Numerals.plain(25) == "25")
        #expect(Numerals.plain(-0.5) == "−0.5")
        #expect(Numerals.factor(10) == "×10")
        #expect(Numerals.factor(1.5) == "×1.5")
        #expect(Numerals.signed(0.0014, 4) == "+0.0014")
        #expect(Numerals.signed(-0.0014, 4) == "−0.0014")
        #expect(Numerals.signed(0.00001, 4) == "0.0000")
        #expect(Numerals.amount(3) == "3")
        #expect(Numerals.amount(18.71) == "18.7")
        #expect(Numerals.count(1, "image") == "1 image")
        #expect(Numerals.count(2000, "pass", plural: "passes") == "2,000 passes")
        #expect(Numerals.percent(nil) == "–")
        #expect(coordinate(-0.005) == "-0.01")
        #expect(coordinate(12.5) == "12.5")
        #expect(coordinate(3.04) == "3.04")
        #expect(coordinate(7) == "7")
    }

    @Test func wording() {
        #expect(Wording.answer("7") == "a 7")
        #expect(Wording.answer("8") == "an 8")
        #expect(Wording.answer("Sandal") == "“Sandal”")
        #expect(Wording.this("T-shirt/top") == "this “T-shirt/top”")
        #expect(Wording.norm("linf") == "L∞")
        #expect(Wording.norm("lp") == "lp")
        #expect(Wording.list(["a", "b", "c"]) == "a, b and c")
        #expect(Wording.list([]) == "")
    }
}
