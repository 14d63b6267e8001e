// ε as a slider under the picture at the top.

import Testing

@Browsing @Suite(.browser) struct SliderTests {
    private static let cursor = "Number(document.querySelector('.eps-cursor').getAttribute('x1'))"

    private func waitForPicture(_ tab: Tab, at epsilon: String) throws {
        try tab.wait(
            "the picture at ε \(epsilon)",
            for: "document.getElementById('eps-said').textContent.startsWith('At ε \(epsilon) ')")
    }

    private func epsilon(_ tab: Tab) throws -> String {
        try String(tab.text("#eps-value").dropFirst("ε = ".count))
    }

    @Test func keysMovePictureAndCursor() throws {
        let study = try MadeStudy.made.get()
        try Browser.withTab { tab in
            try tab.open(study.page)
            try tab.evaluate("document.getElementById('eps-range').focus()")
            // It may begin at its end, where the stored picture is.
            try tab.press("Home")
            try tab.press("End")
            try waitForPicture(tab, at: epsilon(tab))
            let (last, right) = try (epsilon(tab), tab.evaluate(Self.cursor).double)
            #expect(Double(last).map { abs($0 - 64.0 / 255) < 0.001 } == true)
            #expect(
                try tab.evaluate("document.querySelectorAll('.banner .equation canvas').length")
                    == 3)
            // Nothing is changed at ε 0, and the network says what it said.
            try tab.press("Home")
            try waitForPicture(tab, at: "0")
            let left = try tab.evaluate(Self.cursor).double
            #expect(try #require(left) < #require(right))
            let names = try tab.texts(
                "[...document.querySelectorAll('.banner .equation .name')].map((name) => name.innerText)"
            )
            #expect(names.first == names.last)
            #expect(try tab.text("#eps-said").contains("still says"))
        }
    }

    @Test(arguments: [Tab.Pointer.mouse, .finger]) func theCurveIsAHandle(pointer: Tab.Pointer)
        throws
    {
        let study = try MadeStudy.made.get()
        try Browser.withTab { tab in
            try tab.resize(width: pointer == .finger ? 390 : 1280)
            try tab.open(study.page)
            // On a phone a part of the curve is to be scrolled to.
            let places = try [0.15, 0.25, 0.35].map {
                try tab.place("#eps svg.chart", across: $0, down: 0.5)
            }
            try tab.drag(pointer, through: places)
            let first = try #require(Double(epsilon(tab)))
            try waitForPicture(tab, at: epsilon(tab))
            #expect(first > 0.05)
            try tab.drag(pointer, through: places.reversed())
            #expect(try #require(Double(epsilon(tab))) < first)
            try waitForPicture(tab, at: epsilon(tab))
        }
    }

    /// Words above it grow and shrink, and are not to push the slider away from the hand that moves it.
    @Test(arguments: Tab.widths) func theSliderStaysUnderTheHand(width: Int) throws {
        let study = try MadeStudy.made.get()
        try Browser.withTab { tab in
            try tab.resize(width: width)
            try tab.open(study.page)
            // There at once: a page that glides to what gets the focus would move it.
            _ = try tab.place("#eps-range")
            try tab.evaluate("document.getElementById('eps-range').focus()")
            var tops: [Double] = []
            for key in ["Home"] + Array(repeating: "PageUp", count: 8) {
                try tab.press(key)
                try waitForPicture(tab, at: epsilon(tab))
                let top = try tab.read("#eps-range", "element.getBoundingClientRect().top")
                tops.append(try #require(top.double))
            }
            let (least, most) = try (#require(tops.min()), #require(tops.max()))
            #expect(most - least < 1.5, "\(tops)")
        }
    }

    /// The accuracy that is told is that of the record.
    @Test func theShareThatIsToldIsTheRecords() throws {
        let study = try MadeStudy.made.get()
        try Browser.withTab { tab in
            try tab.open(study.page)
            let attack = try #require(
                tab.evaluate("document.getElementById('eps').dataset.attack").string)
            try tab.evaluate("document.getElementById('eps-range').focus()")
            // It may begin at its end, where the stored picture is.
            try tab.press("Home")
            try tab.press("End")
            try waitForPicture(tab, at: epsilon(tab))
            try tab.wait(
                "the share in words",
                for: "document.getElementById('eps-said').textContent.includes('it still reads')")
            let said = try tab.text("#eps-said")
            let share = try #require(
                said.split(separator: "it still reads ").last.flatMap { number(String($0)) })
            let rows = try study.record("attack-\(attack)")["summary"]?["rows"]?.array
            let accuracies = (rows ?? []).compactMap { $0["robust_accuracy"]?.double }
            #expect(accuracies.contains { abs(100 * $0 - share) <= 0.0501 }, "\(said)")
        }
    }
}
