// The DevTools protocol of Chromium over a socket: commands go out, answers and events come in, each a
// JSON text that a NUL ends.

import Formats
import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// All of a browser's tests are isolated to this actor: they share one browser, one at a time.
@globalActor actor Browsing {
    static let shared = Browsing()
}

/// What went wrong between a test and the browser.
struct BrowserFault: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// A connection to a browser. A browser that is silent for too long is at fault, and nothing waits
/// for it any more.
@Browsing final class DevTools {
    /// Longer than any answer takes on a busy machine.
    var patience = Duration.seconds(120)

    /// Called with each event that comes in while an answer is waited for.
    var onEvent: (_ method: String, _ parameters: JSON, _ session: String?) -> Void = { _, _, _ in }

    private let socket: Int32
    private var commands: Int64 = 0
    private var received: [UInt8] = []

    init(socket: Int32) { self.socket = socket }

    isolated deinit { close(socket) }

    /// Sends a command to a tab or worker, without a session to the browser itself, and gives the `result`
    /// of its answer; events that come before it are passed on.
    func call(_ method: String, _ parameters: JSON = [:], session: String? = nil) throws -> JSON {
        let command = try post(method, parameters, session: session)
        let deadline = ContinuousClock.now + patience
        while true {
            guard let message = try receive(until: deadline) else {
                throw BrowserFault(
                    "the browser hangs: no answer to \(method) within \(patience)")
            }
            guard message["id"]?.int == command else { continue }
            if let error = message["error"] {
                throw BrowserFault("\(method): \(error["message"]?.string ?? error.canonical)")
            }
            return message["result"] ?? [:]
        }
    }

    /// Sends a command without waiting for its answer, and gives its number.
    @discardableResult
    func post(_ method: String, _ parameters: JSON = [:], session: String? = nil) throws -> Int {
        commands += 1
        var message: [String: JSON] = [
            "id": .integer(commands), "method": .string(method), "params": parameters,
        ]
        message["sessionId"] = session.map(JSON.string)
        let bytes = Array(JSON.object(message).canonical.utf8) + [0]
        var sent = 0
        while sent < bytes.count {
            #if canImport(Glibc)
                let flags = Int32(MSG_NOSIGNAL)
            #else
                let flags: Int32 = 0
            #endif
            let count = bytes[sent...].withUnsafeBytes {
                send(socket, $0.baseAddress, $0.count, flags)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw BrowserFault("the browser has ended before \(method)") }
            sent += count
        }
        return Int(commands)
    }

    /// Takes events until a condition holds; false when it does not by the deadline.
    func takeEvents(
        until deadline: ContinuousClock.Instant, _ isEnough: () throws -> Bool
    ) throws -> Bool {
        while try !isEnough() {
            guard try receive(until: deadline) != nil else { return false }
        }
        return true
    }

    /// The next message, after it was passed on if it is an event; nil when none comes by the deadline.
    private func receive(until deadline: ContinuousClock.Instant) throws -> JSON? {
        while true {
            if let end = received.firstIndex(of: 0) {
                let text = Array(received[..<end])
                received.removeSubrange(...end)
                let message = try JSON.parse(text, named: "the browser's message")
                if let method = message["method"]?.string {
                    onEvent(method, message["params"] ?? [:], message["sessionId"]?.string)
                }
                return message
            }
            let left = (deadline - ContinuousClock.now) / .milliseconds(1)
            guard left > 0 else { return nil }
            var ready = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
            guard poll(&ready, 1, Int32(left.rounded(.up))) != 0 else { return nil }
            var buffer = [UInt8](repeating: 0, count: 1 << 18)
            let count = recv(socket, &buffer, buffer.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw BrowserFault("the browser has ended") }
            received += buffer[..<count]
        }
    }
}
