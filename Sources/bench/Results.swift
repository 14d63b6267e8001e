// The table that `make bench` prints, and the same as JSON.

import Formats
import StageKit

/// The rows of the table, and of the JSON file.
struct Results {
    private(set) var rows: [JSON] = []
    private var table = TextTable(["measure", "ours", "of peak", "peer", "ratio", "target", ""])

    /// A time against a peer's: the ratio says how many times faster we are.
    ///
    /// - Parameters:
    ///   - name: What was measured.
    ///   - ours: Seconds.
    ///   - share: What part of the FMA peak that is.
    ///   - peer: The peer's seconds.
    ///   - target: The least ratio.
    ///   - least: The least share.
    mutating func add(
        _ name: String, ours: Double, share: Double? = nil, peer: Double?, target: Double? = nil,
        least: Double? = nil
    ) {
        let ratio = peer.map { $0 / ours }
        let goals = [
            zip(ratio, target).map { $0 >= $1 }, zip(share, least).map { $0 >= $1 },
        ].compactMap { $0 }
        add(
            name, ours: ours, peer: peer, ratio: ratio, share: share, target: target ?? least,
            isMet: goals.isEmpty ? nil : goals.allSatisfy { $0 },
            [
                Self.time(ours), share.map(Self.share) ?? "", peer.map(Self.time) ?? "",
                ratio.map(Self.times) ?? "",
                [target.map { "≥ " + Self.times($0) }, least.map { "≥ " + Self.share($0) }]
                    .compactMap { $0 }.joined(separator: ", "),
            ])
    }

    /// A share of what the machine could do.
    mutating func add(_ name: String, share: Double, least: Double) {
        add(
            name, ours: share, peer: nil, ratio: nil, share: share, target: least,
            isMet: share >= least, ["", Self.share(share), "", "", "≥ " + Self.share(least)])
    }

    /// Memory against a peer's, which must not be less.
    mutating func add(_ name: String, bytes: Int?, peer: Int?) {
        guard let bytes else { return }
        let ratio = peer.map { Double($0) / Double(bytes) }
        add(
            name, ours: Double(bytes), peer: peer.map(Double.init), ratio: ratio, share: nil,
            target: 1, isMet: ratio.map { $0 >= 1 },
            [
                Self.megabytes(Double(bytes)), "", peer.map { Self.megabytes(Double($0)) } ?? "",
                ratio.map(Self.times) ?? "", "≥ " + Self.times(1),
            ])
    }

    /// A quantity that must stay below a limit.
    mutating func add(_ name: String, value: Double, limit: Double, _ words: (Double) -> String) {
        add(
            name, ours: value, peer: nil, ratio: nil, share: nil, target: limit,
            isMet: value <= limit, [words(value), "", "", "", "≤ " + words(limit)])
    }

    /// Something that is so, or not.
    mutating func add(_ name: String, isMet: Bool) {
        add(
            name, ours: isMet ? 1 : 0, peer: nil, ratio: nil, share: nil, target: 1, isMet: isMet,
            ["", "", "", "", ""])
    }

    private mutating func add(
        _ name: String, ours: Double, peer: Double?, ratio: Double?, share: Double?,
        target: Double?, isMet: Bool?, _ words: [String]
    ) {
        func json(_ value: Double?) -> JSON { value.map(JSON.number) ?? .null }
        rows.append([
            "name": .string(name), "ours": .number(ours), "peer": json(peer), "ratio": json(ratio),
            "share": json(share), "target": json(target), "met": isMet.map(JSON.bool) ?? .null,
        ])
        table.add([name] + words + [isMet.map { $0 ? "met" : "MISSED" } ?? ""])
    }

    /// The table.
    var lines: [String] { table.lines }

    static func time(_ seconds: Double) -> String {
        seconds < 0.1
            ? TextTable.number(seconds * 1000, decimals: seconds < 0.01 ? 3 : 2) + " ms"
            : TextTable.number(seconds, decimals: seconds < 10 ? 3 : 1) + " s"
    }

    static func megabytes(_ bytes: Double) -> String {
        TextTable.number(bytes / 1e6, decimals: 0) + " MB"
    }

    private static func share(_ share: Double) -> String {
        TextTable.number(share * 100, decimals: 0) + " %"
    }

    private static func times(_ ratio: Double) -> String {
        TextTable.number(ratio, decimals: 2) + "×"
    }
}

/// Both, or nil.
private func zip<A, B>(_ a: A?, _ b: B?) -> (A, B)? {
    guard let a, let b else { return nil }
    return (a, b)
}
