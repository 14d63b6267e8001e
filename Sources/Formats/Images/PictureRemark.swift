// What a picture file says and we do not follow: the pixels are those of a decoder without colour
// management, as networks are evaluated. The user is told.

/// Something in a picture file that has no effect on the pixels that are read.
public enum PictureRemark: String, CaseIterable, Sendable {
    case alpha = "transparency is dropped, and what lies under it shows"
    case profile = "a colour profile (ICC) is not applied"
    case gamma = "a gamma other than sRGB's is not applied"
    case depth = "of 16 bits a colour the upper 8 are kept"
    case animation = "of an animation the still picture is taken"

    /// The remarks on a JPEG, PNG or WebP file; none for another.
    public static func of(_ bytes: UnsafeRawBufferPointer) -> [PictureRemark] {
        if JPEG.matches(bytes) { return JPEGSegments(bytes).hasProfile ? [.profile] : [] }
        if WebP.matches(bytes) {
            let chunks = WebPChunks(bytes)
            return (chunks.hasAlpha ? [.alpha] : []) + (chunks.hasProfile ? [.profile] : [])
        }
        guard PNG.matches(bytes) else { return [] }
        let chunks = PNGChunks(bytes)
        let found: [(Bool, PictureRemark)] = [
            (chunks.hasAlpha, .alpha), (chunks.hasProfile, .profile), (chunks.hasOddGamma, .gamma),
            (chunks.isDeep, .depth), (chunks.isAnimated, .animation),
        ]
        return found.filter(\.0).map(\.1)
    }
}
