// The page as a text: without scripts, on paper, by ear and by keys, on narrow windows.

import Testing

@Browsing @Suite(.browser) struct ReadingTests {
    @Test func withoutScriptsEverythingIsThere() throws {
        let study = try MadeStudy.made.get()
        try Browser.withTab { tab in
            try tab.open(study.page)
            let words = "document.querySelector('main').innerText.length"
            let all = try #require(tab.evaluate(words).int)
            #expect(all > 5000)
        }
        try Browser.withTab { tab in
            try tab.forbidScripts()
            try tab.open(study.page)
            #expect(try tab.evaluate("document.querySelector('#theme')") == .null)
            #expect(try tab.text("h1").isEmpty == false)
            // Nothing looks as if it did something that it does not do.
            #expect(
                try tab.evaluate("document.querySelectorAll('.zoomable, dialog, th button').length")
                    == 0)
            // What unfolds does so by itself.
            let isOpen = "document.querySelector('details.attack').open"
            #expect(try tab.evaluate(isOpen) == false)
            try tab.click("details.attack > summary")
            #expect(try tab.evaluate(isOpen) == true)
            #expect(try tab.text("details.attack table").contains("Success"))
        }
    }

    @Test func onPaperAllIsOpenAndAfterwardsAsBefore() throws {
        let study = try MadeStudy.made.get()
        try Browser.withTab { tab in
            try tab.open(study.page)
            try tab.click("details.attack > summary")
            try tab.evaluate(
                """
                window.folded = () => document.querySelectorAll("details:not([open])").length;
                window.counts = [folded()];
                for (const name of ["beforeprint", "afterprint"]) addEventListener(name, () => counts.push(folded()));
                """)
            let file = try tab.printed()
            #expect(file.starts(with: "%PDF".utf8) && file.count > 10_000)
            let counts = try tab.numbers("counts")
            #expect(counts.count == 3 && counts[0] > 5 && counts[1] == 0 && counts[2] == counts[0])
        }
    }

    @Test func headingsAreStepsWithoutAGap() throws {
        let study = try MadeStudy.made.get()
        try Browser.withTab { tab in
            try tab.open(study.page)
            let levels = try tab.numbers(
                "[...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map((heading) => +heading.tagName[1])"
            )
            #expect(levels.first == 1 && levels.filter { $0 == 1 }.count == 1)
            for (before, after) in zip(levels, levels.dropFirst()) { #expect(after <= before + 1) }
        }
    }

    /// What Tab reaches comes in the order of the text, can be seen, and has a name.
    @Test func theTabKeyWalksThroughThePageInOrder() throws {
        let study = try MadeStudy.made.get()
        try Browser.withTab { tab in
            // What has the focus is scrolled to, and here at once.
            try tab.show(as: .lessMotion)
            try tab.open(study.page)
            try tab.evaluate("window.walked = [document.body]")
            for stop in 1...60 {
                try tab.press("Tab")
                let found = try tab.evaluate(
                    """
                    (() => {
                        const [element, before] = [document.activeElement, walked.at(-1)];
                        walked.push(element);
                        const box = element.getBoundingClientRect();
                        return {
                            isLater: before === document.body
                                || Boolean(before.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING),
                            isSeen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight,
                            isNamed: Boolean((element.ariaLabel ?? "") + element.innerText
                                + (element.getAttribute("aria-labelledby") ?? "")
                                + [...element.labels ?? []].map((label) => label.innerText).join("")),
                            text: element.outerHTML.slice(0, 120),
                        };
                    })()
                    """)
                for fact in ["isLater", "isSeen", "isNamed"] {
                    #expect(
                        found[fact] == true,
                        "stop \(stop), \(fact): \(found["text"]?.string ?? "?")")
                }
            }
        }
    }

    @Test func theFirstStopLeadsToTheText() throws {
        let study = try MadeStudy.made.get()
        try Browser.withTab { tab in
            try tab.show(as: .lessMotion)
            try tab.open(study.page)
            try tab.press("Tab")
            #expect(try tab.text(.focused) == "Skip to the text")
            try tab.press("Enter")
            #expect(try tab.evaluate("location.hash") == "#main")
            #expect(
                try tab.read("#main", "Math.abs(element.getBoundingClientRect().top) < 120") == true
            )
        }
    }

    @Test(arguments: Tab.widths) func nothingIsWiderThanTheWindow(width: Int) throws {
        let study = try MadeStudy.made.get()
        try Browser.withTab { tab in
            try tab.resize(width: width)
            try tab.open(study.page)
            let width =
                "document.scrollingElement.scrollWidth - document.documentElement.clientWidth"
            #expect(try tab.evaluate(width) == 0)
            try tab.evaluate(
                "for (const details of document.querySelectorAll('details')) details.open = true")
            #expect(try tab.evaluate(width) == 0)
        }
    }
}
