// Headless Chromium, started once for all tests. A shell around it removes its profile when it has
// ended, which it does by itself when this process is gone, however that ended.

import Formats
import Foundation
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A running browser.
@Browsing final class Browser {
    /// The one that all tests share; another is started after one that ended or hung.
    private static var shared: Browser?

    let devTools: DevTools
    private let shell: pid_t
    private let folder: URL
    /// The tabs that are open, by the sessions of their pages and workers.
    private var tabs: [String: Tab] = [:]

    /// Opens a tab with storage of its own, lets a test use it, and closes it. A console message, an
    /// exception, or a request for anything but the page itself fails the test.
    static func withTab(
        _ place: SourceLocation = #_sourceLocation, _ use: (Tab) throws -> Void
    ) throws {
        let complaints = try complaints { tab in
            do { try use(tab) } catch let fault as PageFault {
                Issue.record(fault, sourceLocation: place)
            }
        }
        for complaint in complaints { Issue.record("\(complaint)", sourceLocation: place) }
    }

    /// What a page has done in a tab that it must not; a browser that ended or hung is given up.
    static func complaints(_ use: (Tab) throws -> Void) throws -> [String] {
        let browser = try shared ?? Browser()
        shared = browser
        do {
            let tab = try Tab(in: browser)
            defer { browser.disconnect(tab) }
            try use(tab)
            try tab.settle()
            try tab.close()
            return tab.complaints
        } catch let fault as BrowserFault {
            shared = nil
            browser.end()
            throw fault
        }
    }

    private init() throws {
        guard let program = Browser.program else {
            throw BrowserFault("Chromium is required, and not there: apt-get install chromium")
        }
        folder = FileManager.default.temporaryDirectory.appending(
            path: "mirage-browser-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let started = try Browser.start(program, in: folder)
        shell = started.shell
        devTools = DevTools(socket: started.socket)
        devTools.onEvent = { [unowned self] method, parameters, session in
            if let session { tabs[session]?.take(method, parameters, from: session) }
        }
    }

    /// Lets events of a page or a worker reach its tab.
    func connect(_ session: String, to tab: Tab) { tabs[session] = tab }

    func disconnect(_ tab: Tab) { tabs = tabs.filter { $0.value !== tab } }

    /// Ends a browser that does not answer, with all its processes.
    private func end() {
        kill(-shell, SIGKILL)
        while waitpid(shell, nil, 0) < 0, errno == EINTR {}
        try? FileManager.default.removeItem(at: folder)
    }
}

extension Browser {
    /// Chromium or what is like it, by name in `PATH`; nil where there is none.
    nonisolated static let program: String? = {
        let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let folders = path.split(separator: ":").map(String.init)
        let places =
            names.flatMap { name in folders.map { "\($0)/\(name)" } }
            + ["/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"]
        return places.first(where: FileManager.default.isExecutableFile)
    }()

    /// Only what is asked for: no sandbox, since the tests may run as root and open no page but ours;
    /// nothing that asks the network; memory where there is enough of it also in a container.
    private nonisolated static let flags = [
        "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--no-first-run",
        "--no-default-browser-check", "--disable-background-networking", "--disable-breakpad",
        "--disable-component-update", "--disable-default-apps", "--disable-dev-shm-usage",
        "--disable-extensions", "--disable-gpu", "--disable-sync", "--force-color-profile=srgb",
        "--lang=en-US", "--mute-audio",
    ]

    /// Starts a shell that runs the browser in a process group of its own, with the other end of a socket
    /// as its descriptors 3 (commands) and 4 (answers).
    private static func start(_ program: String, in folder: URL) throws -> (
        shell: pid_t, socket: Int32
    ) {
        var ends: [Int32] = [0, 0]
        #if canImport(Glibc)
            let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        #else
            let kind = SOCK_STREAM
        #endif
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw BrowserFault("socketpair failed")
        }
        let (ours, theirs) = (ends[0], ends[1])
        defer { close(theirs) }
        #if !canImport(Glibc)
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            var isSilent: Int32 = 1
            setsockopt(
                ours, SOL_SOCKET, SO_NOSIGPIPE, &isSilent, socklen_t(MemoryLayout<Int32>.size))
        #endif

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
        posix_spawn_file_actions_adddup2(&actions, theirs, 3)
        posix_spawn_file_actions_adddup2(&actions, theirs, 4)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        posix_spawnattr_setpgroup(&attributes, 0)

        let script = """
            folder=$1; shift; "$@" <&- >"$folder/log" 2>&1
            rm -rf "$folder" || { sleep 2; rm -rf "$folder"; }
            """
        let words =
            ["sh", "-c", script, "sh", folder.path, program] + flags
            + ["--user-data-dir=\(folder.path)/profile", "about:blank"]
        var pointers: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { pointers.forEach { free($0) } }
        var shell: pid_t = 0
        let code = posix_spawn(&shell, "/bin/sh", &actions, &attributes, &pointers, environ)
        guard code == 0 else {
            close(ours)
            throw BrowserFault("cannot start \(program): \(String(cString: strerror(code)))")
        }
        return (shell, ours)
    }
}
