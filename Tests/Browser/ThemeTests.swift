// Light and dark paper, by the button and by the system.

import Testing

@Browsing @Suite(.browser) struct ThemeTests {
    /// How bright the paper is, from 0 to 255.
    private func brightness(_ tab: Tab) throws -> Double {
        let colour = try tab.evaluate(
            """
            (() => {
                const parts = [document.body, document.documentElement].map((e) => getComputedStyle(e).backgroundColor);
                const canvas = document.createElement("canvas").getContext("2d");
                canvas.fillStyle = parts.find((c) => c !== "rgba(0, 0, 0, 0)");
                canvas.fillRect(0, 0, 1, 1);
                return Math.max(...[...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3));
            })()
            """)
        return try #require(colour.double)
    }

    @Test func theButtonSwitchesAndTheChoiceIsKept() throws {
        let page = try MadeStudy.made.get().page
        try Browser.withTab { tab in
            try tab.show(as: .light)
            try tab.open(page)
            #expect(try brightness(tab) > 200)
            #expect(try tab.text("#theme") == "☾ Dark")
            try tab.click("#theme")
            #expect(try brightness(tab) < 60)
            #expect(try tab.text("#theme") == "☀ Light")
            #expect(try tab.read("#theme", "element.ariaLabel") == "Switch to light paper")
            try tab.open(page)
            #expect(try brightness(tab) < 60)
            try tab.click("#theme")
            #expect(try brightness(tab) > 200)
        }
    }

    @Test func theButtonWorksByKeys() throws {
        let page = try MadeStudy.made.get().page
        try Browser.withTab { tab in
            try tab.show(as: .light)
            try tab.open(page)
            // The first stop leads past everything to the text, the second is the button.
            try tab.press("Tab", times: 2)
            #expect(try tab.read(.focused, "element.id") == "theme")
            try tab.press("Enter")
            #expect(try brightness(tab) < 60)
            try tab.press(" ")
            #expect(try brightness(tab) > 200)
        }
    }

    @Test func theSystemsWishIsHeard() throws {
        let page = try MadeStudy.made.get().page
        try Browser.withTab { tab in
            try tab.show(as: .dark)
            try tab.open(page)
            #expect(try brightness(tab) < 60)
            #expect(try tab.text("#theme") == "☀ Light")
            // It is heard also while the page is open.
            try tab.show(as: .light)
            #expect(try brightness(tab) > 200)
            #expect(try tab.text("#theme") == "☾ Dark")
        }
    }
}
