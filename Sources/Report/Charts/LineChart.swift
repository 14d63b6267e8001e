// Values that change along an axis: learning curves, accuracy against epsilon.

/// One line of a chart.
struct Series {
    let name: String
    let points: [(x: Double, y: Double)]
    /// Series tell each other apart by colour, dash and mark: `s1`, `s2`, …
    let className: String
    /// Whether the points are marked, where they do not run into each other.
    var hasMarks = true
}

extension Plot {
    /// A chart of lines with a legend under it, and behind the lines a band between two of the same
    /// places across.
    func lines(
        _ series: [Series], band: [(x: Double, low: Double, high: Double)] = []
    ) -> Markup {
        group {
            drawing {
                if !band.isEmpty { area(band) }
                for series in series {
                    let points = series.points.map {
                        coordinate(x.place($0.x)) + "," + coordinate(y.place($0.y))
                    }
                    tag(
                        "polyline",
                        [
                            "class": "line \(series.className)",
                            "points": points.joined(separator: " "),
                        ])
                    if series.hasMarks && series.points.count <= 24 {
                        for point in series.points {
                            tag(
                                "circle",
                                [
                                    "class": "dot \(series.className)", "r": "3",
                                    "cx": coordinate(x.place(point.x)),
                                    "cy": coordinate(y.place(point.y)),
                                ])
                        }
                    }
                }
            }
            legend(series)
        }
    }

    private func area(_ band: [(x: Double, low: Double, high: Double)]) -> Markup {
        let edge = band.map { ($0.x, $0.high) } + band.reversed().map { ($0.x, $0.low) }
        let points = edge.map { coordinate(x.place($0.0)) + "," + coordinate(y.place($0.1)) }
        return tag("polygon", ["class": "band", "points": points.joined(separator: " ")])
    }

    private func legend(_ series: [Series]) -> Markup {
        guard series.count > 1 else { return .nothing }
        return tag("ul", ["class": "legend"]) {
            for series in series {
                tag("li") {
                    tag(
                        "svg",
                        ["class": "key", "viewBox": "0 0 26 10", "aria-hidden": "true"]
                    ) {
                        tag(
                            "line",
                            [
                                "class": "line \(series.className)", "x1": "0", "y1": "5",
                                "x2": "26", "y2": "5",
                            ])
                    }
                    series.name
                }
            }
        }
    }
}
