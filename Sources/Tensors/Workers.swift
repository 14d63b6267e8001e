// Work sharing: a number of numbered tasks, taken in turn by a fixed set of threads. What the
// tasks are depends on shapes alone; how many threads there are decides only who does which.

import CKernels
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A set of threads that share numbered tasks.
///
/// The calling thread works too. A call from inside a task, or while another caller has the
/// threads, runs its tasks in the calling thread: always correct, since tasks write their own
/// memory and never depend on who runs them.
public final class Workers: Sendable {
    /// How many threads work at once, the caller included.
    public let threads: Int
    private let board = Board()
    private let busy = Atomic<Bool>(false)

    /// Starts `threads` − 1 threads that sleep until there is work.
    ///
    /// - Precondition: `threads` is positive.
    public init(threads: Int) {
        precondition(threads > 0, "Workers: there must be at least one thread, not \(threads)")
        self.threads = threads
        precondition(
            ck_keeps_subnormals(),
            "Workers: a library has switched subnormal floats off; results would differ")
        for _ in 1..<threads { board.startThread() }
    }

    deinit { board.close() }

    /// The number of processors that are online.
    public static var available: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

    /// Runs `body(0)` … `body(tasks − 1)`, each once, in any order, and waits for all.
    public func run(tasks: Int, _ body: @escaping @Sendable (Int) -> Void) {
        run(tasks: tasks) { task, _ in body(task) }
    }

    /// Likewise; the second argument is the number of the thread in this call, below `threads`,
    /// so that each can have working memory of its own.
    public func run(tasks: Int, _ body: @escaping @Sendable (_ task: Int, _ slot: Int) -> Void) {
        let isTaken = tasks < 2 || threads == 1 || busy.exchange(true, ordering: .acquiring)
        guard !isTaken else {
            for task in 0..<tasks { body(task, 0) }
            return
        }
        defer { busy.store(false, ordering: .releasing) }
        let job = Job(tasks: tasks, body: body)
        board.post(job)
        job.takeTasks()
        job.wait()
        board.clear()
    }

    /// The results of `body(0)` … `body(count − 1)`, in order; the first error in that order.
    public func map<Result: Sendable>(
        count: Int, _ body: @escaping @Sendable (Int) throws -> Result
    ) throws -> [Result] {
        let results = Results<Result>()
        run(tasks: count) { index in results.set(index, Swift.Result { try body(index) }) }
        return try results.inOrder()
    }
}

/// What the tasks of one `map` have given so far.
private final class Results<Success: Sendable>: Sendable {
    private let found = Mutex<[Int: Result<Success, any Error>]>([:])

    func set(_ index: Int, _ result: Result<Success, any Error>) {
        found.withLock { $0[index] = result }
    }

    func inOrder() throws -> [Success] {
        try found.withLock { found in
            try found.sorted { $0.key < $1.key }.map { try $0.value.get() }
        }
    }
}

/// One call's tasks: a ticket counter and a count of those done.
private final class Job: Sendable {
    private let tasks: Int
    private let body: @Sendable (Int, Int) -> Void
    private let next = Atomic<Int>(0)
    private let slots = Atomic<Int>(0)
    private let finished = Atomic<Int>(0)

    init(tasks: Int, body: @escaping @Sendable (Int, Int) -> Void) {
        self.tasks = tasks
        self.body = body
    }

    func takeTasks() {
        let slot = slots.add(1, ordering: .relaxed).oldValue
        while true {
            let task = next.add(1, ordering: .relaxed).oldValue
            guard task < tasks else { return }
            body(task, slot)
            finished.add(1, ordering: .releasing)
        }
    }

    func wait() {
        var spins = 0
        while finished.load(ordering: .acquiring) < tasks {
            // The last tasks end within microseconds; a machine with fewer free cores than
            // threads needs the core that we would spin on.
            spins += 1
            if spins > 2000 { sched_yield() } else { ck_pause() }
        }
    }
}

/// Where the current job hangs. Threads look at it in a short loop first, since the next layer's
/// product usually follows within microseconds, and then sleep until they are woken.
private final class Board: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private let posted = Atomic<Int>(0)
    // Guarded by the mutex.
    private var job: Job?
    private var isClosed = false
    private var sleepers = 0

    init() {
        mutex = .allocate(capacity: 1)
        condition = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func post(_ job: Job) {
        pthread_mutex_lock(mutex)
        self.job = job
        posted.add(1, ordering: .releasing)
        let wake = sleepers > 0
        pthread_mutex_unlock(mutex)
        if wake { pthread_cond_broadcast(condition) }
    }

    /// Lets go of the finished job. A thread that still holds it finds no task left in it.
    func clear() {
        pthread_mutex_lock(mutex)
        job = nil
        pthread_mutex_unlock(mutex)
    }

    func close() {
        pthread_mutex_lock(mutex)
        isClosed = true
        posted.add(1, ordering: .releasing)
        pthread_mutex_unlock(mutex)
        pthread_cond_broadcast(condition)
    }

    func startThread() {
        #if canImport(Glibc)
            var thread = pthread_t()
        #else
            var thread: pthread_t?
        #endif
        let box = Unmanaged.passRetained(self).toOpaque()
        let result = pthread_create(
            &thread, nil,
            { context in
                #if canImport(Glibc)
                    guard let context else { return nil }
                    let board = Unmanaged<Board>.fromOpaque(context).takeRetainedValue()
                #else
                    let board = Unmanaged<Board>.fromOpaque(context).takeRetainedValue()
                #endif
                board.serve()
                return nil
            }, box)
        if result == 0 {
            #if canImport(Glibc)
                pthread_detach(thread)
            #else
                if let thread { pthread_detach(thread) }
            #endif
        } else {
            // Fewer threads are slower, never wrong.
            Unmanaged<Board>.fromOpaque(box).release()
        }
    }

    private func serve() {
        precondition(ck_keeps_subnormals(), "Workers: a thread without subnormal floats")
        var seen = 0
        while let job = nextJob(after: &seen) { job?.takeTasks() }
    }

    /// Waits for a posting later than `seen`. The outer nil means that the board is closed, the
    /// inner that the job had ended by the time this thread looked.
    private func nextJob(after seen: inout Int) -> Job?? {
        var spins = 0
        while posted.load(ordering: .acquiring) == seen && spins < 20_000 {
            ck_pause()
            spins += 1
        }
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while posted.load(ordering: .relaxed) == seen {
            sleepers += 1
            pthread_cond_wait(condition, mutex)
            sleepers -= 1
        }
        seen = posted.load(ordering: .relaxed)
        return isClosed ? .none : .some(job)
    }
}
