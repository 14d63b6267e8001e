// Other programs: the peers in Python, and the pipeline itself.

import Foundation

/// A command that failed.
struct CommandFault: Error, CustomStringConvertible {
    let description: String
    /// What it had printed.
    var output = ""
}

/// Runs programs from the repository's root.
enum Command {
    /// What a program printed, the seconds it took and the most memory that it or one of its
    /// children held, in bytes.
    struct Outcome {
        let output: String
        let seconds: Double
        let peakMemory: Int
    }

    /// Runs a program to its end.
    /// - Throws: `CommandFault` when it fails.
    static func run(_ arguments: [String], environment: [String: String] = [:]) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        // Called from Make, whose own flags and variables are not meant for a make called from here.
        let inherited = ProcessInfo.processInfo.environment.filter {
            !["MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES"].contains($0.key)
        }
        process.environment = inherited.merging(environment) { $1 }
        let pipe = Pipe()
        process.standardOutput = pipe
        let start = ContinuousClock.now
        try process.run()
        let output = String(
            decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let (whole, atto) = (ContinuousClock.now - start).components
        guard process.terminationStatus == 0 else {
            throw CommandFault(
                description: "\(arguments.joined(separator: " ")) ended with exit code "
                    + "\(process.terminationStatus)", output: output)
        }
        var usage = rusage()
        #if canImport(Glibc)
            getrusage(__rusage_who_t(RUSAGE_CHILDREN.rawValue), &usage)
            let unit = 1024
        #else
            getrusage(RUSAGE_CHILDREN, &usage)
            let unit = 1
        #endif
        return Outcome(
            output: output, seconds: Double(whole) + Double(atto) * 1e-18,
            peakMemory: Int(usage.ru_maxrss) * unit)
    }
}
