// What tests do again and again in "Try it" and on the sheet of all images.

import Formats
import Foundation

extension Tab {
    /// Scrolls to the section, which computes when it is near.
    func goToTry() throws {
        _ = try read("#try", "element.scrollIntoView({ behavior: 'instant' })")
    }

    /// Waits until what is shown is the outcome of what is chosen.
    func waitForOutcome() throws {
        try goToTry()
        try wait(
            "the outcome",
            for: """
                (() => {
                    const { live, settings } = Mirage;
                    const view = live?.view();
                    return Boolean(view) && view.name === live.sample()?.name
                        && JSON.stringify(view.config) === JSON.stringify(settings.config(live.data, live.choice));
                })()
                """)
    }

    /// The block of all numbers, line by line: "largest change (L∞)" and what stands after it.
    func outcomeNumbers() throws -> [String: String] {
        let text = try read("#try-numbers", "element.textContent").string ?? ""
        let pairs = text.split(separator: "\n").compactMap { line -> (String, String)? in
            guard line.count > 26 else { return nil }
            let name = line.prefix(26).trimmingCharacters(in: .whitespaces)
            return (name, line.dropFirst(26).trimmingCharacters(in: .whitespaces))
        }
        return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }

    /// Chooses an option by keys, as somebody without a mouse does.
    func choose(_ list: Element, _ value: String) throws {
        let place = try read(
            list, "[...element.options].findIndex((option) => option.value === \(quoted(value)))")
        guard let place = place.int, place >= 0 else {
            throw PageFault("\(list) has no option \(value)")
        }
        _ = try read(list, "element.focus()")
        try press("Home")
        try press("ArrowDown", times: place)
        let now = try read(list, "element.value")
        guard now == .string(value) else { throw PageFault("\(list) is at \(now.canonical)") }
    }

    /// Types another text into a field.
    func retype(_ field: Element, _ text: String) throws {
        try click(field)
        _ = try read(field, "element.select()")
        try type(text)
    }

    /// Draws a digit stroke by stroke, and waits for the answer.
    func draw(_ digit: Int, with pointer: Pointer) throws {
        let mode = Element.css("#try-modes label", 1)
        if pointer == .finger { try tap(mode) } else { try click(mode) }
        for stroke in MadeDigits.strokes[digit] {
            var places: [Place] = []
            for (start, end) in zip(stroke, stroke.dropFirst()) {
                for part in 0..<8 {
                    let share = Double(part) / 8
                    let (x, y) = (
                        start.x + share * (end.x - start.x), start.y + share * (end.y - start.y)
                    )
                    places.append(
                        try place("#try-pad", across: 0.25 + 0.5 * x, down: 0.15 + 0.7 * y))
                }
            }
            try drag(pointer, through: places)
        }
        try waitForOutcome()
    }

    /// What the sheet of all images says of itself.
    nonisolated static let sheetStatus =
        "document.querySelector('#all-images .gallery-status')?.innerText"

    /// Goes to the sheet, which is drawn when it is near, and waits for it.
    func waitForSheet() throws {
        _ = try read("#all-images", "element.scrollIntoView({ behavior: 'instant' })")
        try wait("the sheet", for: "Boolean(\(Tab.sheetStatus)?.includes(' turned by '))")
    }
}
