// The search for a pinned file: which place wins, what is passed over, and the one message that
// is left when every place fails.

import Artifacts
import Formats
import Foundation
import StageKit
import Testing

@testable import FetchWork

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite(.serialized) struct FetchFinderTests {
    let file = FetchDownloadTests.file
    let packed = FetchDownloadTests.packed
    let labels = FetchDownloadTests.labels

    func finder(
        _ places: [String], retries: RetryPolicy = RetryPolicy(idle: 20, attempts: 1)
    ) throws -> Finder {
        let entry: JSON = [
            "name": .string(file.name), "bytes": .integer(Int64(file.bytes)),
            "sha256": .string(file.digest.hex),
        ]
        let list: JSON = [
            "digits": [
                "classes": ["0", "1"], "places": .array(places.map(JSON.string)),
                "files": .object(
                    Dictionary(uniqueKeysWithValues: Source.roles.map { ($0, entry) })),
            ]
        ]
        return Finder(
            source: try Source("digits", .dataset, in: list, named: "list"),
            log: Log(node: "fetch-digits", quiet: true),
            wheels: Wheels(in: "/nonexistent", log: Log(node: "fetch-digits", quiet: true)),
            retries: retries)
    }

    @Test func prefersTheOwnFolder() throws {
        let server = try FetchServer { _, _ in .ok(FetchDownloadTests.packed) }
        let finder = try finder(["data/digits/", server.place])
        let own = MappedFile(copying: packed, named: "data/digits/x")
        #expect(try finder.find(file, local: own) == labels)
        #expect(server.requests.isEmpty)
        #expect(try finder.find(file, local: nil) == labels)
        #expect(server.requests.count == 1)
    }

    @Test func passesOverPlacesThatAreNoGood() throws {
        let broken = try FetchServer { _, _ in .ok(Array(FetchDownloadTests.packed.dropLast(9))) }
        let good = try FetchServer { _, _ in .ok(FetchDownloadTests.packed) }
        #expect(
            try finder(["data/digits/", "/nonexistent/", "/dev/", broken.place, good.place])
                .find(file, local: nil) == labels)
        #expect(broken.requests.count == 1 && good.requests.count == 1)
    }

    @Test func readsAFolderOfTheSystem() throws {
        let folder = "\(FileManager.default.temporaryDirectory.path)/mirage-finder-\(getpid())"
        mkdir(folder, 0o700)
        let path = "\(folder)/\(file.name)"
        defer {
            unlink(path)
            rmdir(folder)
        }
        let stream = fopen(path, "w")
        fwrite(packed, 1, packed.count, stream)
        fclose(stream)
        #expect(try finder(["data/digits/", folder + "/"]).find(file, local: nil) == labels)
    }

    /// A file that the user put there is theirs to mend: another one is not taken behind their back.
    @Test func refusesADamagedOwnFile() throws {
        let server = try FetchServer { _, _ in .ok(FetchDownloadTests.packed) }
        let finder = try finder(["data/digits/", server.place])
        let name = "data/digits/\(file.name)"
        let cases: [([UInt8], String)] = [
            (
                Array(packed.dropLast()),
                "it is not a sound gzip file: it is cut short; 10008 bytes came out of it"
            ),
            (
                packed + [0],
                "it is not a sound gzip file: 1 bytes follow the end of the compressed data"
            ),
            (labels + [1], "it holds more than the 10008 bytes expected"),
            ([], "it holds 0 bytes, expected 10008"),
        ]
        for (bytes, reason) in cases {
            #expect {
                try finder.find(file, local: MappedFile(copying: bytes, named: name))
            } throws: { error in
                (error as? StageFault)?.code == .badData
                    && "\(error)"
                        == "\(name) is not the file that pipeline/sources.json pins: \(reason); "
                        + "move it away (the mirrors are then tried) or put the right one there"
            }
        }
        #expect(server.requests.isEmpty)
    }

    @Test func listsEveryPlaceThatFailed() throws {
        let missing = try FetchServer { _, _ in .status("404 Not Found") }
        let cut = try FetchServer { _, _ in .ok(Array(FetchDownloadTests.packed.prefix(2000))) }
        let silent = try FetchServer { _, _ in .silence }
        let places = [
            "data/digits/", "/nonexistent/", "http://example.org/", missing.place, cut.place,
            silent.place,
        ]
        let inflated = try #require(
            { () -> Int? in
                let inflater = try GzipInflater(named: "x", limit: 10_008)
                try Array(packed.prefix(2000)).withUnsafeBytes { try inflater.feed($0) { _ in } }
                return inflater.count
            }())
        #expect {
            try finder(places, retries: RetryPolicy(idle: 3, attempts: 1)).find(file, local: nil)
        } throws: { error in
            let expected = """
                \(file.name) of digits is in none of the places where it could be; get it by hand and \
                put it at data/digits/\(file.name) (inflated, it has 10008 bytes and the SHA-256 \
                \(file.digest)); tried were:
                  data/digits/\(file.name): there is no such file
                  /nonexistent/\(file.name): there is no such file
                  http://example.org/\(file.name): only https:// addresses are used
                  \(missing.place)\(file.name): the server answered 404
                  \(cut.place)\(file.name): it is not a sound gzip file: it is cut short; \
                \(inflated) bytes came out of it
                  \(silent.place)\(file.name): it did not answer in time
                """
            if "\(error)" != expected { Issue.record("\(error)") }
            return (error as? StageFault)?.code == .missingInput
        }
    }

    @Test(arguments: [
        (
            "{}",
            "list knows no data set “digits”, only ; name one of these as \"dataset\", or add its files there"
        ),
        (
            #"{"digits":{}}"#,
            "list: digits has no list of classes; compare it with the one in the repository"
        ),
        (
            #"{"digits":{"classes":["0"]}}"#,
            "list: digits has no list of places; compare it with the one in the repository"
        ),
        (
            #"{"digits":{"classes":["0"],"places":["a/"],"files":{"train-images":{"name":"x","bytes":1,"sha256":"12"}}}}"#,
            "list: digits needs name, bytes and sha256 for train-images; compare it with the one in the repository"
        ),
    ])
    func checksTheList(text: String, expected: String) throws {
        let list = try JSON.parse(text, named: "list")
        #expect { try Source("digits", .dataset, in: list, named: "list") } throws: {
            "\($0)" == expected
        }
    }
}
