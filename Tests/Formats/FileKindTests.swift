// Files that people take for pictures or weights, told from their first bytes.

import Formats
import Testing

@Suite struct FileKindTests {
    private static let zeros = [UInt8](repeating: 0, count: 40)

    /// A field of a protocol buffer that holds bytes.
    private static func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        [number << 3 | 2, UInt8(bytes.count)] + bytes
    }

    private static func text(_ words: String) -> [UInt8] { Array(words.utf8) }

    private static let cases: [(kind: FileKind, bytes: [UInt8])] = [
        (.webP, text("RIFF") + [4, 0, 0, 0] + text("WEBPVP8 ")),
        (.heic, [0, 0, 0, 24] + text("ftypheic")),
        (.heic, [0, 0, 0, 24] + text("ftypmif1")),
        (.avif, [0, 0, 0, 24] + text("ftypavif")),
        (.video, [0, 0, 0, 24] + text("ftypisom")),
        (.gif, text("GIF89a") + zeros), (.gif, text("GIF87a")),
        (.bmp, text("BM") + [54, 1, 0, 0] + zeros),
        (.tiff, [0x49, 0x49, 42, 0]), (.tiff, [0x4D, 0x4D, 0, 42]),
        (.jpegXL, [0xFF, 0x0A]), (.png, [137, 80, 78, 71]), (.jpeg, [0xFF, 0xD8, 0xFF]),
        (.svg, text("<?xml version=\"1.0\"?>\n<svg>")), (.pdf, text("%PDF-1.7")),
        (.html, text("\n<!DOCTYPE html><html>")), (.html, text("<HTML>")),
        (.hdf5, [0x89, 0x48, 0x44, 0x46, 13, 10, 26, 10]),
        (.numPy, [0x93] + text("NUMPY")), (.tfLite, [28, 0, 0, 0] + text("TFL3")),
        (.gguf, text("GGUF")), (.gitLFS, text("version https://git-lfs.github.com")),
        (.pickle, [0x80, 4, 0x95]), (.gzip, [31, 139]), (.zip, [0x50, 0x4B, 3, 4]),
        (.tensorFlowState, text("model_checkpoint_path: \"m\"")),
        (.tensorFlowIndex, zeros + [0x57, 0xFB, 0x80, 0x8B, 0x24, 0x75, 0x47, 0xDB]),
        (.tar, [UInt8](repeating: 65, count: 257) + text("ustar")),
        // ir_version, producer, graph, opset; schema version and a meta graph; two nodes.
        (
            .onnx,
            [8, 9] + field(2, text("pytorch")) + field(7, [10, 0]) + field(8, [16, 17])
        ),
        (.savedModel, [8, 1] + field(2, [10, 0, 18, 0])),
        (.frozenGraph, field(1, text("node")) + field(1, [1]) + field(4, [8, 27])),
    ]

    @Test(arguments: cases)
    func filesAreNamed(kind: FileKind, bytes: [UInt8]) {
        #expect(FileKind(bytes) == kind)
    }

    @Test func whatIsUnknownStaysUnknown() {
        for text in ["", "words", "BM and more words of a text that goes on", "{\"a\": 1}", "\n\n"]
        {
            #expect(FileKind(Array(text.utf8)) == nil, "\(text)")
        }
        #expect(FileKind(Self.zeros) == nil)
    }

    @Test func noBytesTrap() {
        var random = Steps(state: 5)
        for _ in 0..<20_000 {
            _ = FileKind((0..<random.below(60)).map { _ in UInt8(random.below(256)) })
        }
        // Fields whose lengths are as large as they can be.
        _ = FileKind([10] + [UInt8](repeating: 0xFF, count: 12))
        _ = FileKind([8, 1, 18] + [UInt8](repeating: 0xFF, count: 8) + [1])
    }
}
