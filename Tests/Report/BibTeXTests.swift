// Entries for a bibliography: correct, unique, and safe from what TeX reads as commands.

import Testing

@testable import AttackCards
@testable import Report

@Suite struct BibTeXTests {
    private func paper(
        _ authors: [String], _ year: Int, _ title: String,
        _ link: String = "https://arxiv.org/abs/1"
    ) -> AttackCard.Paper {
        AttackCard.Paper(authors: authors, year: year, title: title, link: link)
    }

    @Test func anEntryHasWhatTheCardHas() throws {
        let card = try #require(AttackCards.named("pgd"))
        #expect(
            BibTeX.entries(card.papers) == """
                @misc{madry2018towards,
                  author = {Madry and Makelov and Schmidt and Tsipras and Vladu},
                  title = {{Towards Deep Learning Models Resistant to Adversarial Attacks}},
                  year = {2018},
                  eprint = {1706.06083},
                  archivePrefix = {arXiv},
                  url = {https://arxiv.org/abs/1706.06083}
                }
                """)
    }

    @Test func namesOfSeveralWordsStayTogether() {
        let entry = BibTeX.entries([
            paper(["Ben Ayed", "van den Oord", "O’Donoghue", "Tramèr"], 2018, "On & on")
        ])
        #expect(entry.contains("author = {{Ben Ayed} and van den Oord and O'Donoghue and Tramèr}"))
        #expect(entry.contains("title = {{On \\& on}}") && entry.contains("@misc{benayed2018on,"))
    }

    @Test func keysAreUnique() {
        var keys: [String] = []
        let papers = AttackCards.all.flatMap(\.papers)
        let each = papers.indices.filter { place in !papers[..<place].contains(papers[place]) }
            .map { papers[$0] }
        for line in BibTeX.entries(each).split(separator: "\n") where line.hasPrefix("@misc{") {
            keys.append(String(line))
        }
        #expect(keys.count == each.count && Set(keys).count == keys.count)
        #expect(keys.allSatisfy { $0.allSatisfy(\.isASCII) })
        // Kurakin, Goodfellow and Bengio wrote two in 2017 that begin alike.
        #expect(keys.contains { $0.hasPrefix("@misc{kurakin2017adversarialb") })
    }

    @Test func thisRunIsNamedByItsDigestsAndNoDate() {
        var study = Tiny.study
        study.experiment = "my_run"
        let html = study.rendered().html
        #expect(faults(in: html) == [])
        let text = words(of: html)
        #expect(text.contains("@misc{mirage-myrun,"))
        #expect(
            text.contains("title = {{Adversarial examples on mlp-16-3: experiment my\\_run}}"))
        let digest = String(repeating: "ab", count: 32)
        for file in ["model/mlp", "sample/6", "attack/fgsm", "attack/noise-l2"] {
            #expect(text.contains("sha256 of \(file).safetensors: \(digest)"), "\(file)")
        }
        #expect(!Study(experiment: "bare").rendered().html.contains("@misc"))
    }
}
