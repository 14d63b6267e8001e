// A folder for the temporary files of one process, inside the store so that a rename can publish
// them. A lock that the kernel drops with the process tells living owners from dead ones: what a
// killed process left behind is swept at the next start, what a running one holds is not. Only
// files with names of our own making are ever deleted, and nothing behind a link.

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The temporary files of one process.
public final class Scratch: Sendable {
    /// The folder of all such folders, below the store's root.
    static let parent = ".tmp"
    private static let guarding = parent + "/.guard"

    /// This one's folder, below the store's root.
    let folder: String
    private let tree: Tree
    private let lock: FileLock

    /// Makes a folder of its own, after sweeping those of processes that have died.
    ///
    /// `announcing` is told how to take the folder away again, before anything else happens to the
    /// disk: whoever interrupts the process finds no folder that it does not know of. What it is
    /// told is for one who holds the disk still.
    /// - Throws: `StoreFault.system`, `.linkInside`.
    public init(
        in store: Store, announcing: (@escaping @Sendable () -> Void) -> Void = { _ in }
    ) throws {
        let tree = store.tree
        // Creating and sweeping exclude each other, so that nobody sweeps a folder in the instant
        // before its owner has locked it.
        let held = try FileLock(tree, Scratch.guarding, .exclusive, wait: true)
        defer { held?.release() }
        try Scratch.sweep(tree)
        (folder, lock) = try Disk.gated {
            var number = 0
            while try !tree.makeFolder("\(Scratch.parent)/\(getpid())-\(number)") { number += 1 }
            let folder = "\(Scratch.parent)/\(getpid())-\(number)"
            do {
                guard let lock = try FileLock(tree, folder + "/.lock", .exclusive, wait: false)
                else { throw StoreFault.busy(what: "another process uses \(tree.path(folder))") }
                announcing {
                    Scratch.discard(folder, in: tree)
                    lock.release()
                }
                return (folder, lock)
            } catch {
                Scratch.discard(folder, in: tree)
                throw error
            }
        }
        self.tree = tree
    }

    /// The folder's path, for programs that are to put a file there.
    public var path: String { tree.path(folder) }

    /// Deletes the temporary files, at no moment in the middle of a change; called again it does
    /// nothing.
    public func discard() {
        Disk.whileStill {
            Scratch.discard(folder, in: tree)
            lock.release()
        }
    }

    /// Sweeps without making a folder; for a start at which nothing needs to be written.
    public static func sweep(_ store: Store) throws {
        let tree = store.tree
        guard try tree.names(in: parent).contains(where: isOwn) else { return }
        // Where nothing may be written nothing can be swept either.
        guard let held = try? FileLock(tree, guarding, .exclusive, wait: true) else { return }
        try sweep(tree)
        held.release()
    }

    /// Whether a name is one that we give to such a folder: process and number.
    private static func isOwn(_ name: String) -> Bool {
        let parts = name.split(separator: "-", omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy(isNumber)
    }

    private static func isNumber(_ text: some StringProtocol) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    private static func sweep(_ tree: Tree) throws {
        for name in try tree.names(in: parent) where isOwn(name) {
            let folder = parent + "/" + name
            guard try tree.signature(folder)?.kind == .folder else { continue }
            // Without a lock file it is a folder whose maker died before it could lock it, or when it
            // had nearly taken it away.
            let lock = try? FileLock(
                tree, folder + "/.lock", .exclusive, wait: false, making: false)
            guard try lock != nil || tree.signature(folder + "/.lock") == nil else { continue }
            Disk.whileStill { discard(folder, in: tree) }
            lock?.release()
        }
    }

    /// Deletes what we have put into a folder, and the folder if nothing else is in it. The lock goes
    /// last: until then whoever dies here leaves what the next start knows how to sweep.
    private static func discard(_ folder: String, in tree: Tree) {
        for name in (try? tree.names(in: folder)) ?? [] {
            let parts = name.split(separator: "-", omittingEmptySubsequences: false)
            let isNumbered = parts.count == 2 && isNumber(parts[1])
            if ["name", "text"].contains(name)
                || isNumbered && ["output", "input"].contains(parts[0])
            {
                try? tree.remove(folder + "/" + name)
            } else if isNumbered, parts[0] == "wheel" {
                let wheel = folder + "/" + name
                for file in (try? tree.names(in: wheel)) ?? [] where file.hasSuffix(".whl") {
                    try? tree.remove(wheel + "/" + file)
                }
                tree.deleteEmptyFolder(wheel)
            }
        }
        try? tree.remove(folder + "/.lock")
        tree.deleteEmptyFolder(folder)
    }
}
