// All images on one sheet: filters, order, the box with one image, links, heat maps; and what the
// leaderboards give to take along.

import Formats
import Foundation
import Testing

@Browsing @Suite(.browser) struct GalleryTests {
    /// Opens the page and goes to the sheet.
    private func open(_ tab: Tab, _ study: MadeStudy) throws {
        try tab.open(study.page)
        try tab.waitForSheet()
    }

    /// A list of choices by what stands before it.
    private func list(_ name: String) -> Element { .field(name, in: "#all-images") }

    private func optionValue(_ tab: Tab, _ name: String, _ words: String) throws -> String {
        let value = try tab.read(
            list(name),
            "[...element.options].find((option) => option.text === \(quoted(words)))?.value ?? null"
        )
        return try #require(value.string, "\(name) has no \(words)")
    }

    private func choose(_ tab: Tab, _ name: String, _ words: String) throws {
        try tab.choose(list(name), optionValue(tab, name, words))
    }

    /// "147 of 300 images, 147 of them turned by FGSM at ε 0.1." as [147, 300, 147].
    private func counts(_ tab: Tab) throws -> [Int] {
        let words = try #require(tab.evaluate(Tab.sheetStatus).string).split(separator: " ")
        return words.prefix(6).compactMap { Int($0.replacing(",", with: "")) }
    }

    @Test func countsAndDistancesAreTheStores() throws {
        let study = try MadeStudy.made.get()
        let file = try study.tensors("attack/fgsm")
        let (success, sizes) = try (file.uint8s("success"), file.floats("linf"))
        let images = try file.int64s("index").count
        try Browser.withTab { tab in
            try open(tab, study)
            try choose(tab, "Attack", "FGSM")
            for (level, strength) in ["ε 0.05", "ε 0.1"].enumerated() {
                try choose(tab, "Strength", strength)
                let turned = success[level * images..<(level + 1) * images].filter { $0 == 1 }.count
                #expect(try counts(tab) == [images, images, turned])
                try choose(tab, "Show", "those turned")
                #expect(try counts(tab) == [turned, images, turned])
                try choose(tab, "Show", "those that held")
                #expect(try counts(tab).last == 0)
                try choose(tab, "Show", "all images")
            }
            try choose(tab, "Show", "those turned")
            try choose(tab, "Order", "nearest first")
            let rows = images..<2 * images
            let least = rows.filter { success[$0] == 1 }.map { sizes[$0] }.min()
            let label = try #require(
                tab.read("#all-images [data-place='0']", "element.ariaLabel").string)
            let shown = try #require(label.split(separator: " ").last.flatMap { Float($0) })
            #expect(abs(shown - (try #require(least))) < 0.001)
        }
    }

    @Test func anImageIsOpenedTurnedAndLinkedTo() throws {
        let study = try MadeStudy.made.get()
        var (hash, words) = ("", "")
        let facts = "document.querySelector('dialog[open] dl').innerText"
        try Browser.withTab { tab in
            try open(tab, study)
            try tab.click("#all-images [data-place='3']")
            #expect(try tab.text("dialog[open] [role=status]").hasPrefix("Image 4 of "))
            try tab.press("ArrowRight")
            #expect(try tab.text("dialog[open] [role=status]").hasPrefix("Image 5 of "))
            words = try #require(tab.evaluate(facts).string)
            hash = try #require(tab.evaluate("location.hash.slice(1)").string)
            #expect(hash.hasPrefix("image="))
            try tab.press("Escape")
            #expect(try tab.evaluate("document.querySelector('dialog[open]')") == .null)
            #expect(try tab.read(.focused, "element.dataset.place") == "4")
            // On by keys.
            try tab.press("ArrowRight")
            try tab.press("Enter")
            #expect(try tab.text("dialog[open] [role=status]").hasPrefix("Image 6 of "))
        }
        try Browser.withTab { tab in
            try tab.open(study.page, hash: hash)
            try tab.wait(
                "the image of the link", for: "document.querySelector('dialog[open] dl') !== null")
            #expect(try tab.evaluate(facts).string == words)
        }
    }

    @Test func aFingerOpensAnImage() throws {
        let study = try MadeStudy.made.get()
        try Browser.withTab { tab in
            try tab.resize(width: 390)
            try open(tab, study)
            try tab.tap("#all-images [data-place='2']")
            #expect(try tab.text("dialog[open] [role=status]").hasPrefix("Image 3 of "))
            try tab.tap(.button("Close", in: "dialog[open]"))
            #expect(try tab.evaluate("document.querySelector('dialog[open]')") == .null)
        }
    }

    @Test func aCellOfAHeatMapLeadsToItsImages() throws {
        let study = try MadeStudy.made.get()
        try Browser.withTab { tab in
            try tab.open(study.page)
            try tab.click("details.attack > summary")
            let table = "details.attack[open] table.heat[data-attack]"
            _ = try tab.read(.css(table), "element.scrollIntoView({ behavior: 'instant' })")
            try tab.wait("links", for: "document.querySelector('\(table) td a') !== null")
            let count = try #require(Int(tab.text(.css("\(table) td a"))))
            try tab.click(.css("\(table) td a"))
            try tab.waitForSheet()
            #expect(try counts(tab).first == count)
        }
    }

    @Test func aFigureIsCopiedWithItsDigest() throws {
        let study = try MadeStudy.made.get()
        let outputs = try study.record("attack-fgsm")["outputs"]?.array ?? []
        let output = try #require(
            outputs.first { $0["name"]?.string == "attack/fgsm.safetensors" })
        try Browser.withTab { tab in
            try tab.allowClipboard()
            try tab.open(study.page)
            let cell = Element.css(
                "table.leaderboard tr[data-artifact='attack/fgsm.safetensors'] td[id$='-left']")
            let words = try tab.text(cell)
            try tab.click(cell)
            let button = Element.css("table.leaderboard td button.take")
            try tab.click(button)
            try tab.wait("the copy", for: "\(button.script).innerText === 'Copied'")
            let copied = try #require(tab.evaluate("navigator.clipboard.readText()").string)
            #expect(copied.hasPrefix(words))
            #expect(copied.contains(try #require(output["sha256"]?.string)))
            let id = try #require(tab.read(cell, "element.id").string)
            #expect(copied.hasSuffix("#\(id)"))
        }
    }

    @Test func aTableIsTakenAlongAsCSV() throws {
        let study = try MadeStudy.made.get()
        let downloads = study.root.appending(path: "tables")
        try? FileManager.default.removeItem(at: downloads)
        try Browser.withTab { tab in
            try tab.keepDownloads(in: downloads)
            try tab.open(study.page)
            let button = Element.css(".tabled:has(table.leaderboard) .caption button.take")
            try tab.click(button)
            let table = "document.querySelector('table.leaderboard')"
            let rows = try #require(tab.evaluate("\(table).rows.length").int)
            let file = try #require(tab.downloaded(1, in: downloads).first)
            let text = try String(contentsOf: downloads.appending(path: file), encoding: .utf8)
            let lines = text.components(separatedBy: "\r\n").filter { !$0.isEmpty }
            #expect(lines.count == rows)
            #expect(lines.first?.hasPrefix("Attack,Rank,Accuracy left (%)") == true)
        }
    }
}
