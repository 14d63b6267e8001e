// Mapped and read files: contents, and what the system refuses.

import Formats
import Foundation
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite struct MappedFileTests {
    @Test func mapsAndReads() throws {
        let path = "\(FileManager.default.temporaryDirectory.path)/mirage-mapped-\(getpid())"
        let file = fopen(path, "w")
        defer { unlink(path) }
        #expect(try MappedFile(path).bytes.isEmpty)
        fputs("hello", file)
        fclose(file)
        let mapped = try MappedFile(path)
        #expect(Array(mapped.bytes) == Array("hello".utf8))
        #expect(try MappedFile.read(path) == Array("hello".utf8))
        #expect(throws: FormatFault.system(file: path, action: "read", code: EFBIG)) {
            try MappedFile.read(path, limit: 4)
        }
        // A file that was read is what it was then, and is aligned.
        let read = try MappedFile(reading: path)
        #expect(Array(read.bytes) == Array("hello".utf8))
        #expect(UInt(bitPattern: read.bytes.baseAddress) % 64 == 0)
        #expect(throws: FormatFault.system(file: path, action: "read", code: EFBIG)) {
            try MappedFile(reading: path, limit: 4)
        }
        truncate(path, 2)
        let shorter = try MappedFile(reading: path)
        withExtendedLifetime((mapped, read, shorter)) {
            #expect(read.bytes.last == UInt8(ascii: "o"))
            #expect(Array(shorter.bytes) == Array("he".utf8))
            // The bytes outlive the name.
            unlink(path)
            #expect(mapped.bytes.first == UInt8(ascii: "h"))
        }
    }

    @Test func saysWhatIsWrong() {
        #expect {
            try MappedFile("/nonexistent/file")
        } throws: {
            "\($0)" == "cannot open /nonexistent/file: No such file or directory"
        }
        #expect(throws: FormatFault.notAFile(file: "/tmp")) { try MappedFile("/tmp") }
        #expect(throws: FormatFault.notAFile(file: "/dev/zero")) {
            try MappedFile.read("/dev/zero")
        }
    }
}
