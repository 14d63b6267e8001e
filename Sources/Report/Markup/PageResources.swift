// Looks and scripts, embedded as they lie in `Resources/`: classic scripts, since a browser loads no
// modules from a file. Each has an id, since a Worker is made of the texts of those up to `worker`.

enum PageResources {
    /// The style sheets of a page that computes nothing.
    static var plainStyles: Markup { styles([PackageResources.style_css]) }
    /// The scripts of a page that computes nothing.
    static var plainScripts: Markup { scripts(reading) }

    /// All style sheets in order.
    static var styles: Markup {
        styles([
            PackageResources.style_css, PackageResources.live_css, PackageResources.slider_css,
            PackageResources.photo_slider_css, PackageResources.leaderboard_css,
            PackageResources.gallery_css,
        ])
    }

    /// The scripts in order; where there is nothing to compute with, only those that need nothing.
    static func scripts(computing isComputing: Bool) -> Markup {
        scripts(
            isComputing ? computing + reading + answering + looking : reading + looking)
    }

    /// Numbers, networks, attacks, and the worker that runs them.
    private static let computing: [(String, [UInt8])] = [
        ("arithmetic", PackageResources.arithmetic_js), ("streams", PackageResources.streams_js),
        ("ball", PackageResources.ball_js), ("projections", PackageResources.projections_js),
        ("safetensors", PackageResources.safetensors_js),
        ("products", PackageResources.products_js), ("functions", PackageResources.functions_js),
        ("pointwise", PackageResources.pointwise_js), ("maps", PackageResources.maps_js),
        ("forms", PackageResources.forms_js), ("windows", PackageResources.windows_js),
        ("kinds", PackageResources.kinds_js), ("layers", PackageResources.layers_js),
        ("threat", PackageResources.threat_js), ("starts", PackageResources.starts_js),
        ("driver", PackageResources.driver_js), ("attacks", PackageResources.attacks_js),
        ("flip", PackageResources.flip_js), ("worker", PackageResources.worker_js),
        ("engine", PackageResources.engine_js),
    ]

    /// What every page has.
    private static let reading: [(String, [UInt8])] = [
        ("elements", PackageResources.elements_js), ("numerals", PackageResources.numerals_js),
        ("pictures", PackageResources.pictures_js), ("state", PackageResources.state_js),
        ("page", PackageResources.page_js),
        ("photo-slider", PackageResources.photo_slider_js),
    ]

    /// What answers the reader by the engine.
    private static let answering: [(String, [UInt8])] = [
        ("stored", PackageResources.stored_js), ("carried", PackageResources.carried_js),
        ("settings", PackageResources.settings_js), ("drawing", PackageResources.drawing_js),
        ("pad", PackageResources.pad_js), ("picker", PackageResources.picker_js),
        ("outcome", PackageResources.outcome_js), ("repeat", PackageResources.repeat_js),
        ("live", PackageResources.live_js), ("repetition", PackageResources.repetition_js),
        ("controls", PackageResources.controls_js), ("links", PackageResources.links_js),
        ("slider", PackageResources.slider_js), ("verify", PackageResources.verify_js),
    ]

    /// What takes tables and images along, with or without the engine.
    private static let looking: [(String, [UInt8])] = [
        ("gallery-data", PackageResources.gallery_data_js),
        ("gallery-filter", PackageResources.gallery_filter_js),
        ("gallery-sheet", PackageResources.gallery_sheet_js),
        ("gallery-view", PackageResources.gallery_view_js),
        ("gallery-engine", PackageResources.gallery_engine_js),
        ("gallery", PackageResources.gallery_js),
        ("gallery-maps", PackageResources.gallery_maps_js),
        ("leaderboard", PackageResources.leaderboard_js),
    ]

    private static func scripts(_ list: [(name: String, resource: [UInt8])]) -> Markup {
        group {
            for (name, resource) in list {
                tag("script", ["id": "mirage-\(name)"]) { Markup.verbatim(text(resource)) }
            }
        }
    }

    private static func styles(_ sheets: [[UInt8]]) -> Markup {
        tag("style") { for sheet in sheets { Markup.verbatim(text(sheet)) } }
    }

    private static func text(_ resource: [UInt8]) -> String {
        String(decoding: resource, as: UTF8.self)
    }
}
