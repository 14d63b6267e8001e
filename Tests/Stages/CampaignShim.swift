// The library that makes system calls fail (Resources/faults.c), compiled when it is first wanted.

import Foundation

/// A library to preload.
enum CampaignShim {
    /// Its bytes; nil where it cannot be had.
    static let bytes: Data? = {
        #if os(Linux)
            let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appending(path: "Resources/faults.c").path
            let result = FileManager.default.temporaryDirectory.appending(
                path: "faults-\(UUID().uuidString).so")
            defer { try? FileManager.default.removeItem(at: result) }
            for compiler in ["cc", "clang"] {
                let process = Process()
                process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
                process.arguments = [
                    compiler, "-O1", "-shared", "-fPIC", "-o", result.path, source, "-ldl",
                ]
                process.standardError = FileHandle.nullDevice
                guard (try? process.run()) != nil else { continue }
                process.waitUntilExit()
                if process.terminationStatus == 0 { return try? Data(contentsOf: result) }
            }
        #endif
        return nil
    }()

    /// Kinds of calls; the errors that each is given; whether it may move fewer bytes than asked.
    static let calls: [(kind: String, errors: [Int32])] = [
        ("open", [EIO, EACCES, EMFILE]),
        ("read", [EIO, EINTR, 0]),
        ("write", [EIO, ENOSPC, EINTR, 0]),
        ("sync", [EIO, ENOSPC]),
        ("rename", [EIO, ENOSPC, EACCES]),
        ("unlink", [EIO, EACCES]),
        ("mkdir", [EIO, ENOSPC, EACCES]),
        ("symlink", [EIO, ENOSPC]),
        ("stat", [EIO, EACCES]),
        ("readlink", [EIO]),
        ("lock", [ENOLCK, EINTR]),
        ("list", [EIO, EMFILE]),
        ("map", [ENOMEM, EACCES]),
        ("chmod", [EIO]),
    ]
}

extension CampaignBench {
    /// Puts the library into the playground, and counts the calls of each kind that the command makes.
    func countCalls(_ library: Data) throws -> [String: Int] {
        try library.write(to: ground.root.appending(path: "faults.so"))
        _ = try attempt(fault(nil).merging(["FAULT_COUNTS": ground.path("counts")]) { $1 })
        let lines = String(decoding: ground.read("counts") ?? Data(), as: UTF8.self)
        return Dictionary(
            lines.split(separator: "\n").compactMap { line in
                let words = line.split(separator: " ")
                return words.count == 2 ? (String(words[0]), Int(words[1]) ?? 0) : nil
            }, uniquingKeysWith: { $1 })
    }

    /// The environment in which a call of a kind does what `action` says.
    func fault(
        _ kind: String?, at number: Int = 0, action: Int32 = 0, many: Bool = false
    ) -> [String: String] {
        [
            "LD_PRELOAD": ground.path("faults.so"), "FAULT_CALL": kind ?? "none",
            "FAULT_AT": "\(number)", "FAULT_ACTION": "\(action)", "FAULT_MANY": many ? "1" : "0",
        ]
    }
}
