// The pipeline as a drawing: nodes in columns by how much has to be done before them, arrows for
// what one node reads of another.

/// A directed graph without cycles, laid out from left to right.
struct GraphPicture {
    /// A node of the graph: a name, and under it a note such as a digest.
    struct Box: Equatable {
        let name: String
        let note: String
        /// Names of the boxes that come before.
        let after: [String]
    }

    let boxes: [Box]

    private static let height = 40.0, across = 52.0, down = 14.0

    /// Wide enough for the longest name: 20 letters of the bold face take 160 units.
    private var width: Double {
        max(148, 20 + 8 * Double(boxes.map(\.name.count).max() ?? 0))
    }

    /// Columns of boxes; a box stands right of all that it comes after.
    var columns: [[Box]] {
        var depth: [String: Int] = [:]
        // As many rounds as boxes settle any graph without cycles, and end for one that has some.
        for _ in boxes {
            for box in boxes {
                depth[box.name] = (box.after.compactMap { depth[$0] }.max() ?? -1) + 1
            }
        }
        let last = min(depth.values.max() ?? -1, boxes.count - 1)
        guard last >= 0 else { return [] }
        return (0...last).map { column in
            boxes.filter { min(depth[$0.name] ?? 0, last) == column }
        }.filter { !$0.isEmpty }
    }

    var markup: Markup {
        let columns = columns
        let rows = columns.map(\.count).max() ?? 0
        let total = Double(columns.count) * (width + Self.across) - Self.across + 2
        let tall = Double(rows) * (Self.height + Self.down) - Self.down + 2
        var places: [String: (x: Double, y: Double)] = [:]
        for (number, column) in columns.enumerated() {
            let used = Double(column.count) * (Self.height + Self.down) - Self.down
            for (row, box) in column.enumerated() {
                places[box.name] = (
                    1 + Double(number) * (width + Self.across),
                    (tall - used) / 2 + Double(row) * (Self.height + Self.down)
                )
            }
        }
        let edges = boxes.flatMap { box in box.after.map { (from: $0, to: box.name) } }
        let words = boxes.map { box in
            box.after.isEmpty
                ? "\(box.name) starts from outside data."
                : "\(box.name) reads from \(Wording.list(box.after))."
        }
        return tag(
            "svg",
            [
                "class": "graph", "role": "img", "aria-labelledby": "graph-t graph-d",
                "viewBox": "0 0 \(coordinate(total)) \(coordinate(tall))",
                // So wide that the smallest letters, of 11 units, are 9 pixels high.
                "style": "min-width:\(coordinate(total * 0.82))px",
            ]
        ) {
            tag("title", ["id": "graph-t"]) { "The pipeline as a graph" }
            tag("desc", ["id": "graph-d"]) { words.joined(separator: " ") }
            for edge in edges {
                if let from = places[edge.from], let to = places[edge.to] { arrow(from, to) }
            }
            for box in columns.joined() {
                if let place = places[box.name] { drawn(box, place) }
            }
        }
    }

    private func arrow(_ from: (x: Double, y: Double), _ to: (x: Double, y: Double)) -> Markup {
        let (x1, y1) = (from.x + width, from.y + Self.height / 2)
        let (x2, y2) = (to.x - 1, to.y + Self.height / 2)
        let bend = x2 - Self.across / 2
        let points = [(x1, y1), (bend, y1), (bend, y2), (x2, y2)].map { x, y in
            coordinate(x) + " " + coordinate(y)
        }
        return group {
            tag(
                "path",
                ["class": "edge", "d": "M\(points[0]) C\(points[1]) \(points[2]) \(points[3])"])
            tag(
                "circle",
                ["class": "head", "cx": coordinate(x2), "cy": coordinate(y2), "r": "2.5"])
        }
    }

    private func drawn(_ box: Box, _ place: (x: Double, y: Double)) -> Markup {
        tag("g", ["class": "box"]) {
            tag(
                "rect",
                [
                    "x": coordinate(place.x), "y": coordinate(place.y), "rx": "6",
                    "width": coordinate(width), "height": coordinate(Self.height),
                ])
            tag("text", ["x": coordinate(place.x + 10), "y": coordinate(place.y + 17)]) { box.name }
            tag(
                "text",
                ["class": "note", "x": coordinate(place.x + 10), "y": coordinate(place.y + 32)]
            ) { box.note }
        }
    }
}
