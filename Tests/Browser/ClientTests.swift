// The tests' own tool: it notices what it is there to notice.

import Foundation
import Testing

@Browsing @Suite(.browser) struct ClientTests {
    /// What a page of this body does that it must not.
    private func complaints(_ body: String, _ use: (Tab) throws -> Void = { _ in }) throws
        -> [String]
    {
        let file = FileManager.default.temporaryDirectory.appending(
            path: "mirage-page-\(UUID().uuidString).html")
        try Data("<!DOCTYPE html><title>x</title><body>\(body)</body>".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        return try Browser.complaints { tab in
            try tab.open(file)
            try use(tab)
        }
    }

    @Test func aQuietPageIsNotComplainedAbout() throws {
        #expect(
            try complaints("<script>new Worker(URL.createObjectURL(new Blob(['1'])))</script>")
                == [])
    }

    @Test(arguments: [
        ("console.log('here', 1)", #"console.log: "here" 1"#),
        ("console.warn('odd')", #"console.warning: "odd""#),
        ("null.x", "exception: TypeError: Cannot read properties of null (reading 'x')"),
        ("Promise.reject(new Error('late'))", "exception: Error: late"),
        ("alert('hello')", "dialog: hello"),
        ("fetch('http://127.0.0.1:9/').catch(() => 0)", "request: http://127.0.0.1:9/"),
        ("new Image().src = 'other.png'", "request: file://"),
        (
            "new Worker(URL.createObjectURL(new Blob([`fetch('http://127.0.0.1:9/w').catch(() => 0)`])))",
            "request: http://127.0.0.1:9/w"
        ),
        (
            "new Worker(URL.createObjectURL(new Blob([`console.log('inside')`])))",
            #"console.log: "inside""#
        ),
    ])
    func aPageThatMisbehavesIsFoundOut(script: String, complaint: String) throws {
        let found = try complaints("<script>\(script)</script>") { tab in
            // What a worker does is told when it does it.
            try tab.evaluate("new Promise((done) => setTimeout(done, 300))")
        }
        #expect(found.contains { $0.hasPrefix(complaint) }, "\(found)")
    }

    @Test func aScriptThatFailsSaysWhy() throws {
        let found = try complaints("<p>one</p>") { tab in
            #expect(throws: PageFault.self) { try tab.evaluate("null.x") }
            #expect(throws: PageFault.self) { try tab.click("#none") }
            let value = try tab.evaluate("Promise.resolve([1, 'two', null])")
            #expect(value == [1, "two", nil])
        }
        #expect(found == [])
    }

    /// A press into what something else covers would be no test of what a person can do.
    @Test func whatIsCoveredCannotBeClicked() throws {
        let cover = "<div style='position: fixed; inset: 0'></div>"
        _ = try complaints("<button>one</button>\(cover)") { tab in
            #expect(throws: PageFault.self) { try tab.click(.button("one")) }
        }
    }

    @Test func devicesAreToldApart() throws {
        let page = """
            <div id=x style='width: 200px; height: 200px; touch-action: none'></div><input id=t>
            <script>
            const seen = new Set();
            for (const name of ["pointerdown", "pointermove", "pointerup", "click"])
                x.addEventListener(name, (event) => seen.add(`${event.pointerType} ${name}`));
            </script>
            """
        let found = try complaints(page) { tab in
            let places = try [0.2, 0.5, 0.8].map { try tab.place("#x", across: $0) }
            for pointer in [Tab.Pointer.mouse, .pen] {
                try tab.drag(pointer, through: places)
                let name = pointer == .pen ? "pen" : "mouse"
                for event in ["pointerdown", "pointermove", "pointerup"] {
                    #expect(try tab.evaluate("seen.has('\(name) \(event)')") == true)
                }
            }
            try tab.resize(width: 390)
            try tab.drag(.finger, through: places)
            try tab.tap("#x")
            for event in ["pointerdown", "pointermove", "pointerup", "click"] {
                try tab.wait("touch \(event)", for: "seen.has('touch \(event)')")
            }
            try tab.click("#t")
            try tab.type("a 3")
            try tab.press("Backspace")
            #expect(try tab.evaluate("t.value") == "a ")
        }
        #expect(found == [])
    }

    /// The watchdog: a page that never answers ends the browser, and the next test has a new one.
    @Test func aHungPageFailsAndTheNextOneIsWell() throws {
        #expect(throws: BrowserFault.self) {
            try complaints("<p>one</p>") { tab in
                tab.patience = .seconds(1)
                try tab.evaluate("(() => { while (true) {} })()")
            }
        }
        #expect(try complaints("<p>two</p>") == [])
    }
}
