// `make verify`: every artifact of an experiment hashed again from the disk, and compared with its
// record and with the lock file. It reports and never changes anything.

import Artifacts
import StageKit

/// The comparison of an experiment's artifacts with what they should be.
struct Verification {
    /// One line an artifact, good ones included.
    private(set) var lines: [String] = []
    private(set) var checked = 0
    private(set) var wrong = 0

    init(_ pipeline: Pipeline, lock: LockFile, store: Store) {
        var seen: Set<String> = []
        for node in pipeline.nodes {
            guard let record = node.record else {
                note(
                    "\(node.node.name): it has no record; \(node.node.command(node.node.name)) makes it",
                    bad: true)
                continue
            }
            let unsound = store.unsound(record, thoroughly: true)
            for output in record.outputs {
                seen.insert(output.name)
                let name = output.name
                let again = "\(node.node.command(node.node.name)) makes it again"
                if let (_, state) = unsound.first(where: { $0.0.name == name }) {
                    note(
                        "\(name): its object is \(state == .missing ? "missing" : "damaged"); \(again)",
                        bad: true)
                } else if !store.stands(output) {
                    note("\(name): the name does not stand for its object; \(again)", bad: true)
                } else if let locked = lock.digests[name], locked != output.digest {
                    note(
                        "\(name): \(output.digest.short)…, and the lock says \(locked.short)…",
                        bad: true)
                } else if lock.digests[name] == nil {
                    note(
                        "\(name): \(output.digest.short)…, and the lock does not have it", bad: true
                    )
                } else {
                    note("\(name): \(output.digest.short)… ok", bad: false)
                }
            }
        }
        for name in lock.digests.keys.sorted() where !seen.contains(name) {
            note("\(name): in the lock, and no record has it", bad: true)
        }
    }

    private mutating func note(_ line: String, bad: Bool) {
        lines.append(line)
        checked += 1
        if bad { wrong += 1 }
    }
}
