// The one reader of weights: what people have must give the same network, whatever wraps it; what fits
// nothing is refused with what the file holds.

import Formats
import Networks
import StageKit
import StageWeights
import Tensors
import Testing

@Suite struct WeightFileTests {
    private static let architecture = Architecture.softmaxRegression
    typealias Value = Checkpoint.Value

    /// Weights that halves and bfloat16 hold exactly.
    private static let weights: [(String, Value)] = [
        ("fc1.weight", .tensor(shape: [10, 784], .floats(numbers(7840)))),
        ("fc1.bias", .tensor(shape: [10], .floats(numbers(10)))),
    ]
    /// Others, to be told from them.
    private static let others: [(String, Value)] = [
        ("fc1.weight", .tensor(shape: [10, 784], .floats(numbers(7840).map { -$0 }))),
        ("fc1.bias", .tensor(shape: [10], .floats(numbers(10)))),
    ]

    private static func numbers(_ count: Int) -> [Float] {
        (0..<count).map { Float($0 % 13) / 4 + 0.25 }
    }

    private static func renamed(
        _ entries: [(String, Value)], _ change: (String) -> String
    ) -> [(String, Value)] {
        entries.map { (change($0.0), $0.1) }
    }

    private static func prefixed(_ prefix: String) -> [(String, Value)] {
        renamed(weights) { prefix + $0 }
    }

    private static func open(
        _ bytes: [UInt8], _ architecture: Architecture = architecture, named: String = "own.pth"
    ) throws -> WeightFile {
        try WeightFile(MappedFile(copying: bytes, named: named), for: architecture)
    }

    private static func open(_ entries: [(String, Value)]) throws -> WeightFile {
        try open(Checkpoint(entries: entries).archive())
    }

    private static func refusal(
        _ bytes: [UInt8], _ architecture: Architecture = architecture, named: String = "own.pth"
    ) -> String {
        do {
            _ = try open(bytes, architecture, named: named).parameters()
            return "accepted"
        } catch { return "\(error)" }
    }

    private static func refusal(_ entries: [(String, Value)]) -> String {
        refusal(Checkpoint(entries: entries).archive())
    }

    /// Whether a file gives the weights above.
    private static func isRead(_ file: WeightFile) throws -> Bool {
        let read = try file.parameters()
        return read["fc1.weight"]?.values == numbers(7840)
            && read["fc1.bias"]?.values == numbers(10)
            && read.count == 2
    }

    // MARK: Names

    /// Each wrapper's prefix, repeated and mixed.
    @Test(arguments: [
        "", "module.", "_orig_mod.", "model.", "net.", "module.module.", "_orig_mod.module.",
        "module._orig_mod.", "model.net.module._orig_mod.", "_forward_module.model.", "network.",
    ])
    func prefixesAreLeftOut(prefix: String) throws {
        for bytes in [
            Checkpoint(entries: Self.prefixed(prefix)).archive(),
            Checkpoint(entries: Self.prefixed(prefix)).bytes,
            Self.safeTensors(.f32, prefix: prefix),
        ] {
            #expect(try Self.isRead(Self.open(bytes)))
        }
    }

    @Test func partsMayHaveWrappersOfTheirOwn() throws {
        let mixed = [
            [
                ("fc1._orig_mod.weight", Self.weights[0].1),
                ("fc1._orig_mod.bias", Self.weights[1].1),
            ],
            [("module.fc1.weight", Self.weights[0].1), ("fc1.bias", Self.weights[1].1)],
            [("model.fc1.module.weight", Self.weights[0].1), ("fc1.bias", Self.weights[1].1)],
        ]
        for entries in mixed { #expect(try Self.isRead(Self.open(entries))) }
        let twice = Self.refusal(
            [
                ("module.fc1.weight", Self.weights[0].1), ("net.fc1.weight", Self.weights[0].1),
                ("fc1.bias", Self.weights[1].1),
            ])
        #expect(twice.contains("Several names stand for fc1.weight"), "\(twice)")
    }

    /// Beside the weights: counts, texts, an average's counter, a loss with weights of its own.
    @Test func whatLiesBesideIsPassedOver() throws {
        let average = Self.prefixed("module.") + [("n_averaged", .tensor(shape: [], .longs([7])))]
        let file = try Self.open(average)
        #expect(try Self.isRead(file))
        #expect(file.notes == ["own.pth: a tensor beside the weights is passed over, n_averaged"])
        #expect(
            try Self.isRead(Self.open(Self.weights + [("model", .text("x")), ("n", .number(3))])))
        let withLoss =
            Self.prefixed("model.") + [
                ("loss.weight", .tensor(shape: [10], .floats(Self.numbers(10))))
            ]
        #expect(try Self.isRead(Self.open(withLoss)))
        // Without a prefix that sets them apart, floats that are no parameter are another network.
        let extra = Self.weights + [("extra", .tensor(shape: [1], .floats([1])))]
        #expect(Self.refusal(extra).contains("unexpected: extra"))
    }

    @Test func ofTwoPrefixesThatFitTheFirstIsTaken() throws {
        let both = Self.renamed(Self.others) { "net." + $0 } + Self.prefixed("model.")
        #expect(try Self.isRead(Self.open(both)))
    }

    // MARK: Dictionaries

    @Test func dictionariesAreChosenByTheirContent() throws {
        let optimizer: Value = .dictionary([
            ("state", .dictionary([("0", .tensor(shape: [10], .floats(Self.numbers(10))))]))
        ])
        let files: [[(String, Value)]] = [
            [("state_dict", .dictionary(Self.weights)), ("epoch", .number(3))],
            [("optimizer", optimizer), ("model", .dictionary(Self.prefixed("module.")))],
            [("model", .dictionary([("ema", .dictionary(Self.weights))]))],
            [
                (
                    "checkpoint",
                    .dictionary([("run", .dictionary([("weights", .dictionary(Self.weights))]))])
                )
            ],
            // A usual key that holds something else.
            [("state_dict", optimizer), ("params_ema", .dictionary(Self.weights))],
            [("model", .text("LeNet")), ("net", .dictionary(Self.weights))],
        ]
        for entries in files {
            let file = try Self.open(entries)
            #expect(try Self.isRead(file) && file.notes.isEmpty, "\(file.notes)")
        }
    }

    /// The usual keys in their order, nearer ones first, and it is said that there was a choice.
    @Test func theChoiceAmongSeveralIsFixedAndTold() throws {
        let pairs: [([(String, Value)], String)] = [
            (
                [
                    ("state_dict_ema", .dictionary(Self.others)),
                    ("state_dict", .dictionary(Self.weights)),
                ], #"the weights are those of ["state_dict"]; ["state_dict_ema"] fits too"#
            ),
            (
                [
                    ("state_dict", .dictionary([("model", .dictionary(Self.others))])),
                    ("ema", .dictionary(Self.weights)),
                ], #"the weights are those of ["ema"]; ["state_dict"]["model"] fits too"#
            ),
            (
                [
                    ("teacher", .dictionary(Self.others)), ("net", .dictionary(Self.weights)),
                    ("old", .dictionary(Self.others)),
                ], #"the weights are those of ["net"]; ["teacher"] and 1 others fit too"#
            ),
        ]
        for (entries, note) in pairs {
            let file = try Self.open(entries)
            #expect(try Self.isRead(file))
            #expect(file.notes == ["own.pth: " + note])
        }
        // Under keys that say nothing, there must be one.
        let unclear = Self.refusal([
            ("teacher", .dictionary(Self.others)), ("student", .dictionary(Self.weights)),
        ])
        #expect(
            unclear.contains(
                #"has 2 dictionaries that are weights of softmax-regression: ["teacher"], ["student"]"#
            ), "\(unclear)")
    }

    @Test func theRefusalListsWhatIsThereAndTheRule() {
        let message = Self.refusal([
            ("state_dict", .dictionary([("features.0.weight", Self.weights[1].1)])),
            (
                "optimizer",
                .dictionary(
                    (0..<5).map { ("momentum\($0)\u{1B}", Self.weights[1].1) })
            ),
            ("epoch", .number(1)),
        ])
        for words in [
            "own.pth: The weights are not those of softmax-regression: missing: fc1.weight, fc1.bias",
            #"It holds 1 tensor in ["state_dict"] (features.0.weight); 5 tensors in ["optimizer"] (momentum0\u{1B}, momentum1\u{1B}, momentum2\u{1B}, …)"#,
            "up to three keys deep, first under state_dict, model_state_dict,",
            "their names may begin with module., _orig_mod., model., net.,",
        ] { #expect(message.contains(words), "\(message)") }
        #expect(Self.refusal([("epoch", .number(1))]).contains("It holds no tensors"))
        let deep = Self.refusal([
            (
                "a",
                .dictionary([
                    (
                        "b",
                        .dictionary([
                            ("c", .dictionary([("d", .dictionary(Self.weights))]))
                        ])
                    )
                ])
            )
        ])
        #expect(deep.contains("It holds no tensors"), "\(deep)")
    }

    @Test func weightsOfAnotherNetworkAreCalledByItsName() {
        let message = Self.refusal(
            Checkpoint(entries: [("model", .dictionary(Self.prefixed("module.")))]).archive(),
            .szegedy100)
        #expect(
            message.contains("they are those of softmax-regression: name that as the network"))
    }

    // MARK: Elements

    private static func safeTensors(
        _ type: DType, prefix: String = "", others: [String: String] = [:]
    ) -> [UInt8] {
        func bytes(_ values: [Float]) -> [UInt8] {
            values.flatMap { value -> [UInt8] in
                switch type {
                case .f64: withUnsafeBytes(of: Double(value).bitPattern.littleEndian, Array.init)
                case .bf16:
                    withUnsafeBytes(
                        of: UInt16(value.bitPattern >> 16).littleEndian, Array.init)
                case .f16: withUnsafeBytes(of: half(value).littleEndian, Array.init)
                default: withUnsafeBytes(of: value.bitPattern.littleEndian, Array.init)
                }
            }
        }
        return SafeTensorsWriter.file(
            metadata: [:],
            tensors: [
                (prefix + "fc1.weight", type, [10, 784]), (prefix + "fc1.bias", type, [10]),
            ],
            data: [
                prefix + "fc1.weight": bytes(numbers(7840)),
                prefix + "fc1.bias": bytes(numbers(10)),
            ])
    }

    /// Exact for the numbers above.
    private static func half(_ value: Float) -> UInt16 {
        UInt16((value.bitPattern >> 23 & 255) - 112) << 10
            | UInt16(value.bitPattern >> 13 & 1023)
    }

    @Test func everyKindOfFloatIsReadFromBothContainers() throws {
        for type in [DType.f16, .bf16, .f32, .f64] {
            #expect(try Self.isRead(Self.open(Self.safeTensors(type))), "\(type)")
        }
        let all = [Self.numbers(7840), Self.numbers(10)]
        let kinds: [([Float]) -> Checkpoint.Elements] = [
            { .halves($0.map(Self.half)) },
            { .bfloat16($0.map { UInt16($0.bitPattern >> 16) }) },
            { .doubles($0.map(Double.init)) },
        ]
        for kind in kinds {
            let checkpoint = Checkpoint(entries: [
                ("fc1.weight", .tensor(shape: [10, 784], kind(all[0]))),
                ("fc1.bias", .tensor(shape: [10], kind(all[1]))),
            ])
            #expect(try Self.isRead(Self.open(checkpoint.archive())))
            #expect(try Self.isRead(Self.open(checkpoint.bytes)))
        }
        let whole = Self.refusal([
            Self.weights[0], ("fc1.bias", .tensor(shape: [10], .longs(Array(0..<10)))),
        ])
        #expect(whole.contains("fc1.bias holds I64, expected floats"), "\(whole)")
    }

    @Test func numbersThatAreNotFiniteAreNamedWithTheirPlace() {
        for (value, words) in [(Float.nan, "nan"), (.infinity, "inf"), (-.infinity, "-inf")] {
            var values = Self.numbers(7840)
            values[3 * 784 + 5] = value
            let message = Self.refusal([
                (
                    "state_dict",
                    .dictionary([
                        ("module.fc1.weight", .tensor(shape: [10, 784], .floats(values))),
                        ("module.fc1.bias", Self.weights[1].1),
                    ])
                )
            ])
            #expect(
                message.hasPrefix("own.pth: tensor module.fc1.weight holds \(words) at [3, 5]"),
                "\(message)")
        }
    }

    @Test func wrongChecksumsAreWarnedOf() throws {
        let file = try Self.open(Checkpoint(entries: Self.weights).archive(hasChecksums: false))
        #expect(try Self.isRead(file))
        #expect(
            file.warnings.first?.hasPrefix("own.pth: the checksum of w/data.pkl and 2 other")
                == true)
        #expect(try Self.open(Self.weights).warnings.isEmpty)
    }

    // MARK: Other files

    @Test func filesOfOtherProgramsAreNamedWithTheWayToConvert() {
        let script = Checkpoint(entries: Self.weights).archive(
            others: [("code/__torch__.py", [1]), ("constants.pkl", [2])])
        let cases: [([UInt8], String, String)] = [
            (script, "is a TorchScript program", "torch.jit.load(file).state_dict()"),
            ([8, 9, 0x3A, 2, 10, 0, 0x42, 2, 16, 17], "is an ONNX model", "onnx.load(file).graph"),
            (
                [0x89, 0x48, 0x44, 0x46, 13, 10, 26, 10], "is an HDF5 file",
                "keras.models.load_model"
            ),
            ([8, 1, 0x12, 2, 10, 0], "is a TensorFlow SavedModel", "tf.train.load_checkpoint"),
            (
                [28, 0, 0, 0] + Array("TFL3".utf8), "is a TensorFlow Lite model",
                "convert the model"
            ),
            ([0x93] + Array("NUMPY".utf8), "is a NumPy array", "numpy.load(file)"),
            (
                [0x80, 4, 0x95, 0, 0, 0, 0, 0, 0, 0, 0, 0x7D, 0x94, 0x2E], "is a Python pickle",
                "trust"
            ),
            ([31, 139, 8, 0], "is a gzip archive", "unpack it"),
            (Array("version https://git-lfs".utf8), "is a pointer of Git LFS", "git lfs pull"),
            (Array("<!DOCTYPE html>".utf8), "is a web page", "browser"),
            ([0xFF, 0xD8, 0xFF, 0xE0], "is a JPEG picture", "safetensors"),
            (Array("words".utf8), "holds no weights: it starts with the bytes", "safetensors"),
            ([], "it is empty", "safetensors"),
        ]
        for (bytes, words, way) in cases {
            let message = Self.refusal(bytes)
            #expect(message.hasPrefix("own.pth ") && message.contains(words), "\(message)")
            #expect(message.contains(way), "\(message)")
        }
        #expect(
            Self.refusal([1, 2, 3, 4], named: "model.ckpt.data-00000-of-00001")
                .contains("tf.train.load_checkpoint"))
        let call = Self.refusal([("hook", .call("os", "system"))])
        #expect(call.contains("wants to call os.system"), "\(call)")
    }
}
