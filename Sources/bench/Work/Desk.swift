// Passes that threads borrow and bring back.

import Networks
import Synchronization

/// Passes of one network that are free; a new one is made when there is none.
final class Desk: Sendable {
    private let network: Network
    private let free = Mutex<[Loan]>([])

    /// A pass on its way from hand to hand: only ever in one.
    private struct Loan: @unchecked Sendable { let pass: NetworkPass }

    init(_ network: Network) { self.network = network }

    /// Lends a pass.
    func borrow(_ work: (inout NetworkPass) throws -> Void) throws {
        var pass = free.withLock { $0.popLast() }?.pass ?? network.makePass()
        try work(&pass)
        let loan = Loan(pass: pass)
        free.withLock { $0.append(loan) }
    }
}
