// What became of every image of the gallery under every attack and level, packed for the page: bytes in
// columns, which a script reads as they are.
//
//     index            4 × N   numbers in the data set, the lowest bytes of all first
//     label            W × N
//     for every network
//         answer       W × N   to the untouched image
//         confidence   2 × N
//     for every attack
//         target       W × N   in targeted attacks only; all bits set for none
//         for every level
//             flags        N   1 fooled, 2 even after rounding to 8 bits, 4 no other attack of the norm
//                              did it with as small a change, 8 attacked at all, 16 in its sample
//             answer   W × N   to the stored image; for one that held, to the attack's last proposal
//             confidence 2 × N
//             distance 3 × N   in the attack's norm: four digits (two bytes) and a power of ten
//
// W is 1 for up to 255 classes and 2 for more; of two bytes all low ones stand before all high ones.

/// The columns of a gallery.
struct GalleryColumns {
    private let gallery: Gallery
    /// The networks that were attacked, by the stems of their nodes.
    let networks: [String]
    /// Whether a class takes two bytes.
    let isWide: Bool

    init(_ gallery: Gallery, classes: Int) {
        self.gallery = gallery
        var networks: [String] = []
        for entry in gallery.entries where !networks.contains(entry.attack.model) {
            networks.append(entry.attack.model)
        }
        self.networks = networks
        let highest = gallery.entries.flatMap { entry in
            entry.attack.samples.map { max($0.label, $0.answer, $0.target ?? 0) }
        }.max()
        isWide = max(classes, (highest ?? 0) + 1) > 255
    }

    /// All columns, one after the other.
    var bytes: [UInt8] {
        let images = 0..<gallery.count
        var bytes = planes(gallery.positions.map { gallery.source.samples[$0].index }, 4)
        bytes += classes(gallery.positions.map { gallery.source.samples[$0].label })
        for network in networks {
            // Every attack on a network was shown the same images, so that any of them tells.
            let attacks = gallery.entries.filter { $0.attack.model == network }
            let samples = images.map { image in
                attacks.lazy.compactMap { entry in
                    entry.places[image].map { entry.attack.samples[$0] }
                }.first
            }
            bytes += classes(samples.map { $0?.answer ?? -1 })
            bytes += planes(samples.map { Self.code(of: $0?.confidence ?? 0) }, 2)
        }
        for entry in gallery.entries {
            if entry.attack.isTargeted {
                bytes += classes(images.map { entry.sample($0)?.target ?? -1 })
            }
            for level in entry.attack.levels.indices { bytes += columns(entry, level) }
        }
        return bytes
    }

    private func columns(_ entry: Gallery.Entry, _ level: Int) -> [UInt8] {
        let images = 0..<gallery.count
        let outcomes = images.map { image in
            entry.places[image].map { entry.attack.levels[level].outcomes[$0] }
        }
        let flags = images.map { image -> UInt8 in
            guard let sample = entry.sample(image), let outcome = outcomes[image] else { return 0 }
            guard sample.isEligible else { return 16 }
            return 16 | 8 | (outcome.isSuccess ? 1 : 0) | (outcome.survivesRounding ? 2 : 0)
                | (entry.isAlone[level][image] ? 4 : 0)
        }
        let sizes = outcomes.map { Self.digits(of: $0?.size(in: entry.attack.norm) ?? 0) }
        return flags
            + classes(
                outcomes.map { $0.map { $0.isSuccess ? $0.answer : $0.proposedAnswer } ?? -1 })
            + planes(
                outcomes.map { outcome in
                    Self.code(
                        of: outcome.map { $0.isSuccess ? $0.confidence : $0.proposedConfidence }
                            ?? 0)
                }, 2)
            + planes(sizes.map(\.digits), 2) + planes(sizes.map(\.power), 1)
    }

    private func classes(_ values: [Int]) -> [UInt8] { planes(values, isWide ? 2 : 1) }

    private func planes(_ values: [Int], _ count: Int) -> [UInt8] {
        (0..<count).flatMap { plane in
            values.map { UInt8(truncatingIfNeeded: $0 >> (8 * plane)) }
        }
    }

    /// A confidence as the page writes it, in tenths of a per cent, as a number that rises with it: 0 is
    /// 0 %, 1 is less than 0.1 %, 1 + k is k tenths, 1001 is more than 99.9 % and 1002 is 100 %.
    static func code(of confidence: Float) -> Int {
        let value = Double(confidence) * 100
        guard value > 0 else { return 0 }
        if value < 0.1 { return 1 }
        if value >= 100 { return 1002 }
        if value > 99.9 { return 1001 }
        return 1 + Int((value * 10).rounded())
    }

    /// A distance with four significant digits: `digits` · 10^`power`. 0 for none.
    static func digits(of distance: Float) -> (digits: Int, power: Int) {
        var value = Double(distance)
        guard value > 0, value.isFinite else { return (0, 0) }
        var power = 0
        while value >= 9999.5 { (value, power) = (value / 10, power + 1) }
        while value < 999.95 { (value, power) = (value * 10, power - 1) }
        return (Int(value.rounded()), power)
    }
}

extension Gallery.Entry {
    /// What is known of an image before the attack; nil if it is not in its sample.
    func sample(_ image: Int) -> AttackRun.Sample? { places[image].map { attack.samples[$0] } }
}
