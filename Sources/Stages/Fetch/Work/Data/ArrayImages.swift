// Images out of a NumPy array: which axis is which, and what the numbers mean.

import Formats
import StageWork

/// Reads arrays of images; all of one data set in the same way, which the first one decides.
struct ArrayImages {
    private let settings: DataSettings
    private(set) var axes: PixelAxes?
    private(set) var range: PixelRange?
    /// Why, to be said.
    private(set) var notes: [String] = []

    init(_ settings: DataSettings) { self.settings = settings }

    /// The images of an array with their labels, at most as many as are taken in.
    /// - Throws: `StageFault` for an array that is none of images, or that could be read in two ways.
    mutating func read(
        _ array: NPY, labels: [Int], layout: DataLayout
    ) throws -> RawImages {
        let (channels, height, width) = try shape(of: array)
        guard array.shape[0] == labels.count else {
            throw StageFault(
                .badData,
                "\(Shown.text(array.name)) and its labels differ in number: \(array.shape[0]) and "
                    + "\(labels.count)",
                remedy: "the files do not belong together; give one label an image")
        }
        let limit = settings.limit(for: layout)
        let indices = DataDraw.indices(limit, of: labels.count, seed: settings.seed)
        if indices.count < labels.count {
            notes.append(
                "\(Shown.text(array.name)): \(indices.count) of \(labels.count) images are taken, drawn "
                    + "by the seed")
        }
        let shape = [channels, height, width]
        try Self.check(shape, count: indices.count, array.name, settings)
        let isBytes = array.type == .u8 && (settings.range ?? .bytes) == .bytes
        let values: RawImages.Values
        if isBytes {
            values = .bytes(
                array.withElements { planes($0.bindMemory(to: UInt8.self), shape, indices) })
            try note(.bytes, array, because: "its elements are bytes")
        } else {
            let range = try range(of: array)
            let size = shape.reduce(1, *)
            var taken: [Float] = []
            taken.reserveCapacity(indices.count * size)
            for index in indices {
                let image = array.floats((index * size)..<((index + 1) * size))
                taken += image.withUnsafeBufferPointer { planes($0, shape, [0]) }
            }
            values =
                switch range {
                case .unit: .floats(taken)
                case .bytes: .floats(taken.map { $0 / 255 })
                case .signed: .floats(taken.map { ($0 + 1) / 2 })
                }
        }
        return RawImages(shape: shape, values: values, labels: indices.map { labels[$0] })
    }

    /// Checks the sides of images, of which an empty array may claim anything, and how much they take.
    static func check(
        _ shape: [Int], count: Int, _ name: String, _ settings: DataSettings
    ) throws {
        guard shape.allSatisfy({ (1...65_536).contains($0) }) else {
            throw StageFault(
                .badData,
                "\(Shown.text(name)) has images of \(shape), expected channels, rows and columns of 1 to "
                    + "65536",
                remedy: "save images of these sides")
        }
        let size = shape.reduce(1, *)
        guard size <= ArrayLimits.values, count <= ArrayLimits.values / size else {
            throw PixelFit.tooMany(count, shape, settings)
        }
    }

    // MARK: Axes

    /// Channels, height and width.
    private mutating func shape(of array: NPY) throws -> (Int, Int, Int) {
        let shape = array.shape
        let name = Shown.text(array.name)
        if shape.count == 3 { return (1, shape[1], shape[2]) }
        guard shape.count == 4 else {
            throw StageFault(
                .badData,
                "\(name) has the shape \(shape), expected [N, H, W], [N, H, W, C] or [N, C, H, W]",
                remedy: shape.count == 2
                    ? "give its images their sides: numpy.save(file, array.reshape(-1, 28, 28))"
                    : "save images of these axes")
        }
        let axes = try axes ?? settings.axes ?? inferred(shape, name)
        let (channels, height, width) =
            axes == .nhwc ? (shape[3], shape[1], shape[2]) : (shape[1], shape[2], shape[3])
        guard channels != 4 else {
            throw StageFault(
                .badData,
                "\(name) has the shape \(shape): four channels, the last of which is transparency",
                remedy: "take it off: array"
                    + (axes == .nhwc ? "[..., :3]" : "[:, :3]") + " in NumPy")
        }
        guard channels == 1 || channels == 3 else {
            throw StageFault(
                .badData,
                "\(name) has the shape \(shape), as \(axes.rawValue) images of \(channels) channels, "
                    + "expected 1 or 3",
                remedy: "set \"axes\" if they lie otherwise: "
                    + settings.typed("axes=\(axes == .nhwc ? "nchw" : "nhwc")"))
        }
        if self.axes == nil {
            self.axes = axes
            notes.append(
                "\(name): \(shape) are \(axes == .nhwc ? "images, rows, columns, channels" : "images, channels, rows, columns") "
                    + "(axes: \(axes.rawValue)"
                    + (settings.axes == nil ? ", found from the shape)" : ")"))
        }
        return (channels, height, width)
    }

    /// The one order in which an axis can be the channels.
    private func inferred(_ shape: [Int], _ name: String) throws -> PixelAxes {
        let channels: Set = [1, 3, 4]
        switch (channels.contains(shape[1]), channels.contains(shape[3])) {
        case (true, false): return .nchw
        case (false, true): return .nhwc
        case (let both, _):
            throw StageFault(
                .badData,
                "\(name) has the shape \(shape), in which "
                    + (both ? "two axes" : "no axis") + " can be the channels (1 or 3)",
                remedy: both
                    ? "say it: --axes nchw or --axes nhwc (the config's \"axes\"), typed "
                        + "\(settings.typed("axes=nchw")) or \(settings.typed("axes=nhwc"))"
                    : "save images of one channel or three")
        }
    }

    /// Rows of [C, H, W] from those of an array.
    private func planes<T>(
        _ source: UnsafeBufferPointer<T>, _ shape: [Int], _ indices: [Int]
    ) -> [T] {
        let (channels, area) = (shape[0], shape[1] * shape[2])
        let size = channels * area
        var result: [T] = []
        result.reserveCapacity(indices.count * size)
        for index in indices {
            let start = index * size
            guard axes == .nhwc, channels > 1 else {
                result += source[start..<(start + size)]
                continue
            }
            for channel in 0..<channels {
                for pixel in 0..<area { result.append(source[start + pixel * channels + channel]) }
            }
        }
        return result
    }

    // MARK: Range

    /// Elements that are looked at together.
    private static let block = 1 << 20

    /// The least and the largest number of an array; 0 where it is empty. Only a block of it is in
    /// memory as floats.
    private static func bounds(_ array: NPY) throws -> (low: Float, high: Float) {
        var (low, high) = (Float.infinity, -Float.infinity)
        for start in stride(from: 0, to: array.count, by: block) {
            let floats = array.floats(start..<min(start + block, array.count))
            if let index = floats.firstIndex(where: { !$0.isFinite }) {
                throw StageFault(
                    .badData,
                    "\(Shown.text(array.name)): element \(start + index) is \(floats[index]), expected "
                        + "a number",
                    remedy: "save images without it")
            }
            low = min(low, floats.min() ?? low)
            high = max(high, floats.max() ?? high)
        }
        return array.count == 0 ? (0, 0) : (low, high)
    }

    /// What all numbers of an array lie between, those of images that are not drawn too.
    private mutating func range(of array: NPY) throws -> PixelRange {
        let name = Shown.text(array.name)
        let (low, high) = try Self.bounds(array)
        let found = try settings.range ?? self.range ?? Self.range(low, high, name, settings)
        let bounds: ClosedRange<Float> =
            switch found {
            case .unit: 0...1
            case .bytes: 0...255
            case .signed: -1...1
            }
        guard bounds.contains(low), bounds.contains(high) else {
            throw StageFault(
                .badData,
                "\(name) has numbers from \(low) to \(high), and \(found.rawValue) is "
                    + (settings.range == nil
                        ? "what the other images lie between" : "what range says"),
                remedy: "clip them in NumPy: numpy.clip(array, \(bounds.lowerBound), "
                    + "\(bounds.upperBound)), or say another \"range\": "
                    + Self.typed(settings))
        }
        try note(
            found, array,
            because: settings.range == nil
                ? "its numbers are from \(low) to \(high)" : "as range says")
        return found
    }

    private mutating func note(_ found: PixelRange, _ array: NPY, because: String) throws {
        guard range == nil else {
            guard range == found else {
                throw StageFault(
                    .badData,
                    "\(Shown.text(array.name)) has elements of another type than the images before it",
                    remedy: "save all of one type, or say the \"range\" of both: "
                        + Self.typed(settings))
            }
            return
        }
        range = found
        notes.append("\(Shown.text(array.name)): pixels are \(found.rawValue), for \(because)")
    }

    /// The range of numbers from `low` to `high`, where there is no doubt.
    private static func range(
        _ low: Float, _ high: Float, _ name: String, _ settings: DataSettings
    ) throws -> PixelRange {
        // A little below 0, or a little above 1, may be the overshoot of some resizing.
        if low >= 0, high <= 1 { return .unit }
        if low >= 0, (2...255).contains(high) { return .bytes }
        if (-1 ... -0.1).contains(low), high <= 1 { return .signed }
        throw StageFault(
            .badData,
            "\(name) has numbers from \(low) to \(high), which is none of 0…1, 0…255 and −1…1",
            remedy: low < -1
                ? "save pixels as they were before they were normalised; a network's own "
                    + "normalisation belongs into the network"
                : "clip them in NumPy: numpy.clip(array, 0, 1), or say which by --range "
                    + "(the config's \"range\"): \(typed(settings))")
    }

    /// How a range is typed.
    private static func typed(_ settings: DataSettings) -> String {
        PixelRange.allCases.map { settings.typed("range=\($0.rawValue)") }.joined(separator: " or ")
    }
}
