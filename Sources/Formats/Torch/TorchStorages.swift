// Lays tensors over storages: every element that a tensor claims must lie inside its storage, and
// no two elements of a tensor in the same place (a stride of zero would make terabytes of four bytes).

/// Finds and checks the storages that tensors use.
struct TorchStorages {
    private let source: TorchSource
    /// Storages that have been checked, by key.
    private var found: [String: (dtype: DType, count: Int, bytes: Range<Int>)] = [:]

    init(_ source: TorchSource) { self.source = source }

    /// A tensor of the file, checked.
    /// - Throws: `FormatFault.torch`.
    mutating func tensor(
        named name: String, _ view: PickleHeap.Tensor
    ) throws -> TorchCheckpoint.Tensor {
        let bytes = try storage(view.storage)
        let storage = source.heap.storages[view.storage]
        func fault(_ words: String) -> FormatFault {
            .torch(
                file: source.file.name, at: view.place,
                .tensor(name: TorchProblem.shown(name.utf8), words))
        }
        let layout = "offset \(view.offset), shape \(view.shape), strides \(view.strides)"
        guard view.shape.count == view.strides.count else {
            throw fault("its shape \(view.shape) and strides \(view.strides) differ in length")
        }
        guard view.offset >= 0, view.shape.allSatisfy({ $0 >= 0 }),
            view.strides.allSatisfy({ $0 >= 0 })
        else { throw fault("it has a negative number in \(layout)") }

        // The last element's index, and the number of elements, without overflow.
        var (last, count, overflows) = (view.offset, 1, false)
        for (size, stride) in zip(view.shape, view.strides) {
            let step = max(0, size - 1).multipliedReportingOverflow(by: stride)
            let sum = last.addingReportingOverflow(step.partialValue)
            let product = count.multipliedReportingOverflow(by: size)
            overflows = overflows || step.overflow || sum.overflow || product.overflow
            (last, count) = (sum.partialValue, product.partialValue)
        }
        let isEmpty = view.shape.contains(0)
        let fits = isEmpty ? view.offset <= storage.count : !overflows && last < storage.count
        guard fits else {
            throw fault("\(layout) reach beyond its storage of \(storage.count) elements")
        }
        // From the smallest stride up, each must step over all that the smaller ones reach.
        var reach = 0
        let axes = zip(view.shape, view.strides).filter { $0.0 > 1 }.sorted { $0.1 < $1.1 }
        for (size, stride) in axes where !isEmpty {
            guard stride > reach else { throw fault("\(layout): its elements overlap") }
            reach += (size - 1) * stride
        }
        let isFloat = [.f16, .bf16, .f64, .f32].contains(storage.dtype)
        // Along an axis of one element no step is ever taken, so its stride may be anything.
        let strides = zip(view.shape, view.strides).map { $0 > 1 ? $1 : 0 }
        return TorchCheckpoint.Tensor(
            name: name, dtype: isFloat ? .f32 : storage.dtype, stored: storage.dtype,
            shape: view.shape, count: isEmpty ? 0 : count, strides: strides,
            start: isEmpty
                ? bytes.lowerBound : bytes.lowerBound + view.offset * storage.dtype.size)
    }

    /// The bytes of a storage. The pickle may speak of it many times, always in the same words.
    private mutating func storage(_ index: Int) throws -> Range<Int> {
        let storage = source.heap.storages[index]
        let key = TorchSource.key(storage, source.file)
        func fault(_ words: String) -> FormatFault {
            .torch(file: source.file.name, at: storage.place, .storage(key: key, words))
        }
        if let known = found[key] {
            guard known.dtype == storage.dtype, known.count == storage.count else {
                throw fault(
                    "it is \(known.count) × \(known.dtype.rawValue) here and "
                        + "\(storage.count) × \(storage.dtype.rawValue) there")
            }
            return known.bytes
        }
        let bytes: Range<Int>
        switch source.places {
        case .archive(let directory, let prefix): bytes = try directory.content(prefix + key)
        case .stream(let places):
            guard let place = places[key] else { throw fault("the file does not hold it") }
            bytes = place
        }
        guard bytes.count == storage.count * storage.dtype.size else {
            throw fault(
                "it has \(bytes.count) bytes, and \(storage.count) × \(storage.dtype.rawValue) take "
                    + "\(storage.count * storage.dtype.size)")
        }
        found[key] = (storage.dtype, storage.count, bytes)
        return bytes
    }
}
