// The elements of a tensor in order, whatever their order in the file and however it is compressed, a
// piece at a time.

extension TorchCheckpoint {
    /// Calls `body` with the elements as they are stored, the last index fastest, in pieces of
    /// whole elements or of parts of them.
    /// - Throws: `FormatFault` for compressed elements that cannot be inflated.
    private func forEachPiece(
        of tensor: Tensor, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        guard tensor.count > 0 else { return }
        let size = tensor.stored.size
        let bytes = (tensor.offset * size)..<((tensor.offset + tensor.span) * size)
        switch tensor.elements {
        case .plain(let range):
            let all = UnsafeRawBufferPointer(rebasing: file.bytes[range])
            let span = UnsafeRawBufferPointer(rebasing: all[bytes])
            try tensor.isContiguous ? body(span) : gather(tensor, span, body)
        case .deflated(let content, let entry):
            if tensor.isContiguous {
                try inflate(content, entry, bytes, body)
                return
            }
            // Elements that lie far apart would need far more memory than they are worth.
            guard bytes.count <= max(64 << 20, 4 * tensor.count * size) else {
                throw FormatFault.torch(
                    file: file.name, at: nil,
                    .tensor(
                        name: TorchProblem.shown(tensor.name.utf8),
                        "it is a sparse view of a compressed storage; save tensor.contiguous()"))
            }
            var span: [UInt8] = []
            span.reserveCapacity(bytes.count)
            try inflate(content, entry, bytes) { span.append(contentsOf: $0) }
            try span.withUnsafeBytes { try gather(tensor, $0, body) }
        }
    }

    /// Inflates an entry of the archive and hands on the part of it in `range`, in pieces.
    private func inflate(
        _ content: ZipDirectory.Content, _ entry: String, _ range: Range<Int>,
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let inflater = try GzipInflater(
            named: "\(file.name), \(TorchProblem.shown(entry.utf8))", limit: content.size,
            isBare: true)
        var (place, checksum): (Int, UInt32) = (0, 0)
        try inflater.feed(UnsafeRawBufferPointer(rebasing: file.bytes[content.bytes])) { piece in
            let wanted = range.clamped(to: place..<(place + piece.count))
            if !wanted.isEmpty {
                try body(
                    UnsafeRawBufferPointer(
                        rebasing: piece[(wanted.lowerBound - place)..<(wanted.upperBound - place)]))
            }
            checksum = ZipDirectory.checksum(piece, after: checksum)
            place += piece.count
        }
        try inflater.finish()
        guard place == content.size else {
            throw FormatFault.torch(
                file: file.name, at: content.bytes.lowerBound,
                .zip(
                    "its entry \(TorchProblem.shown(entry.utf8)) inflates to \(place) bytes, and "
                        + "claims \(content.size)"))
        }
        if content.crc != 0, checksum != content.crc { storages.note(entry) }
    }

    /// Walks over all indices, like an odometer: the last one first.
    private func gather(
        _ tensor: Tensor, _ span: UnsafeRawBufferPointer,
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let size = tensor.stored.size
        var index = [Int](repeating: 0, count: tensor.shape.count)
        var place = 0
        for _ in 0..<tensor.count {
            try body(UnsafeRawBufferPointer(rebasing: span[place..<(place + size)]))
            for axis in index.indices.reversed() {
                index[axis] += 1
                place += tensor.strides[axis] * size
                if index[axis] < tensor.shape[axis] { break }
                place -= index[axis] * tensor.strides[axis] * size
                index[axis] = 0
            }
        }
    }

    /// The elements of a tensor of floats where they lie in the file: nil unless they are F32, in order,
    /// uncompressed and on a multiple of four. Keep `file` alive while you use them.
    public func mapped(_ tensor: Tensor) -> UnsafeRawBufferPointer? {
        guard tensor.stored == .f32, tensor.isContiguous, case .plain(let range) = tensor.elements
        else { return nil }
        let start = range.lowerBound + 4 * tensor.offset
        let bytes = UnsafeRawBufferPointer(
            rebasing: file.bytes[start..<(start + 4 * tensor.count)])
        return UInt(bitPattern: bytes.baseAddress) % 4 == 0 ? bytes : nil
    }

    /// Writes the elements of a tensor of floats, the last index fastest; see `DType.widen`.
    /// - Precondition: `tensor.dtype` is `.f32`, and there is room for `tensor.count`.
    /// - Throws: `FormatFault` for compressed elements that cannot be inflated.
    public func read(_ tensor: Tensor, into target: UnsafeMutableBufferPointer<Float>) throws {
        precondition(tensor.dtype == .f32, "\(tensor.name) holds \(tensor.stored.rawValue)")
        precondition(target.count == tensor.count, "\(tensor.name): \(target.count) floats")
        let size = tensor.stored.size
        var filled = 0
        // Elements wait here until there are many, or until their last byte is there.
        var waiting: [UInt8] = []
        waiting.reserveCapacity(1 << 16)
        func convert(_ bytes: UnsafeRawBufferPointer) {
            let count = bytes.count / size
            tensor.stored.widen(
                bytes, into: .init(rebasing: target[filled..<(filled + count)]))
            filled += count
        }
        func convertWaiting() {
            let whole = waiting.count / size * size
            waiting.withUnsafeBytes { convert(UnsafeRawBufferPointer(rebasing: $0[..<whole])) }
            waiting.removeFirst(whole)
        }
        try forEachPiece(of: tensor) { piece in
            var rest = piece
            if waiting.isEmpty, piece.count >= 1024 {
                let whole = piece.count / size * size
                convert(UnsafeRawBufferPointer(rebasing: piece[..<whole]))
                rest = UnsafeRawBufferPointer(rebasing: piece[whole...])
            }
            waiting.append(contentsOf: rest)
            if waiting.count >= 1 << 16 { convertWaiting() }
        }
        convertWaiting()
    }

    /// The elements of a tensor of floats; see `read(_:into:)`.
    public func floats(of tensor: Tensor) throws -> [Float] {
        try [Float](unsafeUninitializedCapacity: tensor.count) { buffer, count in
            let target = UnsafeMutableBufferPointer(rebasing: buffer[..<tensor.count])
            target.initialize(repeating: 0)
            try read(tensor, into: target)
            count = tensor.count
        }
    }

    /// The elements of a tensor as `tensor.dtype`, little-endian, the last index fastest.
    /// - Throws: `FormatFault` for compressed elements that cannot be inflated.
    public func bytes(of tensor: Tensor) throws -> [UInt8] {
        var result: [UInt8] = []
        guard tensor.dtype == .f32 else {
            try forEachPiece(of: tensor) { result.append(contentsOf: $0) }
            return result
        }
        result.reserveCapacity(4 * tensor.count)
        for value in try floats(of: tensor) {
            withUnsafeBytes(of: value.bitPattern.littleEndian) { result.append(contentsOf: $0) }
        }
        return result
    }
}
