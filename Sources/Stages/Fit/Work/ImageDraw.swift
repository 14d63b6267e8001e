// Which of the labelled images are looked at, where all of them would take too long.

import Datasets
import Randomness

/// Draws of labelled images by a fixed seed: the same on every machine.
enum ImageDraw {
    /// Indices of images that have a label, in an order that chance decides.
    static func labelled(_ data: LabelledImages) -> [Int] {
        var random = Stream(seed: 1, name: "fit/images")
        return random.permutation(of: data.count).filter {
            data.labels[$0] != LabelledImages.unknown
        }
    }

    /// As many of each class as there can be: the first of every class, then the second, and so on, until
    /// there are `count`. Folders are read class by class, and the first of them would be of one class.
    static func balanced(_ data: LabelledImages, count: Int) -> [Int] {
        var places: [Int: Int] = [:]
        let ranked = labelled(data).map { index -> (round: Int, index: Int) in
            let round = places[data.labels[index], default: 0]
            places[data.labels[index]] = round + 1
            return (round, index)
        }
        // Stable: within a round the order of the draw stays.
        let order = ranked.indices.sorted { (ranked[$0].round, $0) < (ranked[$1].round, $1) }
        return order.prefix(count).map { ranked[$0].index }
    }
}
