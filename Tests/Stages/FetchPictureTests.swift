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
        try refuse("mine", 66, ["it has 1 files of other kinds"], in: ground)
        try refuse("nowhere", 66, ["nowhere has no picture", "it does not exist"], in: ground)
        try refuse("mine/notes.txt", 66, ["it is a file"], in: ground)
        try put(Self.picture(blue: 1), at: "mine/a.png", in: ground)
        try refuse("mine --crop 9", 65, ["crop is 9, larger than resize, 6"], in: ground)
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
