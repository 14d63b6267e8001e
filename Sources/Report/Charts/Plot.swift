// The frame that line charts and histograms share: axes, grid, labels, and the words that a
// screen reader says instead of the picture. Colours come from the style sheet by class name.

/// A chart with two axes.
struct Plot {
    /// The size of a drawing, in units of its own.
    enum Size {
        /// Half the width of the page, or all of it.
        case half, full

        var width: Double { self == .half ? 380 : 780 }
        var height: Double { self == .half ? 250 : 400 }
        fileprivate var left: Double { 52 }
        fileprivate var right: Double { width - 14 }
        fileprivate var top: Double { 30 }
        fileprivate var bottom: Double { height - 44 }
    }

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
    var size = Size.half

    /// The horizontal axis for a range of values.
    static func across(_ low: Double, _ high: Double, about count: Int = 6, in size: Size = .half)
        -> Scale
    {
        Scale(from: low, to: high, start: size.left, end: size.right, about: count)
    }

    /// The vertical axis for a range of values.
    static func up(_ low: Double, _ high: Double, about count: Int = 4, in size: Size = .half)
        -> Scale
    {
        Scale(from: low, to: high, start: size.bottom, end: size.top, about: count)
    }

    /// The drawing, with the marks laid over the frame.
    func drawing(@MarkupBuilder _ marks: () -> [Markup]) -> Markup {
        tag(
            "svg",
            [
                "class": size == .full ? "chart full" : "chart", "role": "img",
                "aria-labelledby": "\(id)-t \(id)-d",
                "viewBox": "0 0 \(coordinate(size.width)) \(coordinate(size.height))",
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
                line(x1: size.left, y1: y.place(tick), x2: size.right, y2: y.place(tick))
                label(
                    yText(tick, y.decimals), x: size.left - 7, y: y.place(tick) + 4,
                    className: "end")
            }
            for tick in x.ticks {
                line(
                    x1: x.place(tick), y1: size.bottom, x2: x.place(tick), y2: size.bottom + 4,
                    className: "tick")
                label(
                    xText(tick, x.decimals), x: x.place(tick), y: size.bottom + 18,
                    className: "middle")
            }
            line(x1: size.left, y1: size.bottom, x2: size.right, y2: size.bottom, className: "base")
            label(
                xLabel, x: (size.left + size.right) / 2, y: size.height - 6,
                className: "axis middle")
        }
    }

    /// A line between two points in units of the drawing, written with at most two decimals.
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

    /// Words whose baseline begins, ends or is centred there, as the class says.
    func label(_ text: String, x: Double, y: Double, className: String) -> Markup {
        tag("text", ["class": className, "x": coordinate(x), "y": coordinate(y)]) { text }
    }
}
