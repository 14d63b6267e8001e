// The slider under a photograph: the very directions and answers that were recorded, within the room that
// the page has, and no slider where nothing was recorded.

import Formats
import Foundation
import Tensors
import Testing

@testable import Report

@Suite struct PhotoSliderTests {
    private static let side = 64
    private static let size = 3 * side * side

    /// Pictures of whole levels; image 1 was misread and not attacked. At each ε the answer is `label` up to
    /// `holds` steps, and another class from there.
    private static func study(_ count: Int = 4, steps: Int = 5, room: Int = 9_000_000) -> Study {
        var study = Study(experiment: "photos")
        study.layout.photographs = room
        var state: UInt32 = 5
        func draw() -> Int {
            state = state &* 1_664_525 &+ 1_013_904_223
            return Int(state >> 16)
        }
        let originals = Tensor(
            shape: [count, 3, side, side],
            values: (0..<count * size).map { _ in Float(draw() % 256) / 255 })
        let directions = (0..<count * size).map { place in
            place / size == 1 ? 0 : draw() % 9 == 0 ? 0 : draw() % 2 == 0 ? 1 : -1
        }
        let samples = (0..<count).map { place in
            var sample = AttackRun.Sample(
                index: 10 + place, label: 100 + place, target: nil, isEligible: place != 1,
                answer: place == 1 ? 5 : 100 + place, confidence: 0.75)
            sample.top = [
                Guess(label: sample.answer, confidence: 0.75), Guess(label: 7, confidence: 0.125),
            ]
            return sample
        }
        let outcomes = (0..<count).map { place in
            var outcome = AttackRun.Outcome(
                isSuccess: place != 1, survivesRounding: place != 1, answer: 900 + place,
                confidence: 0.5,
                proposedAnswer: 900, proposedConfidence: 0.5, l0: 9, l1: 9, l2: Float(1 + place),
                linf: 0.5, iterations: 1, forwardPasses: 1, backwardPasses: 1)
            outcome.top = samples[place].top
            return outcome
        }
        var attack = AttackRun(
            name: "fgsm", method: "fgsm", norm: "linf", goal: "untargeted", config: [],
            originals: originals, samples: samples,
            levels: [.init(epsilon: 0.5, outcomes: outcomes, images: originals)])
        attack.origin = "sample/pictures.safetensors"
        attack.fileNames = (0..<count).map { "p<\($0)>.jpg" }
        attack.line = AnswerLine(
            epsilons: (0..<steps).map { 0.5 * Float($0) / Float(steps - 1) },
            answers: (0..<count).map { image in
                guard image != 1 else { return [] }
                return (0..<steps).map { step in
                    [
                        Guess(
                            label: step <= image ? 100 + image : 900,
                            confidence: 0.1 + 0.1 * Float(step)),
                        Guess(label: 7, confidence: 0.0625),
                    ]
                }
            }, up: directions.map { $0 == 1 ? 1 : 0 }, down: directions.map { $0 == -1 ? 1 : 0 })
        study.attacks = [attack]
        study.sample = SampleFacts(
            images: originals, classes: (0..<1000).map { "class<\($0)>" }, seed: "")
        return study
    }

    private static func data(_ html: String) throws -> JSON {
        let start = try #require(html.range(of: "id=\"photo-eps-data\""))
        let open = try #require(html.range(of: ">", range: start.upperBound..<html.endIndex))
        let close = try #require(
            html.range(of: "</script>", range: open.upperBound..<html.endIndex))
        return try JSON.parse(String(html[open.upperBound..<close.lowerBound]), named: "data")
    }

    @Test func answersAndDirectionsAreThoseThatWereRecorded() throws {
        let study = Self.study()
        let html = study.rendered().html
        #expect(faults(in: html) == [])
        let (data, line) = (try Self.data(html), try #require(study.attacks[0].line))
        #expect(data["epsilons"]?.array?.map { Float($0.double ?? -1) } == line.epsilons)
        let pictures = data["pictures"]?.array ?? []
        // The one at the top, which took the least change, comes first; the misread one has no line.
        #expect(pictures.map { $0["index"]?.int } == [10, 12, 13])
        for picture in pictures {
            let image = (picture["index"]?.int ?? 0) - 10
            #expect(
                picture["name"]?.string == "p<\(image)>.jpg" && picture["label"]?.int == 100 + image
            )
            let answers = (picture["answers"]?.array ?? []).map { step in
                (step.array ?? []).map {
                    Guess(label: $0[0]?.int ?? -1, confidence: Float($0[1]?.double ?? -1))
                }
            }
            #expect(answers == line.answers[image])
            let bytes = try #require(Data(base64Encoded: picture["direction"]?.string ?? ""))
            let png = try PNG(decoding: Array(bytes), named: "direction")
            for place in 0..<Self.side * Self.side {
                for channel in 0..<3 {
                    let element = image * Self.size + channel * Self.side * Self.side + place
                    let level = png.pixels[3 * place + channel]
                    #expect(
                        level == (line.up[element] == 1 ? 255 : line.down[element] == 1 ? 0 : 128))
                }
            }
            // The original is on the page under that id, as it was attacked.
            let id = try #require(picture["photo"]?.string)
            let address = EmbeddedPNG.dataURI(
                Picture(study.attacks[0].originals, image).bitmap(in: .grey))
            #expect(html.contains("id=\"\(id)\"") && html.contains(address))
        }
        for label in [100, 102, 103, 900, 7] {
            #expect(data["classes"]?["\(label)"]?.string == "class<\(label)>")
        }
        #expect(Self.study().rendered().html == html)
    }

    @Test func theCurveCountsAllPictures() throws {
        let html = Self.study().rendered().html
        let chart = try #require(html.range(of: "photo-eps-curve-t"))
        let points = try #require(
            html[chart.upperBound...].firstMatch(of: /points="([^"]*)"/)?.output.1)
        let heights = points.split(separator: " ").compactMap {
            Double($0.split(separator: ",")[1])
        }
        // Right at each ε: images 0, 2 and 3, then 2 and 3, the same, 3 alone, none; of four.
        let (bottom, step) = (heights[4], (heights[4] - heights[0]) / 3)
        #expect(step > 0)
        for (height, right) in zip(heights, [3, 2, 2, 1, 0]) {
            #expect(abs(height - (bottom - Double(right) * step)) < 0.1)
        }
    }

    @Test func itTakesNoMoreThanItsShareOfTheRoom() throws {
        let (few, many) = (Self.study(24, room: 200_000), Self.study(24))
        #expect(try Self.data(many.rendered().html)["pictures"]?.array?.count == 23)
        let pictures = try Self.data(few.rendered().html)["pictures"]?.array ?? []
        #expect((1..<10).contains(pictures.count))
        let none = Self.study(24, room: 0).rendered().html
        #expect(!none.contains("id=\"photo-eps-data\""))
    }

    @Test func whereNothingWasRecordedThereIsNoSlider() {
        for change in [
            { $0.line = nil }, { $0.limits.bounds = [0...0.5] },
            { attack in
                // Between the levels: the picture of the page is not the image.
                attack.originals.withMutableFloats { pixels in
                    for place in pixels.indices { pixels[place] = 0.9 * pixels[place] + 0.0005 }
                }
            },
        ] as [(inout AttackRun) -> Void] {
            var study = Self.study()
            change(&study.attacks[0])
            #expect(!study.rendered().html.contains("id=\"photo-eps\""))
        }
    }
}
