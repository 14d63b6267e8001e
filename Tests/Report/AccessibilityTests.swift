// What a page owes to those who do not see it as others do: headings in order, regions that can be
// reached and told apart, lines that do not rest on colour.

import Testing

@testable import Report

@Suite struct AccessibilityTests {
    private static let pages: [String] = [
        Tiny.study.rendered().html,
        SixImages.study([SixImages.fgsm, SixImages.pgd, SixImages.deepfool, Tiny.noise])
            .rendered().html,
        SixImages.study(["mlp", "other"].flatMap(attacks)).rendered().html,
        Study(experiment: "bare").rendered().html, PairedPageTests.study.rendered().html,
    ]

    /// The same attacks on any network, of which a page may have several.
    private static func attacks(on model: String) -> [AttackRun] {
        let runs = [SixImages.fgsm, SixImages.pgd, SixImages.deepfool, Tiny.noise]
        return runs.map { run in
            var run = run
            (run.model, run.sample, run.name) = (model, "6", "\(run.name)-\(model)")
            return run
        }
    }

    /// The opening tags of a page, without its style and script.
    private func tags(_ page: String) -> [Substring] {
        var isInside = false
        return page.split(separator: "<").compactMap { part in
            if part.hasPrefix("style") || part.hasPrefix("script") { isInside = true }
            if part.hasPrefix("/style") || part.hasPrefix("/script") { isInside = false }
            return isInside || part.hasPrefix("/") ? nil : part.prefix { $0 != ">" }
        }
    }

    private func attribute(_ name: String, of tag: Substring) -> Substring? {
        tag.firstRange(of: " \(name)=\"").map { tag[$0.upperBound...].prefix { $0 != "\"" } }
    }

    @Test(arguments: pages)
    func headingsNeverSkipALevel(page: String) {
        var level = 0
        for tag in tags(page) where tag.hasPrefix("h") && tag.dropFirst().first?.isNumber == true {
            let next = Int(String(tag.dropFirst().prefix(1))) ?? 0
            #expect(next <= level + 1, "\(tag) after a heading of level \(level)")
            level = next
        }
        #expect(level > 0)
    }

    @Test(arguments: pages)
    func whatScrollsCanBeReachedAndHasANameOfItsOwn(page: String) {
        var names: [Substring] = []
        for tag in tags(page) where tag.hasPrefix("pre") || tag.contains("class=\"scroll") {
            #expect(attribute("tabindex", of: tag) == "0", "\(tag)")
            #expect(attribute("role", of: tag) == "region", "\(tag)")
            let name = attribute("aria-label", of: tag) ?? attribute("aria-labelledby", of: tag)
            names.append(name ?? "")
        }
        #expect(!names.contains("") && Set(names).count == names.count, "\(names)")
    }

    @Test func captionsOfTablesStandOutsideOfWhatScrolls() {
        let page = Self.pages[0]
        #expect(page.contains("<p class=\"caption\" id=\"table-1\">"))
        let region = tags(page).first { attribute("aria-labelledby", of: $0) == "table-1" }
        #expect(region.flatMap { attribute("class", of: $0) } == "scroll")
    }

    /// Six lines in a row differ in their dashes, and their marks in shape.
    @Test func linesDoNotRestOnColour() throws {
        let css = embeddedResources.first { $0.file == "style.css" }?.text ?? ""
        var dashes: Set<Substring> = []
        for number in 1...6 {
            let rule = ".line.c\(number) { stroke-dasharray: "
            let found = css.firstRange(of: rule).map { css[$0.upperBound...].prefix { $0 != ";" } }
            dashes.insert(found ?? "none")
        }
        #expect(dashes.count == 6)
        let plot = Plot(
            id: "p", title: "t", description: "d", x: Plot.across(0, 1), y: Plot.up(0, 1),
            xLabel: "x", yLabel: "y")
        let shapes = (1...6).map { number in
            plot.lines([
                Series(name: "n", points: [(0, 0), (1, 1)], className: "c\(number) d1")
            ]).written.replacing("c\(number) d1", with: "")
        }
        #expect(Set(shapes).count == 6)
    }
}
