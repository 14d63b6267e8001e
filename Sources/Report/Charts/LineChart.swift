// Values that change along an axis: learning curves, accuracy against epsilon.

/// One line of a chart.
struct Series {
    let name: String
    let points: [(x: Double, y: Double)]
    /// Series tell each other apart by colour, dash and mark: `s1`, `s2`, …
    let className: String
}

extension Plot {
    /// A chart of lines with a legend under it.
    func lines(_ series: [Series]) -> Markup {
        group {
            drawing {
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
                    // Marks only where they do not run into each other.
                    if series.points.count <= 24 {
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
