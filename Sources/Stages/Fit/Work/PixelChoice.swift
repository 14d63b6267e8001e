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

    /// As the record and the model's description have it; the numbers are those of all that happens to
    /// a pixel, the network's own normalisation included.
    var json: JSON {
        let whole =
            architecture.ownNormalisation
            ?? .none(channels: architecture.imageShape.first ?? 0)
        var members: [String: JSON] = [
            "pixels": .string(pixels.words), "reason": .string(reason.rawValue),
            "mean": .array(whole.mean.map(JSON.number)),
            "deviation": .array(whole.deviation.map(JSON.number)),
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
        let own = architecture.ownNormalisation
        let normalises = own.map {
            "\(name) normalises its pixels itself, with means \(Self.list($0.mean)) and deviations "
                + Self.list($0.deviation)
        }
        if config.isSet("pixels") {
            let pixels = try PixelWords(
                config.text("pixels"), channels: channels, in: config.file)
            if let normalises {
                guard pixels.isRangeOnly else {
                    throw StageFault(
                        .usage, "\(normalises): a second normalisation before it would be wrong",
                        remedy: "say only the range and the order of colours, as in "
                            + "PIXELS='0..255 bgr'")
                }
                work.log.line("\(normalises), of pixels \(pixels.words)")
            }
            try self.init(architecture, pixels, .given, [])
            return
        }
        // What the constants tell is tried as well, where there are labels.
        let told = try own.flatMap(Self.range).map {
            try PixelWords($0, channels: channels, in: config.file)
        }
        let trials = try PixelChoice.trials(of: network, data, hasOwn: own != nil, config, work)
        if let told, let normalises {
            let best = trials.first
            let rival = trials.first { $0.pixels.words == told.words }
            let isContradicted =
                if let best, let rival { best.standsOut(from: rival) } else { false }
            work.log.line(
                "\(normalises): by these numbers of pixels \(told.words)"
                    + (isContradicted ? ", which the labels contradict" : ""))
            if !isContradicted {
                try self.init(architecture, told, .graph, [])
                return
            }
        }
        let best = try PixelChoice.best(of: trials, data, network)
        try self.init(architecture, best.pixels, .tried, trials)
    }

    private init(
        _ architecture: Architecture, _ pixels: PixelWords, _ reason: Reason,
        _ trials: [PixelTrial]
    ) throws {
        self.architecture = try architecture.preceded(by: pixels.preprocessing)
        (self.pixels, self.reason, self.trials) = (pixels, reason, trials)
    }

    /// The range for which the constants of a normalisation are meant; nil where they could be for
    /// several.
    static func range(_ own: Preprocessing) -> String? {
        let numbers = own.mean.map(abs) + own.deviation
        if numbers.contains(where: { $0 > 4 }) { return "0..255" }
        if own.mean.contains(where: { $0 < -0.25 }) { return "-1..1" }
        return numbers.allSatisfy { $0 <= 1.01 } ? "0..1" : nil
    }

    // MARK: Trying

    /// The usual ones, the best first; none without labels. Of equals the first stays first.
    private static func trials(
        of network: Network, _ data: LabelledImages, hasOwn: Bool, _ config: any ResolvedConfig,
        _ work: any Workspace
    ) throws -> [PixelTrial] {
        // Some twenty passes of each way even of the largest network, and not much more.
        let flops = Double(max(1, network.architecture.forwardFLOPs))
        let count = min(try config.integer("images"), max(20, Int(2e11 / flops)))
        let used = ImageDraw.balanced(data, count: count)
        guard !used.isEmpty else { return [] }
        let images = data.images.gather(used)
        let labels = used.map { data.labels[$0] }
        let candidates = try PixelWords.usual(
            channels: network.architecture.imageShape[0], hasOwn: hasOwn)
        var trials: [PixelTrial] = []
        for (index, pixels) in candidates.enumerated() {
            trials.append(
                try PixelTrial(pixels, before: network, images: images, labels: labels))
            work.log.progress(done: index + 1, of: candidates.count, label: "preprocessings")
        }
        let order = trials.indices.sorted {
            (-trials[$0].correct, $0) < (-trials[$1].correct, $1)
        }
        let ranked = order.map { trials[$0] }
        for line in PixelTrial.table(ranked) { work.log.line(line) }
        return ranked
    }

    /// The one that stands out.
    private static func best(
        of trials: [PixelTrial], _ data: LabelledImages, _ network: Network
    ) throws -> PixelTrial {
        let name = Shown.text(network.architecture.name)
        guard let best = trials.first else {
            throw StageFault(
                .badData,
                "which pixels \(name) expects is not clear from its file, and none of the images has "
                    + "a label to try it by",
                remedy: "say it, as in PIXELS=imagenet; there are: \(PixelWords.known)")
        }
        let table = PixelTrial.table(trials).map { "\n  " + $0 }.joined()
        let count = best.isRight.count
        // One who always gives the answer of the largest class.
        let labels = ImageDraw.balanced(data, count: count).map { data.labels[$0] }
        let largest = Dictionary(grouping: labels) { $0 }.values.map(\.count).max() ?? 0
        let share = max(Double(largest) / Double(count), 1 / Double(network.classes))
        guard Guessing.isBeaten(count, of: count, share: share) else {
            throw StageFault(
                .badData,
                "\(count) labelled images are too few to tell which pixels \(name) expects:"
                    + table,
                remedy: "give more of them, or say which it is, as in PIXELS='\(best.pixels.words)'"
            )
        }
        guard Guessing.isBeaten(best.correct, of: count, share: share) else {
            throw StageFault(
                .badData,
                "with none of the usual preprocessings does \(name) answer better than by guessing:"
                    + table,
                remedy:
                    "look whether the classes are in the network's order (CLASSES=names.txt), or "
                    + "say which pixels it expects (PIXELS=…)")
        }
        if let rival = trials.dropFirst().first(where: { !best.standsOut(from: $0) }) {
            throw StageFault(
                .badData, "on \(count) images no preprocessing of \(name) stands out:" + table,
                remedy: "say which it is, as in PIXELS='\(best.pixels.words)' or "
                    + "PIXELS='\(rival.pixels.words)'; more labelled images may also tell")
        }
        return best
    }

    /// The first names of the classes.
    private static func order(_ data: LabelledImages) -> String {
        data.classes.prefix(8).map { Shown.start($0, 30) }.joined(separator: ", ")
            + (data.classes.count > 8 ? ", …" : "")
    }

    private static func list(_ numbers: [Double]) -> String {
        numbers.map { "\(Float($0))" }.joined(separator: ", ")
    }
}
