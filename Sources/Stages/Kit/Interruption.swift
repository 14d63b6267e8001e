// Ctrl-C and `kill`: a thread of its own waits for the signal, takes the temporary files away, says
// so and ends the process. Nothing is done in a signal handler, so nothing is forbidden there; and
// since everything visible is published by rename, there is nothing else to undo.

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

    /// Starts to wait for SIGINT, SIGTERM and SIGHUP. Call it before any other thread exists.
    ///
    /// A reader of our output that goes away, and a file that grows past a limit, become errors of
    /// `write` instead of signals.
    static func watch(node: String) {
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, number) }
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
            cleanup.withLock { $0() }
            Log.put(
                "\n\(node): stopped; nothing is left half-written. "
                    + "Run the same command again to go on.\n", to: 2)
            _exit(128 + number)
        }
    }
}
