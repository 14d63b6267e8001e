// The top of the page: one picture and one sentence, above the key figures; then the idea.

extension Page {
    /// The banner with the most striking example of the study.
    var headline: Markup {
        let triptych = example.flatMap { Triptych(study, $0.attack, $0.level, $0.position) }
        return tag("header", ["class": "banner"]) {
            paragraph("kicker") {
                "Mirage"
                tag("span") { "experiment \(study.experiment)" }
            }
            tag("h1") { "Optical illusions for machines" }
            if let triptych, let example {
                striking(triptych, example)
            } else {
                paragraph("lead") {
                    study.attacks.isEmpty
                        ? "No attack has been run in this experiment yet: what follows is the data and the network."
                        : "No attack of this experiment has changed an answer: the figures below tell how hard each tried."
                }
            }
            keyFigures
        }
    }

    private func striking(_ triptych: Triptych, _ example: Selection.Example) -> Markup {
        let attack = AttackText(example.attack).short + example.level.strength
        let factor = triptych.factor
        var sheets = TriptychSheets(id: "headline", like: triptych.original)
        let windows =
            triptych.isPhotograph
            ? photographs(of: triptych, in: example.attack, example.level) : sheets.add(triptych)
        let magnified = factor == 1 ? "" : ", \(Numerals.factor(Double(factor)))"
        return group {
            paragraph("lead") {
                "The network reads \(Wording.this(triptych.trueName)) as "
                strong(Wording.answer(triptych.finalName))
                ", \(Numerals.percent(Double(triptych.finalConfidence))) sure."
            }
            sheets.definitions
            figure(
                triptych.isPhotograph ? "hero photographic" : "hero",
                tag(
                    "div", ["class": "equation", "role": "img", "aria-label": triptych.description]
                ) {
                    tag("div", ["class": "term"]) {
                        windows.original
                        verdict(triptych.cleanName, triptych.cleanConfidence, "original")
                    }
                    tag("span", ["class": "sign"]) { "+" }
                    tag("div", ["class": "term"]) {
                        windows.perturbation
                        tag("p", ["class": "verdict"]) {
                            tag("span", ["class": "what"]) { "perturbation\(magnified)" }
                            tag("span", ["class": "name"]) {
                                "±\(Numerals.concise(Double(triptych.linf)))"
                            }
                            tag("span", ["class": "sure"]) { "at most, per pixel" }
                        }
                    }
                    tag("span", ["class": "sign"]) { "=" }
                    tag("div", ["class": "term fooled"]) {
                        windows.adversarial
                        verdict(triptych.finalName, triptych.finalConfidence, "adversarial")
                    }
                }
            ) {
                triptych.file.map { "The picture: \($0)." }
                    ?? "Test image \(Numerals.whole(triptych.index))."
                " The attack: \(attack). In the middle, "
                triptych.isPhotograph
                    ? "grey is no change, and a brighter or darker colour more or less of that colour"
                    : "orange pixels were made brighter and blue ones darker"
                factor == 1
                    ? ", shown at their real size."
                    : "; shown \(Numerals.plain(Double(factor))) times stronger than they are."
                " Pixels count from 0, black, to 1, white. Of all successes that survive being saved "
                "with 256 levels"
                if example.clean > 0 {
                    ", and in which the network was at least "
                    "\(Numerals.percent(example.clean, 0)) sure before and "
                    "\(Numerals.percent(example.final, 0)) after"
                }
                if example.isFar {
                    ", and to whose new answer it had not given one of the first five places before"
                }
                ", this one needs the smallest change, measured in L₂."
            }
            slider(for: example)
            photoSlider(for: example)
        }
    }

    private func verdict(_ name: String, _ confidence: Float, _ what: String) -> Markup {
        tag("p", ["class": "verdict"]) {
            tag("span", ["class": "what"]) { what }
            tag("span", ["class": "name"]) { name }
            tag("span", ["class": "sure"]) { "\(Numerals.percent(Double(confidence))) sure" }
        }
    }

    /// The idea in plain words.
    var idea: Markup {
        group {
            paragraph {
                "An "
                stressed("adversarial example")
                " is an input that has been changed a little, on purpose, so that a trained network "
                "gives a wrong answer, while a person would hardly call it a different picture. The "
                "change is no accident: a random one of the same size seldom matters. It is "
                "computed from the network itself, by asking in which direction its answer is "
                "easiest to push."
            }
            paragraph {
                "That such changes exist says something about what networks learn. A network that "
                "reads nearly every test image correctly need not see strokes and loops as we do; it "
                "has found directions in the space of images that happen to sort its training data, "
                "and in most of those directions no natural image ever moves. An attack does."
            }
            paragraph {
                "This page follows one experiment from raw data to figures. Each attack "
                stressed("proposes")
                " a changed image; a fresh pass through the network then "
                stressed("judges")
                " it. Images that the network misread from the start are left out of every success "
                "rate, and where an attack fails, the untouched original is kept."
            }
            start
        }
    }

    /// Which images the attacks start from.
    private var start: Markup {
        var counts: [String: Int] = [:]
        for attack in study.attacks { counts[attack.sample] = attack.samples.count }
        if counts.count > 1 {
            let sizes = Wording.list(counts.values.sorted().map(Numerals.whole))
            return paragraph {
                "The attacks start from samples of \(sizes) test images, each drawn without replacement; "
                "costly attacks take the smaller ones."
            }
        }
        guard let sample = study.sample else { return .nothing }
        return paragraph {
            "All attacks start from the same \(Numerals.count(sample.images.shape.first ?? 0, "test image"))"
            sample.seed.isEmpty
                ? "." : ", drawn without replacement with seed \(sample.seed)."
        }
    }
}
