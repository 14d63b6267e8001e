// What a person does: mouse, finger, pen, keys. The browser gets the events of real devices and makes
// clicks, focus and scrolling of them itself.

import Formats

extension Tab {
    /// A click with the mouse into the middle of an element.
    func click(_ element: Element) throws { try click(at: place(element)) }

    /// A click with the mouse.
    func click(at place: Place) throws {
        try mouse("mouseMoved", place, isDown: false)
        try mouse("mousePressed", place, isDown: true)
        try mouse("mouseReleased", place, isDown: false)
        try settle()
    }

    /// A tap with a finger on the middle of an element.
    func tap(_ element: Element) throws {
        try touch("touchStart", place(element))
        try touch("touchEnd", nil)
        try settle()
    }

    /// What draws or drags.
    enum Pointer { case mouse, pen, finger }

    /// Presses down at the first place, moves through the others, and lets go at the last.
    func drag(_ pointer: Pointer = .mouse, through places: [Place]) throws {
        guard let first = places.first, let last = places.last else { return }
        if pointer == .finger {
            try touch("touchStart", first)
            for place in places.dropFirst() { try touch("touchMove", place) }
            // A finger that is lifted while it moves flings; the next tap would only end that.
            try pause(.milliseconds(100))
            try touch("touchEnd", nil)
        } else {
            try mouse("mouseMoved", first, isDown: false, pointer)
            try mouse("mousePressed", first, isDown: true, pointer)
            for place in places.dropFirst() {
                try mouse("mouseMoved", place, isDown: true, pointer)
            }
            try mouse("mouseReleased", last, isDown: false, pointer)
        }
        try settle()
    }

    private func mouse(
        _ kind: String, _ place: Place, isDown: Bool, _ pointer: Pointer = .mouse
    ) throws {
        let isMove = kind == "mouseMoved"
        try call(
            "Input.dispatchMouseEvent",
            [
                "type": .string(kind), "x": .number(place.x), "y": .number(place.y),
                "button": isMove && !isDown ? "none" : "left", "buttons": isDown ? 1 : 0,
                "clickCount": isMove ? 0 : 1, "pointerType": pointer == .pen ? "pen" : "mouse",
            ])
    }

    private func touch(_ kind: String, _ place: Place?) throws {
        let points = place.map { JSON.array([["x": .number($0.x), "y": .number($0.y)]]) } ?? []
        try call("Input.dispatchTouchEvent", ["type": .string(kind), "touchPoints": points])
    }

    /// Presses a key and lets it go: "Enter", "Tab", "ArrowLeft", or a character.
    func press(_ key: String, shift: Bool = false, times: Int = 1) throws {
        let known = Tab.keys[key]
        let text = known.map(\.text) ?? key
        var event: [String: JSON] = [
            "key": .string(key), "code": .string(known?.code ?? ""),
            "windowsVirtualKeyCode": .integer(known?.number ?? 0), "modifiers": shift ? 8 : 0,
        ]
        for _ in 0..<times {
            event["type"] = text.isEmpty ? "rawKeyDown" : "keyDown"
            event["text"] = text.isEmpty ? nil : .string(text)
            try call("Input.dispatchKeyEvent", .object(event))
            event["type"] = "keyUp"
            event["text"] = nil
            try call("Input.dispatchKeyEvent", .object(event))
        }
        try settle()
    }

    /// Types a text, key by key, into what has the focus.
    func type(_ text: String) throws { for character in text { try press(String(character)) } }

    /// Keys that are no characters, and the space bar: code, number, and the text that they type.
    private static let keys: [String: (code: String, number: Int64, text: String)] = [
        "Tab": ("Tab", 9, ""), "Enter": ("Enter", 13, "\r"), "Escape": ("Escape", 27, ""),
        " ": ("Space", 32, " "), "PageUp": ("PageUp", 33, ""), "PageDown": ("PageDown", 34, ""),
        "End": ("End", 35, ""), "Home": ("Home", 36, ""), "ArrowLeft": ("ArrowLeft", 37, ""),
        "ArrowUp": ("ArrowUp", 38, ""), "ArrowRight": ("ArrowRight", 39, ""),
        "ArrowDown": ("ArrowDown", 40, ""), "Backspace": ("Backspace", 8, ""),
        "Delete": ("Delete", 46, ""),
    ]
}
