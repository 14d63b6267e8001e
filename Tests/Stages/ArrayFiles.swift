// Files of arrays made for tests: .npy, .npz, IDX, CIFAR.

import Formats
import Foundation

enum ArrayFiles {
    /// A .npy file of these elements, little-endian.
    static func npy(_ type: String, _ shape: [Int], _ elements: [UInt8]) -> [UInt8] {
        let axes = shape.map { "\($0)," }.joined(separator: " ")
        let text = Array(
            "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(axes)), }\n".utf8)
        return [147] + Array("NUMPY".utf8) + [
            1, 0, UInt8(text.count % 256), UInt8(text.count / 256),
        ]
            + text + elements
    }

    static func bytes(_ shape: [Int], _ elements: [UInt8]) -> [UInt8] {
        npy("|u1", shape, elements)
    }

    static func floats(_ shape: [Int], _ elements: [Float]) -> [UInt8] {
        npy(
            "<f4", shape,
            elements.flatMap { value in
                withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
            })
    }

    static func labels(_ labels: [Int64]) -> [UInt8] {
        npy(
            "<i8", [labels.count],
            labels.flatMap { value in
                withUnsafeBytes(of: value.littleEndian) { Array($0) }
            })
    }

    static func idx(_ shape: [Int], _ elements: [UInt8]) -> [UInt8] {
        [0, 0, 8, UInt8(shape.count)]
            + shape.flatMap { size in
                withUnsafeBytes(of: UInt32(size).bigEndian) { Array($0) }
            } + elements
    }

    /// A record of CIFAR-10: the label, and planes of three values.
    static func cifar(_ label: UInt8, _ colour: [UInt8]) -> [UInt8] {
        [label] + colour.flatMap { [UInt8](repeating: $0, count: 1024) }
    }

    /// An archive of stored entries.
    static func zip(_ entries: [(name: String, content: [UInt8])]) -> [UInt8] {
        func number(_ value: Int, _ size: Int) -> [UInt8] {
            (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        var (files, directory): ([UInt8], [UInt8]) = ([], [])
        for (name, content) in entries {
            let start = files.count
            let fields =
                number(0, 8) + number(Int(crc32(content)), 4) + number(content.count, 4)
                + number(content.count, 4) + number(name.utf8.count, 2) + number(0, 2)
            files += [80, 75, 3, 4, 20, 0] + fields + Array(name.utf8) + content
            directory +=
                [80, 75, 1, 2, 20, 0, 20, 0] + fields + number(0, 10) + number(start, 4)
                + Array(name.utf8)
        }
        return files + directory + [80, 75, 5, 6] + number(0, 4) + number(entries.count, 2)
            + number(entries.count, 2) + number(directory.count, 4) + number(files.count, 4)
            + number(0, 2)
    }

    private static func crc32(_ bytes: [UInt8]) -> UInt32 {
        var crc: UInt32 = .max
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? 0xEDB8_8320 ^ crc >> 1 : crc >> 1 }
        }
        return ~crc
    }

    /// What numpy.savez of NumPy 2 writes of x_test [2, 2, 2, 3] = 0…23, y_test = [1, 0], x_train, the
    /// first of these, and y_train = [2]; and numpy.savez_compressed.
    static let savez = [
        "UEsDBC0AAAAAAAAAIQCFOo9T//////////8KABQAeF90ZXN0Lm5weQEAEACYAAAAAAAAAJgAAAAAAAAAk05VTVBZAQB2"
            + "AHsnZGVzY3InOiAnfHUxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDIsIDIsIDMpLCB9ICAg"
            + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAQIDBAUGBwgJCgsMDQ4PEBES"
            + "ExQVFhdQSwMELQAAAAAAAAAhAHH7Oav//////////woAFAB5X3Rlc3QubnB5AQAQAJAAAAAAAAAAkAAAAAAAAACTTlVN"
            + "UFkBAHYAeydkZXNjcic6ICc8aTgnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMiwpLCB9ICAgICAg"
            + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgCgEAAAAAAAAAAAAAAAAA"
            + "AABQSwMELQAAAAAAAAAhAG9WfND//////////wsAFAB4X3RyYWluLm5weQEAEACMAAAAAAAAAIwAAAAAAAAAk05VTVBZ"
            + "AQB2AHsnZGVzY3InOiAnfHUxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDEsIDIsIDIsIDMpLCB9"
            + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAQIDBAUGBwgJCgtQSwME"
            + "LQAAAAAAAAAhAN2dm9D//////////wsAFAB5X3RyYWluLm5weQEAEACIAAAAAAAAAIgAAAAAAAAAk05VTVBZAQB2AHsn"
            + "ZGVzY3InOiAnPGk4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDEsKSwgfSAgICAgICAgICAgICAg"
            + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoCAAAAAAAAAFBLAQItAy0AAAAAAAAA"
            + "IQCFOo9TmAAAAJgAAAAKAAAAAAAAAAAAAACAAQAAAAB4X3Rlc3QubnB5UEsBAi0DLQAAAAAAAAAhAHH7OauQAAAAkAAA"
            + "AAoAAAAAAAAAAAAAAIAB1AAAAHlfdGVzdC5ucHlQSwECLQMtAAAAAAAAACEAb1Z80IwAAACMAAAACwAAAAAAAAAAAAAA"
            + "gAGgAQAAeF90cmFpbi5ucHlQSwECLQMtAAAAAAAAACEA3Z2b0IgAAACIAAAACwAAAAAAAAAAAAAAgAFpAgAAeV90cmFp"
            + "bi5ucHlQSwUGAAAAAAQABADiAAAALgMAAAAA",
        "UEsDBC0AAAAIAAAAIQCFOo9T//////////8KABQAeF90ZXN0Lm5weQEAEACYAAAAAAAAAGAAAAAAAAAAm+wX6hsQychQ"
            + "xlCtnpJanFykbqWgXlNqqK6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkaRjoKEGSsqaNQq0AG4GJgZGJmYWVj"
            + "5+Dk4ubh5eMXEBQSFhEVEwcAUEsDBC0AAAAIAAAAIQBx+zmr//////////8KABQAeV90ZXN0Lm5weQEAEACQAAAAAAAA"
            + "AEgAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgbpNpoa6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkaRjqa"
            + "Ogq1ChQALkYGVAAAUEsDBC0AAAAIAAAAIQBvVnzQ//////////8LABQAeF90cmFpbi5ucHkBABAAjAAAAAAAAABVAAAA"
            + "AAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loF5Taqiuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GoY6CkZgZKyp"
            + "o1CrQAbgYmBkYmZhZWPn4OTiBgBQSwMELQAAAAgAAAAhAN2dm9D//////////wsAFAB5X3RyYWluLm5weQEAEACIAAAA"
            + "AAAAAEgAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgbpNpoa6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvka"
            + "hjqaOgq1ChQALiYGCAAAUEsBAi0DLQAAAAgAAAAhAIU6j1NgAAAAmAAAAAoAAAAAAAAAAAAAAIABAAAAAHhfdGVzdC5u"
            + "cHlQSwECLQMtAAAACAAAACEAcfs5q0gAAACQAAAACgAAAAAAAAAAAAAAgAGcAAAAeV90ZXN0Lm5weVBLAQItAy0AAAAI"
            + "AAAAIQBvVnzQVQAAAIwAAAALAAAAAAAAAAAAAACAASABAAB4X3RyYWluLm5weVBLAQItAy0AAAAIAAAAIQDdnZvQSAAA"
            + "AIgAAAALAAAAAAAAAAAAAACAAbIBAAB5X3RyYWluLm5weVBLBQYAAAAABAAEAOIAAAA3AgAAAAA=",
    ].map { [UInt8](Data(base64Encoded: $0) ?? Data()) }
}
