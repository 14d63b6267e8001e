// What an attack says of its own gradients, and of images on which something went wrong.

extension AttackRun {
    /// The gradients that an attack took at a level, and how many of them were zero everywhere.
    struct Gradients {
        let level: Level
        let zero: Int, taken: Int

        /// The share that was zero; nil if none was taken.
        var share: Double? { Statistics.share(zero, of: taken) }

        /// Whether more than one in ten was zero: an attack that cannot see.
        var isMasked: Bool { 10 * zero > taken }
    }

    /// The gradients of a level, summed over eligible images; nil where the file does not tell.
    func gradients(at level: Level) -> Gradients? {
        let counts = eligible.map { level.outcomes[$0].zeroGradients }
        guard !counts.isEmpty, !counts.contains(nil) else { return nil }
        return Gradients(
            level: level, zero: counts.compactMap { $0 }.reduce(0, +),
            taken: eligible.map { level.outcomes[$0].backwardPasses }.reduce(0, +))
    }

    /// The gradients of the level at which the largest share was zero; nil if none were taken.
    var mostMasked: Gradients? {
        levels.compactMap { gradients(at: $0) }.filter { $0.taken > 0 }
            .max { ($0.share ?? 0) < ($1.share ?? 0) }
    }

    /// The warning about gradients that are zero; nil where they are seldom so or nobody counted.
    var maskingWarning: String? {
        guard let worst = mostMasked, worst.isMasked else { return nil }
        return
            "Gradients are zero, so this attack cannot see: \(Numerals.percent(worst.share)) of the "
            + "\(Numerals.count(worst.taken, "gradient")) that it took\(worst.level.strength) were zero "
            + "everywhere and gave it no direction. Its low success says nothing about the network."
    }

    /// Images on which something went wrong, by reason, in the order in which the file names them.
    var incidents: [(reason: String, images: [Int])] {
        events.enumerated().compactMap { number, reason in
            let images = samples.indices.filter { image in
                number > 0
                    && levels.contains {
                        $0.outcomes.indices.contains(image) && $0.outcomes[image].event == number
                    }
            }
            return images.isEmpty ? nil : (reason, images)
        }
    }

    /// A sentence on these images; nil if there are none.
    var incidentText: String? {
        let all = incidents
        guard !all.isEmpty else { return nil }
        let parts = all.map { reason, images in
            let names = images.prefix(8).map(imageName)
            let left = images.count - names.count
            return "\(Numerals.count(images.count, "image")): \(Wording.event(reason)) "
                + "(\(names.joined(separator: ", "))\(left > 0 ? " and \(left) more" : ""))"
        }
        return "The attack could not do its work on some images. " + parts.joined(separator: "; ")
            + "."
    }

    /// What the attack, and the page about it, want to be known: see `Page.warnings`.
    var allWarnings: [String] { [maskingWarning, incidentText].compactMap { $0 } + warnings }
}
