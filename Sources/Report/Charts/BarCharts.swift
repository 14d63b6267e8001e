// Counts as columns, and figures side by side as bars.

extension Plot {
    /// A histogram: equal bins over the horizontal axis's range, and a line at the median.
    func columns(_ counts: [Int], from low: Double, to high: Double, median: Double) -> Markup {
        drawing {
            let width = (high - low) / Double(max(counts.count, 1))
            for (bin, count) in counts.enumerated() where count > 0 {
                let left = x.place(low + Double(bin) * width)
                let right = x.place(low + Double(bin + 1) * width)
                let top = y.place(Double(count))
                tag(
                    "rect",
                    [
                        "class": "column", "x": coordinate(left + 0.5), "y": coordinate(top),
                        "width": coordinate(max(right - left - 1, 0.5)),
                        "height": coordinate(y.place(0) - top),
                    ])
            }
            marker(at: median, "median \(Numerals.significant(median))")
        }
    }

    /// A labelled upright line. The label stands on the side that has more room.
    private func marker(at value: Double, _ text: String) -> Markup {
        let place = x.place(value)
        let isLeft = place < (x.start + x.end) / 2
        return group {
            line(x1: place, y1: y.end, x2: place, y2: y.start, className: "marker")
            label(
                text, x: place + (isLeft ? 5 : -5), y: y.end - 3,
                className: isLeft ? "note" : "note end")
        }
    }
}

/// A list of bars that is also a list of words: the label, the bar, the figure.
struct Bars {
    /// A bar with the words on either side of it.
    struct Bar {
        let label: String
        /// Its length in [0, 1]; nil if there is no figure.
        let share: Double?
        let figure: String
        /// Whether it is drawn in the colour of what the text speaks of.
        var isMarked = false
    }

    let bars: [Bar]

    var markup: Markup {
        tag("ul", ["class": "bars"]) {
            for bar in bars {
                tag("li") {
                    tag("span", ["class": bar.isMarked ? "bar-label marked" : "bar-label"]) {
                        bar.label
                    }
                    tag("span", ["class": "bar-track", "aria-hidden": "true"]) {
                        tag(
                            "span",
                            [
                                "class": bar.isMarked ? "bar marked" : "bar",
                                "style": "width:" + coordinate(min(max(bar.share ?? 0, 0), 1) * 100)
                                    + "%",
                            ])
                    }
                    tag("span", ["class": "bar-figure"]) { bar.figure }
                }
            }
        }
    }
}
