// What a stage says while it works, on standard error: a progress bar with the time left on a
// terminal, plain lines elsewhere, nothing with `--quiet`. Results go to standard output.

import Formats
import StageWork
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Lines and a progress bar for one node; results and complaints of any program.
public final class Log: RunLog {
    private let node: String
    private let isQuiet: Bool
    private let lineOfEvent: @Sendable (JSON) -> String?
    /// Whether lines can be redrawn.
    public let isTerminal: Bool
    private let started: Double
    /// What the last plain line said, so that none is said twice.
    private let lastQuarter = Mutex<(label: String, quarter: Int)>(("", 0))

    /// A log whose lines begin with the node's name; `line` puts in words what a run reports.
    public init(
        node: String, quiet: Bool, line: @escaping @Sendable (JSON) -> String? = { _ in nil }
    ) {
        self.node = node
        isQuiet = quiet
        lineOfEvent = line
        isTerminal = Streams.canRedraw
        started = Log.now()
    }

    /// Says what a run reports, if its stage has words for it.
    public func report(_ event: JSON) {
        if let text = lineOfEvent(event) { line(text) }
    }

    /// Says one line.
    public func line(_ text: String) {
        guard !isQuiet else { return }
        Log.put((isTerminal ? "\r\u{1B}[K" : "") + "\(node): \(Log.shown(text))\n", to: 2)
    }

    /// Says something even with `--quiet`: what the user must know.
    public func warn(_ text: String) {
        Log.put((isTerminal ? "\r\u{1B}[K" : "") + "\(node): \(Log.shown(text))\n", to: 2)
    }

    /// Shows how far a piece of work is; call it as often as convenient, from one thread. On a
    /// terminal it redraws one line; elsewhere it prints a line at each quarter.
    /// - Parameters:
    ///   - done: items done.
    ///   - total: items in all.
    ///   - label: what the items are, such as "epoch 3 of 10".
    public func progress(done: Int, of total: Int, label: String) {
        guard !isQuiet, total > 0 else { return }
        let done = min(max(done, 0), total)
        guard isTerminal else {
            let quarter = done * 4 / total
            let isNew = lastQuarter.withLock { last in
                defer { last = (label, quarter) }
                return quarter > 0 && (last.label != label || last.quarter < quarter)
            }
            if isNew { Log.put("\(node): \(label) \(quarter * 25)%\n", to: 2) }
            return
        }
        let filled = done * 24 / total
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 24 - filled)
        let elapsed = Log.now() - started
        let left = done > 0 ? elapsed / Double(done) * Double(total - done) : 0
        let time = done == 0 || done == total ? "" : "  \(Log.words(seconds: left)) left"
        Log.put("\r\u{1B}[K\(node) \(bar) \(done * 100 / total)%  \(label)\(time)", to: 2)
        if done == total { Log.put("\r\u{1B}[K", to: 2) }
    }

    /// A duration as people say it: "4 s", "2 min 5 s".
    static func words(seconds: Double) -> String {
        let whole = Int(seconds.rounded(.up))
        return whole < 60 ? "\(whole) s" : "\(whole / 60) min \(whole % 60) s"
    }

    /// Prints lines of results.
    public static func say(_ text: String) { put(shown(text) + "\n", to: 1) }

    /// Prints a complaint.
    public static func complain(_ text: String) { put(shown(text) + "\n", to: 2) }

    /// A text whose lines hold nothing that a terminal would obey: names of files and values of
    /// configs may come from anybody.
    static func shown(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { Shown.text($0) }
            .joined(separator: "\n")
    }

    /// Writes text; a reader that has gone away (`make | head -1`) is no reason to stop working.
    static func put(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
