// The formats of picture files that are read, and how messages name several of them.

/// A format of pictures.
public enum PictureFormat: String, Sendable, CaseIterable {
    case jpeg = "JPEG"
    case png = "PNG"
    case webP = "WebP"

    /// What the names of such files end in, in small letters.
    public var suffixes: [String] {
        switch self {
        case .jpeg: ["jpg", "jpeg"]
        case .png: ["png"]
        case .webP: ["webp"]
        }
    }

    /// JPEG and PNG.
    public static let jpegAndPNG: [PictureFormat] = [.jpeg, .png]

    /// "JPEG or PNG", "JPEG, PNG or WebP".
    static func words(_ formats: [PictureFormat]) -> String {
        let names = formats.map(\.rawValue)
        guard let last = names.last, names.count > 1 else { return names.joined() }
        return names.dropLast().joined(separator: ", ") + " or " + last
    }
}
