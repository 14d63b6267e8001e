// Writes a tree as text that is both HTML5 and well-formed XML: every element is closed, every
// attribute is quoted. Lines break around blocks only, where white space means nothing.

extension Markup {
    /// The tree as text.
    public var written: String {
        var text = ""
        write(to: &text)
        return text
    }

    private func write(to text: inout String) {
        switch self {
        case .text(let string): Self.escape(string, to: &text)
        case .verbatim(let string): text += string
        case .group(let pieces): for piece in pieces { piece.write(to: &text) }
        case .element(let name, let attributes, let children):
            text += "<\(name)"
            for attribute in attributes {
                text += " \(attribute.name)=\""
                Self.escape(attribute.value, to: &text)
                text += "\""
            }
            if Self.void.contains(name) || (children.isEmpty && Self.shapes.contains(name)) {
                text += "/>"
            } else {
                text += ">"
                if Self.containers.contains(name) { text += "\n" }
                for child in children { child.write(to: &text) }
                text += "</\(name)>"
            }
            if Self.containers.contains(name) || Self.blocks.contains(name) { text += "\n" }
        }
    }

    /// Replaces the five characters that mean something to HTML, and drops the control characters
    /// that no HTML text may hold.
    private static func escape(_ string: String, to text: inout String) {
        for scalar in string.unicodeScalars {
            switch scalar {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            case "'": text += "&#39;"
            case "\u{0}"..."\u{8}", "\u{B}", "\u{C}", "\u{E}"..."\u{1F}", "\u{7F}"..."\u{9F}":
                text += "\u{FFFD}"
            default: text.unicodeScalars.append(scalar)
            }
        }
    }

    /// Elements that never hold anything.
    private static let void: Set<String> = [
        "meta", "br", "hr", "col", "img", "wbr", "input",
    ]

    /// Parts of a drawing that may close themselves.
    private static let shapes: Set<String> = [
        "path", "rect", "line", "circle", "polyline", "polygon", "use", "image",
    ]

    /// Elements that begin and end with a line break.
    private static let containers: Set<String> = [
        "html", "head", "body", "header", "main", "footer", "nav", "section", "article", "div",
        "figure", "table", "thead", "tbody", "ul", "ol", "dl", "svg", "g", "defs", "details",
    ]

    /// Elements that end with a line break.
    private static let blocks: Set<String> = [
        "meta", "title", "style", "script", "h1", "h2", "h3", "h4", "p", "li", "dt", "dd", "tr",
        "caption", "figcaption", "summary", "pre", "button", "desc", "text", "path", "rect", "line",
        "circle", "polyline", "polygon", "use", "image", "hr",
    ]
}
