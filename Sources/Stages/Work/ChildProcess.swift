// A program that a stage starts and waits for. It gets signals as a program of its own would: none
// blocked because we block them, none ignored because we ignore them; and when the stage is
// interrupted, the program is ended too.

import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Programs that run for a stage.
public enum ChildProcess {
    /// What a program wrote to its standard output and error, and how it ended.
    public struct Outcome: Sendable {
        /// The exit status; 128 and the signal's number for one ended by a signal.
        public let status: Int32
        /// What it wrote, at most 64 kB of it.
        public let words: [UInt8]
    }

    private static let running = Mutex<Set<pid_t>>([])

    /// Runs a program to its end; `PATH` is searched for it, and it has no standard input.
    /// - Throws: `StageFault` when it cannot be started.
    public static func run(_ arguments: [String]) throws -> Outcome {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw fault("pipe") }
        let (reading, writing) = (ends[0], ends[1])
        _ = fcntl(reading, F_SETFD, FD_CLOEXEC)
        _ = fcntl(writing, F_SETFD, FD_CLOEXEC)
        defer { close(reading) }
        let child: pid_t
        do {
            defer { close(writing) }
            child = try spawn(arguments, output: writing)
        }
        let words = read(reading)
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        running.withLock { _ = $0.remove(child) }
        let signal = status & 0x7F
        return Outcome(status: signal == 0 ? status >> 8 & 0xFF : 128 + signal, words: words)
    }

    /// Ends all programs that run: first as Ctrl-C does, so that they can take their own files away,
    /// after a second by force.
    package static func endAll() {
        let children = running.withLock { $0 }
        for child in children { kill(child, SIGINT) }
        for _ in 0..<100 where children.contains(where: { kill($0, 0) == 0 && !hasEnded($0) }) {
            usleep(10_000)
        }
        for child in children { kill(child, SIGKILL) }
    }

    private static func hasEnded(_ child: pid_t) -> Bool {
        var information = siginfo_t()
        return waitid(P_PID, id_t(child), &information, WEXITED | WNOHANG | WNOWAIT) != 0
            || information.si_signo != 0
    }

    private static func spawn(_ arguments: [String], output: Int32) throws -> pid_t {
        #if canImport(Glibc)
            var (actions, attributes) = (posix_spawn_file_actions_t(), posix_spawnattr_t())
        #else
            var (actions, attributes): (posix_spawn_file_actions_t?, posix_spawnattr_t?)
        #endif
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, output, 2)
        var (none, usual) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigemptyset(&usual)
        for number in [SIGPIPE, SIGXFSZ] { sigaddset(&usual, number) }
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &usual)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        var child: pid_t = 0
        // Held, so that an interruption between the start and the note of it ends the child too.
        let code = running.withLock { running in
            let code = posix_spawnp(&child, arguments[0], &actions, &attributes, &words, environ)
            if code == 0 { running.insert(child) }
            return code
        }
        guard code == 0 else {
            throw StageFault(
                .inputOutput, "cannot start \(arguments[0]): \(String(cString: strerror(code)))")
        }
        return child
    }

    private static func read(_ descriptor: Int32) -> [UInt8] {
        var words: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            #if canImport(Glibc)
                let count = Glibc.read(descriptor, &buffer, buffer.count)
            #else
                let count = Darwin.read(descriptor, &buffer, buffer.count)
            #endif
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return words }
            words += buffer[..<min(count, max(0, 65_536 - words.count))]
        }
    }

    private static func fault(_ action: String) -> StageFault {
        StageFault(.inputOutput, "cannot \(action): \(String(cString: strerror(errno)))")
    }
}
