// The choice among preprocessings: what the user says, what the network's file says, or what stands out
// on labelled images. Never a guess.

import Datasets
import Formats
import Networks
import StageWork
import Tensors

/// A network with the preprocessing that it is to have, and how that was found.
struct PixelChoice {
    let architecture: Architecture
    private let pixels: PixelWords
    private let reason: Reason
    private let trials: [PixelTrial]

    private enum Reason: String {
        /// The user's word.
        case given
        /// The network's own first layer, whose constants tell the range.
        case graph
        /// The best of those that were tried.
        case tried
    }

    /// As the record and the model's description have it.
    var json: JSON {
        var members: [String: JSON] = [
            "pixels": .string(pixels.words), "reason": .string(reason.rawValue),
            "mean": .array(pixels.preprocessing.mean.map(JSON.number)),
            "deviation": .array(pixels.preprocessing.deviation.map(JSON.number)),
        ]
        if !trials.isEmpty { members["tried"] = .array(trials.map(\.json)) }
        return .object(members)
    }

    /// Finds it.
    ///
    /// - Throws: `StageFault` where nothing stands out, with the table of what was tried and what to set.
    init(
        _ network: Network, _ data: LabelledImages, _ config: any ResolvedConfig,
        _ work: any Workspace
    ) throws {
        let architecture = network.architecture
        let channels = architecture.imageShape[0]
        let name = Shown.text(architecture.name)
        if config.isSet("pixels") {
            let pixels = try PixelWords(
                config.text("pixels"), channels: channels, in: config.file)
            try self.init(architecture, pixels, .given, [])
            return
        }
        let own = architecture.ownNormalisation
        if let own {
            // Constants of more than a few units are meant for 0…255.
            let isBytes = (own.mean.map(abs) + own.deviation).contains { $0 > 4 }
            let pixels = try PixelWords(
                isBytes ? "0..255" : "0..1", channels: channels, in: config.file)
            work.log.line(
                "\(name) normalises its pixels itself, with means \(Self.list(own.mean)) and "
                    + "deviations \(Self.list(own.deviation)): of pixels \(pixels.words)")
            try self.init(architecture, pixels, .graph, [])
            return
        }
        let labelled = data.labels.indices.filter { data.labels[$0] != LabelledImages.unknown }
        guard !labelled.isEmpty else {
            throw StageFault(
                .badData,
                "which pixels \(name) expects is not in its file, and none of the images has a label "
                    + "to try it by",
                remedy: "say it, as in PIXELS=imagenet; there are: \(PixelWords.known)")
        }
        let used = Array(labelled.prefix(try config.integer("images")))
        let images = data.images.gather(used)
        let labels = used.map { data.labels[$0] }
        let candidates = try PixelWords.usual(channels: channels)
        var trials: [PixelTrial] = []
        for (index, pixels) in candidates.enumerated() {
            trials.append(
                try PixelTrial(pixels, before: network, images: images, labels: labels))
            work.log.progress(done: index + 1, of: candidates.count, label: "preprocessings")
        }
        // Of equals the first stays first.
        let order = trials.indices.sorted {
            (-trials[$0].correct, $0) < (-trials[$1].correct, $1)
        }
        let ranked = order.map { trials[$0] }
        for line in PixelTrial.table(ranked) { work.log.line(line) }
        let table = PixelTrial.table(ranked).map { "\n  " + $0 }.joined()
        guard let best = ranked.first, best.beatsGuessing(classes: network.classes) else {
            throw StageFault(
                .badData,
                "with none of the usual preprocessings does \(name) answer better than by guessing:"
                    + table,
                remedy:
                    "look whether the classes are in the network's order (CLASSES=names.txt), or "
                    + "say which pixels it expects (PIXELS=…)")
        }
        if let rival = ranked.dropFirst().first(where: { !best.standsOut(from: $0) }) {
            throw StageFault(
                .badData,
                "on \(used.count) images no preprocessing of \(name) stands out:" + table,
                remedy: "say which it is, as in PIXELS='\(best.pixels.words)' or "
                    + "PIXELS='\(rival.pixels.words)'")
        }
        try self.init(architecture, best.pixels, .tried, ranked)
    }

    private init(
        _ architecture: Architecture, _ pixels: PixelWords, _ reason: Reason,
        _ trials: [PixelTrial]
    ) throws {
        self.architecture = try architecture.preceded(by: pixels.preprocessing)
        (self.pixels, self.reason, self.trials) = (pixels, reason, trials)
    }

    private static func list(_ numbers: [Double]) -> String {
        numbers.map { "\(Float($0))" }.joined(separator: ", ")
    }
}
