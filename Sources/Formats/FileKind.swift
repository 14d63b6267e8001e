// What a file is, told from its bytes whatever its name says, for files that somebody took for a
// picture or for weights: a message that calls a thing by its name saves a search. Nothing is
// trusted here: a file that is one of ours goes to its own reader, which checks everything.

/// A kind of file that people have, known by its first bytes (or, where those say little, by how the
/// bytes go on).
public enum FileKind: String, Sendable, CaseIterable {
    case png = "a PNG picture"
    case jpeg = "a JPEG picture"
    case webP = "a WebP picture"
    case heic = "a HEIC picture"
    case avif = "an AVIF picture"
    case jpegXL = "a JPEG XL picture"
    case jpeg2000 = "a JPEG 2000 picture"
    case gif = "a GIF picture"
    case bmp = "a BMP picture"
    case tiff = "a TIFF picture"
    case psd = "a Photoshop picture"
    case svg = "an SVG drawing"
    case icon = "an icon (ICO)"
    case video = "a video (MP4 or QuickTime)"
    case pdf = "a PDF document"
    case html = "a web page (HTML)"
    case hdf5 = "an HDF5 file, as Keras writes them (.h5)"
    case numPy = "a NumPy array (.npy)"
    case tfLite = "a TensorFlow Lite model (.tflite)"
    case savedModel = "a TensorFlow SavedModel (.pb)"
    case frozenGraph = "a frozen TensorFlow graph (.pb)"
    case tensorFlowIndex = "the index of a TensorFlow checkpoint (.index)"
    case tensorFlowState = "the list of TensorFlow checkpoints (checkpoint)"
    case onnx = "an ONNX model (.onnx)"
    case torchScript = "a TorchScript program"
    case torchExport = "a program of torch.export (.pt2)"
    case torchServe = "a model archive of TorchServe (.mar)"
    case kerasArchive = "a Keras model (.keras)"
    case numPyArchive = "an archive of NumPy arrays (.npz)"
    case gguf = "a GGUF file of llama.cpp"
    case pickle = "a Python pickle, but none that torch.save wrote"
    case gitLFS = "a pointer of Git LFS in the place of a file"
    case zip = "a zip archive"
    case gzip = "a gzip archive"
    case xz = "an xz archive"
    case zstandard = "a Zstandard archive"
    case bzip2 = "a bzip2 archive"
    case sevenZip = "a 7-Zip archive"
    case rar = "a RAR archive"
    case tar = "a tar archive"
    case program = "a program (ELF)"

    /// The kind of a file of these bytes; nil for one that is none of the above.
    public init?(_ bytes: UnsafeRawBufferPointer) {
        func starts(_ text: String, at place: Int = 0) -> Bool {
            bytes.count >= place + text.utf8.count
                && bytes[place..<(place + text.utf8.count)].elementsEqual(text.utf8)
        }
        func starts(_ start: [UInt8]) -> Bool { bytes.starts(with: start) }
        let known: FileKind? =
            if starts([137, 80, 78, 71]) {
                .png
            } else if starts([0xFF, 0xD8, 0xFF]) {
                .jpeg
            } else if starts("RIFF"), starts("WEBP", at: 8) {
                .webP
            } else if starts("ftyp", at: 4) {
                FileKind.isoMedia(brand: bytes.dropFirst(8).prefix(4))
            } else if starts([0, 0, 0, 12]) && starts("JXL ", at: 4) || starts([0xFF, 0x0A]) {
                .jpegXL
            } else if starts([0, 0, 0, 12]), starts("jP  ", at: 4) {
                .jpeg2000
            } else if starts("GIF87a") || starts("GIF89a") {
                .gif
            } else if starts("BM"), bytes.count >= 26, bytes[6..<10].allSatisfy({ $0 == 0 }) {
                .bmp
            } else if starts([0x49, 0x49, 42, 0]) || starts([0x4D, 0x4D, 0, 42])
                || starts([0x49, 0x49, 43, 0]) || starts([0x4D, 0x4D, 0, 43])
            {
                .tiff
            } else if starts("8BPS") {
                .psd
            } else if starts([0, 0, 1, 0]), bytes.count > 22, bytes[5] == 0, bytes[9] == 0 {
                .icon
            } else if starts("%PDF-") {
                .pdf
            } else if starts([0x89, 0x48, 0x44, 0x46, 13, 10, 26, 10]) {
                .hdf5
            } else if starts([0x93] + Array("NUMPY".utf8)) {
                .numPy
            } else if starts("TFL3", at: 4) {
                .tfLite
            } else if starts("GGUF") {
                .gguf
            } else if starts("version https://git-lfs") {
                .gitLFS
            } else if starts("model_checkpoint_path:") {
                .tensorFlowState
            } else if starts("PK\u{3}\u{4}") || starts("PK\u{5}\u{6}") {
                .zip
            } else if starts([31, 139]) {
                .gzip
            } else if starts([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0]) {
                .xz
            } else if starts([0x28, 0xB5, 0x2F, 0xFD]) {
                .zstandard
            } else if starts("BZh") {
                .bzip2
            } else if starts([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]) {
                .sevenZip
            } else if starts("Rar!") {
                .rar
            } else if starts("ustar", at: 257) {
                .tar
            } else if starts([0x7F, 0x45, 0x4C, 0x46]) {
                .program
            } else if starts([0x80]), bytes.count > 2, (2...5).contains(bytes[1]) {
                .pickle
            } else {
                FileKind.markup(bytes) ?? FileKind.table(bytes) ?? FileKind.protocolBuffer(bytes)
            }
        guard let known else { return nil }
        self = known
    }

    /// Whether it holds a still picture, so that a program for pictures may convert it.
    public var isPicture: Bool {
        [
            .png, .jpeg, .webP, .heic, .avif, .jpegXL, .jpeg2000, .gif, .bmp, .tiff, .psd, .svg,
            .icon,
        ].contains(self)
    }

    /// The kind of these bytes; see `init(_:)` for bytes of a mapped file.
    public init?(_ bytes: [UInt8]) {
        guard let kind = bytes.withUnsafeBytes({ FileKind($0) }) else { return nil }
        self = kind
    }

    /// The kind of a zip archive with entries of these names; nil for one that is none of these.
    init?(namesInArchive names: some Collection<String>) {
        func has(_ suffix: String) -> Bool { names.contains { $0.hasSuffix(suffix) } }
        if names.contains(where: { $0.contains("/code/") }), has("/constants.pkl") {
            self = .torchScript
        } else if has("archive_format"), names.contains(where: { $0.contains("models/") }) {
            self = .torchExport
        } else if has("MAR-INF/MANIFEST.json") {
            self = .torchServe
        } else if has("model.weights.h5") {
            self = .kerasArchive
        } else if !names.isEmpty, names.allSatisfy({ $0.hasSuffix(".npy") }) {
            self = .numPyArchive
        } else {
            return nil
        }
    }

    /// The kind of a file; an archive is looked into.
    public init?(_ file: MappedFile) {
        guard let kind = FileKind(file.bytes) else { return nil }
        guard kind == .zip, let directory = try? ZipDirectory(file, care: .whatIsUsed),
            let inner = FileKind(namesInArchive: directory.entries.keys)
        else {
            self = kind
            return
        }
        self = inner
    }

    /// Pictures and films in boxes (ISO/IEC 14496-12): the brand after `ftyp` tells which.
    private static func isoMedia(brand: Slice<UnsafeRawBufferPointer>) -> FileKind {
        switch String(decoding: brand, as: UTF8.self) {
        case "avif", "avis": .avif
        case "heic", "heix", "hevc", "hevx", "heim", "heis", "mif1", "msf1": .heic
        default: .video
        }
    }

    private static func markup(_ bytes: UnsafeRawBufferPointer) -> FileKind? {
        let start = String(decoding: bytes.prefix(512), as: UTF8.self).lowercased()
            .drop { $0.isWhitespace || $0 == "\u{FEFF}" }
        if start.hasPrefix("<!doctype html") || start.hasPrefix("<html") { return .html }
        if start.hasPrefix("<svg") || start.hasPrefix("<?xml") && start.contains("<svg") {
            return .svg
        }
        return nil
    }

    /// The index of a TensorFlow checkpoint is a table of LevelDB, whose magic number is at its end.
    private static func table(_ bytes: UnsafeRawBufferPointer) -> FileKind? {
        let magic: [UInt8] = [0x57, 0xFB, 0x80, 0x8B, 0x24, 0x75, 0x47, 0xDB]
        return bytes.count >= 48 && bytes.suffix(8).elementsEqual(magic) ? .tensorFlowIndex : nil
    }

    /// ONNX and TensorFlow write protocol buffers, which have no magic number: their outermost fields
    /// are walked to the end of the file, and all of them must be the format's.
    private static func protocolBuffer(_ bytes: UnsafeRawBufferPointer) -> FileKind? {
        guard let fields = ProtocolBufferFields(bytes) else { return nil }
        // ModelProto: ir_version 1, producer 2 to 6, graph 7, opset 8, metadata 14, 20, 25.
        if fields.varints.contains(1), fields.blocks.contains(7),
            fields.varints.isSubset(of: [1, 5]),
            fields.blocks.isSubset(of: [2, 3, 4, 6, 7, 8, 14, 20, 25, 26])
        {
            return .onnx
        }
        // SavedModel: saved_model_schema_version 1, meta_graphs 2.
        if fields.varints == [1], fields.blocks == [2] { return .savedModel }
        // GraphDef: node 1, library 2, version 3, versions 4.
        if fields.blocks.contains(1), fields.blocks.isSubset(of: [1, 2, 4]),
            fields.varints.isSubset(of: [3])
        {
            return .frozenGraph
        }
        return nil
    }
}

/// The outermost fields of a protocol buffer.
private struct ProtocolBufferFields {
    /// Numbers of the fields that hold a number, and of those that hold bytes.
    private(set) var varints: Set<Int> = [], blocks: Set<Int> = []

    /// Walks from field to field; nil for bytes that are no protocol buffer of these two kinds.
    init?(_ bytes: UnsafeRawBufferPointer) {
        var place = 0
        func varint() -> UInt64? {
            var value: UInt64 = 0
            for shift in stride(from: 0, to: 63, by: 7) {
                guard place < bytes.count else { return nil }
                let byte = bytes[place]
                place += 1
                value |= UInt64(byte & 0x7F) << UInt64(shift)
                if byte < 0x80 { return value }
            }
            return nil
        }
        guard bytes.count > 4 else { return nil }
        // A graph may have as many nodes as it likes; a look at the first is enough.
        var steps = 0
        while place < bytes.count, steps < 10_000 {
            steps += 1
            guard let tag = varint(), tag >> 3 > 0, tag >> 3 < 100, let value = varint() else {
                return nil
            }
            switch tag & 7 {
            case 0: varints.insert(Int(tag >> 3))
            case 2:
                guard value <= UInt64(bytes.count - place) else { return nil }
                place += Int(value)
                blocks.insert(Int(tag >> 3))
            default: return nil
            }
        }
    }
}
