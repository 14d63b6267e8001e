// Photographs: pictures too large to lie many to a sheet. Each is a file of its own inside the page,
// written where it is first needed; attacks on the same image share the original.

// Of the room for them half is for the predictions, and what is left is shared among the attacks.

extension Page {
    /// A window on a photograph. The first one with this name brings the picture along.
    func photograph(_ name: String, _ picture: @autoclosure () -> Picture) -> Markup {
        let id = Self.photographID(name)
        let definition = photographDefinition(name, picture())
        let size = photographs[id] ?? (1, 1)
        return group {
            definition
            tag(
                "svg",
                [
                    "class": "px photo", "viewBox": "0 0 \(size.width) \(size.height)",
                    "aria-hidden": "true",
                ]
            ) { tag("use", ["href": "#\(id)"]) }
        }
    }

    /// The file of a photograph; nothing where the page has it already.
    func photographDefinition(_ name: String, _ picture: @autoclosure () -> Picture) -> Markup {
        let id = Self.photographID(name)
        guard photographs[id] == nil else { return .nothing }
        let picture = picture()
        let address = EmbeddedPNG.dataURI(picture.bitmap(in: .grey))
        photographSize += address.utf8.count
        photographs[id] = (picture.width, picture.height)
        return tag("svg", ["class": "sheet", "width": "0", "height": "0", "aria-hidden": "true"]) {
            tag("defs") {
                tag(
                    "image",
                    [
                        "id": id, "width": "\(picture.width)", "height": "\(picture.height)",
                        "href": address,
                    ])
            }
        }
    }

    /// The same as long as there is room, or where the page has the picture already.
    func photographIfRoom(_ name: String, _ picture: @autoclosure () -> Picture) -> Markup {
        photographSize < study.layout.photographs || photographs[Self.photographID(name)] != nil
            ? photograph(name, picture()) : .nothing
    }

    /// An id of letters, digits, points and hyphens, another one for each name.
    static func photographID(_ name: String) -> String {
        "photo-"
            + name.unicodeScalars.map { scalar in
                scalar.properties.isAlphabetic && scalar.isASCII || ("0"..."9").contains(scalar)
                    || scalar == "-" || scalar == "." ? String(scalar) : "_\(scalar.value)_"
            }.joined()
    }

    /// The three windows of a triptych of photographs.
    func photographs(
        of triptych: Triptych, in attack: AttackRun, _ level: AttackRun.Level
    ) -> (original: Markup, perturbation: Markup, adversarial: Markup) {
        let strength = level.epsilon.map(Numerals.plain) ?? "least"
        let own = "\(attack.name)/\(strength)/\(triptych.position)"
        return (
            photograph("\(triptych.origin)-\(triptych.position)", triptych.original),
            photograph("\(own)/change", triptych.perturbationInColour),
            photograph("\(own)/after", triptych.adversarial)
        )
    }

    /// The likeliest classes as bars; the class that an image shows, or showed, stands out.
    func bars(_ guesses: [Guess], marking label: Int?) -> Markup {
        Bars(
            bars: guesses.map { guess in
                Bars.Bar(
                    label: study.name(of: guess.label), share: Double(guess.confidence),
                    figure: Numerals.percent(Double(guess.confidence)),
                    isMarked: guess.label == label)
            }
        ).markup
    }

    /// Photographs before and after, one image a row, with what the network says to each: as many as
    /// this attack's share of the room holds, but one at least.
    func photographTriptychs(
        _ attack: AttackRun, _ level: AttackRun.Level, _ triptychs: [Triptych]
    ) -> Markup {
        let place = study.attacks.firstIndex { $0.name == attack.name } ?? 0
        let share = (study.layout.photographs - photographSize) / (study.attacks.count - place)
        let end = photographSize + share
        var rows: [Markup] = []
        for triptych in triptychs where rows.isEmpty || photographSize < end {
            rows.append(row(triptych, attack, level))
        }
        return figure(
            "wide", tag("ul", ["class": "photographs"]) { for row in rows { tag("li") { row } } }
        ) {
            shown(rows.count, of: attack, level)
            ": original, perturbation, adversarial image. The perturbation is the adversarial image less "
            "the original, times the factor under it; middle grey is no change, a brighter or darker "
            "red, green or blue is more or less of that colour. Left and right are the two pictures "
            "that the network was shown, and how likely it found its five favourite classes; the one "
            "that it named first before the attack stands out."
            if rows.count < triptychs.count {
                " To keep this file small, \(Numerals.whole(triptychs.count - rows.count)) of "
                "\(Numerals.whole(triptychs.count)) are only in the grid of pictures beside it."
            }
        }
    }

    private func row(
        _ triptych: Triptych, _ attack: AttackRun, _ level: AttackRun.Level
    ) -> Markup {
        let windows = photographs(of: triptych, in: attack, level)
        let answer = attack.samples[triptych.position].answer
        return group {
            tag("div") {
                tag("div", ["class": "single", "role": "img", "aria-label": triptych.description]) {
                    windows.original
                }
                tag("p", ["class": "said"]) {
                    tag("b") { triptych.cleanName }
                    " \(Numerals.percent(Double(triptych.cleanConfidence)))"
                }
                bars(triptych.cleanTop, marking: answer)
            }
            tag("div") {
                tag("div", ["class": "single"]) { windows.perturbation }
                tag("p", ["class": "said"]) {
                    tag("b") { "perturbation \(Numerals.factor(Double(triptych.factor)))" }
                }
                tag("p", ["class": "sizes"]) {
                    "No value moves by more than \(Numerals.levels(triptych.linf)) of the 255 levels "
                    "of an 8-bit image; L₂ \(Numerals.significant(Double(triptych.l2)))."
                }
            }
            tag("div") {
                tag("div", ["class": "single"]) { windows.adversarial }
                tag("p", ["class": "said wrong"]) {
                    tag("b") { triptych.finalName }
                    " \(Numerals.percent(Double(triptych.finalConfidence)))"
                }
                bars(triptych.finalTop, marking: answer)
            }
        }
    }

    /// More images than this have a chart of their least ε and no list.
    private static let listedImages = 60

    /// Image by image, how little was enough.
    func leastEpsilons(_ attack: AttackRun) -> Markup {
        guard let least = attack.leastEpsilon, attack.samples.count <= Self.listedImages else {
            return .nothing
        }
        let rows = attack.samples.indices.map { position -> [String] in
            let sample = attack.samples[position]
            let epsilon = Double(least[position])
            let isOpen = sample.isEligible && epsilon.isFinite
            return [
                attack.imageName(position),
                attack.predictedLabels > 0 ? Numerals.none : study.name(of: sample.label),
                study.name(of: sample.answer), Numerals.percent(Double(sample.confidence)),
                isOpen ? Numerals.significant(epsilon) : Numerals.none,
                isOpen
                    ? Numerals.levels(Float(epsilon))
                    : sample.isEligible ? "none found" : "misread before",
            ]
        }
        return table(
            "The least ε that changes the answer, image by image, along the direction of the one "
                + "gradient; in levels of an 8-bit image, of which there are 255 from black to white.",
            head: ["Image", "Shows", "Read as", "Sure", "Least ε", "In levels"], rows: rows,
            sortable: true, className: "named")
    }

    /// What the network sees in the images before anyone attacks them.
    var predictions: Markup? {
        let shown = study.predictions.filter { !$0.entries.isEmpty }
        guard !shown.isEmpty else { return nil }
        return group { for prediction in shown { self.prediction(prediction) } }
    }

    /// More images than this are counted and not shown.
    private static let shownPredictions = 40

    private func prediction(_ prediction: Prediction) -> Markup {
        let labelled = prediction.entries.filter { $0.label != nil }
        let right = labelled.count { $0.top.first?.label == $0.label }
        let among = labelled.count { entry in entry.top.contains { $0.label == entry.label } }
        let count = prediction.entries.count
        return group {
            paragraph {
                "To each of the \(Numerals.count(count, "image")), before anyone changes them, "
                strong(prediction.architecture)
                " gives a probability for every class. Below are the five likeliest."
                if !labelled.isEmpty {
                    " Its first answer is what the image is labelled as for "
                    strong("\(right) of \(labelled.count)")
                    "; for \(among) the label is among the five."
                }
                if labelled.count < count {
                    " Of \(Numerals.count(count - labelled.count, "image")) nobody has said what they "
                    "show: there an attack tries to move the network from its own answer."
                }
            }
            if count <= Self.shownPredictions {
                figure(
                    "wide",
                    tag("ul", ["class": "predictions"]) {
                        for (position, entry) in prediction.entries.enumerated() {
                            tag("li") { card(entry, position, prediction) }
                        }
                    }
                ) {
                    "What the network sees. Where an image has a label it stands above the answers, in "
                    "another colour where the first answer is a different one; among the answers the "
                    "label’s own stands out."
                }
            }
        }
    }

    private func card(
        _ entry: Prediction.Entry, _ position: Int, _ prediction: Prediction
    ) -> Markup {
        let label = entry.label.map { study.name(of: $0) }
        let isWrong = entry.label != nil && entry.label != entry.top.first?.label
        let name = entry.file ?? "image \(Numerals.whole(entry.index))"
        let words = "\(name)" + (label.map { ", \(Wording.answer($0))" } ?? "")
        return group {
            if photographSize < study.layout.photographs / 2 {
                tag("div", ["class": "single", "role": "img", "aria-label": words]) {
                    photograph(
                        "\(prediction.sample)-\(position)", Picture(prediction.images, position))
                }
            }
            tag("p", ["class": isWrong ? "said wrong" : "said"]) { tag("b") { label ?? name } }
            bars(entry.top, marking: entry.label)
        }
    }
}

extension AttackRun {
    /// What an image is called: its file, or its number.
    func imageName(_ position: Int) -> String {
        fileNames.indices.contains(position)
            ? fileNames[position] : Numerals.whole(samples[position].index)
    }
}

extension Numerals {
    /// A change of a pixel in levels of an 8-bit image: 0.0039 is 1.
    static func levels(_ value: Float) -> String { concise(Double(value) * 255) }
}
