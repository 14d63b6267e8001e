// Many small pictures in one file. Each place where one is seen is a small SVG window that looks
// at its part of the sheet: sharp at any size, printed like text, and no background images.

import Tensors

/// A sheet of equally large pictures, drawn in one colour map.
struct Sheet {
    private let id: String
    private let map: ColourMap
    private let columns: Int
    private let width: Int, height: Int
    private var cells: [Bitmap] = []

    /// An empty sheet; `id` must be unique on the page, and no picture may have another size.
    init(id: String, map: ColourMap, width: Int, height: Int, columns: Int = 8) {
        self.id = id
        self.map = map
        (self.width, self.height) = (width, height)
        self.columns = columns
    }

    /// Adds a picture and returns the window that shows it.
    mutating func add(_ picture: Picture) -> Markup {
        precondition(
            picture.width == width && picture.height == height,
            "Sheet: \(picture.width) × \(picture.height) does not fit \(width) × \(height)")
        cells.append(picture.bitmap(in: map))
        let (x, y) = place(cells.count - 1)
        // A hair less than the cell, so that scaling never shows its neighbour's edge.
        let view = "\(x).05 \(y).05 \(width - 1).9 \(height - 1).9"
        return tag("svg", ["class": "px \(className)", "viewBox": view, "aria-hidden": "true"]) {
            tag("use", ["href": "#\(id)"])
        }
    }

    /// The picture file itself, to be put before the first window. Nothing if there are no cells.
    var definition: Markup {
        guard !cells.isEmpty else { return .nothing }
        let bitmap = drawn
        return tag("svg", ["class": "sheet", "width": "0", "height": "0", "aria-hidden": "true"]) {
            tag("defs") {
                tag(
                    "image",
                    [
                        "id": id, "width": "\(bitmap.width)", "height": "\(bitmap.height)",
                        "href": EmbeddedPNG.dataURI(bitmap),
                    ])
            }
        }
    }

    /// All cells side by side, a clear line between them.
    private var drawn: Bitmap {
        let across = min(columns, cells.count)
        let down = (cells.count + columns - 1) / columns
        var bitmap = Bitmap(width: across * (width + 1) - 1, height: down * (height + 1) - 1)
        for (number, cell) in cells.enumerated() {
            let (x, y) = place(number)
            bitmap.draw(cell, x: x, y: y)
        }
        return bitmap
    }

    private func place(_ number: Int) -> (Int, Int) {
        (number % columns * (width + 1), number / columns * (height + 1))
    }

    private var className: String {
        switch map {
        case .grey: "grey"
        case .signed: "signed"
        }
    }
}

/// One image of a batch: [C, H, W] floats. One channel is grey, three are red, green and blue.
struct Picture {
    let width: Int, height: Int, channels: Int
    let values: [Float]

    init(width: Int, height: Int, channels: Int, values: [Float]) {
        precondition(
            values.count == width * height * channels && (channels == 1 || channels == 3),
            "Picture: \(values.count) values for \(channels) × \(height) × \(width)")
        (self.width, self.height, self.channels) = (width, height, channels)
        self.values = values
    }

    /// Image `number` of a batch [N, C, H, W].
    init(_ batch: Tensor, _ number: Int) {
        precondition(batch.shape.count == 4, "Picture: a batch is [N, C, H, W], not \(batch.shape)")
        let size = batch.shape[1] * batch.shape[2] * batch.shape[3]
        let values = batch.withFloats { Array($0[number * size..<(number + 1) * size]) }
        self.init(
            width: batch.shape[3], height: batch.shape[2], channels: batch.shape[1], values: values)
    }

    /// This picture minus another, times a factor.
    func minus(_ other: Picture, times factor: Float = 1) -> Picture {
        let differences = zip(values, other.values).map { ($0 - $1) * factor }
        return Picture(width: width, height: height, channels: channels, values: differences)
    }

    /// Whether it is a photograph rather than a digit or an icon.
    var isPhotograph: Bool { channels == 3 && width >= 64 }

    /// The absolute value of each pixel and channel.
    var sizes: [Double] { values.map { Double($0.magnitude) } }

    /// The largest absolute value.
    var largest: Float { values.reduce(0) { Swift.max($0, $1.magnitude) } }

    /// The picture in colour. Signed pictures of three channels show the mean of the three.
    func bitmap(in map: ColourMap) -> Bitmap {
        var bitmap = Bitmap(width: width, height: height)
        let area = width * height
        for y in 0..<height {
            for x in 0..<width {
                let here = (0..<channels).map { values[$0 * area + y * width + x] }
                switch (map, here.count) {
                case (.grey, 3):
                    let levels = here.map { ColourMap.grey.colour(of: $0).red }
                    bitmap[x, y] = Colour(levels[0], levels[1], levels[2])
                default:
                    bitmap[x, y] = map.colour(of: here.reduce(0, +) / Float(here.count))
                }
            }
        }
        return bitmap
    }
}

extension Tensor {
    /// Whether this is a batch [N, C, H, W] with a picture of this number.
    func holds(_ picture: Int) -> Bool { shape.count == 4 && (0..<shape[0]).contains(picture) }
}
