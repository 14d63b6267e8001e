// `make verify`: every artifact of an experiment hashed again from the disk, and compared with its
// record and with the lock file. It reports and never changes an artifact.

import Artifacts
import Formats
import StageKit

/// The comparison of an experiment's artifacts with what they should be.
struct Verification {
    /// One line an artifact, good ones included.
    private(set) var lines: [String] = []
    private(set) var checked = 0
    private(set) var wrong = 0
    /// Tensors whose digests were compared with the lock's.
    private(set) var tensors = 0
    /// Records, entries of keys and notes that were looked at.
    private(set) var papers = 0
    /// Compares; `found` is what was found of records, entries and notes before anything else looked
    /// at the store: whoever finds a note that is not to be believed writes it anew.
    /// - Throws: `StoreFault.system`, `.linkInside`; `FormatFault` for an object that cannot be mapped.
    init(
        _ pipeline: Pipeline, lock: LockFile, store: Store,
        papers found: (damaged: [(kind: Store.Metadata, path: String)], checked: Int)
    ) throws {
        papers = found.checked
        var seen: Set<String> = []
        for node in pipeline.nodes {
            guard let record = node.record else {
                note(
                    "\(node.node.name): it has no record; \(node.node.command(node.node.name)) makes it",
                    bad: true)
                continue
            }
            let unsound = try store.unsound(record, thoroughly: true)
            for output in record.outputs {
                seen.insert(output.name)
                let again = "\(node.node.command(node.node.name)) makes it again"
                if let (_, state) = unsound.first(where: { $0.0.name == output.name }) {
                    note(
                        "\(output.name): its object is \(state == .missing ? "missing" : "damaged"); \(again)",
                        bad: true)
                } else if try !store.stands(output) {
                    note(try misplaced(output, of: record, store, again), bad: true)
                } else {
                    try compare(output, with: lock.entries[output.name], store)
                }
            }
        }
        for name in lock.entries.keys.sorted() where !seen.contains(name) {
            note("\(name): in the lock, and no record has it", bad: true)
        }
        for (kind, path) in found.damaged {
            let goal = kind == .record ? "all" : "gc"
            let command = Node.command(
                goal, experiment: kind == .record ? pipeline.experiment : nil,
                artifacts: store.root)
            note(
                "\(path): a damaged \(kind.rawValue), which is not believed; `\(command)` "
                    + (kind == .record ? "writes it anew" : "takes it away"), bad: true)
        }
    }

    /// What is wrong with a name, with a way out that works: what somebody has edited is not overwritten.
    private func misplaced(
        _ output: Record.Output, of record: Record, _ store: Store, _ again: String
    ) throws -> String {
        let alone = Record(recipe: record.recipe, outputs: [output], summary: .null)
        do {
            try store.refuseForeign([output.name], earlier: alone)
            return "\(output.name): the name does not stand for its object; \(again)"
        } catch StoreFault.editedInPlace(let path) {
            return "\(output.name): it was edited; move \(path) away, then \(again)"
        } catch StoreFault.inTheWay(let path) {
            return "\(output.name): something else is there; move \(path) away, then \(again)"
        }
    }

    /// A sound output against the lock. Where the bytes differ, its tensors tell what has moved.
    private mutating func compare(
        _ output: Record.Output, with locked: LockFile.Entry?, _ store: Store
    ) throws {
        let found = "\(output.name): \(output.digest.short)…"
        guard let locked else { return note("\(found), and the lock does not have it", bad: true) }
        guard locked.file != output.digest else {
            tensors += locked.tensors.count
            return note("\(found) ok", bad: false)
        }
        var line = "\(found), and the lock says \(locked.file.short)…"
        let ours = try store.tensors(of: output)
        if !locked.tensors.isEmpty {
            let moved = Set(ours.map(\.name)).union(locked.tensors.map(\.name)).sorted().filter {
                name in
                ours.first { $0.name == name } != locked.tensors.first { $0.name == name }
            }
            tensors += locked.tensors.count
            line +=
                moved.isEmpty
                ? "; all \(ours.count) tensors are as locked, so only its metadata have moved"
                : "; moved: \(moved.joined(separator: ", "))"
        }
        note(line, bad: true)
    }

    private mutating func note(_ line: String, bad: Bool) {
        lines.append(line)
        checked += 1
        if bad { wrong += 1 }
    }
}

extension Store {
    /// The tensors of an output whose object is sound.
    /// - Throws: `FormatFault` when it cannot be read.
    func tensors(of output: Record.Output) throws -> [TensorDigest] {
        TensorDigest.all(of: try open(output.digest, name: output.name, madeBy: "make all"))
    }
}
