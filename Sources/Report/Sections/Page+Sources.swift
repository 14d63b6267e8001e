// What this page rests on that others have made: papers, data and networks; and what made the page.

import AttackCards

extension Page {
    /// Three short lists; nil for a page about nothing.
    var sources: Markup? {
        guard study.dataset != nil || !study.attacks.isEmpty else { return nil }
        return group {
            tag("h3") { "Papers" }
            list(sourcePapers)
            tag("h3") { "Data and networks" }
            list(sourceData)
            tag("h3") { "Software" }
            paragraph {
                "Mirage \(Page.version), under the MIT licence: no other software made a figure or a "
                "picture of this page. How each attack differs from its paper stands on its card, in "
                code(AttackCards.folder)
                "."
            }
            citations
        }
    }

    /// The version of the project, as its programs say it.
    static let version = "1.0"

    private var sourcePapers: [Source] {
        var found: [Source] = []
        for attack in study.attacks {
            let papers = attack.cards.flatMap { Source.papers(of: $0.name) }
            for paper in papers where !found.contains(paper) {
                found.append(paper)
            }
        }
        return found
    }

    private var sourceData: [Source] {
        let networks = study.networks.compactMap { Source.network($0.facts.architecture) }
        var found: [Source] = []
        for source in [study.dataset.flatMap { Source.data($0.name) }].compactMap({ $0 }) + networks
        where !found.contains(source) {
            found.append(source)
        }
        return found
    }

    private func list(_ sources: [Source]) -> Markup {
        guard !sources.isEmpty else {
            return paragraph { "None that this page could name." }
        }
        return tag("ul", ["class": "sources"]) {
            for source in sources {
                tag("li") {
                    tag("a", ["href": source.address]) { source.text }
                    "."
                }
            }
        }
    }
}
