// Files out of a Python package: pip fetches the wheel, by name and version and without its
// dependencies, and we read it as the archive that it is. Nothing of the package is installed or
// run, and what comes out counts only if it is what the list pins.

import Formats
import Foundation
import StageWork

/// The wheel of a package, fetched into a folder.
struct Wheel {
    private let archive: ZipArchive

    /// Asks pip for the wheel and opens it; needs Python, and a network unless pip has it cached.
    ///
    /// - Parameters:
    ///   - package: name and version, `foolbox==3.3.4`.
    ///   - folder: an empty folder for it.
    ///   - python: the program whose pip is asked.
    /// - Throws: `DownloadFault` with pip's own words; `FormatFault` for a wheel that is no archive.
    init(_ package: String, into folder: String, python: String = "python3") throws {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        let pip: ChildProcess.Outcome
        do {
            pip = try ChildProcess.run([
                python, "-m", "pip", "download", "--no-deps", "--only-binary=:all:",
                "--disable-pip-version-check", "--no-input", "--quiet", "--progress-bar=off",
                "--retries=2", "--timeout=20", "--dest", folder, "--", package,
            ])
        } catch {
            throw DownloadFault(description: "\(error)")
        }
        guard pip.status == 0 else {
            throw DownloadFault(description: Wheel.complaint(pip.words, pip.status))
        }
        let wheels = try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { $0.hasSuffix(".whl") }
        guard let wheel = wheels.first, wheels.count == 1 else {
            throw DownloadFault(
                description: "pip left \(wheels.count) wheels of \(package), expected one")
        }
        archive = try ZipArchive(MappedFile(folder + "/" + wheel, named: wheel))
    }

    /// A file of the package.
    /// - Throws: `FormatFault` where there is none of that name, or it is larger than `limit`.
    func file(_ name: String, limit: Int) throws -> [UInt8] {
        try archive.content(name, limit: limit)
    }

    /// The last thing that pip had to say, in one line; its warnings before it tell less.
    private static func complaint(_ said: [UInt8], _ status: Int32) -> String {
        let lines = String(decoding: said, as: UTF8.self).split(separator: "\n")
            .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        let error = lines.last { $0.hasPrefix("ERROR:") } ?? lines.last
        let words = error.map { $0.filter { $0 >= " " }.prefix(300) }
        return "pip ended with status \(status)" + (words.map { ": \($0)" } ?? "")
    }
}

/// The wheels of a run: each is fetched once, however many files are wanted from it.
final class Wheels {
    private let folder: String
    private let log: any RunLog
    private let python: String
    private var fetched: [String: Result<Wheel, any Error>] = [:]

    /// Wheels that are put into folders of their own below `folder`.
    init(in folder: String, log: any RunLog, python: String = "python3") {
        (self.folder, self.log, self.python) = (folder, log, python)
    }

    /// The wheel of a package; one that could not be fetched is not tried again.
    func wheel(_ package: String) throws -> Wheel {
        if let known = fetched[package] { return try known.get() }
        log.report(["asking": "pip", "for": .string(package)])
        let result = Result {
            try Wheel(package, into: "\(folder)/wheel-\(fetched.count)", python: python)
        }
        fetched[package] = result
        return try result.get()
    }
}
