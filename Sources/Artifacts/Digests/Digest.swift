// SHA-256, the identity of everything in the store: same bytes, same name. The hashing itself is
// OpenSSL's, which uses the CPU's SHA instructions where it has them.

import CCrypto

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The SHA-256 of some bytes.
public struct Digest: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// 64 lower-case hexadecimal digits.
    public let hex: String

    /// Takes a digest written in hexadecimal; nil unless it is 64 lower-case digits.
    public init?(hex: String) {
        let isSound =
            hex.utf8.count == 64
            && hex.utf8.allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
            }
        guard isSound else { return nil }
        self.hex = hex
    }

    /// Hashes bytes in memory.
    public init(of bytes: UnsafeRawBufferPointer) {
        let stream = DigestStream()
        stream.update(bytes)
        self = stream.finish()
    }

    /// Hashes bytes in memory.
    public init(of bytes: [UInt8]) {
        self = bytes.withUnsafeBytes { Digest(of: $0) }
    }

    /// Hashes the UTF-8 bytes of a text.
    public init(of text: String) {
        self.init(of: Array(text.utf8))
    }

    init(bytes: [UInt8]) {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(64)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        hex = String(decoding: text, as: UTF8.self)
    }

    /// All 64 digits.
    public var description: String { hex }

    /// The first 12 digits: enough to tell digests apart on a screen.
    public var short: String { String(hex.prefix(12)) }

    /// Orders digests as their hexadecimal text.
    public static func < (left: Digest, right: Digest) -> Bool { left.hex < right.hex }
}

/// A SHA-256 that is fed piece by piece. Not for use from two threads at once.
public final class DigestStream {
    private let context: OpaquePointer

    /// Starts with no bytes.
    public init() {
        guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1
        else { preconditionFailure("libcrypto has no memory for a SHA-256, or lacks it") }
        self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Adds bytes.
    public func update(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 0 else { return }
        let ok = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
        precondition(ok == 1, "a DigestStream takes no bytes after finish()")
    }

    /// The digest of all bytes so far; the stream is then used up.
    public func finish() -> Digest {
        var bytes = [UInt8](repeating: 0, count: 32)
        let ok = EVP_DigestFinal_ex(context, &bytes, nil)
        precondition(ok == 1, "a DigestStream finishes once")
        return Digest(bytes: bytes)
    }
}
