// The values that a restricted pickle can hold. Containers live in one list and are named by their
// index in it: neither a cycle nor a million levels of nesting costs more than their entries,
// and nothing here ever recurses.

/// A value on the pickle machine's stack.
enum PickleValue {
    case none
    case bool(Bool)
    case integer(Int)
    case real(Double)
    /// Text or bytes, as offsets in the file.
    case text(Range<Int>)
    case global(PickleGlobal)
    /// An index into `PickleHeap.tuples`; lists are kept there too.
    case tuple(Int)
    case list(Int)
    /// An index into `PickleHeap.dictionaries`.
    case dictionary(Int)
    /// An index into `PickleHeap.storages`.
    case storage(Int)
    /// An index into `PickleHeap.tensors`.
    case tensor(Int)

    /// What it is, for messages.
    var kind: String {
        switch self {
        case .none: "None"
        case .bool: "a boolean"
        case .integer: "an integer"
        case .real: "a float"
        case .text: "a string"
        case .global(let global): global.name
        case .tuple: "a tuple"
        case .list: "a list"
        case .dictionary: "a dictionary"
        case .storage: "a storage"
        case .tensor: "a tensor"
        }
    }
}

/// The functions and classes that a state dict needs; there are no others.
enum PickleGlobal: Equatable {
    case orderedDict, size
    case rebuildTensor, rebuildTensor2, rebuildParameter
    case storage(DType)

    private static let known: [String: PickleGlobal] = [
        "collections.OrderedDict": .orderedDict,
        "torch.Size": .size,
        "torch._utils._rebuild_tensor": .rebuildTensor,
        "torch._utils._rebuild_tensor_v2": .rebuildTensor2,
        "torch._utils._rebuild_parameter": .rebuildParameter,
        "torch.FloatStorage": .storage(.f32),
        "torch.DoubleStorage": .storage(.f64),
        "torch.HalfStorage": .storage(.f16),
        "torch.BFloat16Storage": .storage(.bf16),
        "torch.LongStorage": .storage(.i64),
        "torch.IntStorage": .storage(.i32),
        "torch.ShortStorage": .storage(.i16),
        "torch.CharStorage": .storage(.i8),
        "torch.ByteStorage": .storage(.u8),
        "torch.BoolStorage": .storage(.bool),
    ]

    init?(_ name: String) {
        guard let known = PickleGlobal.known[name] else { return nil }
        self = known
    }

    /// Module and name, as Python writes them.
    var name: String {
        PickleGlobal.known.first { $0.value == self }?.key ?? "unknown"
    }
}

/// What a pickle has made so far.
struct PickleHeap {
    /// A run of elements somewhere in the file.
    struct Storage {
        let key: Range<Int>
        let dtype: DType
        let count: Int
        /// Where the pickle speaks of it.
        let place: Int
    }

    /// A view of a storage.
    struct Tensor {
        let storage: Int
        let offset: Int
        let shape: [Int]
        let strides: [Int]
        /// Where the pickle makes it.
        let place: Int
    }

    /// Tuples and lists.
    var tuples: [[PickleValue]] = []
    /// Keys and values in the order in which they were set.
    var dictionaries: [[(key: PickleValue, value: PickleValue)]] = []
    var storages: [Storage] = []
    var tensors: [Tensor] = []
}
