// Pictures that open large: by mouse, by keys, by finger.

import Testing

@Browsing @Suite(.browser) struct LargePictureTests {
    private func isOpen(_ tab: Tab) throws -> Bool {
        try tab.evaluate("document.querySelector('dialog').open") == true
    }

    /// "Picture 1 of 12" as two numbers.
    private func place(_ tab: Tab) throws -> [Int] {
        try tab.text("dialog [role=status]").split(separator: " ").compactMap { Int($0) }
    }

    @Test func byMouse() throws {
        let study = try MadeStudy.made.get()
        try Browser.withTab { tab in
            try tab.open(study.page)
            #expect(try !isOpen(tab))
            try tab.click(".equation")
            #expect(try isOpen(tab))
            let first = try place(tab)
            let count = try #require(first.last)
            #expect(first == [1, count] && count > 10)
            // What is shown is the picture, with the words that tell it to those who do not see it.
            let words = try tab.read(".equation", "element.ariaLabel").string
            let shown = try tab.read("dialog > p", "element.textContent").string
            #expect(shown == words)
            #expect(
                try tab.read("dialog .equation", "element.getBoundingClientRect().width > 300")
                    == true)
            try tab.click(.button("Next →", in: "dialog"))
            #expect(try place(tab) == [2, count])
            try tab.click(.button("← Previous", in: "dialog"))
            try tab.click(.button("← Previous", in: "dialog"))
            #expect(try place(tab) == [count, count])
            // A click beside the box closes it.
            try tab.click(at: Place(x: 3, y: 400))
            #expect(try !isOpen(tab))
        }
    }

    @Test func byKeys() throws {
        let study = try MadeStudy.made.get()
        try Browser.withTab { tab in
            try tab.open(study.page)
            try tab.press("Tab", times: 3)
            #expect(
                try tab.read(.focused, "element.className").string?.contains("equation") == true)
            for key in ["Enter", " "] {
                try tab.press(key)
                #expect(try isOpen(tab))
                #expect(try tab.text(.focused) == "Close")
                try tab.press("ArrowRight", times: 2)
                #expect(try place(tab).first == 3)
                try tab.press("ArrowLeft", times: 2)
                #expect(try place(tab).first == 1)
                try tab.press("Escape")
                #expect(try !isOpen(tab))
                // Back where it was.
                #expect(
                    try tab.read(.focused, "element.className").string?.contains("equation") == true
                )
            }
        }
    }

    @Test func byFinger() throws {
        let study = try MadeStudy.made.get()
        try Browser.withTab { tab in
            try tab.resize(width: 390)
            try tab.open(study.page)
            try tab.tap(".equation")
            #expect(try isOpen(tab))
            try tab.tap(.button("Next →", in: "dialog"))
            #expect(try place(tab).first == 2)
            let fits = try tab.read(
                "dialog",
                "((box) => box.left >= 0 && box.right <= innerWidth)(element.getBoundingClientRect())"
            )
            #expect(fits == true)
            try tab.tap(.button("Close", in: "dialog"))
            #expect(try !isOpen(tab))
        }
    }
}
