// How the page is looked at: size, paper, print, without scripts; and pictures of it.

import Formats
import Foundation

extension Tab {
    /// The widths that the page is made for: a phone, a tablet, a desk.
    nonisolated static let widths = [390, 768, 1280]

    /// Gives the window a size in CSS pixels; below 500 it is a phone's, with a touch screen.
    func resize(width: Int, height: Int = 800) throws {
        let isPhone = width < 500
        try call(
            "Emulation.setDeviceMetricsOverride",
            [
                "width": .integer(Int64(width)), "height": .integer(Int64(height)),
                "deviceScaleFactor": 1, "mobile": .bool(isPhone),
            ])
        try call("Emulation.setTouchEmulationEnabled", ["enabled": .bool(isPhone)])
    }

    /// What a person may have asked their system for.
    enum Wish: CaseIterable, Sendable {
        case dark, light, print, forcedColours, lessMotion
    }

    /// Shows the page as people with these wishes get it.
    func show(as wishes: Wish...) throws {
        func value(_ wish: Wish, _ yes: String, _ no: String) -> JSON {
            .string(wishes.contains(wish) ? yes : no)
        }
        let features: [(String, JSON)] = [
            ("prefers-color-scheme", value(.dark, "dark", "light")),
            ("forced-colors", value(.forcedColours, "active", "none")),
            ("prefers-reduced-motion", value(.lessMotion, "reduce", "no-preference")),
        ]
        try call(
            "Emulation.setEmulatedMedia",
            [
                "media": value(.print, "print", ""),
                "features": .array(features.map { ["name": .string($0.0), "value": $0.1] }),
            ])
    }

    /// Pages that are opened from now on run no script.
    func forbidScripts() throws {
        try call("Emulation.setScriptExecutionDisabled", ["value": true])
    }

    /// A PNG file of what the window shows, or of the whole page.
    func screenshot(whole: Bool = false) throws -> [UInt8] {
        let answer = try call(
            "Page.captureScreenshot", ["format": "png", "captureBeyondViewport": .bool(whole)])
        return try Tab.bytes(answer["data"])
    }

    /// The page on paper, as a PDF file.
    func printed() throws -> [UInt8] {
        try Tab.bytes(call("Page.printToPDF", ["printBackground": true])["data"])
    }

    /// Leaves a picture of the window for people to look at, in the folder that MIRAGE_SCREENSHOTS names.
    func keep(_ name: String, whole: Bool = false) throws {
        guard let folder = ProcessInfo.processInfo.environment["MIRAGE_SCREENSHOTS"],
            !folder.isEmpty
        else { return }
        let place = URL(fileURLWithPath: folder)
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        try Data(screenshot(whole: whole)).write(to: place.appending(path: "\(name).png"))
    }

    private static func bytes(_ base64: JSON?) throws -> [UInt8] {
        guard let text = base64?.string, let data = Data(base64Encoded: text) else {
            throw BrowserFault("the browser's answer has no data in base64")
        }
        return [UInt8](data)
    }
}
