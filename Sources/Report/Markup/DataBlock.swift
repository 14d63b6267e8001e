// Data for the page's scripts, in elements that nobody sees.

import Formats

extension Markup {
    /// A value as JSON. Every `<` is written `\u003c`, so that no text in it can end the element.
    static func data(_ id: String, _ json: JSON) -> Markup {
        tag("script", ["type": "application/json", "id": id]) {
            .verbatim(json.canonical.replacing("<", with: "\\u003c"))
        }
    }

    /// Bytes as base64.
    static func data(_ id: String, _ bytes: [UInt8]) -> Markup {
        tag("script", ["type": "text/plain", "id": id]) { .verbatim(Base64.encode(bytes)) }
    }
}
