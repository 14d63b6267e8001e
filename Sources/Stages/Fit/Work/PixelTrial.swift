// Which preprocessing is right: each of the usual ones is tried on labelled images.

import Datasets
import Formats
import Networks
import StageWork
import Tensors

/// What a network answers under one preprocessing.
struct PixelTrial: Sendable {
    let pixels: PixelWords
    /// For each image, whether it was classified as labelled.
    let isRight: [Bool]

    var correct: Int { isRight.count { $0 } }

    /// As the record has it.
    var json: JSON {
        [
            "pixels": .string(pixels.words), "correct": .integer(Int64(correct)),
            "of": .integer(Int64(isRight.count)),
        ]
    }

    /// Tries one.
    ///
    /// - Throws: `NetworkFault`.
    init(
        _ pixels: PixelWords, before network: Network, images: Tensor, labels: [Int]
    ) throws {
        self.pixels = pixels
        let whole = try Network(
            network.architecture.preceded(by: pixels.preprocessing),
            parameters: network.parameters, engine: network.engine)
        isRight = try Self.answers(of: whole, to: images).enumerated()
            .map { $1 == labels[$0] }
    }

    /// The likeliest classes; -1 for an image whose logits are not finite, which a wrong range can bring
    /// about.
    private static func answers(of network: Network, to images: Tensor) throws -> [Int] {
        try network.mapBatches(of: images.rowCount) { pass, rows in
            let logits = try pass.uncheckedLogits(of: images.rows(rows))
            let width = logits.rowLength
            let isFinite = logits.withFloats { values in
                (0..<logits.rowCount).map { row in
                    (row * width..<(row + 1) * width).allSatisfy { values[$0].isFinite }
                }
            }
            return zip(logits.argmaxOfRows(), isFinite).map { $1 ? $0 : -1 }
        }.flatMap { $0 }
    }

    /// Whether this one is right more often than another beyond chance.
    func standsOut(from other: PixelTrial) -> Bool {
        Self.leads(isRight, other.isRight)
    }

    /// A sign test: of the images on which only one of both is right, the first has as many more as two
    /// deviations of a fair coin.
    static func leads(_ isRight: [Bool], _ other: [Bool]) -> Bool {
        let only = zip(isRight, other).filter { $0 != $1 }
        let own = only.count { $0.0 }
        let lead = own - (only.count - own)
        return lead > 0 && Double(lead) >= 2 * Double(only.count).squareRoot()
    }

    /// The table of all, the best first.
    static func table(_ trials: [PixelTrial]) -> [String] {
        trials.map {
            "PIXELS='\($0.pixels.words)': \($0.correct) of \($0.isRight.count) right"
        }
    }
}
