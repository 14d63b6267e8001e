// Original, perturbation, adversarial: the three pictures that a report of this kind is about.

import Tensors

/// Three pictures of one image, and what the network says to the first and the last.
struct Triptych {
    let original: Picture
    let adversarial: Picture
    let trueName: String
    let cleanName: String
    let cleanConfidence: Float
    let finalName: String
    let finalConfidence: Float
    let linf: Float
    let l2: Float
    let target: String?
    let index: Int
    /// The name of the image's file, if it has one.
    let file: String?
    /// The likeliest classes before and after.
    let cleanTop: [Guess], finalTop: [Guess]
    /// The original's artifact and place there: the same picture in every attack.
    let origin: String, position: Int

    /// The triptych of a sample; nil if the sample has no picture.
    init?(_ study: Study, _ attack: AttackRun, _ level: AttackRun.Level, _ position: Int) {
        guard attack.originals.holds(position), level.images.holds(position) else { return nil }
        let (sample, outcome) = (attack.samples[position], level.outcomes[position])
        original = Picture(attack.originals, position)
        adversarial = Picture(level.images, position)
        trueName = study.name(of: sample.label)
        cleanName = study.name(of: sample.answer)
        cleanConfidence = sample.confidence
        finalName = study.name(of: outcome.answer)
        finalConfidence = outcome.confidence
        linf = outcome.linf
        l2 = outcome.l2
        target = sample.target.map { study.name(of: $0) }
        index = sample.index
        file = attack.fileNames.indices.contains(position) ? attack.fileNames[position] : nil
        (cleanTop, finalTop) = (sample.top, outcome.top)
        (origin, self.position) = (attack.origin, position)
    }

    /// Whether the picture is a photograph, to be shown large: see `Page.photograph`.
    var isPhotograph: Bool { original.isPhotograph }

    /// How much the perturbation is magnified: the largest round factor that keeps its largest
    /// value on the colour scale. That of a photograph is drawn around a middle grey, and a
    /// hundredth of its values may go beyond black and white.
    var factor: Float {
        let difference = adversarial.minus(original)
        let largest =
            isPhotograph
            ? 2 * Float(Statistics.quantile(0.99, of: difference.sizes) ?? 0) : difference.largest
        // No more than a thousand, and with some room for the last bit of a float.
        let factors: [Float] = [
            1000, 500, 300, 200, 100, 50, 30, 20, 15, 10, 8, 6, 5, 4, 3, 2, 1.5,
        ]
        return factors.first { $0 * largest <= 1.0001 } ?? 1
    }

    /// The perturbation as it is drawn.
    var perturbation: Picture { adversarial.minus(original, times: factor) }

    /// The perturbation of a photograph as it is drawn: channel by channel around a middle grey, in
    /// sixteen steps, which the eye cannot tell from more and which take half the room.
    var perturbationInColour: Picture {
        let difference = perturbation
        return Picture(
            width: difference.width, height: difference.height, channels: difference.channels,
            values: difference.values.map { value in
                0.5 + (min(max(2 * value, -1), 1) * 8).rounded() / 16
            })
    }

    /// What is seen, in words.
    var description: String {
        "Three pictures. Left: an image of \(Wording.answer(trueName)), read as "
            + "\(Wording.answer(cleanName)) with \(Numerals.percent(Double(cleanConfidence))) confidence. "
            + "Middle: the perturbation, magnified \(Numerals.plain(Double(factor))) times; no pixel "
            + "moves by more than \(Numerals.concise(Double(linf))). Right: their sum, "
            + "read as \(Wording.answer(finalName)) with "
            + "\(Numerals.percent(Double(finalConfidence))) confidence."
    }
}

/// The two sheets behind a set of triptychs: pictures in grey, perturbations in two colours.
struct TriptychSheets {
    private var plain: Sheet
    private var signed: Sheet

    init(id: String, like picture: Picture) {
        plain = Sheet(id: "\(id)-p", map: .grey, width: picture.width, height: picture.height)
        signed = Sheet(id: "\(id)-s", map: .signed, width: picture.width, height: picture.height)
    }

    /// The windows for one triptych.
    mutating func add(
        _ triptych: Triptych
    ) -> (original: Markup, perturbation: Markup, adversarial: Markup) {
        (
            plain.add(triptych.original), signed.add(triptych.perturbation),
            plain.add(triptych.adversarial)
        )
    }

    /// A picture on its own.
    mutating func add(_ picture: Picture) -> Markup { plain.add(picture) }

    /// The picture files, to be put before the windows.
    var definitions: Markup { .group([plain.definition, signed.definition]) }
}

/// The colours of a perturbation, explained.
let signedScale = tag("span", ["class": "signed-scale"]) {
    tag("span") { "−1" }
    tag("span", ["class": "ramp", "role": "img", "aria-label": "from blue over nothing to orange"])
    tag("span") { "+1" }
}
