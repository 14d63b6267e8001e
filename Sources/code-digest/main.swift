// Writes a Swift file with the digest of the files given: SHA-256 over "path sha256" lines, sorted.
// Words are left out, since no result depends on them: of `*.md` files everything, of `Package.swift`
// all but the flags for the compilers. Run by the CodeDigest plugin, never by hand.

import CCrypto
import PluginFiles

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

/// The flags for the compilers in a manifest: its texts that begin with a hyphen, in order.
func flags(_ manifest: [UInt8]) -> [UInt8] {
    let texts = manifest.split(separator: UInt8(ascii: "\""), omittingEmptySubsequences: false)
    return Array(texts.filter { $0.first == UInt8(ascii: "-") }.joined(separator: Array(" ".utf8)))
}

let arguments = CommandLine.arguments
guard arguments.count >= 3 else { fail("usage: code-digest ROOT OUTPUT FILE...") }
let root = arguments[1] + "/"
let lines = arguments[3...].filter { !$0.hasSuffix(".md") }.map { path in
    let name = path.hasPrefix(root) ? String(path.dropFirst(root.count)) : path
    let bytes = contents(path)
    return name + " " + sha256(name == "Package.swift" ? flags(bytes) : bytes)
}
let digest = sha256(Array(lines.sorted().joined(separator: "\n").utf8))
let source = """
    /// The code that this module computes with.
    enum CodeDigest {
        /// SHA-256 over the sources of this module and of every module that it uses.
        static let value = "\(digest)"
    }

    """
write(source, to: arguments[2])
