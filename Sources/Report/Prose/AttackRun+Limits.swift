// What a mask and bounds of channels mean, in sentences.

extension AttackRun {
    /// Which pixels might change and how far; nil where all might, between 0 and 1.
    var limitsInWords: String? {
        var sentences: [String] = []
        if let mask = limits.mask {
            sentences.append(
                "Only \(Numerals.whole(mask.mayChange)) of the \(Numerals.count(mask.values, "value")) of "
                    + "an image might change, those that the mask leaves open; all others keep every bit."
            )
        }
        let bounds = limits.bounds.map {
            "\(Numerals.setting($0.lowerBound))…\(Numerals.setting($0.upperBound))"
        }
        if !bounds.isEmpty {
            let channels = bounds.count > 1 ? ", channel by channel" : ""
            sentences.append(
                "Values stay within \(Wording.list(bounds))\(channels), in place of 0…1; one that lies "
                    + "beyond in the original may go towards these bounds, and no farther away.")
        }
        return sentences.isEmpty ? nil : sentences.joined(separator: " ")
    }
}
