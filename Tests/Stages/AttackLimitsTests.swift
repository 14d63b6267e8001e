// Masks and bounds of channels in configs: from a file to the bits of the result and the words of the
// report; and what is none gets its message.

import Artifacts
import Formats
import Foundation
import Tensors
import Testing

@testable import AttackWork

@Suite struct AttackLimitsTests {
    /// The left half of 28 × 28 pixels.
    private static let left = (0..<784).map { $0 % 28 < 14 }

    private static func picture(
        _ pixels: [UInt8], width: Int = 28, _ channels: PNG.Channels = .grey
    ) throws -> [UInt8] {
        try PNG(
            width: width, height: pixels.count / channels.rawValue / width, channels: channels,
            pixels: pixels
        ).encoded(named: "mask.png")
    }

    private static func array(_ values: [UInt8], _ shape: String, type: String = "|u1") -> [UInt8] {
        let header = "{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }\n"
        let count = header.utf8.count
        return [147] + Array("NUMPY".utf8) + [1, 0, UInt8(count & 255), UInt8(count >> 8)]
            + Array(header.utf8) + values
    }

    private static func tensors(_ tensors: [(String, DType, [Int], [UInt8])]) throws -> [UInt8] {
        let writer = SafeTensorsWriter(metadata: [:], tensors: tensors.map { ($0.0, $0.1, $0.2) })
        var bytes: [UInt8] = []
        try writer.write(to: { bytes += Array($0) }) { entry, sink in
            let values = tensors.first { $0.0 == entry.name }?.3 ?? []
            try values.withUnsafeBytes { try sink($0) }
        }
        return bytes
    }

    private func mask(_ bytes: [UInt8], for shape: [Int] = [1, 28, 28]) throws -> [Bool] {
        try PixelMask.read(MappedFile(copying: bytes, named: "mask"), for: shape)
    }

    @Test func aMaskIsReadFromAnyOfItsFiles() throws {
        let bytes = Self.left.map { UInt8($0 ? 1 : 0) }
        let bright = bytes.map { 255 * $0 }
        let floats = Self.left.flatMap { $0 ? [0, 0, 0x80, 0x3F] as [UInt8] : [0, 0, 0, 0] }
        let wholes = Self.left.flatMap { [$0 ? 1 : 0, 0, 0, 0, 0, 0, 0, 0] as [UInt8] }
        for file in [
            try Self.picture(bright),
            try Self.picture(bright.flatMap { [$0, $0, $0] }, .rgb),
            Self.array(bytes, "(28, 28)"), Self.array(bytes, "(1, 28, 28)"),
            Self.array(floats, "(28, 28)", type: "<f4"),
            try Self.tensors([("mask", .u8, [28, 28], bytes)]),
            try Self.tensors([("any", .bool, [1, 28, 28], bytes)]),
            try Self.tensors([("any", .f32, [28, 28], floats)]),
            try Self.tensors([("any", .i64, [28, 28], wholes)]),
        ] {
            #expect(try mask(file) == Self.left)
        }
        // One plane is for all channels; three are one each.
        let colour = try mask(Self.picture([255, 0, 0, 255], width: 2), for: [3, 2, 2])
        #expect(
            colour == [true, false, false, true] + [true, false, false, true] + [
                true, false, false, true,
            ])
        let own = try mask(Self.array([1, 0, 0, 0], "(4, 1, 1)"), for: [4, 1, 1])
        #expect(own == [true, false, false, false])
    }

    @Test func whatIsNoMaskIsRefusedWithTheWayOut() throws {
        func refuse(_ bytes: [UInt8], for shape: [Int] = [1, 2, 2], _ words: String...) {
            let fault = #expect(throws: (any Error).self) { try mask(bytes, for: shape) }
            for word in words {
                #expect("\(fault.map { "\($0)" } ?? "")".contains(word), "\(word)")
            }
        }
        let white: [UInt8] = [255, 255, 255, 255]
        refuse(
            try Self.picture(white, width: 4), "mask: the mask is 1 × 4", "[1, 2, 2]",
            "draw one of 2 × 2")
        refuse(try Self.picture([255, 0, 128, 0], width: 2), "row 1, column 0 is grey, 128 of 255")
        refuse(
            try Self.picture([0, 0, 0, 255, 0, 0, 0, 0, 0, 0, 0, 0], width: 2, .rgb),
            "row 0, column 1 is (255, 0, 0)", "magick")
        refuse(try Self.picture([0, 0, 0, 0], width: 2), "lets no pixel change")
        refuse(Self.array([1, 0, 2, 0], "(2, 2)"), "row 1, column 0 is 2.0; expected 0 or 1")
        refuse(Self.array([1, 0, 1, 0], "(2, 1, 2)"), "is 2 × 1 × 2")
        refuse(
            try Self.tensors([("a", .i16, [2, 2], [1, 1, 1, 0, 0, 0, 0, 0])]),
            "row 0, column 0 is neither 0 nor 1")
        refuse(
            try Self.tensors([("a", .u8, [2, 2], [1, 1, 1, 1]), ("b", .u8, [1], [1])]),
            "expected one tensor", "there are 2")
        refuse(Array("GIF89a, and then some".utf8), "a GIF picture", "expected a mask")
        refuse([], "expected a mask", "none of these")
        refuse(Array(try Self.picture(white, width: 2).prefix(40)), "mask")
    }

    @Test func boundsAreAPairForEachChannel() throws {
        func bounds(_ text: String, _ channels: Int) throws -> [ClosedRange<Float>] {
            try AttackLimits.bounds(JSON.parse(text, named: "test"), of: channels, in: "a.json")
        }
        #expect(try bounds("[[0.25, 1], [0, 0.5]]", 2) == [0.25...1, 0...0.5])
        for (text, channels, words) in [
            ("[[0.1, 0.9]]", 3, "1 pair for images of 3 channels"),
            ("[[0, 1], [0, 1]]", 1, "2 pairs for images of 1 channel"),
            ("[0.1, 0.9]", 2, "channel 0: expected two numbers, found 0.1"),
            ("[[0.1]]", 1, "expected two numbers"), ("[[0, 1, 1]]", 1, "expected two numbers"),
            (#"[["low", "high"]]"#, 1, "expected two numbers"),
            ("[[0.9, 0.1]]", 1, "0.9 is not below 0.1"), ("[[0.5, 0.5]]", 1, "is not below"),
            ("[[-0.1, 1]]", 1, "is not within 0…1"), ("[[0, 255]]", 1, "is not within 0…1"),
            ("{}", 1, "expected a list"),
        ] {
            let fault = #expect(throws: (any Error).self) { try bounds(text, channels) }
            #expect("\(fault.map { "\($0)" } ?? "")".contains(words), "\(text)")
        }
    }

    /// From the config to the bits, the metadata, the key and the page.
    @Test func aMaskAndBoundsAreKeptToAndToldOf() throws {
        let ground = try PipelineRealTests.ground()
        let white = try Self.picture(Self.left.map { $0 ? 255 : 0 })
        try Data(white).write(to: ground.root.appending(path: "left.png"))
        func config(_ limits: String) throws {
            try ground.config(
                "attack-pgd",
                #"{"attack": "pgd", "model": "mlp", "sample": "5k", "epsilons": [0.3], "goal": "untargeted", "labels": "predicted", "steps": 5\#(limits)}"#
            )
        }
        try config(#", "mask": "left.png", "channel_bounds": [[0.125, 0.75]]"#)
        let outcome = try ground.make("attack-pgd")
        #expect(outcome.status == 0, "\(outcome.output)")
        #expect(outcome.says("mask: 392 of 784 values of an image may change"), "\(outcome.output)")
        #expect(outcome.says("bounds by channel: 0.125…0.750"))

        let limited = try attack(ground)
        let sample = try SafeTensors(MappedFile(ground.path("artifacts/sample/5k.safetensors")))
        let images = try sample.floats("images")
        var changed = 0
        for (place, (x, y)) in zip(images, try limited.floats("adversarial")).enumerated() {
            if Self.left[place % 784] {
                #expect(y >= min(x, 0.125) && y <= max(x, 0.75))
                changed += y == x ? 0 : 1
            } else {
                #expect(x.bitPattern == y.bitPattern)
            }
        }
        #expect(changed > 0)
        let told = try JSON.parse(limited.text("mask"), named: "mask")
        #expect(told["may_change"]?.int == 392 && told["values"]?.int == 784)
        #expect(try limited.text("config").contains(#""channel_bounds":[[0.125,0.75]]"#))
        let again = try ground.shell("bin/stage-attack --node attack-pgd")
        #expect(again.says("392 of 784") && !again.says("attacked and judged"), "\(again.output)")

        // Another content of the mask is another result, and none leaves no trace.
        try Data(Self.picture(Self.left.map { $0 ? 0 : 255 })).write(
            to: ground.root.appending(path: "left.png"))
        #expect(try ground.make("attack-pgd").says("392 of 784"))
        #expect(try attack(ground).floats("adversarial") != limited.floats("adversarial"))
        try config("")
        #expect(try ground.make("attack-pgd").status == 0)
        #expect(!(try attack(ground).text("config").contains("mask")))
        #expect(try attack(ground).metadata["mask"] == nil)

        try config(#", "mask": "left.png", "channel_bounds": [[0.125, 0.75]]"#)
        #expect(try ground.make().status == 0)
        let page = String(
            decoding: try #require(ground.read("artifacts/report.html")), as: UTF8.self)
        #expect(page.contains("Only 392 of the 784 values of an image might change"))
        #expect(page.contains("0.125…0.75"))

        for (flags, words) in [
            ("--mask nowhere.png", "nowhere.png"), ("--channel-bounds [[0,1],[0,1]]", "2 pairs"),
            ("--channel-bounds 3", "list"), ("--mask pipeline/sources.json", "expected a mask"),
        ] {
            let refused = try ground.shell("bin/stage-attack --node attack-pgd --quiet \(flags)")
            #expect(refused.status != 0 && refused.says(words), "\(refused.output)")
        }
    }

    private func attack(_ ground: Playground) throws -> SafeTensors {
        try SafeTensors(MappedFile(ground.path("artifacts/attack/pgd.safetensors")))
    }
}
