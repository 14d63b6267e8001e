// Where "Try it" has nothing to compute: with networks that the page cannot run, and without a picture.

import Foundation
import Testing

@Browsing @Suite(.browser) struct UnableTests {
    /// The reason is said, the way to the stored examples is there, and nothing is verified as if it could be.
    @Test func unknownLayersLeadToTheStoredExamples() throws {
        let study = try MadeStudy.made.get()
        let page = try study.changed("unknown") { html in
            html = html.replacing("\"layers\":[", with: "\"layers\":[{\"attention\":8},")
        }
        defer { try? FileManager.default.removeItem(at: page) }
        try Browser.withTab { tab in
            try tab.open(page)
            let sentence = try tab.text("#try-still")
            #expect(sentence.contains("the page does not know layer 1, attention."))
            #expect(try tab.read("#try-still a", "element.checkVisibility()") == true)
            for hidden in ["#try-desk", "#eps"] {
                #expect(try tab.read(.css(hidden), "element.checkVisibility()") == false)
            }
            try tab.click("#verify-go")
            try tab.wait(
                "the last line",
                for: "document.getElementById('verify-said').innerText.includes('Altogether 0 of ')"
            )
        }
    }

    /// Without a picture no ε is left at which an earlier one flips.
    @Test func anEmptyDrawingHasNoFlipPoint() throws {
        let study = try MadeStudy.made.get()
        try Browser.withTab { tab in
            try tab.open(study.page)
            try tab.waitForOutcome()
            try tab.wait("a flip point", for: "!document.getElementById('try-flip-go').hidden")
            try tab.click(.css("#try-modes label", 1))
            try tab.wait(
                "the invitation",
                for: "document.getElementById('try-verdict').textContent.startsWith('Draw ')")
            #expect(try tab.text("#try-flip") == "")
            for hidden in ["#try-flip-go", "#try-mark"] {
                #expect(try tab.read(.css(hidden), "element.hidden") == true)
            }
        }
    }
}
