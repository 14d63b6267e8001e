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

    var table: ck_kernels? { ck_table(code)?.pointee }

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
    public static var available: [InstructionSet] { allCases.filter { $0.table != nil } }

    /// The fastest that this machine can run.
    public static var best: InstructionSet { available.last ?? .reference }
}

/// A table is a constant: function pointers and sizes, set at compile time.
extension ck_kernels: @retroactive @unchecked Sendable {}

/// The kernels of one instruction set and the threads that share their work.
///
/// Neither choice moves a bit of any result.
public struct Engine: Sendable {
    /// Which kernels are used.
    public let instructionSet: InstructionSet
    /// The threads.
    public let workers: Workers
    let kernels: ck_kernels

    /// An engine for an instruction set, or nil where this machine cannot run it.
    public init?(_ instructionSet: InstructionSet, workers: Workers) {
        guard let table = instructionSet.table else { return nil }
        self.instructionSet = instructionSet
        self.workers = workers
        kernels = table
    }

    /// The fastest engine of this machine.
    ///
    /// - Parameter threads: How many threads to use; all processors if nil.
    public init(threads: Int? = nil) {
        instructionSet = InstructionSet.best
        workers = Workers(threads: threads ?? Workers.available)
        kernels = Self.bestKernels
    }

    /// The fastest kernels of this machine: also for single-threaded work that needs no engine.
    static let bestKernels = InstructionSet.best.table ?? ck_kernels_reference

    /// Multiply-adds per second, times two, that one core of this machine can do: measured over
    /// `rounds` of independent chains in registers.
    public func peakOperations(rounds: Int, sink: inout [Float]) -> Double {
        precondition(sink.count >= 2, "peakOperations: the sink holds two floats")
        return ck_peak(instructionSet.code, rounds, &sink)
    }
}
