// Pictures as people have them: a folder a class, one folder with a table, splits, and all that can be wrong
// with these.

import FetchStage
import Formats
import Foundation
import Testing

@testable import FetchWork

@Suite struct FetchDataPictureTests {
    private let ground = DataGround()

    /// Three classes of a picture each, red, green and blue.
    private func classes(_ names: [String] = ["cat", "Dog", "bird"], in folder: String = "photos")
        throws
    {
        for (index, name) in names.enumerated() {
            let colour = (0..<3).map { UInt8($0 == index % 3 ? 200 : 10) }
            try ground.picture(colour, at: "\(folder)/\(name)/\(index).png")
        }
    }

    @Test func foldersAreClassesSortedAsBytes() throws {
        try classes()
        try ground.picture([1, 2, 3], at: "photos/cat/z.PNG")
        try ground.put(PictureFiles.lossless, at: "photos/bird/a.webp")
        try ground.put("words", at: "photos/cat/notes.txt")
        try ground.picture([1, 2, 3], at: "photos/.hidden/a.png")
        let record = try ground.fetch("photos", ["resize": 4])
        let set = try ground.split()
        #expect(set.name == "mine" && set.classes == ["Dog", "bird", "cat"])
        #expect(set.names == ["Dog/1.png", "bird/2.png", "bird/a.webp", "cat/0.png", "cat/z.PNG"])
        #expect(set.labels == [0, 1, 1, 2, 2] && set.imageShape == [3, 4, 4])
        // The second pixel, channel by channel, divided by 255.
        let first = set.images.values
        #expect(first[1] == 10.0 / 255 && first[17] == 200.0 / 255 && first[0] == 0)
        #expect(
            ground.notes(record) == [
                "classes",
                "photos: passed over are 1 × .txt, 1 × hidden file",
                "5 of 5 images: the shorter side resized to 4, the middle 4 × 4 cut out",
            ])
        #expect(record.summary["splits"]?["test"]?["histogram"] == [1, 2, 2])
        #expect(
            !FileManager.default.fileExists(
                atPath: ground.path("artifacts/dataset/mine-train.safetensors")))
    }

    /// Where the folders are the numbers 0…K−1, 10 comes after 9; else the order is that of bytes.
    @Test func numbersAreClasses() throws {
        try classes((0..<11).map(String.init))
        let record = try ground.fetch("photos")
        #expect(try ground.split().classes == (0..<11).map(String.init))
        let set = try ground.split()
        #expect(set.names.map { Int($0.prefix { $0 != "/" }) } == set.labels)
        #expect(
            ground.notes(record).last
                == "photos: its folders are the numbers 0…10 and count as such: class 2 is the folder 2, "
                + "and not 10, as PyTorch's ImageFolder has it (0, 1, 10, …); for a network trained that "
                + "way list the folders in its order: CLASSES=names.txt (the config's \"classes\")")
        // Such a list turns them round, and nothing is left to say.
        try ground.put("0\n1\n10\n2\n3\n4\n5\n6\n7\n8\n9\n", at: "names.txt")
        let listed = try ground.fetch("photos", ["classes": "names.txt"])
        #expect(try ground.split().labels == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
        #expect(try ground.split().names[2] == "10/10.png")
        #expect(!ground.notes(listed).contains { $0.contains("ImageFolder") })
        // Up to ten both orders are the same.
        try classes((0..<10).map(String.init), in: "ten")
        #expect(try !ground.notes(ground.fetch("ten")).contains { $0.contains("ImageFolder") })
        try classes(["11"])
        try FileManager.default.removeItem(atPath: ground.path("photos/0"))
        _ = try ground.fetch("photos")
        #expect(try ground.split().classes.prefix(3) == ["1", "10", "11"])
    }

    @Test func aListOfClassesSaysTheNumbers() throws {
        try classes()
        try ground.put("bird\ncat\ncow\nDog\ncow\n", at: "names.txt")
        _ = try ground.fetch("photos", ["classes": "names.txt"])
        #expect(try ground.split().classes == ["bird", "cat", "cow", "Dog", "cow"])
        #expect(try ground.split().labels == [3, 0, 1])
        try ground.put(#"["bird", "cat"]"#, at: "names.json")
        #expect(
            ground.message("photos", ["classes": "names.json"]).hasPrefix(
                "65 names.json does not list 1 of the 3 classes of photos:\n  a folder: Dog; call them as"
            ))
        // Numbers are places in the list.
        try classes(["4", "0"], in: "numbers")
        _ = try ground.fetch("numbers", ["classes": "names.txt"])
        #expect(try ground.split().labels == [0, 4])
        try classes(["5"], in: "numbers")
        #expect(
            ground.message("numbers", ["classes": "names.txt"]).contains(
                "names.txt does not list 1 of the 3 classes of numbers:\n  a folder: 5"))
        // A name that stands twice says nothing.
        try classes(["cow", "cat"], in: "twice")
        #expect(
            ground.message("twice", ["classes": "names.txt"]).contains(
                "cow is the name of class 2 and of class 4"))
    }

    @Test func aTableSaysTheLabels() throws {
        for (index, name) in ["a", "b", "c", "d,e"].enumerated() {
            try ground.picture([UInt8(index), 9, 9], at: "photos/\(name).png")
        }
        let table =
            "\u{FEFF}id,label,File\r\n7,dog,a.png\r\n8,cat,\"d,e.png\"\r\n9,cat,./b.png\r\n1,emu,c.png\r\n"
        try ground.put(table, at: "photos/labels.csv")
        let record = try ground.fetch("photos")
        #expect(ground.notes(record) == ["flat"])
        let set = try ground.split()
        #expect(set.classes == ["cat", "dog", "emu"] && set.labels == [1, 0, 2, 0])
        #expect(set.names == ["a.png", "b.png", "c.png", "d,e.png"])
        // Numbers, without a header, in a table that lies elsewhere.
        try ground.put("a.png;3\nb.png;0\nc.png;1\nd,e.png;3\n", at: "numbers.csv")
        _ = try ground.fetch("photos", ["labels": "numbers.csv"])
        #expect(try ground.split().labels == [3, 0, 1, 3])
        #expect(try ground.split().classes == ["0", "1", "2", "3"])
        // With a list, numbers are places in it.
        try ground.put("x\ny\nz", at: "names.txt")
        #expect(
            ground.message("photos", ["labels": "numbers.csv", "classes": "names.txt"]).contains(
                "names.txt does not list 1 of the 3 classes of photos:\n  numbers.csv:1: 3"))
    }

    @Test func aTableAndItsFolderMustAgree() throws {
        for name in ["a", "b", "c"] { try ground.picture([1, 9, 9], at: "photos/\(name).png") }
        func expect(_ table: String, _ words: String) throws {
            try ground.put(table, at: "photos/labels.csv")
            let found = ground.message("photos")
            #expect(found.contains(words), "\(found)")
        }
        try expect(
            "a.png,x\nb.png,y\n",
            "65 photos/labels.csv has no line for 1 of the 3 pictures of photos:\n  c.png;")
        try expect(
            "a.png,x\nb.png,y\nc.png,x\nd.gif,y\n",
            "65 photos lacks 1 of the 4 pictures of photos/labels.csv:\n  line 4: d.gif;")
        for index in 10..<33 { try ground.picture([1, 9, 9], at: "photos/\(index).png") }
        try expect("a.png,x\nb.png,y\n", "no line for 24 of the 26 pictures of photos:\n  10.png")
        #expect(ground.message("photos").contains("\n  and 4 more; add a line for each"))
        for index in 10..<33 {
            try FileManager.default.removeItem(atPath: ground.path("photos/\(index).png"))
        }
        try expect(
            "a.png,x\nb.png,y\na.png,y\n",
            "labels.csv:3: a.png is named a second time, after line 1")
        try expect(
            "a.png,x\n../b.png,y\n", "labels.csv:2: ../b.png is no name of a file in the folder")
        try expect("/etc/b.png,y\n", "labels.csv:1: /etc/b.png is no name")
        try expect("a.png,x\n,y\n", "labels.csv:2: an empty name is no name")
        try expect("a.png,\n", "labels.csv:1: a.png has no label")
        try expect("a.png,x\nb.png\n", "labels.csv:2: the row has 1 fields")
        try expect("a.png,x\nb.png,x\nc.png,x\n", "photos has one class only, x")
        try expect("file,label\n", "labels.csv names no file")
        try expect(
            "file,size,shape\na.png,3,4\n", "has the columns file, size, shape, expected file and")
    }

    @Test func picturesWithoutLabelsNeedAList() throws {
        try ground.picture([1, 2, 3], at: "photos/a.png")
        #expect(
            ground.message("photos").hasPrefix(
                "65 photos has pictures in one folder (1), and neither labels nor a list of classes; put "
                    + "labels.csv beside them (a line each: file,label), or"))
        try ground.put("x\ny", at: "names.txt")
        let record = try ground.fetch("photos", ["classes": "names.txt"])
        #expect(try ground.split().labels == [-1] && ground.split().classes == ["x", "y"])
        #expect(
            ground.notes(record).contains("photos has no labels.csv: its pictures have no labels"))
        #expect(record.summary["splits"]?["test"]?["labelled"] == 0)
    }

    @Test func foldersCalledTrainAndTestAreSplits() throws {
        try classes(["a", "b"], in: "data/test")
        try classes(["a", "b", "c"], in: "data/train")
        try classes(["q"], in: "data/val")
        let record = try ground.fetch("data")
        #expect(record.outputs.map(\.name) == ["dataset/mine-test.safetensors"])
        #expect(try ground.split().classes == ["a", "b", "c"])
        #expect(try ground.split().names == ["a/0.png", "b/1.png"])
        #expect(
            ground.notes(record).dropFirst() == [
                "data/val is left out: test is the test split",
                "data/train, the training split, is left out: \"train\": true brings it in, typed "
                    + #"SET="fetch-mine.train=true""#,
            ])
        // A class that comes to the training split counts, though nothing of that is read.
        try classes(["a", "b", "c", "e"], in: "data/train")
        _ = try ground.fetch("data")
        #expect(try ground.split().classes == ["a", "b", "c", "e"])
        try FileManager.default.removeItem(atPath: ground.path("data/train/e"))
        _ = try ground.fetch("data", ["train": true])
        #expect(try ground.split("train").labels == [0, 1, 2] && ground.split().labels == [0, 1])
        #expect(ground.message("data", ["test": 0.5]).contains("data has a test split already"))
        try classes(["d"], in: "data/test")
        #expect(
            ground.message("data").contains(
                "data/train lacks 1 of the 3 classes of the test split:\n  d;"))
        // A training split alone is split by a share.
        try FileManager.default.removeItem(atPath: ground.path("data/test"))
        try FileManager.default.removeItem(atPath: ground.path("data/val"))
        #expect(
            ground.message("data").hasPrefix("65 data has a training split and no test split; give")
        )
        try ground.put("a.png,b", at: "table.csv")
        #expect(
            ground.message("data", ["labels": "table.csv", "test": 0.34]).contains(
                "table.csv, the labels, goes with pictures in one folder or with one .npy file, and data"
            ))
        _ = try ground.fetch("data", ["test": 0.34])
        #expect(try ground.split().count == 1 && ground.split("train").count == 2)
    }

    @Test func aShareSplitsBySeed() throws {
        for index in 0..<20 {
            try ground.picture([UInt8(index), 0, 0], at: "photos/\(index % 2)/\(index).png")
        }
        func names(_ seed: JSON) throws -> ([String], [String]) {
            _ = try ground.fetch("photos", ["test": 0.25, "seed": seed])
            return (try ground.split().names, try ground.split("train").names)
        }
        let (test, train) = try names(1)
        #expect(test.count == 5 && train.count == 15 && Set(test + train).count == 20)
        #expect(test == test.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        #expect(try names(2).0 != test && names(1).0 == test)
        #expect(
            ground.message("photos", ["test": 0.01]).contains("leaves the test split without any"))
        #expect(
            ground.message("photos", ["train": true]).contains(
                "photos is not split into train and test"))
    }

    /// The draw of a limit follows from names and seed: a picture more changes at most one of those drawn.
    @Test func aLimitDrawsBySeed() throws {
        for index in 0..<40 {
            try ground.picture([UInt8(index), 0, 0], at: "photos/\(index % 2)/\(index).png")
        }
        let record = try ground.fetch("photos", ["limit": 6])
        let drawn = try ground.split().names
        #expect(drawn.count == 6 && record.recipe.inputs.count == 7)
        #expect(
            ground.notes(record)[1]
                == "photos: 6 of 40 pictures are taken, drawn by the seed; \"limit\" sets how many, "
                + #"typed SET="fetch-mine.limit=40""#)
        _ = try ground.fetch("photos", ["limit": 6, "seed": 2])
        #expect(try ground.split().names != drawn)
        _ = try ground.fetch("photos", ["limit": 7])
        #expect(try Set(ground.split().names).isSuperset(of: drawn))
        for index in 40..<44 { try ground.picture([9, 0, 0], at: "photos/0/\(index).png") }
        let again = try ground.fetch("photos", ["limit": 6])
        #expect(try Set(ground.split().names).intersection(drawn).count >= 2)
        // What was not drawn is part of the key nevertheless: there may be another class.
        try ground.picture([9, 0, 0], at: "photos/zebra/1.png")
        #expect(try ground.fetch("photos", ["limit": 6]).recipe.key != again.recipe.key)
        #expect(try ground.split().classes == ["0", "1", "zebra"])
    }

    @Test func whatIsNoDataIsNamed() throws {
        #expect(
            ground.message("nowhere").hasPrefix(
                "66 nowhere, the data, does not exist; name a folder"))
        try ground.folder("empty")
        #expect(
            ground.message("empty").hasPrefix(
                "66 empty has no data that are read: it is empty; give"))
        try ground.put("words", at: "texts/a.doc")
        #expect(ground.message("texts").contains("it has 1 × .doc"))
        try ground.put("words", at: "words.zip")
        #expect(
            ground.message("words.zip").hasPrefix(
                "65 words.zip is a file, but none that holds data"))
        // What the system does not tell is never taken for an empty folder, or for none.
        let long = String(repeating: "x", count: 300)
        #expect(ground.message(long).hasPrefix("74 cannot inspect \(long): File name too long"))
        #expect(throws: FormatFault.system(file: long, action: "list", code: ENAMETOOLONG)) {
            try FolderListing.forEach(in: long) { _, _ in }
        }
        try classes(["cat"])
        #expect(
            ground.message("photos").contains(
                "65 photos has one class only, cat, and a network tells"))
        try ground.folder("photos/dog")
        try ground.put("words", at: "photos/emu/a.txt")
        #expect(
            ground.message("photos").hasPrefix(
                "66 photos has no pictures (.jpg, .jpeg, .png, .webp) for 2 of its 3 classes:\n  photos/dog: "
                    + "it is empty\n  photos/emu: it has 1 × .txt; put pictures"))
        try ground.picture([1, 1, 1], at: "photos/top.png")
        #expect(
            ground.message("photos").contains(
                #"say which by "layout": "flat" or "classes", typed SET="fetch-mine.layout=flat""#))
        #expect(ground.message("photos", ["layout": "npz"]).contains("photos has no .npz file"))
    }

    /// All that is wrong with the pictures themselves is said at once.
    @Test func badPicturesAreListedAtOnce() throws {
        try classes()
        try ground.put("no picture", at: "photos/cat/a.jpg")
        try ground.put(Array(PictureFiles.lossless.dropLast(20)), at: "photos/cat/b.webp")
        try ground.put(PictureFiles.animation, at: "photos/cat/c.webp")
        #expect(
            ground.message("photos").replacing(/in quotes.*/, with: "").hasPrefix(
                "65 3 of 6 pictures cannot be read:\n  "))
        let found = ground.message("photos")
        for words in [
            "photos/cat/a.jpg: it is no JPEG, PNG or WebP file, whatever its name says; it starts with",
            "photos/cat/b.webp: it is a damaged WebP file", "photos/cat/c.webp: it is an animation",
        ] {
            #expect(found.contains(words), "\(found)")
        }
        // What the system says already is said before anything is opened.
        try FileManager.default.createSymbolicLink(
            atPath: ground.path("photos/cat/d.png"), withDestinationPath: "/dev/zero")
        #expect(ground.message("photos") == "65 photos/cat/d.png is not a regular file")
    }

    @Test func severalSizesNeedASize() throws {
        try classes()
        try ground.picture([1, 2, 3], at: "photos/cat/wide.png", width: 9)
        #expect(
            ground.message("photos").hasPrefix(
                "65 the pictures have several sizes: photos/Dog/1.png is 4 × 4 (rows × columns), unlike 1 of "
                    + "4:\n  photos/cat/wide.png: 4 × 9; say what they become"))
        #expect(
            ground.message("photos").contains(#"SET="fetch-mine.resize=256 fetch-mine.crop=224""#))
        _ = try ground.fetch("photos", ["resize": 6, "crop": 5])
        #expect(try ground.split().imageShape == [3, 5, 5])
        #expect(
            ground.message("photos", ["resize": 6, "crop": 7]).contains(
                "crop is 7, larger than resize, 6"))
    }

    /// Grey pictures become colour also where no network asks for it.
    @Test func greyPicturesAreCounted() throws {
        try ground.grey(77, at: "photos/a/grey.png")
        try ground.picture([200, 100, 50], at: "photos/b/colour.png")
        let record = try ground.fetch("photos")
        #expect(try ground.split().images.values.prefix(48).allSatisfy { $0 == 77.0 / 255 })
        #expect(
            ground.notes(record).dropFirst()
                == ["1 of 2 images: grey to colour, the same three times"])
    }

    /// The help names no config that is not there.
    @Test func examplesNameFilesThatExist() {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let words = FetchStage.discussion.split { $0.isWhitespace }
        let files = words.filter { $0.hasPrefix("pipeline/") && $0.hasSuffix(".json") }
        for file in files {
            #expect(
                FileManager.default.fileExists(atPath: root.appending(path: String(file)).path),
                "\(file)")
        }
    }

    @Test(.enabled(if: geteuid() != 0)) func foldersThatMayNotBeReadAreNotEmpty() throws {
        try classes()
        let folder = ground.path("photos/cat")
        chmod(folder, 0)
        defer { chmod(folder, 0o755) }
        #expect(ground.message("photos") == "74 cannot list photos/cat: Permission denied")
    }

    /// On file systems that keep both, an accent may be one character or two.
    @Test func namesThatDifferInTheirCodingAreRefused() throws {
        try classes(["caf\u{E9}", "tea", "cafe\u{301}"])
        #expect(
            ground.message("photos").contains(
                "two folders whose names differ only in how an accent"))
        try FileManager.default.removeItem(atPath: ground.path("photos/cafe\u{301}"))
        for name in ["\u{E9}.png", "e\u{301}.png"] {
            try ground.picture([1, 2, 3], at: "photos/tea/\(name)")
        }
        #expect(
            ground.message("photos").contains(
                "two pictures whose names differ only in how an accent"))
    }

    @Test func namesThatAreNoTextAreListed() throws {
        try classes()
        let bytes = Array(ground.path("photos/cat/caf").utf8) + [0xE9] + Array(".png".utf8) + [0]
        let file = open(bytes.map(CChar.init(bitPattern:)), O_CREAT | O_WRONLY, 0o644)
        try #require(file >= 0)
        close(file)
        #expect(
            ground.message("photos")
                == #"65 photos/cat has names that are no text (UTF-8); rename:\#n  photos/cat/caf\xE9.png"#
        )
    }

    /// Many files: the answer needs no look into them, and says how many there were.
    @Test func manyFilesAreDrawnFromWithoutOpeningThem() throws {
        for name in ["a", "b"] {
            try ground.folder("many/\(name)")
            for index in 0..<3000 {
                #expect(
                    FileManager.default.createFile(
                        atPath: ground.path("many/\(name)/\(index).jpg"), contents: nil))
            }
        }
        // All are empty: only those drawn are found out.
        #expect(ground.message("many", ["limit": 3]).contains("65 3 of 3 pictures cannot be read"))
        #expect(ground.message("many").contains("1000 of 1000 pictures cannot be read"))
    }
}

/// WebP files of the tests of Formats.
enum PictureFiles {
    /// 7 × 5 pixels.
    static let lossless = [UInt8](
        Data(
            base64Encoded:
                "UklGRkAAAABXRUJQVlA4TDQAAAAvBgABALkyRPQ/dhEEkrZ429//OBS0bcP0bCjHn8mFIBZM8f44EhKkmGYyJgDKtQXc"
                + "/qAB") ?? Data())
    static let animation = [UInt8](
        Data(
            base64Encoded:
                "UklGRuYAAABXRUJQVlA4WAoAAAACAAAAAwAAAwAAQU5JTQYAAAAAAAAAAABBTk1GXgAAAAAAAAAAAAMAAAMAAAAAAAJWUDhM"
                + "RQAAAC8DwAAAfyAQSPbM32AYM23bptpun80ykrTdVStwAuf/Nm8z/1ESAPADIfQ/iqL+wzAMCAIg1ixYsGDSggULRiL6Hwir"
                + "+QBBTk1GVAAAAAAAAAAAAAMAAAMAAAAAAABWUDhMOwAAAC8DwAAAf0AgCOGZ/L9lhEAghZk9QbbNTV5/iqHNfxFi6wBWCoCd"
                + "P4AgAGLNggULJi1YsGAkov+BsJoPAA==") ?? Data())
}
