// CIFAR's binary records, of one and of two labels.

import Formats
import Testing

@Suite struct CIFARTests {
    private static func record(_ labels: [UInt8], _ pixel: UInt8) -> [UInt8] {
        labels + (0..<3072).map { pixel &+ UInt8($0 / 1024) }
    }

    private static func message(_ kind: CIFAR.Kind, _ bytes: [UInt8]) -> String {
        do {
            var set = CIFAR(kind)
            try bytes.withUnsafeBytes { try set.add($0, named: "x.bin") }
            return "\(set.labels)"
        } catch { return "\(error)" }
    }

    @Test func readsRecordsFileAfterFile() throws {
        var set = CIFAR(.cifar100)
        for (labels, pixel): ([UInt8], UInt8) in [([19, 99], 5), ([0, 7], 200)] {
            try Self.record(labels, pixel).withUnsafeBytes { try set.add($0, named: "x") }
        }
        #expect(set.labels == [99, 7])
        #expect(set.images.count == 2 * 3072 && set.images[0] == 5 && set.images[2 * 1024] == 7)
        #expect(set.images[3072...].first == 200 && set.images.last == 202)
        #expect(Self.message(.cifar10, Self.record([3], 0) + Self.record([9], 0)) == "[3, 9]")
    }

    @Test func refuses() {
        let record = Self.record([3], 0)
        #expect(
            Self.message(.cifar10, Array(record.dropLast()))
                == "x.bin: it has 3072 bytes, which are not whole records of 3073; is it the binary "
                + "version, and whole?")
        #expect(Self.message(.cifar10, []).hasSuffix("are not whole records of 3073"))
        #expect(
            Self.message(.cifar10, record + Self.record([10], 0))
                == "x.bin: label 1 is 10, and there are 10 classes (0 to 9)")
        #expect(Self.message(.cifar100, record).contains("whole records of 3074"))
    }
}
