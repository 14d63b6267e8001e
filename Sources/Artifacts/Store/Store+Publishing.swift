// How results become visible, in an order that is safe to be killed in at any instant: objects,
// then the key's entry, then names, then the record. Each step is a rename of a complete file.

import Formats

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

    /// Compares a visible name with the output that it should stand for; `earlier` is what the
    /// node's record says that it wrote there, which is never foreign.
    func standing(
        _ name: String, _ digest: Digest?, earlier: Digest? = nil, thoroughly: Bool = false
    ) throws -> Standing {
        guard let signature = try tree.signature(name) else { return .absent }
        switch signature.kind {
        case .link:
            guard let found = try linked(name) else {
                return .foreign(.inTheWay(path: path(name)))
            }
            guard let digest, found == digest, !ArtifactName.isRealFile(name) else {
                return .replaceable
            }
            let isRight = try tree.target(ofLink: name) == link(to: digest, from: name)
            return isRight ? .right : .replaceable
        case .file:
            let found = try self.digest(ofVisible: name, signature, thoroughly: thoroughly)
            guard let found else { return .absent }
            if ArtifactName.isRealFile(name), found == digest { return .right }
            if found == earlier { return .replaceable }
            // A copy of an object, as `cp -RL` makes, loses nothing when it is replaced.
            let isKept = try state(of: found, suffix: ArtifactName.suffix(name)) == .sound
            return isKept ? .replaceable : .foreign(.editedInPlace(path: path(name)))
        default: return .foreign(.inTheWay(path: path(name)))
        }
    }

    private func link(to digest: Digest, from name: String) -> String {
        let depth = name.split(separator: "/").count - 1
        return String(repeating: "../", count: depth)
            + Store.objectName(digest, suffix: ArtifactName.suffix(name))
    }

    /// Checks that no name that is to be written stands for something that only the user has. What the
    /// node's own record names is the node's.
    /// - Throws: `StoreFault.editedInPlace`, `.inTheWay`, `.linkInside`, `.system`.
    public func refuseForeign(_ names: [String], earlier: Record?) throws {
        let known = Dictionary(
            (earlier?.outputs ?? []).map { ($0.name, $0.digest) }, uniquingKeysWith: { $1 })
        for name in Set(names).union(known.keys).sorted() {
            if case .foreign(let fault) = try standing(name, nil, earlier: known[name]) {
                throw fault
            }
        }
    }

    /// Whether a record is on the disk byte for byte, and every name of it stands for its bytes.
    public func isVisible(_ record: Record) throws -> Bool {
        let bytes = try tree.read(recordName(of: record.recipe))
        guard bytes == Array(record.json.pretty.utf8) else { return false }
        return try record.outputs.allSatisfy { try standing($0.name, $0.digest) == .right }
    }

    /// What `isVisible` misses, in words.
    public func misplaced(_ record: Record) throws -> [String] {
        let names = try record.outputs.filter { try standing($0.name, $0.digest) != .right }
            .map(\.name)
        return names.isEmpty ? ["its record was edited"] : names.map { "\($0) is not in its place" }
    }

    /// The outputs of a record whose objects are not sound, with what is wrong.
    /// - Throws: `StoreFault.system`.
    public func unsound(
        _ record: Record, thoroughly: Bool = false
    ) throws -> [(Record.Output, ObjectState)] {
        try record.outputs.compactMap { output in
            let state = try state(
                of: output.digest, suffix: ArtifactName.suffix(output.name), thoroughly: thoroughly)
            return state == .sound ? nil : (output, state)
        }
    }

    /// The record on the disk for a node; nil when there is none that is as it was written.
    /// - Throws: `StoreFault.system`, `.inTheWay`, `.linkInside`.
    public func record(experiment: String, node: String) throws -> Record? {
        try record(at: Store.recordName(experiment: experiment, node: node))
    }

    /// Whether there is a record of the node that is not as it was written.
    public func hasDamagedRecord(experiment: String, node: String) throws -> Bool {
        let name = Store.recordName(experiment: experiment, node: node)
        return try tree.signature(name) != nil && record(at: name) == nil
    }

    /// What a key gave when it was last run, as a record of this recipe; nil when that is unknown,
    /// or an object of it is no longer there and sound.
    public func known(_ recipe: Recipe) throws -> Record? {
        let name = Store.keyName(recipe.key)
        guard let result = try result(at: name), result.key == recipe.key,
            try isWhole(result)
        else { return nil }
        let record = result.record(of: recipe)
        return record.outputs.allSatisfy { ArtifactName.isSound($0.name) } ? record : nil
    }

    func result(at name: String) throws -> KeyedResult? {
        try json(at: name).flatMap { KeyedResult($0) }
    }

    func isWhole(_ result: KeyedResult) throws -> Bool {
        try result.outputs.allSatisfy {
            try state(of: $0.digest, suffix: ArtifactName.suffix($0.role)) == .sound
        }
    }

    func record(at name: String) throws -> Record? {
        try json(at: name).flatMap { try? Record($0, path: path(name)) }
    }

    private func json(at name: String) throws -> JSON? {
        guard let bytes = try tree.read(name) else { return nil }
        return try? JSON.parse(bytes, named: path(name))
    }

    private func recordName(of recipe: Recipe) -> String {
        Store.recordName(experiment: recipe.experiment, node: recipe.node)
    }

    /// Starts an output of a run.
    /// - Throws: `StoreFault.system`.
    public func create(_ name: String, number: Int, in scratch: Scratch) throws -> OutputFile {
        precondition(ArtifactName.isSound(name), "\(name) is no name for an artifact")
        return try OutputFile(
            name: name, temporary: "\(scratch.folder)/output-\(number)", in: tree)
    }

    /// Puts what a run made into the store and makes it visible.
    /// - Parameters:
    ///   - recipe: What the run depended on.
    ///   - files: What it made.
    ///   - announced: What it was to make. How artifacts are called is not in the key, so an earlier
    ///     result under other names is no other result.
    ///   - summary: The record's figures.
    ///   - scratch: The run's own folder.
    /// - Returns: the record.
    /// - Throws: `StoreFault.twoResults` when the key gave other contents before, which are still there.
    public func commit(
        _ recipe: Recipe, _ files: [OutputFile], announced: [String], summary: JSON,
        in scratch: Scratch
    ) throws -> Record {
        for file in files { try file.close() }
        let record = Record(
            recipe: recipe, outputs: files.compactMap(\.finished), summary: summary)
        if let earlier = try known(recipe), earlier.fits(announced) {
            try refuse(another: record, than: earlier)
        }
        var moved: [(digest: Digest, name: String, file: Descriptor)] = []
        for file in files {
            guard let output = file.finished else { continue }
            let suffix = ArtifactName.suffix(output.name)
            if try state(of: output.digest, suffix: suffix) == .sound {
                try tree.delete(file.temporary)
            } else {
                let name = Store.objectName(output.digest, suffix: suffix)
                try tree.move(file.temporary, to: name, "object")
                moved.append((output.digest, name, file.file))
            }
        }
        try write(
            KeyedResult(record).json.pretty, to: Store.keyName(recipe.key), "key entry",
            in: scratch)
        try publish(record, in: scratch)
        for (digest, name, file) in moved {
            CachedDigest(self, name).write(digest, whenSettled: file)
        }
        return record
    }

    /// Makes a record and its names visible; its objects are sound. Names of the node's earlier
    /// record that this one lacks are taken away.
    /// - Throws: `StoreFault.editedInPlace`, `.inTheWay`, `.linkInside`, `.system`.
    public func publish(_ record: Record, in scratch: Scratch) throws {
        let path = recordName(of: record.recipe)
        let earlier = try self.record(at: path)
        let names = record.outputs.map(\.name)
        try refuseForeign(names, earlier: earlier)
        var placed: [(digest: Digest, name: String, file: Descriptor)] = []
        for output in record.outputs where try standing(output.name, output.digest) != .right {
            if let file = try place(output, in: scratch) {
                placed.append((output.digest, output.name, file))
            }
        }
        for output in earlier?.outputs ?? [] where !names.contains(output.name) {
            if try isOwn(output.name) { try tree.delete(output.name) }
        }
        try write(record.json.pretty, to: path, "record", in: scratch)
        for (digest, name, file) in placed {
            CachedDigest(self, name).write(digest, whenSettled: file)
        }
    }

    /// Whether what stands at a name is of the kinds that only we make there: a link to an object, or a
    /// report. A record alone, which anybody may have written, is no reason to delete a file.
    private func isOwn(_ name: String) throws -> Bool {
        if ArtifactName.isRealFile(name) { return ArtifactName.isPage(name) }
        return try linked(name) != nil
    }

    /// Gives an output its visible name; a real file comes back open.
    private func place(_ output: Record.Output, in scratch: Scratch) throws -> Descriptor? {
        guard ArtifactName.isRealFile(output.name) else {
            let temporary = scratch.folder + "/name"
            try Disk.gated {
                try tree.remove(temporary)
                try tree.link(temporary, to: link(to: output.digest, from: output.name))
            }
            try tree.move(temporary, to: output.name, "name")
            return nil
        }
        let object = Store.objectName(
            output.digest, suffix: ArtifactName.suffix(output.name))
        guard let bytes = try tree.read(object) else {
            throw StoreFault.damaged(
                name: output.name, output.digest, found: nil, madeBy: "make all")
        }
        return try write(bytes, to: output.name, "name", in: scratch)
    }

    private func write(_ text: String, to name: String, _ what: String, in scratch: Scratch) throws
    {
        let bytes = Array(text.utf8)
        if try tree.read(name) == bytes { return }
        _ = try write(bytes, to: name, what, in: scratch)
    }

    private func write(
        _ bytes: [UInt8], to name: String, _ what: String, in scratch: Scratch
    ) throws -> Descriptor {
        let temporary = scratch.folder + "/text"
        try Disk.gated { try tree.remove(temporary) }
        let file = try OutputFile(name: path(name), temporary: temporary, in: tree)
        try file.write(bytes)
        try file.close(readOnly: false)
        try tree.move(temporary, to: name, what)
        return file.file
    }

    /// Writes a record anew in its place.
    func rewrite(_ record: Record, at name: String, in scratch: Scratch) throws {
        try write(record.json.pretty, to: name, "record", in: scratch)
    }

    /// The bytes of an output as its visible file still has them, whatever became of its object; nil
    /// for a link, and where the file is gone or another one.
    private func visibleBytes(of output: Record.Output) throws -> [UInt8]? {
        guard ArtifactName.isRealFile(output.name),
            try standing(output.name, output.digest) == .right,
            let bytes = try tree.read(output.name), Digest(of: bytes) == output.digest
        else { return nil }
        return bytes
    }

    /// Whether all lost or damaged objects of a record can be put back from visible files.
    /// - Throws: `StoreFault.system`.
    public func canMend(_ record: Record) throws -> Bool {
        try unsound(record).allSatisfy { try visibleBytes(of: $0.0) != nil }
    }

    /// Puts back objects that are lost or damaged from visible files that still have their bytes, as
    /// a report has.
    /// - Throws: `StoreFault.system`.
    public func mend(_ record: Record, in scratch: Scratch) throws {
        for (output, _) in try unsound(record) {
            guard let bytes = try visibleBytes(of: output) else { continue }
            let file = try create(output.name, number: 0, in: scratch)
            try file.write(bytes)
            try file.close()
            let object = Store.objectName(
                output.digest, suffix: ArtifactName.suffix(output.name))
            try tree.move(file.temporary, to: object, "object")
        }
    }

    private func refuse(another record: Record, than earlier: Record) throws {
        for output in record.outputs {
            let before = earlier.outputs.first { $0.name == output.name }?.digest
            if before != output.digest {
                throw StoreFault.twoResults(
                    name: output.name, stored: before ?? Digest(of: []), made: output.digest)
            }
        }
        guard earlier.outputs.count == record.outputs.count, earlier.summary == record.summary
        else {
            throw StoreFault.twoResults(
                name: "the record of \(record.recipe.node)",
                stored: Digest(of: earlier.summary.canonical),
                made: Digest(of: record.summary.canonical))
        }
    }
}
