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
    /// Something that a checkpoint may hold beside its weights, such as a device: known to be
    /// harmless, not made, and passed over.
    case other(String)

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
        case .other(let words): words
        }
    }
}

/// The functions and classes that a checkpoint may name: those of PyTorch's own safe loader as far as
/// they need no code of ours. There are no others.
enum PickleGlobal: Equatable {
    case orderedDict, size
    case rebuildTensor, rebuildTensor2, rebuildTensor3, rebuildParameter, rebuildParameterWithState
    case storage(PickleStorageType)
    /// A type of elements as a value.
    case dtype(String)
    /// A function whose result is passed over; the words say what it would be.
    case other(String)

    private static let tensors: [String: PickleGlobal] = [
        "collections.OrderedDict": .orderedDict,
        "torch.Size": .size,
        "torch._utils._rebuild_tensor": .rebuildTensor,
        "torch._utils._rebuild_tensor_v2": .rebuildTensor2,
        "torch._utils._rebuild_tensor_v3": .rebuildTensor3,
        "torch._utils._rebuild_parameter": .rebuildParameter,
        "torch._utils._rebuild_parameter_with_state": .rebuildParameterWithState,
    ]
    private static let others: [String: String] = [
        "torch._utils._rebuild_qtensor": "a quantized tensor",
        "torch._utils._rebuild_sparse_tensor": "a sparse tensor",
        "torch._utils._rebuild_nested_tensor": "a nested tensor",
        "torch._utils._rebuild_meta_tensor_no_storage": "a tensor without elements",
        "torch._utils._rebuild_device_tensor_from_numpy": "a tensor of a device",
        "torch._utils._rebuild_device_tensor_from_cpu_tensor": "a tensor of a device",
        "torch._utils._rebuild_wrapper_subclass": "a tensor of another class",
        "torch._tensor._rebuild_from_type_v2": "a tensor of another class",
        "torch.device": "a device",
        "torch.serialization._get_layout": "a layout",
        "torch.per_tensor_affine": "a quantization scheme",
        "torch.per_channel_affine": "a quantization scheme",
        "torch.per_tensor_symmetric": "a quantization scheme",
        "torch.per_channel_symmetric": "a quantization scheme",
        "torch.nn.parameter.Parameter": "a class",
        "torch.Tensor": "a class",
        "collections.Counter": "a counter",
        "builtins.set": "a set", "__builtin__.set": "a set",
        "builtins.bytearray": "bytes", "__builtin__.bytearray": "bytes",
        "builtins.complex": "a complex number", "__builtin__.complex": "a complex number",
        "_codecs.encode": "bytes",
    ]
    private static let dtypes: Set<String> = [
        "float16", "float32", "float64", "half", "float", "double", "bfloat16", "int8", "int16",
        "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool", "complex32", "complex64",
        "complex128", "qint8", "quint8", "qint32", "quint4x2", "quint2x4", "float8_e4m3fn",
        "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz", "float8_e8m0fnu", "float4_e2m1fn_x2",
    ]

    init?(_ name: String) {
        if let known = PickleGlobal.tensors[name] {
            self = known
        } else if let words = PickleGlobal.others[name] {
            self = .other(words)
        } else if let storage = PickleStorageType(name) {
            self = .storage(storage)
        } else if name.hasPrefix("torch."), PickleGlobal.dtypes.contains(String(name.dropFirst(6)))
        {
            self = .dtype(String(name.dropFirst(6)))
        } else {
            return nil
        }
    }

    /// What it is, as Python writes it or in words.
    var name: String {
        switch self {
        case .storage(let type): type.name
        case .dtype(let name): "torch.\(name)"
        case .other(let words): "a function that gives \(words)"
        default: PickleGlobal.tensors.first { $0.value == self }?.key ?? "unknown"
        }
    }
}

/// The elements of a storage, by the name of its class.
struct PickleStorageType: Equatable {
    /// The class, such as "torch.FloatStorage".
    let name: String
    /// Bytes of an element.
    let size: Int
    /// The type of an element; nil for one that is never read.
    let dtype: DType?

    private static let known: [String: DType] = [
        "torch.FloatStorage": .f32, "torch.DoubleStorage": .f64, "torch.HalfStorage": .f16,
        "torch.BFloat16Storage": .bf16, "torch.LongStorage": .i64, "torch.IntStorage": .i32,
        "torch.ShortStorage": .i16, "torch.CharStorage": .i8, "torch.ByteStorage": .u8,
        "torch.BoolStorage": .bool,
    ]
    private static let foreign: [String: Int] = [
        "torch.ComplexFloatStorage": 8, "torch.ComplexDoubleStorage": 16,
        "torch.QInt8Storage": 1, "torch.QUInt8Storage": 1, "torch.QInt32Storage": 4,
        "torch.QUInt4x2Storage": 1, "torch.QUInt2x4Storage": 1,
        "torch.storage.UntypedStorage": 1, "torch.UntypedStorage": 1,
    ]

    init?(_ name: String) {
        if let dtype = PickleStorageType.known[name] {
            (self.name, size, self.dtype) = (name, dtype.size, dtype)
        } else if let size = PickleStorageType.foreign[name] {
            (self.name, self.size, dtype) = (name, size, nil)
        } else {
            return nil
        }
    }

    /// The type in a word, for messages.
    var words: String {
        dtype?.rawValue
            ?? String(name.split(separator: ".").last?.replacing("Storage", with: "") ?? "")
    }
}

/// What a pickle has made so far.
struct PickleHeap {
    /// A run of elements somewhere in the file.
    struct Storage {
        let key: Range<Int>
        let type: PickleStorageType
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
