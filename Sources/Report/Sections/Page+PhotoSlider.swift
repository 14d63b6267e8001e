// Under a photograph at the top: ε as a slider. The network is too big for a page, so the answers are those
// that the attack recorded at many values of ε; the picture is made in the page, from the original and the
// direction of the attack. Hidden until the script runs.

import Formats

extension Page {
    /// How much of the room for photographs the slider's pictures may take.
    private static let sliderShare = 0.4

    /// The slider, its picture and its curve; nothing where no attack has recorded answers to photographs.
    func photoSlider(for example: Selection.Example) -> Markup {
        guard let attack = slidingAttack, let line = attack.line, let end = line.epsilons.last,
            end > 0
        else { return .nothing }
        let (pictures, markup) = sliderPictures(of: attack, line, first: example)
        guard !pictures.isEmpty else { return .nothing }
        let title = AttackText(attack).short
        let plot = curve(of: attack, line, title)
        let size = attack.originals.shape
        return tag(
            "div",
            [
                "class": "eps-slider wide", "id": "photo-eps", "hidden": "hidden", "role": "group",
                "aria-label": "The attack at any strength",
                "data-left": coordinate(plot.x.place(0)),
                "data-right": coordinate(plot.x.place(Double(end))),
                "data-top": coordinate(plot.y.end), "data-bottom": coordinate(plot.y.start),
            ]
        ) {
            markup
            tag("div", ["class": "eps-row"]) {
                tag("label", ["for": "photo-eps-image"]) { "Picture" }
                tag("select", ["id": "photo-eps-image"])
            }
            tag("div", ["class": "eps-row"]) {
                tag("label", ["for": "photo-eps-range"]) {
                    "Strength ε of \(title) on this picture"
                }
                tag(
                    "output",
                    ["id": "photo-eps-value", "for": "photo-eps-range", "aria-live": "off"])
            }
            tag(
                "input",
                [
                    "type": "range", "id": "photo-eps-range", "min": "0",
                    "max": "\(line.epsilons.count - 1)", "step": "1", "value": "0",
                ])
            tag("div", ["class": "eps-photo"]) {
                tag(
                    "canvas",
                    [
                        "id": "photo-eps-picture", "class": "photo", "role": "img",
                        "width": "\(size[3])", "height": "\(size[2])",
                    ])
                tag("div") {
                    tag("p", ["class": "said", "id": "photo-eps-said", "role": "status"])
                    tag("ul", ["class": "bars", "id": "photo-eps-bars"])
                }
            }
            plot.lines([
                Series(
                    name: title, points: curvePoints(of: attack, line), className: "s1",
                    hasMarks: false)
            ])
            tag("p", ["class": "sizes"]) {
                "Each of the \(line.epsilons.count) steps is x + ε·s with the one direction s of the attack, "
                "clipped to 0…1; the answers are those that the network gave when the attack was run. The "
                "picture is rounded to the 256 levels of a screen, which cannot show less than half a level. "
                "The curve is the share of all \(Numerals.count(attack.samples.count, "picture")) that is read "
                "correctly at each ε: click it to go there."
                if attack.name != example.attack.name {
                    " This is \(title); the picture at the top is by another attack."
                }
            }
            Markup.data("photo-eps-data", data(attack, line, pictures))
        }
    }

    /// The attack with recorded answers to photographs in which all values may move.
    private var slidingAttack: AttackRun? {
        study.attacks.first {
            $0.line != nil && $0.originals.shape.count == 4 && $0.originals.shape[1] == 3
                && $0.limits == AttackRun.Limits() && $0.originals.holds(0)
                && Picture($0.originals, 0).isPhotograph
        }
    }

    /// The images that there is room for, the one at the top first: each with its directions as a file, and
    /// the originals.
    private func sliderPictures(
        of attack: AttackRun, _ line: AnswerLine, first example: Selection.Example
    ) -> (pictures: [SliderPicture], originals: Markup) {
        let limit = Int(Double(study.layout.photographs) * Self.sliderShare)
        let isSame = example.attack.origin == attack.origin
        let able = attack.samples.indices.filter {
            !line.answers[$0].isEmpty && attack.originals.holds($0)
        }
        let ordered =
            able.filter { isSame && $0 == example.position }
            + able.filter { !isSame || $0 != example.position }
        var pictures: [SliderPicture] = []
        var originals: [Markup] = []
        for position in ordered where photographSize < limit {
            let picture = Picture(attack.originals, position)
            guard picture.isOfLevels else { continue }
            let name = "\(attack.origin)-\(position)"
            originals.append(photographDefinition(name, picture))
            let direction = Base64.encode(
                EmbeddedPNG.encode(line.direction(of: position, like: picture).bitmap(in: .grey)))
            photographSize += direction.utf8.count
            pictures.append(
                SliderPicture(position: position, id: Self.photographID(name), direction: direction)
            )
        }
        return (pictures, .group(originals))
    }

    /// A picture of the slider: its place in the sample, the id of the original on the page, and a PNG file of
    /// directions in base64.
    private struct SliderPicture {
        let position: Int
        let id: String
        let direction: String
    }

    private func data(
        _ attack: AttackRun, _ line: AnswerLine, _ pictures: [SliderPicture]
    ) -> JSON {
        var classes: [String: JSON] = [:]
        let entries = pictures.map { picture -> JSON in
            let sample = attack.samples[picture.position]
            let answers = line.answers[picture.position]
            for label in answers.joined().map(\.label) + [sample.label] {
                classes["\(label)"] = .string(study.name(of: label))
            }
            return [
                "name": .string(attack.imageName(picture.position)),
                "index": .integer(Int64(sample.index)), "label": .integer(Int64(sample.label)),
                "photo": .string(picture.id), "direction": .string(picture.direction),
                "answers": .array(
                    answers.map { guesses in
                        .array(
                            guesses.map {
                                [.integer(Int64($0.label)), .number(Self.exact($0.confidence))]
                            })
                    }),
            ]
        }
        return [
            "attack": .string(attack.name),
            "epsilons": .array(line.epsilons.map { .number(Self.exact($0)) }),
            "classes": .object(classes), "pictures": .array(entries),
        ]
    }

    /// The number whose shortest text is that of a float; 0 for none.
    private static func exact(_ value: Float) -> Double {
        value.isFinite ? Double(value.description) ?? 0 : 0
    }

    private func curvePoints(of attack: AttackRun, _ line: AnswerLine) -> [(x: Double, y: Double)] {
        line.epsilons.indices.map { place in
            let right = attack.samples.indices.count { position in
                line.answers[position].isEmpty
                    ? false
                    : line.answers[position][place].first?.label == attack.samples[position].label
            }
            return (
                Double(line.epsilons[place]), Double(right) / Double(max(1, attack.samples.count))
            )
        }
    }

    private func curve(of attack: AttackRun, _ line: AnswerLine, _ title: String) -> Plot {
        Plot(
            id: "photo-eps-curve", title: "Accuracy against ε, \(title)",
            description:
                "The share of \(Numerals.count(attack.samples.count, "picture")) that the network "
                + "still reads correctly, at each ε; a cursor follows the slider.",
            x: Plot.across(0, Double(line.epsilons.last ?? 1), about: 8, in: .full),
            y: Plot.up(0, 1, about: 5, in: .full), xLabel: "ε", yLabel: "still read correctly",
            yText: { value, _ in Numerals.fixed(value * 100, 0) + "\u{202F}%" }, size: .full)
    }
}

extension Picture {
    /// Whether every value is one of 256 levels, so that the picture on the page is the very image.
    fileprivate var isOfLevels: Bool {
        values.allSatisfy { value in
            let level = (value * 255).rounded()
            return (0...255).contains(level) && level / 255 == value
        }
    }
}
