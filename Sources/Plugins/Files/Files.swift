// Files of the programs that plugins run: read whole, and written only where they change.

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Ends the program with a line of its own on standard error.
package func fail(_ message: String) -> Never {
    let name = CommandLine.arguments.first?.split(separator: "/").last ?? "plugin"
    let line = Array("\(name): \(message)\n".utf8)
    _ = write(2, line, line.count)
    exit(74)
}

/// The bytes of a file; ends the program where there is none.
package func contents(_ path: String) -> [UInt8] {
    guard let file = fopen(path, "rb") else { fail("cannot read \(path)") }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = fread(&block, 1, block.count, file)
        if count == 0 { break }
        bytes += block[..<count]
    }
    return bytes
}

/// Writes a file, unless it has this text: one that stays as it is keeps its time, so that nothing is
/// compiled anew.
package func write(_ text: String, to path: String) {
    let bytes = Array(text.utf8)
    if access(path, R_OK) == 0 && contents(path) == bytes { return }
    guard let file = fopen(path, "wb") else { fail("cannot write \(path)") }
    let written = fwrite(bytes, 1, bytes.count, file)
    guard fclose(file) == 0 && written == bytes.count else { fail("cannot write \(path)") }
}
