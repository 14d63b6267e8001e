// Packages through a pip that a shell script plays: what it is asked for, what comes out, and what is
// said when there is no pip, no network or no such file.

import Artifacts
import Formats
import Foundation
import StageKit
import Testing

@testable import FetchWork

@Suite(.serialized) struct WheelTests {
    private static let archive = ZipFixture.bytes

    /// A folder with a `python3` that runs this script; gone after the test.
    private func withPython(
        _ script: String, _ body: (_ python: String, _ folder: String) throws -> Void
    ) throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "mirage-wheel-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: folder + "/out", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let python = folder + "/python"
        try Data(("#!/bin/bash\n" + script).utf8).write(to: URL(fileURLWithPath: python))
        try Data(Self.archive).write(to: URL(fileURLWithPath: folder + "/the.whl"))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: python)
        try body(python, folder)
    }

    /// Leaves the wheel in the folder after `--dest`, and its own arguments beside it.
    private static let obliging = """
        here=$(dirname "$0"); echo "$@" > "$here/asked"
        while [ "$1" != --dest ]; do shift; done
        cp "$here/the.whl" "$2/some_package-1.0-py3-none-any.whl"
        """

    @Test func aPackageIsFetchedAndReadWithoutBeingInstalled() throws {
        try withPython(Self.obliging) { python, folder in
            let wheel = try Wheel("some-package==1.0", into: folder + "/out/w", python: python)
            #expect(try wheel.file("a/stored.txt", limit: 100) == Array("plain words".utf8))
            let asked = try String(contentsOfFile: folder + "/asked", encoding: .utf8)
            for words in ["-m pip download --no-deps --only-binary=:all:", "some-package==1.0"] {
                #expect(asked.contains(words))
            }
            #expect(!asked.contains("install"))
        }
    }

    @Test(arguments: [
        (
            "echo 'WARNING: retrying' >&2; echo 'ERROR: No matching distribution' >&2; exit 1",
            "pip ended with status 1: ERROR: No matching distribution"
        ),
        ("echo 'python: No module named pip' >&2; exit 1", "No module named pip"),
        ("exit 0", "pip left 0 wheels of p==1"),
    ])
    func whatPipSaysIsPassedOn(script: String, words: String) throws {
        try withPython(script) { python, folder in
            #expect {
                try Wheel("p==1", into: folder + "/out/w", python: python)
            } throws: {
                "\($0)".contains(words)
            }
        }
    }

    @Test func withoutPythonItIsSaidSo() throws {
        try withPython("") { _, folder in
            #expect {
                try Wheel("p==1", into: folder + "/out/w", python: "no-such-python")
            } throws: {
                "\($0)".contains("cannot start no-such-python: No such file")
            }
        }
    }

    /// Each package is asked for once, also when it could not be had.
    @Test func placesInPackagesAreTriedLikeOthers() throws {
        #expect(
            Place("pip:some-package==1.0/folder/inner/")
                == .wheel(package: "some-package==1.0", folder: "folder/inner/"))
        #expect(Place("https://example.org/x/") == .mirror("https://example.org/x/"))
        #expect(Place("data/x/") == .own("data/x/") && Place("/usr/x/") == .folder("/usr/x/"))
    }

    /// Bytes that are not the pinned ones never come out of a package.
    @Test func aFileOfAPackageMustBeThePinnedOne() throws {
        try withPython(Self.obliging) { python, folder in
            let log = Log(node: "fetch", quiet: true)
            let list: JSON = [
                "x": [
                    "kind": "pictures", "places": ["data/x/", "pip:p==1/a/"],
                    "files": [
                        "good": [
                            "name": "stored.txt", "bytes": 11, "label": 3,
                            "sha256": .string(Digest(of: Array("plain words".utf8)).hex),
                        ],
                        "bad": [
                            "name": "packed.bin", "bytes": 1000,
                            "sha256": .string(Digest(of: Array("other".utf8)).hex),
                        ],
                        "none": [
                            "name": "absent.txt", "bytes": 5,
                            "sha256": .string(Digest(of: Array("other".utf8)).hex),
                        ],
                    ],
                ]
            ]
            let source = try Source("x", .pictures, in: list, named: "list")
            #expect(source.files.map(\.role) == ["bad", "good", "none"])
            #expect(source.files[1].label == 3)
            let finder = Finder(
                source: source, log: log,
                wheels: Wheels(in: folder + "/out", log: log, python: python))
            #expect(try finder.find(source.files[1], local: nil) == Array("plain words".utf8))
            #expect {
                try finder.find(source.files[0], local: nil)
            } throws: {
                "\($0)".contains("its SHA-256 is") && "\($0)".contains("data/x/packed.bin")
            }
            #expect {
                try finder.find(source.files[2], local: nil)
            } throws: {
                "\($0)".contains("no part a/absent.txt") && ($0 as? StageFault)?.code.rawValue == 66
            }
            // A file that the store still has needs nobody.
            var kept = finder
            kept.kept = { _ in MappedFile(copying: Array("plain words".utf8), named: "kept") }
            try FileManager.default.removeItem(atPath: folder + "/the.whl")
            #expect(try kept.find(source.files[1], local: nil) == Array("plain words".utf8))
        }
    }
}
