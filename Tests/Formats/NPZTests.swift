// Archives of NumPy arrays as numpy.savez and numpy.savez_compressed of NumPy 2.4 write them: a zip archive
// of .npy files, whose sizes are in zip64 fields.

import Foundation
import Testing

@testable import Formats

@Suite struct NPZTests {
    /// x, 0 to 5 as [2, 3] bytes, and y, [1, 0].
    private static let files = [
        "UEsDBC0AAAAAAAAAIQB+ntfP//////////8FABQAeC5ucHkBABAAhgAAAAAAAACGAAAAAAAAAJNOVU1QWQEAdgB7J2Rl"
            + "c2NyJzogJ3x1MScsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgyLCAzKSwgfSAgICAgICAgICAgICAg"
            + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAAECAwQFUEsDBC0AAAAAAAAAIQBx+zmr"
            + "//////////8FABQAeS5ucHkBABAAkAAAAAAAAACQAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxpOCcsICdmb3J0"
            + "cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgyLCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg"
            + "ICAgICAgICAgICAgICAgICAgICAgICAgICAKAQAAAAAAAAAAAAAAAAAAAFBLAQItAy0AAAAAAAAAIQB+ntfPhgAAAIYA"
            + "AAAFAAAAAAAAAAAAAACAAQAAAAB4Lm5weVBLAQItAy0AAAAAAAAAIQBx+zmrkAAAAJAAAAAFAAAAAAAAAAAAAACAAb0A"
            + "AAB5Lm5weVBLBQYAAAAAAgACAGYAAACEAQAAAAA=",
        "UEsDBC0AAAAIAAAAIQB+ntfP//////////8FABQAeC5ucHkBABAAhgAAAAAAAABMAAAAAAAAAJvsF+obEMnIUMZQrZ6S"
            + "WpxcpG6loF5Taqiuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6CsaaOgq1CmQDLgZGJmYWVgBQSwMELQAA"
            + "AAgAAAAhAHH7Oav//////////wUAFAB5Lm5weQEAEACQAAAAAAAAAEgAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWg"
            + "bpNpoa6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkaRjqaOgq1ChQALkYGVAAAUEsBAi0DLQAAAAgAAAAhAH6e"
            + "189MAAAAhgAAAAUAAAAAAAAAAAAAAIABAAAAAHgubnB5UEsBAi0DLQAAAAgAAAAhAHH7OatIAAAAkAAAAAUAAAAAAAAA"
            + "AAAAAIABgwAAAHkubnB5UEsFBgAAAAACAAIAZgAAAAIBAAAAAA==",
    ].map { [UInt8](Data(base64Encoded: $0) ?? Data()) }

    private static func arrays(_ bytes: [UInt8]) throws -> [String: NPY] {
        let archive = try ZipArchive(MappedFile(copying: bytes, named: "a.npz"))
        var arrays: [String: NPY] = [:]
        for name in archive.names {
            arrays[name] = try NPY(archive.content(name, limit: 1000), named: name)
        }
        return arrays
    }

    @Test(arguments: files) func readsBothKinds(bytes: [UInt8]) throws {
        let arrays = try Self.arrays(bytes)
        #expect(arrays.keys.sorted() == ["x.npy", "y.npy"])
        #expect(arrays["x.npy"]?.shape == [2, 3])
        #expect(try arrays["x.npy"]?.integers() == [0, 1, 2, 3, 4, 5])
        #expect(try arrays["y.npy"]?.integers() == [1, 0])
        #expect(
            FileKind(MappedFile(copying: bytes, named: "a")) == .numPyArchive)
    }

    /// Damage is refused or changes what is read; it never traps.
    @Test(arguments: files) func survivesDamage(bytes: [UInt8]) {
        for length in bytes.indices {
            #expect(throws: FormatFault.self) { try Self.arrays(Array(bytes[..<length])) }
        }
        for place in bytes.indices {
            for bit in [0, 3, 7] {
                var damaged = bytes
                damaged[place] ^= 1 << bit
                for array in ((try? Self.arrays(damaged)) ?? [:]).values {
                    _ = try? array.integers()
                }
            }
        }
    }
}
