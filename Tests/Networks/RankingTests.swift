// The likeliest classes against a plain sort.

import Randomness
import Tensors
import Testing

@testable import Networks

@Suite struct RankingTests {
    @Test(arguments: [1, 3, 5, 6, 40])
    func rankingsAreSortedProbabilities(classes: Int) {
        var random = Stream(seed: 1, name: "ranking")
        let values = (0..<7 * classes).map { _ in 8 * random.uniform() - 4 }
        let logits = Tensor(shape: [7, classes], values: values)
        let probabilities = logits.softmaxOfRows().values
        for (row, ranking) in Ranking.ofRows(logits).enumerated() {
            let own = Array(probabilities[row * classes..<(row + 1) * classes])
            let order = own.indices.sorted { (own[$1], $0) < (own[$0], $1) }
            #expect(ranking.classes == Array(order.prefix(5)))
            #expect(ranking.confidences == ranking.classes.map { own[$0] })
            #expect(ranking.classes.first == logits.argmaxOfRows()[row])
        }
    }

    @Test func ofEqualsTheLowerNumberComesFirst() {
        let ranking = Ranking.ofRows(Tensor(shape: [1, 7], values: [0, 2, 1, 2, 1, 1, 0]))[0]
        #expect(ranking.classes == [1, 3, 2, 4, 5])
        #expect(Ranking.ofRows(Tensor(shape: [0, 3])) == [])
        // Logits that differ by less than their probabilities can tell.
        let close = Tensor(shape: [1, 3], values: [0, 1e-9, -1])
        #expect(Ranking.ofRows(close)[0].classes == [1, 0, 2] && close.argmaxOfRows() == [1])
    }

    @Test func deviationsAreThoseOfTheFirstLayer() {
        #expect(Architecture.vgg16.deviations == [0.229, 0.224, 0.225])
        #expect(
            Architecture.efficientNetLite0.deviations == Array(repeating: 128.0 / 255, count: 3))
        #expect(Architecture.mlp.deviations == [1])
    }
}
