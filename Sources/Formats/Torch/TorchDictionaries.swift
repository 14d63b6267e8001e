// The dictionaries of a checkpoint: which of them holds the weights that somebody wants is for the
// caller to choose.

extension TorchCheckpoint {
    /// A tensor as the pickle describes it: nothing of it has been compared with the file.
    public struct Entry: Sendable {
        /// Its key, such as `features.0.weight`.
        public let name: String
        /// The type of its elements; nil for one that is not read, such as complex numbers.
        public let dtype: DType?
        /// The type of its elements in words, for messages; of what is not read, the class's name.
        public let type: String
        /// Its dimensions, outermost first.
        public let shape: [Int]
        /// Its index among the tensors of the heap; nil for one that is not read.
        let index: Int?
    }

    /// A dictionary with text as keys.
    public struct Dictionary: Sendable {
        /// The keys that lead to it, outermost first; empty for the file's own value.
        public let path: [String]
        /// Its tensors in their order.
        public let tensors: [Entry]
        /// How many other entries it has: numbers, texts, dictionaries.
        public let others: Int
    }

    /// How many keys a path may have.
    public static let depthLimit = 3

    /// All dictionaries up to `depthLimit` keys deep, each once: nearer ones first, then in the order of
    /// the file.
    static func dictionaries(of source: TorchSource) throws -> [Dictionary] {
        guard case .dictionary(let root) = source.root else {
            throw FormatFault.torch(
                file: source.file.name, at: nil, .noStateDict(found: source.root.kind))
        }
        var found: [Dictionary] = []
        var seen: Set<Int> = [root]
        var queue: [(path: [String], index: Int)] = [([], root)]
        var next = 0
        while next < queue.count {
            let (path, index) = queue[next]
            next += 1
            var (tensors, others): ([Entry], Int) = ([], 0)
            var names: Set<String> = []
            for (key, value) in source.heap.dictionaries[index] {
                guard case .text(let range) = key, range.count <= Unpickler.nameLimit,
                    let name = String(validating: source.words.bytes[range], as: UTF8.self)
                else {
                    others += 1
                    continue
                }
                guard names.insert(name).inserted else {
                    throw FormatFault.torch(
                        file: source.file.name, at: nil,
                        .tensor(name: TorchProblem.shown(name.utf8), "its name is given twice"))
                }
                switch value {
                case .tensor(let index): tensors.append(entry(name, index, source))
                case .other(let words) where words.contains("tensor"):
                    tensors.append(
                        Entry(name: name, dtype: nil, type: words, shape: [], index: nil))
                case .dictionary(let index):
                    others += 1
                    guard path.count < depthLimit, seen.insert(index).inserted else { continue }
                    queue.append((path + [name], index))
                default: others += 1
                }
            }
            found.append(Dictionary(path: path, tensors: tensors, others: others))
        }
        return found
    }

    private static func entry(_ name: String, _ index: Int, _ source: TorchSource) -> Entry {
        let tensor = source.heap.tensors[index]
        let type = source.heap.storages[tensor.storage].type
        return Entry(
            name: name, dtype: type.dtype, type: type.words, shape: tensor.shape,
            index: type.dtype == nil ? nil : index)
    }
}
