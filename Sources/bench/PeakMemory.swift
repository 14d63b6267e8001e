// The most memory that this process has held: what the system counts, not what we think we use.

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The peak of this process's resident memory.
enum PeakMemory {
    /// Starts the count anew at what is held now, where the system can: then it tells of the work,
    /// and of what stays in memory beside it, not of how the network was made.
    static func forget() {
        guard let file = fopen("/proc/self/clear_refs", "w") else { return }
        fputs("5", file)
        fclose(file)
    }

    /// Bytes: VmHWM where there is one.
    static var bytes: Int {
        if let file = fopen("/proc/self/status", "r") {
            defer { fclose(file) }
            var line = [CChar](repeating: 0, count: 256)
            while fgets(&line, 256, file) != nil {
                let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
                if text.hasPrefix("VmHWM:"), let kilobytes = Int(text.filter(\.isNumber)) {
                    return kilobytes * 1024
                }
            }
        }
        var usage = rusage()
        #if canImport(Glibc)
            getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
            return Int(usage.ru_maxrss) * 1024
        #else
            getrusage(RUSAGE_SELF, &usage)
            return Int(usage.ru_maxrss)
        #endif
    }
}
