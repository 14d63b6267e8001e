// Images on their way into a data set: bytes as long as they are bytes, so that nothing is rounded, else
// floats in [0, 1].

import Formats
import Tensors

/// Images of one shape with what is known of each.
struct RawImages {
    enum Values {
        case bytes([UInt8])
        case floats([Float])
    }

    /// [C, H, W].
    var shape: [Int]
    /// Of all images, one after the other.
    var values: Values
    /// What each shows; see `LabelledImages.labels`.
    var labels: [Int]
    /// Names of the images; none where they only have numbers.
    var names: [String] = []

    var count: Int { labels.count }

    /// Values of an image.
    var size: Int { shape.reduce(1, *) }

    /// Some of the images.
    func gathered(_ indices: [Int]) -> RawImages {
        func rows<T>(_ all: [T]) -> [T] {
            var rows: [T] = []
            rows.reserveCapacity(indices.count * size)
            for index in indices { rows += all[(index * size)..<((index + 1) * size)] }
            return rows
        }
        let values: Values =
            switch values {
            case .bytes(let bytes): .bytes(rows(bytes))
            case .floats(let floats): .floats(rows(floats))
            }
        return RawImages(
            shape: shape, values: values, labels: indices.map { labels[$0] },
            names: names.isEmpty ? [] : indices.map { names[$0] })
    }

    /// Grey images three times over, as red, green and blue.
    var inColour: RawImages {
        func thrice<T>(_ all: [T]) -> [T] {
            var result: [T] = []
            result.reserveCapacity(3 * all.count)
            for start in stride(from: 0, to: all.count, by: size) {
                for _ in 0..<3 { result += all[start..<(start + size)] }
            }
            return result
        }
        var images = self
        images.shape[0] = 3
        images.values =
            switch values {
            case .bytes(let bytes): .bytes(thrice(bytes))
            case .floats(let floats): .floats(thrice(floats))
            }
        return images
    }

    /// [N, C, H, W] in [0, 1]: bytes are divided by 255.
    var tensor: Tensor {
        let shape = [count] + shape
        return switch values {
        case .bytes(let bytes): bytes.withUnsafeBytes { Pixels.fromBytes($0, shape: shape) }
        case .floats(let floats): Tensor(shape: shape, values: floats)
        }
    }
}
