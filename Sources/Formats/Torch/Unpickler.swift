// A pickle machine that can make state dicts and nothing else. A pickle is a program for a stack
// machine; Python's own can call any function. Ours knows the instructions that PyTorch writes
// for a state dict, and some names that stand for fixed results in this file. Every other
// instruction or name ends the reading with a fault that says which. Each instruction makes at
// most one value, so work and memory are bounded by the bytes of the pickle.

/// Runs one pickle at a time over a file.
struct Unpickler {
    /// The most instructions that are run.
    static let stepLimit = 2_000_000
    /// The most marks that are open at a time.
    static let markLimit = 100
    /// Remembered values have indices below this.
    static let memoLimit = 1 << 20
    /// The longest name and the most dimensions.
    static let textLimit = 1 << 20, nameLimit = 1000, dimensionLimit = 16

    private(set) var reader: ByteReader
    private(set) var heap = PickleHeap()
    private var stack: [PickleValue] = []
    private var marks: [Int] = []
    private var memo: [Int: PickleValue] = [:]
    private var steps = 0
    /// Where the instruction that is being run starts.
    private var place = 0

    /// The most bytes that a storage may claim.
    private let storageLimit: Int

    /// A machine for the pickles of a file.
    /// - Parameters:
    ///   - reader: where the first of them starts.
    ///   - storageLimit: the most bytes that a storage can have.
    init(_ reader: ByteReader, storageLimit: Int) {
        (self.reader, self.storageLimit) = (reader, storageLimit)
    }

    /// Runs the pickle at the reader's position up to its STOP, and returns what it leaves.
    mutating func load() throws -> PickleValue {
        (stack, marks, memo) = ([], [], [:])
        while true {
            place = reader.position
            steps += 1
            guard steps <= Unpickler.stepLimit else {
                throw limit("instructions of the pickle", Unpickler.stepLimit, steps)
            }
            let code = try reader.number(UInt8.self, of: "the pickle")
            if code == UInt8(ascii: ".") {
                guard marks.isEmpty, stack.count == 1 else {
                    throw mismatch("one value at its end", "\(stack.count)")
                }
                return stack[0]
            }
            try run(code)
        }
    }

    private mutating func run(_ code: UInt8) throws {
        switch code {
        case 0x80:  // PROTO
            let version = try reader.number(UInt8.self, of: "the pickle")
            guard (2...5).contains(version) else {
                throw mismatch("protocol 2 to 5", "\(version)")
            }
        case 0x95:  // FRAME: tells how many bytes to read ahead; nothing follows from it
            _ = try reader.number(UInt64.self, of: "the pickle")
        case UInt8(ascii: "("):
            guard marks.count < Unpickler.markLimit else {
                throw limit("nested marks of the pickle", Unpickler.markLimit, marks.count + 1)
            }
            marks.append(stack.count)
        case UInt8(ascii: "N"): stack.append(.none)
        case 0x88: stack.append(.bool(true))
        case 0x89: stack.append(.bool(false))
        case UInt8(ascii: "K"): stack.append(.integer(Int(try number(UInt8.self))))
        case UInt8(ascii: "M"): stack.append(.integer(Int(try number(UInt16.self))))
        case UInt8(ascii: "J"): stack.append(.integer(Int(try number(Int32.self))))
        case 0x8A: try pushLong()
        case UInt8(ascii: "G"):
            stack.append(.real(Double(bitPattern: try number(UInt64.self).byteSwapped)))
        case UInt8(ascii: "X"), UInt8(ascii: "T"), UInt8(ascii: "B"):
            try pushText(Int(try number(UInt32.self)))
        case 0x8C, UInt8(ascii: "U"), UInt8(ascii: "C"):
            try pushText(Int(try number(UInt8.self)))
        case UInt8(ascii: "q"): try remember(Int(try number(UInt8.self)))
        case UInt8(ascii: "r"): try remember(Int(try number(UInt32.self)))
        case 0x94: try remember(memo.count)
        case UInt8(ascii: "h"): try recall(Int(try number(UInt8.self)))
        case UInt8(ascii: "j"): try recall(Int(try number(UInt32.self)))
        case UInt8(ascii: ")"): pushTuple([])
        case 0x85: pushTuple(try pop(1))
        case 0x86: pushTuple(try pop(2))
        case 0x87: pushTuple(try pop(3))
        case UInt8(ascii: "t"): pushTuple(try popToMark())
        case UInt8(ascii: "]"):
            heap.tuples.append([])
            stack.append(.list(heap.tuples.count - 1))
        case UInt8(ascii: "}"): pushDictionary([])
        case 0x8F: stack.append(.other("a set"))
        case UInt8(ascii: "a"): try append(try pop(1))
        case UInt8(ascii: "e"): try append(try popToMark())
        case UInt8(ascii: "s"): try set(try pop(2))
        case UInt8(ascii: "u"): try set(try popToMark())
        case UInt8(ascii: "c"):
            let module = try reader.line(of: "a name", limit: Unpickler.nameLimit)
            try pushGlobal(module, try reader.line(of: "a name", limit: Unpickler.nameLimit))
        case 0x93:
            let names = try pop(2)
            guard case .text(let module) = names[0], case .text(let name) = names[1] else {
                throw mismatch("two strings for a name", "\(names[0].kind), \(names[1].kind)")
            }
            try pushGlobal(module, name)
        case UInt8(ascii: "Q"): try pushStorage(try pop(1)[0])
        case UInt8(ascii: "R"): try call()
        case UInt8(ascii: "b"): try build()
        default: throw try refusal(of: code)
        }
    }

    // MARK: The stack

    private mutating func number<N: FixedWidthInteger>(_ type: N.Type) throws -> N {
        try reader.number(type, of: "the pickle")
    }

    private mutating func pop(_ count: Int) throws -> [PickleValue] {
        guard stack.count - (marks.last ?? 0) >= count else {
            throw mismatch("\(count) values on its stack", "\(stack.count - (marks.last ?? 0))")
        }
        defer { stack.removeLast(count) }
        return Array(stack.suffix(count))
    }

    private mutating func popToMark() throws -> [PickleValue] {
        guard let mark = marks.popLast() else { throw mismatch("a mark on its stack", "none") }
        defer { stack.removeLast(stack.count - mark) }
        return Array(stack[mark...])
    }

    private mutating func remember(_ index: Int) throws {
        guard index < Unpickler.memoLimit else {
            throw limit("an index of the pickle's memo", Unpickler.memoLimit - 1, index)
        }
        guard let value = stack.last, stack.count > marks.last ?? 0 else {
            throw mismatch("a value to remember", "none")
        }
        memo[index] = value
    }

    private mutating func recall(_ index: Int) throws {
        guard let value = memo[index] else {
            throw mismatch("a value remembered as \(index)", "none")
        }
        stack.append(value)
    }

    private mutating func pushTuple(_ values: [PickleValue]) {
        heap.tuples.append(values)
        stack.append(.tuple(heap.tuples.count - 1))
    }

    private mutating func pushDictionary(_ pairs: [(PickleValue, PickleValue)]) {
        heap.dictionaries.append(pairs.map { ($0.0, $0.1) })
        stack.append(.dictionary(heap.dictionaries.count - 1))
    }

    /// An integer of up to eight bytes. A longer one (there is only PyTorch's magic number) is kept
    /// as text, so that its bytes can be compared.
    private mutating func pushLong() throws {
        let size = Int(try number(UInt8.self))
        let bytes = try reader.take(size, of: "the pickle")
        guard size <= 8 else {
            return stack.append(.text(bytes))
        }
        var value: Int64 = 0
        for (shift, byte) in reader.bytes[bytes].enumerated() {
            value |= Int64(byte) << (8 * shift)
        }
        let unused = 64 - 8 * size
        stack.append(.integer(size == 0 ? 0 : Int((value << unused) >> unused)))
    }

    private mutating func pushText(_ size: Int) throws {
        guard size <= Unpickler.textLimit else {
            throw limit("bytes of a string", Unpickler.textLimit, size)
        }
        stack.append(.text(try reader.take(size, of: "a string of the pickle")))
    }

    // MARK: Containers

    private mutating func append(_ values: [PickleValue]) throws {
        guard stack.count > marks.last ?? 0, case .list(let index) = stack.last else {
            throw mismatch("a list to append to", stack.last?.kind ?? "nothing")
        }
        heap.tuples[index] += values
    }

    private mutating func set(_ values: [PickleValue]) throws {
        guard stack.count > marks.last ?? 0, case .dictionary(let index) = stack.last else {
            throw mismatch("a dictionary to set in", stack.last?.kind ?? "nothing")
        }
        guard values.count.isMultiple(of: 2) else {
            throw mismatch("keys and values in pairs", "\(values.count) values")
        }
        for pair in stride(from: 0, to: values.count, by: 2) {
            heap.dictionaries[index].append((values[pair], values[pair + 1]))
        }
    }

    // MARK: Names and calls

    private mutating func pushGlobal(_ module: Range<Int>, _ name: Range<Int>) throws {
        let words = fullName(module, name)
        guard let global = PickleGlobal(words) else { throw fault(.foreign(words)) }
        stack.append(.global(global))
    }

    private func fullName(_ module: Range<Int>, _ name: Range<Int>) -> String {
        TorchProblem.shown(reader.bytes[module]) + "." + TorchProblem.shown(reader.bytes[name])
    }

    /// `("storage", class, key, device, count)`, and in the older format None or a view after it.
    private mutating func pushStorage(_ id: PickleValue) throws {
        let shape = "(\"storage\", class, key, device, count)"
        guard case .tuple(let index) = id else { throw mismatch("\(shape)", id.kind) }
        let parts = heap.tuples[index]
        guard (5...6).contains(parts.count), case .text(let word) = parts[0],
            reader.bytes[word].elementsEqual("storage".utf8),
            case .global(.storage(let type)) = parts[1], case .text(let key) = parts[2],
            case .integer(let count) = parts[4]
        else {
            throw mismatch(shape, "(" + parts.prefix(9).map(\.kind).joined(separator: ", ") + ")")
        }
        let shown = TorchProblem.shown(reader.bytes[key])
        if parts.count == 6 {
            guard case .none = parts[5] else {
                throw fault(
                    .storage(key: shown, "it is a view of another; save the state dict again"))
            }
        }
        guard count >= 0, count <= storageLimit / type.size else {
            throw fault(
                .storage(
                    key: shown,
                    "it claims \(count) elements of \(type.size) bytes, and the whole file has "
                        + "\(reader.bytes.count) bytes"))
        }
        heap.storages.append(.init(key: key, type: type, count: count, place: place))
        stack.append(.storage(heap.storages.count - 1))
    }

    private mutating func call() throws {
        let values = try pop(2)
        // What would be made of known harmless functions is passed over, arguments and all.
        if case .global(.other(let words)) = values[0], case .tuple = values[1] {
            return stack.append(.other(words))
        }
        guard case .global(let function) = values[0], case .tuple(let index) = values[1] else {
            throw mismatch(
                "a known function and its arguments", "\(values[0].kind), \(values[1].kind)")
        }
        let arguments = heap.tuples[index]
        switch (function, arguments.count) {
        case (.orderedDict, 0): pushDictionary([])
        case (.orderedDict, 1): try pushDictionary(of: arguments[0])
        case (.size, 1):
            pushTuple(try sizes(arguments[0], "sizes").map(PickleValue.integer))
        case (.rebuildTensor, 4), (.rebuildTensor2, 6...7): try pushTensor(arguments)
        case (.rebuildTensor3, 7...8):
            // Of an untyped storage, for types that have no class of their own: 8-bit floats.
            guard case .global(.dtype(let name)) = arguments[6] else {
                throw mismatch("a type of elements", arguments[6].kind)
            }
            stack.append(.other("a tensor of \(name)"))
        case (.rebuildParameter, 3), (.rebuildParameterWithState, 4):
            switch arguments[0] {
            case .tensor, .other: stack.append(arguments[0])
            default: throw mismatch("a tensor as parameter", arguments[0].kind)
            }
        default:
            throw mismatch(
                "arguments that fit \(function.name)",
                "(" + arguments.prefix(9).map(\.kind).joined(separator: ", ") + ")")
        }
    }

    /// `OrderedDict([(key, value), …])`, as Python 2 writes it.
    private mutating func pushDictionary(of pairs: PickleValue) throws {
        guard case .list(let index) = pairs else {
            throw mismatch("a list of pairs", pairs.kind)
        }
        // A list can be recalled and copied again and again: each pair counts as an instruction.
        steps += heap.tuples[index].count
        guard steps <= Unpickler.stepLimit else {
            throw limit("instructions of the pickle", Unpickler.stepLimit, steps)
        }
        pushDictionary(
            try heap.tuples[index].map { pair in
                switch pair {
                case .tuple(let index), .list(let index):
                    let values = heap.tuples[index]
                    guard values.count == 2 else { fallthrough }
                    return (values[0], values[1])
                default: throw mismatch("a pair", pair.kind)
                }
            })
    }

    /// `(storage, offset, shape, strides, …)`.
    private mutating func pushTensor(_ arguments: [PickleValue]) throws {
        guard case .storage(let storage) = arguments[0], case .integer(let offset) = arguments[1]
        else {
            throw mismatch(
                "a storage and an offset", "\(arguments[0].kind), \(arguments[1].kind)")
        }
        heap.tensors.append(
            .init(
                storage: storage, offset: offset, shape: try sizes(arguments[2], "sizes"),
                strides: try sizes(arguments[3], "strides"), place: place))
        stack.append(.tensor(heap.tensors.count - 1))
    }

    private func sizes(_ value: PickleValue, _ what: String) throws -> [Int] {
        guard case .tuple(let index) = value else {
            throw mismatch("a tuple of \(what)", value.kind)
        }
        let values = heap.tuples[index]
        guard values.count <= Unpickler.dimensionLimit else {
            throw limit("dimensions of a tensor", Unpickler.dimensionLimit, values.count)
        }
        return try values.map {
            guard case .integer(let size) = $0 else {
                throw mismatch("\(what) as integers", $0.kind)
            }
            return size
        }
    }

    /// Attributes of a dictionary (PyTorch's `_metadata`) and of what is passed over are passed over;
    /// nothing else has any.
    private mutating func build() throws {
        let state = try pop(1)[0]
        let target = stack.count > marks.last ?? 0 ? stack.last : nil
        switch (target, state) {
        case (.dictionary, .dictionary), (.other, _): break
        default:
            throw mismatch(
                "attributes of a dictionary", "\(state.kind) for \(target?.kind ?? "nothing")")
        }
    }

    // MARK: Faults

    private func fault(_ problem: TorchProblem) -> FormatFault { reader.fault(problem, at: place) }

    private func mismatch(_ expected: String, _ found: String) -> FormatFault {
        fault(.pickle(expected: expected, found: found))
    }

    private func limit(_ what: String, _ limit: Int, _ found: Int) -> FormatFault {
        fault(.limit(what: what, limit: limit, found: found))
    }

    /// The fault of an instruction that is not run; INST spells out what it would call.
    private mutating func refusal(of code: UInt8) throws -> FormatFault {
        if code == UInt8(ascii: "i") {
            let module = try reader.line(of: "a name", limit: Unpickler.nameLimit)
            let name = try reader.line(of: "a name", limit: Unpickler.nameLimit)
            return fault(.foreign(fullName(module, name)))
        }
        return fault(.instruction(code, Unpickler.refused[code] ?? "unknown"))
    }

    /// Instructions that exist and are refused.
    private static let refused: [UInt8: String] = [
        UInt8(ascii: "o"): "OBJ", 0x81: "NEWOBJ", 0x92: "NEWOBJ_EX", UInt8(ascii: "P"): "PERSID",
        0x82: "EXT1", 0x83: "EXT2", 0x84: "EXT4", UInt8(ascii: "0"): "POP", 0x31: "POP_MARK",
        UInt8(ascii: "2"): "DUP", UInt8(ascii: "d"): "DICT", UInt8(ascii: "l"): "LIST",
        UInt8(ascii: "I"): "INT", UInt8(ascii: "L"): "LONG", UInt8(ascii: "F"): "FLOAT",
        UInt8(ascii: "S"): "STRING", UInt8(ascii: "V"): "UNICODE", UInt8(ascii: "p"): "PUT",
        UInt8(ascii: "g"): "GET", 0x8B: "LONG4", 0x8D: "BINUNICODE8", 0x8E: "BINBYTES8",
        0x90: "ADDITEMS", 0x91: "FROZENSET", 0x96: "BYTEARRAY8",
        0x97: "NEXT_BUFFER", 0x98: "READONLY_BUFFER",
    ]
}
