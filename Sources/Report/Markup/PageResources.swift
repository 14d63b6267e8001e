// Looks and scripts, embedded as they lie in `Resources/`: classic scripts, since a browser loads no
// modules from a file. Each has an id, since a Worker is made of the texts of those up to `worker`.

enum PageResources {
    /// The style sheets of a page that computes nothing.
    static var plainStyles: Markup { styles(["style"]) }
    /// The scripts of a page that computes nothing.
    static var plainScripts: Markup { scripts(reading) }

    /// All style sheets in order.
    static var styles: Markup { styles(sheets) }

    /// The scripts in order; where there is nothing to compute with, only those that need nothing.
    static func scripts(computing isComputing: Bool) -> Markup {
        scripts(isComputing ? computing + reading + answering + looking : reading + looking)
    }

    static let sheets = ["style", "live", "slider", "leaderboard", "gallery"]

    /// Numbers, networks, attacks, and the worker that runs them.
    static let computing = [
        "arithmetic", "streams", "ball", "projections", "safetensors", "products", "functions",
        "pointwise", "maps", "forms", "windows", "kinds", "layers", "threat", "starts", "driver",
        "attacks", "flip", "worker", "engine",
    ]

    /// What every page has.
    static let reading = ["elements", "numerals", "pictures", "state", "page"]

    /// What answers the reader by the engine.
    static let answering = [
        "stored", "carried", "settings", "drawing", "pad", "picker", "outcome", "repeat", "live",
        "repetition", "controls", "links", "slider", "verify",
    ]

    /// What moves recorded pictures, and takes tables and images along, with or without the engine.
    static let looking = [
        "photo-slider", "gallery-data", "gallery-filter", "gallery-sheet", "gallery-view",
        "gallery-engine",
        "gallery", "gallery-maps", "leaderboard",
    ]

    private static func scripts(_ names: [String]) -> Markup {
        group {
            for name in names {
                tag("script", ["id": "mirage-\(name)"]) { Markup.verbatim(text("\(name).js")) }
            }
        }
    }

    private static func styles(_ names: [String]) -> Markup {
        tag("style") { for name in names { Markup.verbatim(text("\(name).css")) } }
    }

    /// The text of a resource; a test sees to it that each that is listed is there.
    private static func text(_ file: String) -> String {
        embeddedResources.first { $0.file == file }?.text ?? ""
    }
}
