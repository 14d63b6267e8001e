// The standard streams of a process. A caller may have closed some of them; the next file opened would
// then take the number, and what is meant for the terminal would be written into an artifact.

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The standard streams of this process.
public enum Streams {
    /// Opens those that are closed on /dev/null. Call it before anything else is opened.
    public static func openClosed() {
        for number: Int32 in 0...2 where fcntl(number, F_GETFD) < 0 && errno == EBADF {
            // The lowest free number is this one, since those below are open.
            _ = open("/dev/null", O_RDWR)
        }
    }

    /// Whether standard error is a terminal whose lines can be redrawn: `TERM=dumb` says that one
    /// cannot. Colours, which `NO_COLOR` forbids, are never used.
    static var canRedraw: Bool {
        guard isatty(2) == 1, let terminal = getenv("TERM") else { return false }
        return String(cString: terminal) != "dumb"
    }
}
