// The frame that line charts and histograms share: axes, grid, labels, and the words that a
// screen reader says instead of the picture. Colours come from the style sheet by class name.

/// A chart with two axes.
struct Plot {
    static let width = 380.0
    static let height = 250.0
    private static let left = 52.0, right = 366.0, top = 30.0, bottom = 206.0

    let id: String
    let title: String
    /// What there is to see, in a sentence.
    let description: String
    let x: Scale
    let y: Scale
    let xLabel: String
    let yLabel: String
    /// How a tick of each axis is printed.
    var xText: (Double, Int) -> String = { Numerals.fixed($0, $1) }
    var yText: (Double, Int) -> String = { Numerals.fixed($0, $1) }

    /// The horizontal axis for a range of values.
    static func across(_ low: Double, _ high: Double, about count: Int = 6) -> Scale {
        Scale(from: low, to: high, start: left, end: right, about: count)
    }

    /// The vertical axis for a range of values.
    static func up(_ low: Double, _ high: Double, about count: Int = 4) -> Scale {
        Scale(from: low, to: high, start: bottom, end: top, about: count)
    }

    /// The drawing, with the marks laid over the frame.
    func drawing(@MarkupBuilder _ marks: () -> [Markup]) -> Markup {
        tag(
            "svg",
            [
                "class": "chart", "role": "img", "aria-labelledby": "\(id)-t \(id)-d",
                "viewBox": "0 0 \(coordinate(Self.width)) \(coordinate(Self.height))",
            ]
        ) {
            tag("title", ["id": "\(id)-t"]) { title }
            tag("desc", ["id": "\(id)-d"]) { description }
            frame
            group(marks)
        }
    }

    private var frame: Markup {
        tag("g", ["class": "frame"]) {
            label(yLabel, x: 4, y: 14, className: "axis")
            for tick in y.ticks {
                line(x1: Self.left, y1: y.place(tick), x2: Self.right, y2: y.place(tick))
                label(
                    yText(tick, y.decimals), x: Self.left - 7, y: y.place(tick) + 4,
                    className: "end")
            }
            for tick in x.ticks {
                line(
                    x1: x.place(tick), y1: Self.bottom, x2: x.place(tick), y2: Self.bottom + 4,
                    className: "tick")
                label(
                    xText(tick, x.decimals), x: x.place(tick), y: Self.bottom + 18,
                    className: "middle")
            }
            line(x1: Self.left, y1: Self.bottom, x2: Self.right, y2: Self.bottom, className: "base")
            label(
                xLabel, x: (Self.left + Self.right) / 2, y: Self.height - 6,
                className: "axis middle")
        }
    }

    /// A straight line.
    func line(
        x1: Double, y1: Double, x2: Double, y2: Double, className: String? = nil
    ) -> Markup {
        tag(
            "line",
            [
                "class": className, "x1": coordinate(x1), "y1": coordinate(y1),
                "x2": coordinate(x2), "y2": coordinate(y2),
            ])
    }

    /// Words at a place.
    func label(_ text: String, x: Double, y: Double, className: String) -> Markup {
        tag("text", ["class": className, "x": coordinate(x), "y": coordinate(y)]) { text }
    }
}
