// The inputs of a run once they are tied to contents: artifacts by the digest that their name
// stands for, files outside the store by a copy that is hashed while it is made, so that an edit
// during the run cannot get a wrong result stored under a good key.

import Artifacts
import Formats

/// Inputs with their contents fixed.
struct ResolvedInputs {
    private struct Entry {
        let input: NodeInput
        let store: Store
        let digest: Digest?
        var copy: OutsideCopy?
        var record: (record: Record, path: String)?

        /// A name below the root of its store, as the user finds it.
        func shown(_ name: String) -> String { input.store == nil ? name : store.path(name) }
    }

    private let entries: [Entry]
    private let readsRecords: Bool

    /// Ties inputs to contents. To look whether anything must run, digests are enough; a run then
    /// copies the files outside the store into its scratch folder and hashes what it has copied.
    /// - Throws: `StoreFault` for one that is missing or not the store's; `StageFault` for one that is
    ///   missing and that no node of the experiment makes.
    init(
        _ inputs: [NodeInput], of node: Node, in store: Store, readsRecords: Bool,
        copyingTo scratch: Scratch?
    ) throws {
        var known: [String: [(record: Record, path: String)]] = [:]
        func records(of home: Store) throws -> [(record: Record, path: String)] {
            guard readsRecords else { return [] }
            if let records = known[home.root] { return records }
            let records = try home.records()
            known[home.root] = records
            return records
        }
        var entries: [Entry] = []
        for input in inputs {
            let home = input.store.map { Store($0, readOnly: true) } ?? store
            switch input.source {
            case .artifact(let madeBy):
                let digest: Digest
                do {
                    digest = try home.digest(of: input.name, madeBy: madeBy)
                } catch let fault as StoreFault where fault.code == .missingInput {
                    try node.requireMaker(of: input)
                    throw fault
                }
                let maker = try records(of: home).first {
                    $0.record.outputs.contains { $0.name == input.name }
                }
                if readsRecords, maker == nil {
                    throw StoreFault.missing(
                        name: "a record that says how \(input.name) was made", madeBy: madeBy)
                }
                entries.append(
                    Entry(input: input, store: home, digest: digest, record: maker))
            case .file(let optional, let limit):
                do {
                    if let scratch {
                        let copy = try store.copy(
                            ofOutside: input.name, number: entries.count, limit: limit, in: scratch)
                        entries.append(
                            Entry(input: input, store: home, digest: copy.digest, copy: copy))
                    } else {
                        let digest = try store.digest(ofOutside: input.name, limit: limit)
                        entries.append(Entry(input: input, store: home, digest: digest))
                    }
                } catch StoreFault.missingFile where optional {
                    entries.append(Entry(input: input, store: home, digest: nil))
                }
            }
        }
        self.entries = entries
        self.readsRecords = readsRecords
    }

    /// The inputs as the key sees them: contents, and records where the stage reads those.
    var recorded: [Record.Input] {
        var found = entries.map {
            Record.Input(
                role: $0.input.role, name: $0.shown($0.input.name), digest: $0.digest)
        }
        for entry in entries {
            guard let record = entry.record else { continue }
            let role = "record of \(entry.input.side)\(record.record.recipe.node)"
            guard !found.contains(where: { $0.role == role }) else { continue }
            found.append(
                Record.Input(
                    role: role, name: entry.shown(record.path),
                    digest: Digest(of: record.record.account.canonical)))
        }
        return found
    }

    func digest(of role: String) -> Digest? {
        entries.first { $0.input.role == role }?.digest
    }

    func open(_ role: String) throws -> MappedFile {
        let entry = try entry(role)
        if let copy = entry.copy { return try copy.map() }
        guard let digest = entry.digest else {
            throw StoreFault.missingFile(path: entry.input.name)
        }
        var madeBy = ""
        if case .artifact(let command) = entry.input.source { madeBy = command }
        return try entry.store.open(digest, name: entry.input.name, madeBy: madeBy)
    }

    func record(of role: String) throws -> JSON {
        guard readsRecords, let record = try entry(role).record else {
            throw StageFault(.software, "the stage reads the record of \(role) without saying so")
        }
        return record.record.account
    }

    private func entry(_ role: String) throws -> Entry {
        guard let entry = entries.first(where: { $0.input.role == role }) else {
            throw StageFault(.software, "\(role) is not among the inputs that the stage announced")
        }
        return entry
    }
}
