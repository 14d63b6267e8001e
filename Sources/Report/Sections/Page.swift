// The page as a whole, and what its sections share: numbered figures and tables, sheets of
// pictures, and the pictures that are also stored as files of their own.

/// A report, ready to be stored.
public struct RenderedReport: Sendable {
    /// The page: one file that needs nothing else.
    public let html: String
    /// How many numbered figures it has.
    public let figures: Int
    /// How many numbered tables it has.
    public let tables: Int
    /// The picture grids, to be stored beside it, each with a name for its file.
    public let grids: [(name: String, bitmap: Bitmap)]
}

extension Study {
    /// The report on this study. The same study always gives the same bytes.
    public func rendered() -> RenderedReport {
        let page = Page(self)
        let html = page.document.written
        return RenderedReport(
            html: "<!DOCTYPE html>\n" + html, figures: page.figures, tables: page.tables,
            grids: page.grids)
    }
}

/// A page in the making: sections are written in reading order, and numbering follows.
final class Page {
    let study: Study
    private(set) var figures = 0
    private(set) var tables = 0
    /// The networks of the study, and what the page takes along of them.
    let material: LiveContents
    /// What the page computes with; nil where there is nothing that it can compute.
    var carried: LiveContents? { material.images.isEmpty ? nil : material }
    /// The picture at the top; nil if no attack changed an answer.
    let example: Selection.Example?
    private(set) var grids: [(name: String, bitmap: Bitmap)] = []
    /// The photographs that the page has already, by id, and how many characters they take.
    var photographs: [String: (width: Int, height: Int)] = [:]
    var photographSize = 0

    init(_ study: Study) {
        self.study = study
        example = Selection.headline(study.attacks, classes: study.classes.count)
        material = LiveContents(
            study, wanting: example.map { $0.attack.samples[$0.position].index })
    }

    /// The root element.
    var document: Markup {
        // Written first, because the head and the contents list what the body turns out to hold.
        let parts = sections
        let title = "Mirage: adversarial examples, experiment \(study.experiment)"
        return tag("html", ["lang": "en"]) {
            tag("head") {
                tag("meta", ["charset": "utf-8"])
                tag("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])
                tag("meta", ["name": "color-scheme", "content": "light dark"])
                tag("meta", ["name": "description", "content": Page.summary])
                tag("title") { title }
                PageResources.styles
            }
            tag("body") {
                tag("a", ["class": "skip", "href": "#main"]) { "Skip to the text" }
                parts.header
                contents(parts.sections)
                tag("main", ["id": "main"]) {
                    for part in parts.sections {
                        tag("section", ["id": part.id, "aria-labelledby": "\(part.id)-h"]) {
                            tag("h2", ["id": "\(part.id)-h"]) { part.title }
                            part.body
                        }
                    }
                }
                footer
                liveData
                PageResources.scripts(computing: carried != nil)
            }
        }
    }

    /// A part of the page with a heading of its own.
    struct Section {
        let id: String
        let title: String
        let body: Markup
    }

    private var sections: (header: Markup, sections: [Section]) {
        let header = headline
        var sections: [Section] = []
        func add(_ id: String, _ title: String, _ body: Markup?) {
            if let body { sections.append(Section(id: id, title: title, body: body)) }
        }
        add("try", "Try it", live)
        add("own", "This network, before any attack", ownNetwork)
        add("idea", "What an adversarial example is", idea)
        add("data", "The data", data)
        add("network", "The network", network)
        add("predictions", "What the network sees", predictions)
        add("papers", "The tables of the papers", papers)
        add("evaluation", "All attacks together", evaluation)
        add("transfer", "From one network to another", transfer)
        add("sanity", "Can these figures be trusted?", sanity)
        add("gallery", "All images", gallery)
        add("attacks", "The attacks one by one", attacks)
        add("comparison", "The attacks side by side", comparison)
        add("observations", "Four observations, tested", observations)
        add("published", "Beside the published figures", published)
        add("provenance", "Where every number comes from", provenance)
        add("sources", "Sources", sources)
        add("glossary", "Glossary", glossary)
        add("records", "Appendix: the records", records)
        return (header, sections)
    }

    private func contents(_ sections: [Section]) -> Markup {
        tag("nav", ["class": "contents", "aria-label": "Contents"]) {
            tag("ol") {
                for section in sections {
                    tag("li") {
                        tag("a", ["href": "#\(section.id)"]) { section.title }
                        if section.id == "attacks" { attackContents }
                    }
                }
            }
        }
    }

    /// Every attack by name: a link opens its part.
    private var attackContents: Markup {
        guard !study.attacks.isEmpty else { return .nothing }
        return tag("ul") {
            for attack in study.attacks {
                tag("li") {
                    tag("a", ["href": "#attack-\(attack.name)"]) { AttackText(attack).short }
                }
            }
        }
    }

    private var footer: Markup {
        tag("footer") {
            paragraph {
                "Made by Mirage from the artifacts listed above. The file holds no date and no host: "
                "the same inputs give the same bytes on every machine."
            }
        }
    }

    private static let summary =
        "What small, deliberate changes to images do to a trained network: pictures, figures and "
        + "where each of them comes from."
}

extension Page {
    /// A numbered figure with its caption.
    func figure(
        _ className: String = "", _ content: Markup, @MarkupBuilder caption: () -> [Markup]
    ) -> Markup {
        figures += 1
        let number = figures
        return tag("figure", ["id": "figure-\(number)", "class": className]) {
            content
            tag("figcaption") {
                tag("span", ["class": "number"]) { "Figure \(number)." }
                " "
                group(caption)
            }
        }
    }

    /// A table with a numbered caption. The first column heads its rows; the others hold figures.
    func table(
        _ caption: String, head: [String], rows: [[String]], sortable: Bool = false,
        className: String = ""
    ) -> Markup {
        table(
            caption, head: head, rows: rows.map { TableRow(cells: $0.map { TableRow.Cell($0) }) },
            sortable: sortable, className: className)
    }

    /// The same of cells that may have addresses and lead somewhere. Rows of the foot stay below the others
    /// when they are sorted.
    func table(
        _ caption: String, head: [String], rows: [TableRow], foot: [TableRow] = [],
        sortable: Bool = false, className: String = ""
    ) -> Markup {
        tables += 1
        let classes = ["data", sortable ? "sortable" : "", className].filter { !$0.isEmpty }
        let id = "table-\(tables)"
        // The caption stays where it is when a wide table is scrolled.
        return tag("div", ["class": "tabled wide"]) {
            tag("p", ["class": "caption", "id": id]) {
                tag("span", ["class": "number"]) { "Table \(tables)." }
                " "
                caption
            }
            tag(
                "div",
                ["class": "scroll", "role": "region", "aria-labelledby": id, "tabindex": "0"]
            ) {
                tag("table", ["class": classes.joined(separator: " "), "aria-labelledby": id]) {
                    tag("thead") {
                        tag("tr") { for title in head { tag("th", ["scope": "col"]) { title } } }
                    }
                    tag("tbody") { for row in rows { row.markup } }
                    if !foot.isEmpty { tag("tfoot") { for row in foot { row.markup } } }
                }
            }
        }
    }

    /// Keeps a grid of pictures as a file of its own, on white.
    func store(_ name: String, _ rows: [[Bitmap]], scale: Int = 2) {
        guard let grid = Page.grid(rows, scale: scale) else { return }
        grids.append((name, grid))
    }

    /// Pictures in rows and columns of equal cells, four pixels apart.
    static func grid(_ rows: [[Bitmap]], scale: Int) -> Bitmap? {
        guard let cell = rows.first?.first else { return nil }
        let gap = 4
        let columns = rows.map(\.count).max() ?? 0
        let (across, down) = (cell.width * scale + gap, cell.height * scale + gap)
        let white = Colour(255, 255, 255)
        var grid = Bitmap(
            width: columns * across + gap, height: rows.count * down + gap, filledWith: white)
        for (y, row) in rows.enumerated() {
            for (x, bitmap) in row.enumerated() {
                grid.draw(
                    bitmap.flattened(on: white), x: gap + x * across, y: gap + y * down,
                    scale: scale)
            }
        }
        return grid
    }
}
