// "Verify in this browser", also on a damaged page and in browsers that lack something.

import Foundation
import Testing

@Browsing @Suite(.browser) struct VerifyTests {
    /// Presses the button and waits for the end; what was said, and what of it is bad.
    private func verify(_ tab: Tab) throws -> (said: [String], bad: [String]) {
        try tab.click("#verify-go")
        try tab.wait(
            "the verification",
            for:
                "!document.getElementById('verify-go').disabled && document.querySelectorAll('#verify-said li').length > 0"
        )
        return try (
            tab.texts(
                "[...document.querySelectorAll('#verify-said li')].map((item) => item.innerText)"),
            tab.texts(
                "[...document.querySelectorAll('#verify-said li.bad')].map((item) => item.innerText)"
            )
        )
    }

    @Test func everythingIsEqual() throws {
        let study = try MadeStudy.made.get()
        try Browser.withTab { tab in
            try tab.open(study.page)
            let (said, bad) = try verify(tab)
            #expect(bad == [])
            for name in ["mlp", "our-lenet"] {
                #expect(said.contains { $0.hasPrefix("Weights of \(name): SHA-256") })
            }
            let counts = said.filter { $0.hasSuffix(" equal.") }.map { line in
                line.split(separator: " ").compactMap { Int($0.replacing(",", with: "")) }.suffix(2)
            }
            #expect(counts.count >= 6 && counts.allSatisfy { $0.first == $0.last && $0.last! > 0 })
            #expect(said.last?.hasPrefix("Altogether ") == true)
        }
    }

    /// One letter of the weights is another: this is said, and nothing is computed with them.
    @Test func damagedWeightsAreFoundOut() throws {
        let study = try MadeStudy.made.get()
        let page = try study.changed("damaged") { html in
            let start = try #require(html.firstRange(of: "id=\"mirage-weights-mlp\">")).upperBound
            let place = html.index(start, offsetBy: 100_000)
            html.replaceSubrange(place...place, with: html[place] == "A" ? "B" : "A")
        }
        defer { try? FileManager.default.removeItem(at: page) }
        try Browser.withTab { tab in
            try tab.open(page)
            let (_, bad) = try verify(tab)
            #expect(bad.contains { $0.hasPrefix("The weights of mlp") && $0.contains("damaged") })
            #expect(bad.last?.contains(" were not computed (") == true)
            try tab.goToTry()
            try tab.wait(
                "a sentence",
                for: "document.getElementById('try-verdict').textContent.includes('damaged')")
        }
    }

    @Test func withoutSubtleCryptoTheRestIsVerified() throws {
        let study = try MadeStudy.made.get()
        try Browser.withTab { tab in
            try tab.prepare("Object.defineProperty(crypto, 'subtle', { value: undefined })")
            try tab.open(study.page)
            let (said, bad) = try verify(tab)
            #expect(bad == [])
            #expect(said.contains { $0.contains("offers no SHA-256") })
            #expect(said.contains { $0.hasSuffix(" equal.") })
        }
    }

    @Test func withoutWorkersThePageComputesItself() throws {
        let study = try MadeStudy.made.get()
        try Browser.withTab { tab in
            try tab.prepare("delete globalThis.Worker")
            try tab.open(study.page)
            try tab.waitForOutcome()
            #expect(try tab.evaluate("Mirage.engine.kind") == "page")
            #expect(try tab.text("#try-note").contains("starts no worker"))
            let (said, bad) = try verify(tab)
            #expect(bad == [] && said.contains { $0.hasSuffix(" equal.") })
        }
    }

    @Test func withoutItsDataThePageSaysSo() throws {
        let study = try MadeStudy.made.get()
        let page = try study.changed("bare") { html in
            html = html.replacing("id=\"mirage-data\">{", with: "id=\"mirage-data\">{,")
        }
        defer { try? FileManager.default.removeItem(at: page) }
        try Browser.withTab { tab in
            try tab.open(page)
            #expect(try tab.text("#try-still").contains("missing from this page, or damaged"))
            #expect(try tab.text("#verify-said").contains("missing from this page, or damaged"))
            #expect(try tab.evaluate("document.getElementById('verify-go').disabled") == true)
            #expect(try tab.read("#try-desk", "element.checkVisibility()") == false)
        }
    }
}
