// Matrix products: against PyTorch's, and against what the processor can do.

import StageKit

extension Bench {
    /// Three rounds, ours and theirs in turn.
    func products() throws {
        say("Matrix products …")
        var (ours, theirs): ([String: Double], [Measure]) = ([:], [])
        for _ in 0..<3 {
            _ = peak()
            for product in Product.all {
                let time = product.time(on: engine, runs: 5).best
                ours[product.name] = min(time, ours[product.name] ?? time)
            }
            theirs += try self.theirs("gemm", runs: 5)
        }
        let peak = peak()
        say(
            "  \(engine.instructionSet.rawValue): "
                + TextTable.number(peak / Double(Self.threads) / 1e9, decimals: 1)
                + " GFLOP/s a core at most, \(Self.threads) cores")
        for product in Product.all {
            guard let time = ours[product.name] else { continue }
            results.add(
                product.name, ours: time, share: product.flops / time / peak,
                peer: theirs.fastest(product.name)?.seconds,
                least: product.name == "gemm-1024" ? 0.8 : 0.65)
        }
    }
}
