// The network: what it is made of, how it learnt, what it gets wrong on its own.

extension Page {
    /// Layers, learning curves and confusion; nil if the study has no network.
    var network: Markup? {
        guard let network = study.network else { return nil }
        return group {
            paragraph {
                "The network "
                strong(network.architecture)
                " turns the pixels of an image into one number for each class; the largest is its "
                "answer. It has \(Numerals.count(network.parameters, "parameter")) that training adjusts"
                network.epochs.isEmpty
                    ? "."
                    : " over \(Numerals.count(network.epochs.count, "pass", plural: "passes")) through the training part."
            }
            if let test = network.test {
                paragraph {
                    "On the test part, which it never learnt from, it answers "
                    strong("\(Numerals.whole(test.correct)) of \(Numerals.whole(test.count))")
                    " images correctly: \(Numerals.percent(test.accuracy, 2))."
                    if let loss = test.loss {
                        " The mean cross-entropy there is \(Numerals.significant(loss)) nats."
                    }
                }
            }
            if network.epochs.isEmpty, network.test == nil {
                paragraph {
                    "It was not trained here: its weights come from others, as they are, and are known by "
                    "their SHA-256."
                }
            }
            layers(network)
            learningCurves(network)
            confusion(network)
            allNetworks
        }
    }

    /// Where there are several networks: what each of them is, and how well it does.
    private var allNetworks: Markup {
        guard study.networks.count > 1 else { return .nothing }
        let rows = study.networks.map { name, facts in
            [
                name, facts.architecture, Numerals.whole(facts.parameters),
                Numerals.whole(facts.epochs.count), Numerals.percent(facts.test?.accuracy, 2),
                Numerals.significant(facts.test?.loss),
            ]
        }
        return table(
            "All networks of this experiment; the figures above are those of the first.",
            head: [
                "Network", "Architecture", "Parameters", "Epochs", "Test accuracy", "Test loss",
            ],
            rows: rows, sortable: true, className: "kinds")
    }

    private func layers(_ network: NetworkFacts) -> Markup {
        guard !network.layers.isEmpty else { return .nothing }
        if network.layers.contains(where: { !$0.shape.isEmpty }) { return spatialLayers(network) }
        func shown(_ count: Int?) -> String { count.map(Numerals.whole) ?? Numerals.none }
        var rows = network.layers.map { layer in
            [
                layer.name, layer.kind, shown(layer.input), shown(layer.output),
                layer.parameters == 0 ? Numerals.none : Numerals.whole(layer.parameters),
            ]
        }
        rows.append(["all", "", "", "", Numerals.whole(network.parameters)])
        return table(
            "The layers, from the pixels to the answer.",
            head: ["Layer", "Kind", "Numbers in", "Numbers out", "Parameters"], rows: rows,
            className: "total")
    }

    /// Where there are feature maps: windows, shapes and the work of each layer.
    private func spatialLayers(_ network: NetworkFacts) -> Markup {
        func sides(_ sizes: [Int]) -> String {
            sizes.map(Numerals.whole).joined(separator: "\u{202F}×\u{202F}")
        }
        func shown(_ count: Int?) -> String {
            count.flatMap { $0 == 0 ? nil : Numerals.whole($0) } ?? Numerals.none
        }
        var rows = network.layers.map { layer in
            let isMoved = layer.stride.contains { $0 != 1 }
            let step = Set(layer.stride).count == 1 ? [layer.stride[0]] : layer.stride
            return [
                layer.name, Wording.label(layer.kind),
                layer.window.isEmpty
                    ? Numerals.none
                    : sides(layer.window) + (isMoved ? ", stride \(sides(step))" : ""),
                sides(layer.shape), shown(layer.parameters), shown(layer.flops),
            ]
        }
        let operations = network.layers.compactMap(\.flops).reduce(0) { sum, layer in
            let (next, overflows) = sum.addingReportingOverflow(layer)
            return overflows ? Int.max : next
        }
        rows.append(
            ["all", "", "", "", Numerals.whole(network.parameters), Numerals.whole(operations)])
        let all = table(
            "The layers, from the pixels to the answer. A convolution moves a window over the image "
                + "and weighs what it sees in the same way everywhere; an output of 32 × 28 × 28 is "
                + "32 such maps of 28 × 28 places. Operations are those of one image, a "
                + "multiply-add counted as two.",
            head: ["Layer", "Kind", "Window", "Output", "Parameters", "Operations"], rows: rows,
            className: "total")
        guard rows.count > Self.unfoldedLayers else { return all }
        return tag("details", ["class": "node wide"]) {
            tag("summary") {
                "Its \(Numerals.whole(network.layers.count)) layers, \(Numerals.engineering(Double(operations))) "
                "operations for an image"
            }
            all
        }
    }

    /// A longer table of layers is folded up.
    private static let unfoldedLayers = 40

    private func learningCurves(_ network: NetworkFacts) -> Markup {
        let epochs = network.epochs
        guard let last = epochs.last else { return .nothing }
        func series(_ name: String, _ className: String, _ value: (NetworkFacts.Epoch) -> Double?)
            -> Series?
        {
            let points = epochs.compactMap { epoch in
                value(epoch).map { (Double(epoch.number), $0) }
            }
            .filter { $0.1.isFinite }
            return points.isEmpty ? nil : Series(name: name, points: points, className: className)
        }
        let losses = [series("training", "s2", \.trainLoss), series("test", "s1", \.testLoss)]
            .compactMap { $0 }
        let accuracies = [
            series("training", "s2", \.trainAccuracy), series("test", "s1", \.testAccuracy),
            series("test, moved", "s3", \.robustAccuracy),
        ].compactMap { $0 }
        let across = Plot.across(Double(min(1, epochs[0].number)), Double(last.number))
        let lossTop = losses.flatMap(\.points).map(\.y).max() ?? 1
        let lowest = accuracies.flatMap(\.points).map(\.y).min() ?? 0
        let wholeEpochs: (Double, Int) -> String = { value, _ in
            value == value.rounded() ? Numerals.fixed(value, 0) : ""
        }
        let loss = Plot(
            id: "loss", title: "Loss by epoch",
            description:
                "Test loss goes from \(Numerals.significant(epochs[0].testLoss)) after the first "
                + "epoch to \(Numerals.significant(last.testLoss)) after the last.",
            x: across, y: Plot.up(0, lossTop), xLabel: "epoch", yLabel: "cross-entropy, nats",
            xText: wholeEpochs)
        let accuracy = Plot(
            id: "accuracy", title: "Accuracy by epoch",
            description:
                "Test accuracy goes from \(Numerals.percent(epochs[0].testAccuracy)) after the "
                + "first epoch to \(Numerals.percent(last.testAccuracy, 2)) after the last.",
            x: across, y: Plot.up(lowest, 1), xLabel: "epoch", yLabel: "answered correctly",
            xText: wholeEpochs,
            yText: { Numerals.fixed($0 * 100, max(0, $1 - 2)) + "\u{202F}%" })
        return figure(
            "wide",
            tag("div", ["class": "pair"]) {
                tag("div") { loss.lines(losses) }
                tag("div") { accuracy.lines(accuracies) }
            }
        ) {
            "The learning curve. Where the two lines part, the network knows its training images "
            "better than the world."
            if let test = network.robustTest, last.robustAccuracy != nil {
                " “Test, moved” is the share of the first \(Numerals.count(test.images, "test image")) that "
                "are answered correctly wherever \(Numerals.count(test.steps, "gradient step")) within "
                "\(Numerals.significant(test.epsilon)) of every pixel lead: \(Numerals.percent(last.robustAccuracy)) at the end. "
                "It is a quick look; the attacks below try harder."
            }
        }
    }

    private func confusion(_ network: NetworkFacts) -> Markup {
        let counts = network.confusion
        guard !counts.isEmpty, counts.allSatisfy({ $0.count == counts.count }) else {
            return .nothing
        }
        guard counts.count <= 20 else {
            return paragraph {
                "Its confusion matrix has \(Numerals.whole(counts.count)) rows and columns, and is left out."
            }
        }
        let names = counts.indices.map {
            network.classes.indices.contains($0) ? network.classes[$0] : "\($0)"
        }
        var worst = (row: 0, column: 0, count: 0)
        for (row, line) in counts.enumerated() {
            for (column, count) in line.enumerated() where row != column && count > worst.count {
                worst = (row, column, count)
            }
        }
        let table = HeatTable(
            caption: "Test images by true class and answer", rowTitle: "true",
            columnTitle: "answer",
            rows: names, columns: names,
            cells: counts.enumerated().map { row, line in
                line.enumerated().map { column, count in
                    HeatTable.Cell(
                        text: "\(count)",
                        strength: row == column || worst.count == 0
                            ? nil : Double(count) / Double(worst.count),
                        hint: "\(names[row]) read as \(names[column]): \(Numerals.whole(count))")
                }
            }, marksDiagonal: true)
        return figure("wide", table.markup) {
            "Confusion matrix of the test part. The outlined diagonal counts correct answers; colour "
            "shows mistakes only. "
            if worst.count > 0 {
                "The most frequent mistake: \(Wording.answer(names[worst.row])) read as "
                "\(Wording.answer(names[worst.column])), \(Numerals.count(worst.count, "time"))."
            } else {
                "There are no mistakes."
            }
        }
    }
}
