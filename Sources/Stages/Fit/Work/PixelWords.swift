// A preprocessing in words: "imagenet", "0..255 bgr", "mean=0.5 deviation=0.5".

import Networks
import StageWork

/// A preprocessing, and the words that stand for it in PIXELS.
struct PixelWords: Sendable {
    /// "0..255 bgr".
    let words: String
    let preprocessing: Preprocessing

    /// Ranges and the normalisations of well-known training sets, for pixels in [0, 1].
    private static let normalisations:
        [(word: String, mean: [Double], deviation: [Double], channels: Int)] = [
            ("imagenet", [0.485, 0.456, 0.406], [0.229, 0.224, 0.225], 3),
            ("cifar10", [0.4914, 0.4822, 0.4465], [0.2023, 0.1994, 0.2010], 3),
            ("mnist", [0.1307], [0.3081], 1),
        ]
    private static let ranges: [(word: String, low: Double, high: Double)] = [
        ("0..1", 0, 1), ("0..255", 0, 255), ("-1..1", -1, 1),
    ]

    /// Whether it is a range and an order of colours, and no more.
    var isRangeOnly: Bool {
        words.split(separator: " ").allSatisfy { word in
            ["rgb", "bgr"].contains(word) || Self.ranges.contains { $0.word == word }
        }
    }

    /// What may stand there, for messages.
    static let known =
        "0..1, 0..255, -1..1, imagenet, cifar10, mnist, or mean=… deviation=… of the range before them "
        + "(one number, or one a channel with commas); with bgr after it for networks that read blue first"

    private init(_ words: String, _ preprocessing: Preprocessing) {
        (self.words, self.preprocessing) = (words, preprocessing)
    }

    /// Reads words.
    ///
    /// - Throws: `StageFault` with exit code 64 for others.
    ///
    /// A well-known normalisation belongs to colours, whatever their order; numbers that are given stand
    /// in the network's order.
    init(_ text: String, channels: Int, in file: String) throws {
        func fault(_ what: String) -> StageFault {
            StageFault(
                .usage, "\(file): pixels: \(what)", remedy: "expected \(Self.known)")
        }
        let words = text.split { $0 == " " || $0 == "\t" }.map(String.init)
        guard !words.isEmpty else { throw fault("there is no word") }
        var result = Preprocessing.none(channels: channels)
        var (mean, deviation): ([Double]?, [Double]?) = (nil, nil)
        var isRange = false
        let isReversed = words.contains("bgr")
        for word in words {
            let sides = word.split(separator: "=", maxSplits: 1).map(String.init)
            if let range = Self.ranges.first(where: { $0.word == word }) {
                guard !isRange else { throw fault("two ranges, the second is \(word)") }
                result = Self.scaling(range.low, range.high, channels)
                isRange = true
            } else if let known = Self.normalisations.first(where: { $0.word == word }) {
                guard known.channels == channels else {
                    throw fault(
                        "\(word) is for \(known.channels) channels, and the network has \(channels)"
                    )
                }
                guard mean == nil, deviation == nil else {
                    throw fault("\(word) gives a second mean")
                }
                mean = isReversed ? known.mean.reversed() : known.mean
                deviation = isReversed ? known.deviation.reversed() : known.deviation
            } else if sides.count == 2, ["mean", "deviation"].contains(sides[0]) {
                var numbers = sides[1].split(separator: ",", omittingEmptySubsequences: false)
                    .map { Double($0) ?? .nan }
                if numbers.count == 1 {
                    numbers = Array(repeating: numbers[0], count: channels)
                }
                guard numbers.count == channels, numbers.allSatisfy({ abs($0) < 1e6 }) else {
                    throw fault("\(word): expected one number or \(channels)")
                }
                if sides[0] == "mean" { mean = numbers } else { deviation = numbers }
            } else if word == "bgr" {
                guard channels > 1 else { throw fault("bgr has no meaning for one channel") }
            } else if word != "rgb" {
                throw fault("“\(word.prefix(40))” is not known")
            }
        }
        if mean != nil || deviation != nil {
            let scale = deviation ?? Array(repeating: 1, count: channels)
            guard scale.allSatisfy({ $0 > 1e-6 }) else {
                throw fault("a deviation must be above 0")
            }
            result = result.followed(
                mean: mean ?? Array(repeating: 0, count: channels), deviation: scale)
        }
        result.isReversed = isReversed
        self.init(words.joined(separator: " "), result)
    }

    private static func scaling(_ low: Double, _ high: Double, _ channels: Int) -> Preprocessing {
        Preprocessing(
            mean: Array(repeating: 0 - low / (high - low), count: channels),
            deviation: Array(repeating: 1 / (high - low), count: channels))
    }

    /// The usual ones for images of so many channels, which are tried on labelled data; of a network that
    /// normalises by itself the ranges alone.
    static func usual(channels: Int, hasOwn: Bool) throws -> [PixelWords] {
        var words = ranges.map(\.word)
        if !hasOwn { words += normalisations.filter { $0.channels == channels }.map(\.word) }
        if channels == 3 {
            words += words.map { $0 + " bgr" }
            // Caffe's: only the means taken away.
            if !hasOwn { words.append("0..255 bgr mean=103.939,116.779,123.68") }
        }
        return try words.map { try PixelWords($0, channels: channels, in: "") }
    }
}
