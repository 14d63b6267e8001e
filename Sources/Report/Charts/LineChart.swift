// Values that change along an axis: learning curves, accuracy against epsilon.

/// A line of a chart: points in the units of the axes, in the order in which they are joined.
struct Series {
    let name: String
    let points: [(x: Double, y: Double)]
    /// Series tell each other apart by colour, dash and mark: `s1`, `s2`, …
    let className: String
    /// Whether the points are marked, where they do not run into each other.
    var hasMarks = true

    /// Which of the dashes and marks it has: the number at the end of its first class.
    var style: Int {
        Int(String(className.prefix { $0 != " " }.filter(\.isNumber))) ?? 1
    }
}

extension Plot {
    /// A chart of lines with a legend under it, and behind the lines a band between two of the same
    /// places across.
    func lines(
        _ series: [Series], band: [(x: Double, low: Double, high: Double)] = []
    ) -> Markup {
        let picture = drawing {
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
                        mark(series, x.place(point.x), y.place(point.y))
                    }
                }
            }
        }
        return group {
            if size == .full {
                // Small screens move it sideways, so that its words stay large enough.
                tag(
                    "div",
                    ["class": "scroll", "role": "region", "aria-label": title, "tabindex": "0"]
                ) { picture }
            } else {
                picture
            }
            legend(series)
        }
    }

    /// The mark of a series at a place: by its number a disc, square, triangle, diamond, cross or plus.
    private func mark(_ series: Series, _ x: Double, _ y: Double) -> Markup {
        func at(_ dx: Double, _ dy: Double) -> String {
            coordinate(x + dx) + " " + coordinate(y + dy)
        }
        let path: String
        switch (series.style - 1) % 6 {
        case 1: path = "M\(at(-3, -3))h6v6h-6z"
        case 2: path = "M\(at(0, -4))L\(at(4, 3)) \(at(-4, 3))z"
        case 3: path = "M\(at(0, -4.2))L\(at(4.2, 0)) \(at(0, 4.2)) \(at(-4.2, 0))z"
        case 4:
            path =
                "M\(at(-3.6, -2.4))l1.2 -1.2 2.4 2.4 2.4 -2.4 1.2 1.2 -2.4 2.4 2.4 2.4 -1.2 1.2 "
                + "-2.4 -2.4 -2.4 2.4 -1.2 -1.2 2.4 -2.4z"
        case 5: path = "M\(at(-1, -4))h2v3h3v2h-3v3h-2v-3h-3v-2h3z"
        default:
            return tag(
                "circle",
                [
                    "class": "dot \(series.className)", "r": "3", "cx": coordinate(x),
                    "cy": coordinate(y),
                ])
        }
        return tag("path", ["class": "dot \(series.className)", "d": path])
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
                        ["class": "key", "viewBox": "0 0 34 10", "aria-hidden": "true"]
                    ) {
                        tag(
                            "line",
                            [
                                "class": "line \(series.className)", "x1": "0", "y1": "5",
                                "x2": "34", "y2": "5",
                            ])
                        if series.hasMarks { mark(series, 17, 5) }
                    }
                    series.name
                }
            }
        }
    }
}
