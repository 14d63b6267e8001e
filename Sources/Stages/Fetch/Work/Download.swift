// One file over HTTPS: streamed into a sink that checks it, with time-outs, a size limit, and a
// few attempts that go on where the last one stopped. Nothing touches the disk.

import Foundation
import Synchronization

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Why a download failed, as part of a sentence after the address.
struct DownloadFault: Error, CustomStringConvertible {
    let description: String
}

/// When an attempt is given up, and how often another is made.
struct RetryPolicy: Sendable {
    /// Seconds without a byte after which an attempt is given up.
    var idle = 20.0
    /// Attempts at one address.
    var attempts = 3

    static let standard = RetryPolicy()
}

/// Fetches one address.
final class Download: NSObject, URLSessionDataDelegate {
    /// What an attempt has come to; touched by the session's queue and, once it is over, by the
    /// caller.
    private struct State {
        var fault: String?
        var canRetry = true
    }

    private let sink: Sink
    private let address: URL
    private let state = Mutex(State())
    private let over = DispatchSemaphore(value: 0)

    /// Where bytes go: the session's queue alone uses it while an attempt runs.
    final class Sink: @unchecked Sendable {
        private let make: () -> PinnedBytes
        fileprivate var bytes: PinnedBytes

        init(_ make: @escaping () -> PinnedBytes) {
            self.make = make
            bytes = make()
        }

        fileprivate func startAgain() { bytes = make() }
    }

    private init(_ address: URL, into sink: Sink) {
        (self.address, self.sink) = (address, sink)
    }

    /// The checked bytes of a pinned file.
    /// - Throws: `DownloadFault`, `WrongBytes`, `FormatFault`: no bytes of any other content come back.
    static func bytes(
        of file: Source.File, from place: String, retries: RetryPolicy = .standard
    ) throws -> [UInt8] {
        guard let address = URL(string: place), isAllowed(address) else {
            throw DownloadFault(description: "only https:// addresses are used")
        }
        let sink = Sink { PinnedBytes(file, from: place) }
        var last = "no attempt was made"
        for _ in 0..<max(1, retries.attempts) {
            let download = Download(address, into: sink)
            guard let fault = download.attempt(retries) else { return try sink.bytes.finish() }
            last = fault.words
            if !fault.canRetry { break }
        }
        throw DownloadFault(description: last)
    }

    /// HTTPS anywhere; plain HTTP only within this machine.
    private static func isAllowed(_ address: URL) -> Bool {
        let isLocal = ["127.0.0.1", "localhost", "::1"].contains(address.host ?? "")
        return address.scheme == "https" || (address.scheme == "http" && isLocal)
    }

    private func attempt(_ retries: RetryPolicy) -> (words: String, canRetry: Bool)? {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.timeoutIntervalForRequest = retries.idle
        configuration.urlCache = nil
        let session = URLSession(configuration: configuration, delegate: self, delegateQueue: nil)
        var request = URLRequest(url: address)
        request.timeoutInterval = retries.idle
        // Identity: what comes in is the file as it lies there, so that offsets mean something.
        request.setValue("identity", forHTTPHeaderField: "Accept-Encoding")
        if sink.bytes.received > 0 {
            request.setValue("bytes=\(sink.bytes.received)-", forHTTPHeaderField: "Range")
        }
        session.dataTask(with: request).resume()
        over.wait()
        // Not `invalidateAndCancel`: cancelling a task that is just ending is a fatal error in
        // swift-corelibs-foundation. A task is cancelled within its callbacks or not at all.
        session.finishTasksAndInvalidate()
        return state.withLock { state in state.fault.map { ($0, state.canRetry) } }
    }

    /// Keeps the first fault; what comes after it is its consequence.
    private func note(_ fault: String, canRetry: Bool) {
        state.withLock { state in
            if state.fault == nil { (state.fault, state.canRetry) = (fault, canRetry) }
        }
    }

    /// Whether a partial answer goes on exactly where the last attempt stopped.
    private func resumes(_ response: URLResponse) -> Bool {
        let range = (response as? HTTPURLResponse)?.value(forHTTPHeaderField: "Content-Range")
        return sink.bytes.received > 0
            && range?.hasPrefix("bytes \(sink.bytes.received)-") == true
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
    ) {
        let code = (response as? HTTPURLResponse)?.statusCode ?? 0
        if code == 200 {
            // The server begins anew, and so does the check.
            if sink.bytes.received > 0 { sink.startAgain() }
        } else if !(code == 206 && resumes(response)) {
            note("the server answered \(code)", canRetry: code >= 500)
        }
        // A refused answer is cut off at the first byte of its body, below.
        completionHandler(.allow)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        guard state.withLock({ $0.fault == nil }) else { return dataTask.cancel() }
        do {
            try data.withUnsafeBytes { try sink.bytes.feed($0) }
        } catch {
            note("\(WrongBytes(error))", canRetry: false)
            dataTask.cancel()
        }
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask,
        willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping (URLRequest?) -> Void
    ) {
        let isAllowed = request.url.map(Download.isAllowed) ?? false
        if !isAllowed { note("it redirects to an address that is not https://", canRetry: false) }
        completionHandler(isAllowed ? request : nil)
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?
    ) {
        if let error {
            let isTimeout = (error as? URLError)?.code == .timedOut
            note(
                isTimeout
                    ? "it did not answer in time"
                    : "the connection failed (\(error.localizedDescription))", canRetry: true)
        }
        over.signal()
    }
}
