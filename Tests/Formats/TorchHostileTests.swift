// Checkpoints made to do harm: calls, impossible sizes, bombs. Each is written out by hand.

import Formats
import Testing

/// Writes pickles.
private struct Pickle {
    var bytes: [UInt8] = [0x80, 2]

    mutating func op(_ code: Character, _ rest: [UInt8] = []) {
        bytes += [code.asciiValue ?? 0] + rest
    }
    mutating func global(_ module: String, _ name: String) {
        op("c", Array("\(module)\n\(name)\n".utf8))
    }
    mutating func text(_ words: String) {
        op("X", Pickle.little(UInt32(words.utf8.count)) + words.utf8)
    }
    mutating func integer(_ value: Int) {
        bytes += [0x8A, 8] + Pickle.little(UInt64(bitPattern: Int64(value)))
    }
    mutating func tuple(_ values: [Int]) {
        op("(")
        for value in values { integer(value) }
        op("t")
    }
    /// A tensor of floats on storage "0".
    mutating func tensor(
        claims count: Int = 4, offset: Int = 0, shape: [Int] = [4], strides: [Int] = [1],
        type: String = "FloatStorage"
    ) {
        global("torch._utils", "_rebuild_tensor_v2")
        op("(")
        op("(")
        text("storage")
        global("torch", type)
        text("0")
        text("cpu")
        integer(count)
        op("N")
        op("t")
        op("Q")
        integer(offset)
        tuple(shape)
        tuple(strides)
        bytes.append(0x89)
        op("}")
        op("t")
        op("R")
    }

    static func little<N: FixedWidthInteger>(_ value: N) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian, Array.init)
    }
}

@Suite struct TorchHostileTests {
    static func message(_ bytes: [UInt8]) -> String {
        do {
            let checkpoint = try TorchCheckpoint(MappedFile(copying: bytes, named: "w.pth"))
            for entry in checkpoint.dictionaries.flatMap(\.tensors) {
                let tensor = try checkpoint.tensor(entry)
                let size = try checkpoint.bytes(of: tensor).count
                #expect(size == tensor.count * tensor.dtype.size)
            }
            return "accepted"
        } catch { return "\(error)" }
    }

    /// A file of the older format around one pickle, with one storage of four floats.
    private static func file(
        keys: [String] = ["0"], count: Int = 4, floats: Int = 4, _ write: (inout Pickle) -> Void
    ) -> [UInt8] {
        var body = Pickle()
        write(&body)
        body.op(".")
        var list = Pickle()
        list.op("]")
        list.op("(")
        for key in keys { list.text(key) }
        list.op("e")
        list.op(".")
        let magic: [UInt8] = [128, 2, 138, 10, 108, 252, 156, 70, 249, 32, 106, 168, 80, 25, 46]
        let start: [UInt8] = magic + [128, 2, 77, 233, 3, 46] + [128, 2, 125, 46]
        let head = start + body.bytes + list.bytes
        guard !keys.isEmpty else { return head }
        return head + Pickle.little(Int64(count)) + [UInt8](repeating: 1, count: 4 * floats)
    }

    /// The same around a dictionary of one tensor.
    private static func dictionary(
        keys: [String] = ["0"], count: Int = 4, floats: Int = 4, _ write: (inout Pickle) -> Void
    ) -> [UInt8] {
        file(keys: keys, count: count, floats: floats) {
            $0.op("}")
            $0.text("w")
            write(&$0)
            $0.op("s")
        }
    }

    @Test func theFileThatTheseTestsChangeIsSound() {
        #expect(Self.message(Self.dictionary { $0.tensor() }) == "accepted")
        #expect(
            Self.message(Self.dictionary { $0.tensor(shape: [2, 2], strides: [1, 2]) })
                == "accepted")
    }

    /// Shapes, strides and offsets at the ends of their range, in all combinations of two axes: what is
    /// accepted can be read, and nothing traps.
    @Test func noLayoutTraps() {
        let numbers = [0, 1, 2, 4, 1 << 31, 1 << 61, 1 << 62, Int.max]
        var accepted = 0
        for offset in [0, 3, 4, Int.max] {
            for rows in numbers {
                for columns in numbers {
                    for (step, stride) in zip(numbers + numbers, numbers.reversed() + numbers) {
                        let file = Self.dictionary {
                            $0.tensor(
                                offset: offset, shape: [rows, columns, 1],
                                strides: [step, stride, 1 << 62])
                        }
                        if Self.message(file) == "accepted" { accepted += 1 }
                    }
                }
            }
        }
        #expect(accepted > 20)
        #expect(
            Self.message(
                Self.dictionary { $0.tensor(shape: [2, 2, 1], strides: [1, 2, 1 << 62]) })
                == "accepted")
    }

    /// A list that is recalled and made into a dictionary over and over again.
    @Test func copiesOfAListCount() {
        let file = Self.file {
            $0.op("]")
            $0.op("q", [0])
            $0.op("(")
            for _ in 0..<20_000 {
                $0.op("(")
                $0.op("N")
                $0.op("N")
                $0.op("t")
            }
            $0.op("e")
            for _ in 0..<20_000 {
                $0.global("collections", "OrderedDict")
                $0.op("h", [0])
                $0.bytes.append(0x85)
                $0.op("R")
            }
        }
        #expect(Self.message(file).contains("instructions of the pickle"))
    }

    @Test func callsAreRefusedByName() {
        let expected =
            ": the checkpoint wants to call os.system; Mirage never runs code from a file. "
            + "Where you trust it, load it in PyTorch and save model.state_dict() alone"
        let reduce = Self.file {
            $0.global("os", "system")
            $0.text("echo harm")
            $0.bytes.append(0x85)
            $0.op("R")
        }
        let stackGlobal = Self.file {
            $0.text("os")
            $0.text("system")
            $0.bytes.append(0x93)
            $0.text("echo harm")
            $0.bytes.append(0x85)
            $0.op("R")
        }
        let inst = Self.file {
            $0.op("(")
            $0.text("echo harm")
            $0.op("i", Array("os\nsystem\n".utf8))
        }
        for file in [reduce, stackGlobal, inst] {
            #expect(Self.message(file).hasSuffix(expected))
            #expect(Self.message(file).hasPrefix("w.pth, byte "))
        }
        // A bare pickle, without PyTorch's magic number, is not even begun.
        #expect(
            Self.message([128, 2] + Array("cos\nsystem\n(S'echo'\ntR.".utf8))
                == "w.pth, byte 0: it is a Python pickle, but none that torch.save wrote, expected a "
                + "PyTorch checkpoint")
        #expect(
            Self.message(Self.file { $0.global("builtins", "eval\u{1B}[2J") })
                .contains("builtins.eval?[2J;"))
    }

    @Test(arguments: [
        (UInt8(ascii: "o"), "OBJ"), (0x81, "NEWOBJ"), (0x92, "NEWOBJ_EX"), (0x82, "EXT1"),
        (UInt8(ascii: "P"), "PERSID"), (0xFF, "unknown"),
    ])
    func instructionsThatMakeObjectsAreRefused(code: UInt8, name: String) {
        let file = Self.file {
            $0.global("collections", "OrderedDict")
            $0.op(")")
            $0.bytes.append(code)
        }
        #expect(Self.message(file).contains("the instruction \(name) (\(code))"))
    }

    @Test func buildAndCallsOfKnownNamesAreBounded() {
        let build = Self.file {
            $0.tensor()
            $0.op("}")
            $0.op("b")
        }
        #expect(
            Self.message(build).contains(
                "expected attributes of a dictionary, found a dictionary for a tensor"))
        let call = Self.file {
            $0.global("torch", "FloatStorage")
            $0.tuple([1 << 40])
            $0.op("R")
        }
        #expect(
            Self.message(call).contains(
                "expected arguments that fit torch.FloatStorage, found (an integer)"))
    }

    @Test func sizesThatDoNotFitAreRefused() {
        let cases: [(String, [UInt8])] = [
            ("it claims -1 elements of 4 bytes", Self.dictionary { $0.tensor(claims: -1) }),
            ("it claims 1099511627776 elements", Self.dictionary { $0.tensor(claims: 1 << 40) }),
            ("it has 9 elements, the pickle says 4", Self.dictionary(count: 9) { $0.tensor() }),
            ("it has -4 elements, the pickle says 4", Self.dictionary(count: -4) { $0.tensor() }),
            ("the file ends inside storage \"0\"", Self.dictionary(floats: 3) { $0.tensor() }),
            ("a negative number in offset -1", Self.dictionary { $0.tensor(offset: -1) }),
            ("a negative number in offset 0", Self.dictionary { $0.tensor(shape: [-4]) }),
            ("a negative number in", Self.dictionary { $0.tensor(strides: [-1]) }),
            ("reach beyond its storage of 4", Self.dictionary { $0.tensor(offset: 1) }),
            ("reach beyond its storage of 4", Self.dictionary { $0.tensor(strides: [2]) }),
            (
                "reach beyond its storage of 4",
                Self.dictionary { $0.tensor(shape: [1 << 62, 1 << 62], strides: [1, 1 << 62]) }
            ),
            (
                "reach beyond its storage of 4",
                Self.dictionary { $0.tensor(offset: .max, shape: [0]) }
            ),
            ("differ in length", Self.dictionary { $0.tensor(strides: [1, 1]) }),
            // Four bytes that would make a tensor of 2⁴⁰ elements; windows that slide.
            ("its elements overlap", Self.dictionary { $0.tensor(shape: [1 << 40], strides: [0]) }),
            (
                "its elements overlap",
                Self.dictionary { $0.tensor(shape: [2, 3], strides: [1, 1]) }
            ),
            (
                "more than the 16",
                Self.dictionary {
                    $0.tensor(
                        shape: [Int](repeating: 1, count: 17),
                        strides: [Int](repeating: 1, count: 17))
                }
            ),
            ("it is listed twice", Self.dictionary(keys: ["0", "0"], count: 4) { $0.tensor() }),
            ("no tensor uses it", Self.dictionary(keys: ["7"]) { $0.tensor() }),
            ("the file does not hold it", Self.dictionary(keys: []) { $0.tensor() }),
            (
                "it is 4 × F32 here and 2 × F64 there",
                Self.dictionary {
                    $0.tensor()
                    $0.op("s")
                    $0.text("v")
                    $0.tensor(claims: 2, shape: [2], type: "DoubleStorage")
                }
            ),
        ]
        for (expected, file) in cases {
            let message = Self.message(file)
            #expect(message.contains(expected), "\(message)")
        }
    }

    @Test func valuesThatDoNotFitAreRefused() {
        let cases: [(String, [UInt8])] = [
            ("it holds a tensor, expected", Self.file { $0.tensor() }),
            (
                "its name is given twice",
                Self.dictionary {
                    $0.tensor()
                    $0.op("s")
                    $0.text("w")
                    $0.tensor()
                }
            ),
            ("expected one value at its end, found 2", Self.file { $0.bytes += [0x88, 0x88] }),
            ("expected 2 values on its stack, found 0", Self.file { $0.op("R") }),
            ("expected a mark on its stack", Self.file { $0.op("t") }),
            ("expected a value remembered as 7", Self.file { $0.op("h", [7]) }),
        ]
        for (expected, file) in cases {
            let message = Self.message(file)
            #expect(message.contains(expected), "\(message)")
        }
    }

    @Test func bombsAreCheap() throws {
        // An index into a memo that would take 32 GB as a list.
        #expect(
            Self.message(Self.file { $0.bytes += [0x88] + Array("r".utf8) + [255, 255, 255, 255] })
                .contains("an index of the pickle's memo: 4294967295, more than the 1048575"))
        // A string of 4 GB in a small file.
        #expect(
            Self.message(Self.file { $0.op("X", [255, 255, 255, 255]) })
                .contains("bytes of a string: 4294967295"))
        #expect(
            Self.message(Self.file { for _ in 0..<101 { $0.op("(") } })
                .contains("nested marks of the pickle: 101, more than the 100"))
        // 200,000 levels of tuples: no recursion, in reading or in letting go.
        #expect(
            Self.message(
                Self.file(keys: []) {
                    $0.op(")")
                    $0.bytes += [UInt8](repeating: 0x85, count: 200_000)
                }
            ).contains("it holds a tuple"))
        // A billion laughs: each tuple holds the one before three times, 60 times over.
        #expect(
            Self.message(
                Self.dictionary {
                    $0.op(")")
                    for level in 0..<60 {
                        $0.op("q", [UInt8(level)])
                        $0.op("h", [UInt8(level)])
                        $0.op("h", [UInt8(level)])
                        $0.bytes.append(0x87)
                    }
                    $0.op("s")
                    $0.text("v")
                    $0.tensor()
                }
            ) == "accepted")
        // A dictionary that holds itself, under a key that leads to weights.
        let cycle = Self.file(keys: []) {
            $0.op("}")
            $0.op("q", [0])
            $0.text("model")
            $0.op("h", [0])
            $0.op("s")
        }
        #expect(Self.message(cycle) == "accepted")
        #expect(try TorchCheckpointTests.read(cycle).dictionaries.map(\.path) == [[]])
        // One storage handed out again and again: each tensor is made when it is asked for.
        let shared = Self.file {
            $0.op("}")
            for index in 0..<400 {
                $0.text("\(index)")
                if index == 0 {
                    $0.tensor(claims: 20_000, shape: [20_000])
                    $0.op("q", [0])
                } else {
                    $0.op("h", [0])
                }
                $0.op("s")
            }
        }
        let large =
            Array(shared.dropLast(24)) + Pickle.little(Int64(20_000))
            + [UInt8](repeating: 0, count: 80_000)
        #expect(Self.message(large) == "accepted")
    }
}
