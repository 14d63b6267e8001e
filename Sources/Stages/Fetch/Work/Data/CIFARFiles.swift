// The files of CIFAR's binary version, in a folder or in the archive that they come in.

import Datasets
import Formats
import StageWork

/// The records of CIFAR-10 or CIFAR-100, by file.
struct CIFARFiles {
    let kind: CIFAR.Kind
    /// The names of the classes, where their list is there.
    let classes: [String]?
    private let files: [String: MappedFile]
    private let path: String

    /// Opens what a plan has found.
    /// - Throws: `FormatFault.tar`, `.gzip` for a damaged archive; `StageFault` for one of something else.
    init(_ plan: DataPlan, _ settings: DataSettings, _ work: any Workspace) throws {
        path = Shown.text(settings.path)
        var files: [String: MappedFile] = [:]
        if plan.files.contains(where: { $0.role == "archive" }) {
            let archive = try work.open("archive")
            for (name, bytes) in try Self.members(of: archive, hasTrain: settings.hasTrain) {
                files[name] = MappedFile(copying: bytes, named: "\(archive.name), \(name)")
            }
        } else {
            for file in plan.files { files[file.role] = try work.open(file.role) }
        }
        let found = CIFAR.Kind.allCases.first { kind in
            kind.files.test.allSatisfy { files[$0] != nil }
        }
        guard let kind = found else {
            throw StageFault(
                .badData,
                "\(path) has neither test_batch.bin nor test.bin of CIFAR's binary version",
                remedy:
                    "get cifar-10-binary.tar.gz or cifar-100-binary.tar.gz (not the version for "
                    + "Python)")
        }
        (self.kind, self.files) = (kind, files)
        classes = try files[kind.names].map { try ClassNames(listIn: $0).all }
    }

    /// All records of a part.
    /// - Throws: `FormatFault.cifar`; `StageFault` where a file is missing.
    func records(_ part: DataPart) throws -> CIFAR {
        var set = CIFAR(kind)
        for name in part == .test ? kind.files.test : kind.files.train {
            guard let file = files[name] else {
                throw StageFault(.badData, "\(path) lacks \(name)", remedy: "get the whole archive")
            }
            try withExtendedLifetime(file) { try set.add(file.bytes, named: file.name) }
        }
        return set
    }

    /// The files of an archive that are CIFAR's, by their last names.
    private static func members(
        of archive: MappedFile, hasTrain: Bool
    ) throws -> [String: [UInt8]] {
        let wanted = Set(
            CIFAR.Kind.allCases.flatMap {
                $0.files.test + (hasTrain ? $0.files.train : []) + [$0.names]
            })
        func last(_ path: String) -> String {
            path.split(separator: "/").last.map(String.init) ?? ""
        }
        let reader = TarReader(named: archive.name) {
            wanted.contains(last($0)) ? CIFAR.fileLimit : nil
        }
        try withExtendedLifetime(archive) {
            if GzipInflater.matches(archive.bytes) {
                let inflater = try GzipInflater(named: archive.name, limit: ArrayLimits.file)
                try inflater.feed(archive.bytes, output: reader.feed)
                try inflater.finish()
            } else {
                try reader.feed(archive.bytes)
            }
        }
        var members: [String: [UInt8]] = [:]
        for (path, bytes) in try reader.finish() {
            guard members.updateValue(bytes, forKey: last(path)) == nil else {
                throw StageFault(
                    .badData,
                    "\(Shown.text(archive.name)) has \(last(path)) in two folders",
                    remedy: "get the archive afresh")
            }
        }
        return members
    }
}
