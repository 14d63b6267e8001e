// How to cite what is on the page, as entries of BibTeX that open by a click.

import AttackCards

extension Page {
    /// The papers of the methods and this run; nothing without an attack.
    var citations: Markup {
        guard !study.attacks.isEmpty else { return .nothing }
        let papers = BibTeX.entries(methodPapers)
        return group {
            tag("h3", ["id": "bibtex"]) { "To cite this" }
            paragraph {
                "Entries of BibTeX, of this run and of the methods. Of authors the cards know the family "
                "names, so that first names are left to you."
            }
            entries("This run", runEntry)
            if !papers.isEmpty { entries("The papers of the methods", papers) }
        }
    }

    private func entries(_ title: String, _ text: String) -> Markup {
        tag("details", ["class": "bibtex"]) {
            tag("summary") { title }
            tag(
                "pre",
                ["tabindex": "0", "role": "region", "aria-label": "BibTeX: \(title.lowercased())"]
            ) { code(text) }
        }
    }

    /// The papers of all attacks and of the attacks that they run, each once.
    private var methodPapers: [AttackCard.Paper] {
        var found: [AttackCard.Paper] = []
        for paper in study.attacks.flatMap(\.cards).flatMap(\.papers) where !found.contains(paper) {
            found.append(paper)
        }
        return found
    }

    /// This run by the digests of what it rests on: networks, samples and attacks. No date.
    var runEntry: String {
        func outputs(_ folder: String) -> [ProvenanceNode.Item] {
            study.provenance.flatMap(\.outputs).filter {
                $0.name.hasPrefix(folder + "/") && $0.name.hasSuffix(".safetensors")
            }
        }
        let items = ["model", "sample", "attack"].flatMap(outputs)
        let networks = study.networks.map { $0.facts.architecture }
        let on = networks.isEmpty ? "" : " on " + Wording.list(networks)
        let digests = items.map { "sha256 of \(BibTeX.escaped($0.name)): \($0.digest)" }
        return BibTeX.entry(
            "misc",
            "mirage-"
                + study.experiment.filter {
                    $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-")
                },
            [
                ("author", "{Mirage}"),
                (
                    "title",
                    "{"
                        + BibTeX.escaped(
                            "Adversarial examples\(on): experiment \(study.experiment)") + "}"
                ),
                ("howpublished", "Report made by Mirage \(Page.version)"),
            ] + (digests.isEmpty ? [] : [("note", digests.joined(separator: ";\n          "))]))
    }
}
