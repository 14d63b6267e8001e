// Looks and scripts, embedded as they lie in `Resources/`: classic scripts, since a browser loads no
// modules from a file. Each has an id, so that a Worker can be made of the texts of some.

extension Page {
    /// The style sheets in order.
    var styles: Markup {
        tag("style") { Markup.verbatim(Self.text(PackageResources.style_css)) }
    }

    /// The scripts in order: each hangs its part below `Mirage` and uses those before it.
    var scripts: Markup {
        group {
            script("page", PackageResources.page_js)
        }
    }

    private func script(_ name: String, _ resource: [UInt8]) -> Markup {
        tag("script", ["id": "mirage-\(name)"]) { Markup.verbatim(Self.text(resource)) }
    }

    private static func text(_ resource: [UInt8]) -> String {
        String(decoding: resource, as: UTF8.self)
    }
}
