// Pictures of the user's own: which files of a folder are taken, what becomes of their pixels, and the
// messages for folders and files that are not what they should be.

import Formats
import Foundation
import Testing

@Suite struct FetchPictureTests {
    private static let fetch =
        "stage-fetch --config pipeline/mnist/fetch-photos.json --quiet --folder"

    private func ground() throws -> Playground {
        let ground = try Playground { $0 }
        try FileManager.default.createDirectory(
            atPath: ground.path("data/photos"), withIntermediateDirectories: true)
        try FileManager.default.createDirectory(
            atPath: ground.path("mine"), withIntermediateDirectories: true)
        try ground.write(#"{"0": "light", "1": "dark"}"#, to: "data/photos/labels.json")
        try ground.config(
            "fetch-photos", #"{"pictures": "none", "dataset": "photos", "resize": 6, "crop": 4}"#)
        return ground
    }

    private func put(_ bytes: [UInt8], at name: String, in ground: Playground) throws {
        try Data(bytes).write(to: ground.root.appending(path: name))
    }

    /// A PNG of 6 × 6 whose red tells the column and whose green the row.
    private static func picture(blue: UInt8) throws -> [UInt8] {
        let pixels = (0..<36).flatMap { (place: Int) -> [UInt8] in
            [UInt8(place % 6 * 10), UInt8(place / 6 * 10), blue]
        }
        return try PNG(width: 6, height: 6, channels: .rgb, pixels: pixels).stored(named: "x")
    }

    @Test func picturesAreTakenInOrderOfTheirNames() throws {
        let ground = try ground()
        try put(Self.picture(blue: 7), at: "mine/b.png", in: ground)
        try put(Self.picture(blue: 200), at: "mine/A.PNG", in: ground)
        try ground.write("not a picture, and not called one", to: "mine/notes.txt")
        try put(Self.picture(blue: 1), at: "mine/.hidden.png", in: ground)
        let outcome = try ground.shell("bin/\(Self.fetch) mine")
        #expect(outcome.status == 0, "\(outcome.output)")
        let set = try SafeTensors(
            MappedFile(ground.path("artifacts/dataset/photos-test.safetensors")))
        #expect(set.metadata["names"] == #"["A.PNG","b.png"]"#)
        #expect(try set.int64s("labels") == [-1, -1])
        let images = try set.floats("images", shape: [2, 3, 4, 4])
        // The middle 4 × 4, channel by channel, divided by 255.
        for place in 0..<16 {
            #expect(images[place] == Float(10 * (1 + place % 4)) / 255)
            #expect(images[16 + place] == Float(10 * (1 + place / 4)) / 255)
            #expect(images[32 + place] == 200.0 / 255 && images[48 + 32 + place] == 7.0 / 255)
        }
        // One picture more is another set.
        try put(Self.picture(blue: 9), at: "mine/c.jpeg", in: ground)
        #expect(try ground.shell("bin/\(Self.fetch) mine").status == 0)
        let more = try SafeTensors(
            MappedFile(ground.path("artifacts/dataset/photos-test.safetensors")))
        #expect(try more.int64s("labels").count == 3)
    }

    private func refuse(
        _ folder: String, _ status: Int32, _ words: [String], in ground: Playground
    ) throws {
        let outcome = try ground.shell("bin/\(Self.fetch) \(folder)")
        #expect(outcome.status == status, "\(outcome.output)")
        for word in words { #expect(outcome.says(word), "\(outcome.output)") }
        #expect(!ground.exists("artifacts/dataset"))
    }

    @Test func foldersWithoutPicturesAreNamed() throws {
        let ground = try ground()
        try refuse(
            "mine", 66, ["mine has no picture (.jpg, .jpeg, .png): it is empty", "IMAGES="],
            in: ground)
        try ground.write("words", to: "mine/notes.txt")
        try refuse("mine", 66, ["it has only 1 × .txt"], in: ground)
        try refuse("nowhere", 66, ["nowhere has no picture", "it does not exist"], in: ground)
        try refuse("mine/notes.txt", 66, ["it is a file"], in: ground)
        try put(Self.picture(blue: 1), at: "mine/a.png", in: ground)
        // A sparse file of 900 MiB is refused before it is read.
        #expect(try ground.shell("mkdir large && truncate -s 900M large/a.jpg").status == 0)
        let large = try ground.shell("ulimit -v 900000; bin/\(Self.fetch) large")
        #expect(large.status == 65 && large.says("large/a.jpg: it has 943718400 bytes, more than"))
        try refuse("mine --crop 9", 65, ["crop is 9, larger than resize, 6"], in: ground)
    }

    /// One message for all that is wrong, so that a folder is put right in one go.
    @Test func allBadFilesOfAFolderAreListedAtOnce() throws {
        let ground = try ground()
        try put(Self.picture(blue: 7), at: "mine/good.png", in: ground)
        for number in 10..<33 { try ground.write("no picture \(number)", to: "mine/\(number).jpg") }
        try put(
            Array("RIFF".utf8) + [4, 0, 0, 0] + Array("WEBPVP8 ".utf8), at: "mine/00.jpg",
            in: ground)
        try put(Array(Self.picture(blue: 3).dropLast(40)), at: "mine/01.png", in: ground)
        try refuse(
            "mine", 65,
            [
                "25 of 26 pictures cannot be read:\n  mine/00.jpg: it is a WebP picture",
                "\n  mine/01.png: it is a damaged PNG file", "\n  mine/10.jpg: it is neither",
                "\n  mine/27.jpg: it is neither", "\n  and 5 more",
            ], in: ground)
        let outcome = try ground.shell("bin/\(Self.fetch) mine")
        #expect(!outcome.says("28.jpg"), "\(outcome.output)")
    }

    /// Pipes and devices among the pictures: named, and never waited for.
    @Test(.timeLimit(.minutes(1)))
    func specialFilesAreNamedAndNeverOpened() throws {
        let ground = try ground()
        try put(Self.picture(blue: 7), at: "mine/good.png", in: ground)
        #expect(
            try ground.shell(
                "cd mine && mkfifo pipe.jpg && ln -s /dev/zero zero.png && mkdir folder.jpeg "
                    + "&& ln -s pipe.jpg link.jpg"
            ).status == 0)
        try refuse(
            "mine", 65,
            [
                "4 of 5 pictures cannot be read:\n  mine/folder.jpeg is not a regular file",
                "\n  mine/link.jpg is not a regular file", "\n  mine/pipe.jpg is not",
                "\n  mine/zero.png is not",
            ], in: ground)
        // The list of sources and the class names, too.
        try ground.remove("mine")
        try ground.remove("data/photos/labels.json")
        #expect(try ground.shell("mkfifo data/photos/labels.json; mkdir mine").status == 0)
        try put(Self.picture(blue: 7), at: "mine/good.png", in: ground)
        try refuse("mine", 65, ["data/photos/labels.json is not a regular file"], in: ground)
        #expect(
            try ground.shell(
                "mkfifo pipeline/list && rm -f pipeline/sources.json && mv pipeline/list pipeline/sources.json"
            ).status == 0)
        let listed = try ground.shell("bin/stage-fetch --config pipeline/mnist/fetch-photos.json")
        #expect(
            listed.status == 65 && listed.says("pipeline/sources.json is not a regular file"),
            "\(listed.output)")
    }

    /// Names that are no text, or that a terminal would obey.
    @Test func oddNamesAreShownAndReadWhereTheyCanBe() throws {
        let ground = try ground()
        try put(Self.picture(blue: 7), at: "mine/a\u{1B}[2J\u{202E}.png", in: ground)
        let read = try ground.shell("bin/\(Self.fetch) mine")
        #expect(read.status == 0, "\(read.output)")
        try ground.remove("artifacts")
        try ground.write("none", to: "mine/b\u{1B}[2J.png")
        try refuse("mine", 65, [#"mine/b\u{1B}[2J.png: it is neither"#], in: ground)
        try ground.remove("mine/b\u{1B}[2J.png")
        #expect(
            try ground.shell(#"cp "$(ls -d mine/a*)" "$(printf 'mine/caf\351.jpg')""#).status == 0)
        try refuse(
            "mine", 65, [#"mine/caf\xE9.jpg has a name that is no text (UTF-8): rename it"#],
            in: ground)
    }

    /// What is passed over is counted, and what the files say and we do not follow as well.
    @Test func whatIsPassedOverIsCounted() throws {
        let ground = try ground()
        let plain = try Self.picture(blue: 7)
        try put(plain, at: "mine/a.png", in: ground)
        for name in ["b", "c"] {
            let gamma: [UInt8] = Array("gAMA".utf8) + [0, 1, 0x86, 0xA0]
            try put(
                plain[..<33] + [0, 0, 0, 4] + gamma + Self.crc32(gamma) + plain[33...],
                at: "mine/\(name).png", in: ground)
        }
        for name in ["x.webp", "y.WEBP", "notes.txt", "README", ".hidden.png"] {
            try ground.write("words", to: "mine/\(name)")
        }
        #expect(try ground.shell("mkdir mine/more").status == 0)
        let outcome = try ground.shell(
            "bin/\(Self.fetch.replacing("--quiet ", with: "")) mine")
        #expect(outcome.status == 0, "\(outcome.output)")
        #expect(
            outcome.says(
                "mine: passed over are 2 × .webp, 1 × .txt, 1 × file without a suffix, 1 × folder, "
                    + "1 × hidden file"), "\(outcome.output)")
        #expect(
            outcome.says("2 of 3 pictures: a gamma other than sRGB's is not applied"),
            "\(outcome.output)")
    }

    @Test func filesThatAreNoPicturesAreNamed() throws {
        let ground = try ground()
        try ground.write("words that are no picture", to: "mine/fake.jpg")
        try refuse(
            "mine", 65, ["mine/fake.jpg", "neither a JPEG nor a PNG", "words that"], in: ground)
        try ground.remove("mine/fake.jpg")
        // The start of a JPEG, and nothing else.
        try put(
            [0xFF, 0xD8, 0xFF, 0xE0, 0, 16] + Array("JFIF\0".utf8), at: "mine/cut.jpg", in: ground)
        try refuse("mine", 65, ["mine/cut.jpg"], in: ground)
        try ground.remove("mine/cut.jpg")
        // A header of 50,000 × 50,000: refused before any memory is asked for.
        var bomb = try Self.picture(blue: 0)
        bomb.replaceSubrange(16..<24, with: [0, 0, 0xC3, 0x50, 0, 0, 0xC3, 0x50])
        let header = Array(bomb[12..<29])
        bomb.replaceSubrange(29..<33, with: Self.crc32(header))
        try put(bomb, at: "mine/bomb.png", in: ground)
        try refuse("mine", 65, ["mine/bomb.png", "50000"], in: ground)
        try ground.remove("mine/bomb.png")
        try put(Array(Self.picture(blue: 3).dropLast(40)), at: "mine/short.png", in: ground)
        try refuse("mine", 65, ["mine/short.png"], in: ground)
    }

    /// The checksum of PNG (RFC 2083, 15), bit by bit.
    private static func crc32(_ bytes: [UInt8]) -> [UInt8] {
        var crc: UInt32 = .max
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? 0xEDB8_8320 ^ crc >> 1 : crc >> 1 }
        }
        return withUnsafeBytes(of: (~crc).bigEndian, Array.init)
    }
}
