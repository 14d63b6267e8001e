// The pictures of the gallery, in 256 levels and as few bytes as can be: the originals, and of adversarial
// images what was added to them, byte by byte and modulo 256, for as many as there is room for.
//
// Pictures lie in streams of ten, each compressed by itself, so that a script unpacks only what is seen.

/// The pictures of a gallery within a budget.
struct GalleryPictures {
    /// Pictures in a stream.
    static let perStream = 10

    /// The streams, one after the other.
    private(set) var bytes: [UInt8] = []
    /// The lengths of the streams of the originals, which come first.
    private(set) var originals: [Int] = []
    /// By attack and level: where the first stream begins, and the lengths of all. They hold the first of
    /// the images that were turned there, in the order of the gallery.
    private(set) var levels: [[(start: Int, lengths: [Int])]]

    private let gallery: Gallery

    /// The originals, as many as a number of characters of base64 holds.
    init(_ gallery: Gallery, within characters: Int) {
        self.gallery = gallery
        levels = gallery.entries.map { $0.attack.levels.map { _ in (0, []) } }
        for start in stride(from: 0, to: gallery.count, by: Self.perStream) {
            let images = start..<min(start + Self.perStream, gallery.count)
            let stream = Deflate.zlib(images.flatMap { original($0) })
            guard originals.isEmpty || 4 * (bytes.count + stream.count) <= 3 * characters else {
                break
            }
            bytes += stream
            originals.append(stream.count)
        }
    }

    /// How many originals there are.
    var count: Int { min(gallery.count, originals.count * Self.perStream) }

    /// Adds adversarial images up to a number of characters for all pictures: of the level that an
    /// attack is shown at first, of every attack an equal share, of one four times as much; and then of
    /// other levels in order.
    /// - Parameters:
    ///   - characters: How much all pictures may take, the originals included.
    ///   - headline: The attack, by name, that gets more.
    mutating func fill(upTo characters: Int, headline: String?) {
        let limit = characters / 4 * 3
        var parts = gallery.entries.map { $0.attack.name == headline ? 4 : 1 }
        for attack in gallery.entries.indices {
            let share = max(0, limit - bytes.count) * parts[attack] / parts.reduce(0, +)
            add(attack, gallery.entries[attack].attack.featuredNumber, upTo: bytes.count + share)
            parts[attack] = 0
        }
        for (attack, entry) in gallery.entries.enumerated() {
            for level in entry.attack.levels.indices where levels[attack][level].lengths.isEmpty {
                add(attack, level, upTo: limit)
            }
        }
    }

    /// Adds the successes of a level, stream by stream, as long as they fit.
    private mutating func add(_ attack: Int, _ level: Int, upTo limit: Int) {
        let entry = gallery.entries[attack]
        let run = entry.attack
        let images = (0..<count).filter { image in
            guard let place = entry.places[image] else { return false }
            return run.samples[place].isEligible && run.levels[level].outcomes[place].isSuccess
                && run.levels[level].images.holds(place)
        }
        levels[attack][level].start = bytes.count
        for start in stride(from: 0, to: images.count, by: Self.perStream) {
            // Hardly any stream is smaller than this.
            guard bytes.count + 256 < limit || images.count < Self.perStream else { return }
            let some = images[start..<min(start + Self.perStream, images.count)]
            let differences = some.flatMap { image -> [UInt8] in
                guard let place = entry.places[image] else { return [] }
                let after = Self.bytes(Picture(run.levels[level].images, place))
                return zip(after, original(image)).map { $0 &- $1 }
            }
            let stream = Deflate.zlib(differences)
            guard bytes.count + stream.count <= limit else { return }
            bytes += stream
            levels[attack][level].lengths.append(stream.count)
        }
    }

    private func original(_ image: Int) -> [UInt8] {
        Self.bytes(Picture(gallery.source.originals, gallery.positions[image]))
    }

    private static func bytes(_ picture: Picture) -> [UInt8] {
        picture.values.map { $0.isNaN ? 0 : ColourMap.byte(min(max($0, 0), 1)) }
    }

    /// Whether the originals are pictures of 256 levels, so that nothing is lost.
    var isExact: Bool {
        (0..<count).allSatisfy { image in
            Picture(gallery.source.originals, gallery.positions[image]).values.allSatisfy { value in
                value >= 0 && value <= 1 && Float(ColourMap.byte(value)) / 255 == value
            }
        }
    }
}
