// An attack's file as columns of bits, image by image, for comparison with what the page computes.

import Formats
import Foundation

/// The results of an attack as they are stored.
struct Stored {
    private let file: SafeTensors
    private let images: Int
    private let levels: Int
    /// The resolved config, as JSON.
    let config: String

    init(_ file: SafeTensors) throws {
        self.file = file
        config = try file.text("config")
        let shape = file.entries.first { $0.name == "success" }?.shape ?? []
        (levels, images) = (shape.first ?? 0, shape.last ?? 0)
    }

    /// The names of all its columns.
    var names: Set<String> { Set(file.entries.map(\.name)) }

    /// The bits of a column's numbers for some images: as 64-bit floats, pixels as 32-bit ones, and any NaN
    /// as one and the same. A column of levels is stored level by level, and given image by image.
    func words(_ name: String, of some: Range<Int>) throws -> [UInt64] {
        guard let entry = file.entries.first(where: { $0.name == name }) else { return [] }
        let isOfLevels =
            entry.shape.count > 1 && entry.shape[0] == levels && entry.shape[1] == images
        let rows = isOfLevels ? levels * images : images
        let width = entry.shape.reduce(1, *) / max(rows, 1)
        let places = some.flatMap { image in
            isOfLevels ? (0..<levels).map { $0 * images + image } : [image]
        }
        switch entry.dtype {
        case .f32:
            let values = try file.floats(name)
            return slices(values, places, width).map { value in
                name == "adversarial" ? UInt64(value.bitPattern) : Self.word(Double(value))
            }
        case .i64: return slices(try file.int64s(name), places, width).map { Self.word(Double($0)) }
        default: return slices(try file.uint8s(name), places, width).map { Self.word(Double($0)) }
        }
    }

    private func slices<T>(_ values: [T], _ places: [Int], _ width: Int) -> [T] {
        places.flatMap { values[$0 * width..<($0 + 1) * width] }
    }

    /// The bits of numbers that came from the page.
    func words(inBase64 text: String, isPixels: Bool) -> [UInt64] {
        let bytes = [UInt8](Data(base64Encoded: text) ?? Data())
        return bytes.withUnsafeBytes { raw in
            isPixels
                ? raw.bindMemory(to: UInt32.self).map { UInt64(UInt32(littleEndian: $0)) }
                : raw.bindMemory(to: UInt64.self).map {
                    Self.word(Double(bitPattern: UInt64(littleEndian: $0)))
                }
        }
    }

    private static func word(_ value: Double) -> UInt64 {
        value.isNaN ? Double.nan.bitPattern : value.bitPattern
    }
}
