// How tests name what they act on in the page, and where it is to be found on the screen.

import Formats

/// An element of the page.
struct Element: ExpressibleByStringLiteral, CustomStringConvertible, Sendable {
    /// For messages.
    let description: String
    /// An expression that gives the element, or null.
    let script: String

    private init(_ description: String, _ script: String) {
        self.description = description
        self.script = script
    }

    /// The first of a CSS selector.
    init(stringLiteral selector: String) { self = .css(selector) }

    /// One of those that a CSS selector finds, counted from 0.
    static func css(_ selector: String, _ number: Int = 0) -> Element {
        Element(
            number == 0 ? selector : "\(selector) [\(number)]",
            "(document.querySelectorAll(\(quoted(selector)))[\(number)] ?? null)")
    }

    /// The visible button of a name, as people or their screen readers read it.
    static func button(_ name: String, in selector: String = "body") -> Element {
        Element(
            "the button “\(name)” in \(selector)",
            """
            ([...document.querySelector(\(quoted(selector)))?.querySelectorAll("button") ?? []].find((button) =>
                (button.getAttribute("aria-label") ?? button.textContent).trim() === \(quoted(name))
                && button.checkVisibility()) ?? null)
            """)
    }

    /// The list of choices in a label that begins with these words.
    static func field(_ name: String, in selector: String = "body") -> Element {
        Element(
            "the field “\(name)” in \(selector)",
            """
            ([...document.querySelector(\(quoted(selector)))?.querySelectorAll("label") ?? []]
                .find((label) => label.firstChild?.textContent.trim() === \(quoted(name)))?.querySelector("select") ?? null)
            """)
    }

    /// The element that has the focus.
    static let focused = Element("the element with the focus", "document.activeElement")
}

/// A text as a literal of JavaScript.
func quoted(_ text: String) -> String { JSON.string(text).canonical }

/// A point of the window, in CSS pixels from its upper left corner.
struct Place: Sendable {
    var x: Double
    var y: Double
}

extension Tab {
    /// What an expression says about an element that it calls `element`.
    func read(_ element: Element, _ script: String) throws -> JSON {
        let isThere = try evaluate("\(element.script) !== null")
        guard isThere == true else { throw PageFault("there is no \(element) in the page") }
        return try evaluate("((element) => (\(script)))(\(element.script))")
    }

    /// The text of an element as it is laid out.
    func text(_ element: Element) throws -> String {
        try read(element, "element.innerText.trim()").string ?? ""
    }

    /// A place of an element, by default its middle, after it was scrolled to, in the page and in a box
    /// that is wider within: `across` from 0, its left edge, to 1, and `down` likewise. A person could
    /// point there: nothing lies above it, and it is no smaller than a pixel.
    func place(_ element: Element, across: Double = 0.5, down: Double = 0.5) throws -> Place {
        let found = try read(
            element,
            """
            (() => {
                element.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
                let box = element.getBoundingClientRect();
                for (let outer = element.parentElement; outer; outer = outer.parentElement) {
                    if (outer.scrollWidth <= outer.clientWidth || getComputedStyle(outer).overflowX === "visible") continue;
                    const { left, width } = outer.getBoundingClientRect();
                    const x = box.left + box.width * \(across);
                    if (x < left || x > left + width) outer.scrollBy({ left: x - left - width / 2, behavior: "instant" });
                    box = element.getBoundingClientRect();
                }
                const [x, y] = [box.left + box.width * \(across), box.top + box.height * \(down)];
                const top = document.elementFromPoint(x, y);
                return { x, y, isVisible: box.width >= 1 && box.height >= 1,
                    isOnTop: top !== null && (element.contains(top) || top.contains(element) && top.tagName === "LABEL"),
                    top: top === null ? "nothing" : top.outerHTML.slice(0, 120) };
            })()
            """)
        guard let x = found["x"]?.double, let y = found["y"]?.double,
            found["isVisible"] == true
        else { throw PageFault("\(element) is not to be seen") }
        guard found["isOnTop"] == true else {
            throw PageFault(
                "\(element) cannot be pointed at: \(found["top"]?.string ?? "?") is there")
        }
        return Place(x: x, y: y)
    }
}
