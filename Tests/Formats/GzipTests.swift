// Gzip: a file made by another program, and damage of every kind to it.

import Formats
import Testing

@Suite struct GzipTests {
    /// `printf 'mirage mirage mirage\n' | gzip -n`
    static let file: [UInt8] = [
        31, 139, 8, 0, 0, 0, 0, 0, 0, 3, 203, 205, 44, 74, 76, 79, 85, 200, 69, 166, 184, 0, 224,
        153, 11, 134, 21, 0, 0, 0,
    ]
    static let text = Array("mirage mirage mirage\n".utf8)

    @Test func inflates() throws {
        #expect(try GzipInflater.inflate(Self.file, named: "x", limit: 21) == Self.text)
    }

    @Test(arguments: [1, 2, 3, 7])
    func inflatesInPieces(size: Int) throws {
        let inflater = try GzipInflater(named: "x", limit: 1000)
        var result: [UInt8] = []
        for start in stride(from: 0, to: Self.file.count, by: size) {
            try Self.file[start..<min(start + size, Self.file.count)].withUnsafeBytes {
                try inflater.feed($0) { result.append(contentsOf: $0) }
            }
        }
        try inflater.finish()
        #expect(result == Self.text)
    }

    /// Larger than any buffer, and exact at the limit.
    @Test func stopsAtTheLimit() throws {
        let images = try MappedFile.read("data/mnist/t10k-images-idx3-ubyte.gz")
        #expect(try GzipInflater.inflate(images, named: "x", limit: 7_840_016).count == 7_840_016)
        #expect(throws: FormatFault.gzip(file: "x", .tooLarge(limit: 7_840_015))) {
            try GzipInflater.inflate(images, named: "x", limit: 7_840_015)
        }
        #expect(throws: FormatFault.gzip(file: "x", .tooLarge(limit: 20))) {
            try GzipInflater.inflate(Self.file, named: "x", limit: 20)
        }
    }

    @Test func detectsTruncationAtEveryByte() {
        for length in Self.file.indices {
            #expect {
                try GzipInflater.inflate(Array(Self.file[..<length]), named: "x", limit: 1000)
            } throws: {
                "\($0)".contains("cut short")
            }
        }
    }

    @Test func detectsDamage() {
        #expect(message(Array("GIF89a".utf8)) == "it starts with the bytes 71 73, expected 31 139")
        #expect(message(Self.file + [0, 0]) == "2 bytes follow the end of the compressed data")
        var bytes = Self.file
        bytes[bytes.count - 6] ^= 1  // CRC
        #expect(message(bytes) == "its content is damaged (incorrect data check)")
        bytes = Self.file
        bytes[bytes.count - 4] ^= 1  // length
        #expect(message(bytes) == "its content is damaged (incorrect length check)")
        // Any other bit either is refused or belongs to the header's free fields (flags that add
        // nothing, time, system): the text never changes silently.
        for place in Self.file.indices {
            for bit in 0..<8 {
                var damaged = Self.file
                damaged[place] ^= 1 << bit
                if let result = try? GzipInflater.inflate(damaged, named: "x", limit: 1000) {
                    #expect(result == Self.text && (3..<10).contains(place))
                }
            }
        }
    }

    private func message(_ bytes: [UInt8]) -> String? {
        do {
            _ = try GzipInflater.inflate(bytes, named: "x", limit: 1000)
            return nil
        } catch FormatFault.gzip(_, let problem) {
            return problem.description
        } catch { return "\(error)" }
    }
}
