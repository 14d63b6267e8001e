// How results become visible, in an order that is safe to be killed in at any instant: objects,
// then the key's entry, then names, then the record. Each step is a rename of a complete file.

import Formats

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension Store {
    /// What stands at a visible name, compared with what should.
    enum Standing: Equatable {
        /// The name stands for the right bytes.
        case right
        /// Nothing is there.
        case absent
        /// Something is there that the store can make again, so it may be replaced.
        case replaceable
        /// Something is there whose loss the user might mind.
        case foreign(StoreFault)
    }

    /// Compares a visible name with the output that it should stand for.
    func standing(_ name: String, _ digest: Digest) -> Standing {
        let path = path(name)
        guard let signature = Disk.signature(path) else { return .absent }
        switch signature.kind {
        case .link:
            guard let found = linked(name) else { return .foreign(.inTheWay(path: path)) }
            let target = Disk.target(ofLink: path)
            let isRight = found == digest && target == link(to: digest, from: name)
            return isRight && !ArtifactName.isRealFile(name) ? .right : .replaceable
        case .file:
            let note = Note(self, name)
            guard let found = note.digest(signature) ?? (try? Disk.hash(path).digest) else {
                return .foreign(.inTheWay(path: path))
            }
            if ArtifactName.isRealFile(name), found == digest {
                note.write(found, signature)
                return .right
            }
            // A copy of an object, as `cp -RL` makes, loses nothing when it is replaced.
            let isKept = state(of: found, suffix: ArtifactName.suffix(name)) == .sound
            return isKept ? .replaceable : .foreign(.editedInPlace(path: path))
        default: return .foreign(.inTheWay(path: path))
        }
    }

    private func link(to digest: Digest, from name: String) -> String {
        let depth = name.split(separator: "/").count - 1
        return String(repeating: "../", count: depth)
            + Store.objectName(digest, suffix: ArtifactName.suffix(name))
    }

    /// Checks that no name of a record stands for something that only the user has.
    /// - Throws: `StoreFault.editedInPlace` or `.inTheWay`.
    public func refuseForeign(_ names: [String]) throws {
        let nothing = Digest(of: [])
        for name in names.sorted() {
            if case .foreign(let fault) = standing(name, nothing) { throw fault }
        }
    }

    /// Whether a record is on the disk byte for byte, and every name of it stands for its bytes.
    public func isVisible(_ record: Record) -> Bool {
        let path = recordPath(experiment: record.recipe.experiment, node: record.recipe.node)
        guard let bytes = try? Disk.load(path), bytes == Array(record.json.pretty.utf8) else {
            return false
        }
        return record.outputs.allSatisfy { standing($0.name, $0.digest) == .right }
    }

    /// What `isVisible` misses, in words.
    public func misplaced(_ record: Record) -> [String] {
        let names = record.outputs.filter { standing($0.name, $0.digest) != .right }.map(\.name)
        return names.isEmpty ? ["its record was edited"] : names.map { "\($0) is not in its place" }
    }

    /// The outputs of a record whose objects are not sound, with what is wrong.
    public func unsound(_ record: Record, thoroughly: Bool = false) -> [(
        Record.Output, ObjectState
    )] {
        record.outputs.compactMap { output in
            let state = state(
                of: output.digest, suffix: ArtifactName.suffix(output.name), thoroughly: thoroughly)
            return state == .sound ? nil : (output, state)
        }
    }

    /// The record on the disk for a node; nil when there is none that can be read.
    public func record(experiment: String, node: String) -> Record? {
        record(at: recordPath(experiment: experiment, node: node))
    }

    /// The record that a key gave when it was last run, whether or not its objects still exist.
    public func entry(for key: Digest) -> Record? {
        guard let record = record(at: keyPath(key)), record.recipe.key == key else { return nil }
        return record
    }

    func record(at path: String) -> Record? {
        guard let bytes = try? Disk.load(path), let json = try? JSON.parse(bytes, named: path)
        else {
            return nil
        }
        return try? Record(json, path: path)
    }

    /// Starts an output of a run.
    /// - Throws: `StoreFault.system`.
    public func create(_ name: String, number: Int, in scratch: Scratch) throws -> OutputFile {
        precondition(ArtifactName.isSound(name), "\(name) is no name for an artifact")
        return try OutputFile(name: name, path: "\(scratch.folder)/output-\(number)")
    }

    /// Puts what a run made into the store and makes it visible.
    /// - Returns: the record.
    /// - Throws: `StoreFault.twoResults` when the key gave something else before.
    public func commit(
        _ recipe: Recipe, _ files: [OutputFile], summary: JSON, in scratch: Scratch
    ) throws -> Record {
        for file in files { try file.close() }
        let outputs = files.compactMap(\.finished)
        let record = Record(recipe: recipe, outputs: outputs, summary: summary)
        if let earlier = entry(for: recipe.key), earlier != record {
            throw Store.difference(earlier, record)
        }
        for file in files {
            guard let output = file.finished else { continue }
            let suffix = ArtifactName.suffix(output.name)
            if state(of: output.digest, suffix: suffix) == .sound {
                try Disk.delete(file.path)
            } else {
                let path = objectPath(output.digest, suffix: suffix)
                try Disk.move(file.path, to: path, "object")
                if let signature = Disk.signature(path) {
                    Note(self, Store.objectName(output.digest, suffix: suffix))
                        .write(output.digest, signature)
                }
            }
        }
        try write(record.json.pretty, to: keyPath(recipe.key), "key entry", in: scratch)
        try publish(record, in: scratch)
        return record
    }

    /// Makes a record and its names visible; its objects are sound. Names of the node's earlier
    /// record that this one lacks are taken away.
    /// - Throws: `StoreFault.editedInPlace`, `.inTheWay`, `.system`.
    public func publish(_ record: Record, in scratch: Scratch) throws {
        let path = recordPath(experiment: record.recipe.experiment, node: record.recipe.node)
        let names = record.outputs.map(\.name)
        let gone = (self.record(at: path)?.outputs.map(\.name) ?? []).filter { !names.contains($0) }
        try refuseForeign(names + gone)
        for output in record.outputs where standing(output.name, output.digest) != .right {
            try place(output, in: scratch)
        }
        for name in gone { try Disk.delete(self.path(name)) }
        try write(record.json.pretty, to: path, "record", in: scratch)
    }

    /// Gives an output its visible name.
    private func place(_ output: Record.Output, in scratch: Scratch) throws {
        let temporary = scratch.folder + "/name"
        unlink(temporary)
        guard ArtifactName.isRealFile(output.name) else {
            guard symlink(link(to: output.digest, from: output.name), temporary) == 0 else {
                throw Disk.fault(path(output.name), "link")
            }
            return try Disk.move(temporary, to: path(output.name), "name")
        }
        let object = objectPath(output.digest, suffix: ArtifactName.suffix(output.name))
        try write(try Disk.load(object), to: path(output.name), "name", in: scratch)
        if let signature = Disk.signature(path(output.name)) {
            Note(self, output.name).write(output.digest, signature)
        }
    }

    private func write(_ text: String, to path: String, _ what: String, in scratch: Scratch) throws
    {
        let bytes = Array(text.utf8)
        if let present = try? Disk.load(path), present == bytes { return }
        try write(bytes, to: path, what, in: scratch)
    }

    private func write(_ bytes: [UInt8], to path: String, _ what: String, in scratch: Scratch)
        throws
    {
        let temporary = scratch.folder + "/text"
        unlink(temporary)
        let file = try OutputFile(name: path, path: temporary)
        try file.write(bytes)
        try file.close()
        guard chmod(temporary, 0o644) == 0 else { throw Disk.fault(path, "write") }
        try Disk.move(temporary, to: path, what)
    }

    private static func difference(_ earlier: Record, _ record: Record) -> StoreFault {
        for output in record.outputs {
            let before = earlier.outputs.first { $0.name == output.name }?.digest
            if before != output.digest {
                return .twoResults(
                    name: output.name, stored: before ?? Digest(of: []), made: output.digest)
            }
        }
        return .twoResults(
            name: "the record of \(record.recipe.node)",
            stored: Digest(of: earlier.json.canonical), made: Digest(of: record.json.canonical))
    }
}
