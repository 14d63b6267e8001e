// The page of a comparison: two experiments on the same images. It numbers its figures and tables and looks as the
// report does; its sections are in the files beside this one.

extension PairedStudy {
    /// The page. The same study always gives the same bytes.
    public func rendered() -> RenderedReport {
        let page = PairedPage(self)
        let html = page.document.written
        return RenderedReport(
            html: "<!DOCTYPE html>\n" + html, figures: page.page.figures, tables: page.page.tables,
            grids: [])
    }
}

/// The page in the making.
final class PairedPage {
    let study: PairedStudy
    /// What numbers figures and tables and knows the names of the classes.
    let page: Page

    init(_ study: PairedStudy) {
        self.study = study
        var names = Study(experiment: study.b.experiment)
        let pictures = study.b.attacks.first?.originals ?? study.a.attacks.first?.originals
        names.sample = pictures.map {
            SampleFacts(
                images: $0, classes: study.b.classes.isEmpty ? study.a.classes : study.b.classes,
                seed: "")
        }
        page = Page(names)
    }

    /// What a side is called: `A, mnist`.
    var nameA: String { "A, \(study.a.title)" }
    var nameB: String { "B, \(study.b.title)" }

    /// The root element.
    var document: Markup {
        let parts = sections
        return tag("html", ["lang": "en"]) {
            tag("head") {
                tag("meta", ["charset": "utf-8"])
                tag("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])
                tag("meta", ["name": "color-scheme", "content": "light dark"])
                tag("title") { "Mirage: \(study.a.title) and \(study.b.title) compared" }
                PageResources.plainStyles
            }
            tag("body") {
                tag("a", ["class": "skip", "href": "#main"]) { "Skip to the text" }
                banner
                tag("nav", ["class": "contents", "aria-label": "Contents"]) {
                    tag("ol") {
                        for part in parts {
                            tag("li") { tag("a", ["href": "#\(part.id)"]) { part.title } }
                        }
                    }
                }
                tag("main", ["id": "main"]) {
                    for part in parts {
                        tag("section", ["id": part.id, "aria-labelledby": "\(part.id)-h"]) {
                            tag("h2", ["id": "\(part.id)-h"]) { part.title }
                            part.body
                        }
                    }
                }
                tag("footer") {
                    paragraph {
                        "Made by Mirage from the artifacts whose digests stand above. The file holds no "
                        "date and no host: the same inputs give the same bytes on every machine."
                    }
                }
                PageResources.plainScripts
            }
        }
    }

    private var sections: [(id: String, title: String, body: Markup)] {
        [
            ("verdict", "In short", verdict), ("changed", "What is not the same", changed),
            ("clean", "Before any attack", clean), ("joint", "Against all attacks together", joint),
            ("attacks", "Attack by attack", attacks), ("lost", "Lost by one side alone", lost),
            ("method", "How this was counted", method),
        ].compactMap { id, title, body in body.map { (id, title, $0) } }
    }

    private var banner: Markup {
        tag("header", ["class": "banner"]) {
            paragraph("kicker") {
                "Mirage"
                tag("span") { "a comparison on the same images" }
            }
            tag("h1") { "\(study.a.title) and \(study.b.title)" }
            paragraph("lead") { study.headline }
            keyFigures
        }
    }

    private var keyFigures: Markup {
        let clean = study.groups.map(\.joint.pool.clean).max { $0.images < $1.images }
        let largest = study.tellingFigures.max {
            $0.shares.difference.magnitude < $1.shares.difference.magnitude
        }
        return tag("dl", ["class": "key-figures"]) {
            figure(Numerals.whole(study.images), "images that both sides attacked")
            if let clean {
                figure(
                    Numerals.points(clean.difference),
                    "points of clean accuracy, B less A (\(Numerals.percent(share(clean.a, clean)))"
                        + " → \(Numerals.percent(share(clean.b, clean))))")
            }
            if let largest {
                figure(
                    Numerals.points(largest.shares.difference),
                    "points against \(largest.isOfShared ? "the attacks that both ran" : "all attacks together"), "
                        + "the largest difference: "
                        + "\(Wording.norm(largest.norm)), ε \(Numerals.budget(largest.epsilon))")
            }
        }
    }

    private func figure(_ value: String, _ words: String) -> Markup {
        tag("div") {
            tag("dt") { words }
            tag("dd") { value }
        }
    }

    func share(_ count: Int, _ shares: PairedShares) -> Double? {
        Statistics.share(count, of: shares.images)
    }
}

extension Numerals {
    /// A difference of shares in points of a hundred, with its sign: `−4.2`.
    static func points(_ difference: Double) -> String { signed(difference * 100, 1) }

    /// A budget: as people write it, or with three digits where it is a measured distance.
    public static func budget(_ value: Double) -> String {
        let text = epsilon(value)
        return text.count > 8 ? significant(value) : text
    }

    /// A probability: four decimals, and no smaller than that.
    static func probability(_ value: Double) -> String {
        value < 0.00005 ? "<\u{202F}0.0001" : fixed(value, 4)
    }
}
