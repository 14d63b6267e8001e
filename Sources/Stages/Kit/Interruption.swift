// Ctrl-C and `kill`: a thread of its own waits for the signal, holds the disk still between two
// changes, ends the programs that were started, takes the temporary files away, says so and ends
// the process. Nothing is done in a signal handler, so nothing is forbidden there; and since
// everything visible is published by rename, there is nothing else to undo.

import Artifacts
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

enum Interruption {
    private static let cleanup = Mutex<@Sendable () -> Void>({})

    /// What to do before an interrupted process ends.
    static func onInterrupt(_ action: @escaping @Sendable () -> Void) {
        cleanup.withLock { $0 = action }
    }

    /// Starts to wait for SIGINT, SIGTERM and SIGHUP, as far as they were not ignored when the process
    /// began: `nohup` and `&` in a script mean it. Call it before any other thread exists.
    ///
    /// A reader of our output that goes away, and a file that grows past a limit, become errors of
    /// `write` instead of signals.
    static func watch(node: String) {
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        var signals = sigset_t()
        sigemptyset(&signals)
        let heard = [SIGINT, SIGTERM, SIGHUP].filter { !isIgnored($0) }
        guard !heard.isEmpty else { return }
        for number in heard { sigaddset(&signals, number) }
        guard pthread_sigmask(SIG_BLOCK, &signals, nil) == 0 else { return }
        let context = Unmanaged.passRetained(Watch(signals: signals, node: node))
        #if canImport(Glibc)
            var thread = pthread_t()
        #else
            var thread: pthread_t?
        #endif
        let started = pthread_create(
            &thread, nil,
            { argument in
                #if canImport(Glibc)
                    guard let argument else { return nil }
                #endif
                Unmanaged<Watch>.fromOpaque(argument).takeRetainedValue().wait()
                return nil
            }, context.toOpaque())
        if started != 0 {
            context.release()
            pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        }
    }

    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        guard sigaction(number, nil, &action) == 0 else { return false }
        #if canImport(Glibc)
            let handler = action.__sigaction_handler.sa_handler
        #else
            let handler = action.__sigaction_u.__sa_handler
        #endif
        return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    private final class Watch {
        var signals: sigset_t
        let node: String

        init(signals: sigset_t, node: String) {
            self.signals = signals
            self.node = node
        }

        func wait() {
            var number: Int32 = 0
            while sigwait(&signals, &number) != 0 {}
            // The main thread stops at its next change of the disk and never gets further.
            Disk.whileStill {
                ChildProcess.endAll()
                cleanup.withLock { $0() }
                Log.put(
                    "\n\(node): stopped; nothing is left half-written. "
                        + "Run the same command again to go on.\n", to: 2)
                _exit(128 + number)
            }
        }
    }
}
