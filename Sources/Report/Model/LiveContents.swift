// What the page takes along to compute with: which networks, attacks and images there is room for, and
// which stored results it can compare its own with.

import Formats
import Tensors

/// The part of a study that the page can compute anew.
struct LiveContents {
    /// The attacks that the scripts know.
    static let methods: Set<String> = ["fgsm", "pgd", "noise-sgd", "deepfool", "uniform-noise"]
    /// How many images to choose from.
    static let imageLimit = 200
    /// How many characters weights may take, and how many images.
    static let weightLimit = 2_900_000, imageCharacters = 600_000
    /// Of how many images results are stored to be compared with, for attacks of one pass and of many.
    static let comparedImages = (quick: 100, costly: 10)

    /// An image: where it is found, and its number in the data set.
    struct Image {
        let attack: AttackRun
        let position: Int
        var index: Int { attack.samples[position].index }
        var label: Int { attack.samples[position].label }
    }

    /// Every network of the experiment, and the sentence why it is not in the page; nil where it is.
    let networks: [(network: LiveNetwork, why: String?)]
    /// The attacks that the page can run on networks that it has.
    let attacks: [AttackRun]
    /// The images to choose from, each once.
    let images: [Image]
    /// Whether all values of all images are 255ths, so that a byte each is enough.
    let areBytes: Bool

    /// - Parameters:
    ///   - study: The experiment.
    ///   - wanted: The number of an image that is to be among them.
    init(_ study: Study, wanting wanted: Int?) {
        var room = Self.weightLimit
        networks = study.live.map { network in
            let characters = (network.file.count + 2) / 3 * 4
            if network.parameters > LiveNetwork.parameterLimit {
                return (
                    network,
                    "It has \(Numerals.whole(network.parameters)) parameters, and this page computes with "
                        + "networks of up to \(Numerals.whole(LiveNetwork.parameterLimit))."
                )
            }
            guard characters <= room else {
                return (network, "The networks before it take all the room that a page has.")
            }
            room -= characters
            return (network, nil)
        }
        let embedded = Set(networks.filter { $0.why == nil }.map(\.network.name))
        let runs = study.attacks.filter {
            Self.methods.contains($0.method) && embedded.contains($0.model)
                && $0.limits == AttackRun.Limits() && $0.predictedLabels == 0
        }
        // One data set: a number means one image.
        let first = runs.first ?? study.attacks.first { embedded.contains($0.model) }
        attacks = runs.filter { $0.dataset == first?.dataset && $0.originals.isLike(first) }
        let sources = attacks.isEmpty ? [first].compactMap { $0 } : attacks
        images = Self.images(of: sources, wanting: wanted)
        areBytes = images.allSatisfy { $0.attack.originals.bytes(of: $0.position) != nil }
    }

    /// The images that most attacks have, the classes taking turns.
    private static func images(of attacks: [AttackRun], wanting wanted: Int?) -> [Image] {
        guard let shape = attacks.first?.originals.shape.dropFirst() else { return [] }
        var places: [Int: (image: Image, uses: Int, order: Int)] = [:]
        for attack in attacks {
            for position in attack.samples.indices where attack.originals.holds(position) {
                let image = Image(attack: attack, position: position)
                let order = places.count
                places[image.index, default: (image, 0, order)].uses += 1
            }
        }
        let ranked = places.values.sorted { ($1.uses, $0.order) < ($0.uses, $1.order) }.map(\.image)
        let size = shape.reduce(1, *)
        let bytes = ranked.allSatisfy { $0.attack.originals.bytes(of: $0.position) != nil } ? 1 : 4
        let limit = min(imageLimit, max(1, imageCharacters * 3 / 4 / max(1, size * bytes)))
        // Attacks on few images must have theirs here, so that uses come before turns.
        let most = ranked.first.map { places[$0.index]?.uses ?? 0 } ?? 0
        let shared = ranked.filter { places[$0.index]?.uses == most }
        var chosen = takingTurns(shared, limit: limit)
        let known = Set(chosen.map(\.index))
        chosen += takingTurns(
            ranked.filter { !known.contains($0.index) }, limit: limit - chosen.count)
        if let wanted, !chosen.contains(where: { $0.index == wanted }),
            let image = places[wanted]?.image
        {
            if chosen.count == limit { chosen.removeLast() }
            chosen.insert(image, at: 0)
        }
        return chosen
    }

    private static func takingTurns(_ images: [Image], limit: Int) -> [Image] {
        Selection.takingTurns(
            Array(images.indices), labels: images.map(\.label), limit: limit
        ).map { images[$0] }
    }

    /// The images of which an attack's results are compared: places in `images` and in the attack.
    func compared(_ attack: AttackRun) -> [(image: Int, position: Int)] {
        let isQuick = ["fgsm", "uniform-noise"].contains(attack.method)
        var positions: [Int: Int] = [:]
        for (position, sample) in attack.samples.enumerated() { positions[sample.index] = position }
        let found = images.indices.compactMap { place in
            positions[images[place].index].map { (image: place, position: $0) }
        }
        return Array(
            found.prefix(isQuick ? Self.comparedImages.quick : Self.comparedImages.costly))
    }
}

extension Tensor {
    /// Whether images of both are of one shape.
    fileprivate func isLike(_ attack: AttackRun?) -> Bool {
        attack.map { $0.originals.shape.dropFirst() == shape.dropFirst() } ?? false
    }

    /// A row as bytes, where each value is a 255th of a byte; nil where one is not.
    func bytes(of row: Int) -> [UInt8]? {
        let size = shape.dropFirst().reduce(1, *)
        return withFloats { floats in
            var bytes: [UInt8] = []
            bytes.reserveCapacity(size)
            for value in floats[row * size..<(row + 1) * size] {
                let byte = (value * 255).rounded()
                guard byte >= 0, byte <= 255, Float(byte) / 255 == value else { return nil }
                bytes.append(UInt8(byte))
            }
            return bytes
        }
    }

    /// A row's floats, four bytes each, lowest first.
    func littleEndianBytes(of row: Int) -> [UInt8] {
        let size = shape.dropFirst().reduce(1, *)
        return withFloats { floats in
            floats[row * size..<(row + 1) * size].flatMap { $0.bitPattern.littleEndianBytes }
        }
    }
}

extension UInt32 {
    /// The four bytes, lowest first.
    var littleEndianBytes: [UInt8] { bigEndianBytes.reversed() }
}
