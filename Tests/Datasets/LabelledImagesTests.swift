// Labelled images: from IDX bytes, through a file and back, sampled, and refused.

import Datasets
import Formats
import Tensors
import Testing

@Suite struct LabelledImagesTests {
    /// Images of 1 × 2 pixels: the first is the number of the image, the second 255 minus it.
    func numbered(_ count: Int, classes: Int = 3) throws -> LabelledImages {
        let header = { (kind: UInt8) in [0, 0, 8, kind, 0, 0, 0, UInt8(count)] as [UInt8] }
        let pixels = (0..<count).flatMap { [UInt8($0), UInt8(255 - $0)] }
        return try LabelledImages(
            name: "numbered",
            images: IDX(header(3) + [0, 0, 0, 1, 0, 0, 0, 2] + pixels, as: .images, named: "i"),
            labels: IDX(header(1) + (0..<count).map { UInt8($0 % 3) }, as: .labels, named: "l"),
            classes: (0..<classes).map { "class \($0)" })
    }

    @Test func comeFromIDX() throws {
        let set = try numbered(200)
        #expect(
            set.images.shape == [200, 1, 1, 2] && set.imageShape == [1, 1, 2] && set.count == 200)
        #expect(set.labels.prefix(4) == [0, 1, 2, 0])
        #expect(set.histogram == [67, 67, 66])
        let expected: [Float] = (0..<200).flatMap { [Float($0) / 255, Float(255 - $0) / 255] }
        #expect(set.images.values == expected)
    }

    @Test func sampleWithoutReplacement() throws {
        let set = try numbered(100)
        let (drawn, indices) = try set.sample(60, seed: 7)
        #expect(indices.count == 60 && Set(indices).count == 60)
        #expect(drawn.labels == indices.map { $0 % 3 })
        let expected: [Float] = indices.flatMap { [Float($0) / 255, Float(255 - $0) / 255] }
        #expect(drawn.images.values == expected)
        #expect(drawn.classes == set.classes && drawn.name == set.name)
        // The whole set is a permutation of itself, and a smaller sample is its beginning.
        let all = try set.sample(100, seed: 7).indices
        #expect(all.sorted() == Array(0..<100) && Array(all.prefix(60)) == indices)
        #expect(try set.sample(60, seed: 8).indices != indices)
        #expect(try set.sample(0, seed: 7).images.count == 0)
        #expect(throws: DatasetFault.tooFew(dataset: "numbered", wanted: 101, found: 100)) {
            try set.sample(101, seed: 7)
        }
    }

    /// From Philox, FNV-1a, Lemire's rejection and Fisher–Yates written anew in another language.
    /// A change of these numbers changes every sample there is.
    @Test func drawsTheseIndices() throws {
        #expect(try numbered(200).sample(8, seed: 1).indices == [5, 83, 169, 172, 97, 17, 34, 28])
    }

    /// Each image is as likely as any other, within five standard deviations.
    @Test func drawsFairly() throws {
        let set = try numbered(20)
        var counts = [Int](repeating: 0, count: 20)
        for seed in 0..<2000 {
            for index in try set.sample(5, seed: UInt64(seed)).indices { counts[index] += 1 }
        }
        #expect(counts.allSatisfy { abs($0 - 500) < 97 })
    }

    @Test func surviveAFile() throws {
        let set = try numbered(5)
        let bytes = SafeTensorsWriter.file(
            metadata: set.metadata.merging(["schema": "mirage.dataset", "version": "1"]) { $1 },
            tensors: [("images", .f32, [5, 1, 1, 2]), ("labels", .i64, [5])],
            data: [
                "images": set.images.withBytes(Array.init),
                "labels": set.labels.flatMap { label in
                    withUnsafeBytes(of: Int64(label).littleEndian, Array.init)
                },
            ])
        // The tensor must keep the file alive by itself.
        let back = try LabelledImages(
            reading: SafeTensors(MappedFile(copying: bytes, named: "x.safetensors")),
            as: "mirage.dataset")
        #expect(back.images.values == set.images.values && back.images.shape == set.images.shape)
        #expect(back.labels == set.labels && back.classes == set.classes && back.name == "numbered")
    }

    @Test func refuseWhatDoesNotBelongTogether() throws {
        let two = Tensor(shape: [2, 1, 1, 1])
        let cases: [(Tensor, [Int], String)] = [
            (two, [0], "x: there are 2 images but 1 labels; the files do not belong together."),
            (two, [0, 2], "x: label 2 of image 1 is not a class, expected 0…1."),
            (two, [-2, 0], "x: label -2 of image 0 is not a class, expected 0…1."),
            (
                Tensor(shape: [2, 1]), [0, 1], "x: images have shape [2, 1], expected [N, C, H, W]."
            ),
        ]
        for (images, labels, message) in cases {
            #expect {
                try LabelledImages(name: "x", images: images, labels: labels, classes: ["a", "b"])
            } throws: {
                "\($0)" == message
            }
        }
        #expect {
            try LabelledImages(name: "x", images: two, labels: [0, 0], classes: [])
        } throws: {
            "\($0)" == "x: label 0 of image 0 is not a class, for the list of classes is empty."
        }
    }

    @Test(arguments: [
        ("[1]", "the metadata entry classes is not a list of names"),
        ("{}", "the metadata entry classes is not a list of names"), ("[", "the text ends"),
    ])
    func refuseOddClasses(classes: String, expected: String) throws {
        let bytes = SafeTensorsWriter.file(
            metadata: [
                "schema": "mirage.dataset", "version": "1", "dataset": "x", "classes": classes,
            ],
            tensors: [("images", .f32, [0, 1, 1, 1]), ("labels", .i64, [0])], data: [:])
        #expect {
            try LabelledImages(
                reading: SafeTensors(MappedFile(copying: bytes, named: "f")), as: "mirage.dataset")
        } throws: {
            "\($0)".contains(expected)
        }
    }

    @Test func imagesOfUnknownClassAndTheirNamesSurviveAFile() throws {
        let images = Tensor(shape: [3, 1, 1, 1], values: [0, 0.5, 1])
        let set = try LabelledImages(
            name: "x", images: images, labels: [1, LabelledImages.unknown, 0], classes: ["a", "b"],
            names: ["cat.jpg", "“é”.png", "dog.jpg"])
        #expect(set.histogram == [1, 1])
        let drawn = try set.sample(3, seed: 4)
        #expect(drawn.images.names == drawn.indices.map { set.names[$0] })
        let file = SafeTensorsWriter.file(
            metadata: set.metadata.merging(["schema": "mirage.sample", "version": "1"]) { $1 },
            tensors: [("images", .f32, [3, 1, 1, 1]), ("labels", .i64, [3])],
            data: [
                "images": images.withBytes(Array.init),
                "labels": [1, -1, 0].map { Int64($0) }.withUnsafeBytes(Array.init),
            ])
        let back = try LabelledImages(
            reading: SafeTensors(MappedFile(copying: file, named: "f")), as: "mirage.sample")
        #expect(back.labels == set.labels && back.names == set.names)
        #expect {
            try LabelledImages(
                name: "x", images: images, labels: [0, 0, 0], classes: ["a"], names: ["one"])
        } throws: {
            "\($0)".contains("1 images but 3 labels")
        }
    }

    @Test(arguments: [
        (#"{"0": "tench", "1": "goldfish"}"#, ["tench", "goldfish"], ""),
        (#"{"0": "tench", "2": "x"}"#, [], "2 names, but none for class 1"),
        (#"{"0": "tench", "1": ""}"#, [], "string for class 1"),
        (#"{"0": "tench", "1": 7}"#, [], "for class 1"),
        (#"["tench"]"#, [], "found"),
        ("{}", [], "found"),
    ])
    func classNamesAreReadByNumber(text: String, names: [String], fault: String) throws {
        let file = MappedFile(copying: Array(text.utf8), named: "labels.json")
        if fault.isEmpty {
            #expect(try ClassNames(file).all == names)
        } else {
            #expect {
                try ClassNames(file)
            } throws: {
                "\($0)".hasPrefix("labels.json: expected an object of names by number")
                    && "\($0)".contains(fault)
            }
        }
    }

    /// The names in the repository: a thousand, all different, with a few that everybody knows.
    @Test func theNamesOfImageNetAreComplete() throws {
        let path = ClassNames.path("imagenet")
        let names = try ClassNames(MappedFile(copying: MappedFile.read(path), named: path)).all
        #expect(names.count == 1000 && Set(names).count == 1000)
        #expect(
            names[0] == "tench" && names[207] == "golden retriever" && names[999] == "toilet tissue"
        )
        #expect(names[254] == "pug" && names[388] == "giant panda" && names[368] == "gibbon")
    }
}
