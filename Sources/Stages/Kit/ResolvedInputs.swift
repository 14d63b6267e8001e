// The inputs of a run once they are tied to contents: artifacts by the digest that their name
// stands for, files outside the store by their bytes, read once, so that an edit during the run
// cannot get a wrong result stored under a good key.

import Artifacts
import Formats

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Inputs with their contents fixed.
struct ResolvedInputs {
    private struct Entry {
        let input: NodeInput
        let digest: Digest?
        let file: MappedFile?
        let record: (record: Record, path: String)?
    }

    private let entries: [Entry]
    private let readsRecords: Bool

    /// Ties inputs to contents. To look whether anything must run, digests are enough; a run then
    /// loads the files outside the store, and hashes what it has loaded.
    /// - Throws: `StoreFault` for one that is missing or not the store's.
    init(_ inputs: [NodeInput], in store: Store, readsRecords: Bool, loading: Bool) throws {
        let records = readsRecords ? store.records() : []
        var entries: [Entry] = []
        for input in inputs {
            switch input.source {
            case .artifact(let madeBy):
                let digest = try store.digest(of: input.name, madeBy: madeBy)
                let maker = records.first { $0.record.outputs.contains { $0.name == input.name } }
                if readsRecords, maker == nil {
                    throw StageFault(
                        .missingInput, "no record says how \(input.name) was made",
                        remedy: "`\(madeBy)` writes it")
                }
                entries.append(Entry(input: input, digest: digest, file: nil, record: maker))
            case .file(let optional):
                guard access(input.name, F_OK) == 0 else {
                    guard optional else { throw StoreFault.missingFile(path: input.name) }
                    entries.append(Entry(input: input, digest: nil, file: nil, record: nil))
                    continue
                }
                guard loading else {
                    let digest = try store.digest(ofOutside: input.name)
                    entries.append(Entry(input: input, digest: digest, file: nil, record: nil))
                    continue
                }
                let file = try MappedFile(reading: input.name)
                entries.append(
                    Entry(
                        input: input, digest: Digest(of: file.bytes), file: file, record: nil))
            }
        }
        self.entries = entries
        self.readsRecords = readsRecords
    }

    /// The inputs as the key sees them: contents, and records where the stage reads those.
    var recorded: [Record.Input] {
        var found = entries.map {
            Record.Input(role: $0.input.role, name: $0.input.name, digest: $0.digest)
        }
        for entry in entries {
            guard let record = entry.record else { continue }
            let role = "record of \(record.record.recipe.node)"
            guard !found.contains(where: { $0.role == role }) else { continue }
            found.append(
                Record.Input(
                    role: role, name: record.path, digest: Digest(of: record.record.json.pretty)))
        }
        return found
    }

    func digest(of role: String) -> Digest? {
        entries.first { $0.input.role == role }?.digest
    }

    func open(_ role: String, in store: Store) throws -> MappedFile {
        let entry = try entry(role)
        if let file = entry.file { return file }
        guard let digest = entry.digest else {
            throw StoreFault.missingFile(path: entry.input.name)
        }
        var madeBy = ""
        if case .artifact(let command) = entry.input.source { madeBy = command }
        return try MappedFile(
            try store.verifiedObject(digest, name: entry.input.name, madeBy: madeBy),
            named: entry.input.name)
    }

    func record(of role: String) throws -> JSON {
        guard readsRecords, let record = try entry(role).record else {
            throw StageFault(.software, "the stage reads the record of \(role) without saying so")
        }
        return record.record.json
    }

    private func entry(_ role: String) throws -> Entry {
        guard let entry = entries.first(where: { $0.input.role == role }) else {
            throw StageFault(.software, "\(role) is not among the inputs that the stage announced")
        }
        return entry
    }
}
