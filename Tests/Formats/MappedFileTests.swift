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

    /// Opening waits for nobody, and what has no end is not begun: each of these would hang a reader that
    /// opens it as usual, or never end.
    @Test(.timeLimit(.minutes(1)))
    func specialFilesAreRefusedAtOnce() throws {
        let folder = "\(FileManager.default.temporaryDirectory.path)/mirage-special-\(getpid())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (pipe, place, link) = ("\(folder)/pipe", "\(folder)/socket", "\(folder)/link.jpg")
        #expect(mkfifo(pipe, 0o600) == 0)
        #expect(symlink("/dev/zero", link) == 0 && symlink(pipe, link + ".pipe") == 0)
        #if canImport(Glibc)
            let socket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        #else
            let socket = socket(AF_UNIX, SOCK_STREAM, 0)
        #endif
        defer { close(socket) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: place.utf8) }
        let isBound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        #expect(isBound == 0)
        for path in [pipe, place, link, link + ".pipe", "/dev/zero", "/dev/null", folder] {
            let readers: [() throws -> Void] = [
                { _ = try MappedFile(path) }, { _ = try MappedFile(reading: path) },
                { _ = try MappedFile.read(path) }, { _ = try Picture(contentsOf: path) },
            ]
            for read in readers {
                #expect(throws: FormatFault.notAFile(file: path)) { try read() }
            }
        }
        // A link to a file is a file.
        let file = fopen("\(folder)/file", "w")
        fputs("hello", file)
        fclose(file)
        #expect(symlink("file", "\(folder)/good") == 0)
        #expect(try MappedFile.read("\(folder)/good") == Array("hello".utf8))
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
