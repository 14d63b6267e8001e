// Channels, rows and columns by number: some of them, some twice, in any order.

import Tensors

/// y[c, h, w] = x[channels[c], rows[h], columns[w]]: a border that mirrors or repeats the image, tiles,
/// steps, channels in another order. No number is computed; the gradient at a number is the sum over
/// its copies, in the order (h, w, c).
public struct Select: Layer {
    /// The name, such as "tile1".
    public let name: String
    /// "select".
    public let kind = "select"
    /// Channels of maps, or numbers of a vector, by number; nil for all as they are.
    public let channels: [Int]?
    /// Rows by number; nil for all as they are.
    public let rows: [Int]?
    /// Columns by number; nil for all as they are.
    public let columns: [Int]?

    /// A selection.
    ///
    /// - Precondition: No list is empty, and no number negative.
    public init(
        _ name: String, channels: [Int]? = nil, rows: [Int]? = nil, columns: [Int]? = nil
    ) {
        let lists = [channels, rows, columns].compactMap { $0 }
        precondition(
            lists.allSatisfy { !$0.isEmpty && $0.allSatisfy { $0 >= 0 } },
            "Select \(name): a list that is empty, or a number below 0")
        (self.name, self.channels, self.rows, self.columns) = (name, channels, rows, columns)
    }

    private func least(_ list: [Int]?) -> Int { (list?.max() ?? 0) + 1 }

    /// Maps, or a vector where neither rows nor columns are selected.
    public var takes: String {
        "maps of at least \(least(channels)) channels and \(least(rows)) × \(least(columns)) pixels, "
            + "channels last" + (rows == nil && columns == nil ? ", or a vector" : "")
    }

    /// As many channels, rows and columns as the lists are long.
    public func output(of input: Features) -> Features? {
        let lists = [channels, rows, columns]
        let sizes = input.layout == .vector ? input.shape + [1, 1] : input.shape
        let isVector = input.layout == .vector
        guard input.layout != .channelsFirst, !isVector || (rows == nil && columns == nil),
            zip(lists, sizes).allSatisfy({ least($0) <= $1 })
        else { return nil }
        let counts = zip(lists, sizes).map { $0?.count ?? $1 }
        return .maps(orVector: isVector ? [counts[0]] : counts)
    }

    /// A copy of each number; nothing where all are as they were.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        guard let output = output(of: input) else { refuse(input) }
        let (height, width) = input.maps.map { ($0.height, $0.width) } ?? (1, 1)
        let (outHeight, outWidth) = output.maps.map { ($0.height, $0.width) } ?? (1, 1)
        let gathering = Gathering(from: input, to: output, engine: setting.engine) { place in
            let (c, h, w) = (
                place / (outHeight * outWidth), place / outWidth % outHeight, place % outWidth
            )
            return ((channels?[c] ?? c) * height + (rows?[h] ?? h)) * width + (columns?[w] ?? w)
        }
        return gathering.movesNothing ? nil : gathering
    }
}

extension Select {
    /// "select".
    public static var word: String { "select" }
    /// "channels", "rows" and "columns": lists of numbers from 0, all where nothing is said.
    public init(reading form: inout LayerForm, on input: Features) throws {
        let places = 0...LayerForm.largest
        self.init(
            form.name, channels: try form.takeList("channels", in: places),
            rows: try form.takeList("rows", in: places),
            columns: try form.takeList("columns", in: places))
    }
    /// The lists that there are.
    public func write(to form: inout LayerForm) {
        form.writeList("channels", channels)
        form.writeList("rows", rows)
        form.writeList("columns", columns)
    }
}
