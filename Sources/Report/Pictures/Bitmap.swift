// Pictures as bytes, in the form that the encoders take.

/// One pixel: red, green, blue and how opaque it is, each 0…255.
public struct Colour: Hashable, Sendable {
    /// The part of red, 0…255.
    public var red: UInt8
    /// The part of green, 0…255.
    public var green: UInt8
    /// The part of blue, 0…255.
    public var blue: UInt8
    /// 0 is clear, 255 is solid.
    public var alpha: UInt8

    /// A colour from its parts; solid unless said otherwise.
    public init(_ red: UInt8, _ green: UInt8, _ blue: UInt8, alpha: UInt8 = 255) {
        (self.red, self.green, self.blue, self.alpha) = (red, green, blue, alpha)
    }

    /// What shows through: nothing.
    public static let clear = Colour(0, 0, 0, alpha: 0)

    /// The colour seen when this one lies on a solid one.
    public func over(_ ground: Colour) -> Colour {
        func mix(_ top: UInt8, _ bottom: UInt8) -> UInt8 {
            let opaque = Int(alpha)
            let sum: Int = Int(top) * opaque + Int(bottom) * (255 - opaque)
            return UInt8((sum + 127) / 255)
        }
        return Colour(mix(red, ground.red), mix(green, ground.green), mix(blue, ground.blue))
    }
}

/// A picture of whole pixels, row by row from the top left.
public struct Bitmap: Equatable, Sendable {
    /// Pixels in a row.
    public let width: Int
    /// Pixels in a column.
    public let height: Int
    /// `width · height` pixels.
    public private(set) var pixels: [Colour]

    /// A picture of one colour.
    public init(width: Int, height: Int, filledWith colour: Colour = .clear) {
        precondition(width > 0 && height > 0, "Bitmap: \(width) × \(height) has no pixels")
        (self.width, self.height) = (width, height)
        pixels = Array(repeating: colour, count: width * height)
    }

    /// The pixel in a column and a row.
    public subscript(x: Int, y: Int) -> Colour {
        get { pixels[y * width + x] }
        set { pixels[y * width + x] = newValue }
    }

    /// Lays another picture on this one, its top left corner at (x, y), each pixel `scale` wide.
    public mutating func draw(_ other: Bitmap, x: Int, y: Int, scale: Int = 1) {
        for row in 0..<other.height * scale {
            for column in 0..<other.width * scale {
                self[x + column, y + row] = other[column / scale, row / scale]
            }
        }
    }

    /// The same picture on a solid ground.
    public func flattened(on ground: Colour) -> Bitmap {
        var result = self
        for index in pixels.indices { result.pixels[index] = pixels[index].over(ground) }
        return result
    }
}
