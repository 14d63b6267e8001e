// The images that the page shows all together: which they are, and where each of them lies in the
// sample of every attack.
//
// Attacks may have seen different samples. An image is the same one in two of them where its data set,
// its number there and its label agree (`Comparison.Identity`).

import Tensors

/// Up to a thousand images, and the attacks that saw some of them.
struct Gallery {
    /// No more images than this.
    static let most = 1000

    /// The attack whose sample the images are taken from.
    let source: AttackRun
    /// Where the images lie in its sample: of its first thousand, by their numbers in the data set.
    private(set) var positions: [Int]
    /// The attacks that saw one of the images at least, in the order of the page.
    let entries: [Entry]

    /// An attack, and where the images lie in its sample; nil for an image that it did not see.
    struct Entry {
        let attack: AttackRun
        let places: [Int?]
        /// By level and image: whether no other attack of its norm turned the image with a change as
        /// small. Of an attack with a budget “as small” is at most that budget.
        let isAlone: [[Bool]]
    }

    /// How many images there are.
    var count: Int { positions.count }

    /// The images of a study: of all its samples the one of whose first thousand images the attacks
    /// together saw most. Nil where no attack has images, and for photographs, which are shown large
    /// in their own parts.
    init?(_ attacks: [AttackRun]) {
        let shown = attacks.filter { attack in
            !attack.levels.isEmpty && !attack.samples.isEmpty
                && attack.originals.holds(attack.samples.count - 1)
                && [1, 3].contains(attack.originals.shape[1])
                && !Picture(attack.originals, 0).isPhotograph
        }
        var best: (attack: AttackRun, places: [[Int?]], cells: Int)?
        var tried: Set<[Comparison.Identity]> = []
        let identities = shown.map(Comparison.Identity.all)
        for (attack, own) in zip(shown, identities) {
            let images = own.prefix(Self.most).sorted { ($0.index, $0.copy) < ($1.index, $1.copy) }
            guard tried.insert(images).inserted else { continue }
            let places = zip(shown, identities).map { other, ids -> [Int?] in
                guard other.dataset == attack.dataset,
                    other.originals.shape.dropFirst() == attack.originals.shape.dropFirst()
                else { return images.map { _ in nil } }
                let numbers = Dictionary(
                    zip(ids, ids.indices), uniquingKeysWith: { first, _ in first })
                return images.map { numbers[$0] }
            }
            let cells = places.reduce(0) { $0 + $1.count { $0 != nil } }
            if cells > best?.cells ?? 0 { best = (attack, places, cells) }
        }
        guard let best else { return nil }
        let comparisons = Comparison.all(attacks)
        source = best.attack
        positions = best.attack.samples.indices.prefix(Self.most).sorted {
            let (one, other) = (best.attack.samples[$0].index, best.attack.samples[$1].index)
            return (one, $0) < (other, $1)
        }
        entries = zip(shown, best.places).filter { $0.1.contains { $0 != nil } }.map {
            attack, places in
            Entry(
                attack: attack, places: places,
                isAlone: Self.alone(attack, comparisons, at: places))
        }
    }

    /// The same with the first images only.
    func first(_ count: Int) -> Gallery {
        var gallery = self
        gallery.positions = Array(positions.prefix(count))
        return gallery
    }

    private static func alone(
        _ attack: AttackRun, _ comparisons: [Comparison], at places: [Int?]
    ) -> [[Bool]] {
        let nowhere = attack.levels.map { _ in places.map { _ in false } }
        for comparison in comparisons {
            guard let own = comparison.entries.firstIndex(where: { $0.attack.name == attack.name })
            else { continue }
            let others = comparison.entries.indices.filter { $0 != own }
            var numbers = [Int?](repeating: nil, count: attack.samples.count)
            for (number, place) in comparison.entries[own].places.enumerated() {
                if let place { numbers[place] = number }
            }
            return attack.levels.map { level in
                places.map { place in
                    guard let place, let number = numbers[place],
                        attack.samples[place].isEligible, level.outcomes[place].isSuccess
                    else { return false }
                    let size =
                        level.epsilon.map { Float($0) }
                        ?? level.outcomes[place].size(in: attack.norm)
                    return !others.contains { comparison.entries[$0].least[number] <= size }
                }
            }
        }
        return nowhere
    }
}
