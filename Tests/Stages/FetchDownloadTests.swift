// Downloads against a server that misbehaves: each way earns its message, and none gives bytes that
// are not the pinned ones.

import Artifacts
import Formats
import Testing

@testable import FetchWork

@Suite(.serialized) struct FetchDownloadTests {
    typealias Reply = FetchServer.Reply

    /// The test labels of MNIST, compressed and not.
    static let packed = (try? MappedFile.read("data/mnist/t10k-labels-idx1-ubyte.gz")) ?? []
    static let labels =
        (try? GzipInflater.inflate(packed, named: "labels", limit: 10_008)) ?? []
    static let file = Source.File(
        role: "test-labels", name: "t10k-labels-idx1-ubyte.gz", bytes: 10_008,
        digest: Digest(of: labels))

    static func fetch(
        _ file: Source.File = file, retries: RetryPolicy = RetryPolicy(idle: 20, attempts: 3),
        from server: FetchServer
    ) throws -> [UInt8] {
        try Download.bytes(of: file, from: server.place + file.name, retries: retries)
    }

    static func message(
        _ reply: Reply, for file: Source.File = file,
        retries: RetryPolicy = RetryPolicy(idle: 20, attempts: 1)
    ) throws -> String {
        let server = try FetchServer { _, _ in reply }
        do {
            return "got \(try fetch(file, retries: retries, from: server).count) bytes"
        } catch { return "\(error)" }
    }

    @Test func takesGoodFiles() throws {
        let server = try FetchServer { number, _ in .ok(number == 0 ? Self.packed : Self.labels) }
        #expect(try Self.fetch(from: server) == Self.labels)
        // A server that inflates on the way gives the same file.
        #expect(try Self.fetch(from: server) == Self.labels)
        #expect(
            server.requests[0].head.hasPrefix("GET /files/t10k-labels-idx1-ubyte.gz HTTP/1.1\r\n"))
        #expect(server.requests.count == 2 && server.requests[0].first == nil)
        let unsized = try FetchServer { _, _ in .endless(Self.packed) }
        #expect(try Self.fetch(from: unsized) == Self.labels)
    }

    @Test func goesOnWhereItBrokeOff() throws {
        let server = try FetchServer { number, request in
            switch number {
            case 0: .ok(Self.packed, sending: 1000)
            case 1: .status("503 Service Unavailable")
            default: .rest(of: Self.packed, from: request.first ?? 0)
            }
        }
        #expect(try Self.fetch(from: server) == Self.labels)
        #expect(server.requests.map(\.first) == [nil, 1000, 1000])
    }

    @Test func startsAgainWhereRangesAreIgnored() throws {
        let server = try FetchServer { number, _ in
            .ok(Self.packed, sending: number == 0 ? 1000 : nil)
        }
        #expect(try Self.fetch(from: server) == Self.labels)
        #expect(server.requests.map(\.first) == [nil, 1000])
    }

    @Test func refusesAnotherRangeThanTheOneAskedFor() throws {
        let server = try FetchServer { number, _ in
            number == 0 ? .ok(Self.packed, sending: 1000) : .rest(of: Self.packed, from: 990)
        }
        #expect { try Self.fetch(from: server) } throws: {
            "\($0)" == "the server answered 206"
        }
    }

    @Test func givesUpOnOneThatKeepsBreakingOff() throws {
        let server = try FetchServer { _, _ in .ok(Self.packed, sending: 1000) }
        #expect { try Self.fetch(from: server) } throws: {
            "\($0)".hasPrefix("the connection failed (")
        }
        #expect(server.requests.count == 3)
    }

    @Test func refusesWrongBytes() throws {
        #expect(try Self.message(.ok(Array(Self.packed.prefix(2000)))).contains("it is cut short"))
        #expect(
            try Self.message(.ok(Self.packed + [1, 2, 3])).hasSuffix(
                "3 bytes follow the end of the compressed data"))
        #expect(
            try Self.message(.ok(Self.labels.dropLast())) == "it holds 10007 bytes, expected 10008")
        #expect(
            try Self.message(.ok(Self.labels + [0]))
                == "it holds more than the 10008 bytes expected")
        var other = Self.labels
        other[5000] ^= 1
        let found = Digest(of: other).short
        #expect(
            try Self.message(.ok(other))
                == "its SHA-256 is \(found)…, expected \(Self.file.digest.short)… "
                + "(a sound label file, but another one: are files swapped?)")
        #expect(
            try Self.message(.ok(Array("<html>Sign in to the network</html>".utf8)))
                == "it holds 35 bytes, expected 10008")
        #expect(try Self.message(.ok([])) == "it holds 0 bytes, expected 10008")
        #expect(try Self.message(.ok([31])) == "it holds 1 bytes, expected 10008")
    }

    /// The memory that a server can make us use is bounded, whatever it announces.
    @Test func stopsReadingWhatIsTooLarge() throws {
        let flood = [UInt8](repeating: 7, count: 8_000_000)
        for reply in [Reply.endless(flood), .ok(flood)] {
            let message = try Self.message(reply)
            #expect(
                message == "it holds more than the 10008 bytes expected"
                    || message == "it is larger than 10008 bytes")
        }
    }

    @Test func namesSwappedFiles() throws {
        let images = Source.File(
            role: "test-images", name: "t10k-images-idx3-ubyte.gz", bytes: 7_840_016,
            digest: Self.file.digest)
        #expect(
            try Self.message(.ok(Self.packed), for: images)
                == "it holds 10008 bytes, expected 7840016 "
                + "(these are labels, not images: are files swapped?)")
    }

    @Test func givesUpOnSilence() throws {
        let hasty = RetryPolicy(idle: 1, attempts: 1)
        #expect(try Self.message(.silence, retries: hasty) == "it did not answer in time")
        #expect(
            try Self.message(.ok(Self.packed, sending: 1000, hangs: true), retries: hasty)
                == "it did not answer in time")
    }

    @Test func doesNotRepeatWhatIsFinal() throws {
        let server = try FetchServer { _, _ in .status("404 Not Found") }
        #expect { try Self.fetch(from: server) } throws: { "\($0)" == "the server answered 404" }
        #expect(server.requests.count == 1)
        // A refusal with a long story is not listened to.
        let flood = [UInt8](repeating: 7, count: 8_000_000)
        #expect(
            try Self.message(.status("403 Forbidden", body: flood)) == "the server answered 403")
    }

    @Test func staysOnSafeAddresses() throws {
        for place in [
            "http://example.org/x", "ftp://127.0.0.1/x", "file:///etc/passwd", "https//x", "",
        ] {
            #expect { try Download.bytes(of: Self.file, from: place) } throws: {
                "\($0)" == "only https:// addresses are used"
            }
        }
        #expect(
            try Self.message(
                .status("302 Found", "Location: http://example.org/x\r\nContent-Length: 0"))
                == "it redirects to an address that is not https://")
    }

    @Test func saysWhenNobodyListens() throws {
        let port = try FetchServer { _, _ in .silence }.port
        #expect {
            try Download.bytes(of: Self.file, from: "http://127.0.0.1:\(port)/x")
        } throws: {
            "\($0)".hasPrefix("the connection failed (")
        }
    }
}
