// A web server for the tests of fetch: raw sockets on 127.0.0.1, one scripted reply a connection,
// so that it can break off, lie and hang as no real server would let itself be told to.

import Foundation
import Synchronization

/// Serves until it is let go.
final class FetchServer: Sendable {
    /// What goes over the wire for one request.
    struct Reply: Sendable {
        var bytes: [UInt8]
        /// Keeps the connection open and says no more.
        var hangs = false

        /// `sending` bytes of a body that is announced as whole; all of it by default.
        static func ok(_ body: [UInt8], sending: Int? = nil, hangs: Bool = false) -> Reply {
            answer(
                "200 OK", "Content-Length: \(body.count)", Array(body.prefix(sending ?? .max)),
                hangs)
        }

        /// The rest of a body, as asked for by `Range`.
        static func rest(of body: [UInt8], from first: Int) -> Reply {
            answer(
                "206 Partial Content",
                "Content-Length: \(body.count - first)\r\n"
                    + "Content-Range: bytes \(first)-\(body.count - 1)/\(body.count)",
                Array(body.dropFirst(first)), false)
        }

        static func status(
            _ line: String, _ header: String? = nil, body: [UInt8] = []
        ) -> Reply {
            answer(line, header ?? "Content-Length: \(body.count)", body, false)
        }

        /// A body whose end is where the connection ends.
        static func endless(_ body: [UInt8]) -> Reply {
            answer("200 OK", "X-Length: unknown", body, false)
        }

        static let silence = Reply(bytes: [], hangs: true)

        private static func answer(
            _ line: String, _ header: String, _ body: [UInt8], _ hangs: Bool
        ) -> Reply {
            Reply(
                bytes: Array("HTTP/1.1 \(line)\r\nConnection: close\r\n\(header)\r\n\r\n".utf8)
                    + body,
                hangs: hangs)
        }
    }

    struct Request: Sendable {
        var head: String

        /// N of `Range: bytes=N-`.
        var first: Int? {
            head.components(separatedBy: "\r\n").first {
                $0.lowercased().hasPrefix("range: bytes=")
            }
            .flatMap { Int($0.dropFirst(13).prefix { $0.isNumber }) }
        }
    }

    let port: UInt16
    private let listener: Int32
    private let seen = Mutex<[Request]>([])
    private let hanging = Mutex<[Int32]>([])

    /// Listens on a free port; `answer` gets the number of the request (from 0) and the request.
    init(_ answer: @escaping @Sendable (Int, Request) -> Reply) throws {
        signal(SIGPIPE, SIG_IGN)
        #if canImport(Glibc)
            listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            listener = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let (listener, isListening) = withUnsafeMutablePointer(to: &address) { [listener] pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                (
                    listener,
                    bind(listener, $0, length) == 0 && listen(listener, 8) == 0
                        && getsockname(listener, $0, &length) == 0
                )
            }
        }
        guard listener >= 0, isListening else { throw POSIXError(.EADDRNOTAVAIL) }
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { [weak self] in
            // Closed here alone: the number of a closed socket may be that of the next server's.
            defer { close(listener) }
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                guard let self else {
                    close(connection)
                    return
                }
                // A thread each: a client may keep one connection open while it opens the next.
                Thread.detachNewThread { self.serve(connection, answer) }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        hanging.withLock { $0.forEach { close($0) } }
    }

    /// The requests so far.
    var requests: [Request] { seen.withLock { $0 } }

    var place: String { "http://127.0.0.1:\(port)/files/" }

    private func serve(_ connection: Int32, _ answer: (Int, Request) -> Reply) {
        var head: [UInt8] = []
        var byte: UInt8 = 0
        while !head.suffix(4).elementsEqual([13, 10, 13, 10]), recv(connection, &byte, 1, 0) == 1 {
            head.append(byte)
        }
        let request = Request(head: String(decoding: head, as: UTF8.self))
        let number = seen.withLock {
            $0.append(request)
            return $0.count - 1
        }
        let reply = answer(number, request)
        var sent = 0
        while sent < reply.bytes.count {
            let count = reply.bytes[sent...].withUnsafeBytes {
                send(connection, $0.baseAddress, $0.count, 0)
            }
            guard count > 0 else { break }
            sent += count
        }
        if reply.hangs {
            hanging.withLock { $0.append(connection) }
        } else {
            shutdown(connection, Int32(SHUT_WR))
            // Read what is left, so that closing does not reset the connection under the reader.
            while recv(connection, &byte, 1, 0) == 1 {}
            close(connection)
        }
    }
}
