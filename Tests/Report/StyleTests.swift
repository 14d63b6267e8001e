// Colours that can be read: contrast ratios as the accessibility guidelines define them, on light
// and on dark paper.

import Testing

@testable import Report

@Suite struct StyleTests {
    private static let css = embeddedResources.first { $0.file == "style.css" }?.text ?? ""

    /// The variables of the block that a selector opens, in the order of the file.
    private static func variables(after selector: String) -> [String: [Double]] {
        guard let start = css.range(of: selector + " {") else { return [:] }
        let block = css[start.lowerBound...].prefix { $0 != "}" }
        var found: [String: [Double]] = [:]
        for part in block.split(whereSeparator: { $0 == ";" || $0 == "{" || $0 == "\n" }) {
            let pair = part.split(separator: ":").map { $0.filter { $0 != " " } }
            guard pair.count == 2, pair[0].hasPrefix("--"), pair[1].hasPrefix("#"),
                pair[1].count == 7
            else { continue }
            let digits = Array(pair[1].dropFirst())
            found[String(pair[0])] = [0, 2, 4].map {
                Double(Int(String(digits[$0...$0 + 1]), radix: 16) ?? 0) / 255
            }
        }
        return found
    }

    private static func luminance(_ colour: [Double]) -> Double {
        // x^2.4 by Newton's method on the fifth power: no need for more than three digits.
        func linear(_ value: Double) -> Double {
            if value <= 0.04045 { return value / 12.92 }
            let base = (value + 0.055) / 1.055
            var root = base  // base^(1/5)
            for _ in 0..<60 {
                root -= (root * root * root * root * root - base) / (5 * root * root * root * root)
            }
            return base * base * root * root
        }
        return 0.2126 * linear(colour[0]) + 0.7152 * linear(colour[1]) + 0.0722 * linear(colour[2])
    }

    private static func contrast(_ one: [Double], _ other: [Double]) -> Double {
        let (a, b) = (luminance(one), luminance(other))
        return (max(a, b) + 0.05) / (min(a, b) + 0.05)
    }

    @Test(arguments: [":root", ":root[data-theme=\"dark\"]"])
    func textCanBeRead(theme: String) throws {
        let colours = Self.variables(after: theme)
        let paper = try #require(colours["--paper"])
        for (name, least) in [
            ("--ink", 7.0), ("--soft", 4.5), ("--accent", 4.5), ("--s1", 3), ("--s2", 3),
            ("--s3", 3), ("--s4", 3),
        ] {
            let ratio = Self.contrast(try #require(colours[name]), paper)
            #expect(ratio >= least, "\(name) on \(theme): \(ratio)")
        }
        let (heat, onHeat) = (try #require(colours["--heat"]), try #require(colours["--on-heat"]))
        #expect(Self.contrast(heat, onHeat) >= 4.5)
        // Cells change from ink to light text at 60 % of the heat colour.
        let (ink, wash) = (try #require(colours["--ink"]), try #require(colours["--wash"]))
        let middle = zip(heat, wash).map { $0 * 0.6 + $1 * 0.4 }
        #expect(Self.contrast(middle, ink) >= 4.2 || Self.contrast(middle, onHeat) >= 4.2)
        #expect(Self.contrast(wash, ink) >= 7)
    }

    @Test func bothDarkBlocksAgree() {
        let asked = Self.variables(after: ":root:not([data-theme=\"light\"])")
        let chosen = Self.variables(after: ":root[data-theme=\"dark\"]")
        #expect(asked == chosen && !asked.isEmpty)
    }

    @Test func perturbationColoursAreThoseOfThePictures() throws {
        let colours = Self.variables(after: ":root")
        func bytes(_ colour: Colour) -> [Double] {
            [colour.red, colour.green, colour.blue].map { Double($0) / 255 }
        }
        #expect(colours["--brighter"] == bytes(ColourMap.brighter))
        #expect(colours["--darker"] == bytes(ColourMap.darker))
    }
}

extension String {
    /// From where another text begins to the end of this one.
    fileprivate func range(of text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<endIndex }
            start = index(after: start)
        }
        return nil
    }
}
