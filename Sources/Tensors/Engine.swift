// What computes: a set of kernels for one instruction set, and the threads that share the work.
// It is passed in, never looked up, so a test can run any combination in one process.

import CKernels

/// An instruction set that Mirage has kernels for.
public enum InstructionSet: String, CaseIterable, Sendable {
    /// Scalar loops, one output at a time: the specification.
    case reference
    /// Any CPU; the fused multiply-add is computed in software.
    case portable
    /// 128-bit vectors of aarch64.
    case neon
    /// 256-bit vectors of x86-64, with FMA.
    case avx2
    /// 512-bit vectors of x86-64.
    case avx512

    var kernels: KernelTable? { ck_table(code).map(KernelTable.init) }

    var code: ck_set {
        switch self {
        case .reference: CK_REFERENCE
        case .portable: CK_PORTABLE
        case .neon: CK_NEON
        case .avx2: CK_AVX2
        case .avx512: CK_AVX512
        }
    }

    /// Those that this machine can run, slowest first.
    public static var available: [InstructionSet] { allCases.filter { $0.kernels != nil } }

    /// The fastest that this machine can run.
    public static var best: InstructionSet { available.last ?? .reference }
}

/// The kernels of one instruction set and the sizes of its micro-kernel: a constant of the program,
/// which is passed by its address.
struct KernelTable: @unchecked Sendable {
    private let address: UnsafePointer<ck_kernels>

    init(_ address: UnsafePointer<ck_kernels>) { self.address = address }

    /// The table where it is: using one kernel reads one pointer.
    var pointee: ck_kernels {
        @inline(__always) unsafeAddress { address }
    }

    /// The fastest of this machine: also for single-threaded work that needs no engine.
    static let best = InstructionSet.best.kernels ?? KernelTable(ck_table(CK_REFERENCE))
}

/// The kernels of one instruction set and the threads that share their work.
///
/// Neither choice moves a bit of any result.
public struct Engine: Sendable {
    /// Which kernels are used.
    public let instructionSet: InstructionSet
    /// The threads.
    public let workers: Workers
    let kernels: KernelTable

    /// An engine for an instruction set, or nil where this machine cannot run it.
    public init?(_ instructionSet: InstructionSet, workers: Workers) {
        guard let kernels = instructionSet.kernels else { return nil }
        self.instructionSet = instructionSet
        self.workers = workers
        self.kernels = kernels
    }

    /// The fastest engine of this machine.
    ///
    /// - Parameter threads: How many threads to use; all processors if nil.
    public init(threads: Int? = nil) {
        instructionSet = InstructionSet.best
        workers = Workers(threads: threads ?? Workers.available)
        kernels = KernelTable.best
    }

    /// Multiply-adds per second, times two, that one core of this machine can do: measured over
    /// `rounds` of independent chains in registers.
    public func peakOperations(rounds: Int, sink: inout [Float]) -> Double {
        precondition(sink.count >= 2, "peakOperations: the sink holds two floats")
        return ck_peak(instructionSet.code, rounds, &sink)
    }
}
