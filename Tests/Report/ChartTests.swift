import Testing

@testable import Report

@Suite struct ChartTests {
    @Test(arguments: [
        (0.0, 1.0, 5, [0, 0.2, 0.4, 0.6, 0.8, 1], 1), (0, 10, 6, [0, 2, 4, 6, 8, 10], 0),
        (0.958, 1, 4, [0.94, 0.96, 0.98, 1], 2),
        (0, 0.3, 6, [0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3], 2),
        (3, 3, 4, [3, 4, 5, 6], 0), (0, 0, 4, [0, 0.5, 1], 1),
        (-1, 1, 4, [-1, -0.5, 0, 0.5, 1], 1),
        (0, 5813, 4, [0, 2000, 4000, 6000], 0),
    ])
    func ticksAreRound(low: Double, high: Double, about: Int, ticks: [Double], decimals: Int) {
        let scale = Scale(from: low, to: high, start: 0, end: 100, about: about)
        #expect(scale.ticks.count == ticks.count)
        for (found, expected) in zip(scale.ticks, ticks) { #expect(abs(found - expected) < 1e-9) }
        #expect(scale.decimals == decimals)
        #expect(scale.place(scale.low) == 0 && scale.place(scale.high) == 100)
        #expect(scale.low <= low && scale.high >= high)
    }

    @Test func valuesBeyondTheEndsStayOnTheChart() {
        let scale = Scale(from: 0, to: 1, start: 10, end: 20)
        #expect(scale.place(-5) == 10)
        #expect(scale.place(9) == 20)
        #expect(scale.place(0.5) == 15)
        #expect(Scale(from: .nan, to: .infinity, start: 0, end: 1).ticks.count >= 2)
    }

    @Test func statistics() {
        #expect(Statistics.quantile(0.5, of: [3, 1, 2]) == 2)
        #expect(Statistics.quantile(0.25, of: [0, 1, 2]) == 0.5)
        #expect(Statistics.quantile(1, of: [5]) == 5)
        #expect(Statistics.quantile(0.5, of: []) == nil)
        #expect(Statistics.mean([]) == nil)
        #expect(Statistics.mean([1, 2]) == 1.5)
        #expect(Statistics.histogram([0, 0.1, 0.5, 1, 2], from: 0, to: 1, bins: 2) == [2, 2])
        #expect(Statistics.share(1, of: 0) == nil)
    }

    @Test func examplesTakeTurns() {
        let labels = [0, 0, 0, 2, 1, 2]
        #expect(
            Selection.takingTurns([0, 1, 2, 3, 4, 5], labels: labels, limit: 5) == [0, 4, 3, 1, 5])
        #expect(Selection.takingTurns([], labels: labels, limit: 5) == [])
        #expect(Selection.takingTurns([1], labels: labels, limit: 0) == [])
    }

    @Test func theHeadlineIsTheSmallestSureSuccess() throws {
        let example = try #require(Selection.headline([Tiny.fgsm, Tiny.noise], classes: 10))
        // Image 0 at ε 0.05: its clean confidence is 99.5 %, its distance the smallest.
        #expect(example.attack.name == "fgsm" && example.position == 0)
        #expect(example.level.epsilon == 0.05)
        #expect(Selection.headline([], classes: 10) == nil)
    }

    @Test func graphsRunFromLeftToRight() {
        let graph = GraphPicture(boxes: [
            .init(name: "d", note: "", after: ["b", "c"]), .init(name: "b", note: "", after: ["a"]),
            .init(name: "c", note: "", after: ["a", "b"]), .init(name: "a", note: "", after: []),
        ])
        #expect(graph.columns.map { $0.map(\.name) } == [["a"], ["b"], ["c"], ["d"]])
        #expect(faults(in: graph.markup.written).isEmpty)
        #expect(GraphPicture(boxes: []).columns.isEmpty)
        let circle = GraphPicture(boxes: [
            .init(name: "x", note: "", after: ["y"]), .init(name: "y", note: "", after: ["x"]),
        ])
        #expect(circle.columns.joined().count == 2)
    }
}
