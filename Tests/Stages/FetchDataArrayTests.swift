// Arrays as people have them: NumPy, IDX, safetensors, CIFAR; which axis is which and what the numbers mean;
// and all that can be wrong with these.

import Artifacts
import Datasets
import Formats
import Foundation
import Testing

@Suite struct FetchDataArrayTests {
    private let ground = DataGround()

    private func put(_ files: [(String, [UInt8])], in folder: String) throws {
        for (name, bytes) in files { try ground.put(bytes, at: "\(folder)/\(name)") }
    }

    /// Two images of 2 × 2 and their labels, as .npy.
    private func pair(_ images: [UInt8], labels: [Int64] = [1, 0]) throws {
        try put([("images.npy", images), ("labels.npy", ArrayFiles.labels(labels))], in: "d")
    }

    private func expect(_ data: String, _ words: String, _ settings: [String: JSON] = [:]) {
        let found = ground.message(data, settings)
        #expect(found.contains(words), "\(found)")
    }

    @Test func archivesOfNumPyAreRead() throws {
        for bytes in ArrayFiles.savez {
            try ground.put(bytes, at: "data.npz")
            let record = try ground.fetch("data.npz", ["train": true])
            let set = try ground.split()
            #expect(set.labels == [1, 0] && set.imageShape == [3, 2, 2])
            // Label 2 is in the training split only, and nevertheless a class.
            #expect(set.classes == ["0", "1", "2"])
            #expect(set.images.values.prefix(6).map { $0 * 255 } == [0, 3, 6, 9, 1, 4])
            #expect(try ground.split("train").images.values == Array(set.images.values.prefix(12)))
            #expect(
                ground.notes(record).dropFirst().first
                    == "data.npz, x_test: [2, 2, 2, 3] are images, rows, columns, channels (axes: nhwc, "
                    + "found from the shape)")
        }
    }

    /// The same images in each place: a folder, a pair, an archive, tensors.
    @Test func layoutsOfArraysAreRecognised() throws {
        let images = ArrayFiles.bytes([2, 2, 2], [0, 1, 2, 3, 4, 5, 6, 255])
        let labels = ArrayFiles.labels([1, 0])
        try pair(images)
        try put([("x_test.npy", images), ("test-y.npy", labels), ("notes.txt", [65])], in: "words")
        try put(
            [("a.npz", ArrayFiles.zip([("data.npy", images), ("targets.npy", labels)]))], in: "zip")
        try put([("images.npy", images), ("labels.npy", labels)], in: "splits/test")
        try put([("images.npy", images), ("labels.npy", labels)], in: "splits/train")
        let idx = (
            ArrayFiles.idx([2, 2, 2], [0, 1, 2, 3, 4, 5, 6, 255]), ArrayFiles.idx([2], [1, 0])
        )
        try put([("t10k-images-idx3-ubyte", idx.0), ("t10k-labels.idx1-ubyte", idx.1)], in: "idx")
        for (data, settings) in [
            ("d", [:]), ("words", [:]), ("zip", [:]), ("zip/a.npz", [:]), ("splits", [:]),
            ("idx", [:]),
            ("d/images.npy", ["labels": "d/labels.npy"]),
        ] as [(String, [String: JSON])] {
            _ = try ground.fetch(data, settings)
            let set = try ground.split()
            #expect(set.labels == [1, 0] && set.imageShape == [1, 2, 2], "\(data)")
            #expect(set.images.values == [0, 1, 2, 3, 4, 5, 6, 255].map { $0 / 255 }, "\(data)")
        }
        let record = try ground.fetch("words")
        #expect(ground.notes(record)[1] == "words: passed over are notes.txt")
        // IDX compressed, with a training split whose labels count for the classes.
        #expect(
            try Self.shell("cd \(ground.path("idx")) && gzip t10k-images-idx3-ubyte"))
        try put(
            [
                ("train-images-idx3-ubyte", ArrayFiles.idx([1, 2, 2], [9, 9, 9, 9])),
                ("train-labels-idx1-ubyte", ArrayFiles.idx([1], [4])),
            ], in: "idx")
        let both = try ground.fetch("idx")
        #expect(try ground.split().classes.count == 5 && ground.split().labels == [1, 0])
        #expect(!both.recipe.inputs.contains { $0.role == "train images" })
        _ = try ground.fetch("idx", ["train": true])
        #expect(try ground.split("train").labels == [4])
    }

    private static func shell(_ command: String) throws -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", command]
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    @Test func axesAreFoundOrAskedFor() throws {
        let values = (0..<24).map { UInt8($0) }
        try pair(ArrayFiles.bytes([2, 3, 2, 2], values))
        _ = try ground.fetch("d")
        #expect(try ground.split().images.values.map { $0 * 255 } == values.map(Float.init))
        try pair(ArrayFiles.bytes([2, 1, 4, 3], values))
        expect(
            "d",
            "[2, 1, 4, 3], in which two axes can be the channels (1 or 3); say it: --axes nchw or")
        expect("d", #"typed SET="fetch-mine.axes=nchw" or SET="fetch-mine.axes=nhwc""#)
        _ = try ground.fetch("d", ["axes": "nhwc"])
        #expect(try ground.split().imageShape == [3, 1, 4])
        #expect(try ground.split().images.values.prefix(5).map { $0 * 255 } == [0, 3, 6, 9, 1])
        _ = try ground.fetch("d", ["axes": "nchw"])
        #expect(try ground.split().imageShape == [1, 4, 3])
        try pair(ArrayFiles.bytes([2, 2, 2, 2], Array(values[..<16])))
        expect("d", "in which no axis can be the channels (1 or 3); save images")
        try pair(ArrayFiles.bytes([2, 4, 1, 2], Array(values[..<16])))
        expect("d", "four channels, the last of which is transparency; take it off: array[:, :3]")
        try pair(ArrayFiles.bytes([2, 2, 1, 4], Array(values[..<16])))
        expect("d", "take it off: array[..., :3]", ["axes": "nhwc"])
        // An empty array may claim sides whose product is no number.
        try pair(ArrayFiles.bytes([0, 1 << 40, 1 << 40], []), labels: [])
        expect(
            "d", "d/images.npy has images of [1, 1099511627776, 1099511627776], expected channels")
        try pair(ArrayFiles.bytes([2, 0, 3], []))
        expect("d", "has images of [1, 0, 3], expected")
        try pair(ArrayFiles.bytes([0, 3, 3], []), labels: [])
        expect("d", "d has no images in its test split")
        try ground.put("a\nb", at: "names.txt")
        expect("d", "d has no images in its test split", ["classes": "names.txt"])
        try pair(ArrayFiles.bytes([2, 4], Array(values[..<8])))
        expect("d", "expected [N, H, W], [N, H, W, C] or [N, C, H, W]; give its images their sides")
    }

    @Test func rangesAreFoundOrAskedFor() throws {
        func images(_ values: [Float]) throws { try pair(ArrayFiles.floats([2, 1, 2], values)) }
        for (values, expected, range) in [
            ([0, 0.25, 0.5, 1], [0, 0.25, 0.5, 1], "0..1"),
            ([0, 51, 2, 255], [0, 0.2, 2 / 255, 1], "0..255"),
            ([-1, 0.5, 0, 1], [0, 0.75, 0.5, 1], "-1..1"),
        ] as [([Float], [Float], String)] {
            try images(values)
            let record = try ground.fetch("d")
            #expect(try ground.split().images.values == expected)
            #expect(
                ground.notes(record)[1].hasPrefix(
                    "d/images.npy: pixels are \(range), for its numbers"))
        }
        try images([0, 0.25, 0.5, 1])
        _ = try ground.fetch("d", ["range": "-1..1"])
        #expect(try ground.split().images.values == [0.5, 0.625, 0.75, 1])
        try images([-0.001, 0.25, 0.5, 1])
        expect(
            "d", "has numbers from -0.001 to 1.0, which is none of 0…1, 0…255 and −1…1; clip them")
        try images([0, 0.25, 0.5, 1.01])
        expect("d", "which is none of", [:])
        expect("d", #"(the config's "range"): SET="fetch-mine.range=0..1" or SET="#)
        expect("d", "from 0.0 to 1.01, and 0..1 is what range says; clip them", ["range": "0..1"])
        try images([-2.1, 0.25, 0.5, 2.6])
        expect("d", "save pixels as they were before they were normalised")
        try images([0, .nan, 0.5, 1])
        expect("d", "d/images.npy: element 1 is nan, expected a number")
        // Bytes of 0 and 1 are dark pictures unless it is said that they are not.
        try pair(ArrayFiles.bytes([2, 1, 2], [0, 1, 1, 0]))
        _ = try ground.fetch("d")
        #expect(try ground.split().images.values == [0, 1 / 255, 1 / 255, 0])
        _ = try ground.fetch("d", ["range": "0..1"])
        #expect(try ground.split().images.values == [0, 1, 1, 0])
    }

    /// Only what is drawn is converted, and what the numbers mean follows from all of them nevertheless.
    @Test func aLimitDrawsBeforeAnythingIsConverted() throws {
        let labels: [Int64] = [0, 1, 2, 3, 4, 5]
        try pair(
            ArrayFiles.floats([6, 2, 1, 3], (0..<36).map { $0 < 6 ? Float(200) : Float($0) / 36 }),
            labels: labels)
        _ = try ground.fetch("d")
        let all = try ground.split()
        #expect(all.images.values[0] == 200.0 / 255 && all.imageShape == [3, 2, 1])
        for seed in [1, 2, 3, 4] as [JSON] {
            _ = try ground.fetch("d", ["limit": 2, "seed": seed])
            let drawn = try ground.split()
            #expect(drawn.count == 2)
            // Labels are the indices.
            #expect(drawn.images.values == all.images.gather(drawn.labels).values)
        }
        // Bytes that are taken for 0…1 go the same way.
        let bits: [UInt8] = [0, 1, 0, 1, 1, 0]
        try pair(ArrayFiles.bytes([6, 1, 1], bits), labels: labels)
        _ = try ground.fetch("d", ["limit": 3, "range": "0..1"])
        let drawn = try ground.split()
        #expect(drawn.images.values == drawn.labels.map { Float(bits[$0]) })
        // What is wrong with an image counts, drawn or not.
        try pair(ArrayFiles.floats([6, 1, 1], [0, 1, 0, 1, 1, .nan]), labels: labels)
        for seed in [1, 2, 3, 4] as [JSON] {
            expect("d", "d/images.npy: element 5 is nan", ["limit": 1, "seed": seed])
        }
    }

    @Test func whatDoesNotBelongTogetherIsNamed() throws {
        let images = ArrayFiles.bytes([2, 2, 2], [0, 1, 2, 3, 4, 5, 6, 255])
        try pair(images, labels: [1, 0, 1])
        expect("d", "d/images.npy and its labels differ in number: 2 and 3; the files do not")
        try pair(images, labels: [0, 0])
        expect(
            "d", "65 d has one class only, 0, and a network tells several apart; list all classes")
        try ground.put("a\nb\nc", at: "names.txt")
        _ = try ground.fetch("d", ["classes": "names.txt"])
        #expect(try ground.split().classes == ["a", "b", "c"])
        try pair(images, labels: [3, 0])
        expect(
            "d", "d has the label 3, expected 0…2, the classes of names.txt; list all",
            ["classes": "names.txt"])
        try pair(images, labels: [-1, 0])
        expect("d", "d/labels.npy: label 0 is -1, expected a class from 0 up")
        try pair(images, labels: [1 << 40, 0])
        expect("d", "has the label 1099511627776, expected 0…99999; number the classes from 0")
        try ground.put(ArrayFiles.npy("|u1", [2, 3], [0, 1, 0, 1, 0, 0]), at: "d/labels.npy")
        expect("d", "the labels, has the shape [2, 3], expected [N]; save numbers of classes")
        try put([("x.npy", images)], in: "alone")
        expect("alone", "66 alone has the images x.npy, and no labels; put both there")
        expect(
            "alone/x.npy", "alone/x.npy are images without labels; name their file as \"labels\"")
        try put([("y_test.npy", ArrayFiles.labels([1]))], in: "labels")
        expect(
            "labels",
            "66 labels has the labels y_test.npy of the test split, and no images; put both")
        try put([("x.npy", images), ("images.npy", images)], in: "two")
        expect("two", "two has two files of images: images.npy and x.npy")
        try put([("train-images-idx3-ubyte", [0])], in: "half")
        expect(
            "half", "half has the images train-images-idx3-ubyte of the train split, and no labels")
        try ground.put(ArrayFiles.zip([("x.npy", images)]), at: "x.npz")
        expect("x.npz", "65 x.npz has x and no labels; it has x")
        try ground.put(ArrayFiles.zip([("weights.npy", images)]), at: "x.npz")
        expect("x.npz", "x.npz has no arrays that are images and labels; it has weights; call them")
        try ground.put(
            ArrayFiles.zip([("images.npy", images), ("x_test.npy", images)]), at: "x.npz")
        expect(
            "x.npz",
            "x.npz has arrays of a split (x_test) beside ones of none (images); it has images, x_test; "
                + "take those out")
        let (none, nothing) = (ArrayFiles.bytes([0, 2, 2], []), ArrayFiles.labels([]))
        try ground.put(
            ArrayFiles.zip([("images.npy", none), ("labels.npy", nothing)]), at: "x.npz")
        expect("x.npz", "65 x.npz has no images in its test split; give some")
        try ground.put(Array(ArrayFiles.savez[1].dropLast(40)), at: "x.npz")
        expect("x.npz", "65 x.npz, byte")
        expect("d", "d/labels.npy, the labels, goes with pictures", ["labels": "d/labels.npy"])
    }

    @Test func tensorsAreRead() throws {
        func file(_ metadata: [String: String], _ names: [String]) throws -> [UInt8] {
            let writer = SafeTensorsWriter(
                metadata: metadata, tensors: [(names[0], .u8, [2, 2, 2]), (names[1], .i64, [2])])
            var bytes: [UInt8] = []
            try writer.write(to: { bytes += $0 }) { entry, sink in
                try entry.dtype == .u8
                    ? [0, 1, 2, 3, 4, 5, 6, 255 as UInt8].withUnsafeBytes(sink)
                    : [1, 0 as Int64].withUnsafeBytes(sink)
            }
            return bytes
        }
        try ground.put(
            file(["classes": #"["cat","dog"]"#], ["images", "labels"]), at: "a.safetensors")
        _ = try ground.fetch("a.safetensors")
        #expect(try ground.split().classes == ["cat", "dog"] && ground.split().labels == [1, 0])
        try ground.put(file(["classes": "[\"cat\"]"], ["images", "labels"]), at: "a.safetensors")
        expect(
            "a.safetensors",
            "has the label 1, expected 0…0, the classes that it names; list all classes")
        try ground.put(file(["classes": "[]"], ["images", "labels"]), at: "a.safetensors")
        expect("a.safetensors", "a.safetensors names no classes: its list of them is empty; list")
        try ground.put(file([:], ["x", "z"]), at: "a.safetensors")
        expect("a.safetensors", "a.safetensors has x and no labels; it has x, z")
        // What this program wrote is read as it is, with its names.
        try ground.picture([1, 2, 3], at: "photos/cat/a.png")
        try ground.picture([5, 2, 3], at: "photos/dog/b.png")
        _ = try ground.fetch("photos")
        let own = try ground.split()
        try ground.put(
            MappedFile.read(ground.path("artifacts/dataset/mine-test.safetensors")),
            at: "own.safetensors")
        _ = try ground.fetch("own.safetensors", ["name": "again"])
        let again = try ground.split()
        #expect(again.name == "again" && again.names == own.names && again.classes == own.classes)
        #expect(again.images.values == own.images.values && again.labels == own.labels)
    }

    @Test func recordsOfCIFARAreRead() throws {
        try put(
            (1...5).map {
                ("data_batch_\($0).bin", ArrayFiles.cifar(UInt8($0), [UInt8($0), 0, 0]))
            } + [
                (
                    "test_batch.bin",
                    ArrayFiles.cifar(9, [0, 51, 255]) + ArrayFiles.cifar(0, [1, 1, 1])
                ),
                (
                    "batches.meta.txt",
                    Array(
                        "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n"
                            .utf8)
                ),
            ], in: "cifar/cifar-10-batches-bin")
        #expect(
            try Self.shell(
                "cd \(ground.path("cifar")) && tar czf c.tar.gz cifar-10-batches-bin && "
                    + "tar cf c.tar cifar-10-batches-bin/*"))
        for data in ["cifar/cifar-10-batches-bin", "cifar/c.tar.gz", "cifar/c.tar"] {
            _ = try ground.fetch(data)
            let set = try ground.split()
            #expect(
                set.labels == [9, 0] && set.classes.last == "truck"
                    && set.imageShape == [3, 32, 32])
            #expect(set.images.values[1023...1024] == [0, 0.2] && set.images.values[3071] == 1)
            _ = try ground.fetch(data, ["train": true, "limit": 3])
            #expect(try ground.split("train").count == 3 && ground.split().count == 2)
        }
        try ground.put(
            ArrayFiles.cifar(10, [0, 0, 0]), at: "cifar/cifar-10-batches-bin/test_batch.bin")
        expect(
            "cifar/cifar-10-batches-bin", "test_batch.bin: label 0 is 10, and there are 10 classes")
        try FileManager.default.removeItem(
            atPath: ground.path("cifar/cifar-10-batches-bin/test_batch.bin"))
        expect("cifar/cifar-10-batches-bin", "lacks test_batch.bin of CIFAR's binary version")
        #expect(
            try Self.shell("cd \(ground.path("cifar")) && tar czf c.tar.gz cifar-10-batches-bin"))
        expect(
            "cifar/c.tar.gz", "has neither test_batch.bin nor test.bin of CIFAR's binary version")
        #expect(
            try Self.shell(
                "cd \(ground.path("cifar")) && ln -s /etc/passwd test_batch.bin && tar czf c.tar.gz "
                    + "test_batch.bin && truncate -s 100 c.tar.gz"))
        expect("cifar/c.tar.gz", "c.tar.gz is not a sound gzip file: it is cut short")
        #expect(
            try Self.shell("cd \(ground.path("cifar")) && tar cf c.tar test_batch.bin"))
        expect("cifar/c.tar", "its entry test_batch.bin is a link, expected a regular file")
        #expect(
            try Self.shell(
                "cd \(ground.path("cifar")) && mkdir x && touch a.bin && cd x && tar cPf ../c.tar ../a.bin"
            ))
        expect("cifar/c.tar", "the entry ../a.bin has a name that leads out of the archive")
    }

    // MARK: A model's images

    @Test func imagesBecomeTheModels() throws {
        try ground.model("[3, 4, 4]")
        try ground.picture([200, 100, 50], at: "photos/a/small.png", width: 2, height: 2)
        try ground.picture([200, 100, 50], at: "photos/a/right.png")
        try ground.picture([200, 100, 50], at: "photos/b/wide.png", width: 30, height: 20)
        let record = try ground.fetch("photos", ["model": "net"])
        #expect(try ground.split().imageShape == [3, 4, 4])
        // The picture that has the size is as it was, black corner and all.
        #expect(try ground.split().images.values[0] == 0)
        #expect(try ground.split().images.values[1] == 200.0 / 255)
        #expect(
            ground.notes(record).dropFirst() == [
                "2 of 3 images: the shorter side resized to 5, the middle 4 × 4 cut out, as net takes them",
                "1 of these were smaller and are enlarged",
                "1 of 3 images have that size and stay as they are",
            ])
        expect(
            "photos", "crop is 3, and net takes images of 4 × 4; leave \"crop\" out",
            [
                "model": "net", "crop": 3,
            ])
        expect(
            "photos",
            #"resize is 3, and net takes images of 4 × 4; choose resize 4 or more, as in SET="fetch-mine."#,
            [
                "model": "net", "resize": 3,
            ])
    }

    @Test func colourBecomesGreyAndGreyColour() throws {
        try ground.model("[1, 2, 2]")
        try ground.picture([200, 100, 50], at: "photos/a/a.png", width: 2, height: 2)
        try ground.picture([10, 20, 255], at: "photos/b/b.png", width: 2, height: 2)
        let record = try ground.fetch("photos", ["model": "net"])
        // 0.299 · 200 + 0.587 · 100 + 0.114 · 50 = 124.2, and 43.8.
        #expect(try ground.split().images.values[1] == 124.0 / 255)
        #expect(try ground.split().images.values[5] == 44.0 / 255)
        #expect(
            ground.notes(record).last
                == "2 of 2 images: colour to grey (0.299 red + 0.587 green + 0.114 blue), as net takes them"
        )
        try ground.model("[3, 2, 2]")
        try pair(ArrayFiles.bytes([2, 2, 2], [0, 1, 2, 3, 4, 5, 6, 255]))
        let grey = try ground.fetch("d", ["model": "net"])
        #expect(try ground.split().imageShape == [3, 2, 2])
        #expect(
            try ground.split().images.values.prefix(12).map { $0 * 255 }
                == [0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3])
        #expect(
            ground.notes(grey).last
                == "2 of 2 images: grey to colour, the same three times, as net takes them")
    }

    /// Files count as what they are: grey ones are no colour to be made grey.
    @Test func greyFilesAreNoColour() throws {
        try ground.model("[1, 2, 2]")
        try ground.grey(77, at: "photos/a/grey.png", width: 2, height: 2)
        try ground.picture([200, 100, 50], at: "photos/b/colour.png", width: 2, height: 2)
        let grey = try ground.fetch("photos", ["model": "net"])
        #expect(try ground.split().images.values[0] == 77.0 / 255)
        #expect(
            ground.notes(grey).dropFirst() == [
                "1 of 2 images: colour to grey (0.299 red + 0.587 green + 0.114 blue), as net takes them"
            ])
        try ground.model("[3, 2, 2]")
        let colour = try ground.fetch("photos", ["model": "net"])
        #expect(
            ground.notes(colour).dropFirst()
                == ["1 of 2 images: grey to colour, the same three times, as net takes them"])
    }

    /// For other shapes than squares pictures are resized until they cover them, arrays too.
    @Test func picturesCoverShapesThatAreNotSquare() throws {
        try ground.model("[3, 2, 8]")
        try ground.picture([200, 100, 50], at: "photos/a/fits.png", width: 8, height: 2)
        try ground.picture([200, 100, 50], at: "photos/a/large.png", width: 40, height: 30)
        try ground.grey(9, at: "photos/b/high.png", width: 4, height: 4)
        try ground.grey(9, at: "photos/b/wide.png", width: 90, height: 3)
        let record = try ground.fetch("photos", ["model": "net"])
        let set = try ground.split()
        #expect(set.imageShape == [3, 2, 8])
        // One that fits is as it was; of a large one the black corner is cut off.
        #expect(set.images.values[0] == 0 && set.images.values[1] == 200.0 / 255)
        #expect(set.images.values[48] == 200.0 / 255)
        #expect(
            ground.notes(record).dropFirst() == [
                "3 of 4 images: resized so that they cover 2 × 8 (rows × columns), the middle of that size "
                    + "cut out, as net takes them",
                "1 of these were smaller and are enlarged",
                "1 of 4 images have that size and stay as they are",
                "2 of 4 images: grey to colour, the same three times, as net takes them",
            ])
        expect(
            "photos",
            "resize is 9, and net takes images of 2 × 8 (rows × columns), which is not square",
            ["model": "net", "resize": 9])
        try pair(ArrayFiles.bytes([2, 4, 4], (0..<32).map { $0 < 16 ? 7 : 9 }))
        _ = try ground.fetch("d", ["model": "net"])
        let levels = (0..<96).map { $0 < 48 ? Float(7) / 255 : Float(9) / 255 }
        #expect(try ground.split().images.values == levels)
    }

    /// Arrays of the right shape keep their bits; others are resized in 8 bits.
    @Test func arraysOfTheRightShapeStay() throws {
        try ground.model("[1, 2, 2]")
        let values: [Float] = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 1]
        try pair(ArrayFiles.floats([2, 2, 2], values))
        let record = try ground.fetch("d", ["model": "net"])
        #expect(try ground.split().images.values == values)
        #expect(!ground.notes(record).contains { $0.contains("resized") })
        try pair(ArrayFiles.floats([2, 4, 4], (0..<32).map { Float($0) / 32 }))
        let resized = try ground.fetch("d", ["model": "net"])
        #expect(try ground.split().imageShape == [1, 2, 2])
        #expect(ground.notes(resized).contains("2 of 2 images: rounded to 8 bits before"))
        // Grey becomes colour without any rounding.
        try ground.model("[3, 2, 2]")
        try pair(ArrayFiles.floats([2, 2, 2], values))
        _ = try ground.fetch("d", ["model": "net"])
        #expect(
            try ground.split().images.values.prefix(12)
                == values[..<4] + values[..<4] + values[..<4])
    }

    @Test func aModelMustSayWhatItTakes() throws {
        try ground.picture([200, 100, 50], at: "photos/a/a.png")
        try ground.picture([200, 100, 50], at: "photos/b/a.png")
        expect("photos", "net", ["model": "net"])
        for (shape, words) in [
            (nil, #"does not say what images it takes: its metadata has no "image_shape"; fetch"#),
            ("[3, 4]", "expected \"[C, H, W], each 1 to 4096\""),
            ("[3, 4, 5000]", "each 1 to 4096"), ("[3, 4, 4.5]", "each 1 to 4096"), ("{", ":1:2"),
            ("[2, 4, 4]", "net takes images [2, 4, 4], and pictures have 1 or 3 channels"),
        ] as [(String?, String)] {
            try ground.model(shape)
            expect("photos", words, ["model": "net"])
        }
        try ground.model("[3, 2, 4]")
        try ground.picture([200, 100, 50], at: "flat/a/a.png", width: 4, height: 2)
        try ground.picture([200, 100, 50], at: "flat/b/b.png", width: 4, height: 2)
        _ = try ground.fetch("flat", ["model": "net"])
        #expect(try ground.split().imageShape == [3, 2, 4])
    }
}
