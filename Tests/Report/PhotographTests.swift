// Photographs on the page: shown large, embedded once, with the answers beside them, and never so many
// that the file grows too large.

import Formats
import Foundation
import Tensors
import Testing

@testable import Report

@Suite struct PhotographTests {
    private static let side = 64
    private static let count = 4

    /// Colours that run smoothly, each image its own, with a little noise.
    private static func images(_ count: Int = count, noise: Float = 0.01) -> Tensor {
        var state: UInt32 = 9
        let values = (0..<count * 3 * side * side).map { place -> Float in
            state = state &* 1_664_525 &+ 1_013_904_223
            let (image, x) = (place / (3 * side * side), place % side)
            let grain = (Float(state >> 8) / Float(1 << 24) - 0.5) * noise
            return min(max(Float(x) / 80 + Float(image % 8) / 20 + grain, 0), 1)
        }
        return Tensor(shape: [count, 3, side, side], values: values)
    }

    private static func guesses(_ first: Int) -> [Guess] {
        (0..<5).map { Guess(label: (first + 7 * $0) % 1000, confidence: 0.6 / Float(1 + 2 * $0)) }
    }

    private static func study(
        _ count: Int = count, noise: Float = 0.01, fileNames: [String] = []
    ) -> Study {
        var study = Study(experiment: "photos")
        let originals = images(count, noise: noise)
        var moved = originals
        moved.withMutableFloats {
            for index in $0.indices { $0[index] = max(0, $0[index] - 0.004) }
        }
        let samples = (0..<count).map { place in
            var sample = AttackRun.Sample(
                index: place, label: 100 + place, target: nil, isEligible: place != 1,
                answer: place == 1 ? 5 : 100 + place, confidence: 0.6)
            sample.top = guesses(sample.answer)
            return sample
        }
        let outcomes = (0..<count).map { place in
            let isHit = place != 1
            var outcome = AttackRun.Outcome(
                isSuccess: isHit, survivesRounding: isHit, answer: isHit ? 900 + place : 5,
                confidence: 0.5, proposedAnswer: 900, proposedConfidence: 0.5, l0: 9, l1: 9,
                l2: 0.5,
                linf: 0.004, iterations: 1, forwardPasses: 1, backwardPasses: 1)
            outcome.top = guesses(outcome.answer)
            return outcome
        }
        var attack = AttackRun(
            name: "fgsm", method: "fgsm", norm: "linf", goal: "untargeted",
            config: [("epsilons", "1/255")], originals: originals, samples: samples,
            levels: [.init(epsilon: 1.0 / 255, outcomes: outcomes, images: moved)])
        attack.origin = "sample/pictures.safetensors"
        attack.fileNames = fileNames
        study.attacks = [attack]
        study.predictions = [
            Prediction(
                name: "network", architecture: "tiny", sample: attack.origin, images: originals,
                entries: (0..<count).map {
                    .init(
                        index: $0, file: fileNames.isEmpty ? nil : fileNames[$0],
                        label: $0 == 2 ? nil : 100 + $0, top: guesses($0 == 1 ? 5 : 100 + $0))
                })
        ]
        study.sample = SampleFacts(
            images: originals, classes: (0..<1000).map { "class<\($0)>" }, seed: "")
        return study
    }

    private func occurrences(of words: String, in page: String) -> Int {
        page.components(separatedBy: words).count - 1
    }

    @Test func thePageIsSoundAndShowsEachOriginalOnce() {
        let page = Self.study(fileNames: ["a<b>.jpg", "b.jpg", "c.jpg", "d.jpg"]).rendered()
        #expect(faults(in: page.html) == [])
        // Four originals, and three successes with a perturbation and an image each.
        #expect(occurrences(of: "href=\"data:image/png", in: page.html) == 4 + 2 * 3)
        #expect(page.html.contains("class&lt;100&gt;") && page.html.contains("a&lt;b&gt;.jpg"))
        #expect(page.html.contains("<strong>2 of 3</strong>"))
        // Its own first answer stands out, before and after.
        #expect(page.html.contains("bar-label marked"))
        #expect(page.html.contains(" at ε 1/255"))
        #expect(page.grids.map(\.name) == ["fgsm"])
        #expect(Self.study().rendered().html == Self.study().rendered().html)
    }

    /// What is embedded is what was stored: the pictures decode to the pixels of the tensors.
    @Test func theAdversarialPictureIsTheStoredOneToTheByte() throws {
        let study = Self.study()
        let picture = Picture(study.attacks[0].levels[0].images, 3)
        let file = EmbeddedPNG.encode(picture.bitmap(in: .grey))
        let decoded = try PNG(decoding: file, named: "x")
        let area = Self.side * Self.side
        for place in 0..<area {
            for channel in 0..<3 {
                let value = picture.values[channel * area + place]
                #expect(decoded.pixels[3 * place + channel] == UInt8((value * 255).rounded()))
            }
        }
        #expect(study.rendered().html.contains(Base64.encode(file)))
        // Smooth colours compress: far below three bytes a pixel.
        #expect(file.count < 3 * area / 2)
    }

    @Test func thePerturbationIsDrawnAroundGrey() throws {
        let study = Self.study()
        let triptych = try #require(
            Triptych(study, study.attacks[0], study.attacks[0].levels[0], 3))
        #expect(triptych.isPhotograph && triptych.factor == 100)
        let drawn = triptych.perturbationInColour.values
        // −0.004 · 100 is −0.4: six and a half of eight steps down from the middle.
        #expect(drawn.allSatisfy { $0 == 0.5 || $0 == 0.5 - 6.0 / 16 || $0 == 0.5 - 7.0 / 16 })
        #expect(drawn.contains { $0 < 0.2 })
    }

    /// Noise does not compress: of many such images a page takes what there is room for, counting
    /// predictions, successes and failures.
    @Test func photographsTakeNoMoreRoomThanTheyMay() {
        func page(room: Int) -> String {
            var study = Self.study(24, noise: 2)
            study.layout.examples = 24
            study.layout.failures = 24
            study.layout.photographs = room
            let first = study.attacks[0]
            study.attacks = ["a", "b", "c"].map { name in
                var attack = first
                attack.name = name
                for place in 0..<12 { attack.levels[0].outcomes[place].isSuccess = false }
                return attack
            }
            return study.rendered().html
        }
        let (small, whole) = (page(room: 200_000), page(room: 9_000_000))
        // Each attack may go over by its first triptych: three pictures of 17 kB at most.
        #expect(small.utf8.count - page(room: 0).utf8.count < 200_000 + 3 * 3 * 17_000)
        #expect(small.contains("To keep this file small"))
        #expect(!whole.contains("To keep this file small") && whole.utf8.count > 600_000)
    }

    @Test(arguments: [
        (0.1, "0.1"), (0.02, "0.02"), (1.0 / 255, "1/255"), (Double(Float(8.0 / 255)), "8/255"),
        (0.5 / 255, "0.5/255"), (0.2, "0.2"), (0, "0"), (0.123456, "0.123456"),
    ])
    func budgetsAreWrittenAsPeopleWriteThem(value: Double, text: String) {
        #expect(Numerals.epsilon(value) == text)
    }

    @Test func aHeadlineOfAThousandClassesIsFarFetched() throws {
        let attack = Self.study().attacks
        let far = try #require(Selection.headline(attack, classes: 1000))
        #expect(far.isFar && far.position == 0)
        #expect(try #require(Selection.headline(attack, classes: 10)).isFar == false)
    }
}

@Suite struct HuffmanTests {
    /// Every small set of frequencies: no code of the same limit takes fewer bits.
    @Test func noCodeIsShorter() {
        for frequencies in [
            [1, 1], [5, 1, 1], [1, 2, 4, 8], [8, 4, 2, 1], [3, 3, 3, 0, 1], [1, 1, 1, 1, 9],
        ] {
            for limit in 3...4 {
                let lengths = HuffmanCode(frequencies: frequencies, limit: limit).lengths
                let used = frequencies.indices.filter { frequencies[$0] > 0 }
                var best = Int.max
                func search(_ place: Int, _ room: Int, _ cost: Int) {
                    if cost >= best || room < 0 { return }
                    guard place < used.count else { return best = cost }
                    for length in 1...limit {
                        search(
                            place + 1, room - (1 << (limit - length)),
                            cost + length * frequencies[used[place]])
                    }
                }
                search(0, 1 << limit, 0)
                let cost = zip(lengths, frequencies).reduce(0) { $0 + $1.0 * $1.1 }
                #expect(cost == best, "\(frequencies), at most \(limit) bits: \(lengths)")
                #expect(used.reduce(0) { $0 + (1 << (limit - lengths[$1])) } <= 1 << limit)
            }
        }
        #expect(HuffmanCode(frequencies: [0, 7, 0], limit: 7).lengths == [0, 1, 0])
        #expect(HuffmanCode(frequencies: [0, 0], limit: 7).lengths == [0, 0])
    }

    /// Frequencies like Fibonacci's ask for codes as long as there are symbols.
    @Test func theLimitIsKept() {
        var frequencies = [1, 1]
        while frequencies.count < 40 { frequencies.append(frequencies.suffix(2).reduce(0, +)) }
        for limit in [7, 15] {
            let lengths = HuffmanCode(frequencies: frequencies, limit: limit).lengths
            #expect(lengths.max() == limit)
            #expect(lengths.reduce(0) { $0 + (1 << (limit - $1)) } <= 1 << limit)
        }
    }
}
