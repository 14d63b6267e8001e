// Lays tensors over storages: every element that a tensor claims must lie inside its storage, and
// no two elements of a tensor in the same place (a stride of zero would make terabytes of four bytes).

import Synchronization

/// Finds and checks the storages that tensors use, each when it is first used.
final class TorchStorages: Sendable {
    /// Where the elements of a storage are.
    enum Elements {
        /// As they are, at these offsets in the file.
        case plain(Range<Int>)
        /// In a deflated entry of the archive.
        case deflated(ZipDirectory.Content, entry: String)
    }

    /// A storage of the file.
    struct Storage {
        let type: PickleStorageType
        let count: Int
        let elements: Elements
    }

    private struct State {
        var found: [String: Storage] = [:]
        var mismatched: [String]
    }

    let source: TorchSource
    private let state: Mutex<State>

    init(_ source: TorchSource) {
        self.source = source
        state = Mutex(State(mismatched: source.mismatched))
    }

    /// The parts of the archive, of those used so far, that do not have the checksum which the archive
    /// states.
    var mismatched: [String] { state.withLock { $0.mismatched } }

    /// A tensor of the heap, checked.
    /// - Throws: `FormatFault.torch`.
    func tensor(named name: String, _ index: Int) throws -> TorchCheckpoint.Tensor {
        let view = source.heap.tensors[index]
        let storage = try storage(view.storage)
        func fault(_ words: String) -> FormatFault {
            .torch(
                file: source.file.name, at: view.place,
                .tensor(name: TorchProblem.shown(name.utf8), words))
        }
        guard let dtype = storage.type.dtype else {
            throw fault("its elements are \(storage.type.words), which are not read")
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
        // Along an axis of one element no step is ever taken, so its stride may be anything.
        let strides = zip(view.shape, view.strides).map { $0 > 1 ? $1 : 0 }
        return TorchCheckpoint.Tensor(
            name: name, dtype: dtype.isFloat ? .f32 : dtype, stored: dtype, shape: view.shape,
            count: isEmpty ? 0 : count, strides: strides, offset: isEmpty ? 0 : view.offset,
            span: isEmpty ? 0 : last - view.offset + 1, elements: storage.elements)
    }

    /// A storage of the heap. The pickle may speak of it many times, always in the same words.
    private func storage(_ index: Int) throws -> Storage {
        let storage = source.heap.storages[index]
        let key = TorchSource.key(storage, source.words)
        func fault(_ words: String) -> FormatFault {
            .torch(file: source.file.name, at: storage.place, .storage(key: key, words))
        }
        if let known = state.withLock({ $0.found[key] }) {
            guard known.type == storage.type, known.count == storage.count else {
                throw fault(
                    "it is \(known.count) × \(known.type.words) here and "
                        + "\(storage.count) × \(storage.type.words) there")
            }
            return known
        }
        let elements: Elements
        let size: Int
        switch source.places {
        case .archive(let directory, let prefix):
            let content = try directory.content(prefix + key)
            size = content.size
            elements =
                content.inflated == nil
                ? .plain(content.bytes) : .deflated(content, entry: prefix + key)
            if case .plain(let range) = elements, content.crc != 0,
                ZipDirectory.checksum(UnsafeRawBufferPointer(rebasing: source.file.bytes[range]))
                    != content.crc
            {
                note(prefix + key)
            }
        case .stream(let places):
            guard let place = places[key] else { throw fault("the file does not hold it") }
            (elements, size) = (.plain(place), place.count)
        }
        let (expected, overflows) = storage.count.multipliedReportingOverflow(
            by: storage.type.size)
        guard !overflows, size == expected else {
            throw fault(
                "it has \(size) bytes, and \(storage.count) × \(storage.type.words) take "
                    + "\(overflows ? "more than any file has" : "\(expected)")")
        }
        let found = Storage(type: storage.type, count: storage.count, elements: elements)
        state.withLock { $0.found[key] = found }
        return found
    }

    /// Notes a part whose checksum is not the one stated.
    func note(_ entry: String) {
        state.withLock { if !$0.mismatched.contains(entry) { $0.mismatched.append(entry) } }
    }
}
