// The page as a whole: sound, the same every time, and complete without and with data.

import Formats
import Foundation
import Tensors
import Testing

@testable import Report

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite struct PageTests {
    private static let bare = Study(experiment: "bare").rendered().html

    @Test func theTinyPageIsSound() {
        let page = Tiny.study.rendered()
        #expect(faults(in: page.html) == [])
        #expect(
            page.grids.map(\.name) == [
                "data", "fgsm", "fgsm-failures", "noise-l2", "noise-l2-failures",
            ])
        #expect(page.tables == 6)
        for number in 1...page.figures { #expect(page.html.contains("id=\"figure-\(number)\"")) }
    }

    /// Beside an attack's tensors lies its table, whose name comes first.
    @Test func aNodeIsMarkedByItsTensors() {
        let outputs = ["csv", "safetensors"].map {
            ProvenanceNode.Item(name: "attack/a.\($0)", digest: "\($0)-0123456789")
        }
        func mark(_ outputs: [ProvenanceNode.Item]) -> String {
            ProvenanceNode(name: "attack-a", config: [], inputs: [], outputs: outputs).mark
        }
        #expect(mark(outputs) == "safetensors-")
        #expect(mark([outputs[0]]) == "csv-01234567" && mark([]) == "")
    }

    /// A third line, and what it means, where a network was tried after each epoch.
    @Test func aCurveOfWhatStandsIsShownAndExplained() {
        var (study, network) = (Tiny.study, Tiny.network)
        #expect(!study.rendered().html.contains("test, moved"))
        network.robustTest = .init(epsilon: 0.3, steps: 20, images: 1000)
        for index in network.epochs.indices { network.epochs[index].robustAccuracy = 0.5 }
        study.network = network
        let html = study.rendered().html
        #expect(faults(in: html) == [])
        #expect(html.contains("test, moved"))
        #expect(
            html.contains(
                "the first 1,000 test images that are answered correctly wherever 20 gradient steps within 0.3"
            ))
    }

    @Test func theSameStudyGivesTheSameBytes() {
        #expect(Tiny.study.rendered().html == Tiny.study.rendered().html)
    }

    /// The stored page is changed by hand only: look at the difference, then copy the new one.
    @Test func theTinyPageIsTheStoredOne() throws {
        let folder = #filePath.dropLast("PageTests.swift".count)
        let stored = String(
            decoding: try MappedFile.read("\(folder)Snapshots/tiny.html"), as: UTF8.self)
        let found = withoutResources(Tiny.study.rendered().html)
        guard found != stored else { return }
        let (old, new) = (stored.split(separator: "\n"), found.split(separator: "\n"))
        let line = zip(old, new).enumerated().first { $0.element.0 != $0.element.1 }?.offset
        let copy =
            "\(FileManager.default.temporaryDirectory.path)/mirage-tiny-page-\(getpid()).html"
        if let file = fopen(copy, "w") {
            fputs(found, file)
            fclose(file)
        }
        Issue.record(
            """
            The page differs from Tests/Report/Snapshots/tiny.html from line \(line.map { $0 + 1 } ?? 0) on: \
            stored \(line.map { old[$0].prefix(300) } ?? ""), found \(line.map { new[$0].prefix(300) } ?? ""); the page as it is now: \(copy)
            """)
    }

    /// The page with its style and script left out: those are reviewed as files.
    private func withoutResources(_ page: String) -> String {
        var lines: [Substring] = []
        var isInside = false
        for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("<style>") || line.hasPrefix("<script id=") { isInside = true }
            if !isInside { lines.append(line) }
            if line.hasSuffix("</style>") || line.hasSuffix("</script>") { isInside = false }
        }
        return lines.joined(separator: "\n")
    }

    @Test func figuresComeFromTheModel() {
        let text = words(of: Tiny.study.rendered().html)
        // 371 of 400; ε 0.1: three of five images, one undone by rounding; two of six images held.
        for figure in [
            "92.75\u{202F}%", "371 of 400", "60.0\u{202F}%", "40.0\u{202F}%", "33.3\u{202F}%",
            "80.0\u{202F}%",
            "2.00\u{202F}k", "80.0\u{202F}k", "0.0374", "0.0152", "+0.0002", "2,400 images",
        ] {
            #expect(text.contains(figure), "\(figure)")
        }
    }

    /// A page about nothing has no figures but those of its fixed sentences, so all others on any
    /// page come from its study.
    @Test func aPageAboutNothingHasNoFigures() {
        let constants: Set<String> = ["0", "1", "0.1", "2.3", "8", "256", "64"]
        let text = words(of: Self.bare)
        let numbers = text.split { !($0.isASCII && ($0.isNumber || $0 == ".")) }
            .map { $0.hasSuffix(".") ? String($0.dropLast()) : String($0) }.filter {
                !$0.isEmpty && $0 != "."
            }
        #expect(Set(numbers).subtracting(constants) == [])
    }

    @Test func missingPartsLeaveASoundPage() {
        var studies: [String: Study] = ["bare": Study(experiment: "bare")]
        func study(_ name: String, _ change: (inout Study) -> Void) {
            var study = Tiny.study
            change(&study)
            studies[name] = study
        }
        study("no attack") { $0.attacks = [] }
        study("no data") {
            $0.dataset = nil; $0.sample = nil
        }
        study("no network") {
            $0.network = nil; $0.provenance = []
        }
        study("one attack") { $0.attacks = [Tiny.noise] }
        study("no examples") {
            $0.layout.examples = 0; $0.layout.failures = 0; $0.layout.gallery = 0
        }
        study("no success") { study in
            for attack in study.attacks.indices {
                for level in study.attacks[attack].levels.indices {
                    for position in 0..<6 {
                        study.attacks[attack].levels[level].outcomes[position].isSuccess = false
                        study.attacks[attack].levels[level].outcomes[position].survivesRounding =
                            false
                    }
                }
                study.attacks[attack].leastEpsilon = Array(repeating: .infinity, count: 6)
            }
        }
        study("nobody eligible") { study in
            for attack in study.attacks.indices {
                for position in 0..<6 { study.attacks[attack].samples[position].isEligible = false }
            }
        }
        study("no samples") { study in
            for attack in study.attacks.indices {
                study.attacks[attack].samples = []
                study.attacks[attack].originals = Tensor(shape: [0, 1, 4, 4])
                study.attacks[attack].leastEpsilon = nil
                for level in study.attacks[attack].levels.indices {
                    study.attacks[attack].levels[level].outcomes = []
                    study.attacks[attack].levels[level].images = Tensor(shape: [0, 1, 4, 4])
                }
            }
        }
        study("no epochs") {
            $0.network?.epochs = []; $0.network?.confusion = []; $0.network?.layers = []
        }
        study("no levels") { $0.attacks[0].levels = [] }
        study("one class") {
            $0.dataset?.classes = ["0"]; $0.dataset?.splits = [("training", [3])]
        }
        for (name, study) in studies.sorted(by: { $0.key < $1.key }) {
            let page = study.rendered().html
            #expect(faults(in: page) == [], "\(name)")
            #expect(!words(of: page).contains("nan"), "\(name)")
        }
    }

    @Test func namesCannotBecomeMarkup() {
        var study = Tiny.study
        let hostile = "</td><script>alert(1)</script>\"'&"
        study.experiment = hostile
        study.dataset?.classes = [hostile, "b", "c"]
        study.dataset?.name = hostile
        study.attacks[0].config.append((hostile, hostile))
        study.provenance[0].config = [(hostile, hostile)]
        let page = study.rendered().html
        #expect(faults(in: page) == [])
        #expect(!page.contains("<script>alert"))
    }

    @Test func unknownAttacksGetGeneralWords() {
        var study = Tiny.study
        study.attacks[0].method = "walk"
        study.attacks[0].name = "walk-40"
        let page = study.rendered().html
        #expect(page.contains("Attack “walk-40”"))
        #expect(page.contains("The method walk proposes a changed image"))
        #expect(faults(in: page) == [])
    }

    @Test func projectedGradientDescentIsToldAsItWasRun() {
        func page(_ norm: String, goal: String, _ config: [(String, String)]) -> String {
            var study = Tiny.study
            study.attacks[0].method = "pgd"
            study.attacks[0].name = "pgd"
            study.attacks[0].norm = norm
            study.attacks[0].goal = goal
            study.attacks[0].config = config
            let page = study.rendered().html
            #expect(faults(in: page) == [])
            return words(of: page)
        }
        let plain = page(
            "linf", goal: "untargeted",
            [("steps", "40"), ("random_start", "true"), ("restarts", "1"), ("stop_early", "true")])
        for phrase in [
            "Projected gradient descent", "From a random point near the image it takes 40 small",
            "wherever the error grows", "moves every pixel by the same amount",
            "is done as soon as the goal is reached",
        ] { #expect(plain.contains(phrase), "\(phrase)") }
        #expect(!plain.contains("is tried again"))
        let other = page(
            "l2", goal: "random-other",
            [("steps", "7"), ("random_start", "false"), ("restarts", "5"), ("stop_early", "false")])
        for phrase in [
            "From the image itself it takes 7 small steps", "scaled to a fixed length",
            "as a straight-line distance", "is tried again from another point, 5 runs in all",
        ] { #expect(other.contains(phrase), "\(phrase)") }
        #expect(!other.contains("as soon as the goal"))
    }

    @Test func thePageNeedsNothingElse() {
        // Links to papers lead away when they are followed, and entries of BibTeX name them; nothing is loaded.
        let page = Tiny.study.rendered().html.replacing("<a href=\"https://", with: "")
            .replacing("url = {https://", with: "")
        for reach in ["http://", "https://", "src=", "@import", "url("] {
            #expect(!page.contains(reach), "\(reach)")
        }
    }

    /// Twenty attacks on colour images of 64 × 64 with nothing to compress still fit.
    @Test func largeStudiesStaySmall() {
        var state: UInt32 = 1
        let shape = [12, 3, 32, 32]
        let values = (0..<12 * 3 * 32 * 32).map { _ -> Float in
            state = state &* 1_664_525 &+ 1_013_904_223
            return Float(state >> 24) / 255
        }
        let images = Tensor(shape: shape, values: values)
        var study = Study(experiment: "large")
        for number in 0..<12 {
            var attack = Tiny.noise
            attack.name = "noise-\(number)"
            attack.originals = images
            attack.samples = (0..<12).map {
                .init(
                    index: $0, label: $0 % 3, target: 1, isEligible: true, answer: $0 % 3,
                    confidence: 1)
            }
            attack.levels = [
                .init(
                    epsilon: nil,
                    outcomes: (0..<12).map {
                        Tiny.outcome(
                            $0 % 6, success: true, rounded: true, l2: 1, linf: 1, passes: 3)
                    }, images: Tensor(shape: shape))
            ]
            study.attacks.append(attack)
        }
        let page = study.rendered().html
        #expect(page.utf8.count < 5_000_000)
        #expect(faults(in: page) == [])
    }
}
