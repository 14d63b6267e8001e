// What A and B mean: an experiment of this store, another store, or an experiment of another store.

import Artifacts
import Formats
import StageKit

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// One side, found.
struct ComparedExperiment {
    /// A or B.
    let letter: String
    /// The store, as the user gave it.
    let store: Store
    /// Whether that is the store of this call.
    let isOwn: Bool
    let experiment: String
    /// What it is called in the name of the page.
    let fileName: String

    /// Finds what a value means.
    /// - Throws: `StageFault` with what is there and how to say it.
    init(_ letter: String, _ value: String, _ node: Node) throws {
        guard !value.isEmpty else {
            throw StageFault(
                .usage, "\(letter) is not given",
                remedy: "say which two: `make compare A=mnist B=original`, or two stores: "
                    + "`make compare A=old/artifacts B=\(Shown.text(node.artifacts))`")
        }
        self.letter = letter
        let said = "\(letter)=\(Shown.text(value))"
        let own = Store(node.artifacts)
        let isKnown = try NodeFinder.isName(value) && Self.isExperiment(value, of: own)
        let place = isKnown ? nil : Self.place(value)
        if let place {
            guard Self.isFolder(place.folder) else {
                throw StageFault(
                    .missingInput, "\(said): there is no folder \(Shown.text(place.folder))",
                    remedy: try Self.choices(value, in: own))
            }
            let found = Store(place.folder, readOnly: true)
            guard try found.isMarked() else {
                throw StageFault(
                    .badData,
                    "\(said): \(Shown.text(place.folder)) is no store of Mirage: it has no .mirage-store",
                    remedy: "name the folder that `make all ARTIFACTS=…` wrote, or an experiment: "
                        + (try Self.choices(value, in: own)))
            }
            isOwn = Self.isSame(place.folder, node.artifacts)
            store = isOwn ? own : found
            experiment = place.experiment ?? node.experiment
        } else {
            guard isKnown else {
                throw StageFault(
                    .missingInput, "\(said): there is no such experiment, and no such folder",
                    remedy: try Self.choices(value, in: own))
            }
            (store, isOwn, experiment) = (own, true, value)
        }
        let suffix = place == nil || experiment == Node.mainExperiment ? "" : experiment
        let parts = [place?.folder ?? value, suffix]
        fileName = Self.fileName(parts)
        guard try Self.experiments(of: store).contains(experiment) else {
            let isInPipeline =
                try NodeFinder.isName(experiment) && Experiment.all().contains(experiment)
            let others = try Self.experiments(of: store)
            let make = Node.command("all", experiment: experiment, artifacts: store.root)
            let have = others.isEmpty ? "no results at all" : others.joined(separator: ", ")
            throw StageFault(
                .missingInput,
                "\(said): \(Shown.text(store.root)) has no attack of the experiment \(experiment); it has \(have)",
                remedy: isInPipeline || others.isEmpty
                    ? "`\(make)` makes it" : "say \(letter)=\(Shown.text(store.root)):\(others[0])")
        }
    }

    /// The experiments whose attacks a store has records of, sorted.
    private static func experiments(of store: Store) throws -> [String] {
        guard try store.isMarked() else { return [] }
        return Set(
            try store.records().map(\.record.recipe).filter { $0.stage == "attack" }.map(
                \.experiment)
        ).sorted()
    }

    private static func isExperiment(_ name: String, of store: Store) throws -> Bool {
        try Experiment.all().contains(name) || experiments(of: store).contains(name)
    }

    /// A folder, and the experiment after the last colon where the value as a whole is no folder; nil for what
    /// can only be the name of an experiment.
    private static func place(_ value: String) -> (folder: String, experiment: String?)? {
        if isFolder(value) { return (value, nil) }
        if let colon = value.lastIndex(of: ":"), colon != value.startIndex {
            let name = String(value[value.index(after: colon)...])
            if NodeFinder.isName(name) { return (String(value[..<colon]), name) }
        }
        return value.contains("/") ? (value, nil) : nil
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private static func isSame(_ one: String, _ other: String) -> Bool {
        var (first, second) = (stat(), stat())
        return stat(one, &first) == 0 && stat(other, &second) == 0
            && first.st_dev == second.st_dev && first.st_ino == second.st_ino
    }

    private static func choices(_ value: String, in store: Store) throws -> String {
        let all = Set(try experiments(of: store) + Experiment.all()).sorted()
        return Spelling.nearest(to: value, among: all).map { "did you mean \($0)?" }
            ?? "there are the experiments \(all.joined(separator: ", ")); a store is a folder, written "
            + "with a slash, such as ./artifacts"
    }

    /// Letters, digits, '.', '_' and '-' of the parts. Where anything else was lost, a slash too, or it was cut, or
    /// it could be taken for two names, the beginning of its digest keeps it apart from others.
    static func fileName(_ parts: [String]) -> String {
        let text = parts.filter { !$0.isEmpty }.joined(separator: ":")
        let words = text.split { "/:".contains($0) }.filter { $0 != "." && $0 != ".." }.map {
            part in
            String(
                part.unicodeScalars.map { scalar -> Character in
                    let isPlain =
                        scalar.isASCII
                        && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
                            || "._-".unicodeScalars.contains(scalar))
                    return isPlain ? Character(scalar) : "-"
                })
        }
        // As on the page, the folders above the last two are nobody's business.
        let name = words.suffix(text.hasPrefix("/") ? 2 : words.count).joined(separator: "-")
        let isWhole =
            name == text && name.count <= 60 && !name.isEmpty
            && !name.contains("--") && !name.hasPrefix("-") && !name.hasSuffix("-")
        return isWhole ? name : "\(name.suffix(40))-\(Digest(of: text).hex.prefix(8))"
    }
}
