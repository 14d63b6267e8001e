// Published tables beside ours: every figure is found by node and name, and what is missing is a dash.

import Testing

@testable import Report

@Suite struct PaperTests {
    private func study() -> Study {
        var study = SixImages.study([SixImages.pgd, SixImages.deepfool, Tiny.noise])
        study.networks = [("mlp", Tiny.network)]
        study.transfers = [
            TransferResult(
                name: "t", models: ["a", "b"], clean: [5, 5], images: 6,
                rows: [
                    .init(
                        name: "pgd-a", method: "pgd", source: "a", epsilons: [0.1],
                        levels: [
                            .init(
                                successes: 4, wrong: [4, 3], before: [4, 2], fooled: [4, 1],
                                right: [1, 2])
                        ])
                ])
        ]
        return study
    }

    private func figure(
        _ node: String, _ figure: String, at epsilon: Double? = nil, attack: String = "",
        model: String = ""
    ) -> Double? {
        study().figure(
            .init(node: node, figure: figure, epsilon: epsilon, attack: attack, model: model))
    }

    @Test func figuresAreFoundByName() throws {
        #expect(figure("train-mlp", "test_error") == 1 - 371.0 / 400)
        #expect(figure("train-mlp", "test_accuracy") == 371.0 / 400)
        #expect(figure("attack-pgd", "success", at: 0.1) == 0.4)
        #expect(figure("attack-pgd", "error", at: 0.1) == 0.5)
        #expect(figure("attack-pgd", "accuracy", at: 0.2) == 2.0 / 6)
        #expect(figure("attack-noise-l2", "noise_mean") == 0.0152)
        #expect(figure("attack-noise-l2", "mean_l0") == 12)
        #expect(figure("attack-noise-l2", "changed_share") == 0.75)
        // Lengths 0.4, 0.41, 0.42, 0.43 of images of 16 pixels.
        let mean = try #require(figure("attack-noise-l2", "distortion"))
        #expect((mean - 0.415 / 4).magnitude < 1e-7)
        #expect(figure("transfer-t", "misread", attack: "pgd-a", model: "b") == 0.75)
        #expect(figure("transfer-t", "fooled", attack: "pgd-a", model: "b") == 0.5)
    }

    @Test func lengthsAreRelativeToTheImages() throws {
        let pixels = Tiny.originals.values
        let expected =
            (0..<4).map { image -> Double in
                let square = pixels[image * 16..<image * 16 + 16].reduce(0) {
                    $0 + Double($1) * Double($1)
                }
                return (0.4 + Double(image) / 100) / square.squareRoot()
            }.reduce(0, +) / 4
        let found = try #require(figure("attack-noise-l2", "rho"))
        #expect((found - expected).magnitude < 1e-7)
        #expect(figure("attack-noise-l2", "rho_at_90") == nil)
    }

    @Test func whatIsMissingIsMissing() {
        #expect(figure("attack-none", "success") == nil)
        #expect(figure("attack-pgd", "success", at: 0.3) == nil)
        #expect(figure("attack-pgd", "success") == nil)  // two budgets, none named
        #expect(figure("train-other", "test_error") == nil)
        #expect(figure("transfer-t", "misread", attack: "pgd-b", model: "b") == nil)
        #expect(figure("transfer-t", "misread", attack: "pgd-a", model: "c") == nil)
        #expect(figure("sample-5k", "count") == nil)
        for (kind, figures) in PaperTable.figures where kind == "attack" {
            for name in figures where !name.hasPrefix("each") && name != "rho_at_90" {
                #expect(figure("attack-noise-l2", name) != nil, "\(name)")
            }
        }
    }

    @Test func tablesAreShownSideBySide() {
        var study = study()
        study.papers = [
            PaperTable(
                title: "A table", source: "Somebody (1999), Table 1", text: "What was done.",
                columns: [
                    .init(title: "Error", format: .percent),
                    .init(title: "Length", format: .number),
                ],
                rows: [
                    .init(
                        title: "net <b>",
                        cells: [
                            .init(
                                published: 0.074,
                                ours: .init(node: "attack-pgd", figure: "error", epsilon: 0.1)),
                            .init(published: nil, ours: nil),
                        ])
                ], differences: ["Fewer images."])
        ]
        let html = study.rendered().html
        #expect(faults(in: html) == [])
        let text = words(of: html).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(text.contains("Error, paper ours Length, paper ours"))
        #expect(text.contains("net &lt;b&gt; 7.4 % 50.0 % – –"))
        #expect(text.contains("What differs Fewer images."))
        #expect(text.contains("The tables of the papers"))
    }
}
