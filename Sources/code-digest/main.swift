// code-digest ROOT OUTPUT FILE…: writes a Swift source that holds one SHA-256 over the names
// (relative to ROOT) and contents of the files. Run by the CodeDigest plugin, never by hand.

import CCrypto

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

func fail(_ message: String) -> Never {
    let line = Array("code-digest: \(message)\n".utf8)
    _ = write(2, line, line.count)
    exit(74)
}

func contents(_ path: String) -> [UInt8] {
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

func sha256(_ bytes: [UInt8]) -> String {
    var digest = [UInt8](repeating: 0, count: 32)
    var length: UInt32 = 0
    guard EVP_Digest(bytes, bytes.count, &digest, &length, EVP_sha256(), nil) == 1 else {
        fail("SHA-256 failed")
    }
    return digest.map { byte in
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "0" + digits : digits
    }.joined()
}

let arguments = CommandLine.arguments
guard arguments.count >= 3 else { fail("usage: code-digest ROOT OUTPUT FILE...") }
let root = arguments[1] + "/"
let lines = arguments[3...].map { path in
    (path.hasPrefix(root) ? String(path.dropFirst(root.count)) : path) + " "
        + sha256(contents(path))
}
let digest = sha256(Array(lines.sorted().joined(separator: "\n").utf8))
let source = """
    /// SHA-256 over the sources of this stage and of every module it uses.
    let codeDigest = "\(digest)"

    """
guard let file = fopen(arguments[2], "wb") else { fail("cannot write \(arguments[2])") }
fputs(source, file)
fclose(file)
